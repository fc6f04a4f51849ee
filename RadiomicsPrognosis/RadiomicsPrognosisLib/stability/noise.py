"""The noise of an image: its level estimated from the image itself, and more of it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve1d

from ..features.filters.wavelets import filter_bank

#: Median of the absolute value of a standard normal variable.
_MEDIAN_ABSOLUTE = 0.6744897501960817


def noise_level(intensities: np.ndarray) -> float:
    """Return the standard deviation (HU) of white Gaussian noise in ``intensities`` (k, j, i).

    The median absolute diagonal detail (HH, in-plane) of an undecimated coif1 wavelet transform, divided by that of a
    standard normal variable: edges are few, and slow changes have no such detail (Donoho and Johnstone, Biometrika
    1994;81:425; Chang, Yu and Vetterli, IEEE Transactions on Image Processing 2000;9:1532).
    """
    detail = np.array(filter_bank("coif1").high)
    values = np.asarray(intensities, float)
    for axis in (1, 2):
        values = convolve1d(values, detail, axis=axis)
    return float(np.median(np.abs(values)) / _MEDIAN_ABSOLUTE)


def add_noise(intensities: np.ndarray, sd: float, generator: np.random.Generator) -> np.ndarray:
    """Return ``intensities`` (k, j, i) with white Gaussian noise of ``sd`` (HU), in their own type.

    Integers stay integers, as a scanner stores them: the sum is rounded and kept within the type's range.
    """
    noisy = intensities + sd * generator.standard_normal(intensities.shape, np.float32)
    if intensities.dtype.kind in "iu":
        limits = np.iinfo(intensities.dtype)
        noisy = np.clip(np.rint(noisy), limits.min, limits.max)
    changed: np.ndarray = noisy.astype(intensities.dtype)
    return changed
