"""A contour on an image as the checks of plausibility look at it: inside, around, and the image as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .grid import Grid, Index, crop

#: Voxels around the contour's box, in the plane of the slices, that count as its surroundings.
_MARGIN = 24

#: About so many voxels of the whole image are looked at: enough for shares of a hundredth, and read in milliseconds.
_SAMPLE = 120_000


@dataclass(frozen=True, kw_only=True)
class ContouredImage:
    """A contour on the image that it was placed on.

    ``image`` (k, j, i) are the whole image's intensities (HU); ``contour`` is boolean (k, j, i), the box from ``start``
    (i, j, k) of ``grid``; ``hu_range`` (closed, None: open) is what the protocol keeps of it.
    """

    image: np.ndarray
    grid: Grid
    contour: np.ndarray
    start: Index
    hu_range: tuple[float | None, float | None] = (None, None)

    @cached_property
    def box(self) -> np.ndarray:
        """Intensities (k, j, i) of the contour's box."""
        return crop(self.image, self.start, self.contour.shape[::-1])

    @cached_property
    def inside(self) -> np.ndarray:
        """Intensities (n,) of the contour's voxels."""
        values: np.ndarray = self.box[self.contour]
        return values

    @cached_property
    def surroundings(self) -> np.ndarray:
        """Intensities (k, j, i) of the contour's slices, with a margin in their plane."""
        k, j, i = (slice(max(first - margin, 0), first + count + margin) for first, count, margin in
                   zip(self.start[::-1], self.contour.shape, (0, _MARGIN, _MARGIN), strict=True))
        values: np.ndarray = self.image[k, j, i]
        return values

    @cached_property
    def sample(self) -> np.ndarray:
        """Intensities (n,) of voxels spread evenly over the whole image."""
        step = max(round((self.image.size / _SAMPLE) ** (1 / 3)), 1)
        return np.ascontiguousarray(self.image[step // 2::step, step // 2::step, step // 2::step]).ravel()

    @cached_property
    def whole_numbers(self) -> bool:
        """Whether nearly all intensities inside the contour are whole numbers, as a scanner's are."""
        values = self.inside
        return values.dtype.kind in "iu" or float((values != np.rint(values)).mean()) < 0.05


def within(intensities: np.ndarray, hu_range: tuple[float | None, float | None]) -> np.ndarray:
    """Return where ``low <= intensity <= high`` (HU, closed; None leaves an end open), shaped as ``intensities``."""
    low, high = hu_range
    kept = np.ones(intensities.shape, bool)
    if low is not None:
        kept &= intensities >= low
    if high is not None:
        kept &= intensities <= high
    return kept
