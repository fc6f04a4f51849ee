"""Weights that make up for censoring (IPCW), and how much each row moves a weighted mean through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError
from .arrays import Floats, Mask
from .clusters import cluster_numbers, cluster_sums
from .inputs import survival_outcome
from .risk_table import RiskTable, risk_table, step_at


@dataclass(frozen=True, eq=False, kw_only=True)
class Horizon:
    """A cohort at ``time``: ``cases`` (event by then) and ``controls`` (still followed, without) as masks (n,).

    ``weights`` (n,) are 1/G(T-) for cases and 1/G(time) for controls, 0 for rows censored before, G being the
    Kaplan-Meier curve of censoring with events first at ties (Graf et al., Stat Med 1999;18:2529; Uno et al., JASA
    2007;102:527). ``row_times`` and ``row_events`` (n,) are the outcome, in ``time``'s unit, ``counts`` its risk table.
    """

    time: float
    cases: Mask
    controls: Mask
    weights: Floats
    row_times: Floats
    row_events: Floats
    counts: RiskTable

    def influence_of_weights(self, values: Floats) -> Floats:
        """Return (n,) how the sum of ``values`` (n,) x weights changes per unit of each row's share in estimating G.

        Derivative of log G by the multiplicity of a row: one censored at s adds -1/(r - c), one at risk c/(r (r - c)),
        with c of r at risk censored at s. Only an s before the case's time, or up to the horizon, counts.
        """
        weighted = values * self.weights
        times, censored = self.counts.times, self.counts.censored
        remaining = self.counts.at_risk - self.counts.events
        after = np.where(self.cases, np.searchsorted(times, self.row_times, side="left"),
                         np.searchsorted(times, self.time, side="right"))
        # Sum of the weighted values whose G takes in the censorings at each time.
        later = np.bincount(after, weights=weighted, minlength=len(times) + 1)[::-1].cumsum()[::-1][1:]
        left = np.maximum(remaining - censored, 1.0)
        at_risk = np.concatenate([[0.0], np.cumsum(later * censored / (np.maximum(remaining, 1.0) * left))])
        own = np.searchsorted(times, self.row_times)
        is_censored = self.row_events == 0
        influence: Floats = np.where(is_censored, (later / left)[own], 0.0) - at_risk[own + is_censored]
        return influence


def horizon(time: ArrayLike, event: ArrayLike, at: float) -> Horizon:
    """Return the cohort of ``time`` (n,), any unit, and ``event`` (n,) 0/1 at the time ``at``.

    Raises CohortError when no event has happened by then, no row is followed beyond, or the outcome cannot be used.
    """
    time, event = survival_outcome(time, event)
    cases, controls = (time <= at) & (event == 1), time > at
    if not cases.any():
        raise CohortError(f"No row has an event by {at:g}; choose a later horizon (first event: "
                          f"{time[event == 1].min():g}).")
    if not controls.any():
        raise CohortError(f"No row is followed beyond {at:g}; choose an earlier horizon (longest follow-up: "
                          f"{time.max():g}).")
    counts = risk_table(time, event)
    free = counts.censoring()
    weights = np.zeros(len(time))
    weights[cases] = 1.0 / step_at(counts.times, free, time[cases], before=True)
    weights[controls] = 1.0 / float(step_at(counts.times, free, at))
    return Horizon(time=float(at), cases=cases, controls=controls, weights=weights, row_times=time, row_events=event,
                   counts=counts)


def standard_error(influence: Floats, clusters: ArrayLike | None = None) -> float:
    """Return the standard error that rows' influences (n,), of mean 0, give, with n - 1 as riskRegression has it.

    Influences are summed over ``clusters`` (n,) where given, n being the clusters' number then.
    """
    influence = cluster_sums(influence, cluster_numbers(clusters, len(influence)))
    n = len(influence)
    if n < 2:
        raise CohortError("All rows are of one cluster (patient); a standard error needs at least two.")
    return float(np.linalg.norm(influence) * np.sqrt(n / (n - 1.0)))
