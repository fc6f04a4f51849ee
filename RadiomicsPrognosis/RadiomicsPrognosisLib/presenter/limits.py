"""Which painted voxels lie outside a model's HU range: a stroke is let through whole and corrected afterwards.

Slicer's own intensity mask thresholds the whole volume at each stroke (ModifySegmentByLabelmap in
vtkSlicerSegmentEditorLogic.cxx), which takes a tenth of a second on a CT of 512 x 512 x 61; looking at the voxels that
a stroke added takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..voi.grid import Grid, Index, crop, ijk
from ..voi.looks import within


@dataclass(frozen=True)
class GridArray:
    """An array ``values`` (k, j, i) of the size of ``grid``: a contour's voxels (boolean), or intensities (HU)."""

    values: np.ndarray
    grid: Grid


@dataclass(frozen=True)
class Excess:
    """Voxels to take out of a contour: ``voxels``, boolean (k, j, i), from index ``start`` of the contour's grid."""

    start: Index
    voxels: np.ndarray


class PaintLimit:
    """Remembers the contour that is let be, voxels outside the range included, and finds what strokes add outside."""

    def __init__(self) -> None:
        self._accepted: GridArray | None = None
        self._known: GridArray | None = None

    def accept(self, contour: GridArray | None) -> None:
        """Let ``contour`` be as it is (None: no voxel)."""
        self._accepted = self._known = contour

    def excess(self, contour: GridArray | None, image: GridArray,
               hu_range: tuple[float | None, float | None]) -> Excess | None:
        """Return what has been added to ``contour`` outside the range, or None.

        Voxels that the accepted contour had, or that lie beyond ``image``, are let be; a contour on another grid than
        the accepted one is accepted. The contour without its excess is what the next one is compared with.
        """
        if contour is None:
            self._known = None
            return None
        known, accepted = (_on_grid(item, contour.grid) for item in (self._known, self._accepted))
        if known is None or accepted is None:
            self.accept(contour)
            return None
        self._known = contour
        added = np.flatnonzero(contour.values > known)
        if not added.size:
            return None
        start, size = _box(added, contour.grid.size)
        drawn, before, let_be = (crop(item, start, size) for item in (contour.values, known, accepted))
        box = GridArray(drawn & ~before & ~let_be, contour.grid.cropped(start, size))
        outside = _outside(box, image, hu_range)
        if not outside.any():
            return None
        kept = contour.values.copy()
        crop(kept, start, size)[outside] = False
        self._known = GridArray(kept, contour.grid)
        return Excess(start, outside)


def _box(places: np.ndarray, size: Index) -> tuple[Index, Index]:
    """Return (start, size), each (i, j, k), of the box around flat ``places`` (n,) of an array of ``size`` voxels."""
    bounds = [(int(axis.min()), int(axis.max()) + 1) for axis in np.unravel_index(places, size[::-1])[::-1]]
    return ijk(low for low, _ in bounds), ijk(high - low for low, high in bounds)


def _on_grid(contour: GridArray | None, grid: Grid) -> np.ndarray | None:
    """Return a contour's voxels in the box ``grid``, or None if they do not coincide with the grid's."""
    if contour is None:
        return np.zeros(grid.size[::-1], bool)
    if contour.grid == grid:
        return contour.values
    offset = contour.grid.offset_to(grid)
    if offset is None:
        return None
    voxels = np.zeros(grid.size[::-1], bool)
    target, source = _overlap(ijk(offset), contour.grid.size, grid.size)
    voxels[target] = contour.values[source]
    return voxels


def _overlap(offset: Index, size: Index, whole: Index) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return where a box of ``size`` at ``offset`` overlaps one of ``whole``: slices of ``whole``, and of the box."""
    starts = [max(start, 0) for start in offset]
    ends = [max(min(start + n, end), first) for start, n, end, first in zip(offset, size, whole, starts, strict=True)]
    target = tuple(slice(a, b) for a, b in zip(starts[::-1], ends[::-1], strict=True))
    source = tuple(slice(cut.start - start, cut.stop - start)
                   for cut, start in zip(target, offset[::-1], strict=True))
    return target, source


def _outside(box: GridArray, image: GridArray, hu_range: tuple[float | None, float | None]) -> np.ndarray:
    """Return which voxels of ``box`` have an intensity (of the image's voxel that holds their centre) out of range."""
    outside = np.zeros_like(box.values)
    offset = box.grid.offset_to(image.grid)
    if offset is not None:
        target, source = _overlap(ijk(offset), box.grid.size, image.grid.size)
        outside[source] = box.values[source] & ~within(image.values[target], hu_range)
        return outside
    indices = np.argwhere(box.values)
    nearest = np.rint(image.grid.index(box.grid.position(indices[:, ::-1]))).astype(int)
    held = ((nearest >= 0) & (nearest < np.array(image.grid.size))).all(axis=1)
    indices, (i, j, k) = indices[held], nearest[held].T
    outside[tuple(indices.T)] = ~within(image.values[k, j, i], hu_range)
    return outside
