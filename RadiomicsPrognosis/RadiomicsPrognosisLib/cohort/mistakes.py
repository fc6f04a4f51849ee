"""Files that stand twice in a cohort where they should not: one image for two patients, one contour for two images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from pathlib import Path

import pandas as pd

from ..files import sha256_file
from ..warning import ResultWarning
from .columns import PATIENT
from .table import label_of, series_of

#: What is shared, by the warning's code.
_SENTENCES = {
    "shared-lesion": "The same image with the same contour stands for the cases {cases}: a lesion belongs to one "
                     "patient. Correct the table.",
    "shared-image": "The same image stands for the cases {cases}. Check the files; if these are lesions of one "
                    "patient, say so in a column 'patient'.",
    "shared-mask": "The same contour stands for the cases {cases}, whose images differ: it can be drawn on one of them "
                   "at most. Check the files.",
}


def repeated_files(cohort: pd.DataFrame) -> list[tuple[ResultWarning, ...]]:
    """Return the warnings of each row whose image or mask stands in a row of somebody else, by the files' content.

    A patient is who the column ``patient`` names, or else the case. Files that cannot be read are left to who scores.
    """
    rows = cohort.to_dict("records")
    patients = [str(row.get(PATIENT) or row["case"]) for row in rows]
    image = [None if content is None else (content, series_of(row))
             for content, row in zip(_contents([str(row["image"]) for row in rows]), rows, strict=True)]
    mask = [None if content is None else (content, label_of(row))
            for content, row in zip(_contents([str(row["mask"]) for row in rows]), rows, strict=True)]
    lesion = [None if None in pair else pair for pair in zip(image, mask, strict=True)]
    warnings: list[tuple[ResultWarning, ...]] = [() for _ in rows]
    shared: tuple[tuple[str, Sequence[Hashable | None]], ...] = (
        ("shared-lesion", lesion), ("shared-image", image), ("shared-mask", mask))
    for code, values in shared:
        for group in _shared(values, patients):
            cases = ", ".join(sorted({str(rows[number]["case"]) for number in group})[:5])
            for number in group:
                if not warnings[number]:
                    warnings[number] = (ResultWarning(code, _SENTENCES[code].format(cases=cases)),)
    return warnings


def _contents(paths: Sequence[str]) -> list[str | None]:
    """Return what the file at each path holds, as a hash where another has its size; None of what is no file.

    A folder is known by its path: its files are read when it is scored.
    """
    sizes: dict[int, set[Path]] = defaultdict(set)
    for path in {Path(path).resolve() for path in paths}:
        if path.is_file():
            sizes[path.stat().st_size].add(path)
    known = {path: sha256_file(path) if len(group) > 1 else str(path) for group in sizes.values() for path in group}
    return [known.get(path, str(path) if path.is_dir() else None) for path in (Path(item).resolve() for item in paths)]


def _shared(values: Sequence[Hashable | None], patients: Sequence[str]) -> list[list[int]]:
    """Return the numbers of the rows with each value that several patients have."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, value in enumerate(values):
        if value is not None:
            groups[value].append(number)
    return [group for group in groups.values() if len({patients[number] for number in group}) > 1]
