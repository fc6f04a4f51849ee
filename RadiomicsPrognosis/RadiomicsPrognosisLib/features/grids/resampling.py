"""An image resampled by a cubic B-spline onto pyradiomics' lattice, values as ITK has them, whole numbers included.

ITK cuts an interpolated integer off towards 0, so the last bit of its arithmetic decides a value that should be a whole
number: where the image is constant, and where a point coincides with a voxel. Those points, a few or a third of them,
are computed in ITK's own order of operations; all others lie far enough from where a value jumps for any.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...voi.grid import Grid, Index, between, crop, ijk
from .bspline import MARGIN, CubicSpline, spline_of
from .resampling_lattice import ResamplingLattice, itk_indices

#: Share of the image's largest value by which two ways of computing a point may differ: rounding leaves 1e-13, the
#: position of a point a metre from the origin 1e-12 of it.
_ROUNDING = 1e-10

#: Voxels beyond those read that are enough for this accuracy: 0.268^24 = 2e-14.
_NEAR = 24

#: Voxels within which a point is as good as on the border of the image.
_AT_BORDER = 1e-6


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """An image on the points ``first`` to ``last`` (i, j, k) of a ``lattice``, whichever box will be asked for.

    ``values`` (k, j, i) are of the image's type. ``delicate`` (n, 3) are the points (i, j, k, from ``first``) where a
    last bit makes a difference, whose value :meth:`cut` computes as ITK does for the box asked for. ``image`` (k, j, i)
    holds the voxels from ``start``.
    """

    image: np.ndarray
    start: Index
    lattice: ResamplingLattice
    first: Index
    last: Index
    values: np.ndarray
    delicate: np.ndarray

    @cached_property
    def _spline(self) -> CubicSpline:
        """The spline with the coefficients of the whole image, to the last bit."""
        return spline_of(self.image, self.start, self.lattice.grid.size,
                         voxels_read(self.lattice, self.first, self.last), MARGIN)

    def holds(self, first: Index, last: Index) -> bool:
        """Tell whether all points from ``first`` to ``last`` are here."""
        return all(a <= b for a, b in zip(self.first, first, strict=True)) and all(
            a <= b for a, b in zip(last, self.last, strict=True))

    def cut(self, first: Index, last: Index) -> tuple[Grid, np.ndarray]:
        """Return the grid of the points ``first`` to ``last`` and their values (k, j, i), of the image's type."""
        start, target = between(self.first, first), self.lattice.grid_of(first, last)
        values = crop(self.values, start, target.size).copy()
        delicate = self.delicate - np.array(start)
        delicate = delicate[((delicate >= 0) & (delicate < np.array(target.size))).all(axis=1)]
        if len(delicate):
            i, j, k = delicate.T
            values[k, j, i] = self._as_itk(itk_indices(target, self.lattice.grid, i, j, k), len(delicate))
        return target, values

    def _as_itk(self, indices: list[np.ndarray], count: int) -> np.ndarray:
        """Return the values (n,) that ITK gives points at voxel ``indices``: 0 beyond the border of the image."""
        points = np.stack([np.broadcast_to(index, (count,)) for index in indices])
        size = np.array(self.lattice.grid.size)[:, np.newaxis]
        inside = ((points >= -0.5) & (points < size - 0.5)).all(axis=0)
        values = np.zeros(count)
        values[inside] = self._spline.at(list(points[:, inside]))
        return cast_as_itk(values, self.values.dtype)


def resampled(image: np.ndarray, start: Index, lattice: ResamplingLattice, first: Index, last: Index) -> Resampled:
    """Resample an image, of which ``image`` (k, j, i) holds the voxels from ``start``, onto ``first`` to ``last``.

    Values do not depend on these points nor on how much of the image is at hand, given :data:`.bspline.MARGIN` voxels
    beyond those that the points read (:func:`voxels_read`).
    """
    axes = [lattice.indices(axis, first[axis], last[axis]) for axis in range(3)]
    margin = MARGIN if image.dtype == np.float64 else _NEAR
    spline = spline_of(image, start, lattice.grid.size, voxels_read(lattice, first, last), margin)
    exact = spline.on_lattice(axes)
    tolerance = _ROUNDING * float(np.abs(exact).max(initial=1.0))
    jumps = np.zeros(exact.shape, bool)
    if image.dtype != np.float64:
        jumps = cast_as_itk(exact - tolerance, image.dtype) != cast_as_itk(exact + tolerance, image.dtype)
    values = cast_as_itk(exact, image.dtype)
    for axis, indices in enumerate(axes):
        beyond = indices - (lattice.grid.size[axis] - 0.5)
        np.moveaxis(jumps, 2 - axis, 0)[np.abs(beyond) <= _AT_BORDER] = True
        np.moveaxis(values, 2 - axis, 0)[beyond > 0] = 0
    return Resampled(image=image, start=start, lattice=lattice, first=first, last=last, values=values,
                     delicate=np.argwhere(jumps)[:, ::-1])


def voxels_read(lattice: ResamplingLattice, first: Index, last: Index) -> tuple[Index, Index]:
    """Return (first, last) voxel (i, j, k) whose coefficients the points ``first`` to ``last`` read."""
    low = [lattice.indices(axis, first[axis], first[axis])[0] for axis in range(3)]
    high = [lattice.indices(axis, last[axis], last[axis])[0] for axis in range(3)]
    size = np.array(lattice.grid.size)
    return (ijk(np.clip(np.floor(low) - 2, 0, size - 1).astype(int)),
            ijk(np.clip(np.floor(high) + 3, 0, size - 1).astype(int)))


def points_within(lattice: ResamplingLattice, start: Index, size: Index) -> tuple[Index, Index]:
    """Return (first, last) point for which the voxels from ``start``, ``size`` (i, j, k) of them, are enough.

    There may be none: ``last`` is below ``first`` then.
    """
    low, end = np.array(start), np.array(start) + np.array(size)
    whole = np.array(lattice.grid.size)
    # A border of the image is no limit; any other leaves the margin and the coefficients that a point reads.
    first = np.where(low <= 0, 0, np.ceil((low + MARGIN + 3.5) * lattice.ratio))
    last = np.where(end >= whole, lattice.last(), np.floor((end - MARGIN - 4.5) * lattice.ratio - 1))
    return ijk(first.astype(int)), ijk(last.astype(int))


def nearest(voxels: np.ndarray, start: Index, source: Grid, target: Grid) -> np.ndarray:
    """Return ``voxels`` on the points of ``target`` (k, j, i), each as the voxel nearest by ITK's arithmetic.

    ``voxels`` (k, j, i) are those of ``source`` from ``start``; beyond them there are zeros.
    """
    indices = _indices(target, source)
    padded = np.pad(voxels, 1)
    places = [np.clip(np.floor(index + 0.5).astype(int) - first + 1, 0, n + 1)
              for index, first, n in zip(indices, start, voxels.shape[::-1], strict=True)]
    values: np.ndarray = padded[places[2], places[1], places[0]]
    return np.ascontiguousarray(np.broadcast_to(values, target.size[::-1]))


def linear(voxels: np.ndarray, start: Index, source: Grid, target: Grid) -> np.ndarray:
    """Return ``voxels`` on the points of ``target`` (k, j, i), trilinear between voxels, of their type.

    ``voxels`` (k, j, i) are those of ``source`` from ``start``; beyond the border of ``source`` there are zeros. The
    operations are those of ``itk::LinearInterpolateImageFunction``, for an integer is cut off towards 0 afterwards.
    """
    lower, upper, shares = [], [], []
    inside = np.ones(target.size[::-1], bool)
    for index, first, n, whole in zip(_indices(target, source), start, voxels.shape[::-1], source.size, strict=True):
        base = np.maximum(np.floor(index), 0)
        shares.append(np.maximum(index - base, 0.0))
        lower.append(np.clip(base.astype(int) - first, 0, n - 1))
        upper.append(np.clip(base.astype(int) - first + 1, 0, n - 1))
        inside &= (index >= -0.5) & (index < whole - 0.5)

    def between_voxels(j: np.ndarray, k: np.ndarray) -> np.ndarray:
        a, b = (voxels[k, j, i].astype(np.float64) for i in (lower[0], upper[0]))
        return np.asarray(a + (b - a) * shares[0])

    def between_rows(k: np.ndarray) -> np.ndarray:
        a, b = (between_voxels(j, k) for j in (lower[1], upper[1]))
        return np.asarray(a + (b - a) * shares[1])

    a, b = (between_rows(k) for k in (lower[2], upper[2]))
    return cast_as_itk(np.where(inside, a + (b - a) * shares[2], 0.0), voxels.dtype)


def _indices(target: Grid, source: Grid) -> list[np.ndarray]:
    """Return where the points of ``target`` lie in ``source``: voxel indices along its axes, each to be broadcast."""
    shapes = (1, 1, -1), (1, -1, 1), (-1, 1, 1)
    return itk_indices(target, source, *(np.arange(n).reshape(shape)
                                         for n, shape in zip(target.size, shapes, strict=True)))


def cast_as_itk(values: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Return float64 ``values`` as ITK casts them to the type ``kind``: integers cut off towards 0, in its range."""
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        values = np.clip(values, limits.min, limits.max)
    return values.astype(kind)
