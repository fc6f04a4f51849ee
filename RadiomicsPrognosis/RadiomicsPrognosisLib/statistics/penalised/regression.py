"""What is regressed on what: columns, outcome and family, checked once, and the columns' standardisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import CohortError, InputError
from ..inputs import finite_column, listed, table, zero_one
from .likelihoods import TIES, CoxLikelihood, Likelihood, LogisticLikelihood

FAMILIES = ("cox", "logistic")
# Two standardised columns are twins when their correlation is 1 or -1 to this; rounding of raw values stays below it.
_TWIN = 1e-12


@dataclass(frozen=True)
class Regression:
    """``x`` (n, p), ``outcome`` (n,) 0/1 (an event, or the class), ``time`` (n,) for Cox, ``names`` of the columns."""

    family: str
    x: np.ndarray
    outcome: np.ndarray
    time: np.ndarray | None
    ties: str | None
    names: tuple[str, ...]

    def rows(self, which: np.ndarray) -> Regression:
        """Return the regression on the rows ``which`` (a mask or row numbers)."""
        time = None if self.time is None else self.time[which]
        return replace(self, x=self.x[which], outcome=self.outcome[which], time=time)

    def likelihood(self) -> Likelihood:
        """Return the likelihood of these rows. Raises CohortError when they hold no event or a single class."""
        positive = int(self.outcome.sum())
        if self.family == "cox":
            if positive == 0:
                raise CohortError("no row has an event; a Cox model needs events")
            return CoxLikelihood(self.time, self.outcome, self.ties)
        if positive in (0, len(self.outcome)):
            raise CohortError(f"all {len(self.outcome)} rows have outcome {min(positive, 1)}; "
                              "a logistic model needs rows of both classes")
        return LogisticLikelihood(self.outcome)


def cox_regression(x: np.ndarray, time: np.ndarray, event: np.ndarray, ties: str = "breslow",
                   names: Sequence[str] | None = None) -> Regression:
    """Return the checked Cox regression of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on ``x`` (n, p).

    ``ties`` is 'breslow' (glmnet) or 'efron' (coxph). Raises InputError or CohortError for what cannot be used.
    """
    if ties not in TIES:
        raise InputError(f"ties = {ties!r} is not known; use one of {', '.join(TIES)}")
    x, names = table(x, None, names)
    time = finite_column(time, "time", len(x))
    if (time < 0).any():
        raise CohortError(f"{listed(np.flatnonzero(time < 0), 'row')}: time is negative; "
                          "give the time from the start of follow-up")
    return Regression("cox", x, zero_one(event, len(x), "event"), time, ties, names)


def logistic_regression(x: np.ndarray, y: np.ndarray, names: Sequence[str] | None = None) -> Regression:
    """Return the checked logistic regression of ``y`` (n,) 0/1 on ``x`` (n, p). Raises InputError or CohortError."""
    x, names = table(x, None, names)
    return Regression("logistic", x, zero_one(y, len(x), "outcome"), None, None, names)


@dataclass(frozen=True)
class Standardised:
    """Columns with mean 0 and 1/n standard deviation 1, as rows of ``rows`` (q, n), those set aside left out.

    ``used`` (q,) numbers the columns kept; ``means`` and ``sds`` (q,) are theirs. ``constant`` columns and ``twins``
    (column, the earlier column it repeats up to shift and scale) can never enter: of twins the first takes all.
    """

    rows: np.ndarray
    used: np.ndarray
    means: np.ndarray
    sds: np.ndarray
    constant: tuple[int, ...]
    twins: tuple[tuple[int, int], ...]


def standardise(x: np.ndarray, order: np.ndarray, names: Sequence[str]) -> Standardised:
    """Standardise the columns of ``x`` (n, p) with 1/n standard deviations, as glmnet does, rows taken in ``order``.

    Raises CohortError when every column is constant, or one is too large to be squared.
    """
    constant = x.max(axis=0) == x.min(axis=0)
    used = np.flatnonzero(~constant)
    if not len(used):
        raise CohortError(f"all {x.shape[1]} columns are constant in these {len(x)} rows; nothing can be selected")
    rows = np.ascontiguousarray(x[order][:, used].T)
    means = rows.mean(axis=1)
    rows -= means[:, None]
    with np.errstate(over="ignore"):
        sds = np.sqrt((rows * rows).mean(axis=1))
    unusable = ~np.isfinite(sds) | (sds <= np.finfo(float).tiny)
    if unusable.any():
        raise CohortError(f"{listed([names[j] for j in used[unusable]], 'column')}: the spread is too large or too "
                          "small for double precision; rescale")
    rows /= sds[:, None]
    twins = _twins(rows)
    keep = np.ones(len(used), dtype=bool)
    keep[list(twins)] = False
    return Standardised(rows if keep.all() else rows[keep], used[keep], means[keep], sds[keep],
                        tuple(np.flatnonzero(constant).tolist()),
                        tuple((int(used[j]), int(used[first])) for j, first in sorted(twins.items())))


def _twins(rows: np.ndarray) -> dict[int, int]:
    """Return the rows that equal an earlier one or its negative, each with the first such row.

    Coordinate descent gives all to the first of them; here both would enter at once and share. Candidates are found
    by sorting one projection of every row, so that not all pairs are compared.
    """
    n = rows.shape[1]
    projection = np.abs(rows @ np.cos(np.arange(n)))
    order = np.argsort(projection, kind="stable")
    # Unit-variance rows whose correlation is 1 - t lie sqrt(2 n t) apart; the probe's length is about sqrt(n / 2).
    far = np.diff(projection[order]) > n * np.sqrt(_TWIN)
    starts = np.concatenate([[0], np.flatnonzero(far) + 1, [len(order)]])
    twins: dict[int, int] = {}
    for i in np.flatnonzero(np.diff(starts) > 1):
        run = np.sort(order[starts[i]:starts[i + 1]])
        same = np.abs(rows[run] @ rows[run].T) >= n * (1.0 - _TWIN)
        first = same.argmax(axis=1)
        twins.update({int(run[k]): int(run[first[k]]) for k in np.flatnonzero(first < np.arange(len(run)))})
    return twins
