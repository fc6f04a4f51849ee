"""Features of the grey level co-occurrence matrix, pyradiomics' class ``glcm``: a mean over directions.

Reference: Haralick et al., IEEE Trans Syst Man Cybern 1973; IBSI reference manual, section 3.6.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...catalogue import Direction
from ..matrices.cooccurrence import Cooccurrence, cooccurrence
from ..matrices.information import correlation_coefficient, information_1, information_2
from ..matrices.sizes import EPSILON, means_over_directions
from ..region import Region


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name, of the neighbours along all directions or along ``direction`` alone."""
    pairs = cooccurrence(region.lattice_along(direction), region.offsets(direction))
    if pairs is None:
        return dict.fromkeys(features, float("nan"))
    if region.protocol.aggregation.directions == "merged":
        pairs = pairs.merged()
    return means_over_directions({name: _DEFINITIONS[name](pairs) for name in features})


def _levels(pairs: Cooccurrence) -> np.ndarray:
    return np.arange(1.0, pairs.highest + 1)


def _mean(pairs: Cooccurrence) -> np.ndarray:
    """Return the mean level (d,)."""
    return np.asarray(pairs.by_level @ _levels(pairs))


def _variance(pairs: Cooccurrence) -> np.ndarray:
    return np.asarray((pairs.by_level * (_levels(pairs) - _mean(pairs)[:, None])**2).sum(1))


def _autocorrelation(pairs: Cooccurrence) -> np.ndarray:
    return pairs.summed(pairs.shares * pairs.first * pairs.second)


def _cluster(order: int) -> Callable[[Cooccurrence], np.ndarray]:
    def moment(pairs: Cooccurrence) -> np.ndarray:
        """Return the central moment of the sum of both levels."""
        deviations = np.arange(2.0, 2 * pairs.highest + 1) - 2 * _mean(pairs)[:, None]
        squares = deviations * deviations  # numpy's own third and fourth powers are slow
        powers = {2: squares, 3: squares * deviations, 4: squares * squares}[order]
        return np.asarray((pairs.by_sum * powers).sum(1))
    return moment


def _correlation(pairs: Cooccurrence) -> np.ndarray:
    """Return the correlation of both levels; 1 where a direction knows one level only."""
    mean, variance = _mean(pairs), _variance(pairs)
    first, second = pairs.first - mean[pairs.direction], pairs.second - mean[pairs.direction]
    covariance = pairs.summed(pairs.shares * first * second)
    return np.where(variance == 0, 1.0, covariance / (variance + EPSILON))


def _by_difference(weight: Callable[[np.ndarray, int], np.ndarray]) -> Callable[[Cooccurrence], np.ndarray]:
    def weighted(pairs: Cooccurrence) -> np.ndarray:
        """Return the mean of the weights of the absolute differences of both levels."""
        return np.asarray(pairs.by_difference @ weight(np.arange(float(pairs.highest)), pairs.highest))
    return weighted


def _inverse_variance(pairs: Cooccurrence) -> np.ndarray:
    """Return the sum of share / difference2 over differences from 1; 0 with one level, even where there is no pair."""
    if len(pairs.occurring) == 1:
        return np.zeros(pairs.directions)
    return np.asarray(pairs.by_difference[:, 1:] @ np.arange(1.0, pairs.highest)**-2)


def _difference_variance(pairs: Cooccurrence) -> np.ndarray:
    differences = np.arange(float(pairs.highest))
    mean = (pairs.by_difference @ differences)[:, None]
    return np.asarray((pairs.by_difference * (differences - mean)**2).sum(1))


def _sum_average(pairs: Cooccurrence) -> np.ndarray:
    return np.asarray(pairs.by_sum @ np.arange(2.0, 2 * pairs.highest + 1))


def _entropy(shares: np.ndarray) -> np.ndarray:
    return -np.asarray((shares * np.log2(shares + EPSILON)).sum(1))


def _joint_entropy(pairs: Cooccurrence) -> np.ndarray:
    return -pairs.summed(pairs.shares * np.log2(pairs.shares + EPSILON))


def _maximum(pairs: Cooccurrence) -> np.ndarray:
    largest = np.zeros(pairs.directions)
    np.maximum.at(largest, pairs.direction, pairs.shares)
    return np.where(np.isnan(pairs.total), np.nan, largest)


_DEFINITIONS: dict[str, Callable[[Cooccurrence], np.ndarray]] = {
    "Autocorrelation": _autocorrelation,
    "ClusterProminence": _cluster(4),
    "ClusterShade": _cluster(3),
    "ClusterTendency": _cluster(2),
    "Contrast": _by_difference(lambda difference, highest: difference**2),
    "Correlation": _correlation,
    "DifferenceAverage": _by_difference(lambda difference, highest: difference),
    "DifferenceEntropy": lambda pairs: _entropy(pairs.by_difference),
    "DifferenceVariance": _difference_variance,
    "Id": _by_difference(lambda difference, highest: 1 / (1 + difference)),
    "Idm": _by_difference(lambda difference, highest: 1 / (1 + difference**2)),
    "Idmn": _by_difference(lambda difference, highest: 1 / (1 + difference**2 / highest**2)),
    "Idn": _by_difference(lambda difference, highest: 1 / (1 + difference / highest)),
    "Imc1": information_1,
    "Imc2": information_2,
    "InverseVariance": _inverse_variance,
    "JointAverage": _mean,
    "JointEnergy": lambda pairs: pairs.summed(pairs.shares**2),
    "JointEntropy": _joint_entropy,
    "MCC": correlation_coefficient,
    "MaximumProbability": _maximum,
    "SumAverage": _sum_average,
    "SumEntropy": lambda pairs: _entropy(pairs.by_sum),
    "SumSquares": _variance,
}
