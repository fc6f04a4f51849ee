"""A chi-squared test's outcome."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import special

from ..result import Result


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
