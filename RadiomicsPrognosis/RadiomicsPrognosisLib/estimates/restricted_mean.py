"""Restricted mean survival times as reported."""

from __future__ import annotations

from dataclasses import replace

from lifelines.utils import restricted_mean_survival_time
from numpy.typing import ArrayLike

from ..statistics import restricted_mean as kernel
from ..statistics.normal import normal_quantile
from ..statistics.restricted_mean import RestrictedMean
from .contained import contained
from .survival_curve import fit_curve


def restricted_mean(time: ArrayLike, event: ArrayLike, horizon: float, confidence: float = 0.95) -> RestrictedMean:
    """Return the restricted mean of one group, equal to R's print(survfit, rmean = horizon).

    The mean is lifelines'; its standard error is the kernel's, because what lifelines calls the variance is that of the
    times up to the horizon and not that of their mean. Raises what statistics.restricted_mean.restricted_mean raises.
    """
    result = kernel.restricted_mean(time, event, horizon, confidence)
    with contained():
        mean = float(restricted_mean_survival_time(fit_curve(time, event, confidence), t=float(horizon)))
    half = normal_quantile(confidence) * result.se
    return replace(result, mean=mean, lower=mean - half, upper=mean + half)
