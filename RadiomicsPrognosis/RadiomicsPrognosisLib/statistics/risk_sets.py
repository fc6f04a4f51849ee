"""Moments of covariates over the risk sets of a Cox model, for its baseline hazard and tests of its residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class RiskSets:
    """One *term* per event (with Efron's ties, each less a fraction of the tied events' weight), by rising time.

    ``events`` (d,) are the rows of the events, ``total`` (d,) the sums of exp(lp) over the risk sets, ``mean`` (d, p)
    and ``covariance`` (d, p, p) the weighted moments of the covariates there.
    """

    events: Integers
    total: Floats
    mean: Floats
    covariance: Floats


def risk_sets(time: Floats, event: Floats, x: Floats, linear_predictor: Floats, ties: str) -> RiskSets:
    """Return the risk sets' moments of ``x`` (n, p), weighted by exp(``linear_predictor``) (n,).

    ``time`` (n,), any unit, and ``event`` (n,) 0/1 are the outcome; ``ties`` are ``efron`` (Efron, JASA 1977;72:557) or
    ``breslow`` (Breslow, Biometrics 1974;30:89).
    """
    order = np.argsort(-time, kind="stable")
    falling = -time[order]
    weight = np.exp(linear_predictor[order])
    x = x[order]
    products = np.concatenate([np.ones((len(x), 1)), x, (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)], axis=1)
    products *= weight[:, None]
    rows = np.flatnonzero(event[order])
    times, first, deaths = np.unique(falling[rows], return_index=True, return_counts=True)
    which = np.repeat(np.arange(len(times)), deaths)
    sums = np.add.accumulate(products)[np.searchsorted(falling, times, side="right") - 1][which]
    if ties == "efron":
        tied = np.add.reduceat(products[rows], first)[which]
        sums -= tied * ((np.arange(len(rows)) - first[which]) / deaths[which])[:, None]
    p = x.shape[1]
    total, mean = sums[:, 0], sums[:, 1:1 + p] / sums[:, :1]
    covariance = (sums[:, 1 + p:] / sums[:, :1]).reshape(len(rows), p, p) - mean[:, :, None] * mean[:, None, :]
    return RiskSets(order[rows][::-1], total[::-1], mean[::-1], covariance[::-1])
