"""Cubic B-spline interpolation onto a grid turned about the image's third axis: a product of small matrices.

ITK evaluates 64 coefficients for each point. On such a grid the third axis is one matrix for all points, and a plane is
one sparse matrix for all slices, which takes a third of the time and gives ITK's values to rounding.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ...voi.grid import Grid, ijk
from .bspline import MARGIN, spline_of


def interpolate(values: np.ndarray, grid: Grid, target: Grid) -> np.ndarray:
    """Return ``values`` (k, j, i) of ``grid`` at the points of ``target``, as float64 (k, j, i).

    ``target``'s third axis must be parallel to ``grid``'s. Beyond the border the values at the border count.
    """
    step = np.linalg.solve(grid.index_to_mm, target.index_to_mm)
    origin = grid.index(np.array([target.origin]))[0]
    columns, rows, slices = target.size
    j, i = np.mgrid[:rows, :columns]
    spline = spline_of(values, (0, 0, 0), grid.size, ((0, 0, 0), ijk(n - 1 for n in grid.size)), MARGIN)
    (x_taps, x_weights), (y_taps, y_weights), (z_taps, z_weights) = (
        spline.taps(np.clip(at, 0, n - 1), axis) for axis, (at, n) in enumerate(zip(
            (step[0, 0] * i.ravel() + step[0, 1] * j.ravel() + origin[0],
             step[1, 0] * i.ravel() + step[1, 1] * j.ravel() + origin[1],
             step[2, 2] * np.arange(slices) + origin[2]), grid.size, strict=True)))
    in_plane = _matrix(y_weights[:, np.newaxis] * x_weights, y_taps[:, np.newaxis] * grid.size[0] + x_taps,
                       grid.size[0] * grid.size[1])
    through = _matrix(z_weights, z_taps, grid.size[2])
    points: np.ndarray = through @ (in_plane @ spline.coefficients.reshape(grid.size[2], -1).T).T
    return points.reshape(slices, rows, columns)


def _matrix(weights: np.ndarray, taps: np.ndarray, count: int) -> sparse.csr_matrix:
    """Return the sparse matrix (n, ``count``) that weights what each of n points reads; both arrays are (..., n).

    Sparse products run in one thread: those of BLAS would start more in every process.
    """
    number = weights.shape[-1]
    weights, taps = (array.reshape(-1, number).T.ravel() for array in (weights, taps))
    return sparse.csr_matrix((weights, taps, np.linspace(0, weights.size, number + 1, dtype=int)), (number, count))
