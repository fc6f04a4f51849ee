"""Who is at risk, has an event or is censored at each time, and the product-limit survival that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Counts (m,) at the distinct ``times``: ``at_risk`` just before, ``events`` and ``censored`` at the time."""

    times: Floats
    at_risk: Floats
    events: Floats
    censored: Floats

    def survival(self) -> Floats:
        """Return the product-limit survival (m,), 0 - 1, just after each time (Kaplan & Meier, JASA 1958;53:457)."""
        survival: Floats = (1.0 - self.events / self.at_risk).cumprod()
        return survival

    def censoring(self) -> Floats:
        """Return the probability (m,), 0 - 1, of being uncensored just after each time, events coming first at ties
        (Graf et al., Stat Med 1999;18:2529)."""
        remaining = self.at_risk - self.events
        free: Floats = (1.0 - self.censored / np.maximum(remaining, 1.0)).cumprod()
        return free


def risk_table(time: Floats, event: Floats) -> RiskTable:
    """Return the counts at the distinct values of ``time`` (n,), any unit; ``event`` (n,) is 0/1. As R's survfit."""
    times, which, counts = np.unique(time, return_inverse=True, return_counts=True)
    events = np.asarray(np.bincount(which, weights=event, minlength=len(times)), float)
    at_risk = counts[::-1].cumsum()[::-1].astype(float)
    return RiskTable(times, at_risk, events, counts - events)


def step_at(times: Floats, values: Floats, at: ArrayLike, start: float = 1.0, before: bool = False) -> Floats:
    """Return a step function at ``at`` (k,): ``start`` before the first of ``times`` (m,), rising, then from each time
    on its of ``values`` (m,). As R's stepfun.

    With ``before`` it is the value just before, so that a step at that very time does not count yet.
    """
    index = np.searchsorted(times, at, side="left" if before else "right")
    steps: Floats = np.concatenate([[start], values])
    return steps[index]


def survival_at(time: Floats, event: Floats, at: float) -> float:
    """Return the Kaplan-Meier survival, 0 - 1, of ``time`` (n,) and ``event`` (n,) 0/1 at one time ``at``.

    Beyond the last row it is carried forward (R's summary(survfit, times = at, extend = TRUE)).
    """
    counts = risk_table(time, event)
    return float(step_at(counts.times, counts.survival(), at))
