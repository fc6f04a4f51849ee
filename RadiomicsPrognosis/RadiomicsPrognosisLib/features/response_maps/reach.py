"""How far from a voxel a filter reads, which is how much of an image around a VOI it must be given."""

from __future__ import annotations

import math

from ...catalogue import WAVELET_TAPS
from ...protocol import Filter, GaborFilter, GaussianLaplacian, LawsFilter, MeanFilter, SeparableWavelet
from . import gabor, gaussian

#: More voxels than an image has along an axis: the filter reads all of it.
WHOLE = 1 << 20


def reach_voxels(filters: tuple[Filter, ...], spacing: tuple[float, float, float]) -> tuple[int, int, int]:
    """Return how many voxels along x, y and z at ``spacing`` (mm) the filters read beyond the one they respond at.

    A filter defined by its Fourier transform reads the whole image.
    """
    x, y, z = (max((_reach(settings, axis, step) for settings in filters), default=0)
               for axis, step in enumerate(spacing))
    return x, y, z


def _reach(settings: Filter, axis: int, step: float) -> int:
    match settings:
        case GaborFilter():
            return gabor.radius(step, settings) if axis < 2 or settings.orthogonal else 0
        case MeanFilter() | LawsFilter() | SeparableWavelet() if settings.in_plane and axis == 2:
            return 0
        case MeanFilter():
            return settings.support // 2
        case LawsFilter():
            return 2 + settings.energy_distance
        case SeparableWavelet():
            return (2**settings.level - 1) * (WAVELET_TAPS // 2)
        case GaussianLaplacian(riesz=None):
            return 0 if settings.in_plane and axis == 2 else gaussian.radius(settings.sigma_mm / step,
                                                                             settings.cutoff_sigmas)
        case _:
            return 0 if settings.in_plane and axis == 2 else WHOLE
