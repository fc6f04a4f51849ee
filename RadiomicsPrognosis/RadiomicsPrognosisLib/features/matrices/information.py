"""What a voxel's grey level tells of its neighbour's: Haralick's three measures of their dependence.

With levels i and j of neighbours, their shares p(i, j) and the marginal shares p(i), pyradiomics defines
HX = -sum p(i) log2(p(i) + eps), HXY the same of p(i, j), HXY1 = -sum p(i, j) log2(p(i) p(j) + eps) and
HXY2 = -sum p(i) p(j) log2(p(i) p(j) + eps), eps being the distance from 1 to the next floating-point number.

Where neighbours are all but independent, the differences and eigenvalues below are rounding errors of pyradiomics'
order of operations, whose square roots are not small or not numbers. Such cases are computed in that very order.

References: Haralick et al., IEEE Trans Syst Man Cybern 1973; van Griethuysen et al., Cancer Research 2017.
"""

from __future__ import annotations

import numpy as np

from .cooccurrence import Cooccurrence
from .sizes import EPSILON

#: Bits of mutual information below which their rounding errors, about 1e-14, would show in the ninth digit.
_LITTLE_INFORMATION = 1e-4

#: Eigenvalue below which that of an unsymmetrical solver, about 1e-13, would show in the ninth digit.
_SMALL_EIGENVALUE = 1e-3


def information_1(pairs: Cooccurrence) -> np.ndarray:
    """Return (HXY - HXY1) / HX (d,), the first informational measure of correlation, from -1 to 0."""
    if (_mutual_information(pairs) < _LITTLE_INFORMATION).any():
        shares, first, second = _arranged(pairs)
        difference = _entropy(shares) - _bits(shares, first * second)
        largest = np.fmax(_entropy(first), _entropy(second))
    else:
        rows = pairs.direction
        product = pairs.by_level[rows, pairs.first - 1] * pairs.by_level[rows, pairs.second - 1]
        difference = pairs.summed(pairs.shares * np.log2((product + EPSILON) / (pairs.shares + EPSILON)))
        largest = -(pairs.by_level * np.log2(pairs.by_level + EPSILON)).sum(1)
    return np.where(largest == 0, 0.0, difference / np.where(largest == 0, 1.0, largest))


def information_2(pairs: Cooccurrence) -> np.ndarray:
    """Return (1 - exp(-2 (HXY2 - HXY)))^0.5 (d,), the second informational measure, from 0 to 1.

    It is NaN where a rounding error makes the difference negative.
    """
    information = _mutual_information(pairs)
    if (information < _LITTLE_INFORMATION).any():
        shares, first, second = _arranged(pairs)
        information = _bits(first * second, first * second) - _entropy(shares)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(information == 0, 0.0, (1 - np.e**(-2 * information))**0.5))


def correlation_coefficient(pairs: Cooccurrence) -> np.ndarray:
    """Return the maximal correlation coefficient (d,): the root of the second largest eigenvalue of Q.

    Q(i, j) = sum over k of p(i, k) p(j, k) / (p(i) p(k) + eps). It is 1 where the VOI has one level only.
    """
    if np.isnan(pairs.total).any():
        return np.full(pairs.directions, np.nan)
    if len(pairs.occurring) < 2:
        return np.ones(1)
    eigenvalues = np.array([_second_eigenvalue(pairs, direction) for direction in range(pairs.directions)])
    if (eigenvalues < _SMALL_EIGENVALUE).any():
        return _arranged_coefficient(pairs)
    return np.sqrt(eigenvalues)


def _mutual_information(pairs: Cooccurrence) -> np.ndarray:
    """Return HXY2 - HXY (d,).

    HXY2 is twice the entropy of the marginal shares less eps / ln 2 for each of its cells, to first order in eps.
    """
    marginal = pairs.by_level
    occupied = marginal > 0
    entropy = -(marginal * np.log2(np.where(occupied, marginal, 1.0))).sum(1)
    joint = pairs.summed(pairs.shares * np.log2(pairs.shares + EPSILON))
    return np.asarray(2 * entropy - EPSILON / np.log(2) * occupied.sum(1)**2 + joint)


def _second_eigenvalue(pairs: Cooccurrence, direction: int) -> float:
    """Return the second largest eigenvalue of Q along a direction.

    With S(i, k) = p(i, k) / (p(i) p(k))^0.5 and without eps, Q has the eigenvalues of S S. What eps takes away, at most
    a share of eps / (p(i) p(k)), leaves S S unsymmetrical by as little; the mean of it and its transpose has the same
    eigenvalues up to the square of that.
    """
    own = slice(*np.searchsorted(pairs.direction, (direction, direction + 1)))
    marginal = pairs.by_level[direction]
    present = np.flatnonzero(marginal)
    if len(present) < 2:
        return 0.0
    place = np.zeros(len(marginal) + 1, np.intp)
    place[present + 1] = np.arange(len(present))
    first, second = pairs.first[own], pairs.second[own]
    product = marginal[first - 1] * marginal[second - 1]
    scaled = np.zeros((2, len(present), len(present)))
    scaled[0, place[first], place[second]] = pairs.shares[own] / np.sqrt(product)
    scaled[1, place[first], place[second]] = pairs.shares[own] * np.sqrt(product) / (product + EPSILON)
    matrix = scaled[1] @ scaled[0]
    return float(np.linalg.eigvalsh((matrix + matrix.T) / 2)[-2])


def _arranged(pairs: Cooccurrence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the shares (1, m, m, d) and both their marginals, arranged as pyradiomics arranges them."""
    shares = pairs.dense()
    return shares, shares.sum(2, keepdims=True), shares.sum(1, keepdims=True)


def _entropy(shares: np.ndarray) -> np.ndarray:
    return _bits(shares, shares)


def _bits(weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the mean (d,) of the bits of ``shares``, arranged as pyradiomics does, under ``weights``."""
    return np.asarray(((-1) * np.sum(weights * np.log2(shares + EPSILON), (1, 2)))[0])


def _arranged_coefficient(pairs: Cooccurrence) -> np.ndarray:
    """Return the coefficients (d,) from an unsymmetrical solver, NaN where an eigenvalue came out negative."""
    shares, first, second = _arranged(pairs)
    matrix = np.zeros((1, *shares.shape[1:]))
    for level in range(shares.shape[1]):
        column = shares[:, :, level]
        matrix += column[:, :, None] * column[:, None] / (first * second[:, :, level:level + 1] + EPSILON)
    eigenvalues = np.linalg.eigvals(matrix.transpose((0, 3, 1, 2)))
    eigenvalues.sort()
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(eigenvalues[0, :, -2]).real)
