"""Tests of a table of counts: Pearson's chi-squared, and Fisher's exact test for any number of rows and columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln
from scipy.stats import chi2_contingency

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats, Integers
from .chi_squared import chi_squared
from .clusters import cluster_numbers, cluster_sums, small_sample

#: Tables enumerated at most; some 2 seconds and 200 MB.
LARGEST_ENUMERATION = 3_000_000

#: A design effect up to this is rounding about 0.
_NO_EFFECT = 1e-12


@dataclass(frozen=True)
class ContingencyTest(Result):
    """``test`` (``chi-squared`` or ``Fisher``) and its ``p`` (0 - 1); a Fisher test has no statistic or df.

    ``note`` says so when Fisher's test was due but has too many tables to enumerate.
    """

    test: str
    p: float
    statistic: float | None = None
    df: int | None = None
    note: str = ""


def compare_counts(table: ArrayLike) -> ContingencyTest:
    """Return the test of ``table`` (r, c) of counts: chi-squared without continuity correction, or Fisher's exact test
    when an expected count is below 5 (Cochran, Biometrics 1954;10:417).

    Where the tables are too many to enumerate chi-squared stands in, and ``note`` says so. Raises as the tests do.
    """
    counts = _checked(table)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    if expected.min() >= 5:
        return chi_squared_test(counts)
    try:
        return ContingencyTest("Fisher", fisher_exact(counts))
    except TooManyTables as error:
        return replace(chi_squared_test(counts), note=str(error))


def chi_squared_test(table: ArrayLike, continuity: bool = False) -> ContingencyTest:
    """Return Pearson's test of ``table`` (r, c) of counts, equal to R's chisq.test.

    ``continuity`` applies Yates' correction, to 2 x 2 tables only as R does. Empty rows and columns are left out.
    Raises InputError for what is no table of counts, CohortError when fewer than two rows or columns hold counts.
    """
    statistic, p, df, _ = chi2_contingency(_checked(table), correction=continuity)
    return ContingencyTest("chi-squared", float(p), float(statistic), int(df))


def compare_clustered(row: ArrayLike, column: ArrayLike, clusters: ArrayLike) -> ContingencyTest:
    """Return Pearson's test of two groupings ``row`` and ``column`` (n,) of rows in ``clusters`` (n,), corrected by
    Rao & Scott: divided by the mean design effect of the table's interactions (Ann Stat 1984;12:46, first order; R's
    survey::svychisq(statistic = "Chisq"), which shows the statistic uncorrected).

    Raises CohortError for a single row or column, a single cluster, or clusters that each balance; InputError for
    another shape.
    """
    rows, columns = (np.unique(np.asarray(values), return_inverse=True)[1] for values in (row, column))
    counts = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(counts, (rows, columns), 1)
    plain = chi_squared_test(counts)
    numbers = cluster_numbers(clusters, len(rows))
    if numbers is None or plain.statistic is None or plain.df is None:
        return plain
    r, c = int(rows.max()) + 1, int(columns.max()) + 1
    cells = (rows * c + columns)[:, None] == np.arange(r * c)
    share = cells.mean(axis=0)
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    sums = cluster_sums(cells - share, numbers) / len(rows)
    # What of the table is neither of its rows nor of its columns.
    contrast = np.kron(*(np.eye(size)[:, 1:] - 1.0 / size for size in (r, c)))
    independent = contrast.T @ (inverse[:, None] * contrast) / len(rows)
    changes = sums @ (inverse[:, None] * contrast)
    effects = np.linalg.solve(independent, small_sample(numbers) * changes.T @ changes)
    effect = float(np.trace(effects)) / plain.df
    if effect <= _NO_EFFECT:
        raise CohortError("The rows of every cluster (patient) balance each other; there is no variance to test by.")
    corrected = chi_squared(plain.statistic / effect, plain.df)
    return ContingencyTest("Rao-Scott chi-squared", corrected.p, corrected.statistic, corrected.df)


class TooManyTables(InputError):
    """An exact test would enumerate more tables than memory allows."""


def fisher_exact(table: ArrayLike) -> float:
    """Return the two-sided p (0 - 1) of Fisher's test of ``table`` (r, c) of counts, equal to R's fisher.test.

    The probability of all tables with these margins no more likely than the observed one, R's relative tolerance of
    1e-7 included (Freeman & Halton, Biometrika 1951;38:141). Raises TooManyTables beyond ``LARGEST_ENUMERATION``, else
    as chi_squared_test.
    """
    counts = _checked(table)
    if counts.shape[0] > counts.shape[1]:
        counts = counts.T
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    fixed = gammaln(rows + 1).sum() + gammaln(columns + 1).sum() - gammaln(counts.sum() + 1)
    observed = fixed - gammaln(counts + 1).sum()
    # Column by column: what is left of the row sums, and minus the log-factorials of the cells so far.
    left: Integers = rows[None, :]
    log_p = np.zeros(1)
    for total in columns[:-1]:
        left, log_p = _with_column(left, log_p, int(total))
    log_p = fixed + log_p - gammaln(left + 1).sum(axis=1)
    return min(float(np.exp(log_p[log_p <= observed + math.log1p(1e-7)]).sum()), 1.0)


def _with_column(left: Integers, log_p: Floats, total: int) -> tuple[Integers, Floats]:
    """Return all states after one more column that sums to ``total``, ``left`` (m, r) being what rows can hold."""
    r = left.shape[1]
    need = np.full(len(left), total)
    left = left.copy()
    for i in range(r):
        after = left[:, i + 1:].sum(axis=1)
        low, high = np.maximum(need - after, 0), np.minimum(left[:, i], need)
        many = high - low + 1
        if many.sum() > LARGEST_ENUMERATION:
            raise TooManyTables(f"Fisher's test would enumerate more than {LARGEST_ENUMERATION:,} tables; chi-squared "
                                "is approximate here, as expected counts are below 5.")
        which = np.repeat(np.arange(len(left)), many)
        cell = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + low[which]
        left, log_p, need = left[which], log_p[which] - gammaln(cell + 1), need[which] - cell
        left[:, i] -= cell
    return left, log_p


def _checked(table: ArrayLike) -> Integers:
    given = np.asarray(table)
    if given.ndim != 2 or min(given.shape) < 2:
        raise InputError(f"A table of counts has the shape {given.shape}; it needs two rows and two columns or more.")
    if not np.isfinite(given).all() or (given < 0).any() or (given != np.round(given)).any():
        raise InputError("A table of counts must hold whole numbers from 0 up.")
    counts: Integers = given.astype(np.int64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape, default=0) < 2:
        raise CohortError("The table has a single row or column with counts; there is nothing to compare.")
    return counts
