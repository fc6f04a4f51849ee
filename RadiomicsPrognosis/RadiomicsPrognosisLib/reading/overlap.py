"""Agreement of two contours of one lesion: overlap, surface distances in mm, differences in volume and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..errors import EmptyVoi, GeometryMismatch
from ..result import Result
from ..statistics.arrays import Floats
from ..voi.grid import Grid, PlacedMask, crop, ijk, voxel_box, xyz
from ..voi.images import array_view

#: A part of a (k, j, i) array.
_Box = tuple[slice, slice, slice]


@dataclass(frozen=True, kw_only=True)
class Overlap(Result):
    """Agreement of contours ``a`` and ``b``, neither of them empty.

    ``dice`` = 2|a and b| / (|a| + |b|) and ``jaccard`` = |a and b| / |a or b| in 0 - 1. A surface is the centres of its
    voxels: those with a face towards the outside, or on the image's edge. Distances (mm) run from each surface voxel to
    the nearest one of the other surface: ``hausdorff95_mm`` is the larger of the two 95th percentiles (linear between
    ranks), ``hausdorff_mm`` the largest distance, ``mean_surface_distance_mm`` the mean over all voxels of both
    (Taha & Hanbury, BMC Med Imaging 2015;15:29). MONAI defines them so, MedPy too but for its 95th percentile, which
    pools both directions; DeepMind's surface-distance has another surface, elements weighted by their area.

    ``volume_difference_mm3`` is b - a, ``relative_volume_difference`` that over a. ``centroid_shift_vector_mm`` runs
    from the centroid of a to that of b in LPS (left, posterior, superior); ``centroid_shift_mm`` is its length.
    """

    dice: float
    jaccard: float
    hausdorff95_mm: float
    hausdorff_mm: float
    mean_surface_distance_mm: float
    volume_a_mm3: float
    volume_b_mm3: float
    volume_difference_mm3: float
    relative_volume_difference: float
    centroid_shift_mm: float
    centroid_shift_vector_mm: tuple[float, float, float]


def contour_overlap(a: sitk.Image, b: sitk.Image) -> Overlap:
    """Return the agreement of the non-zero voxels of two 3-D masks whose voxels coincide.

    The masks may be boxes of different size and place, as segmentations are cropped when they are saved; nothing is
    resampled. Raises EmptyVoi for a mask without voxels, GeometryMismatch for voxels that do not coincide: place both
    on the grid of the image then (:func:`~..voi.grid.place`) and compare them by :func:`placed_overlap`.
    """
    grid = Grid.of(a)
    offset = Grid.of(b).offset_to(grid)
    if offset is None:
        raise GeometryMismatch("The two contours lie on different grids; export both on the grid of the image.")
    boxes = [voxel_box(array_view(mask)) for mask in (a, b)]
    _check_drawn(*(box is not None for box in boxes))
    first, second = (PlacedMask(crop(array_view(mask), *box) != 0, ijk(start + np.array(box[0])))
                     for mask, box, start in zip((a, b), boxes, ((0, 0, 0), offset), strict=True) if box is not None)
    return placed_overlap(first, second, grid)


def placed_overlap(a: PlacedMask, b: PlacedMask, grid: Grid) -> Overlap:
    """Return the agreement of two masks placed on ``grid``. Raises EmptyVoi for a mask without voxels."""
    _check_drawn(bool(a.voxels.any()), bool(b.voxels.any()))
    common = _common_boxes(a, b)
    both = int((a.voxels[common[0]] & b.voxels[common[1]]).sum())
    counts = [int(mask.voxels.sum()) for mask in (a, b)]
    a_to_b, b_to_a = _surface_distances(a, b, common, grid)
    low = np.minimum(a.start, b.start)
    centroids = [_positions(_mean_index(mask.voxels), mask, low, grid) for mask in (a, b)]
    shift = centroids[1] - centroids[0]
    volumes = [count * grid.voxel_volume_mm3 for count in counts]
    return Overlap(
        dice=2 * both / sum(counts),
        jaccard=both / (sum(counts) - both),
        hausdorff95_mm=float(max(np.percentile(a_to_b, 95), np.percentile(b_to_a, 95))),
        hausdorff_mm=float(max(a_to_b.max(), b_to_a.max())),
        mean_surface_distance_mm=float(np.concatenate([a_to_b, b_to_a]).mean()),
        volume_a_mm3=volumes[0],
        volume_b_mm3=volumes[1],
        volume_difference_mm3=volumes[1] - volumes[0],
        relative_volume_difference=(counts[1] - counts[0]) / counts[0],
        centroid_shift_mm=float(np.linalg.norm(shift)),
        centroid_shift_vector_mm=xyz(shift),
    )


def _check_drawn(a: bool, b: bool) -> None:
    """Raise EmptyVoi unless both contours have voxels: no distance, and no share of nothing, has a value."""
    if not a or not b:
        which = "first" if b else "second" if a else "first and the second"
        verb, it = ("is", "it has") if a or b else ("are", "they have")
        raise EmptyVoi(f"The {which} contour {verb} empty: {it} no voxel; draw the contour first.", "contour")


def _common_boxes(a: PlacedMask, b: PlacedMask) -> tuple[_Box, _Box]:
    """Return where the box that two masks on one grid share lies in the voxels of each; it may be empty."""
    low = np.maximum(a.start, b.start)
    high = np.minimum(*(np.add(mask.start, mask.voxels.shape[::-1]) for mask in (a, b)))
    size = np.maximum(high - low, 0)
    first, second = (_box(np.maximum(low - mask.start, 0), size) for mask in (a, b))
    return first, second


def _box(start: np.ndarray, size: np.ndarray) -> _Box:
    i, j, k = (slice(int(first), int(first + length)) for first, length in zip(start, size, strict=True))
    return k, j, i


def _surface_distances(a: PlacedMask, b: PlacedMask, common: tuple[_Box, _Box], grid: Grid) -> tuple[Floats, Floats]:
    """Return the distances (mm) from each surface voxel of ``a`` to the surface of ``b``, and the other way.

    They come in no order. That of a voxel of both surfaces is zero without a search, and of the rest the nearest is
    searched in a k-d tree, split at the middle of its boxes: on voxels as good as a balanced one, and sooner built.
    """
    from scipy.spatial import cKDTree  # here, since the panel that imports this file must open without waiting for it

    low = np.minimum(a.start, b.start)
    surfaces = [_surface(mask.voxels) for mask in (a, b)]
    shared = surfaces[0][common[0]] & surfaces[1][common[1]]
    zeros = np.zeros(int(shared.sum()))
    distances = []
    for source, target, from_mask, to_mask, box in ((0, 1, a, b, common[0]), (1, 0, b, a, common[1])):
        rest = surfaces[source].copy()
        rest[box] &= ~shared
        points, goals = (_positions(np.argwhere(voxels), mask, low, grid)
                         for voxels, mask in ((rest, from_mask), (surfaces[target], to_mask)))
        if not len(points):
            distances.append(zeros)
            continue
        tree = cKDTree(goals, balanced_tree=False, compact_nodes=False)
        distances.append(np.concatenate([zeros, tree.query(points)[0]]))
    return distances[0], distances[1]


def _surface(voxels: np.ndarray) -> np.ndarray:
    """Return the voxels of a boolean (k, j, i) box that have a face towards the outside, or on the box's edge."""
    inside = np.zeros_like(voxels)
    core = inside[1:-1, 1:-1, 1:-1]
    core[...] = voxels[1:-1, 1:-1, 1:-1]
    for axis in range(3):
        for neighbours in (slice(None, -2), slice(2, None)):
            core &= voxels[tuple(neighbours if other == axis else slice(1, -1) for other in range(3))]
    surface: np.ndarray = voxels & ~inside
    return surface


def _mean_index(voxels: np.ndarray) -> Floats:
    """Return the mean index (k, j, i) of the true voxels of a box, from their numbers per slice, row and column."""
    plane = voxels.sum(axis=0)
    counts = voxels.sum(axis=(1, 2)), plane.sum(axis=1), plane.sum(axis=0)
    index: Floats = np.array([count @ np.arange(len(count)) for count in counts]) / plane.sum()
    return index


def _positions(index: np.ndarray, mask: PlacedMask, low: np.ndarray, grid: Grid) -> Floats:
    """Return the positions (..., 3) in mm (LPS) of indices (..., 3), (k, j, i), of ``mask``'s box, from that of index
    ``low``.

    Small numbers near the lesion, not the scanner's coordinates, keep rounding far below 1e-6 mm.
    """
    positions: Floats = (index[..., ::-1] + (np.array(mask.start) - low)) @ grid.index_to_mm.T
    return positions
