"""The folder of a reading study, which several readers share: design, images, a contour and a record per reading."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from .design import ReadingStudy


class ReadingState(enum.StrEnum):
    """How far a reading is: not begun, being drawn or left unfinished, done, or passed over."""

    PLANNED = "planned"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The contour of ``case`` by ``reader`` in ``session``.

    ``path`` is the contour's file (absent until something is drawn) and ``label`` its segment there (empty: the only
    one); ``seconds`` the time spent on it in all sittings; ``started`` and ``saved`` are UTC times in ISO 8601, empty
    where there is none. ``existing`` marks a contour drawn before the study. ``problem`` says why the reading cannot be used although
    it is there (empty: it can).
    """

    case: str
    reader: str
    session: str
    path: Path
    label: str = ""
    state: ReadingState = ReadingState.PLANNED
    seconds: float = 0.0
    comment: str = ""
    started: str = ""
    saved: str = ""
    existing: bool = False
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether the contour is finished and belongs to this study and image."""
        return self.state is ReadingState.DONE and not self.problem


class StudyFolder:
    """A reading study at ``path`` with its ``design``; opened by :meth:`open`, made by :meth:`create`."""

    def __init__(self, path: Path, design: ReadingStudy):
        self.path, self.design = path, design

    @classmethod
    def open(cls, path: str | Path) -> StudyFolder:
        """Return the study in the folder ``path``. Raises FileError or SchemaError."""
        raise NotImplementedError

    def image_path(self, case: str) -> Path:
        """Return the absolute path of a case's image."""
        raise NotImplementedError

    def readings(self) -> tuple[Reading, ...]:
        """Return every reading of the design, in the order of its scopes and cases, as the disk has them."""
        raise NotImplementedError

    def write_cohort(self) -> Path:
        """Write ``cohort.csv`` of the usable readings, as the command ``reproducibility --cohort`` reads it."""
        raise NotImplementedError
