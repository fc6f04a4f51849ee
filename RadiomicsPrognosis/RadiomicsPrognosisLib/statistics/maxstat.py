"""The cut-off with the maximally selected log-rank statistic, and its p value corrected for the search."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from ..errors import CohortError, InputError
from ..result import Result, only_where_known
from .arrays import Floats, Integers
from .clusters import cluster_numbers, cluster_sums
from .draws import combined, normals
from .inputs import finite_column, survival_outcome
from .risk_table import risk_table

#: The stream of the multipliers' draws.
_STREAM = 101


@dataclass(frozen=True, eq=False, kw_only=True)
class MaximallySelected(Result):
    """The ``cutoff`` (high group: score > cutoff) with the largest absolute standardised ``statistic``.

    ``p_lausen92`` and ``p_lausen94`` (0 - 1) allow for the search over ``cutoffs`` (m,), rising, whose ``statistics``
    (m,) are given; ``low`` and ``high`` count the rows of the two groups. ``p_clustered`` allows for rows in clusters,
    too, which the others take for independent.
    """

    cutoff: float
    statistic: float
    p_lausen92: float
    p_lausen94: float
    low: int
    high: int
    cutoffs: Floats
    statistics: Floats
    p_clustered: float | None = only_where_known()

    @property
    def p(self) -> float:
        """The p that allows for the search and for what is known of clusters."""
        return self.p_lausen92 if self.p_clustered is None else self.p_clustered


def maximally_selected_cutoff(time: ArrayLike, event: ArrayLike, score: ArrayLike,
                              minimum_share: float = 0.1, clusters: ArrayLike | None = None) -> MaximallySelected:
    """Return the cut-off of ``score`` (n,) that separates survival most, each group holding ``minimum_share`` of rows
    (inside 0 - 0.5), for ``time`` (n,), any unit, and ``event`` (n,) 0/1.

    Equal to R's maxstat.test(smethod = "LogRank") (Hothorn & Lausen, Comput Stat Data Anal 2003;43:121): linear rank
    statistics of log-rank scores, standardised under permutation. p values: Lausen & Schumacher, Biometrics 1992;48:73,
    and the improved Bonferroni bound of Lausen, Sauerbrei & Schumacher 1994. The first of equal maxima is taken.
    Of rows in ``clusters`` (n,) the p value is that of the largest statistic when every cluster's contribution is
    multiplied by a normal draw (multiplier bootstrap; Lin, Wei & Ying, Biometrika 1993;80:557). Raises
    CohortError when no cut-off leaves groups of that size or values cannot be used, InputError for another share.
    """
    if not 0.0 < minimum_share < 0.5:
        raise InputError(f"The smallest group's share is {minimum_share:g}; it must lie between 0 and 0.5.")
    time, event = survival_outcome(time, event)
    score = finite_column(score, "score", len(time))
    cutoffs, sizes, statistics = _statistics(score, _log_rank_scores(time, event), minimum_share)
    numbers, p_clustered = cluster_numbers(clusters, len(time)), None
    if numbers is not None:
        p_clustered = _multiplier_p(score, _log_rank_scores(time, event), cutoffs, numbers, float(statistics.max()))
    best = int(statistics.argmax())
    statistic, low = float(statistics[best]), int(sizes[best])
    return MaximallySelected(cutoff=float(cutoffs[best]), statistic=statistic,
                             p_lausen92=_lausen92(statistic, minimum_share),
                             p_lausen94=_lausen94(statistic, sizes, len(time)), low=low, high=len(time) - low,
                             cutoffs=cutoffs, statistics=statistics, p_clustered=p_clustered)


def _multiplier_p(score: Floats, ranks: Floats, cutoffs: Floats, numbers: Integers, reached: float) -> float:
    """Return the share of draws whose largest standardised statistic is ``reached`` or more, itself counted."""
    n, centred = len(score), ranks - ranks.mean()
    below = (score[:, None] <= cutoffs).astype(float)
    shares = below.mean(axis=0)
    sums = cluster_sums(centred[:, None] * (below - shares), numbers)
    sds = np.sqrt(n * n * shares * (1.0 - shares) / (n * (n - 1.0)) * (centred @ centred))
    drawn = np.abs(combined((sums / sds).T, normals(_STREAM, len(sums)))).max(axis=0)
    return float((1 + np.count_nonzero(drawn >= reached)) / (1 + len(drawn)))


def _log_rank_scores(time: Floats, event: Floats) -> Floats:
    """Return event minus the estimated cumulative hazard at each row's time, tied times counted one after another.

    Every row j adds event_j / (n - rank_j + 1) from its time on, tied rows having the largest of their ranks (exactly
    as exactRankTests::cscores does), so that the risk set of a tied time holds only one of the tied rows.
    """
    counts = risk_table(time, event)
    last_rank = np.cumsum(counts.events + counts.censored)
    hazard = np.cumsum(counts.events / (len(time) - last_rank + 1.0))
    return event - hazard[np.searchsorted(counts.times, time)]


def _statistics(score: Floats, ranks: Floats, share: float) -> tuple[Floats, Integers, Floats]:
    """Return the candidate cut-offs, the numbers of rows up to each, and the absolute standardised statistics."""
    n = len(score)
    cutoffs, which, counts = np.unique(score, return_inverse=True, return_counts=True)
    sizes, sums = np.cumsum(counts), np.cumsum(np.bincount(which, weights=ranks))
    allowed = (sizes >= math.floor(n * share)) & (sizes <= math.floor(n * (1 - share))) & (sizes > 0) & (sizes < n)
    if not allowed.any():
        raise CohortError(f"No cut-off leaves at least {100 * share:.0f} % of the {n} rows on both sides: the score "
                          "has too few distinct values.")
    spread = ((ranks - ranks.mean()) ** 2).sum()
    m = sizes[allowed]
    if not spread > 0:
        raise CohortError("All rows have the same time and event; no cut-off separates them.")
    variance = m * (n - m) / (n * (n - 1)) * spread
    return cutoffs[allowed], m, np.abs(sums[allowed] - m * ranks.mean()) / np.sqrt(variance)


def _lausen92(b: float, share: float) -> float:
    """Return Lausen & Schumacher's p of the largest statistic ``b``, as maxstat's pLausen92."""
    if b < 1:
        return 1.0
    density = math.exp(-0.5 * b * b) / math.sqrt(2 * math.pi)
    p = 4 * density / b + density * (b - 1 / b) * math.log((1 - share) ** 2 / share**2)
    return min(max(p, 0.0), 1.0)


def _lausen94(b: float, sizes: Integers, n: int) -> float:
    """Return the improved Bonferroni p of the largest statistic ``b``, as maxstat's pLausen94; ``sizes`` (m,) count the
    rows up to each candidate."""
    smaller, larger = sizes[:-1], sizes[1:]
    t = np.sqrt(1.0 - smaller * (n - larger) / ((n - smaller) * larger))
    d = np.sum(np.exp(-0.5 * b * b) / np.pi * (t - (b * b / 4 - 1) * t**3 / 6))
    return float(min(max(2.0 * special.ndtr(-b) + d, 0.0), 1.0))
