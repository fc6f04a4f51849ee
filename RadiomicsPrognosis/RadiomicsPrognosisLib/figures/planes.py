"""Three slices through a VOI as a radiologist expects them: axial, coronal, sagittal, by the direction cosines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..voi.grid import Grid, Index, crop, ijk
from ..voi.images import array_view
from ..voi.voi import Voi

#: Letters of the patient axes in LPS: towards negative and positive x, y, z.
_LETTERS = (("R", "L"), ("A", "P"), ("I", "S"))

#: Patient axes (x, y, z of LPS) that run to the right and down in each plane's picture; True: towards the positive end.
_VIEWS = {
    "axial": ((0, True), (1, True)),
    "coronal": ((0, True), (2, False)),
    "sagittal": ((1, True), (2, False)),
}

#: A slice axis turned further than this from the patient's axis is called oblique (degrees).
_OBLIQUE_DEGREES = 5.0


@dataclass(frozen=True, kw_only=True)
class Plane:
    """A slice as it is shown: arrays (rows down, columns right), ``extent_mm`` = (width, height) of the picture.

    ``letters`` are those at the left, right, top and bottom edge; ``position`` is 1-based in the volume's slices of
    that direction, of ``slices``.
    """

    name: str
    oblique: bool
    hu: np.ndarray
    contour: np.ndarray
    kept: np.ndarray
    pixel_mm: tuple[float, float]
    letters: tuple[str, str, str, str]
    position: int
    slices: int

    @property
    def extent_mm(self) -> tuple[float, float]:
        """Width and height of the picture in mm."""
        rows, columns = self.hu.shape
        return columns * self.pixel_mm[0], rows * self.pixel_mm[1]


@dataclass(frozen=True, kw_only=True)
class View:
    """A way of looking at ``grid``: image axes (0 - 2 for i, j, k) to the right, down and across the picture.

    ``flips`` tells whether columns and rows run against the image's; the rest as in :class:`Plane`.
    """

    name: str
    grid: Grid
    columns: int
    rows: int
    across: int
    flips: tuple[bool, bool]
    letters: tuple[str, str, str, str]
    oblique: bool

    @classmethod
    def of(cls, grid: Grid, name: str) -> View:
        """Return the ``axial``, ``coronal`` or ``sagittal`` view."""
        (right, right_positive), (down, down_positive) = _VIEWS[name]
        across = 3 - right - down
        axes = patient_axes(grid)
        slice_axis = axes[across][0]
        cosine = abs(np.array(grid.direction).reshape(3, 3)[across, slice_axis])
        return cls(name=name, grid=grid, columns=axes[right][0], rows=axes[down][0], across=slice_axis,
                   flips=(axes[right][1] != right_positive, axes[down][1] != down_positive),
                   letters=(*_ends(right, right_positive), *_ends(down, down_positive)),
                   oblique=bool(cosine < np.cos(np.radians(_OBLIQUE_DEGREES))))

    @property
    def pixel_mm(self) -> tuple[float, float]:
        """Width and height of a pixel."""
        return self.grid.spacing[self.columns], self.grid.spacing[self.rows]

    def areas(self, mask: np.ndarray) -> np.ndarray:
        """Return the number of true voxels (slices,) of a (k, j, i) array in every slice."""
        counts: np.ndarray = mask.sum(axis=tuple(2 - axis for axis in (self.columns, self.rows)))
        return counts

    def box(self, start: Index, shape: tuple[int, ...], index: int, side_mm: float) -> tuple[Index, Index]:
        """Return (start, size) of the slice ``index``, ``side_mm`` wide and high about the middle of the box at
        ``start`` with ``shape`` (k, j, i)."""
        first, size = [0, 0, 0], [1, 1, 1]
        first[self.across] = index
        for axis in (self.columns, self.rows):
            size[axis] = max(3, round(side_mm / self.grid.spacing[axis]))
            first[axis] = round(start[axis] + shape[2 - axis] / 2 - size[axis] / 2)
        return ijk(first), ijk(size)

    def picture(self, array: np.ndarray, array_start: Index, box: tuple[Index, Index], outside: float) -> np.ndarray:
        """Return the ``box`` of a (k, j, i) array that begins at ``array_start``, as (rows, columns) of the picture."""
        slab = _box_of(array, array_start, *box, outside)
        rows = slab.transpose(2 - self.across, 2 - self.rows, 2 - self.columns)[0]
        rows = rows[:, ::-1] if self.flips[0] else rows
        return np.ascontiguousarray(rows[::-1] if self.flips[1] else rows)


def planes(voi: Voi, margin_mm: float = 20.0) -> tuple[Plane, ...]:
    """Return the axial, coronal and sagittal slice of largest contoured area, cropped around the contour.

    All three show the same field of view in mm, the contour's largest extent and ``margin_mm`` on either side; where
    the image ends earlier, HU is NaN.
    """
    side_mm = largest_extent(voi.contour, voi.grid) + 2 * margin_mm
    return tuple(_plane(voi, View.of(voi.grid, name), side_mm) for name in _VIEWS)


def largest_extent(box: np.ndarray, grid: Grid) -> float:
    """Return the longest edge in mm of a (k, j, i) box of the grid."""
    return float(max(n * spacing for n, spacing in zip(box.shape[::-1], grid.spacing, strict=True)))


def patient_axes(grid: Grid) -> list[tuple[int, bool]]:
    """Return for each patient axis x, y, z the image axis (0 - 2 for i, j, k) along it, and whether both run alike.

    Each image axis serves one patient axis: the assignment with the largest sum of direction cosines.
    """
    direction = np.array(grid.direction).reshape(3, 3)
    orders = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    best = max(orders, key=lambda order: sum(abs(direction[x, order[x]]) for x in range(3)))
    return [(image_axis, bool(direction[x, image_axis] > 0)) for x, image_axis in enumerate(best)]


def _plane(voi: Voi, view: View, side_mm: float) -> Plane:
    index = voi.start[view.across] + int(view.areas(voi.contour).argmax())
    box = view.box(voi.start, voi.contour.shape, index, side_mm)
    return Plane(name=view.name, oblique=view.oblique,
                 hu=view.picture(array_view(voi.image), voi.image_start, box, np.nan),
                 contour=view.picture(voi.contour, voi.start, box, 0.0) > 0,
                 kept=view.picture(voi.kept, voi.start, box, 0.0) > 0, pixel_mm=view.pixel_mm,
                 letters=view.letters, position=index + 1, slices=voi.grid.size[view.across])


def _ends(axis: int, positive: bool) -> tuple[str, str]:
    return _LETTERS[axis] if positive else _LETTERS[axis][::-1]


def _box_of(array: np.ndarray, array_start: Index, start: Index, size: Index,
           outside: float) -> np.ndarray:
    """Return the (k, j, i) box of ``size`` from ``start`` out of an array that begins at ``array_start``."""
    box = np.full(size[::-1], outside)
    low = [max(a, b) for a, b in zip(array_start, start, strict=True)]
    high = [min(a + n, b + m) for a, n, b, m in zip(array_start, array.shape[::-1], start, size, strict=True)]
    if all(b > a for a, b in zip(low, high, strict=True)):
        extent = tuple(b - a for a, b in zip(low, high, strict=True))
        target = crop(box, tuple(a - b for a, b in zip(low, start, strict=True)), extent)
        target[...] = crop(array, tuple(a - b for a, b in zip(low, array_start, strict=True)), extent)
    return box
