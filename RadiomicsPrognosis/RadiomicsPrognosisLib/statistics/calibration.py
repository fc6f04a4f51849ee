"""Agreement of predicted and observed survival or probability: by groups of the prediction and as a smooth curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit

from ..errors import CohortError, InputError
from ..result import Result
from .chi_squared import normal_quantile
from .cox import fit_cox
from .inputs import binary_outcome, probabilities, survival_outcome
from .kaplan_meier import estimate_at, kaplan_meier
from .logistic import fit_logistic
from .splines import KNOT_QUANTILES, restricted_cubic_spline, spline_knots

#: Predictions are kept this far inside 0 - 1, where their logarithms are taken.
_EDGE = 1e-10


@dataclass(frozen=True)
class CalibrationGroup(Result):
    """A group of ``n`` rows: mean ``predicted`` and ``observed`` survival or share, its se and interval.

    Bounds are None where the observed survival is 0. ``at_risk`` counts the rows followed up to the horizon.
    """

    n: int
    predicted: float
    observed: float
    se: float
    lower: float | None
    upper: float | None
    at_risk: int


@dataclass(frozen=True, eq=False)
class SmoothCalibration(Result):
    """Observed over predicted (rows sorted by prediction), with the mean (ICI), median and 90th percentile of the
    absolute difference (Austin, Harrell & van Klaveren, Stat Med 2020;39:2714)."""

    predicted: np.ndarray
    observed: np.ndarray
    ici: float
    e50: float
    e90: float


def quantile_groups(predicted: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Return group numbers (n,) from 0 and the cuts, quantiles of type 7; a value above a cut is in the upper group."""
    if groups < 2:
        raise InputError(f"{groups} calibration groups; at least two are needed.")
    cuts = np.quantile(predicted, np.arange(1, groups) / groups)
    return np.searchsorted(cuts, predicted, side="left"), cuts


def calibrate_survival(time: Any, event: Any, predicted: Any, at: float, groups: int = 3, interval: str = "log",
                       confidence: float = 0.95) -> tuple[CalibrationGroup, ...]:
    """Return the groups, by rising prediction, of the survival ``predicted`` (n,) at ``at`` against Kaplan-Meier.

    A group that predictions tied over several quantiles leave empty is left out. Raises CohortError when no row of a
    group is followed up to the horizon.
    """
    time, event = survival_outcome(time, event)
    predicted = probabilities(predicted, "predicted survival", len(time))
    which, _ = quantile_groups(predicted, groups)
    made = []
    for group in np.unique(which):
        rows = which == group
        curve = kaplan_meier(time[rows], event[rows], interval, confidence)
        if time[rows].max() < at and curve.survival[-1] > 0:
            raise CohortError(f"No row of calibration group {group + 1} is followed up to {at:g} months; use fewer "
                              "groups or an earlier horizon (the group's longest follow-up: "
                              f"{time[rows].max():g} months).")
        seen = estimate_at(curve, at)
        made.append(CalibrationGroup(int(rows.sum()), float(predicted[rows].mean()), seen.survival, seen.se, seen.lower,
                                     seen.upper, seen.at_risk))
    return tuple(made)


def calibrate_probability(outcome: Any, predicted: Any, groups: int = 10,
                          confidence: float = 0.95) -> tuple[CalibrationGroup, ...]:
    """Return the groups, by rising prediction, of the probability ``predicted`` (n,) with Wilson's interval."""
    outcome = binary_outcome(outcome)
    predicted = probabilities(predicted, "predicted probability", len(outcome))
    which, _ = quantile_groups(predicted, groups)
    z = normal_quantile(confidence)
    made = []
    for group in np.unique(which):
        rows = which == group
        n, share = int(rows.sum()), float(outcome[rows].mean())
        middle, half = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        made.append(CalibrationGroup(n, float(predicted[rows].mean()), share, float(np.sqrt(share * (1 - share) / n)),
                                     float((middle - half) / (1 + z * z / n)), float((middle + half) / (1 + z * z / n)),
                                     n))
    return tuple(made)


def smooth_survival(time: Any, event: Any, predicted: Any, at: float, knots: int = 3) -> SmoothCalibration:
    """Return the smooth curve of the survival ``predicted`` (n,) at ``at``.

    A Cox model of its log(-log) as a restricted cubic spline with ``knots`` (3 - 5). Raises as fit_cox does.
    """
    time, event = survival_outcome(time, event)
    predicted = probabilities(predicted, "predicted survival", len(time))
    x = np.log(-np.log(np.clip(predicted, _EDGE, 1.0 - _EDGE)))
    return _smooth(x, predicted, knots,
                   lambda basis: fit_cox(time, event, basis, _parts(basis)).survival(basis, [at])[:, 0])


def smooth_probability(outcome: Any, predicted: Any, knots: int = 3) -> SmoothCalibration:
    """Return the smooth curve of the probability ``predicted`` (n,).

    A logistic model of its logit as a restricted cubic spline with ``knots`` (3 - 5). Raises as fit_logistic does.
    """
    outcome = binary_outcome(outcome)
    predicted = probabilities(predicted, "predicted probability", len(outcome))
    x = logit(np.clip(predicted, _EDGE, 1.0 - _EDGE))
    return _smooth(x, predicted, knots, lambda basis: fit_logistic(outcome, basis, _parts(basis)).probability(basis))


def _parts(basis: np.ndarray) -> tuple[str, ...]:
    """Return names of a spline's columns, for the messages of its fit."""
    return tuple(f"prediction (part {j + 1} of its spline)" for j in range(basis.shape[1]))


def _smooth(x: np.ndarray, predicted: np.ndarray, knots: int,
            fitted: Callable[[np.ndarray], np.ndarray]) -> SmoothCalibration:
    if knots not in KNOT_QUANTILES:
        raise InputError(f"{knots} knots; use one of {', '.join(map(str, KNOT_QUANTILES))}.")
    if x.min() == x.max():
        raise CohortError("All rows have the same prediction; there is no curve.")
    observed = fitted(restricted_cubic_spline(x, spline_knots(x, knots)))
    apart = np.abs(observed - predicted)
    order = np.argsort(predicted, kind="stable")
    return SmoothCalibration(predicted[order], observed[order], float(apart.mean()), float(np.median(apart)),
                             float(np.quantile(apart, 0.9)))
