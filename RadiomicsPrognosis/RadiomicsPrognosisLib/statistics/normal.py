"""Tests and confidence intervals of estimates that are normally distributed with a known standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

import numpy as np

from ..errors import CohortError
from ..result import Result
from . import special
from .arrays import Floats
from .inputs import confidence_level

_Estimate = TypeVar("_Estimate")

#: Standard errors and differences of shares up to this are rounding.
_ROUNDING = 1e-12


def two_sided(z: Floats) -> Floats:
    """Return the two-sided p values (m,), 0 - 1, of standard normal statistics ``z`` (m,): R's 2 * pnorm(-abs(z))."""
    p: Floats = np.asarray(2.0 * special.ndtr(-np.abs(z)))
    return p


def normal_share(z: Floats) -> Floats:
    """Return the share (m,), 0 - 1, of a standard normal below ``z`` (m,): R's pnorm.

    Without scipy, which a single case's answer need not wait for.
    """
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in np.asarray(z, float).tolist()])


def normal_quantile(confidence: float) -> float:
    """Return the half-width of a standard normal's central interval of the share ``confidence`` (0 - 1).

    R's qnorm((1 + confidence) / 2). Raises InputError for a confidence outside 0 - 1.
    """
    return float(special.ndtri(0.5 * (1.0 + confidence_level(confidence))))


def share_interval(estimate: float, se: float, confidence: float) -> tuple[float, float]:
    """Return the interval of a share (0 - 1) with standard error ``se``, clipped to 0 - 1 as pROC's ci.auc does.

    Raises InputError for a confidence outside 0 - 1.
    """
    half = normal_quantile(confidence) * se
    return max(estimate - half, 0.0), min(estimate + half, 1.0)


@dataclass(frozen=True, eq=False)
class Wald:
    """Wald tests of coefficients being 0: arrays (p,), ``lower`` and ``upper`` bounding the coefficients."""

    se: Floats
    z: Floats
    p: Floats
    lower: Floats
    upper: Floats


def wald(coefficients: Floats, covariance: Floats, confidence: float) -> Wald:
    """Return the Wald tests and intervals of ``coefficients`` (p,) with ``covariance`` (p, p), as R's confint.default.

    Raises InputError for a confidence outside 0 - 1.
    """
    se = np.sqrt(np.diag(covariance))
    z, half = coefficients / se, normal_quantile(confidence) * se
    return Wald(se, z, two_sided(z), coefficients - half, coefficients + half)


@dataclass(frozen=True, kw_only=True)
class PairedDifference(Result, Generic[_Estimate]):
    """The ``first`` estimate's value minus the ``second``'s, both from the same rows.

    ``lower`` and ``upper`` bound the ``difference``, whose standard error ``se`` includes their correlation; ``z`` is
    difference / se and ``p`` two-sided.
    """

    first: _Estimate
    second: _Estimate
    difference: float
    se: float
    lower: float
    upper: float
    z: float
    p: float

    @classmethod
    def tested(cls, first: _Estimate, second: _Estimate, values: tuple[float, float], se: float, confidence: float,
               what: str) -> Self:
        """Return the normal test of the two estimates' ``values``; ``what`` names them in a message.

        Values without variance that are equal (scores that order all rows alike, or both without error) do not differ:
        z 0 and p 1. Raises CohortError when they differ, InputError for a confidence outside 0 - 1.
        """
        difference = values[0] - values[1]
        if se <= _ROUNDING:
            if abs(difference) > _ROUNDING:
                raise CohortError(f"The {what} are {values[0]:g} and {values[1]:g} without any variance; they cannot "
                                  "be tested.")
            return cls(first=first, second=second, difference=difference, se=0.0, lower=difference, upper=difference,
                       z=0.0, p=1.0)
        z, half = difference / se, normal_quantile(confidence) * se
        return cls(first=first, second=second, difference=difference, se=se, lower=difference - half,
                   upper=difference + half, z=z, p=float(two_sided(np.array(z))))
