"""Harrell's concordance index with its standard error and interval, and the comparison of two scores on one cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CohortError
from ..result import Result
from .chi_squared import normal_quantile, two_sided
from .inputs import confidence_level, finite_column, survival_outcome

#: Events compared with all rows at a time; bounds the memory of one block.
_BLOCK = 512


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class ConcordanceDifference(Result):
    """C of the first score minus C of the second, with ``se``, interval, ``z`` and two-sided ``p``."""

    first: Concordance
    second: Concordance
    difference: float
    se: float
    lower: float
    upper: float
    z: float
    p: float


def concordance(time: Any, event: Any, score: Any, confidence: float = 0.95) -> Concordance:
    """Return Harrell's C of ``score`` (n,), high meaning early events.

    A pair is comparable when the earlier time is an event, a censoring at the same time counting as later; equal scores
    count half (Harrell, Lee & Mark, Stat Med 1996;15:361). ``se`` is the infinitesimal jackknife of R's
    survival::concordance. Raises CohortError when no two rows are comparable.
    """
    return _concordance(*_pairs(time, event, score), confidence)[0]


def compare_concordance(time: Any, event: Any, first: Any, second: Any,
                        confidence: float = 0.95) -> ConcordanceDifference:
    """Return the paired comparison of two scores of the same rows, by the covariance of their jackknife influences.

    Scores that order all pairs alike do not differ: z is 0 and p 1. Raises CohortError for different C-indices without
    variance.
    """
    one, influence_one = _concordance(*_pairs(time, event, first), confidence)
    two, influence_two = _concordance(*_pairs(time, event, second), confidence)
    difference = one.c - two.c
    se = float(np.linalg.norm(influence_one - influence_two))
    if se <= 1e-12:
        if abs(difference) > 1e-12:
            raise CohortError(f"The C-indices are {one.c:g} and {two.c:g} without any variance; they cannot be tested.")
        return ConcordanceDifference(one, two, difference, 0.0, difference, difference, 0.0, 1.0)
    z, half = difference / se, normal_quantile(confidence) * se
    return ConcordanceDifference(one, two, difference, se, difference - half, difference + half, z, float(two_sided(z)))


def _pairs(time: Any, event: Any, score: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per row the numbers of concordant, discordant and score-tied comparable pairs it takes part in."""
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
    return tuple(counts)


def _concordance(concordant: np.ndarray, discordant: np.ndarray, tied: np.ndarray,
                 confidence: float) -> tuple[Concordance, np.ndarray]:
    """Return the index and each row's influence on it; every pair is counted at both of its rows."""
    half = normal_quantile(confidence_level(confidence))
    pairs = concordant + discordant + tied
    total = pairs.sum() / 2
    if not total:
        raise CohortError("No two rows are comparable: no row outlives an event; the C-index needs longer follow-up.")
    agreeing = concordant + 0.5 * tied
    c = float(agreeing.sum() / 2 / total)
    influence = (agreeing - c * pairs) / total
    se = float(np.linalg.norm(influence))
    numbers = (int(kind.sum()) // 2 for kind in (concordant, discordant, tied))
    return Concordance(c, se, max(c - half * se, 0.0), min(c + half * se, 1.0), confidence, *numbers), influence
