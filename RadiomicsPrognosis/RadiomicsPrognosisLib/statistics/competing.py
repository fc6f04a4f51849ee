"""Cumulative incidence of one cause of an event while others compete with it (Aalen and Johansen's estimator)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats
from .inputs import confidence_level, finite_column, listed, one_of, survival_outcome
from .kaplan_meier import INTERVALS
from .normal import normal_quantile
from .risk_table import RiskTable, risk_table, step_at


@dataclass(frozen=True, eq=False, kw_only=True)
class CumulativeIncidence(Result):
    """Incidence (m,), 0 - 1, of ``cause`` from each distinct time (m,) on, with ``se`` and the interval's bounds.

    ``events`` (m,) are of that cause, ``competing`` (m,) of the others. ``lower`` and ``upper`` are masked where the
    incidence is 0 or, on the log-log scale, 1.
    """

    cause: int
    n: int
    total_events: int
    total_competing: int
    times: Floats
    at_risk: Floats
    events: Floats
    competing: Floats
    censored: Floats
    incidence: Floats
    se: Floats
    lower: np.ma.MaskedArray
    upper: np.ma.MaskedArray
    interval: str
    confidence: float

    def at(self, times: ArrayLike) -> Floats:
        """Return the incidence at ``times``; after the last row it is carried forward."""
        return step_at(self.times, self.incidence, np.asarray(times, float), start=0.0)


def cumulative_incidence(time: ArrayLike, cause: ArrayLike, of: int = 1, interval: str = "log",
                         confidence: float = 0.95) -> CumulativeIncidence:
    """Return the incidence of cause ``of``, equal to R's survfit of a multi-state outcome with conf.type = interval.

    ``time`` (n,), any unit, at least 0; ``cause`` (n,) whole numbers: 0 censored, 1, 2, ... what happened, however many
    rows share a time. Raises InputError for another ``interval`` than log or log-log, CohortError for times or causes
    that cannot be used and when no row has an event of ``of`` (Aalen & Johansen, Scand J Stat 1978;5:141).
    """
    one_of("interval", interval, INTERVALS)
    quantile = normal_quantile(confidence_level(confidence))
    times, causes = causes_outcome(time, cause, of)
    counts = risk_table(times, (causes > 0).astype(float))
    events = risk_table(times, (causes == of).astype(float)).events
    before = step_at(counts.times, counts.survival(), counts.times, before=True)
    incidence = np.minimum(np.cumsum(before * events / counts.at_risk), 1.0)
    se = _standard_error(counts, events, before, incidence)
    lower, upper = incidence_bounds(incidence, se, interval, quantile)
    return CumulativeIncidence(
        cause=of, n=len(times), total_events=int(events.sum()), total_competing=int((counts.events - events).sum()),
        times=counts.times, at_risk=counts.at_risk, events=events, competing=counts.events - events,
        censored=counts.censored, incidence=incidence, se=se, lower=lower, upper=upper, interval=interval,
        confidence=confidence)


def causes_outcome(time: ArrayLike, cause: ArrayLike, of: int) -> tuple[Floats, Floats]:
    """Return ``time`` (n,) and ``cause`` (n,) as floats.

    Raises CohortError for missing, infinite or negative times, for causes that are no whole numbers from 0 on and when
    no row has cause ``of``, InputError when ``of`` is below 1.
    """
    if of < 1:
        raise InputError(f"The cause of interest is {of}; 0 is censoring and causes count from 1.")
    causes = finite_column(cause, "cause")
    odd = np.flatnonzero((causes < 0) | (causes != np.floor(causes)))
    if len(odd):
        raise CohortError(f"{listed(odd.tolist(), 'row')}: cause must be 0 (censored) or a whole number from 1 on.")
    if not (causes == of).any():
        raise CohortError(f"None of the {len(causes)} rows has cause {of}; the analysis needs its events.")
    times, _ = survival_outcome(time, causes > 0)
    return times, causes


def incidence_bounds(incidence: Floats, se: Floats, interval: str,
                     quantile: float) -> tuple[np.ma.MaskedArray, np.ma.MaskedArray]:
    """Return the pointwise interval (m,) of ``incidence`` (m,) on the log or log(-log) scale, at most 1."""
    gone = (incidence <= 0.0) | ((incidence >= 1.0) if interval == "log-log" else False)
    safe = np.where(gone, 0.5, incidence)
    half = quantile * se / safe
    if interval == "log":
        lower, upper = safe * np.exp(-half), np.minimum(safe * np.exp(half), 1.0)
    else:
        scale = half / np.log(safe)
        lower, upper = (np.exp(np.log(safe) * np.exp(sign * scale)) for sign in (-1, 1))
    return np.ma.array(np.where(gone, 0.0, lower), mask=gone), np.ma.array(np.where(gone, 0.0, upper), mask=gone)


def _standard_error(counts: RiskTable, events: Floats, before: Floats, incidence: Floats) -> Floats:
    """Return the standard error (m,) of the incidence F: the root of the sum of the rows' squared influences.

    At a time s with Y at risk, d events of any cause and d1 of this one, F(t) is moved by 1/Y times
    S(s-) (dN1 - d1/Y) - (F(t) - F(s)) (dN - d/Y) / (1 - d/Y), where dN and dN1 say what happened to the row then; those
    of different times are uncorrelated (Greenwood's variance: Allignol et al., Biom J 2010;52:126).
    """
    at_risk, deaths = counts.at_risk, counts.events
    expected = before * events / at_risk
    onward = deaths / np.maximum(at_risk - deaths, 1.0)
    # F(t) - F(s) is written as the difference of what is still to come, so that the last variance is a sum of squares:
    # where everybody has had the event nothing is left but rounding, squared.
    to_come = incidence[-1] - incidence
    moments = np.zeros((3, len(events)))
    for rows, own, slope in ((events, before - expected, -np.ones(len(events))),
                             (deaths - events, -expected, -np.ones(len(events))),
                             (at_risk - deaths, -expected, onward)):
        moved = own + slope * to_come
        moments += rows / at_risk**2 * np.array([moved**2, moved * slope, slope**2])
    constant, linear, square = np.cumsum(moments, axis=1)
    variance = constant - 2.0 * to_come * linear + to_come**2 * square
    return np.sqrt(np.where(incidence > 0.0, np.maximum(variance, 0.0), 0.0))
