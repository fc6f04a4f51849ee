"""Statistics of a set of numbers, for intensities and for grey levels alike, each computed once, on demand.

Reference: Zwanenburg et al., IBSI reference manual, sections 3.3 and 3.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_PERCENTAGES = (10, 25, 75, 90)


@dataclass(frozen=True)
class Distribution:
    """Statistics of ``values`` (n,), float64, at least one."""

    values: np.ndarray

    @cached_property
    def ordered(self) -> np.ndarray:
        """The values (n,) in rising order."""
        return np.sort(self.values)

    @cached_property
    def mean(self) -> float:
        """The mean."""
        return float(self.values.mean())

    @cached_property
    def median(self) -> float:
        """The median."""
        return float(np.median(self.ordered))

    @cached_property
    def percentiles(self) -> dict[int, float]:
        """The 10th, 25th, 75th and 90th percentile by their percentage, between two values by their distance."""
        return dict(zip(_PERCENTAGES, np.percentile(self.ordered, _PERCENTAGES).tolist(), strict=True))

    @cached_property
    def deviations(self) -> np.ndarray:
        """The differences (n,) of the values from their mean."""
        return np.asarray(self.values - self.mean)

    @cached_property
    def variance(self) -> float:
        """The mean of the squared deviations: no correction for n."""
        return self._moment(2)

    def standardised(self, order: int) -> float:
        """Return the central moment of ``order`` 3 or 4 over that power of the standard deviation; 0 without one."""
        return self._moment(order) / self.variance ** (order / 2) if self.variance else 0.0

    def excess_kurtosis(self) -> float:
        """Return the fourth standardised moment less 3, 0 without variance."""
        return self.standardised(4) - 3.0 if self.variance else 0.0

    def mean_absolute_deviation(self) -> float:
        """Return the mean distance from the mean."""
        return float(np.abs(self.deviations).mean())

    def robust_mean_absolute_deviation(self) -> float:
        """Return the mean distance from the mean of the values from the 10th to the 90th percentile, NaN without one.
        """
        first = np.searchsorted(self.ordered, self.percentiles[10], "left")
        middle = self.ordered[first:np.searchsorted(self.ordered, self.percentiles[90], "right")]
        return float(np.abs(middle - middle.mean()).mean()) if middle.size else math.nan

    def median_absolute_deviation(self) -> float:
        """Return the mean distance from the median."""
        return float(np.abs(self.values - self.median).mean())

    def interquartile_range(self) -> float:
        """Return the difference between the 75th and the 25th percentile."""
        return self.percentiles[75] - self.percentiles[25]

    def range(self) -> float:
        """Return the difference between the highest and the lowest value."""
        return float(self.values.max() - self.values.min())

    def coefficient_of_variation(self) -> float:
        """Return standard deviation over mean, NaN for a mean of 0."""
        return self.variance**0.5 / self.mean if self.mean else float("nan")

    def quartile_coefficient_of_dispersion(self) -> float:
        """Return the difference of the outer quartiles over their sum, NaN for a sum of 0."""
        low, high = self.percentiles[25], self.percentiles[75]
        return (high - low) / (high + low) if high + low else float("nan")

    def _moment(self, order: int) -> float:
        """Return the central moment of ``order`` 2, 3 or 4."""
        squares = self.deviations * self.deviations  # numpy's own third and fourth powers are slow
        return float({2: squares, 3: squares * self.deviations, 4: squares * squares}[order].mean())
