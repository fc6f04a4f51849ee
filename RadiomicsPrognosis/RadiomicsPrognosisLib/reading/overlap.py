"""Agreement of two contours of one lesion: overlap, surface distances in mm and difference in volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..errors import EmptyVoi, GeometryMismatch
from ..result import Result
from ..voi.grid import Grid, Index, bounding_box
from ..voi.images import array_view, inside


@dataclass(frozen=True, kw_only=True)
class Overlap(Result):
    """Agreement of contours ``a`` and ``b``.

    ``dice`` = 2|a and b| / (|a| + |b|) and ``jaccard`` = |a and b| / |a or b| in 0 - 1. Distances (mm) run from each
    surface voxel's centre to the nearest surface voxel of the other: ``hausdorff95_mm`` is the larger of the two 95th
    percentiles, ``hausdorff_mm`` the largest distance, ``mean_surface_distance_mm`` the mean over the voxels of both
    surfaces (Taha & Hanbury, BMC Med Imaging 2015;15:29). ``volume_difference_mm3`` is b - a, and
    ``relative_volume_difference`` that over a.
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


def contour_overlap(a: sitk.Image, b: sitk.Image) -> Overlap:
    """Return the agreement of the non-zero voxels of two 3-D masks on one grid.

    A surface voxel is one with a face towards the outside; a voxel on the image's edge has one there. Raises EmptyVoi
    for a mask without voxels, GeometryMismatch for different grids.
    """
    grid = Grid.of(a)
    offset = Grid.of(b).offset_to(grid)
    if a.GetSize() != b.GetSize() or offset is None or offset.any():
        raise GeometryMismatch("The two contours lie on different grids; export both on the grid of the image.")
    for mask, name in ((a, "first"), (b, "second")):
        if not inside(mask).any():
            raise EmptyVoi(f"The {name} contour is empty: it has no voxel; draw the contour first.", "contour")
    box = bounding_box(inside(a) | inside(b))
    a, b = _closed(a, *box), _closed(b, *box)
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(a, b)
    a_to_b, b_to_a = _surface_distances(a, b), _surface_distances(b, a)
    volume_a, volume_b = (float(array_view(mask).sum()) * grid.voxel_volume_mm3 for mask in (a, b))
    return Overlap(
        dice=measures.GetDiceCoefficient(),
        jaccard=measures.GetJaccardCoefficient(),
        hausdorff95_mm=float(max(np.percentile(a_to_b, 95), np.percentile(b_to_a, 95))),
        hausdorff_mm=float(max(a_to_b.max(), b_to_a.max())),
        mean_surface_distance_mm=float(np.concatenate([a_to_b, b_to_a]).mean()),
        volume_a_mm3=volume_a,
        volume_b_mm3=volume_b,
        volume_difference_mm3=volume_b - volume_a,
        relative_volume_difference=(volume_b - volume_a) / volume_a,
    )


def _closed(mask: sitk.Image, start: Index, size: Index) -> sitk.Image:
    """Return a 0/1 mask of the box and one voxel of margin, so that the surface closes."""
    closed: sitk.Image = sitk.ConstantPad(sitk.RegionOfInterest(mask != 0, size, start), [1, 1, 1], [1, 1, 1], 0)
    return closed


def _surface_distances(mask: sitk.Image, other: sitk.Image) -> np.ndarray:
    """Return the distances (n,) in mm from the n surface voxels of ``mask`` to the surface of ``other``."""
    surface, target = (sitk.LabelContour(item, fullyConnected=False) for item in (mask, other))
    distance = sitk.Abs(sitk.SignedMaurerDistanceMap(target, squaredDistance=False, useImageSpacing=True))
    # The map is in single precision and leaves some 1e-6 mm on the target's own voxels, where the distance is 0.
    distance = sitk.Mask(distance, target == 0)
    distances: np.ndarray = array_view(distance)[inside(surface)].astype(float)
    return distances
