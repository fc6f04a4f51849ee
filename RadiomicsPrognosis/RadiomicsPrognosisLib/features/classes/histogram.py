"""Statistics of grey levels: the IBSI's intensity histogram.

Reference: Zwanenburg et al., IBSI reference manual, section 3.4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...catalogue import Direction
from ..distribution import Distribution
from ..region import Region

_DEFINITIONS: dict[str, Callable[[Distribution], float]] = {
    "Mean": lambda levels: levels.mean,
    "Variance": lambda levels: levels.variance,
    "Skewness": lambda levels: levels.standardised(3),
    "ExcessKurtosis": Distribution.excess_kurtosis,
    "Median": lambda levels: levels.median,
    "Minimum": lambda levels: float(levels.values.min()),
    "10Percentile": lambda levels: levels.percentiles[10],
    "90Percentile": lambda levels: levels.percentiles[90],
    "Maximum": lambda levels: float(levels.values.max()),
    "InterquartileRange": Distribution.interquartile_range,
    "Range": Distribution.range,
    "MeanAbsoluteDeviation": Distribution.mean_absolute_deviation,
    "RobustMeanAbsoluteDeviation": Distribution.robust_mean_absolute_deviation,
    "MedianAbsoluteDeviation": Distribution.median_absolute_deviation,
    "CoefficientOfVariation": Distribution.coefficient_of_variation,
    "QuartileCoefficientOfDispersion": Distribution.quartile_coefficient_of_dispersion,
    "Mode": lambda levels: _mode(levels),
    "MaximumGradient": lambda levels: float(_gradient(levels).max()),
    "MaximumGradientLevel": lambda levels: float(_gradient(levels).argmax() + 1),
    "MinimumGradient": lambda levels: float(_gradient(levels).min()),
    "MinimumGradientLevel": lambda levels: float(_gradient(levels).argmin() + 1),
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``. A gradient needs two levels, else it is NaN."""
    levels = Distribution(region.levels_inside.astype(np.float64))
    lone = levels.values.max() < 2
    return {name: float("nan") if lone and "Gradient" in name else _DEFINITIONS[name](levels) for name in features}


def _counts(levels: Distribution) -> np.ndarray:
    """Return how many voxels have each level from 1 to the highest, empty levels included."""
    counts: np.ndarray = np.bincount(levels.values.astype(np.intp))[1:]
    return counts


def _mode(levels: Distribution) -> float:
    """Return the most frequent level; of several the nearest to the mean, of two at the same distance the lower."""
    counts = _counts(levels)
    candidates = np.flatnonzero(counts == counts.max()) + 1
    return float(candidates[np.abs(candidates - levels.mean).argmin()])


def _gradient(levels: Distribution) -> np.ndarray:
    """Return the slope of the counts at each level: central differences, one-sided at the ends."""
    slopes: np.ndarray = np.gradient(_counts(levels).astype(np.float64))
    return slopes
