"""First-order features, pyradiomics' class ``firstorder``: the distribution of intensities inside the VOI.

Entropy and uniformity are those of the grey levels. Reference: IBSI reference manual, sections 3.3 and 3.4.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from ...catalogue import Direction
from ..levels import bin_edges
from ..matrices.sizes import EPSILON
from ..region import Region


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``.

    Raises NoGreyLevels whatever the features: pyradiomics divides the range into bins before any of them.
    """
    distribution = _Distribution(region)
    own_type = region.values.dtype.type
    bin_edges(own_type(distribution.values.min()), own_type(distribution.values.max()), region.protocol)
    return {name: float(_DEFINITIONS[name](distribution)) for name in features}


class _Distribution:
    """The intensities of a region and what several features need of them."""

    def __init__(self, region: Region):
        self.region = region
        self.values = region.inside

    @cached_property
    def ordered(self) -> np.ndarray:
        """The intensities (n,) in rising order."""
        return np.sort(self.values)

    @cached_property
    def percentiles(self) -> dict[int, float]:
        """The percentiles by their percentage."""
        asked = (10, 25, 75, 90)
        return dict(zip(asked, np.percentile(self.ordered, asked).tolist(), strict=True))

    @cached_property
    def deviations(self) -> np.ndarray:
        """The differences (n,) of the intensities from their mean."""
        return np.asarray(self.values - self.values.mean())

    @cached_property
    def variance(self) -> float:
        """The mean of the squared deviations."""
        return self.moment(2)

    @cached_property
    def energy(self) -> float:
        """The sum of the squared intensities."""
        return float((self.values**2).sum())

    @cached_property
    def shares(self) -> np.ndarray:
        """The share of each grey level that occurs."""
        counts = np.bincount(self.region.levels_inside)
        return counts[counts > 0] / len(self.values)

    def moment(self, order: int) -> float:
        """Return the central moment of ``order`` 2, 3 or 4."""
        squares = self.deviations * self.deviations
        return float({2: squares, 3: squares * self.deviations, 4: squares * squares}[order].mean())

    def standardised(self, order: int) -> float:
        """Return the central moment of ``order`` over that power of the standard deviation; 0 in a flat region."""
        return self.moment(order) / self.variance**(order / 2) if self.variance else 0.0

    def entropy(self) -> float:
        """Return the entropy of the grey levels in bits."""
        return -float((self.shares * np.log2(self.shares + EPSILON)).sum())

    def robust_deviation(self) -> float:
        """Return the mean absolute deviation of the intensities from the 10th to the 90th percentile."""
        first = np.searchsorted(self.ordered, self.percentiles[10], "left")
        middle = self.ordered[first:np.searchsorted(self.ordered, self.percentiles[90], "right")]
        return float(np.abs(middle - middle.mean()).mean()) if middle.size else math.nan


_DEFINITIONS = {
    "10Percentile": lambda values: values.percentiles[10],
    "90Percentile": lambda values: values.percentiles[90],
    "Energy": lambda values: values.energy,
    "Entropy": _Distribution.entropy,
    "InterquartileRange": lambda values: values.percentiles[75] - values.percentiles[25],
    "Kurtosis": lambda values: values.standardised(4),
    "Maximum": lambda values: values.values.max(),
    "MeanAbsoluteDeviation": lambda values: np.abs(values.deviations).mean(),
    "Mean": lambda values: values.values.mean(),
    "Median": lambda values: np.median(values.ordered),
    "Minimum": lambda values: values.values.min(),
    "Range": lambda values: values.values.max() - values.values.min(),
    "RobustMeanAbsoluteDeviation": _Distribution.robust_deviation,
    "RootMeanSquared": lambda values: np.sqrt(values.energy / len(values.values)),
    "Skewness": lambda values: values.standardised(3),
    "TotalEnergy": lambda values: values.energy * np.multiply.reduce(values.region.spacing),
    "Uniformity": lambda values: (values.shares**2).sum(),
    "Variance": lambda values: values.variance,
}
