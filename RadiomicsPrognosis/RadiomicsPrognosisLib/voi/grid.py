"""Voxel grids in patient space, and a mask's voxels placed on the grid of an image.

Positions are LPS millimetres as in SimpleITK; index and size tuples are (i, j, k); numpy arrays are (k, j, i).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import SimpleITK as sitk

from ..errors import EmptyVoi, GeometryMismatch
from .images import array_view, inside

#: Two positions nearer than this (mm) are the same place: file formats with 32-bit floats lose some 1e-5 mm.
TOLERANCE_MM = 1e-3

#: A voxel's index, or a size in voxels, as (i, j, k).
Index = tuple[int, int, int]


@dataclass(frozen=True)
class Grid:
    """Size (voxels), spacing (mm), origin (LPS mm) and direction cosines (row-major 3 x 3) of a volume."""

    size: Index
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    direction: tuple[float, ...]

    @classmethod
    def of(cls, image: sitk.Image) -> Grid:
        """Return the grid of a 3-D SimpleITK image."""
        return cls(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of a voxel in mm3 (the parallelepiped's, should the axes not be orthogonal)."""
        return float(abs(np.linalg.det(self.index_to_mm)))

    @property
    def index_to_mm(self) -> np.ndarray:
        """Matrix (3, 3) from an index step to a step in mm."""
        steps: np.ndarray = np.array(self.direction).reshape(3, 3) * np.array(self.spacing)
        return steps

    def position(self, index: np.ndarray) -> np.ndarray:
        """Return LPS positions (n, 3) in mm of continuous indices (n, 3)."""
        positions: np.ndarray = np.asarray(index, float) @ self.index_to_mm.T + np.array(self.origin)
        return positions

    def index(self, position: np.ndarray) -> np.ndarray:
        """Return continuous indices (n, 3) of LPS positions (n, 3) in mm."""
        return np.linalg.solve(self.index_to_mm, (np.asarray(position, float) - np.array(self.origin)).T).T

    def cropped(self, start: Sequence[int], size: Sequence[int]) -> Grid:
        """Return the grid of the sub-volume of ``size`` (i, j, k) voxels from index ``start`` (i, j, k)."""
        return Grid(ijk(size), self.spacing, xyz(self.position(np.array([start]))[0]), self.direction)

    def image(self, array: np.ndarray) -> sitk.Image:
        """Return a SimpleITK image of ``array`` (k, j, i), its shape this grid's size, on this grid."""
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(self.spacing)
        image.SetOrigin(self.origin)
        image.SetDirection(self.direction)
        return image

    def offset_to(self, other: Grid) -> np.ndarray | None:
        """Return the index (3,) of this grid's first voxel in ``other``, or None if voxels do not coincide.

        They coincide when every corner of this grid lies within :data:`TOLERANCE_MM` of a voxel's centre of ``other``.
        """
        last = np.array(self.size) - 1
        corners = np.array(list(product(*zip((0, 0, 0), last, strict=True))))
        indices = other.index(self.position(corners))
        offset = np.rint(indices[0])
        distances = (indices - (corners + offset)) @ other.index_to_mm.T
        return offset.astype(int) if np.abs(distances).max() <= TOLERANCE_MM else None


def same_place(first: Grid, second: Grid) -> bool:
    """Tell whether two grids of one size have all their voxels in the same places."""
    offset = first.offset_to(second)
    return offset is not None and not offset.any()


def ijk(values: Iterable[int]) -> Index:
    """Return three numbers (an array (3,), a shape read backwards ...) as an index of plain integers."""
    i, j, k = values
    return int(i), int(j), int(k)


def xyz(values: Iterable[float]) -> tuple[float, float, float]:
    """Return three numbers (an array (3,) ...) as a triple of plain floats."""
    x, y, z = values
    return float(x), float(y), float(z)


def between(first: Index, second: Index) -> Index:
    """Return the steps (i, j, k) from voxel ``first`` to voxel ``second`` of one grid."""
    return ijk(b - a for a, b in zip(first, second, strict=True))


@dataclass(frozen=True)
class PlacedMask:
    """A mask on an image's grid: the box around its voxels.

    ``voxels`` is boolean (k, j, i); ``start`` the index of its first voxel in the image's grid; ``resampled`` tells
    whether the mask came in another grid, and ``moved`` how many of its voxels took their value from a place that is
    not their own centre.
    """

    voxels: np.ndarray
    start: Index
    resampled: bool = False
    moved: int = 0


def bounding_box(voxels: np.ndarray) -> tuple[Index, Index]:
    """Return (start, size), each (i, j, k), of the box around the true voxels of a (k, j, i) array.

    Raises IndexError for an array without a true voxel.
    """
    box = voxel_box(voxels)
    if box is None:
        raise IndexError("no voxel is true")
    return box


def voxel_box(voxels: np.ndarray) -> tuple[Index, Index] | None:
    """Return (start, size), each (i, j, k), of the box around the non-zero voxels of a (k, j, i) array; None if none.

    Any numeric or boolean array will do, also a view into a whole CT's: it is read twice and not copied.
    """
    slices = np.flatnonzero(voxels.any(axis=(1, 2)))
    if not slices.size:
        return None
    plane = np.asarray(voxels[slices[0]:slices[-1] + 1].any(axis=0))
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    bounds = [(hits[0], hits[-1] - hits[0] + 1) for hits in (columns, rows, slices)]
    return ijk(start for start, _ in bounds), ijk(size for _, size in bounds)


def crop(array: np.ndarray, start: Sequence[int], size: Sequence[int]) -> np.ndarray:
    """Return the view of a (k, j, i) array of ``size`` (i, j, k) from ``start`` (i, j, k)."""
    return array[tuple(slice(b, b + n) for b, n in zip(start[::-1], size[::-1], strict=True))]


def place(mask: sitk.Image, grid: Grid, name: str) -> PlacedMask:
    """Place the non-zero voxels of ``mask`` on ``grid``; ``name`` is the contour's name in errors.

    A mask whose voxels coincide with the grid's (its whole, or a part of it) is taken as it is; any other is resampled
    nearest-neighbour. Raises EmptyVoi for a mask without voxels, GeometryMismatch when it lies (partly) outside.
    """
    box = voxel_box(array_view(mask))
    if box is None:
        raise EmptyVoi(f"{name} is empty: it has no voxel; draw the contour first.", "contour")
    own = Grid.of(mask)
    start, size = box
    voxels = crop(array_view(mask), start, size) != 0
    _check_inside(own, start, voxels, grid, name)
    offset = own.offset_to(grid)
    if offset is not None:
        return PlacedMask(np.ascontiguousarray(voxels), ijk(offset + start))
    return _resample(own.cropped(start, size).image(voxels.astype(np.uint8)), grid, name)


def _check_inside(own: Grid, start: Index, voxels: np.ndarray, grid: Grid, name: str) -> None:
    corners = np.array(list(product(*((a, a + n - 1) for a, n in zip(start, voxels.shape[::-1], strict=True)))))
    index = grid.index(own.position(corners))
    if (index > -0.5).all() and (index < np.array(grid.size) - 0.5).all():
        return  # as are the voxels between the corners: both grids are straight
    centres = own.position(np.argwhere(voxels)[:, ::-1] + np.array(start))
    index = grid.index(centres)
    outside = ((index < -0.5 - 1e-6) | (index > np.array(grid.size) - 0.5 + 1e-6)).any(axis=1)
    if outside.all():
        raise GeometryMismatch(f"{name} and the image do not overlap: all {outside.size} voxels lie outside the image; "
                               "check that they belong to the same series.")
    if outside.any():
        raise GeometryMismatch(f"{name} reaches outside the image: {outside.sum()} of {outside.size} voxels have no "
                               "intensity; choose the image it was drawn on, or trim it.")


def _resample(mask: sitk.Image, grid: Grid, name: str) -> PlacedMask:
    """Resample a mask (cropped to its voxels) nearest-neighbour onto the part of ``grid`` that it covers."""
    corners = np.array(list(product(*((-0.5, n - 0.5) for n in mask.GetSize()))))
    index = grid.index(Grid.of(mask).position(corners))
    low = np.maximum(np.floor(index.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(index.max(axis=0)).astype(int), np.array(grid.size) - 1)
    target = grid.cropped(ijk(low), ijk(high - low + 1))
    resampled = sitk.Resample(mask, target.size, sitk.Transform(), sitk.sitkNearestNeighbor, target.origin,
                              target.spacing, target.direction, 0, sitk.sitkUInt8)
    voxels = inside(resampled)
    if not voxels.any():
        raise EmptyVoi(f"{name} has no voxel left after resampling to the image's grid: it is thinner than the image's "
                       "voxels; draw it on this image.", "resampling to the image's grid")
    start, size = bounding_box(voxels)
    voxels = np.ascontiguousarray(crop(voxels, start, size))
    start = ijk(low + start)
    return PlacedMask(voxels, start, resampled=True, moved=_count_moved(voxels, start, grid, Grid.of(mask)))


def _count_moved(voxels: np.ndarray, start: Index, grid: Grid, own: Grid) -> int:
    centres = grid.position(np.argwhere(voxels)[:, ::-1] + np.array(start))
    index = own.index(centres)
    distances = (index - np.rint(index)) @ own.index_to_mm.T
    return int((np.abs(distances).max(axis=1) > TOLERANCE_MM).sum())
