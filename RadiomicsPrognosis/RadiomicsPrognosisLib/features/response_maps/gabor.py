"""Gabor filters: a wave under a Gaussian, in one plane and one direction, or averaged over directions and planes.

Reference: IBSI reference manual (arXiv:2006.05470), Gabor filter.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import fft

from ...protocol import GaborFilter
from ..filters.reach import gabor_radius
from .boundary import NUMPY_MODE


def gabor(values: np.ndarray, spacing: tuple[float, float, float], settings: GaborFilter) -> np.ndarray:
    """Return the modulus of the response of ``values`` (k, j, i) at ``spacing`` (x, y, z, mm)."""
    stacks = (0, 1, 2) if settings.orthogonal else (0,)
    total = np.zeros(values.shape)
    for axis in stacks:
        rows, columns = (spacing[2 - other] for other in range(3) if other != axis)
        np.moveaxis(total, axis, 0)[...] += _stack(np.moveaxis(values, axis, 0), (rows, columns), settings)
    return total / len(stacks)


def _stack(planes: np.ndarray, steps: tuple[float, float], settings: GaborFilter) -> np.ndarray:
    """Return the response of each of the ``planes`` (n, rows, columns), ``steps`` mm between rows and columns."""
    radii = gabor_radius(steps[0], settings), gabor_radius(steps[1], settings)
    shape = [fft.next_fast_len(size + 2 * reach) for size, reach in zip(planes.shape[1:], radii, strict=True)]
    transfers = [fft.fft2(_kernel(angle, steps, radii, settings), shape) for angle in _angles(settings)]
    # The product of the transforms is a circular convolution: the response of voxel v stands at v + 2 radii.
    inner = tuple(slice(2 * reach, 2 * reach + size) for size, reach in zip(planes.shape[1:], radii, strict=True))
    response = np.zeros(planes.shape)
    for plane, result in zip(planes, response, strict=True):
        padded = np.pad(plane.astype(np.float64), [(reach, reach) for reach in radii], NUMPY_MODE[settings.boundary])
        spectrum = fft.fft2(padded, shape)
        for transfer in transfers:
            result += np.abs(fft.ifft2(spectrum * transfer)[inner])
    response /= len(transfers)
    return response


def _angles(settings: GaborFilter) -> list[float]:
    """Return the directions in radians; those half a turn apart have the same modulus and stand for each other."""
    if not settings.step_degrees:
        return [math.radians(settings.angle_degrees)]
    steps = round(360 / settings.step_degrees)
    return [2 * math.pi * number / steps for number in range(steps if steps % 2 else steps // 2)]


def _kernel(angle: float, steps: tuple[float, float], radii: tuple[int, int], settings: GaborFilter) -> np.ndarray:
    """Return the complex kernel (rows, columns) for voxels of ``steps`` mm, the wave at ``angle`` from x towards y."""
    y, x = (step * np.arange(-reach, reach + 1) for step, reach in zip(steps, radii, strict=True))
    along = x[np.newaxis, :] * math.cos(angle) + y[:, np.newaxis] * math.sin(angle)
    across = -x[np.newaxis, :] * math.sin(angle) + y[:, np.newaxis] * math.cos(angle)
    width = 2 * settings.sigma_mm**2
    kernel: np.ndarray = np.exp(-(along**2 + (settings.aspect_ratio * across) ** 2) / width
                                + 2j * np.pi * along / settings.wavelength_mm)
    return kernel
