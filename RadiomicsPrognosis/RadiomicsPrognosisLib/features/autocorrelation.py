"""How intensities of near voxels are alike: sums over all pairs of voxels, weighted by inverse distance.

The sums are correlations with the weights as their kernel, so that Fourier transforms take them in n log n, not n2:
exact to rounding, where other software samples pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class PairSums:
    """Sums over ordered pairs of two voxels with weights w, 1 / mm: of w, of w x y and of w x2, for intensities x and y
    less their mean, with ``voxels`` their number and ``squares`` the sum of x2 over voxels."""

    voxels: int
    squares: float
    weights: float
    products: float
    weighted_squares: float

    def morans_i(self) -> float:
        """Return Moran's I, NaN without a difference of intensities (Moran, Biometrika 1950;37:17)."""
        return self.voxels / self.weights * self.products / self.squares if self.squares else float("nan")

    def gearys_c(self) -> float:
        """Return Geary's C, NaN without a difference of intensities (Geary, Incorporated Statistician 1954;5:115)."""
        differences = 2 * (self.weighted_squares - self.products)
        return (self.voxels - 1) / (2 * self.weights) * differences / self.squares if self.squares else float("nan")


def pair_sums(values: np.ndarray, mask: np.ndarray, spacing: tuple[float, float, float]) -> PairSums:
    """Return the sums over pairs of voxels of ``mask`` of ``values`` (both (k, j, i)), ``spacing`` x, y, z in mm."""
    from scipy import fft

    shape = [fft.next_fast_len(2 * n - 1, real=True) for n in mask.shape]
    kernel = fft.rfftn(_inverse_distances(shape, spacing))
    deviations = np.where(mask, values - values[mask].mean(), 0.0)
    spectra = [fft.rfftn(array.astype(np.float64), shape) for array in (mask, deviations, deviations**2)]

    def total(first: np.ndarray, second: np.ndarray) -> float:
        """Return the weighted sum of products of what two spectra stand for, over all pairs."""
        near = fft.irfftn(first * kernel, shape)[tuple(slice(0, n) for n in mask.shape)]
        return float(np.vdot(near, fft.irfftn(second, shape)[tuple(slice(0, n) for n in mask.shape)]))

    ones, linear, squared = spectra
    return PairSums(voxels=int(mask.sum()), squares=float((deviations**2).sum()), weights=total(ones, ones),
                    products=total(linear, linear), weighted_squares=total(ones, squared))


def _inverse_distances(shape: list[int], spacing: tuple[float, float, float]) -> np.ndarray:
    """Return 1 / distance (mm) of every step, wrapped round as a circular correlation needs it; 0 for no step."""
    from scipy import fft

    steps = [fft.fftfreq(n, 1 / n) * step for n, step in zip(shape, spacing[::-1], strict=True)]
    squares = steps[0][:, None, None] ** 2 + steps[1][:, None] ** 2 + steps[2] ** 2
    squares[0, 0, 0] = np.inf
    inverse: np.ndarray = squares**-0.5
    return inverse
