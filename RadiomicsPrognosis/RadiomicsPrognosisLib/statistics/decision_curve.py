"""Decision curves: the net benefit of treating by a predicted risk, against treating all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CohortError, InputError
from ..result import Result
from .inputs import binary_outcome, probabilities, survival_outcome
from .risk_table import survival_at


@dataclass(frozen=True, eq=False)
class DecisionCurve(Result):
    """Net benefit (m,) per case at risk ``thresholds`` (m,) of the model and of treating all; treating none has 0."""

    thresholds: np.ndarray
    net_benefit: np.ndarray
    treat_all: np.ndarray
    treated: np.ndarray


def decision_curve(outcome: Any, risk: Any, thresholds: Sequence[float]) -> DecisionCurve:
    """Return the decision curve of the predicted ``risk`` (n,) of outcome 1: treat if risk >= threshold.

    Vickers & Elkin, Med Decis Making 2006;26:565: TP/n - FP/n x pt/(1 - pt). Thresholds lie inside 0 - 1.
    """
    outcome = binary_outcome(outcome)
    risk = probabilities(risk, "risk", len(outcome))
    pt = _checked_thresholds(thresholds)
    called = risk >= pt[:, None]
    true, false = (called & (outcome == 1)).mean(axis=1), (called & (outcome == 0)).mean(axis=1)
    odds, prevalence = pt / (1.0 - pt), outcome.mean()
    return DecisionCurve(pt, true - false * odds, prevalence - (1.0 - prevalence) * odds, called.sum(axis=1))


def survival_decision_curve(time: Any, event: Any, risk: Any, at: float, thresholds: Sequence[float]) -> DecisionCurve:
    """Return the decision curve of the predicted ``risk`` (n,) of an event by ``at``: treat if risk >= threshold.

    Vickers et al., BMC Med Inform Decis Mak 2008;8:53: the treated rows' events and survivors by their Kaplan-Meier
    curve, which is carried forward where their follow-up ends earlier. Raises CohortError when no row at all is
    followed up to ``at``.
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


def _checked_thresholds(thresholds: Sequence[float]) -> np.ndarray:
    pt = np.asarray(thresholds, float)
    if pt.ndim != 1 or not len(pt) or not ((pt > 0) & (pt < 1)).all():
        raise InputError("The thresholds of a decision curve must be risks inside 0 - 1.")
    return pt
