"""Rows that are not independent, as the VOIs of a patient: their sums by cluster, draws and shuffles of clusters.

Everywhere ``clusters`` (n,) name the cluster of each row; None, or all different, stands for independent rows, of which
every estimate stays what it is without clusters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from .arrays import Floats, Integers


def cluster_numbers(clusters: ArrayLike | None, n: int) -> Integers | None:
    """Return the number from 0 of each row's cluster (n,), None where no cluster has two rows.

    Raises InputError for another number of rows.
    """
    if clusters is None:
        return None
    given = np.asarray(clusters)
    if given.shape != (n,):
        raise InputError(f"clusters must be one value per row ({n}); its shape is {given.shape}.")
    labels, numbers = np.unique(given, return_inverse=True)
    return None if len(labels) == n else np.asarray(numbers, dtype=np.int64)


def cluster_sums(values: Floats, numbers: Integers | None) -> Floats:
    """Return the sums (m, ...) of ``values`` (n, ...) over each of m clusters' rows; the values without clusters."""
    if numbers is None:
        return values
    sums: Floats = np.zeros((int(numbers.max()) + 1, *values.shape[1:]))
    np.add.at(sums, numbers, values)
    return sums


def sandwich(scores: Floats, bread: Floats, numbers: Integers) -> Floats:
    """Return the robust covariance (p, p) of estimates from the rows' ``scores`` (n, p), minus the derivatives of their
    losses, and the inverse information ``bread`` (p, p).

    bread' (sum over clusters of s s') bread, s being a cluster's sum of scores (White, Econometrica 1980;48:817;
    Liang & Zeger, Biometrika 1986;73:13). Raises CohortError for no more clusters than estimates: it has no inverse.
    """
    changes = cluster_sums(scores, numbers) @ bread
    clusters, estimates = changes.shape
    if clusters <= estimates:
        raise CohortError(f"{clusters} clusters (patients) for {estimates} coefficients: cluster-robust standard "
                          "errors need more clusters than coefficients.")
    covariance: Floats = changes.T @ changes
    return covariance


def robust_criterion(loglik: float, robust: Floats, naive: Floats) -> float:
    """Return -2 ``loglik`` + 2 trace(naive^-1 robust) of coefficients with these covariances (p, p)."""
    return -2.0 * loglik + 2.0 * float(np.trace(np.linalg.solve(naive, robust)))


def small_sample(numbers: Integers) -> float:
    """Return m / (m - 1) of m clusters, by which R's sandwich::vcovCL enlarges a covariance.

    Raises CohortError for a single cluster, of which no variance between clusters is known.
    """
    count = int(numbers.max()) + 1
    if count < 2:
        raise CohortError("All rows are of one cluster (patient); intervals and tests need at least two.")
    return count / (count - 1.0)


def resampled_rows(numbers: Integers | None, n: int, generator: np.random.Generator) -> Integers:
    """Return row numbers of a bootstrap sample: n rows drawn with replacement, or m of m clusters with all their rows.

    Davison & Hinkley, Bootstrap Methods and their Application, 1997, section 3.8 (whole clusters, no rows within them).
    """
    if numbers is None:
        return generator.integers(0, n, n)
    members = _members(numbers)
    drawn = generator.integers(0, len(members), len(members))
    return np.concatenate([members[number] for number in drawn.tolist()])


def exchanged_rows(numbers: Integers | None, n: int, generator: np.random.Generator) -> Integers:
    """Return for each row (n,) the row whose outcome it gets when outcomes are shuffled.

    Rows are permuted; with clusters, clusters are, so that outcomes of a cluster stay together: the rows of one get the
    outcomes of another's, in random order, repeated where it has fewer and left out where it has more.
    """
    if numbers is None:
        return generator.permutation(n)
    members = _members(numbers)
    rows: Integers = np.empty(n, dtype=np.int64)
    for own, donor in enumerate(generator.permutation(len(members)).tolist()):
        rows[members[own]] = np.resize(generator.permutation(members[donor]), len(members[own]))
    return rows


def _members(numbers: Integers) -> list[Integers]:
    """Return the rows of each cluster."""
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
