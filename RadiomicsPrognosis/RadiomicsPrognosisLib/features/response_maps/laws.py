"""Laws' texture energy: small kernels that look for levels, edges, spots, waves and ripples.

Reference: Laws, Textured Image Segmentation, USC 1980; IBSI reference manual (arXiv:2006.05470), Laws kernels.
"""

from __future__ import annotations

import numpy as np

from ...protocol import LawsFilter
from .separable import convolved, mapped

_TAPS = {"L3": (1, 2, 1), "E3": (-1, 0, 1), "S3": (-1, 2, -1), "L5": (1, 4, 6, 4, 1), "E5": (-1, -2, 0, 2, 1),
         "S5": (-1, 0, 2, 0, -1), "W5": (-1, 2, 0, -2, 1), "R5": (1, -4, 6, -4, 1)}


def kernel(name: str) -> np.ndarray:
    """Return Laws' kernel ``name``, e.g. ``E5``: its taps (n,) with unit Euclidean norm, as the IBSI has it."""
    taps = np.array(_TAPS[name], float)
    normed: np.ndarray = taps / np.linalg.norm(taps)
    return normed


def laws(values: np.ndarray, settings: LawsFilter) -> np.ndarray:
    """Return the response of ``values`` (k, j, i), pooled over rotations and turned into energy as asked."""
    chains = tuple((kernel(name),) for name in settings.kernels)
    response = mapped(values, chains, settings.boundary, settings.pooling)
    if not settings.energy_distance:
        return response
    return averaged(np.abs(response), 2 * settings.energy_distance + 1, settings.in_plane, settings.boundary)


def averaged(values: np.ndarray, support: int, in_plane: bool, boundary: str) -> np.ndarray:
    """Return the mean of ``values`` (k, j, i) over ``support`` voxels along each axis, or along x and y alone."""
    flat = np.full(support, 1 / support)
    return convolved(values, ((flat,),) * (2 if in_plane else 3), boundary)
