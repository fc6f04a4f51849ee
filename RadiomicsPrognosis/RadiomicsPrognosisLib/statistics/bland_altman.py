"""Agreement of two readings of a number by Bland and Altman: bias and limits of agreement with their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError
from ..result import Result
from . import special
from .arrays import Floats
from .inputs import confidence_level, finite_column, one_of
from .normal import normal_quantile

#: How the limits' intervals are computed.
EXACT, APPROXIMATE = "exact", "approximate"
METHODS = (EXACT, APPROXIMATE)

#: A sum of squares below this share of the readings' own squares is rounding, not variation.
_ROUNDING = (64 * np.finfo(float).eps) ** 2


@dataclass(frozen=True, kw_only=True)
class LimitsOfAgreement(Result):
    """Limits of agreement of ``n`` pairs: ``bias`` is the mean of second - first, ``sd`` (n - 1) that of a difference.

    ``lower`` and ``upper`` are bias -+ z sd and hold the share ``agreement`` (0 - 1) of differences that are normal.
    ``bias_interval``, ``lower_interval`` and ``upper_interval`` are confidence intervals at ``confidence`` (0 - 1),
    those of the limits by ``method``. All in the readings' own unit. ``slope`` is that of the difference on the pair's
    mean with its p value ``slope_p``; both are None for fewer than three pairs, equal means or equal differences.
    """

    n: int
    bias: float
    sd: float
    lower: float
    upper: float
    bias_interval: tuple[float, float]
    lower_interval: tuple[float, float]
    upper_interval: tuple[float, float]
    agreement: float
    confidence: float
    method: str
    slope: float | None
    slope_p: float | None


def limits_of_agreement(first: ArrayLike, second: ArrayLike, agreement: float = 0.95, confidence: float = 0.95,
                        method: str = EXACT) -> LimitsOfAgreement:
    """Return the limits of agreement of two readings ``first`` and ``second`` (n,) of the same cases.

    Bland & Altman, Lancet 1986;1:307. The bias has Student's interval. A limit is a percentile of a normal
    distribution, whose exact interval is from the non-central t distribution (Carkeet, Optom Vis Sci 2015;92:e71);
    ``approximate`` takes the limit's standard error sd sqrt(1/n + z^2 / (2 (n - 1))) and Student's t instead (Bland &
    Altman, Stat Methods Med Res 1999;8:135), symmetric and too narrow on its outer side for few pairs. Raises
    CohortError for fewer than two pairs or a value that is not finite, InputError for columns of different length, a
    share outside 0 - 1 or another method.
    """
    one_of("method", method, METHODS)
    a = finite_column(first, "the first reading")
    b = finite_column(second, "the second reading", len(a))
    z, tail = normal_quantile(agreement), 0.5 * (1.0 + confidence_level(confidence))
    n = len(a)
    if n < 2:
        raise CohortError("Limits of agreement need two or more pairs of readings; there is one.")
    difference = b - a
    bias, sd = float(difference.mean()), _spread(difference, np.concatenate([a, b]))
    half = float(special.stdtrit(n - 1, tail)) * sd
    near, far = _limit_factors(n, z, tail, method)
    slope, slope_p = _trend(0.5 * (a + b), difference, sd)
    return LimitsOfAgreement(
        n=n, bias=bias, sd=sd, lower=bias - z * sd, upper=bias + z * sd,
        bias_interval=(bias - half / math.sqrt(n), bias + half / math.sqrt(n)),
        lower_interval=(bias - far * sd, bias - near * sd), upper_interval=(bias + near * sd, bias + far * sd),
        agreement=agreement, confidence=confidence, method=method, slope=slope, slope_p=slope_p)


def _spread(difference: Floats, readings: Floats) -> float:
    """Return the SD (n - 1) of the differences, 0 where they vary by the readings' rounding alone."""
    squares = float(np.sum((difference - difference.mean()) ** 2))
    if squares <= _ROUNDING * float(np.sum(readings ** 2)):
        return 0.0
    return math.sqrt(squares / (len(difference) - 1))


def _limit_factors(n: int, z: float, tail: float, method: str) -> tuple[float, float]:
    """Return how many SDs the two ends of a limit's interval lie from the bias, the end near the bias first."""
    if method == APPROXIMATE:
        half = float(special.stdtrit(n - 1, tail)) * math.sqrt(1.0 / n + z * z / (2.0 * (n - 1)))
        return z - half, z + half
    root = math.sqrt(n)
    return tuple(float(special.nctdtrit(n - 1, z * root, share)) / root for share in (1.0 - tail, tail))  # type: ignore[return-value]  # two shares


def _trend(mean: Floats, difference: Floats, sd: float) -> tuple[float | None, float | None]:
    """Return slope and two-sided p of the least-squares line of differences on means, None where there is none."""
    x, y = mean - mean.mean(), difference - difference.mean()
    sxx = float(x @ x)
    if len(x) < 3 or sd == 0.0 or sxx <= _ROUNDING * float(mean @ mean):
        return None, None
    slope = float(x @ y) / sxx
    rest = float(np.sum((y - slope * x) ** 2))
    error = math.sqrt(rest / (len(x) - 2) / sxx)
    p = 0.0 if error == 0.0 else float(2.0 * special.stdtr(len(x) - 2, -abs(slope) / error))
    return slope, p


@dataclass(frozen=True, kw_only=True)
class Repeatability(Result):
    """How far two readings of a case differ, from ``n`` cases with ``readings`` each.

    ``within_sd`` is the SD of one reading about its case's mean, readers' shifts included, with its interval at
    ``confidence`` (0 - 1); two readings of a case differ by less than ``coefficient`` = z sqrt(2) within_sd in the
    share ``agreement`` (0 - 1) of cases. All in the readings' own unit.
    """

    n: int
    readings: int
    within_sd: float
    within_sd_interval: tuple[float, float]
    coefficient: float
    coefficient_interval: tuple[float, float]
    agreement: float
    confidence: float


def repeatability(values: ArrayLike, agreement: float = 0.95, confidence: float = 0.95) -> Repeatability:
    """Return the repeatability of ``values`` (n, k), k readings of each of n cases.

    The within-case mean square of a one-way analysis of variance (Bland & Altman, Stat Methods Med Res 1999;8:135,
    section 2.5), its interval from the chi-squared distribution with n (k - 1) degrees of freedom; it holds for
    differences without bias, and grows with one. Raises CohortError for fewer than two readings, no case or a value
    that is not finite, InputError for a share outside 0 - 1.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 2 or x.shape[0] < 1 or x.shape[1] < 2:
        raise CohortError(f"Readings have the shape {x.shape}; repeatability needs (cases, readings), two readings or "
                          "more of each case.")
    if not np.isfinite(x).all():
        raise CohortError("A reading is missing or infinite; leave its case out.")
    z, tail = normal_quantile(agreement) * math.sqrt(2.0), 0.5 * (1.0 + confidence_level(confidence))
    n, k = x.shape
    df = n * (k - 1)
    squares = float(np.sum((x - x.mean(axis=1, keepdims=True)) ** 2))
    squares = 0.0 if squares <= _ROUNDING * float(np.sum(x ** 2)) else squares
    within = math.sqrt(squares / df)
    low, high = (math.sqrt(squares / float(special.chdtri(df, share))) for share in (1.0 - tail, tail))
    return Repeatability(n=n, readings=k, within_sd=within, within_sd_interval=(low, high), coefficient=z * within,
                         coefficient_interval=(z * low, z * high), agreement=agreement, confidence=confidence)
