"""Discrimination and error of survival predictions at a time: IPCW and Heagerty's AUC, Brier scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import trapezoid

from ..errors import CohortError, InputError
from ..result import Result
from .censoring import Horizon, horizon, standard_error
from .chi_squared import normal_quantile, two_sided
from .inputs import confidence_level, finite_column, probabilities, survival_outcome
from .risk_table import survival_at


@dataclass(frozen=True)
class TimeAuc(Result):
    """AUC at ``time`` of cases (event by then) against controls (none), with ``se`` and interval (clipped to 0 - 1)."""

    time: float
    auc: float
    se: float
    lower: float
    upper: float
    confidence: float
    cases: int
    controls: int


@dataclass(frozen=True)
class TimeAucDifference(Result):
    """AUC of the first score minus that of the second at one time, with ``se``, interval, ``z`` and two-sided ``p``."""

    first: TimeAuc
    second: TimeAuc
    difference: float
    se: float
    lower: float
    upper: float
    z: float
    p: float


@dataclass(frozen=True, eq=False)
class TimeRoc(Result):
    """ROC at ``time`` of the rule score > threshold, over thresholds (m,) from below all scores up."""

    time: float
    auc: float
    thresholds: np.ndarray
    sensitivity: np.ndarray
    specificity: np.ndarray


@dataclass(frozen=True)
class Brier(Result):
    """Brier score at ``time``: expected squared error of the predicted survival; ``null`` is Kaplan-Meier's own."""

    time: float
    brier: float
    se: float
    null: float


def time_auc(time: Any, event: Any, score: Any, at: float, confidence: float = 0.95) -> TimeAuc:
    """Return the IPCW AUC of ``score`` (n,), high meaning early events, at the time ``at``.

    Blanche, Dartigues & Jacqmin-Gadda, Stat Med 2013;32:5381 (timeROC, marginal weights); ``se`` from the influence
    function, the estimation of the censoring curve included. Raises CohortError for a horizon outside follow-up.
    """
    seen, score = _seen(time, event, score, at)
    return _time_auc(seen, *_auc_influence(seen, score), confidence)


def compare_time_auc(time: Any, event: Any, first: Any, second: Any, at: float,
                     confidence: float = 0.95) -> TimeAucDifference:
    """Return the paired comparison of two scores' IPCW AUC. Scores that order all pairs alike: z 0 and p 1."""
    seen, first = _seen(time, event, first, at)
    second = finite_column(second, "second score", len(first))
    (a, influence_a), (b, influence_b) = _auc_influence(seen, first), _auc_influence(seen, second)
    one, two = _time_auc(seen, a, influence_a, confidence), _time_auc(seen, b, influence_b, confidence)
    se = standard_error(influence_a - influence_b)
    if se <= 1e-12:
        if abs(a - b) > 1e-12:
            raise CohortError(f"The areas are {a:g} and {b:g} without any variance; they cannot be tested.")
        return TimeAucDifference(one, two, a - b, 0.0, a - b, a - b, 0.0, 1.0)
    half = normal_quantile(confidence) * se
    return TimeAucDifference(one, two, a - b, se, a - b - half, a - b + half, (a - b) / se,
                             float(two_sided((a - b) / se)))


def time_roc(time: Any, event: Any, score: Any, at: float) -> TimeRoc:
    """Return the IPCW ROC curve whose area is :func:`time_auc`."""
    seen, score = _seen(time, event, score, at)
    thresholds, which = np.unique(score, return_inverse=True)
    share = [np.bincount(which, weights=seen.weights * mask, minlength=len(thresholds))
             for mask in (seen.cases, seen.controls)]
    # Rounding can carry a sum of all weights beyond their sum.
    true, false = (np.minimum(np.append(part[::-1].cumsum()[::-1], 0.0) / part.sum(), 1.0) for part in share)
    return TimeRoc(seen.time, _area(true, false), _with_start(thresholds), true, 1.0 - false)


def heagerty_roc(time: Any, event: Any, score: Any, at: float, span: float | None = None) -> TimeRoc:
    """Return the ROC at ``at`` of Heagerty, Lumley & Pepe, Biometrics 2000;56:337.

    With ``span`` None their Kaplan-Meier estimator, whose sensitivity need not be monotone; else the nearest-neighbour
    estimator with the share ``span`` (0 - 1; the authors' rate is n^-0.2) of rows, by score, on each side.
    """
    seen, score = _seen(time, event, score, at)
    thresholds, which = np.unique(score, return_inverse=True)
    n = len(score)
    if span is None:
        above = [score > value for value in thresholds]
        survivors = np.array([n, *(_survivors(seen, rows) for rows in above)])
        survivors[0] = n * survival_at(seen.row_times, seen.row_events, at)
    else:
        each = _neighbours_survival(seen, score, span)
        by_score = np.bincount(which, weights=each)
        survivors = np.append(by_score[::-1].cumsum()[::-1], 0.0)
    rows = np.append(np.bincount(which)[::-1].cumsum()[::-1], 0)
    if not 0 < survivors[0] < n:
        raise CohortError(f"Survival at {at:g} is {survivors[0] / n:g}; the curve needs cases and controls.")
    true, false = (rows - survivors) / (n - survivors[0]), survivors / survivors[0]
    return TimeRoc(seen.time, _area(true, false), _with_start(thresholds), true, 1.0 - false)


def brier_at(time: Any, event: Any, survival: Any, at: float) -> Brier:
    """Return the Brier score at ``at`` of the predicted ``survival`` (n,) there, weighted for censoring.

    Graf et al., Stat Med 1999;18:2529. ``se`` from the influence function. Raises CohortError for a horizon outside
    follow-up or values that are no probabilities.
    """
    seen = horizon(time, event, at)
    survival = probabilities(survival, "predicted survival", len(seen.weights))
    n = len(survival)
    own = np.full(n, survival_at(seen.row_times, seen.row_events, at))
    errors, null = (np.where(seen.cases, values**2, (1.0 - values) ** 2) for values in (survival, own))
    score = float(errors @ seen.weights) / n
    influence = (errors * seen.weights - score + seen.influence_of_weights(errors)) / n
    return Brier(seen.time, score, standard_error(influence), float(null @ seen.weights) / n)


def integrated_brier(time: Any, event: Any, survival: Any, times: Sequence[float]) -> float:
    """Return the mean Brier score over ``times`` (m,) rising, by trapezoids, of ``survival`` (n, m).

    Raises InputError unless there are two rising times and one column for each.
    """
    times, survival = np.asarray(times, float), np.asarray(survival, float)
    if times.ndim != 1 or len(times) < 2 or not (np.diff(times) > 0).all() or survival.shape[1:] != times.shape:
        raise InputError("An integrated Brier score needs two or more rising times and predicted survival at each: "
                         f"shapes {times.shape} and {survival.shape}.")
    scores = [brier_at(time, event, survival[:, j], at).brier for j, at in enumerate(times)]
    return float(trapezoid(scores, times) / (times[-1] - times[0]))


def _seen(time: Any, event: Any, score: Any, at: float) -> tuple[Horizon, np.ndarray]:
    time, event = survival_outcome(time, event)
    return horizon(time, event, at), finite_column(score, "score", len(time))


def _auc_influence(seen: Horizon, score: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the AUC and each row's influence on it."""
    weights = np.where(seen.cases, seen.weights, 0.0)
    total, controls = weights.sum(), seen.controls.sum()
    # Share of controls below each row's score and weighted share of cases above it, equal scores counting half.
    below = _weight_below(score, seen.controls / controls)
    above = 1.0 - _weight_below(score, weights / total)
    auc = float(weights @ below / total)
    excess = np.where(seen.cases, below - auc, 0.0)
    influence = (weights * excess + seen.influence_of_weights(excess)) / total
    return auc, influence + np.where(seen.controls, (above - auc) / controls, 0.0)


def _weight_below(score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return for each row the weight of rows with a lower score and half that of equal ones."""
    _, which = np.unique(score, return_inverse=True)
    own = np.bincount(which, weights=weights)
    return (np.cumsum(own) - 0.5 * own)[which]


def _time_auc(seen: Horizon, auc: float, influence: np.ndarray, confidence: float) -> TimeAuc:
    se = standard_error(influence)
    half = normal_quantile(confidence_level(confidence)) * se
    return TimeAuc(seen.time, auc, se, max(auc - half, 0.0), min(auc + half, 1.0), confidence, int(seen.cases.sum()),
                   int(seen.controls.sum()))


def _survivors(seen: Horizon, rows: np.ndarray) -> float:
    """Return the expected number of ``rows`` (mask) without event at the horizon, by their own Kaplan-Meier curve."""
    if not rows.any():
        return 0.0
    return float(rows.sum()) * survival_at(seen.row_times[rows], seen.row_events[rows], seen.time)


def _neighbours_survival(seen: Horizon, score: np.ndarray, span: float) -> np.ndarray:
    """Return each row's survival at the horizon among the rows within ``span`` of its place by score."""
    if not 0.0 < span < 1.0:
        raise InputError(f"The span is {span:g}; it must lie between 0 and 1.")
    n = len(score)
    place = np.empty(n)
    place[np.argsort(score, kind="stable")] = np.arange(1, n + 1) / n
    near = (np.abs(place[:, None] - place) <= span).astype(float)
    times = np.unique(seen.row_times[seen.cases])
    events = near @ ((seen.row_times[:, None] == times) & (seen.row_events[:, None] == 1))
    at_risk = near @ (seen.row_times[:, None] >= times)
    return np.prod(1.0 - events / np.maximum(at_risk, 1.0), axis=1)


def _area(true: np.ndarray, false: np.ndarray) -> float:
    """Return the area by signed trapezoids; the curve runs from (1, 1) to (0, 0)."""
    return float(-trapezoid(true, false))


def _with_start(thresholds: np.ndarray) -> np.ndarray:
    """Return the thresholds with one below all scores put first."""
    return np.concatenate([[np.nextafter(thresholds[0], -np.inf)], thresholds])
