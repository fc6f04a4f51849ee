"""Restricted mean survival time: the area under a Kaplan-Meier curve up to a horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from ..result import Result
from .inputs import confidence_level
from .kaplan_meier import KaplanMeier, kaplan_meier
from .normal import normal_quantile


@dataclass(frozen=True, kw_only=True)
class RestrictedMean(Result):
    """Mean survival time up to ``horizon`` (unit of the times) with ``se`` and normal interval ``lower``-``upper``."""

    horizon: float
    n: int
    total_events: int
    mean: float
    se: float
    lower: float
    upper: float
    confidence: float


def restricted_mean(time: ArrayLike, event: ArrayLike, horizon: float, confidence: float = 0.95) -> RestrictedMean:
    """Return the restricted mean of one group, equal to R's print(survfit, rmean = horizon).

    ``time`` (n,), any unit, and ``event`` (n,) 0/1; a group may be without events. Raises InputError for a ``horizon``
    that is not above 0, CohortError when no row is followed up to it and for what kaplan_meier refuses. The standard
    error is Greenwood's for an area (Klein & Moeschberger, Survival Analysis, 2nd ed., section 4.5).
    """
    quantile = normal_quantile(confidence_level(confidence))
    curve = kaplan_meier(time, event)
    check_horizon(curve, horizon)
    inside = curve.times < horizon
    times, survival = curve.times[inside], curve.survival[inside]
    widths = np.diff(np.concatenate([times, [horizon]]))
    # Area under the curve from each time to the horizon, and before the first time, where survival is 1.
    after = np.cumsum((widths * survival)[::-1])[::-1]
    start = times[0] if len(times) else horizon
    mean = float(start + (after[0] if len(after) else 0.0))
    at_risk, events = curve.at_risk[inside], curve.events[inside]
    left = np.maximum(at_risk - events, 1.0)  # where no one is left the area after is 0
    se = float(np.sqrt((after**2 * events / (at_risk * left)).sum()))
    return RestrictedMean(horizon=float(horizon), n=curve.n, total_events=curve.total_events, mean=mean, se=se,
                          lower=mean - quantile * se, upper=mean + quantile * se, confidence=confidence)


def check_horizon(curve: KaplanMeier, horizon: float) -> None:
    """Raise InputError for a horizon that is not above 0, CohortError for one that the curve does not reach."""
    if not 0.0 < horizon < np.inf:
        raise InputError(f"The horizon is {horizon:g}; it must be above 0.")
    last = float(curve.times[-1])
    if horizon > last and curve.survival[-1] > 0.0:
        raise CohortError(f"No row is followed up to {horizon:g}; choose an earlier horizon (longest follow-up: "
                          f"{last:g}).")
