"""Kaplan-Meier curves as reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from lifelines import KaplanMeierFitter
from numpy.typing import ArrayLike

from ..statistics import kaplan_meier as kernel
from ..statistics.arrays import Floats
from ..statistics.kaplan_meier import KaplanMeier
from .contained import contained
from .remembered import remembered


def kaplan_meier(time: ArrayLike, event: ArrayLike, interval: str = "log", confidence: float = 0.95,
                 clusters: ArrayLike | None = None) -> KaplanMeier:
    """Return the curve of one group, equal to R's survfit(conf.type = interval).

    ``time`` (n,), any unit, and ``event`` (n,) 0/1. Numbers at risk, events, survival and the log-log interval are
    lifelines'. The standard error and the log interval, which it does not have, are the kernel's; so are the median
    and its bounds, which lifelines takes from either end of a stretch where survival is 0.5, R from its middle. The
    whole curve of rows in ``clusters`` (n,) is the kernel's. Raises what statistics.kaplan_meier.kaplan_meier raises.
    """
    curve = kernel.kaplan_meier(time, event, interval, confidence, clusters)
    if curve.clusters is not None:
        return curve
    with contained():
        fitted = fit_curve(time, event, confidence)
    counts = fitted.event_table.loc[curve.times]
    changes = {"at_risk": counts["at_risk"].to_numpy(float), "events": counts["observed"].to_numpy(float),
               "censored": counts["censored"].to_numpy(float),
               "survival": fitted.survival_function_.loc[curve.times].to_numpy(float)[:, 0]}
    if interval == "log-log":
        bounds = fitted.confidence_interval_.loc[curve.times].to_numpy(float)
        gone = np.ma.getmaskarray(curve.lower)
        changes |= {"lower": np.ma.array(bounds[:, 0], mask=gone), "upper": np.ma.array(bounds[:, 1], mask=gone)}
    return replace(curve, **changes)


@remembered
def fit_curve(time: Floats, event: Floats, confidence: float) -> KaplanMeierFitter:
    """Return lifelines' fit to ``time`` (n,) and ``event`` (n,), which the kernel has accepted; call it contained."""
    return KaplanMeierFitter(alpha=1.0 - confidence).fit(time, event)
