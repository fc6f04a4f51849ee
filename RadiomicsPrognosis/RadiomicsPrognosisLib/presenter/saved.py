"""Under which names a result is saved: they tell results apart, and none is that of a file there is."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ..prediction import Prediction

#: Longest piece of a name: some file systems and programs end at 255 characters for the whole path.
_LONGEST = 40


def stem(case: str, prediction: Prediction, when: datetime) -> str:
    """Return a file name without ending from the image's name ``case``, segment, model and time (to the second);
    a model of covariates alone has neither image nor segment."""
    segment = next((voi.segment for voi in prediction.vois.values()), "")
    return _joined(case, segment, prediction.model.id, when)


def segments_stem(case: str, model_id: str, when: datetime) -> str:
    """Return a file name without ending for what is of all segments on the image ``case``."""
    return _joined(case, "segments", model_id, when)


def _joined(case: str, segment: str, model_id: str, when: datetime) -> str:
    return "_".join(filter(None, map(_plain, (case, segment, model_id, f"{when:%Y%m%d-%H%M%S}"))))


def free_path(folder: Path, name: str, suffix: str = "") -> Path:
    """Return a path in ``folder`` at which nothing is: ``name`` with ``suffix``, if need be with a number between."""
    path, number = folder / f"{name}{suffix}", 2
    while path.exists():
        path, number = folder / f"{name}_{number}{suffix}", number + 1
    return path


def _plain(text: str) -> str:
    """Return ``text`` with what is not a letter, a digit, a dot or a hyphen in every alphabet as hyphens."""
    return re.sub(r"[^\w.-]+|_+", "-", text).strip("-.")[:_LONGEST]
