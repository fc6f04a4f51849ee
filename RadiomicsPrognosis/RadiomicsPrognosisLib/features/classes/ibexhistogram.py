"""IBEX's histogram features: moments, deviations and percentiles of the intensities, percentiles of the histogram.

Definitions: IBEX (Zhang et al., Med Phys 2015;42:1341), category IntensityHistogram, on MATLAB's ``prctile``, which
takes the i-th of n values in rising order for the percentile 100 (i - 0.5) / n (Hyndman and Fan, Am Stat 1996, type 5).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...catalogue import Direction
from ...catalogue.ibexhistogram import PERCENTAGES, QUANTILES
from ..distribution import Distribution
from ..levels import bin_edges
from ..region import Region

#: What the names of percentiles and quantiles ask for, in percent.
_PERCENTILES = {**{f"Percentile{percent}": float(percent) for percent in PERCENTAGES},
                **{f"Quantile{share}": 100 * share for share in QUANTILES}}
_AREAS = {f"PercentileArea{percent}": float(percent) for percent in PERCENTAGES}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features``; Kurtosis and Skewness of a single intensity are NaN."""
    intensities = Distribution(region.inside)
    values = {name: formula(intensities) for name, formula in _FORMULAS.items() if name in features}
    for asked, reading in ((_PERCENTILES, _percentiles), (_AREAS, _reached)):
        names = [name for name in features if name in asked]
        if names:
            read = reading(region, np.array([asked[name] for name in names]))
            values.update(zip(names, (float(value) for value in read), strict=True))
    return {name: values[name] for name in features}


def _percentiles(region: Region, percentages: np.ndarray) -> np.ndarray:
    """Return the intensities (n,) of the ``percentages`` (n,)."""
    percentiles: np.ndarray = np.percentile(region.inside, percentages, method="hazen")
    return percentiles


def _standardised(intensities: Distribution, order: int) -> float:
    """Return the standardised central moment of ``order``, NaN where all values are the same."""
    return intensities.standardised(order) if intensities.range() else float("nan")


def _interquartile_range(intensities: Distribution) -> float:
    low, high = np.percentile(intensities.values, (25, 75), method="hazen")
    return float(high - low)


#: The features that need nothing but the intensities.
_FORMULAS: dict[str, Callable[[Distribution], float]] = {
    "InterQuartileRange": _interquartile_range,
    "Kurtosis": lambda intensities: _standardised(intensities, 4),
    "MeanAbsoluteDeviation": Distribution.mean_absolute_deviation,
    "MedianAbsoluteDeviation": lambda intensities: float(np.median(np.abs(intensities.values - intensities.median))),
    "Range": Distribution.range,
    "Skewness": lambda intensities: _standardised(intensities, 3),
}


def _reached(region: Region, percentages: np.ndarray) -> np.ndarray:
    """Return the intensities (n,), in HU, at which the accumulated histogram reaches the ``percentages`` (n,).

    The bins are those of the grey levels. IBEX reads between the bins' centres by a straight line and has no value
    below the first; an empty bin before the first gives one, as a fixed range does that begins lower.
    """
    protocol, inside = region.protocol, region.inside
    first, second = bin_edges(float(inside.min()), float(inside.max()), protocol)[:2]
    if protocol.bin_minimum is not None and protocol.bin_width is not None:
        first, second = protocol.bin_minimum, protocol.bin_minimum + protocol.bin_width
    levels = region.levels_inside
    lowest = int(levels.min())
    counts = np.concatenate([[0], np.bincount(levels - lowest)])
    centres = first + (second - first) * (lowest - 1.5 + np.arange(len(counts)))
    share = np.cumsum(counts) * (100 / len(levels))
    rising = np.concatenate([[True], counts[1:] > 0])  # of equal shares the first, as MATLAB's unique(..., 'first')
    intensities: np.ndarray = np.interp(percentages, share[rising], centres[rising])
    return intensities
