"""The ROC curve of a score, its area with DeLong's variance, tests between areas, and Youden's threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ..errors import CohortError
from ..result import Result, only_where_known
from .arrays import Floats, Integers
from .clusters import cluster_numbers, cluster_sums
from .inputs import binary_outcome, finite_column
from .normal import PairedDifference, share_interval


@dataclass(frozen=True, eq=False)
class RocCurve(Result):
    """``sensitivity`` and ``specificity`` (m,), 0 - 1, of the rule score > threshold, from all positive to none.

    ``thresholds`` (m,), rising, lie midway between neighbouring scores; the first and last are just outside all scores,
    where pROC has minus and plus infinity.
    """

    thresholds: Floats
    sensitivity: Floats
    specificity: Floats


@dataclass(frozen=True, kw_only=True)
class Auc(Result):
    """Area under the ROC curve in 0 - 1, DeLong's ``variance`` and interval (clipped to 0 - 1); numbers of rows.

    Of rows in ``clusters`` (their number) the variance is Obuchowski's.
    """

    auc: float
    variance: float
    lower: float
    upper: float
    confidence: float
    positive: int
    negative: int
    clusters: int | None = only_where_known()

    @property
    def value(self) -> float:
        """The area."""
        return self.auc

    @property
    def method(self) -> str:
        """Whose variance it is."""
        return "DeLong" if self.clusters is None else "Obuchowski"


@dataclass(frozen=True, kw_only=True)
class AucDifference(Result):
    """Area of the first score minus that of the second, of the same rows, with ``se``, interval and two-sided ``p``.

    ``statistic`` is normal, so its degrees of freedom ``df`` are None.
    """

    first: Auc
    second: Auc
    difference: float
    se: float
    lower: float
    upper: float
    statistic: float
    df: None = None
    p: float

    @property
    def z(self) -> float:
        """The test's statistic."""
        return self.statistic

    @property
    def method(self) -> str:
        """What the comparison is called."""
        return self.first.method


@dataclass(frozen=True)
class Youden(Result):
    """The ``threshold`` with the largest ``index`` (0 - 1) = sensitivity + specificity - 1; positive is score >
    threshold."""

    threshold: float
    index: float
    sensitivity: float
    specificity: float


def roc_curve(outcome: ArrayLike, score: ArrayLike) -> RocCurve:
    """Return the ROC curve of ``score`` (n,), high meaning ``outcome`` (n,) 1, with the thresholds of R's pROC::roc.

    Raises CohortError for one class or values that cannot be used, InputError for another shape.
    """
    outcome, score = _checked(outcome, score)
    thresholds, true, false = _counts(outcome, score)
    return RocCurve(thresholds, true / outcome.sum(), 1.0 - false / (1.0 - outcome).sum())


def auc(outcome: ArrayLike, score: ArrayLike, confidence: float = 0.95, clusters: ArrayLike | None = None) -> Auc:
    """Return the area under the ROC curve of ``score`` (n,) for ``outcome`` (n,) 0/1, ties counting half, with DeLong's
    variance and interval at ``confidence`` (0 - 1).

    DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837, by mid-ranks (Sun & Xu, IEEE Signal Process Lett
    2014;21:1389); equal to pROC, direction "<". Of rows in ``clusters`` (n,) the variance is that of Obuchowski,
    Biometrics 1997;53:567. Raises CohortError for one class, or a class of a single row or cluster, whose variance is
    unknown, or values that cannot be used; InputError for another shape or confidence.
    """
    outcome, score = _checked(outcome, score)
    return _auc(outcome, _placements(outcome, score), confidence, cluster_numbers(clusters, len(outcome)))


def compare_auc(outcome: ArrayLike, first: ArrayLike, second: ArrayLike, confidence: float = 0.95,
                clusters: ArrayLike | None = None) -> AucDifference:
    """Return DeLong's paired test of two scores (n,) of the same rows, equal to pROC::roc.test(paired = TRUE), or
    Obuchowski's of rows in ``clusters`` (n,).

    Equal areas without variance (scores that order all rows alike, or separate the classes without error): statistic 0
    and p 1. Raises CohortError for different areas without variance, and as auc does.
    """
    outcome, first = _checked(outcome, first)
    second = finite_column(second, "second score", len(outcome))
    one, two = _placements(outcome, first), _placements(outcome, second)
    numbers = cluster_numbers(clusters, len(outcome))
    areas = _auc(outcome, one, confidence, numbers), _auc(outcome, two, confidence, numbers)
    variance = sum(float(np.var(a - b, ddof=1)) / len(a) for a, b in zip(one, two, strict=True))
    if numbers is not None:
        variance = _clustered_variance(outcome, (one[0] - two[0], one[1] - two[1]), numbers)
    test = PairedDifference.tested(*areas, (areas[0].auc, areas[1].auc), variance**0.5, confidence, "areas")
    return AucDifference(first=test.first, second=test.second, difference=test.difference, se=test.se,
                         lower=test.lower, upper=test.upper, statistic=test.z, p=test.p)


def youden(outcome: ArrayLike, score: ArrayLike) -> Youden:
    """Return Youden's threshold (Cancer 1950;3:32) of ``score`` (n,), high meaning ``outcome`` (n,) 1.

    It lies midway between two scores as in pROC::coords("best"); of equally good thresholds the one with the highest
    specificity, that is the largest, is taken. Raises CohortError when the score is the same in all rows, and as
    roc_curve does.
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


def _checked(outcome: ArrayLike, score: ArrayLike) -> tuple[Floats, Floats]:
    classes = binary_outcome(outcome)
    return classes, finite_column(score, "score", len(classes))


def _counts(outcome: Floats, score: Floats) -> tuple[Floats, Integers, Integers]:
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


def _placements(outcome: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Return for each positive row the share of negatives below it, for each negative that of positives above it."""
    high, low = score[outcome == 1], score[outcome == 0]
    ranks = rankdata(np.concatenate([high, low]))
    above = (ranks[:len(high)] - rankdata(high)) / len(low)
    below = 1.0 - (ranks[len(high):] - rankdata(low)) / len(high)
    return above, below


def _auc(outcome: Floats, placements: tuple[Floats, Floats], confidence: float, numbers: Integers | None) -> Auc:
    above, below = placements
    if min(len(above), len(below)) < 2:
        raise CohortError(f"{len(above)} positive and {len(below)} negative rows: DeLong's variance needs two of each.")
    area = float(above.mean())
    if numbers is None:
        variance, clusters = float(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)), None
    else:
        variance, clusters = _clustered_variance(outcome, placements, numbers), int(numbers.max()) + 1
    lower, upper = share_interval(area, variance**0.5, confidence)
    return Auc(auc=area, variance=variance, lower=lower, upper=upper, confidence=confidence, positive=len(above),
               negative=len(below), clusters=clusters)


def _clustered_variance(outcome: Floats, placements: tuple[Floats, Floats], numbers: Integers) -> float:
    """Return the variance of an area, or of a difference of areas, whose rows have ``placements`` (or differences).

    With m positive and n negative rows, and V the sums over clusters of the placements' distances from their mean:
    S10 / m + S01 / n + 2 S11 / (m n), each S the mean square, or product, over the clusters that have such rows
    (Obuchowski, Biometrics 1997;53:567, formulas 3 - 6). Raises CohortError where a class is of one cluster.
    """
    sums, counts = [], []
    for rows, values in zip((outcome == 1, outcome == 0), placements, strict=True):
        centred = np.zeros(len(outcome))
        centred[rows] = (values - values.mean()) / len(values)
        sums.append(cluster_sums(centred, numbers))
        counts.append(len(np.unique(numbers[rows])))
    if min(counts) < 2:
        raise CohortError(f"The positive rows are of {counts[0]} and the negative of {counts[1]} clusters (patients): "
                          "Obuchowski's variance needs two of each.")
    every = len(sums[0])
    squares = sum(count / (count - 1.0) * float(own @ own) for own, count in zip(sums, counts, strict=True))
    return max(squares + 2.0 * every / (every - 1.0) * float(sums[0] @ sums[1]), 0.0)
