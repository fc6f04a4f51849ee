"""Agreement of two contours of one lesion: overlap, surface distances in mm and difference in volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..errors import EmptyVoi, GeometryMismatch
from ..result import Result
from ..voi.grid import Grid, bounding_box


@dataclass(frozen=True)
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
    if a.GetSize() != b.GetSize() or Grid.of(b).offset_to(grid) is None or Grid.of(b).offset_to(grid).any():
        raise GeometryMismatch("The two contours lie on different grids; export both on the grid of the image.")
    for mask, name in ((a, "first"), (b, "second")):
        if not (sitk.GetArrayViewFromImage(mask) != 0).any():
            raise EmptyVoi(f"The {name} contour is empty: it has no voxel; draw the contour first.", "contour")
    a, b = _around_both(a, b)
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(a, b)
    a_to_b, b_to_a = _surface_distances(a, b), _surface_distances(b, a)
    volumes = [float(sitk.GetArrayViewFromImage(mask).sum()) * grid.voxel_volume_mm3 for mask in (a, b)]
    return Overlap(
        measures.GetDiceCoefficient(), measures.GetJaccardCoefficient(),
        float(max(np.percentile(a_to_b, 95), np.percentile(b_to_a, 95))), float(max(a_to_b.max(), b_to_a.max())),
        float(np.concatenate([a_to_b, b_to_a]).mean()),
        *volumes, volumes[1] - volumes[0], (volumes[1] - volumes[0]) / volumes[0])


def _around_both(a: sitk.Image, b: sitk.Image) -> tuple[sitk.Image, sitk.Image]:
    """Return both as 0/1 masks of the box around their voxels and one voxel of margin, so that every surface closes."""
    voxels = [sitk.GetArrayViewFromImage(mask) != 0 for mask in (a, b)]
    start, size = bounding_box(voxels[0] | voxels[1])
    return tuple(sitk.ConstantPad(sitk.RegionOfInterest(mask != 0, size, start), [1, 1, 1], [1, 1, 1], 0)
                 for mask in (a, b))


def _surface_distances(mask: sitk.Image, other: sitk.Image) -> np.ndarray:
    """Return the distances (mm) from the surface voxels of ``mask`` to the surface of ``other``."""
    surface, target = (sitk.LabelContour(item, fullyConnected=False) for item in (mask, other))
    distance = sitk.Abs(sitk.SignedMaurerDistanceMap(target, squaredDistance=False, useImageSpacing=True))
    # The map is in single precision and leaves some 1e-6 mm on the target's own voxels, where the distance is 0.
    distance = sitk.Mask(distance, target == 0)
    return sitk.GetArrayViewFromImage(distance)[sitk.GetArrayViewFromImage(surface) != 0].astype(float)
