"""The Laplacian of a Gaussian as the IBSI defines it: sampled at the voxels, cut off, in units per squared voxel.

pyradiomics' filter of the same name is another: Deriche's recursive approximation of the Gaussian, without an end,
times the squared sigma in mm.

Reference: IBSI reference manual (arXiv:2006.05470), Laplacian-of-Gaussian filter.
"""

from __future__ import annotations

import math

import numpy as np

from ...protocol import GaussianLaplacian
from ..filters.reach import gaussian_radius
from .fourier import riesz
from .separable import convolved


def laplacian(values: np.ndarray, spacing: tuple[float, float, float], settings: GaussianLaplacian) -> np.ndarray:
    """Return the response of ``values`` (k, j, i) at ``spacing`` (x, y, z, mm), in their unit per squared voxel of x.

    On a grid of equal spacing this is the IBSI's -1/s^2 (2 pi s^2)^(-D/2) (D - |k|^2/s^2) exp(-|k|^2/2s^2), s in
    voxels; else sigma keeps its length in mm along every axis.
    """
    axes = range(2 if settings.in_plane else 3)
    kernels = [_kernels(settings.sigma_mm / spacing[axis], settings.cutoff_sigmas) for axis in axes]
    response = np.zeros(values.shape)
    for derived in axes:
        chains = tuple((kernels[axis][axis == derived],) for axis in axes)
        response += (spacing[0] / spacing[derived]) ** 2 * convolved(values, chains, settings.boundary)
    return response if settings.riesz is None else riesz(response, settings.riesz, settings.in_plane)


def _kernels(sigma: float, cutoff: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a Gaussian and its second derivative, both (2 radius + 1,), at the voxels."""
    radius = gaussian_radius(sigma, cutoff)
    at = np.arange(-radius, radius + 1)
    gaussian = np.exp(-(at**2) / (2 * sigma**2)) / (math.sqrt(2 * math.pi) * sigma)
    return gaussian, (at**2 / sigma**4 - 1 / sigma**2) * gaussian
