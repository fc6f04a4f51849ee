"""Features of the grey level distance zone matrix, a class of the IBSI.

Reference: Thibault et al., IEEE Trans Biomed Eng 2014; IBSI reference manual, section 3.9.
"""

from __future__ import annotations

import numpy as np

from ...catalogue import Direction
from ...voi.grid import bounding_box, crop
from ..matrices.sizes import SizeMatrix, size_matrix, values_of
from ..matrices.zones import zones_of_voxels
from ..region import Region

_DEFINITIONS = {
    "SmallDistanceEmphasis": SizeMatrix.small,
    "LargeDistanceEmphasis": SizeMatrix.large,
    "LowGrayLevelZoneEmphasis": SizeMatrix.low,
    "HighGrayLevelZoneEmphasis": SizeMatrix.high,
    "SmallDistanceLowGrayLevelEmphasis": SizeMatrix.small_low,
    "SmallDistanceHighGrayLevelEmphasis": SizeMatrix.small_high,
    "LargeDistanceLowGrayLevelEmphasis": SizeMatrix.large_low,
    "LargeDistanceHighGrayLevelEmphasis": SizeMatrix.large_high,
    "GrayLevelNonUniformity": SizeMatrix.level_non_uniformity,
    "GrayLevelNonUniformityNormalized": SizeMatrix.level_non_uniformity_normalised,
    "ZoneDistanceNonUniformity": SizeMatrix.size_non_uniformity,
    "ZoneDistanceNonUniformityNormalized": SizeMatrix.size_non_uniformity_normalised,
    "GrayLevelVariance": SizeMatrix.level_variance,
    "ZoneDistanceVariance": SizeMatrix.size_variance,
    "ZoneDistanceEntropy": SizeMatrix.entropy,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``."""
    along = region.offsets()
    if not along:
        return dict.fromkeys(features, float("nan"))
    levels, zone = zones_of_voxels(region.lattice, along)
    nearest = np.full(len(levels), np.iinfo(np.intp).max)
    np.minimum.at(nearest, zone, _distances(region))
    definitions = {**_DEFINITIONS, "ZonePercentage": lambda matrix: matrix.total / len(zone)}
    return values_of(size_matrix(levels, nearest), definitions, features)


def _distances(region: Region) -> np.ndarray:
    """Return the distance (n,) of each voxel that counts from the border of the contour.

    The contour is that of the VOI, whatever a HU range removed from its inside.
    """
    around = region.surroundings
    box = bounding_box(around.contour)
    distances: np.ndarray = border_distances(crop(around.contour, *box), region.protocol.force_2d)[
        crop(around.mask, *box)]
    return distances


def border_distances(contour: np.ndarray, force_2d: bool) -> np.ndarray:
    """Return how many steps along the axes lead from each voxel of ``contour`` (k, j, i) out of it: 1 at its border.

    Steps stay in the slice under ``force_2d`` and in a contour of one slice; the distance is 0 outside.
    """
    from scipy.ndimage import distance_transform_cdt

    flat = force_2d or len(contour) == 1
    padded = np.pad(contour, [(0 if flat else 1,) * 2, (1, 1), (1, 1)])
    distances = [distance_transform_cdt(plane, "taxicab") for plane in padded] if flat else \
        distance_transform_cdt(padded, "taxicab")[1:-1]
    return np.asarray(distances, np.intp)[:, 1:-1, 1:-1]
