"""First-order features, pyradiomics' class ``firstorder``: the distribution of intensities inside the VOI.

Entropy and uniformity are those of the grey levels. Reference: IBSI reference manual, sections 3.3 and 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...catalogue import Direction
from ..distribution import Distribution
from ..levels import bin_edges
from ..matrices.sizes import EPSILON
from ..region import Region


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``.

    Raises NoGreyLevels whatever the features: pyradiomics divides the range into bins before any of them.
    """
    intensities, own_type = _Intensities(region.inside, region), region.values.dtype.type
    bin_edges(own_type(intensities.values.min()), own_type(intensities.values.max()), region.protocol)
    return {name: float(_DEFINITIONS[name](intensities)) for name in features}


@dataclass(frozen=True)
class _Intensities(Distribution):
    """The intensities of a ``region``, with their energy and the shares of its grey levels."""

    region: Region

    @cached_property
    def energy(self) -> float:
        """The sum of the squared intensities."""
        return float((self.values**2).sum())

    @cached_property
    def shares(self) -> np.ndarray:
        """The share of each grey level that occurs."""
        counts = np.bincount(self.region.levels_inside)
        return counts[counts > 0] / len(self.values)

    def entropy(self) -> float:
        """Return the entropy of the grey levels in bits."""
        return -float((self.shares * np.log2(self.shares + EPSILON)).sum())


_DEFINITIONS = {
    "10Percentile": lambda values: values.percentiles[10],
    "90Percentile": lambda values: values.percentiles[90],
    "Energy": lambda values: values.energy,
    "Entropy": _Intensities.entropy,
    "InterquartileRange": Distribution.interquartile_range,
    "Kurtosis": lambda values: values.standardised(4),
    "Maximum": lambda values: values.values.max(),
    "MeanAbsoluteDeviation": Distribution.mean_absolute_deviation,
    "Mean": lambda values: values.mean,
    "Median": lambda values: values.median,
    "Minimum": lambda values: values.values.min(),
    "Range": Distribution.range,
    "RobustMeanAbsoluteDeviation": Distribution.robust_mean_absolute_deviation,
    "RootMeanSquared": lambda values: np.sqrt(values.energy / len(values.values)),
    "Skewness": lambda values: values.standardised(3),
    "TotalEnergy": lambda values: values.energy * np.multiply.reduce(values.region.spacing),
    "Uniformity": lambda values: (values.shares**2).sum(),
    "Variance": lambda values: values.variance,
}
