"""Who is at risk, has an event or is censored at each time, and the product-limit survival that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Counts (m,) at the distinct ``times``: ``at_risk`` just before, ``events`` and ``censored`` at the time."""

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray

    def survival(self) -> np.ndarray:
        """Return the product-limit survival (m,) just after each time (Kaplan & Meier, JASA 1958;53:457)."""
        return np.cumprod(1.0 - self.events / self.at_risk)

    def censoring(self) -> np.ndarray:
        """Return the probability (m,) of being uncensored just after each time, events coming first at ties."""
        remaining = self.at_risk - self.events
        return np.cumprod(1.0 - self.censored / np.maximum(remaining, 1.0))


def risk_table(time: np.ndarray, event: np.ndarray) -> RiskTable:
    """Return the counts at the distinct values of ``time`` (n,); ``event`` (n,) is 0/1."""
    times, which, counts = np.unique(time, return_inverse=True, return_counts=True)
    events = np.bincount(which, weights=event, minlength=len(times))
    at_risk = counts[::-1].cumsum()[::-1].astype(float)
    return RiskTable(times, at_risk, events, counts - events)


def step_at(times: np.ndarray, values: np.ndarray, at: np.ndarray | float, start: float = 1.0,
            before: bool = False) -> np.ndarray:
    """Return a step function at ``at``: ``start`` before the first of ``times``, from each time on its value.

    With ``before`` it is the value just before, so that a step at that very time does not count yet.
    """
    index = np.searchsorted(times, at, side="left" if before else "right")
    return np.concatenate([[start], values])[index]


def survival_at(time: np.ndarray, event: np.ndarray, at: float) -> float:
    """Return the Kaplan-Meier survival at one time; beyond the last row it is carried forward."""
    counts = risk_table(time, event)
    return float(step_at(counts.times, counts.survival(), at))
