"""Mean intensities of 1 cm3 around voxels of the contour.

Reference: Zwanenburg et al., IBSI reference manual, section 3.2; Wahl et al., J Nucl Med 2009;50:122S.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from ...catalogue import Direction
from ...catalogue.localintensity import RADIUS_MM
from ..region import Region


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``.

    Beyond the image's border there is nothing: the mean is of the voxels that exist.
    """
    around = region.around
    assert around is not None, "a class that looks around the contour is given what lies there"
    means = _local_means(around.values, around.mask, region.spacing)
    inside = around.values[around.mask]
    values = {"LocalPeak": float(means[inside == inside.max()].max()), "GlobalPeak": float(means.max())}
    return {name: values[name] for name in features}


def _local_means(values: np.ndarray, mask: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the mean (n,) of ``values`` (k, j, i) within 1 cm3 around each voxel of ``mask``."""
    steps = np.array(spacing[::-1])
    reach = np.floor(RADIUS_MM / steps).astype(int)
    padded = np.pad(values.astype(np.float64), [(r, r) for r in reach], constant_values=np.nan)
    centres = np.flatnonzero(np.pad(mask, [(r, r) for r in reach]))
    flat, strides = padded.ravel(), np.array(padded.strides) // padded.itemsize
    total, count = np.zeros(len(centres)), np.zeros(len(centres))
    for offset in product(*(range(-r, r + 1) for r in reach)):
        if np.sum((np.array(offset) * steps) ** 2) <= RADIUS_MM**2:
            neighbours = flat[centres + int(np.dot(offset, strides))]
            exists = ~np.isnan(neighbours)
            total[exists] += neighbours[exists]
            count += exists
    means: np.ndarray = total / count
    return means
