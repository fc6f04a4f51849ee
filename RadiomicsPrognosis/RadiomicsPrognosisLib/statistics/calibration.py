"""Agreement of predicted and observed survival or probability: by groups of the prediction and as a smooth curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats, Integers, Mask
from .clusters import cluster_numbers, cluster_sums, small_sample
from .cox import fit_cox
from .inputs import binary_outcome, probabilities, survival_outcome
from .kaplan_meier import KaplanMeier, estimate_at, kaplan_meier
from .logistic import fit_logistic
from .normal import normal_quantile
from .splines import KNOT_QUANTILES, restricted_cubic_spline, spline_knots

#: Predictions are kept this far inside 0 - 1, where their logarithms are taken.
_EDGE = 1e-10


@dataclass(frozen=True, kw_only=True)
class CalibrationGroup(Result):
    """A group of ``n`` rows: mean ``predicted`` and ``observed`` survival or share (0 - 1), its se and interval.

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
    """``observed`` over ``predicted`` (n,), 0 - 1, rows sorted by prediction, and the absolute difference's mean
    (``ici``), median (``e50``) and 90th percentile (``e90``) (Austin, Harrell & van Klaveren, Stat Med 2020;39:2714).
    """

    predicted: Floats
    observed: Floats
    ici: float
    e50: float
    e90: float


def quantile_groups(predicted: Floats, groups: int) -> tuple[Integers, Floats]:
    """Return group numbers (n,) from 0, and the cuts (groups - 1,): quantiles of ``predicted`` (n,).

    Quantiles are R's type 7; a value above a cut is in the upper group. Raises InputError for fewer than two groups.
    """
    if groups < 2:
        raise InputError(f"{groups} calibration groups; at least two are needed.")
    cuts = np.quantile(predicted, np.arange(1, groups) / groups)
    return np.searchsorted(cuts, predicted, side="left"), cuts


def calibrate_survival(time: ArrayLike, event: ArrayLike, predicted: ArrayLike, at: float, groups: int = 3,
                       interval: str = "log", confidence: float = 0.95,
                       fit_curve: Callable[..., KaplanMeier] = kaplan_meier,
                       clusters: ArrayLike | None = None) -> tuple[CalibrationGroup, ...]:
    """Return the groups, by rising prediction, of the survival ``predicted`` (n,), 0 - 1, at ``at`` (months, as
    ``time`` (n,) and ``event`` (n,)) against Kaplan-Meier.

    Equal to R's survfit of each group; ``interval`` and ``confidence`` (0 - 1) as in kaplan_meier, in whose place
    ``fit_curve`` may fit the groups; ``clusters`` (n,) as there. A group that predictions tied over several quantiles
    leave empty is left out. Raises CohortError when no row of a group is followed up to the horizon or values cannot be
    used, InputError for impossible options.
    """
    time, event = survival_outcome(time, event)
    predicted = probabilities(predicted, "predicted survival", len(time))
    calibrated: list[CalibrationGroup] = []
    for number, rows in _members(predicted, groups):
        own = None if clusters is None else np.asarray(clusters)[rows]
        curve = fit_curve(time[rows], event[rows], interval, confidence, own)
        if time[rows].max() < at and curve.survival[-1] > 0:
            raise CohortError(f"No row of calibration group {number + 1} is followed up to {at:g} months; use fewer "
                              "groups or an earlier horizon (the group's longest follow-up: "
                              f"{time[rows].max():g} months).")
        observed = estimate_at(curve, at)
        calibrated.append(CalibrationGroup(
            n=int(rows.sum()), predicted=float(predicted[rows].mean()), observed=observed.survival, se=observed.se,
            lower=observed.lower, upper=observed.upper, at_risk=observed.at_risk))
    return tuple(calibrated)


def calibrate_probability(outcome: ArrayLike, predicted: ArrayLike, groups: int = 10,
                          confidence: float = 0.95, clusters: ArrayLike | None = None) -> tuple[CalibrationGroup, ...]:
    """Return the groups, by rising prediction, of the probability ``predicted`` (n,), 0 - 1, of ``outcome`` (n,) 1.

    The interval is Wilson's (Newcombe, Stat Med 1998;17:857; R's prop.test(correct = FALSE)); of rows in
    ``clusters`` (n,) n is divided by the design effect (Rao & Scott, Biometrics 1992;48:577). Raises CohortError for
    values that cannot be used, InputError for fewer than two groups or a confidence outside 0 - 1.
    """
    outcome = binary_outcome(outcome)
    predicted = probabilities(predicted, "predicted probability", len(outcome))
    z = normal_quantile(confidence)
    calibrated: list[CalibrationGroup] = []
    for _, rows in _members(predicted, groups):
        share = float(outcome[rows].mean())
        n = _effective_rows(outcome[rows], None if clusters is None else np.asarray(clusters)[rows])
        middle, half = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        calibrated.append(CalibrationGroup(
            n=int(rows.sum()), predicted=float(predicted[rows].mean()), observed=share,
            se=float(np.sqrt(share * (1 - share) / n)), lower=float((middle - half) / (1 + z * z / n)),
            upper=float((middle + half) / (1 + z * z / n)), at_risk=int(rows.sum())))
    return tuple(calibrated)


def _effective_rows(outcome: Floats, clusters: ArrayLike | None) -> float:
    """Return the number of independent rows that tell as much of the share of ``outcome`` (n,) as these, at most n.

    n over the design effect, the variance between clusters over that of independent rows; where all rows are equal or
    of one cluster, which tells of no variance, the number of clusters.
    """
    n, share = len(outcome), float(outcome.mean())
    numbers = cluster_numbers(clusters, n)
    if numbers is None:
        return n
    count = int(numbers.max()) + 1
    if share in (0.0, 1.0) or count < 2:
        return count
    between = small_sample(numbers) * float((cluster_sums(outcome - share, numbers)**2).sum())
    return min(n * n * share * (1.0 - share) / between, float(n)) if between > 0 else float(n)


def smooth_survival(time: ArrayLike, event: ArrayLike, predicted: ArrayLike, at: float,
                    knots: int = 3) -> SmoothCalibration:
    """Return the smooth curve of the survival ``predicted`` (n,), 0 - 1, at ``at`` (months, as ``time`` (n,)).

    A Cox model of its log(-log) as a restricted cubic spline with ``knots`` (3 - 5; Austin, Harrell & van Klaveren
    2020). Raises CohortError when all predictions are equal, InputError for another number of knots, and as fit_cox.
    """
    times, events = survival_outcome(time, event)
    predicted = probabilities(predicted, "predicted survival", len(times))
    x = np.log(-np.log(np.clip(predicted, _EDGE, 1.0 - _EDGE)))

    def observed(basis: Floats) -> Floats:
        return fit_cox(times, events, basis, _column_names(basis)).survival(basis, [at])[:, 0]

    return _smooth(x, predicted, knots, observed)


def smooth_probability(outcome: ArrayLike, predicted: ArrayLike, knots: int = 3) -> SmoothCalibration:
    """Return the smooth curve of the probability ``predicted`` (n,), 0 - 1, of ``outcome`` (n,) 1.

    A logistic model of its logit as a restricted cubic spline with ``knots`` (3 - 5; Austin & Steyerberg, Stat Med
    2019;38:4051). Raises CohortError when all predictions are equal, InputError for another number of knots, and as
    fit_logistic.
    """
    classes = binary_outcome(outcome)
    predicted = probabilities(predicted, "predicted probability", len(classes))
    x = logit(np.clip(predicted, _EDGE, 1.0 - _EDGE))
    return _smooth(x, predicted, knots,
                   lambda basis: fit_logistic(classes, basis, _column_names(basis)).probability(basis))


def _members(predicted: Floats, groups: int) -> Iterator[tuple[int, Mask]]:
    """Yield the number from 0 and the rows (n,) of every quantile group that has any."""
    numbers, _ = quantile_groups(predicted, groups)
    for number in np.unique(numbers).tolist():
        yield number, numbers == number


def _column_names(basis: Floats) -> tuple[str, ...]:
    """Return names of a spline's columns, for the messages of its fit."""
    return tuple(f"prediction (part {j + 1} of its spline)" for j in range(basis.shape[1]))


def _smooth(x: Floats, predicted: Floats, knots: int, fitted: Callable[[Floats], Floats]) -> SmoothCalibration:
    if knots not in KNOT_QUANTILES:
        raise InputError(f"{knots} knots; use one of {', '.join(map(str, KNOT_QUANTILES))}.")
    if x.min() == x.max():
        raise CohortError("All rows have the same prediction; there is no curve.")
    observed = fitted(restricted_cubic_spline(x, spline_knots(x, knots)))
    difference = np.abs(observed - predicted)
    order = np.argsort(predicted, kind="stable")
    return SmoothCalibration(predicted[order], observed[order], float(difference.mean()), float(np.median(difference)),
                             float(np.quantile(difference, 0.9)))
