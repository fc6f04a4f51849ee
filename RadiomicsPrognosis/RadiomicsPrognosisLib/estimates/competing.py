"""Cumulative incidences with competing causes as reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from lifelines import AalenJohansenFitter
from numpy.typing import ArrayLike

from ..statistics import competing as kernel
from ..statistics.competing import CumulativeIncidence
from .contained import contained


def aalen_johansen(time: ArrayLike, cause: ArrayLike, of: int = 1, interval: str = "log",
                   confidence: float = 0.95) -> CumulativeIncidence:
    """Return the incidence of cause ``of``, equal to R's survfit of a multi-state outcome with conf.type = interval.

    Incidence, standard error and log-log interval are lifelines', except where it has none: where everybody at risk has
    the event at once, and before the first event. The log interval is the kernel's. So is everything when events of two
    causes share a time, which lifelines moves apart at random, or happen at time 0, where it counts none. Raises what
    statistics.competing.cumulative_incidence raises.
    """
    curve = kernel.cumulative_incidence(time, cause, of, interval, confidence)
    if ((curve.events > 0) & (curve.competing > 0)).any() or (curve.times[0] <= 0.0 and curve.events[0] > 0):
        return curve
    with contained():
        fitted = AalenJohansenFitter(alpha=1.0 - confidence).fit(np.asarray(time, float), np.asarray(cause, int), of)
    incidence = fitted.cumulative_density_.loc[curve.times].to_numpy(float)[:, 0]
    variance = fitted.variance_.loc[curve.times].to_numpy(float)
    usable = np.isfinite(variance) & (variance >= 0.0) & (curve.incidence > 0.0)
    changes = {"incidence": incidence, "se": np.where(usable, np.sqrt(np.where(usable, variance, 0.0)), curve.se)}
    if interval == "log-log":
        # Sorted, because lifelines' column called upper holds the lower bounds.
        lower, upper = np.sort(fitted.confidence_interval_.loc[curve.times].to_numpy(float), axis=1).T
        gone = np.ma.getmaskarray(curve.lower)
        changes |= {"lower": np.ma.array(np.where(usable, lower, curve.lower.data), mask=gone),
                    "upper": np.ma.array(np.where(usable, upper, curve.upper.data), mask=gone)}
    return replace(curve, **changes)
