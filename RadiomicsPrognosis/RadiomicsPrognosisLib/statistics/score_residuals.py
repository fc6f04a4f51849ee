"""Each row's share in the score of a Cox model, from which cluster-robust tests and covariances are made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arrays import Floats, Integers
from .risk_sets import RiskSets, risk_sets


def score_residuals(time: Floats, event: Floats, x: Floats, linear_predictor: Floats, ties: str,
                    weight: Callable[[RiskSets], Floats] | None = None) -> Floats:
    """Return the rows' score residuals (n, p), which add up to the score of ``x`` (n, p) at ``linear_predictor`` (n,).

    Those of Lin & Wei, JASA 1989;84:1074, as R's residuals(coxph, "score") for ``ties`` of either kind. ``weight``
    returns (d,) factors of the events, in the order of the risk sets: those of a covariate that changes with time as
    they do (times tied must have the same).
    """
    sets = risk_sets(time, event, x, linear_predictor, ties)
    factor = np.ones(len(sets.events)) if weight is None else weight(sets)
    hazard = np.exp(linear_predictor)
    steps = factor / sets.total
    at = time[sets.events]
    times, first, deaths = np.unique(at, return_index=True, return_counts=True)
    which = np.repeat(np.arange(len(times)), deaths)
    # What has been expected of a row up to its own time: its hazard times its distance from the means at risk.
    reached = np.searchsorted(at, time, side="right")
    steps_so_far = np.concatenate([[0.0], np.cumsum(steps)])[reached]
    means_so_far = np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(sets.mean * steps[:, None], axis=0)])[reached]
    residuals: Floats = -hazard[:, None] * (x * steps_so_far[:, None] - means_so_far)
    mean = np.add.reduceat(sets.mean, first)[which] / deaths[which][:, None]
    residuals[sets.events] += factor[:, None] * (x[sets.events] - mean)
    if ties == "efron":
        # A tied event counts in its own time's later terms by the share that is left of it.
        gone = _shares_gone(first, deaths) * steps
        back = np.add.reduceat(gone, first)[which], np.add.reduceat(sets.mean * gone[:, None], first)[which]
        residuals[sets.events] += hazard[sets.events, None] * (x[sets.events] * back[0][:, None] - back[1])
    return residuals


def hazard_residuals(time: Floats, event: Floats, linear_predictor: Floats, ties: str, at: Floats) -> Floats:
    """Return (n, m) how the baseline cumulative hazard at the times ``at`` (m,) changes with each row's weight, the
    coefficients fixed: the row's own event over the sum at risk, less what it adds to the sums at risk.

    Tsiatis, Ann Stat 1981;9:93; infinitesimal jackknife (Therneau & Grambsch, Modeling Survival Data, 2000, section
    7.1). ``ties`` as in fit_cox.
    """
    sets = risk_sets(time, event, np.empty((len(time), 0)), linear_predictor, ties)
    event_times = time[sets.events]
    times, first, deaths = np.unique(event_times, return_index=True, return_counts=True)
    own = np.add.reduceat(1.0 / sets.total, first) / deaths
    squares = np.add.reduceat(1.0 / sets.total**2, first)
    gone = _shares_gone(first, deaths) if ties == "efron" else np.zeros(len(event_times))
    back = np.add.reduceat(gone / sets.total**2, first)
    weight, is_event = np.exp(linear_predictor), event == 1
    place = np.searchsorted(times, time, side="right")
    changes = np.empty((len(time), len(at)))
    for column, month in enumerate(at.tolist()):
        until = np.searchsorted(times, month, side="right")
        lost = np.concatenate([[0.0], np.cumsum(squares)])[np.minimum(place, until)]
        counted = is_event & (time <= month)
        mine = place[counted] - 1
        changes[:, column] = -weight * lost
        changes[counted, column] += own[mine] + weight[counted] * back[mine]
    return changes


def _shares_gone(first: Integers, deaths: Integers) -> Floats:
    """Return by event term (d,) the share of the tied events' weight that Efron's sum lacks; risk_sets, which counts
    time backwards, has the term that lacks most first. ``first`` and ``deaths`` (m,) place and count the ties."""
    ties = np.repeat(deaths, deaths)
    shares: Floats = (ties - 1.0 - (np.arange(len(ties)) - np.repeat(first, deaths))) / ties
    return shares
