"""The largest distance between vertices of the mesh around a mask, in space and within planes of the grid.

The vertices are the midpoints between neighbouring voxels of which one lies in the mask. The two farthest apart are
corners of the convex hull; a vertex on or below a chord between two others of its plane is none, and most are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Where a row of a plane has no vertex, in half voxels: so far out on the wrong side that it supports no chord.
_NOWHERE = np.iinfo(np.int32).min // 4

#: Rows between a vertex and the two ends of the chords that it is held against.
_CHORDS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 64)

#: Vertices whose distances to all others are computed at once: to a thousand others, 2 MB.
_BLOCK = 256


class Diameters(NamedTuple):
    """The largest distances (mm) between mesh vertices: in a plane across z (``slice``), y (``column``) or x (``row``),
    pyradiomics' words, and in ``space``."""

    slice: float
    column: float
    row: float
    space: float


def diameters(mask: np.ndarray, spacing: tuple[float, float, float]) -> Diameters:
    """Return the diameters of ``mask`` (k, j, i), boolean, at ``spacing`` (x, y, z) in mm, as pyradiomics defines them.

    A plane holds the vertices with the same coordinate along its normal, be it through the centres of a layer of voxels
    or between two layers.
    """
    vertices, half = mesh_vertices(mask), np.array(spacing[::-1]) / 2
    candidates = [_on_hull(vertices, axis) for axis in range(3)]
    across_z, across_y, across_x = (_largest_in_planes(vertices[chosen], axis, half)
                                    for axis, chosen in enumerate(candidates))
    return Diameters(across_z, across_y, across_x,
                     largest_distance(vertices[np.logical_and.reduce(candidates)] * half))


def planar_diameter(mask: np.ndarray, spacing: tuple[float, float]) -> float:
    """Return the largest distance (mm) between outline vertices of ``mask`` (j, i) at ``spacing`` (x, y) in mm."""
    vertices = mesh_vertices(mask)
    flat = np.insert(vertices, 0, 0, axis=1)
    return largest_distance(vertices[_on_hull(flat, 0)] * (np.array(spacing[::-1]) / 2))


def mesh_vertices(mask: np.ndarray) -> np.ndarray:
    """Return the mesh vertices (n, d) of ``mask`` in half voxels, counted from the first voxel of a margin of one."""
    padded = np.pad(mask, 1)
    vertices = []
    for axis in range(mask.ndim):
        crossed = np.diff(padded, axis=axis)  # of booleans: where neighbours differ
        points = 2 * np.stack(np.unravel_index(np.flatnonzero(crossed), crossed.shape), axis=-1)
        points[:, axis] += 1
        vertices.append(points)
    return np.concatenate(vertices)


def largest_distance(points: np.ndarray) -> float:
    """Return the largest distance between two of ``points`` (n, d)."""
    away = np.linalg.norm(points - (points.min(axis=0) + points.max(axis=0)) / 2, axis=1)
    least = np.linalg.norm(points - points[away.argmax()], axis=1).max()
    # Who is nearer to the middle than this can be no end of a longer distance, whatever the other end is.
    ends = points[away + away.max() >= least * (1 - 1e-12)]
    return max(_largest_between(ends[start:start + _BLOCK], ends[start:]) for start in range(0, len(ends), _BLOCK))


def _largest_between(some: np.ndarray, others: np.ndarray) -> float:
    """Return the largest distance between a point of ``some`` (m, d) and one of ``others`` (n, d)."""
    squares = np.zeros((len(some), len(others)))
    for one, other in zip(some.T, others.T, strict=True):
        squares += np.subtract.outer(one, other) ** 2
    return float(np.sqrt(squares.max()))


def _on_hull(vertices: np.ndarray, axis: int) -> np.ndarray:
    """Return which of ``vertices`` (n, 3) may be corners of the convex hull of their plane across ``axis``: (n,).

    The rows of a plane run along the last of the other two axes; only a row's two ends can be corners.
    """
    across, along = [other for other in range(3) if other != axis]
    shape = vertices[:, axis].max() + 1, vertices[:, across].max() + 1
    rows = vertices[:, axis] * shape[1] + vertices[:, across]
    positions = vertices[:, along]
    chosen = np.zeros(len(vertices), bool)
    for sign in (1, -1):
        ends = np.full(shape[0] * shape[1], _NOWHERE, np.int64)
        np.maximum.at(ends, rows, sign * positions)
        corners = _above_chords(ends.reshape(shape)).ravel()
        chosen |= corners[rows] & (ends[rows] == sign * positions)
    return chosen


def _above_chords(ends: np.ndarray) -> np.ndarray:
    """Return which of ``ends`` (planes, rows), positions of a row's last vertex, lie beyond all chords tried."""
    above = ends > _NOWHERE
    for step in _CHORDS:
        if 2 * step >= ends.shape[1]:
            break
        above[:, step:-step] &= 2 * ends[:, step:-step] > ends[:, :-2 * step] + ends[:, 2 * step:]
    return above


def _largest_in_planes(vertices: np.ndarray, axis: int, half: np.ndarray) -> float:
    """Return the largest distance (mm) within a plane across ``axis`` between ``vertices`` (n, 3); ``half`` voxels."""
    order = np.argsort(vertices[:, axis], kind="stable")
    starts = np.flatnonzero(np.diff(vertices[order, axis], prepend=-1))
    points = np.delete(vertices[order] * half, axis, axis=1)
    extents = np.maximum.reduceat(points, starts) - np.minimum.reduceat(points, starts)
    bounds, planes = np.linalg.norm(extents, axis=1), np.split(points, starts[1:])
    largest = 0.0
    for plane in np.argsort(-bounds):
        if bounds[plane] <= largest:
            break
        largest = max(largest, _largest_between(planes[plane], planes[plane]))
    return largest
