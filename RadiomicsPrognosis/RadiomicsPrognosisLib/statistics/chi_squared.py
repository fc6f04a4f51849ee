"""A chi-squared test's outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..result import Result
from .arrays import Floats


@dataclass(frozen=True)
class ChiSquared(Result):
    """``statistic`` (>= 0) with ``df`` degrees of freedom and the upper tail's ``p`` (0 - 1)."""

    statistic: float
    df: int
    p: float


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """Return the test of a chi-squared statistic, R's pchisq(lower.tail = FALSE); rounding below 0 counts as 0."""
    statistic = max(float(statistic), 0.0)
    return ChiSquared(statistic, df, float(special.chdtrc(df, statistic)))


def wald_together(coefficients: Floats, covariance: Floats) -> ChiSquared:
    """Return Wald's test of all ``coefficients`` (p,) with ``covariance`` (p, p) being 0.

    On the scale of z, where units over many decades do no harm.
    """
    se = np.sqrt(np.diag(covariance))
    z = coefficients / se
    return chi_squared(float(z @ np.linalg.solve(covariance / np.outer(se, se), z)), len(z))
