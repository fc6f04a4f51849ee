"""Three slices through a VOI as a radiologist expects them: axial, coronal, sagittal, by the direction cosines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..voi.grid import crop
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


def planes(voi: Voi, margin_mm: float = 20.0) -> tuple[Plane, ...]:
    """Return the axial, coronal and sagittal slice of largest contoured area, cropped around the contour.

    All three show the same field of view in mm, the contour's largest extent and ``margin_mm`` on either side; where
    the image ends earlier, HU is NaN.
    """
    axes = patient_axes(voi)
    size_mm = [n * spacing for n, spacing in zip(voi.contour.shape[::-1], voi.grid.spacing, strict=True)]
    side_mm = max(size_mm) + 2 * margin_mm
    return tuple(_plane(voi, name, axes, side_mm) for name in _VIEWS)


def patient_axes(voi: Voi) -> list[tuple[int, bool]]:
    """Return for each patient axis x, y, z the image axis (0 - 2 for i, j, k) along it, and whether both run alike.

    Each image axis serves one patient axis: the assignment with the largest sum of direction cosines.
    """
    direction = np.array(voi.grid.direction).reshape(3, 3)
    orders = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    best = max(orders, key=lambda order: sum(abs(direction[x, order[x]]) for x in range(3)))
    return [(image_axis, bool(direction[x, image_axis] > 0)) for x, image_axis in enumerate(best)]


def _plane(voi: Voi, name: str, axes: list[tuple[int, bool]], side_mm: float) -> Plane:
    (right, right_positive), (down, down_positive) = _VIEWS[name]
    across = 3 - right - down
    column_axis, row_axis, slice_axis = axes[right][0], axes[down][0], axes[across][0]
    area = voi.contour.sum(axis=tuple(2 - axis for axis in (column_axis, row_axis)))
    index = voi.start[slice_axis] + int(area.argmax())
    start, size = _box(voi, {column_axis, row_axis}, slice_axis, index, side_mm)
    flips = (axes[right][1] != right_positive, axes[down][1] != down_positive)

    def picture(array: np.ndarray) -> np.ndarray:
        rows = array.transpose(2 - slice_axis, 2 - row_axis, 2 - column_axis)[0]
        rows = rows[:, ::-1] if flips[0] else rows
        return np.ascontiguousarray(rows[::-1] if flips[1] else rows)

    cosine = abs(np.array(voi.grid.direction).reshape(3, 3)[across, slice_axis])
    return Plane(name=name, oblique=bool(cosine < np.cos(np.radians(_OBLIQUE_DEGREES))),
                 hu=picture(_hu(voi, start, size)), contour=picture(_mask(voi, voi.contour, start, size)),
                 kept=picture(_mask(voi, voi.kept, start, size)),
                 pixel_mm=(voi.grid.spacing[column_axis], voi.grid.spacing[row_axis]),
                 letters=(*_ends(right, right_positive), *_ends(down, down_positive)), position=index + 1,
                 slices=voi.grid.size[slice_axis])


def _ends(axis: int, positive: bool) -> tuple[str, str]:
    return _LETTERS[axis] if positive else _LETTERS[axis][::-1]


def _box(voi: Voi, in_plane: set[int], slice_axis: int, index: int,
         side_mm: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return (start, size), each (i, j, k), of the slice's box of ``side_mm`` around the contour's centre."""
    start, size = [0, 0, 0], [1, 1, 1]
    start[slice_axis] = index
    for axis in in_plane:
        size[axis] = max(3, round(side_mm / voi.grid.spacing[axis]))
        centre = voi.start[axis] + voi.contour.shape[2 - axis] / 2
        start[axis] = round(centre - size[axis] / 2)
    return tuple(start), tuple(size)


def _hu(voi: Voi, start: tuple[int, ...], size: tuple[int, ...]) -> np.ndarray:
    values = sitk.GetArrayViewFromImage(voi.image)
    return _box_of(values, voi.image_start, start, size, np.nan)


def _mask(voi: Voi, mask: np.ndarray, start: tuple[int, ...], size: tuple[int, ...]) -> np.ndarray:
    return _box_of(mask, voi.start, start, size, 0.0) > 0


def _box_of(array: np.ndarray, array_start: tuple[int, ...], start: tuple[int, ...], size: tuple[int, ...],
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
