"""The axes of a mask: the eigenvalues of its voxel centres' covariance."""

from __future__ import annotations

import numpy as np


def axis_variances(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the variances (mm2) of the voxel centres along the main axes, ascending: (d,) for a mask of d dimensions.

    ``mask`` is boolean, (k, j, i) or (j, i), ``spacing`` in mm in the order x, y, z. Variances between -1e-10 and 0 are
    0. Operations and their order are those of pyradiomics (its shape.py), so that where a mask is flat and the true
    variance 0, what rounding leaves of it is the same; so is the rare complex pair of two equal variances.
    """
    voxels = np.array(np.unravel_index(np.flatnonzero(mask), mask.shape))  # several times faster than np.nonzero
    centres = (voxels + 1) * np.array(spacing[::-1])[:, np.newaxis]
    centres -= centres.mean(axis=1, keepdims=True)
    centres /= np.sqrt(centres.shape[1])
    # The copy keeps BLAS from its routine for a matrix times itself, which rounds differently.
    variances = np.linalg.eigvals(np.dot(centres.copy(), centres.T))
    variances[(variances < 0) & (variances > -1e-10)] = 0
    variances.sort()
    return variances


def axis_length(variance: complex) -> float:
    """Return 4 standard deviations (mm) along an axis of ``variance`` (mm2), NaN when that is negative."""
    return axis_ratio(variance, 1.0) * 4


def axis_ratio(shorter: complex, longer: complex) -> float:
    """Return the ratio of two axes' standard deviations from their variances, NaN when one is negative or both 0."""
    if np.real(shorter) < 0 or np.real(longer) < 0 or longer == 0:
        return float("nan")
    return float(np.real(np.sqrt(shorter / longer)))
