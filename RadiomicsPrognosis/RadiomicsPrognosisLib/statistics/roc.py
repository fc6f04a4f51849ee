"""The ROC curve of a score, its area with DeLong's variance, tests between areas, and Youden's threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special
from scipy.stats import rankdata

from ..errors import CohortError
from ..result import Result
from .chi_squared import normal_quantile, two_sided
from .inputs import binary_outcome, confidence_level, finite_column


@dataclass(frozen=True, eq=False)
class RocCurve(Result):
    """Rates (m,) of the rule score > threshold, from all positive to all negative.

    ``thresholds`` (m,) lie midway between neighbouring scores; the first and last are just outside all scores, where
    pROC has minus and plus infinity.
    """

    thresholds: np.ndarray
    sensitivity: np.ndarray
    specificity: np.ndarray


@dataclass(frozen=True)
class Auc(Result):
    """Area under the ROC curve in 0 - 1, DeLong's ``variance`` and interval (clipped to 0 - 1)."""

    auc: float
    variance: float
    lower: float
    upper: float
    confidence: float
    positive: int
    negative: int


@dataclass(frozen=True)
class AucDifference(Result):
    """Area of the first score minus that of the second; ``df`` is None for the paired (normal) test, Welch's else."""

    first: Auc
    second: Auc
    difference: float
    se: float
    lower: float
    upper: float
    statistic: float
    df: float | None
    p: float


@dataclass(frozen=True)
class Youden(Result):
    """The ``threshold`` with the largest ``index`` = sensitivity + specificity - 1; positive is score > threshold."""

    threshold: float
    index: float
    sensitivity: float
    specificity: float


def roc_curve(outcome: Any, score: Any) -> RocCurve:
    """Return the ROC curve of ``score`` (n,), high meaning outcome 1, with pROC's thresholds."""
    outcome, score = _checked(outcome, score)
    thresholds, true, false = _counts(outcome, score)
    return RocCurve(thresholds, true / outcome.sum(), 1.0 - false / (1.0 - outcome).sum())


def auc(outcome: Any, score: Any, confidence: float = 0.95) -> Auc:
    """Return the area under the ROC curve, ties counting half, with DeLong's variance and interval.

    DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837, by mid-ranks (Sun & Xu, IEEE Signal Process Lett
    2014;21:1389); equal to pROC, direction "<". Raises CohortError for one class, or a class of a single row, whose
    variance is unknown.
    """
    outcome, score = _checked(outcome, score)
    return _auc(*_placements(outcome, score), confidence)


def compare_auc(outcome: Any, first: Any, second: Any, confidence: float = 0.95) -> AucDifference:
    """Return DeLong's paired test of two scores of the same rows; equal areas without variance: statistic 0, p 1.

    Raises CohortError for different areas without variance.
    """
    outcome, first = _checked(outcome, first)
    second = finite_column(second, "second score", len(outcome))
    one, two = _placements(outcome, first), _placements(outcome, second)
    variance = sum(float(np.var(a - b, ddof=1)) / len(a) for a, b in zip(one, two, strict=True))
    return _difference(_auc(*one, confidence), _auc(*two, confidence), variance, None, confidence)


def compare_auc_between(outcome: Any, score: Any, other_outcome: Any, other_score: Any,
                        confidence: float = 0.95) -> AucDifference:
    """Return DeLong's unpaired test of a score in two cohorts, with Welch's degrees of freedom as pROC has it."""
    samples = [_placements(*_checked(outcome, score)), _placements(*_checked(other_outcome, other_score))]
    one, two = (_auc(*sample, confidence) for sample in samples)
    variance = one.variance + two.variance
    if variance <= 0:
        return _difference(one, two, 0.0, None, confidence)
    sizes = [one.positive + one.negative, two.positive + two.negative]
    df = variance**2 / sum(area.variance**2 / (n - 1) for area, n in zip((one, two), sizes, strict=True))
    return _difference(one, two, variance, df, confidence)


def youden(outcome: Any, score: Any) -> Youden:
    """Return Youden's threshold (Cancer 1950;3:32), midway between two scores as in pROC.

    Of equally good thresholds the one with the highest specificity, that is the largest, is taken.
    """
    outcome, score = _checked(outcome, score)
    thresholds, true, false = _counts(outcome, score)
    if len(thresholds) < 3:
        raise CohortError("The score is the same in all rows; it has no threshold.")
    positive, negative = int(outcome.sum()), int((1 - outcome).sum())
    # In whole numbers, so that equally good thresholds are seen as such.
    index = true[1:-1] * negative - false[1:-1] * positive
    best = len(index) - int(index[::-1].argmax())
    return Youden(float(thresholds[best]), float(index[best - 1]) / (positive * negative), float(true[best]) / positive,
                  1.0 - float(false[best]) / negative)


def _checked(outcome: Any, score: Any) -> tuple[np.ndarray, np.ndarray]:
    outcome = binary_outcome(outcome)
    return outcome, finite_column(score, "score", len(outcome))


def _counts(outcome: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return thresholds and, above each, the numbers of true and false positives."""
    values, which = np.unique(score, return_inverse=True)
    positive = np.bincount(which, weights=outcome).astype(np.int64)
    negative = np.bincount(which).astype(np.int64) - positive
    middle = 0.5 * (values[:-1] + values[1:])
    # Between neighbouring doubles there is none; the middle must stay below the upper score.
    middle = np.where(middle < values[1:], middle, values[:-1])
    thresholds = np.concatenate([[np.nextafter(values[0], -np.inf)], middle, [values[-1]]])
    true, false = (np.append(counts[::-1].cumsum()[::-1], 0) for counts in (positive, negative))
    return thresholds, true, false


def _placements(outcome: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each positive row the share of negatives below it, for each negative that of positives above it."""
    high, low = score[outcome == 1], score[outcome == 0]
    ranks = rankdata(np.concatenate([high, low]))
    above = (ranks[:len(high)] - rankdata(high)) / len(low)
    below = 1.0 - (ranks[len(high):] - rankdata(low)) / len(high)
    return above, below


def _auc(above: np.ndarray, below: np.ndarray, confidence: float) -> Auc:
    if min(len(above), len(below)) < 2:
        raise CohortError(f"{len(above)} positive and {len(below)} negative rows: DeLong's variance needs two of each.")
    area = float(above.mean())
    variance = float(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))
    half = normal_quantile(confidence_level(confidence)) * variance**0.5
    return Auc(area, variance, max(area - half, 0.0), min(area + half, 1.0), confidence, len(above), len(below))


def _difference(one: Auc, two: Auc, variance: float, df: float | None, confidence: float) -> AucDifference:
    difference, se = one.auc - two.auc, variance**0.5
    if se <= 1e-12:
        if abs(difference) > 1e-12:
            raise CohortError(f"The areas are {one.auc:g} and {two.auc:g} without any variance; they cannot be tested.")
        # The scores order all rows alike, or both separate the classes without error.
        return AucDifference(one, two, difference, 0.0, difference, difference, 0.0, df, 1.0)
    statistic = difference / se
    if df is None:
        p, quantile = float(two_sided(statistic)), normal_quantile(confidence)
    else:
        p = 2.0 * float(special.stdtr(df, -abs(statistic)))
        quantile = float(special.stdtrit(df, 0.5 * (1.0 + confidence)))
    half = quantile * se
    return AucDifference(one, two, difference, se, difference - half, difference + half, statistic, df, p)
