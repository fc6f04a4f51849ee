"""Discrimination and error of survival predictions at a time: IPCW and Heagerty's AUC, Brier scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import trapezoid

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats, Integers, Mask
from .censoring import Horizon, horizon, standard_error
from .inputs import finite_column, probabilities, survival_outcome
from .normal import PairedDifference, share_interval
from .risk_table import survival_at


@dataclass(frozen=True, kw_only=True)
class TimeAuc(Result):
    """AUC, 0 - 1, at ``time`` of cases (event by then) against controls (none), with ``se`` and interval (clipped to
    0 - 1) and the numbers of both."""

    time: float
    auc: float
    se: float
    lower: float
    upper: float
    confidence: float
    cases: int
    controls: int

    @property
    def value(self) -> float:
        """The area."""
        return self.auc


@dataclass(frozen=True, kw_only=True)
class TimeAucDifference(PairedDifference[TimeAuc]):
    """AUC of the first score minus that of the second at one time."""

    @property
    def method(self) -> str:
        """What the comparison is called, where its measure does not say."""
        return ""


@dataclass(frozen=True, eq=False, kw_only=True)
class TimeRoc(Result):
    """ROC at ``time`` of the rule score > threshold, over ``thresholds`` (m,) from below all scores up, and its area
    ``auc``; ``sensitivity`` and ``specificity`` (m,) are in 0 - 1 (Heagerty's may leave it). ``span`` is that of a
    nearest-neighbour estimate, a share (0 - 1) of the rows, None else."""

    time: float
    auc: float
    thresholds: Floats
    sensitivity: Floats
    specificity: Floats
    span: float | None = None


@dataclass(frozen=True)
class Brier(Result):
    """Brier score (0 - 1) at ``time``: expected squared error of the predicted survival, with ``se``; ``null`` is
    Kaplan-Meier's own."""

    time: float
    brier: float
    se: float
    null: float


def time_auc(time: ArrayLike, event: ArrayLike, score: ArrayLike, at: float, confidence: float = 0.95,
             clusters: ArrayLike | None = None) -> TimeAuc:
    """Return the IPCW AUC of ``score`` (n,), high meaning early events, at the time ``at`` (the unit of ``time`` (n,)).

    Blanche, Dartigues & Jacqmin-Gadda, Stat Med 2013;32:5381 (timeROC, marginal weights), equal to
    riskRegression::Score; ``se`` from the influence function, the estimation of the censoring curve included, summed
    over ``clusters`` (n,) where given. Raises CohortError for a horizon outside follow-up or values that cannot be
    used, InputError for another shape or ``confidence`` than inside 0 - 1.
    """
    cohort, score = _cohort_at(time, event, score, at)
    return _time_auc(cohort, *_auc_influence(cohort, score), confidence, clusters)


def compare_time_auc(time: ArrayLike, event: ArrayLike, first: ArrayLike, second: ArrayLike, at: float,
                     confidence: float = 0.95, clusters: ArrayLike | None = None) -> TimeAucDifference:
    """Return the paired comparison of two scores' (n,) IPCW AUC at ``at``, equal to riskRegression::Score's contrasts.

    ``clusters`` as in time_auc. Scores that order all pairs alike: z 0 and p 1. Raises CohortError for different areas
    without variance, and as time_auc does.
    """
    cohort, first = _cohort_at(time, event, first, at)
    second = finite_column(second, "second score", len(first))
    (a, influence_a), (b, influence_b) = _auc_influence(cohort, first), _auc_influence(cohort, second)
    one = _time_auc(cohort, a, influence_a, confidence, clusters)
    two = _time_auc(cohort, b, influence_b, confidence, clusters)
    se = standard_error(influence_a - influence_b, clusters)
    return TimeAucDifference.tested(one, two, (a, b), se, confidence, "areas")


def time_roc(time: ArrayLike, event: ArrayLike, score: ArrayLike, at: float) -> TimeRoc:
    """Return the IPCW ROC curve of ``score`` (n,) at ``at`` whose area is :func:`time_auc`. Raises as time_auc."""
    cohort, score = _cohort_at(time, event, score, at)
    thresholds, which = np.unique(score, return_inverse=True)
    by_score = [np.bincount(which, weights=cohort.weights * rows) for rows in (cohort.cases, cohort.controls)]
    # Rounding can carry a sum of all weights beyond their sum.
    true, false = (np.minimum(_above(weights) / weights.sum(), 1.0) for weights in by_score)
    return _curve(cohort, thresholds, true, false)


def heagerty_roc(time: ArrayLike, event: ArrayLike, score: ArrayLike, at: float, span: float | None = None) -> TimeRoc:
    """Return the ROC of ``score`` (n,) at ``at`` of Heagerty, Lumley & Pepe, Biometrics 2000;56:337.

    With ``span`` None their Kaplan-Meier estimator, whose sensitivity need not be monotone; else the nearest-neighbour
    estimator with the share ``span`` (0 - 1; see usual_span) of rows, by score, on each side. Raises
    InputError for another span, CohortError when nobody or everybody survives, and as time_auc does.
    """
    cohort, score = _cohort_at(time, event, score, at)
    thresholds, which = np.unique(score, return_inverse=True)
    n = len(score)
    if span is None:
        survivors = np.array([n * survival_at(cohort.row_times, cohort.row_events, at),
                              *(_survivors(cohort, score > value) for value in thresholds)])
    else:
        survivors = _above(np.bincount(which, weights=_neighbours_survival(cohort, score, span)))
    rows = _above(np.bincount(which))
    if not 0 < survivors[0] < n:
        raise CohortError(f"Survival at {at:g} is {survivors[0] / n:g}; the curve needs cases and controls.")
    true, false = (rows - survivors) / (n - survivors[0]), survivors / survivors[0]
    return _curve(cohort, thresholds, true, false, span)


def usual_span(n: int) -> float:
    """Return the share of ``n`` rows on each side that Heagerty's own program takes, n^-0.2 / 4.

    Heagerty & Saha-Chaudhuri, R package survivalROC, the example of its documentation.
    """
    return float(0.25 * n**-0.2)


def brier_at(time: ArrayLike, event: ArrayLike, survival: ArrayLike, at: float,
             clusters: ArrayLike | None = None) -> Brier:
    """Return the Brier score at ``at`` (the unit of ``time`` (n,)) of the predicted ``survival`` (n,), 0 - 1, there.

    Weighted for censoring (Graf et al., Stat Med 1999;18:2529), equal to riskRegression::Score; ``se`` from the
    influence function, summed over ``clusters`` (n,) where given. Raises CohortError for a horizon outside follow-up or
    values that are no probabilities, InputError for another shape.
    """
    cohort = horizon(time, event, at)
    survival = probabilities(survival, "predicted survival", len(cohort.weights))
    n = len(survival)
    own = np.full(n, survival_at(cohort.row_times, cohort.row_events, at))
    errors, null = (np.where(cohort.cases, values**2, (1.0 - values) ** 2) for values in (survival, own))
    score = float(errors @ cohort.weights) / n
    influence = (errors * cohort.weights - score + cohort.influence_of_weights(errors)) / n
    return Brier(cohort.time, score, standard_error(influence, clusters), float(null @ cohort.weights) / n)


def integrated_brier(time: ArrayLike, event: ArrayLike, survival: ArrayLike, times: ArrayLike) -> float:
    """Return the mean Brier score (0 - 1) over ``times`` (m,) rising, by trapezoids, of ``survival`` (n, m), 0 - 1.

    Graf et al., Stat Med 1999;18:2529. Raises InputError unless there are two rising times and one column for each, and
    as brier_at does.
    """
    grid, predicted = np.asarray(times, float), np.asarray(survival, float)
    if grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0).all() or predicted.shape[1:] != grid.shape:
        raise InputError("An integrated Brier score needs two or more rising times and predicted survival at each: "
                         f"shapes {grid.shape} and {predicted.shape}.")
    scores = [brier_at(time, event, column, at).brier for column, at in zip(predicted.T, grid.tolist(), strict=True)]
    return float(trapezoid(scores, grid) / (grid[-1] - grid[0]))


def _cohort_at(time: ArrayLike, event: ArrayLike, score: ArrayLike, at: float) -> tuple[Horizon, Floats]:
    times, events = survival_outcome(time, event)
    return horizon(times, events, at), finite_column(score, "score", len(times))


def _auc_influence(cohort: Horizon, score: Floats) -> tuple[float, Floats]:
    """Return the AUC and each row's influence (n,) on it."""
    weights = np.where(cohort.cases, cohort.weights, 0.0)
    total, controls = weights.sum(), cohort.controls.sum()
    # Share of controls below each row's score and weighted share of cases above it, equal scores counting half.
    below = _weight_below(score, cohort.controls / controls)
    above = 1.0 - _weight_below(score, weights / total)
    auc = float(weights @ below / total)
    excess = np.where(cohort.cases, below - auc, 0.0)
    influence = (weights * excess + cohort.influence_of_weights(excess)) / total
    return auc, influence + np.where(cohort.controls, (above - auc) / controls, 0.0)


def _weight_below(score: Floats, weights: Floats) -> Floats:
    """Return for each row the weight of rows with a lower score and half that of equal ones."""
    _, which = np.unique(score, return_inverse=True)
    own = np.bincount(which, weights=weights)
    below: Floats = np.cumsum(own) - 0.5 * own
    return below[which]


def _time_auc(cohort: Horizon, auc: float, influence: Floats, confidence: float,
              clusters: ArrayLike | None) -> TimeAuc:
    se = standard_error(influence, clusters)
    lower, upper = share_interval(auc, se, confidence)
    return TimeAuc(time=cohort.time, auc=auc, se=se, lower=lower, upper=upper, confidence=confidence,
                   cases=int(cohort.cases.sum()), controls=int(cohort.controls.sum()))


def _survivors(cohort: Horizon, rows: Mask) -> float:
    """Return the expected number of ``rows`` (mask) without event at the horizon, by their own Kaplan-Meier curve."""
    if not rows.any():
        return 0.0
    return float(rows.sum()) * survival_at(cohort.row_times[rows], cohort.row_events[rows], cohort.time)


def _neighbours_survival(cohort: Horizon, score: Floats, span: float) -> Floats:
    """Return each row's survival at the horizon among the rows within ``span`` of its place by score."""
    if not 0.0 < span < 1.0:
        raise InputError(f"The span is {span:g}; it must lie between 0 and 1.")
    n = len(score)
    place = np.empty(n)
    place[np.argsort(score, kind="stable")] = np.arange(1, n + 1) / n
    near = (np.abs(place[:, None] - place) <= span).astype(float)
    times = np.unique(cohort.row_times[cohort.cases])
    events = near @ ((cohort.row_times[:, None] == times) & (cohort.row_events[:, None] == 1))
    at_risk = near @ (cohort.row_times[:, None] >= times)
    survival: Floats = np.prod(1.0 - events / np.maximum(at_risk, 1.0), axis=1)
    return survival


def _above(weights: Floats | Integers) -> Floats:
    """Return the sums (m + 1,) of ``weights`` (m,) from each threshold's upper side on; none is above the last."""
    return np.append(weights[::-1].cumsum()[::-1], 0.0)


def _curve(cohort: Horizon, thresholds: Floats, true: Floats, false: Floats, span: float | None = None) -> TimeRoc:
    """Return the curve from (1, 1) to (0, 0), its area by signed trapezoids."""
    return TimeRoc(time=cohort.time, auc=float(-trapezoid(true, false)), thresholds=_with_start(thresholds),
                   sensitivity=true, specificity=1.0 - false, span=span)


def _with_start(thresholds: Floats) -> Floats:
    """Return the thresholds with one below all scores put first."""
    return np.concatenate([[np.nextafter(thresholds[0], -np.inf)], thresholds])
