"""IBEX's histogram features: moments, deviations and percentiles of the intensities, percentiles of the histogram.

Definitions: IBEX (Zhang et al., Med Phys 2015;42:1341), category IntensityHistogram, on MATLAB's ``prctile``, which
takes the i-th of n values in rising order for the percentile 100 (i - 0.5) / n (Hyndman and Fan, Am Stat 1996, type 5).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...catalogue import Direction
from ...catalogue.ibexhistogram import PERCENTAGES, QUANTILES
from ..levels import bin_edges
from ..region import Region


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features``; Kurtosis and Skewness of a single intensity are NaN."""
    values: dict[str, float] = {}
    percentages = {**{f"Percentile{percent}": percent for percent in PERCENTAGES},
                   **{f"Quantile{share}": 100 * share for share in QUANTILES}}
    areas = {f"PercentileArea{percent}": percent for percent in PERCENTAGES}
    for name in features:
        if name in percentages:
            values[name] = float(np.percentile(region.inside, percentages[name], method="hazen"))
        elif name in areas:
            values[name] = _reached(region, areas[name])
        else:
            values[name] = _FORMULAS[name](region.inside)
    return values


def _moment(values: np.ndarray, order: int) -> float:
    """Return the standardised central moment of ``order``, NaN where all values are the same."""
    deviations = values - values.mean()
    variance = float(np.mean(deviations**2))
    return float(np.mean(deviations**order)) / variance ** (order / 2) if np.ptp(values) else float("nan")


def _interquartile_range(values: np.ndarray) -> float:
    low, high = np.percentile(values, (25, 75), method="hazen")
    return float(high - low)


#: The features that need nothing but the intensities.
_FORMULAS: dict[str, Callable[[np.ndarray], float]] = {
    "InterQuartileRange": _interquartile_range,
    "Kurtosis": lambda values: _moment(values, 4),
    "MeanAbsoluteDeviation": lambda values: float(np.mean(np.abs(values - values.mean()))),
    "MedianAbsoluteDeviation": lambda values: float(np.median(np.abs(values - np.median(values)))),
    "Range": lambda values: float(np.ptp(values)),
    "Skewness": lambda values: _moment(values, 3),
}


def _reached(region: Region, percent: float) -> float:
    """Return the intensity (HU) at which the accumulated histogram reaches ``percent``.

    The bins are those of the grey levels. IBEX reads between the bins' centres by a straight line and has no value
    below the first; an empty bin before the first gives one, as IBEX's own fixed range does, which begins in air.
    """
    protocol, inside = region.protocol, region.inside
    first, second = bin_edges(float(inside.min()), float(inside.max()), protocol)[:2]
    if protocol.bin_minimum is not None and protocol.bin_width is not None:
        first, second = protocol.bin_minimum, protocol.bin_minimum + protocol.bin_width
    levels = region.levels[region.mask]
    lowest = int(levels.min())
    counts = np.concatenate([[0], np.bincount(levels - lowest)])
    centres = first + (second - first) * (lowest - 1.5 + np.arange(len(counts)))
    share = np.cumsum(counts) * (100 / len(levels))
    rising = np.concatenate([[True], counts[1:] > 0])  # of equal shares the first, as MATLAB's unique(..., 'first')
    return float(np.interp(percent, share[rising], centres[rising]))
