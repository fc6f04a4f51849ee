"""What the panel remembers of its user from scene to scene (QSettings); nothing about a patient is among it."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer

_SCALING, _FOLDER = "RadiomicsPrognosis/Scaling/", "RadiomicsPrognosis/ResultsFolder"
_ANONYMOUS = "RadiomicsPrognosis/Anonymous"


def scaling(model_id: str) -> str:
    """Return the name of the scaling last chosen for a model, or an empty text."""
    return str(slicer.util.settingsValue(_SCALING + model_id, ""))


def remember_scaling(model_id: str, name: str) -> None:
    """Remember the scaling chosen for a model; an empty ``name`` forgets it."""
    qt.QSettings().setValue(_SCALING + model_id, name)


def results_folder() -> Path | None:
    """Return where reports and tables are saved, or None where there is no such folder (any more)."""
    text = str(slicer.util.settingsValue(_FOLDER, ""))
    return Path(text) if text and Path(text).is_dir() else None


def remember_results_folder(folder: Path) -> None:
    """Remember where reports and tables are saved."""
    qt.QSettings().setValue(_FOLDER, str(folder))


def anonymous() -> bool:
    """Return whether names are left out of what is written."""
    return str(slicer.util.settingsValue(_ANONYMOUS, 0)) == "1"  # a bool comes back as a text from some files


def remember_anonymous(is_anonymous: bool) -> None:
    """Remember whether names are left out of what is written."""
    qt.QSettings().setValue(_ANONYMOUS, int(is_anonymous))
