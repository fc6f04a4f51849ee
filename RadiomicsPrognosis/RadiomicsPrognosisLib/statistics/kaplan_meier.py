"""Kaplan-Meier curves with interval and median, numbers at risk, and the log-rank test of two or more groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.ma import MaskedArray
from numpy.typing import ArrayLike

from ..errors import CohortError
from ..result import Result, only_where_known
from .arrays import Floats, Integers, Mask
from .chi_squared import ChiSquared, chi_squared
from .clusters import cluster_numbers, cluster_sums
from .inputs import finite_column, group_labels, one_of, survival_outcome
from .normal import normal_quantile
from .risk_table import RiskTable, risk_table
from .score_residuals import score_residuals

#: R's default, and lifelines'.
INTERVALS = ("log", "log-log")

#: Survival within this of 0.5 is 0.5: products of shares round.
_HALF_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class KaplanMeier(Result):
    """``survival`` (m,), 0 - 1, from each of the distinct ``times`` (m,) on, with Greenwood's ``se`` and bounds (m,).

    ``at_risk`` (m,) counts rows just before each time, ``events`` and ``censored`` (m,) those at it. ``lower`` and
    ``upper`` are masked where survival is 0, and 1 where no event has happened; ``interval`` names their scale.
    ``median`` and its bounds, in the unit of time, are None where the curve does not fall to 0.5. Of rows in
    ``clusters`` (their number) se and bounds are the infinitesimal jackknife's of whole clusters.
    """

    n: int
    total_events: int
    times: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    survival: Floats
    se: Floats
    lower: MaskedArray
    upper: MaskedArray
    interval: str
    confidence: float
    median: float | None
    median_lower: float | None
    median_upper: float | None
    clusters: int | None = only_where_known()

    def at_risk_at(self, times: ArrayLike) -> Integers:
        """Return the numbers at risk just before ``times`` (k,), as under a plot."""
        return _at_risk(self.times, self.at_risk, times).astype(int)


@dataclass(frozen=True, kw_only=True)
class Estimate(Result):
    """Survival at ``time`` with se and interval (None where survival is 0), and the number at risk then."""

    time: float
    survival: float
    se: float
    lower: float | None
    upper: float | None
    at_risk: int


@dataclass(frozen=True, kw_only=True)
class LogRank(Result):
    """Log-rank test: labels of the ``groups``, their numbers of rows ``n``, ``observed`` and ``expected`` events, and
    the chi-squared ``test``, robust of rows in ``clusters`` (their number)."""

    groups: tuple[object, ...]
    n: tuple[int, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    test: ChiSquared
    clusters: int | None = only_where_known()


def kaplan_meier(time: ArrayLike, event: ArrayLike, interval: str = "log", confidence: float = 0.95,
                 clusters: ArrayLike | None = None) -> KaplanMeier:
    """Return the curve of one group's ``time`` (n,), any unit, and ``event`` (n,) 0/1.

    Equal to R's survfit(conf.type = interval) (Kaplan & Meier, JASA 1958;53:457; variance: Greenwood 1926). Of rows in
    ``clusters`` (n,) the variance is the infinitesimal jackknife's, as of R's argument ``cluster``, which equals
    Greenwood's of independent rows. A group may be without events: its curve stays at 1. Raises InputError for another
    ``interval`` than log or log-log or another ``confidence`` than inside 0 - 1, CohortError for times or events that
    cannot be used.
    """
    one_of("interval", interval, INTERVALS)
    time, event = _group_outcome(time, event)
    counts = risk_table(time, event)
    survival = counts.survival()
    # Greenwood's variance of log S; no one is left where all at risk have the event, and S is 0.
    left = np.maximum(counts.at_risk - counts.events, 1.0)
    numbers = cluster_numbers(clusters, len(time))
    se_log = np.sqrt(np.cumsum(counts.events / (counts.at_risk * left)) if numbers is None
                     else _clustered_variance(counts, time, event, numbers))
    lower, upper = _bounds(survival, se_log, interval, normal_quantile(confidence))
    return KaplanMeier(
        n=len(time), total_events=int(event.sum()), times=counts.times, at_risk=counts.at_risk, events=counts.events,
        censored=counts.censored, survival=survival, se=survival * se_log, lower=lower, upper=upper, interval=interval,
        confidence=confidence, median=_median(counts.times, survival), median_lower=_median(counts.times, lower),
        median_upper=_median(counts.times, upper),
        clusters=None if numbers is None else int(numbers.max()) + 1)


def _clustered_variance(counts: RiskTable, time: Floats, event: Floats, numbers: Integers) -> Floats:
    """Return the variance (m,) of log S at the table's times: the sum over clusters of squared sums of the rows'
    influences, the derivatives of log S by a row's weight; 0 from where nobody is left.

    A row at risk adds d / (r (r - d)) per time with d events among r at risk, one with an event -1 / r.
    """
    left = counts.at_risk - counts.events
    waiting = np.where(left > 0, counts.events / (counts.at_risk * np.maximum(left, 1.0)), 0.0)
    own = np.searchsorted(counts.times, time)
    survived = np.concatenate([[0.0], np.cumsum(waiting)])
    ended = np.where(event == 1, np.where(left > 0, -1.0 / counts.at_risk, 0.0)[own], waiting[own])
    variance = np.empty(len(counts.times))
    for column in range(len(counts.times)):
        influence = np.where(own > column, survived[column + 1], survived[own] + ended)
        variance[column] = (cluster_sums(influence, numbers)**2).sum()
    return variance


def estimate_at(curve: KaplanMeier, time: float) -> Estimate:
    """Return the curve's survival at one ``time`` with its se and interval, carried forward after the last row.

    Equal to R's summary(survfit, times = time, extend = TRUE).
    """
    index = int(np.searchsorted(curve.times, time, side="right")) - 1
    risk = int(curve.at_risk_at(time))
    if index < 0:
        return Estimate(time=float(time), survival=1.0, se=0.0, lower=1.0, upper=1.0, at_risk=risk)
    lower, upper = (None if bound[index] is np.ma.masked else float(bound[index])
                    for bound in (curve.lower, curve.upper))
    return Estimate(time=float(time), survival=float(curve.survival[index]), se=float(curve.se[index]), lower=lower,
                    upper=upper, at_risk=risk)


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike, clusters: ArrayLike | None = None) -> LogRank:
    """Return the log-rank test of ``time`` (n,), any unit, and ``event`` (n,) 0/1 between the groups in ``group`` (n,).

    Equal to R's survdiff (Mantel, Cancer Chemother Rep 1966;50:163). Of rows in ``clusters`` (n,) the variance of
    observed less expected is that of whole clusters: the robust score test of Lin & Wei, JASA 1989;84:1074, with
    Breslow's ties, R's coxph(cluster)$rscore. Raises CohortError when there is one group, no group's events can differ
    from expectation, or the outcome cannot be used; InputError for another shape.
    """
    time, event = survival_outcome(time, event)
    numbers, labels = group_labels(group, len(time))
    k = len(labels)
    whole = risk_table(time, event)
    with_events = whole.events > 0
    times = whole.times[with_events]
    tables = [risk_table(time[numbers == i], event[numbers == i]) for i in range(k)]
    at_risk = np.array([_at_risk(own.times, own.at_risk, times) for own in tables])
    n, d = whole.at_risk[with_events], whole.events[with_events]
    observed = np.bincount(numbers, weights=event, minlength=k)
    share = at_risk / n
    expected = (share * d).sum(axis=1)
    # Hypergeometric variance; the last subject at risk adds none.
    weight = d * (n - d) / np.maximum(n - 1.0, 1.0)
    variance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    informative = np.flatnonzero(expected > 0)[:-1]
    if not len(informative) or np.linalg.matrix_rank(variance[np.ix_(informative, informative)]) < len(informative):
        raise CohortError("The groups are never at risk together at an event; they cannot be compared.")
    difference, within = (observed - expected)[informative], variance[np.ix_(informative, informative)]
    of_clusters = cluster_numbers(clusters, len(time))
    if of_clusters is not None:
        within = _between_clusters(time, event, numbers[:, None] == informative, of_clusters)
    statistic = float(difference @ np.linalg.solve(within, difference))
    counts, of_events = np.bincount(numbers, minlength=k).tolist(), tuple(observed.tolist())
    return LogRank(groups=labels, n=tuple(counts), observed=of_events, expected=tuple(expected.tolist()),
                   test=chi_squared(statistic, len(informative)),
                   clusters=None if of_clusters is None else int(of_clusters.max()) + 1)


def _between_clusters(time: Floats, event: Floats, member: Mask, numbers: Integers) -> Floats:
    """Return the covariance (k, k) of observed less expected events of the groups whose ``member`` (n, k) rows are."""
    sums = cluster_sums(score_residuals(time, event, member.astype(float), np.zeros(len(time)), "breslow"), numbers)
    covariance: Floats = sums.T @ sums
    if np.linalg.matrix_rank(covariance) < len(covariance):
        raise CohortError("Too few clusters (patients) differ in group and time for a test of the groups.")
    return covariance


def at_risk_table(time: ArrayLike, group: ArrayLike, at: Sequence[float]) -> dict[object, tuple[int, ...]]:
    """Return by label of ``group`` (n,) the numbers at risk just before the times ``at``, in the unit of ``time`` (n,).

    Equal to R's summary(survfit, times = at)$n.risk. Raises CohortError for one group or missing values, InputError for
    another shape.
    """
    time = finite_column(time, "time")
    numbers, labels = group_labels(group, len(time))
    return {label: tuple(int((time[numbers == i] >= t).sum()) for t in at) for i, label in enumerate(labels)}


def _group_outcome(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats]:
    """Return the checked outcome of one group, which may be without events."""
    events = finite_column(event, "event")
    if not events.any():
        times, _ = survival_outcome(time, np.ones(len(events)))
        return times, events
    return survival_outcome(time, events)


def _bounds(survival: Floats, se_log: Floats, interval: str, quantile: float) -> tuple[MaskedArray, MaskedArray]:
    """Return the pointwise interval on the log or log(-log) scale; masked at survival 0."""
    gone = survival <= 0
    safe = np.where(gone, 0.5, survival)
    if interval == "log":
        lower, upper = safe * np.exp(-quantile * se_log), np.minimum(safe * np.exp(quantile * se_log), 1.0)
    else:
        log_survival = np.where(safe < 1.0, np.log(safe), -1.0)
        half = np.where(safe < 1.0, quantile * se_log / -log_survival, 0.0)
        lower, upper = (np.where(safe < 1.0, np.exp(log_survival * np.exp(sign * half)), 1.0) for sign in (1, -1))
    return np.ma.array(np.where(gone, 0.0, lower), mask=gone), np.ma.array(np.where(gone, 0.0, upper), mask=gone)


def _median(times: Floats, curve: Floats) -> float | None:
    """Return where a curve falls below 0.5, the middle of the stretch where it equals 0.5 as R does, or None."""
    values = np.ma.filled(curve, np.inf)
    reached = np.flatnonzero(values <= 0.5 + _HALF_TOLERANCE)
    if not len(reached):
        return None
    below = np.flatnonzero(values < 0.5 - _HALF_TOLERANCE)
    if values[reached[0]] >= 0.5 - _HALF_TOLERANCE and len(below):
        return float(0.5 * (times[reached[0]] + times[below[0]]))
    return float(times[reached[0]])


def _at_risk(own_times: Floats, at_risk: Floats, times: ArrayLike) -> Floats:
    """Return the numbers ``at_risk`` (m,) at ``own_times`` (m,) just before ``times`` (k,); none after the last."""
    return np.append(at_risk, 0.0)[np.searchsorted(own_times, np.asarray(times, float), side="left")]
