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

#: Coefficient whose square, the eigenvalue, is so small that an unsymmetrical solver's errors, about 1e-13, would show.
_SMALL_COEFFICIENT = 0.03

#: Share that eps may take off a product of shares, as it does with 10^5 pairs, while its square counts for nothing.
_LITTLE_TAKEN = 1e-5

#: Levels above which the second largest eigenvalue is found by iteration: all of them take time as the cube of levels.
_MANY_LEVELS = 500

#: Of the iteration: vectors kept, restarts at most, and the relative error of an eigenvalue that ends it.
_BASIS, _RESTARTS, _CONVERGED = 80, 1000, 1e-11

#: Levels above which a matrix of all pairs takes gigabytes and minutes.
_MOST_LEVELS = 4000

#: Cells of the matrices whose eigenvalues are computed at once.
_CELLS_AT_ONCE = 1_000_000


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
        return np.ones(max(pairs.directions, 1))
    if not pairs.directions:
        return np.zeros(0)
    coefficients = _coefficients(pairs)
    return _arranged_coefficients(pairs) if (coefficients < _SMALL_COEFFICIENT).any() else coefficients


def _mutual_information(pairs: Cooccurrence) -> np.ndarray:
    """Return HXY2 - HXY (d,).

    HXY2 is twice the entropy of the marginal shares less eps / ln 2 for each of its cells, to first order in eps.
    """
    marginal = pairs.by_level
    occupied = marginal > 0
    entropy = -(marginal * np.log2(np.where(occupied, marginal, 1.0))).sum(1)
    joint = pairs.summed(pairs.shares * np.log2(pairs.shares + EPSILON))
    return np.asarray(2 * entropy - EPSILON / np.log(2) * occupied.sum(1)**2 + joint)


def _coefficients(pairs: Cooccurrence) -> np.ndarray:
    """Return the coefficients (d,) from matrices as alike to symmetrical ones as Q allows.

    With S(i, k) = p(i, k) / (p(i) p(k))^0.5, Q has the eigenvalues of S S without eps, which takes the share
    r = eps / (p(i) p(k) + eps) off one factor of each product. As long as r is small, half of it off both has the same
    eigenvalues up to terms in r^2: then those of one symmetrical matrix are enough, squared.
    """
    marginal = pairs.by_level[:, pairs.occurring - 1]
    place = np.zeros(pairs.highest + 1, np.intp)
    place[pairs.occurring] = np.arange(len(pairs.occurring))
    places = place[pairs.first], place[pairs.second]
    product = marginal[pairs.direction, places[0]] * marginal[pairs.direction, places[1]]
    taken, scaled = EPSILON / (product + EPSILON), pairs.shares / np.sqrt(product)
    symmetrical = float(taken.max()) < _LITTLE_TAKEN
    if len(pairs.occurring) > _MANY_LEVELS:
        return np.array([_iterated(pairs, direction, places, (scaled, taken), np.sqrt(marginal[direction]))
                         for direction in range(pairs.directions)])
    at_once = max(1, _CELLS_AT_ONCE // len(pairs.occurring)**2)
    coefficients = []
    for start in range(0, pairs.directions, at_once):
        pairs.pulse()
        several = start, min(start + at_once, pairs.directions)
        if symmetrical:
            values = np.abs(np.linalg.eigvalsh(_matrices(pairs, several, places, scaled * (1 - taken / 2))))
        else:
            factors = [_matrices(pairs, several, places, weights) for weights in (scaled * (1 - taken), scaled)]
            values = np.sqrt(np.abs(np.linalg.eigvals(factors[0] @ factors[1])))
        coefficients.append(np.sort(values)[:, -2])
    return np.concatenate(coefficients)


def _iterated(pairs: Cooccurrence, direction: int, places: tuple[np.ndarray, np.ndarray],
              weights: tuple[np.ndarray, np.ndarray], leading: np.ndarray) -> float:
    """Return the coefficient of a direction by Arnoldi's or Lanczos' iteration, which a matrix of pairs that occur is
    enough for (Lehoucq et al., ARPACK Users' Guide, 1998).

    ``weights`` are :func:`_coefficients`' scaled shares (c,) and what eps takes off them. ``leading`` (m,), the roots
    of the marginal shares, is the eigenvector of the largest eigenvalue, 1, which is taken off the matrix. NaN where
    the iteration does not converge and all eigenvalues are out of reach.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, eigsh

    own = slice(*np.searchsorted(pairs.direction, (direction, direction + 1)))
    scaled, taken = (values[own] for values in weights)
    symmetrical = float(weights[1].max()) < _LITTLE_TAKEN
    size = len(leading)
    factors = [csr_array((values, (places[0][own], places[1][own])), (size, size)) for values in
               ([scaled * (1 - taken / 2)] * 2 if symmetrical else [scaled, scaled * (1 - taken)])]

    def product(vector: np.ndarray) -> np.ndarray:
        pairs.pulse()
        vector = vector.ravel()
        result = vector
        for factor in factors:
            result = factor @ result
        return np.asarray(result - leading * (leading @ vector))

    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(size)
    solve = eigsh if symmetrical else eigs
    try:
        values: np.ndarray = solve(operator, 1, which="LM", v0=start, ncv=min(size, _BASIS), tol=_CONVERGED,
                                   maxiter=_RESTARTS, return_eigenvectors=False)
    except ArpackNoConvergence:
        if size > _MOST_LEVELS:
            return float("nan")
        values = np.sort(np.abs(np.linalg.eigvals((factors[0] @ factors[1]).toarray())))[-2:-1]
    return float(np.abs(values[0])**0.5)


def _matrices(pairs: Cooccurrence, several: tuple[int, int], places: tuple[np.ndarray, np.ndarray],
              weights: np.ndarray) -> np.ndarray:
    """Return ``weights`` (c,) as matrices (d, m, m) at ``places``, for the directions from the first of ``several``."""
    own = slice(*np.searchsorted(pairs.direction, several))
    size = len(pairs.occurring)
    matrices = np.zeros((several[1] - several[0], size, size))
    matrices[pairs.direction[own] - several[0], places[0][own], places[1][own]] = weights[own]
    return matrices


def _arranged(pairs: Cooccurrence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the shares (1, m, m, d) and both their marginals, arranged as pyradiomics arranges them."""
    shares = pairs.dense()
    return shares, shares.sum(2, keepdims=True), shares.sum(1, keepdims=True)


def _entropy(shares: np.ndarray) -> np.ndarray:
    return _bits(shares, shares)


def _bits(weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the mean (d,) of the bits of ``shares``, arranged as pyradiomics does, under ``weights``."""
    return np.asarray(((-1) * np.sum(weights * np.log2(shares + EPSILON), (1, 2)))[0])


def _arranged_coefficients(pairs: Cooccurrence) -> np.ndarray:
    """Return the coefficients (d,) from an unsymmetrical solver, NaN where an eigenvalue came out negative."""
    shares, first, second = _arranged(pairs)
    matrix = np.zeros((1, *shares.shape[1:]))
    for level in range(shares.shape[1]):
        pairs.pulse()
        column = shares[:, :, level]
        matrix += column[:, :, None] * column[:, None] / (first * second[:, :, level:level + 1] + EPSILON)
    eigenvalues = np.linalg.eigvals(matrix.transpose((0, 3, 1, 2)))
    eigenvalues.sort()
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(eigenvalues[0, :, -2]).real)
