"""What the panel tells below the result: something that was written, or why it could not be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from RadiomicsPrognosisLib.presenter.problem import Problem


@dataclass(frozen=True)
class PanelNotice:
    """``text`` says what is done; ``file`` can be opened, ``folder`` shown; ``problem`` is why it is not done."""

    text: str = ""
    file: Path | None = None
    folder: Path | None = None
    problem: Problem | None = None
