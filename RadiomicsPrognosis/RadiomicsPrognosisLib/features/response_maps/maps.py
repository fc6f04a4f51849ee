"""The response map of a filter of the protocol, whatever its kind."""

from __future__ import annotations

import numpy as np

from ...protocol import (
    Filter,
    GaborFilter,
    GaussianLaplacian,
    LawsFilter,
    MeanFilter,
    SeparableWavelet,
)
from ...voi.grid import Index, crop, ijk
from ..filters.reach import reach_voxels
from .fourier import simoncelli
from .gabor import gabor
from .gaussian import laplacian
from .laws import averaged, laws
from .wavelet import wavelet


def response_map(values: np.ndarray, spacing: tuple[float, float, float], settings: Filter) -> np.ndarray:
    """Return the response (k, j, i), float64, of ``values`` (k, j, i) at ``spacing`` (x, y, z, mm)."""
    match settings:
        case MeanFilter():
            return averaged(values, settings.support, settings.in_plane, settings.boundary)
        case GaussianLaplacian():
            return laplacian(values, spacing, settings)
        case LawsFilter():
            return laws(values, settings)
        case GaborFilter():
            return gabor(values, spacing, settings)
        case SeparableWavelet():
            return wavelet(values, settings)
        case _:
            return simoncelli(values, settings)


def response_inside(values: np.ndarray, spacing: tuple[float, float, float], settings: Filter, start: Index,
                    size: Index) -> np.ndarray:
    """Return the response inside the box (``start``, ``size``; i, j, k) of an image ``values`` (k, j, i).

    It is computed from what the filter reads of the image, and equal to the response of all of it.
    """
    reach, low = np.array(reach_voxels((settings,), spacing)), np.array(start)
    first = np.maximum(low - reach, 0)
    end = np.minimum(low + np.array(size) + reach, values.shape[::-1])
    response = response_map(crop(values, ijk(first), ijk(end - first)), spacing, settings)
    return crop(response, ijk(low - first), size)
