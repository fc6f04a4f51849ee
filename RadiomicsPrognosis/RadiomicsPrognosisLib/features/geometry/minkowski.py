"""Surface, perimeter and mean breadth of voxels by Crofton's formula: how often lines and planes of the grid meet them.

Reference: Legland, Kieu and Devaux, Computation of Minkowski measures on 2D and 3D binary images, Image Anal Stereol
2007;26:83-92, with as many directions as its authors' software takes unasked. Lines run along the 13 directions between
neighbours (in a slice 4), each weighted by the share of directions nearest to it. Arrays are (k, j, i), spacing x, y, z
in mm or any other unit of length.
"""

from __future__ import annotations

from functools import cache, reduce

import numpy as np

from ..matrices.directions import Offset, offsets

#: Half of the 26 directions between neighbours.
_STEPS = offsets((2, 2, 2))


def surface_area(mask: np.ndarray, spacing: tuple[float, float, float]) -> float:
    """Return the surface of the voxels of ``mask`` in the square of the unit of ``spacing``."""
    volume, padded = float(np.prod(spacing)), np.pad(mask, 1)
    runs = (weight * _runs(padded, step) / _length(step, spacing)
            for step, weight in zip(_STEPS, _weights(spacing), strict=True))
    return 4 * volume * sum(runs)


def perimeter(plane: np.ndarray, spacing: tuple[float, float]) -> float:
    """Return the perimeter of the pixels of ``plane`` (j, i) in the unit of ``spacing`` (x, y)."""
    x, y = spacing
    padded = np.pad(plane[np.newaxis], 1)
    turn = np.arctan2(y, x) / np.pi  # of the diagonal, in half turns; each line counts for the angles nearest to it
    lines: dict[Offset, float] = {(0, 0, 1): turn, (0, 1, 0): 0.5 - turn, (0, 1, 1): 0.25, (0, 1, -1): 0.25}
    return float(np.pi * x * y * sum(weight * _runs(padded, step) / _length(step, (x, y, 1.0))
                                     for step, weight in lines.items()))


def mean_breadth(mask: np.ndarray, spacing: tuple[float, float, float]) -> float:
    """Return the mean breadth (of a ball its diameter) of the voxels of ``mask`` in the unit of ``spacing``.

    It is the mean over the image's three axes of the planes across them, each counted by the Euler number (vertices
    less edges plus faces) of what it cuts.
    """
    padded, sides = np.pad(mask, 1), spacing[::-1]
    axes: tuple[Offset, Offset, Offset] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    total = 0.0
    for axis, side in enumerate(sides):
        first, second = (step for other, step in enumerate(axes) if other != axis)
        edges = _together(padded, first) + _together(padded, second)
        corner = first[0] + second[0], first[1] + second[1], first[2] + second[2]
        total += side * (_together(padded) - edges + _together(padded, first, second, corner))
    return total / 3


@cache
def _weights(spacing: tuple[float, float, float]) -> tuple[float, ...]:
    """Return for each step the share of the sphere nearest to it or its opposite; the shares sum to 1."""
    from scipy.spatial import SphericalVoronoi

    ends = np.array([_vector(step, spacing) for step in _STEPS])
    ends /= np.linalg.norm(ends, axis=1, keepdims=True)
    areas = SphericalVoronoi(np.concatenate([ends, -ends])).calculate_areas() / (4 * np.pi)
    return tuple(float(share) for share in areas[:len(_STEPS)] + areas[len(_STEPS):])


def _vector(step: Offset, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return ``step`` as (z, y, x) in the unit of ``spacing``."""
    vector: np.ndarray = np.array(step) * np.array(spacing[::-1])
    return vector


def _length(step: Offset, spacing: tuple[float, float, float]) -> float:
    return float(np.linalg.norm(_vector(step, spacing)))


def _together(padded: np.ndarray, *steps: Offset) -> int:
    """Return how many voxels of the mask have all voxels at ``steps`` from them in it, too."""
    inner = [slice(1, n - 1) for n in padded.shape]
    moved = (padded[tuple(slice(at.start + move, at.stop + move) for at, move in zip(inner, step, strict=True))]
             for step in steps)
    return int(np.count_nonzero(reduce(np.logical_and, moved, padded[tuple(inner)])))


def _runs(padded: np.ndarray, step: Offset) -> int:
    """Return how many pieces the lines along ``step`` cut from the mask."""
    return _together(padded) - _together(padded, step)
