"""A chi-squared test's outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..result import Result


@dataclass(frozen=True)
class ChiSquared(Result):
    """``statistic`` with ``df`` degrees of freedom and the upper tail's ``p``."""

    statistic: float
    df: int
    p: float


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """Return the test of a chi-squared statistic; rounding below 0 counts as 0."""
    statistic = max(float(statistic), 0.0)
    return ChiSquared(statistic, df, float(special.chdtrc(df, statistic)))


def two_sided(z: np.ndarray | float) -> np.ndarray | float:
    """Return the two-sided p value of a standard normal statistic."""
    return 2.0 * special.ndtr(-np.abs(z))


def normal_quantile(confidence: float) -> float:
    """Return the half-width of a standard normal's central interval."""
    return float(special.ndtri(0.5 * (1.0 + confidence)))
