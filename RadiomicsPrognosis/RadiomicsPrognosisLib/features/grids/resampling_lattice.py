"""The lattice that pyradiomics resamples onto, aligned to the corner of the whole image, and where ITK has its points.

A point that coincides with a voxel, or lies half-way between two, is put on one or the other side by the last bit of
ITK's arithmetic. :func:`itk_indices` repeats that arithmetic, so that such a point comes out as ITK has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ...voi.grid import Grid, Index, ijk, xyz


@dataclass(frozen=True)
class ResamplingLattice:
    """Points ``spacing`` (x, y, z in mm) apart along the axes of ``grid``, the grid of a whole image.

    Point 0 has its voxel's corner where the first voxel of the image has it (``imageoperations.resampleImage``).
    """

    grid: Grid
    spacing: tuple[float, float, float]

    @property
    def _own(self) -> np.ndarray:
        return np.array(self.grid.spacing)

    @property
    def ratio(self) -> np.ndarray:
        """Points of the lattice per voxel of the image, (3,)."""
        ratio: np.ndarray = self._own / np.array(self.spacing)
        return ratio

    def box(self, start: np.ndarray, size: np.ndarray, pad: int) -> tuple[Index, Index]:
        """Return (first, last) point (i, j, k) that pyradiomics resamples for the box of a mask.

        ``start`` and ``size`` (3,), as i, j, k, are the box on the image's grid, ``pad`` points of the lattice.
        """
        low = np.maximum(np.floor((start - 0.5) * self.ratio - pad), 0)
        high = np.minimum(np.ceil((start + size - 0.5) * self.ratio + pad), self.last())
        return ijk(low.astype(int)), ijk(high.astype(int))

    def last(self) -> np.ndarray:
        """Return the last point (3,) of the lattice in the image."""
        last: np.ndarray = np.ceil(np.array(self.grid.size) * self.ratio) - 1
        return last

    def grid_of(self, first: Index, last: Index) -> Grid:
        """Return the grid from point ``first`` to point ``last``, as pyradiomics and ITK compute it."""
        spacing = np.array(self.spacing)
        index = 0.5 * (spacing - self._own) / self._own + np.array(first, float) / self.ratio
        origin = _empty(self.grid).TransformContinuousIndexToPhysicalPoint(index.tolist())
        return Grid(ijk(b - a + 1 for a, b in zip(first, last, strict=True)), self.spacing, xyz(origin),
                    self.grid.direction)

    def indices(self, axis: int, first: int, last: int) -> np.ndarray:
        """Return the voxel indices (n,) along an axis of the image of points ``first`` to ``last``."""
        step = self.spacing[axis] / self.grid.spacing[axis]
        indices: np.ndarray = (np.arange(first, last + 1) + 0.5) * step - 0.5
        return indices


def _empty(grid: Grid) -> sitk.Image:
    """Return an image of one voxel whose places are those of ``grid``."""
    image = sitk.Image((1, 1, 1), sitk.sitkUInt8)
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image


def itk_indices(target: Grid, source: Grid, i: np.ndarray, j: np.ndarray, k: np.ndarray) -> list[np.ndarray]:
    """Return where the points (i, j, k) of ``target`` lie in ``source``: voxel indices along its three axes.

    ``i``, ``j``, ``k`` broadcast; each array returned has the shape of those that it depends on. The numbers are those
    of ``itk::ResampleImageFilter``, which maps the ends of every row of points and goes from one to the other.
    """
    share = i / target.size[0]
    begin = _mapped(target, source, (np.zeros((), int), j, k))
    end = _mapped(target, source, (np.full((), target.size[0]), j, k))
    return [a if np.array_equal(a, b) else a + share * (b - a) for a, b in zip(begin, end, strict=True)]


def _mapped(target: Grid, source: Grid, index: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """Return the places of points of ``target`` as voxel indices of ``source``, with ITK's own matrices.

    Zeros of a matrix are passed over, which changes no bit and keeps the axes of a lattice apart.
    """
    at_zero = (0.0, 0.0, 0.0)
    forth = _empty(Grid((1, 1, 1), target.spacing, at_zero, target.direction))
    back = _empty(Grid((1, 1, 1), source.spacing, at_zero, source.direction))
    to_mm = np.array([forth.TransformIndexToPhysicalPoint(unit) for unit in np.eye(3, dtype=int).tolist()]).T
    to_index = np.array([back.TransformPhysicalPointToContinuousIndex(unit) for unit in np.eye(3).tolist()]).T
    places = []
    for origin, row in zip(target.origin, to_mm, strict=True):
        place = np.asarray(origin)
        for step, along in zip(row, index, strict=True):
            place = place + step * along if step else place
        places.append(place)
    offsets = [place - origin for place, origin in zip(places, source.origin, strict=True)]
    indices = []
    for row in to_index:
        mapped = np.zeros(())
        for step, offset in zip(row, offsets, strict=True):
            mapped = mapped + step * offset if step else mapped
        indices.append(mapped)
    return indices
