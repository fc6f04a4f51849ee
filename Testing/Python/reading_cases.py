"""Small reading studies for tests: volumes with a lesion each, in files, and contours of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.reading.design import SCHEMA, ReadingScope, ReadingStudy
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.intake import folder_sources, take_cases

READERS, SESSIONS = ("Anna", "Ben"), ("first", "second")


def small_image(number: int = 0) -> tuple[sitk.Image, sitk.Image]:
    """Return (image in HU, mask): a ball of some 60 HU in fat, on an oblique grid that is another for each number."""
    rng = np.random.default_rng(number)
    array = rng.normal(-90, 10, (14, 18, 16))
    k, j, i = np.ogrid[:14, :18, :16]
    inside = (k - 7) ** 2 + (j - 9) ** 2 + (i - 8) ** 2 <= 20
    array[inside] = rng.normal(60, 10, inside.sum())
    image = sitk.GetImageFromArray(array.round().astype(np.int16))
    image.SetSpacing((0.9, 0.9, 2.5))
    image.SetOrigin((-31.25 + number, 12.5, 100.75))
    angle = np.deg2rad(8.0 * number)
    c, s = np.cos(angle), np.sin(angle)
    image.SetDirection((c, -s, 0, s, c, 0, 0, 0, 1))
    mask = sitk.GetImageFromArray(inside.astype(np.uint8))
    mask.CopyInformation(image)
    return image, mask


def write_volumes(folder: Path, count: int) -> Path:
    """Write ``count`` volumes into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        sitk.WriteImage(small_image(number)[0], str(folder / f"patient {number + 1}.nrrd"))
    return folder


def small_study(folder: Path, count: int = 3, **changes: Any) -> StudyFolder:
    """Set up a study of ``count`` volumes beside ``folder``: Anna reads all, both read a sample of two (again)."""
    cases = tuple(take_cases(folder_sources(write_volumes(folder.parent / "volumes", count)), folder, None, None))
    scope = (ReadingScope(READERS[0], SESSIONS[0], "all"), ReadingScope(READERS[0], SESSIONS[1], "sample"),
             ReadingScope(READERS[1], SESSIONS[0], "sample"))
    values = {"schema": SCHEMA, "title": "A small study", "seed": 1, "readers": READERS, "sessions": SESSIONS,
              "scope": scope, "reread": 2, "washout_days": 7.0, "cases": cases, **changes}
    return StudyFolder.create(folder, ReadingStudy(**values))


def mask_of(study: StudyFolder, case: str, shrink: int = 0) -> sitk.Image:
    """Return a contour of a case: its lesion, without as many layers."""
    image = study.image(case)
    mask = sitk.Cast(image > 0, sitk.sitkUInt8)
    return sitk.BinaryErode(mask, [shrink] * 3) if shrink else mask
