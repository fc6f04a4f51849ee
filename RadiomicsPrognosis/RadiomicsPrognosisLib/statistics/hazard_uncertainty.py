"""How sure a Cox model's baseline hazard is, and how it moves with the coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats
from .clusters import cluster_numbers, cluster_sums
from .risk_sets import risk_sets
from .score_residuals import hazard_residuals, score_residuals


@dataclass(frozen=True, eq=False)
class HazardUncertainty:
    """At event ``times`` (m,): the ``variance`` (m,) of the log baseline cumulative hazard at fixed coefficients, and
    its ``centre`` (m, p), minus its derivative by the coefficients."""

    times: Floats
    variance: Floats
    centre: Floats


@dataclass(frozen=True, eq=False)
class Robust:
    """The ``clusters`` (n,) of a model's rows, and its coefficients' ``naive`` and robust ``covariance`` (p, p)."""

    clusters: ArrayLike
    naive: Floats
    covariance: Floats


def hazard_uncertainty(time: Floats, event: Floats, x: Floats, coefficients: Floats, ties: str,
                       most: int, robust: Robust | None = None) -> HazardUncertainty:
    """Return the uncertainty of the baseline of a Cox model of ``x`` (n, p), at up to ``most`` event times.

    With dH the hazard's steps and xbar the mean covariates of those at risk, weighted by their hazards, the variance is
    sum dH^2 / H^2 and the centre sum xbar dH / H, so that the log of the hazard of a case x has the variance
    variance + (x - centre)' V (x - centre) (Tsiatis, Ann Stat 1981;9:93; Link, Biometrics 1984;40:601; R's
    survfit.coxph). ``time`` and ``event`` (n,), ``ties`` as in fit_cox. Times are where 1, 2, 4 ... events had
    happened, and evenly many between. With ``robust`` both follow from the joint changes of hazard and coefficients
    when a whole cluster's weight changes (Therneau & Grambsch, Modeling Survival Data, 2000, section 7.1), written so
    that the formula above holds: the centre less V^-1 c, the variance less c' V^-1 c of their covariance c.
    """
    sets = risk_sets(time, event, x, (x - x.mean(axis=0)) @ coefficients, ties)
    steps = 1.0 / sets.total
    hazard = np.cumsum(steps)
    variance = np.cumsum(steps**2) / hazard**2
    centre = np.cumsum(sets.mean * steps[:, None], axis=0) / hazard[:, None]
    at = time[sets.events]
    last = np.flatnonzero(np.append(at[1:] > at[:-1], True))
    early = [2**power - 1 for power in range(max(len(at), 1).bit_length())]
    wanted = np.unique([*early[:most // 2], *np.linspace(0, len(at) - 1, most - most // 2).astype(int)])
    rows = last[np.unique(np.searchsorted(last, wanted))]
    rows = rows[at[rows] > 0]
    uncertain = HazardUncertainty(at[rows], variance[rows], centre[rows])
    numbers = None if robust is None else cluster_numbers(robust.clusters, len(time))
    if robust is None or numbers is None:
        return uncertain
    predictor = (x - x.mean(axis=0)) @ coefficients
    of_hazard = cluster_sums(hazard_residuals(time, event, predictor, ties, at[rows]), numbers) / hazard[rows]
    of_coefficients = cluster_sums(score_residuals(time, event, x, predictor, ties), numbers) @ robust.naive
    together = of_hazard.T @ of_coefficients
    moved = np.linalg.solve(robust.covariance, together.T).T
    within = (of_hazard**2).sum(axis=0) - (moved * together).sum(axis=1)
    return HazardUncertainty(at[rows], np.maximum(within, 0.0), uncertain.centre - moved)
