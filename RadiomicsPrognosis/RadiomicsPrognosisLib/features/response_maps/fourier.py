"""Filters defined by their Fourier transform: Simoncelli's non-separable wavelet and the Riesz transform.

References: Portilla and Simoncelli, Int J Comput Vis 2000;40:49-70; Unser et al., IEEE Trans Image Process
2011;20:2705-2721; IBSI reference manual (arXiv:2006.05470), non-separable wavelets and Riesz transform.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import fft

from ...protocol import SimoncelliWavelet


def simoncelli(values: np.ndarray, settings: SimoncelliWavelet) -> np.ndarray:
    """Return the band-pass response of ``values`` (k, j, i), periodic beyond the border.

    The band is cos(pi/2 log2(2 r / b)) for b/4 <= r <= b, with r the frequency over Nyquist's and b = 2^(1 - level).
    """
    axes = _axes(settings.in_plane)
    bound = 2.0 ** (1 - settings.level)
    band = np.mean([_band(grid, bound) for grid in _reference_frequencies(values.shape, axes)], axis=0)
    response = _filtered(values, band, axes)
    return response if settings.riesz is None else riesz(response, settings.riesz, settings.in_plane)


def _band(frequencies: list[np.ndarray], bound: float) -> np.ndarray:
    radius = np.sqrt(sum(frequency**2 for frequency in frequencies))
    inside = (radius >= bound / 4) & (radius <= bound)
    band = np.zeros(radius.shape)
    band[inside] = np.cos(np.pi / 2 * np.log2(2 * radius[inside] / bound))
    return band


def _reference_frequencies(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the frequencies of the IBSI's reference maps and those of the coefficients conjugate to them.

    The maps put the first and the last of n frequencies at -1 and 1, which for an even n is half a step beside the
    discrete Fourier transform's own: with those, maps 8.a.2 and 8.a.3 are missed by 2.5 and 8 % of their range. A real
    response has the mean of the bands at a frequency and at its conjugate.
    """
    rows, conjugates = [], []
    for axis in axes:
        size = shape[axis]
        at = (np.rint(fft.fftfreq(size) * size) + (0.5 if size % 2 == 0 else 0.0)) * 2 / max(size - 1, 1)
        kept = size // 2 + 1 if axis == axes[-1] else size
        rows.append(at[:kept])
        conjugates.append(at[-np.arange(kept) % size])
    return (list(np.meshgrid(*rows, indexing="ij", sparse=True)),
            list(np.meshgrid(*conjugates, indexing="ij", sparse=True)))


def riesz(values: np.ndarray, orders: tuple[int, int, int], in_plane: bool) -> np.ndarray:
    """Return the Riesz transform of ``values`` (k, j, i), of the ``orders`` along x, y, z, periodic.

    Its transfer function is (-i)^L sqrt(L! / (lx! ly! lz!)) nu_x^lx nu_y^ly nu_z^lz / |nu|^L, with L the orders' sum.
    """
    axes = _axes(in_plane)
    frequencies = _frequencies(values.shape, axes)
    radius = np.sqrt(sum(frequency**2 for frequency in frequencies))
    radius[(0,) * radius.ndim] = 1.0  # the mean, whose numerator is 0
    total = sum(orders)
    transfer = np.array((-1j) ** total * math.sqrt(math.factorial(total) / math.prod(map(math.factorial, orders))))
    for axis, frequency in zip(axes, frequencies, strict=True):
        transfer = transfer * frequency ** orders[2 - axis]
    return _filtered(values, transfer / radius**total, axes)


def _axes(in_plane: bool) -> tuple[int, ...]:
    return (1, 2) if in_plane else (0, 1, 2)


def _frequencies(shape: tuple[int, ...], axes: tuple[int, ...]) -> list[np.ndarray]:
    """Return the frequencies over Nyquist's along each of ``axes``, to be broadcast; the last axis' half of them."""
    last = axes[-1]
    rows = [2 * (fft.rfftfreq if axis == last else fft.fftfreq)(shape[axis]) for axis in axes]
    return list(np.meshgrid(*rows, indexing="ij", sparse=True))


def _filtered(values: np.ndarray, transfer: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    spectrum = fft.rfftn(values.astype(np.float64), axes=axes)
    result: np.ndarray = fft.irfftn(spectrum * transfer, [values.shape[axis] for axis in axes], axes=axes)
    return result
