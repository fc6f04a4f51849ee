"""What a regression leaves uncertain, in the form in which a model's file holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..statistics.arrays import Floats
from ..statistics.cox import CoxModel
from ..statistics.hazard_uncertainty import Robust, hazard_uncertainty
from ..statistics.logistic import LogisticModel
from .uncertainty import INTERCEPT, BaselinePoint, StoredCovariance

#: Event times at which the baseline's uncertainty is stored; between them it is interpolated.
_POINTS = 16


def fitted_covariance(fit: CoxModel | LogisticModel, target: Floats | tuple[Floats, Floats],
                      x: Floats, clusters: ArrayLike | None = None) -> StoredCovariance:
    """Return the covariance of a regression on ``x`` (n, p), by its own terms' names.

    ``target`` is what it was fitted to: (time, event), each (n,), of a Cox model, else the outcome (n,). Of rows in
    ``clusters`` (n,) covariance and baseline are the robust ones.
    """
    if isinstance(fit, LogisticModel) or not isinstance(target, tuple):
        events = fit.positive if isinstance(fit, LogisticModel) else fit.events
        return _stored((INTERCEPT, *fit.terms), fit.covariance, fit.n, events)
    time, event = target
    robust = None
    if clusters is not None and fit.naive_covariance is not None:
        robust = Robust(clusters, fit.naive_covariance, fit.covariance)
    hazard = hazard_uncertainty(time, event, x, fit.coefficients, fit.ties, _POINTS, robust)
    points = tuple(BaselinePoint(months=month, variance=variance, centre=tuple(centre)) for month, variance, centre in
                   zip(hazard.times.tolist(), hazard.variance.tolist(), hazard.centre.tolist(), strict=True))
    return _stored(fit.terms, fit.covariance, fit.n, fit.events, points)


def rewritten(stored: StoredCovariance, names: Sequence[str], jacobian: Floats) -> StoredCovariance:
    """Return the covariance of coefficients ``names`` (q,) that are ``jacobian`` (q, p) times the fitted ones.

    A centre becomes one with the same effect on every deviation: with d = J e and J's columns independent, c' e = b' d
    for J' b = c.
    """
    inverse = np.linalg.pinv(jacobian.T)
    points = tuple(replace(point, centre=tuple((inverse @ np.array(point.centre)).tolist()))
                   for point in stored.baseline)
    return _stored(tuple(names), jacobian @ stored.matrix @ jacobian.T, stored.cases, stored.events, points)


def _stored(names: tuple[str, ...], covariance: Floats, cases: int, events: int,
            baseline: tuple[BaselinePoint, ...] = ()) -> StoredCovariance:
    rows = covariance[np.tril_indices(len(names))]
    return StoredCovariance(cases=cases, events=events, names=names, rows=tuple(rows.tolist()), baseline=baseline)
