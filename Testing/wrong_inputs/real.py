"""The real CTs with real contours that wrong inputs are made from, and what is done to their arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.voi import Grid, read_image, read_mask

#: Real data kept beside the checkout: what needs it is skipped without it.
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

#: The 22 cases: two lung tumours (test cases of pyradiomics), 20 soft-tissue sarcomas (Vallieres 2015, TCIA).
NAMES = ("lung1", "lung2", *(f"STS_{number:03d}" for number in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 15, 18, 19, 22, 23, 24,
                                                                 25, 26, 28, 29)))

#: Voxels around the contour's box that a cropped case keeps, (i, j, k).
_MARGIN = (40, 40, 4)


@dataclass(frozen=True)
class Case:
    """A CT and a contour on it; ``name`` is the real case's that they come from."""

    name: str
    image: sitk.Image
    mask: sitk.Image

    @property
    def values(self) -> np.ndarray:
        """The intensities (k, j, i), a copy, as 32-bit floats."""
        return sitk.GetArrayFromImage(self.image).astype(np.float32)

    @property
    def voxels(self) -> np.ndarray:
        """The contour (k, j, i), a copy, as booleans."""
        voxels: np.ndarray = sitk.GetArrayFromImage(self.mask) != 0
        return voxels

    @property
    def spacing(self) -> np.ndarray:
        """The spacing (3,) along k, j, i in mm."""
        return np.array(self.image.GetSpacing()[::-1])

    def with_values(self, values: np.ndarray) -> Case:
        """Return the case with other intensities: whole numbers as 16-bit integers, others as floats."""
        whole = values.dtype.kind in "iu" or np.array_equal(values, np.rint(values))
        return replace(self, image=Grid.of(self.image).image(values.astype(np.int16 if whole else np.float32)))

    def with_voxels(self, voxels: np.ndarray) -> Case:
        """Return the case with another contour."""
        return replace(self, mask=Grid.of(self.mask).image(voxels.astype(np.uint8)))

    def on_both(self, change: Callable[[sitk.Image], sitk.Image]) -> Case:
        """Return the case with ``change`` done to image and mask."""
        return replace(self, image=change(self.image), mask=change(self.mask))


def is_here() -> bool:
    """Tell whether the real data are beside the checkout."""
    return (DATA / "lung" / "lung2_image.nrrd").is_file()


def paths(name: str) -> tuple[Path, Path]:
    """Return the files of image and mask of a case."""
    if name.startswith("lung"):
        return DATA / "lung" / f"{name}_image.nrrd", DATA / "lung" / f"{name}_label.nrrd"
    return DATA / "sts_ct" / name / "image.nii.gz", DATA / "sts_ct" / name / "mask.nii.gz"


@cache
def whole(name: str) -> Case:
    """Return a real case as it is stored."""
    image, mask = paths(name)
    return Case(name, read_image(image), read_mask(mask)[0])


@cache
def lower_half(name: str) -> Case:
    """Return a real case's lower slices, in which lung2's tumour is, as they are stored."""
    return whole(name).on_both(lambda item: item[:, :, :31])


@cache
def cropped(name: str) -> Case:
    """Return a real case cropped around its contour, which is fast and changes neither."""
    case = whole(name)
    indices = np.argwhere(case.voxels)[:, ::-1]
    low = np.maximum(indices.min(axis=0) - _MARGIN, 0)
    high = np.minimum(indices.max(axis=0) + 1 + np.array(_MARGIN), case.image.GetSize())
    size = [int(count) for count in high - low]
    return case.on_both(lambda item: sitk.RegionOfInterest(item, size, [int(first) for first in low]))
