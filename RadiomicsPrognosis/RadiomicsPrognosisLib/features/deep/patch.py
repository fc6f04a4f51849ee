"""The input of a network: the image around a VOI, interpolated, masked, windowed and normalised as a protocol says.

Steps in their order: interpolate in HU; ``fill_hu`` beyond the image and, where masked, outside the VOI's kept voxels
(nearest voxel); ``window_hu`` to 0 - 1, clipped; ``(value - mean) / sd`` a channel. All in double precision, the result
in single.
"""

from __future__ import annotations

import numpy as np

from ...errors import InvalidImage
from ...protocol import Deep, Protocol
from ...voi.grid import Index, ijk
from ...voi.images import array_view
from ...voi.voi import Voi
from ..grids.bspline import MARGIN, along_axis, spline_of
from ..grids.patch_grid import PatchGrid, patch_grid
from ..preparation import crop_to_reach


def network_input(voi: Voi, protocol: Protocol, deep: Deep) -> np.ndarray:
    """Return the patch around ``voi`` as float32 (1, channels, rows, columns), of a cube (1, channels, slices, rows,
    columns).

    Raises InvalidImage where the image there holds a voxel that is not a finite number, or the patch is far too large.
    """
    grid = patch_grid(voi, deep)
    intensities = attenuation(crop_to_reach(voi, protocol), deep, grid)
    low, high = deep.window_hu
    shown = (np.clip(grid.laid_out(intensities), low, high) - low) / (high - low)
    channels = shown if deep.slices == "2.5d" else np.repeat(shown if deep.in_plane else shown[np.newaxis],
                                                             deep.channels, axis=0)
    each = (-1,) + (1,) * (channels.ndim - 1)
    normalised = (channels - np.reshape(deep.mean, each)) / np.reshape(deep.sd, each)
    return np.ascontiguousarray(normalised[np.newaxis], dtype=np.float32)


def attenuation(voi: Voi, deep: Deep, grid: PatchGrid) -> np.ndarray:
    """Return the HU (k, j, i) at the points of ``grid`` as float64, with the fill where there is nothing to show.

    Raises InvalidImage where the VOI alone is shown and no point lies in it.
    """
    inside = [(at >= -0.5) & (at <= count - 0.5) for at, count in zip(grid.indices, voi.grid.size, strict=True)]
    shown = inside[2][:, np.newaxis, np.newaxis] & inside[1][:, np.newaxis] & inside[0]
    if deep.masked:
        shown = shown & _kept_at(voi, deep, grid)
        if not shown.any():
            raise InvalidImage(f"Segment '{voi.name}' lies between the pixels of the network's patch, and nothing else "
                               "is shown; give the protocol a finer deep.spacing_mm, or set deep.masked to false.")
    i, j, k = (np.clip(at, 0, count - 1) for at, count in zip(grid.indices, voi.grid.size, strict=True))
    filled: np.ndarray = np.where(shown, _interpolated(voi, (i, j, k), deep.interpolator), deep.fill_hu)
    return filled


def _kept_at(voi: Voi, deep: Deep, grid: PatchGrid) -> np.ndarray:
    """Return where (k, j, i) the voxel nearest to a point is kept; neighbouring slices show what the largest shows."""
    places = [np.floor(at + 0.5).astype(int) - first for at, first in zip(grid.indices, voi.start, strict=True)]
    if deep.slices == "2.5d":
        places[2] = np.full(len(places[2]), voi.kept_box()[0][2] - voi.start[2])
    i, j, k = (np.clip(place, -1, count) + 1 for place, count in zip(places, voi.kept.shape[::-1], strict=True))
    return np.asarray(np.pad(voi.kept, 1)[np.ix_(k, j, i)])


def _interpolated(voi: Voi, points: tuple[np.ndarray, np.ndarray, np.ndarray], interpolator: str) -> np.ndarray:
    """Return float64 (k, j, i) at voxel indices (n,) along i, j and k, all of them inside the image.

    Points on the centres of voxels are those voxels, points on slices interpolated within them.
    """
    values, start = array_view(voi.image), voi.image_start
    on_voxels = [bool((at % 1 == 0).all()) for at in points]
    if all(on_voxels) or interpolator != "bspline":
        return _from_neighbours(values, start, points, interpolator == "linear")
    if not on_voxels[2]:
        return _by_spline(values, start, voi.grid.size, points)
    size = ijk((*voi.grid.size[:2], 1))
    return np.concatenate([
        _by_spline(values[[k]], ijk((*start[:2], 0)), size, (points[0], points[1], np.zeros(1)))
        for k in points[2].astype(int) - start[2]])


def _by_spline(values: np.ndarray, start: Index, size: Index,
               points: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    last = np.array(size) - 1
    low, high = (np.array([np.floor(at[end]) for at in points]).astype(int) for end in (0, -1))
    box = ijk(np.clip(low - 2, 0, last)), ijk(np.clip(high + 3, 0, last))
    return spline_of(values, start, size, box, MARGIN).on_lattice(points)


def _from_neighbours(values: np.ndarray, start: Index, points: tuple[np.ndarray, np.ndarray, np.ndarray],
                     linear: bool) -> np.ndarray:
    """Return what the voxels on both sides of a point give (``linear``), or the nearest alone."""
    result = values.astype(np.float64)
    for axis, (at, first) in enumerate(zip(points, start, strict=True)):
        lower = np.floor(at if linear else at + 0.5).astype(int) - first
        upper = np.minimum(lower + 1, values.shape[2 - axis] - 1)
        share = at - np.floor(at) if linear else np.zeros(len(at))
        result = along_axis(result, 2 - axis, np.stack([lower, upper]), np.stack([1.0 - share, share]))
    return result
