"""Decision curves: the net benefit of treating by a predicted risk, against treating all or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats, Integers
from .inputs import binary_outcome, probabilities, survival_outcome
from .risk_table import survival_at


@dataclass(frozen=True, eq=False)
class DecisionCurve(Result):
    """Net benefit (m,) per row at risk ``thresholds`` (m,), inside 0 - 1, of the model and of treating all.

    Treating none has 0. ``treated`` (m,) counts the rows that the model would treat.
    """

    thresholds: Floats
    net_benefit: Floats
    treat_all: Floats
    treated: Integers


def decision_curve(outcome: ArrayLike, risk: ArrayLike, thresholds: ArrayLike) -> DecisionCurve:
    """Return the decision curve of the predicted ``risk`` (n,), 0 - 1, of ``outcome`` (n,) 1: treat if risk >=
    threshold.

    TP/n - FP/n x pt/(1 - pt) (Vickers & Elkin, Med Decis Making 2006;26:565), at ``thresholds`` (m,) inside 0 - 1.
    Raises InputError for other thresholds or shapes, CohortError for values that cannot be used.
    """
    outcome = binary_outcome(outcome)
    risk = probabilities(risk, "risk", len(outcome))
    pt = _checked_thresholds(thresholds)
    called = risk >= pt[:, None]
    true, false = (called & (outcome == 1)).mean(axis=1), (called & (outcome == 0)).mean(axis=1)
    odds, prevalence = pt / (1.0 - pt), outcome.mean()
    return DecisionCurve(pt, true - false * odds, prevalence - (1.0 - prevalence) * odds, called.sum(axis=1))


def survival_decision_curve(time: ArrayLike, event: ArrayLike, risk: ArrayLike, at: float,
                            thresholds: ArrayLike) -> DecisionCurve:
    """Return the decision curve of the predicted ``risk`` (n,), 0 - 1, of an event by ``at`` (the unit of ``time``
    (n,)): treat if risk >= threshold.

    The treated rows' events and survivors are those of their Kaplan-Meier curve, carried forward where their follow-up
    ends earlier (Vickers et al., BMC Med Inform Decis Mak 2008;8:53), at ``thresholds`` (m,) inside 0 - 1. Raises
    CohortError when no row at all is followed up to ``at`` or values cannot be used, InputError for other thresholds.
    """
    time, event = survival_outcome(time, event)
    risk = probabilities(risk, "risk", len(time))
    pt = _checked_thresholds(thresholds)
    if time.max() < at:
        raise CohortError(f"No row is followed up to {at:g}; choose an earlier horizon (longest follow-up: "
                          f"{time.max():g}).")
    odds = pt / (1.0 - pt)
    called = risk >= pt[:, None]
    survival = np.array([survival_at(time[rows], event[rows], at) if rows.any() else 1.0 for rows in called])
    share = called.mean(axis=1)
    overall = survival_at(time, event, at)
    return DecisionCurve(pt, ((1.0 - survival) - survival * odds) * share, (1.0 - overall) - overall * odds,
                         called.sum(axis=1))


def _checked_thresholds(thresholds: ArrayLike) -> Floats:
    pt = np.asarray(thresholds, float)
    if pt.ndim != 1 or not len(pt) or not ((pt > 0) & (pt < 1)).all():
        raise InputError("The thresholds of a decision curve must be risks inside 0 - 1.")
    return pt
