"""Statistics of a set of numbers as the IBSI defines them, for intensities and for grey levels alike.

Reference: Zwanenburg et al., IBSI reference manual, sections 3.3 and 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Distribution:
    """Statistics of ``values`` (n,), float64, at least one."""

    values: np.ndarray

    @cached_property
    def mean(self) -> float:
        """The mean."""
        return float(self.values.mean())

    @cached_property
    def variance(self) -> float:
        """The mean squared distance from the mean: no correction for n."""
        return self._moment(2)

    @cached_property
    def quartiles(self) -> tuple[float, float, float]:
        """The 25th, 50th and 75th percentile."""
        low, middle, high = (self.percentile(share) for share in (25, 50, 75))
        return low, middle, high

    def percentile(self, share: float) -> float:
        """Return the percentile ``share`` (0 - 100), between two values by their distance."""
        return float(np.percentile(self.values, share))

    def skewness(self) -> float:
        """Return the third standardised moment, 0 without variance."""
        return self._moment(3) / self.variance**1.5 if self.variance else 0.0

    def excess_kurtosis(self) -> float:
        """Return the fourth standardised moment less 3, 0 without variance."""
        return self._moment(4) / self.variance**2 - 3.0 if self.variance else 0.0

    def mean_absolute_deviation(self) -> float:
        """Return the mean distance from the mean."""
        return float(np.abs(self.values - self.mean).mean())

    def robust_mean_absolute_deviation(self) -> float:
        """Return the mean distance from the mean of the values from the 10th to the 90th percentile."""
        central = (self.percentile(10) <= self.values) & (self.values <= self.percentile(90))
        return Distribution(self.values[central]).mean_absolute_deviation()

    def median_absolute_deviation(self) -> float:
        """Return the mean distance from the median."""
        return float(np.abs(self.values - self.quartiles[1]).mean())

    def interquartile_range(self) -> float:
        """Return the difference between the 75th and the 25th percentile."""
        return self.quartiles[2] - self.quartiles[0]

    def range(self) -> float:
        """Return the difference between the highest and the lowest value."""
        return float(self.values.max() - self.values.min())

    def coefficient_of_variation(self) -> float:
        """Return standard deviation over mean, NaN for a mean of 0."""
        return self.variance**0.5 / self.mean if self.mean else float("nan")

    def quartile_coefficient_of_dispersion(self) -> float:
        """Return the difference of the outer quartiles over their sum, NaN for a sum of 0."""
        low, _, high = self.quartiles
        return (high - low) / (high + low) if high + low else float("nan")

    def _moment(self, order: int) -> float:
        return float(((self.values - self.mean) ** order).mean())
