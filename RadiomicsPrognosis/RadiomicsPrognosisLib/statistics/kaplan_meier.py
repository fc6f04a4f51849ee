"""Kaplan-Meier curves with interval and median, numbers at risk, and the log-rank test of two or more groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from ..errors import CohortError, InputError
from ..result import Result
from .chi_squared import ChiSquared, chi_squared
from .inputs import confidence_level, finite_column, group_labels, survival_outcome
from .risk_table import RiskTable, risk_table, step_at

#: R's default, and lifelines'.
INTERVALS = ("log", "log-log")


@dataclass(frozen=True, eq=False)
class KaplanMeier(Result):
    """Survival (m,) from each distinct time (m,) on, with Greenwood's ``se`` and the interval's bounds.

    ``lower`` and ``upper`` are masked where survival is 0, and 1 where no event has happened. ``median`` and its bounds
    are None where the curve does not fall to 0.5.
    """

    n: int
    total_events: int
    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray
    survival: np.ndarray
    se: np.ndarray
    lower: np.ma.MaskedArray
    upper: np.ma.MaskedArray
    interval: str
    confidence: float
    median: float | None
    median_lower: float | None
    median_upper: float | None

    def at(self, times: Any) -> np.ndarray:
        """Return the survival at ``times``; after the last row it is carried forward."""
        return step_at(self.times, self.survival, np.asarray(times, float))

    def at_risk_at(self, times: Any) -> np.ndarray:
        """Return the numbers at risk just before ``times``, as under a plot."""
        last = np.append(self.at_risk, 0.0)
        return last[np.searchsorted(self.times, np.asarray(times, float), side="left")].astype(int)


@dataclass(frozen=True)
class Estimate(Result):
    """Survival at ``time`` with se and interval (None where survival is 0), and the number at risk then."""

    time: float
    survival: float
    se: float
    lower: float | None
    upper: float | None
    at_risk: int


@dataclass(frozen=True)
class LogRank(Result):
    """Log-rank test: numbers, ``observed`` and ``expected`` events by group, and the chi-squared ``test``."""

    groups: tuple[Any, ...]
    n: tuple[int, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    test: ChiSquared


def kaplan_meier(time: Any, event: Any, interval: str = "log", confidence: float = 0.95) -> KaplanMeier:
    """Return the curve of one group, equal to R's survfit(conf.type = interval).

    A group may be without events: its curve stays at 1. Raises InputError for another ``interval`` than log or log-log,
    CohortError for times or events that cannot be used.
    """
    if interval not in INTERVALS:
        raise InputError(f"interval = '{interval}' is not known; use one of {', '.join(INTERVALS)}.")
    time, event = _group_outcome(time, event)
    counts = risk_table(time, event)
    survival = counts.survival()
    # Greenwood's variance of log S; no one is left where all at risk have the event, and S is 0.
    left = np.maximum(counts.at_risk - counts.events, 1.0)
    se_log = np.sqrt(np.cumsum(counts.events / (counts.at_risk * left)))
    lower, upper = _bounds(survival, se_log, interval, float(ndtri(0.5 * (1.0 + confidence_level(confidence)))))
    medians = [_median(counts.times, curve) for curve in (survival, lower, upper)]
    return KaplanMeier(len(time), int(event.sum()), counts.times, counts.at_risk, counts.events, counts.censored,
                       survival, survival * se_log, lower, upper, interval, confidence, *medians)


def estimate_at(curve: KaplanMeier, time: float) -> Estimate:
    """Return the curve's survival at one time with its se and interval, carried forward after the last row."""
    index = int(np.searchsorted(curve.times, time, side="right")) - 1
    risk = int(curve.at_risk_at(time))
    if index < 0:
        return Estimate(float(time), 1.0, 0.0, 1.0, 1.0, risk)
    lower, upper = (None if bound[index] is np.ma.masked else float(bound[index])
                    for bound in (curve.lower, curve.upper))
    return Estimate(float(time), float(curve.survival[index]), float(curve.se[index]), lower, upper, risk)


def log_rank(time: Any, event: Any, group: Any) -> LogRank:
    """Return the log-rank test of the groups in ``group`` (n,), equal to R's survdiff.

    Raises CohortError when there is one group, or no group's events can differ from expectation.
    """
    time, event = survival_outcome(time, event)
    numbers, labels = group_labels(group, len(time))
    k = len(labels)
    whole = risk_table(time, event)
    with_events = whole.events > 0
    times = whole.times[with_events]
    tables = [risk_table(time[numbers == i], event[numbers == i]) for i in range(k)]
    at_risk = np.array([_at_risk(part, times) for part in tables])
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
    difference = (observed - expected)[informative]
    statistic = difference @ np.linalg.solve(variance[np.ix_(informative, informative)], difference)
    return LogRank(labels, tuple(np.bincount(numbers, minlength=k).tolist()), tuple(observed.tolist()),
                   tuple(expected.tolist()), chi_squared(statistic, len(informative)))


def at_risk_table(time: Any, group: Any, at: Sequence[float]) -> dict[Any, tuple[int, ...]]:
    """Return by group the numbers at risk just before the times ``at``."""
    time = finite_column(time, "time")
    numbers, labels = group_labels(group, len(time))
    return {label: tuple(int((time[numbers == i] >= t).sum()) for t in at) for i, label in enumerate(labels)}


def _group_outcome(time: Any, event: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the checked outcome of one group, which may be without events."""
    event = finite_column(event, "event")
    if not event.any():
        time, _ = survival_outcome(time, np.ones(len(event)))
        return time, event
    return survival_outcome(time, event)


def _bounds(survival: np.ndarray, se_log: np.ndarray, interval: str,
            quantile: float) -> tuple[np.ma.MaskedArray, np.ma.MaskedArray]:
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


def _median(times: np.ndarray, curve: np.ndarray) -> float | None:
    """Return where a curve falls below 0.5, the middle of the stretch where it equals 0.5 as R does, or None."""
    values = np.ma.filled(curve, np.inf)
    reached = np.flatnonzero(values <= 0.5 + 1e-9)
    if not len(reached):
        return None
    below = np.flatnonzero(values < 0.5 - 1e-9)
    if values[reached[0]] >= 0.5 - 1e-9 and len(below):
        return float(0.5 * (times[reached[0]] + times[below[0]]))
    return float(times[reached[0]])


def _at_risk(part: RiskTable, times: np.ndarray) -> np.ndarray:
    """Return a group's numbers at risk just before ``times``."""
    return np.append(part.at_risk, 0.0)[np.searchsorted(part.times, times, side="left")]
