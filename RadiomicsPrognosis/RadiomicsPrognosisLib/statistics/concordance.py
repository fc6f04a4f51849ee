"""Harrell's concordance index with its standard error and interval, and the comparison of two scores on one cohort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError
from ..result import Result
from .arrays import Floats, Integers
from .clusters import cluster_numbers, cluster_sums
from .inputs import finite_column, survival_outcome
from .normal import PairedDifference, share_interval

#: Events compared with all rows at a time; bounds the memory of one block.
_BLOCK = 512


@dataclass(frozen=True, kw_only=True)
class Concordance(Result):
    """C-index ``c`` in 0 - 1 with ``se``, interval (clipped to 0 - 1) and the numbers of pairs it counts."""

    c: float
    se: float
    lower: float
    upper: float
    confidence: float
    concordant: int
    discordant: int
    tied_score: int

    @property
    def value(self) -> float:
        """The C-index."""
        return self.c


@dataclass(frozen=True, kw_only=True)
class ConcordanceDifference(PairedDifference[Concordance]):
    """C of the first score minus C of the second."""

    @property
    def method(self) -> str:
        """What the comparison is called, where its measure does not say."""
        return ""


def concordance(time: ArrayLike, event: ArrayLike, score: ArrayLike, confidence: float = 0.95,
                clusters: ArrayLike | None = None) -> Concordance:
    """Return Harrell's C of ``score`` (n,), high meaning early events, for ``time`` (n,), any unit, and ``event`` (n,).

    A pair is comparable when the earlier time is an event, a censoring at the same time counting as later; equal scores
    count half (Harrell, Lee & Mark, Stat Med 1996;15:361). ``se`` is the infinitesimal jackknife of R's
    survival::concordance, the interval normal with ``confidence`` (0 - 1); of rows in ``clusters`` (n,) it is that of
    whole clusters (R's argument ``cluster``). Raises CohortError when no two rows are
    comparable or values cannot be used, InputError for another shape or confidence.
    """
    return _concordance(time, event, score, confidence, clusters)[0]


def compare_concordance(time: ArrayLike, event: ArrayLike, first: ArrayLike, second: ArrayLike,
                        confidence: float = 0.95, clusters: ArrayLike | None = None) -> ConcordanceDifference:
    """Return the paired comparison of two scores (n,) of the same rows, by the covariance of their jackknife
    influences, summed over ``clusters`` (n,) where given: R's survival::concordance of two predictors.

    Scores that order all pairs alike do not differ: z is 0 and p 1. Raises CohortError for different C-indices without
    variance, and as concordance does.
    """
    one, influence_one = _concordance(time, event, first, confidence, clusters)
    two, influence_two = _concordance(time, event, second, confidence, clusters)
    numbers = cluster_numbers(clusters, len(influence_one))
    se = float(np.linalg.norm(cluster_sums(influence_one - influence_two, numbers)))
    return ConcordanceDifference.tested(one, two, (one.c, two.c), se, confidence, "C-indices")


def _pairs(time: ArrayLike, event: ArrayLike, score: ArrayLike) -> Integers:
    """Return (3, n) per row the numbers of concordant, discordant and score-tied comparable pairs it belongs to."""
    time, event = survival_outcome(time, event)
    score = finite_column(score, "score", len(time))
    counts = np.zeros((3, len(time)), dtype=np.int64)
    events = np.flatnonzero(event)
    for start in range(0, len(events), _BLOCK):
        rows = events[start:start + _BLOCK]
        later = (time > time[rows, None]) | ((time == time[rows, None]) & (event == 0))
        own = score[rows, None]
        for kind, pair in enumerate((later & (own > score), later & (own < score), later & (own == score))):
            counts[kind] += pair.sum(axis=0)
            counts[kind, rows] += pair.sum(axis=1)
    return counts


def _concordance(time: ArrayLike, event: ArrayLike, score: ArrayLike, confidence: float,
                 clusters: ArrayLike | None) -> tuple[Concordance, Floats]:
    """Return the index and each row's influence (n,) on it; every pair is counted at both of its rows."""
    concordant, discordant, tied = _pairs(time, event, score)
    pairs = concordant + discordant + tied
    total = pairs.sum() / 2
    if not total:
        raise CohortError("No two rows are comparable: no row outlives an event; the C-index needs longer follow-up.")
    agreeing = concordant + 0.5 * tied
    c = float(agreeing.sum() / 2 / total)
    influence = (agreeing - c * pairs) / total
    se = float(np.linalg.norm(cluster_sums(influence, cluster_numbers(clusters, len(influence)))))
    lower, upper = share_interval(c, se, confidence)
    return Concordance(c=c, se=se, lower=lower, upper=upper, confidence=confidence,
                       concordant=int(concordant.sum()) // 2, discordant=int(discordant.sum()) // 2,
                       tied_score=int(tied.sum()) // 2), influence
