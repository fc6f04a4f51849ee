"""How far from a voxel a filter reads, which is how much of an image around a VOI it must be given."""

from __future__ import annotations

import math

from ...protocol import (
    Filter,
    GaborFilter,
    GaussianLaplacian,
    LawsFilter,
    MeanFilter,
    SeparableWavelet,
    SimoncelliWavelet,
    Wavelet,
)
from .wavelets import filter_bank

#: Standard deviations after which a Gabor kernel ends: the Gaussian is exp(-18) = 1.5e-8 of its peak there.
_GABOR_SIGMAS = 6.0

#: More voxels than an image has along an axis: the filter reads all of it.
WHOLE = 1 << 20


def wavelet_reach(wavelet: Wavelet) -> int:
    """Return how many voxels to either side a value of a sub-band depends on: half the taps at each level."""
    return wavelet.levels * (len(filter_bank(wavelet.name).low) // 2)


def reach_voxels(filters: tuple[Filter, ...], spacing: tuple[float, float, float]) -> tuple[int, int, int]:
    """Return how many voxels along x, y and z at ``spacing`` (mm) the filters read beyond the one they respond at.

    A filter defined by its Fourier transform reads the whole image.
    """
    x, y, z = (max((_reach(settings, axis, step) for settings in filters), default=0)
               for axis, step in enumerate(spacing))
    return x, y, z


def _reach(settings: Filter, axis: int, step: float) -> int:
    if axis == 2 and _leaves_out_z(settings):
        return 0
    if not isinstance(settings, SimoncelliWavelet) and settings.boundary == "periodic":
        return WHOLE  # a voxel beyond the border is one of the other side's
    match settings:
        case MeanFilter():
            return settings.support // 2
        case LawsFilter():
            return 2 + settings.energy_distance
        case GaborFilter():
            return gabor_radius(step, settings)
        case SeparableWavelet():
            return ((1 << settings.level) - 1) * (len(filter_bank(settings.wavelet).low) // 2)
        case GaussianLaplacian(riesz=None):
            return gaussian_radius(settings.sigma_mm / step, settings.cutoff_sigmas)
        case _:
            return WHOLE


def _leaves_out_z(settings: Filter) -> bool:
    return not settings.orthogonal if isinstance(settings, GaborFilter) else settings.in_plane


def gabor_radius(step: float, settings: GaborFilter) -> int:
    """Return how many voxels of ``step`` mm a Gabor kernel reaches."""
    return math.ceil(_GABOR_SIGMAS * settings.sigma_mm * max(1.0, 1 / settings.aspect_ratio) / step)


def gaussian_radius(sigma: float, cutoff: float) -> int:
    """Return how many voxels a Gaussian's kernel reaches: ``cutoff`` times ``sigma`` (voxels), rounded."""
    return math.floor(cutoff * sigma + 0.5)
