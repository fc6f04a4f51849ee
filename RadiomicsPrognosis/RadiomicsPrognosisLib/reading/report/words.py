"""Results of a readers' study in words that a radiologist reads: how good an agreement is, how many, between which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...notation import bounds, fixed, share
from ...statistics.bland_altman import LimitsOfAgreement
from ...statistics.icc import IccTable
from ...statistics.kappa import Kappa
from ...statistics.proportion import proportion_interval
from ...texts import number
from ..rule import INTER, INTRA
from ..study_result import ReadingComparison, ReproducibilityResult

#: Lowest ICC of each word (Koo & Li, J Chiropr Med 2016;15:155), which are given to an interval's two ends.
_LEVELS = ((0.90, "excellent"), (0.75, "good"), (0.50, "moderate"), (-np.inf, "poor"))


@dataclass(frozen=True)
class IccValue:
    """An ICC with its interval; None where it has no value or no bound."""

    estimate: float | None
    lower: float | None
    upper: float | None

    @property
    def text(self) -> str:
        """As '0.93 (0.85–0.97)', empty without a value."""
        return "" if self.estimate is None else fixed(self.estimate) + bounds(self.lower, self.upper)

    @property
    def level(self) -> str:
        """How good it is in words, 'good to excellent' where the interval's ends differ; empty without an interval."""
        if self.lower is None or self.upper is None:
            return ""
        low, high = (_level(end) for end in (self.lower, self.upper))
        return low if low == high else f"{low} to {high}"


def _level(value: float) -> str:
    return next(word for least, word in _LEVELS if value >= least)


def icc_value(table: IccTable, form: str, index: int = 0) -> IccValue:
    """Return the ICC in ``form`` of the feature at ``index``."""
    chosen = table.forms[form]
    return IccValue(*(None if np.ma.getmaskarray(column)[index] else float(column[index])
                      for column in (chosen.icc, chosen.lower, chosen.upper)))


def main_comparisons(result: ReproducibilityResult) -> tuple[ReadingComparison, ...]:
    """Return the comparisons that the filter judged by, or else all of one reader's sessions and of readers."""
    judged = [item for item in result.comparisons if item.id in result.filter.comparisons]
    return tuple(judged) or result.of_kind(INTRA, INTER) or result.comparisons[:1]


def scored_pairs(result: ReproducibilityResult) -> tuple[ReadingComparison, ...]:
    """Return the pairs of readings whose scores have limits of agreement, those of the main comparisons first."""
    main = main_comparisons(result)
    pairs = [item for item in result.pairs() if item.score is not None and item.score.limits is not None]
    return tuple(sorted(pairs, key=lambda item: item not in main))


def cases(count: int) -> str:
    """Return '1 case' or '20 cases'."""
    return f"{count} case{'' if count == 1 else 's'}"


def listed(items: Sequence[str], most: int = 6) -> str:
    """Return 'a, b and c'; more than ``most`` as their number."""
    if len(items) > most:
        return f"{', '.join(items[:most - 1])} and {len(items) - most + 1} more"
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""


def limits_text(limits: LimitsOfAgreement) -> str:
    """Return both limits of agreement, as '−0.05 to 0.10'."""
    return f"{number(limits.lower, 3)} to {number(limits.upper, 3)}"


def interval_text(ends: tuple[float, float], digits: int = 3) -> str:
    """Return an interval's ends, as '−0.05 to 0.10'."""
    return f"{number(ends[0], digits)} to {number(ends[1], digits)}"


def per_cent(confidence: float) -> str:
    """Return a level of confidence as '95 %'."""
    return f"{100 * confidence:g} %"


def sentence_case(text: str) -> str:
    """Return ``text`` with a capital letter at its start."""
    return text[:1].upper() + text[1:]


def kappa_text(kappa: Kappa) -> str:
    """Return kappa with its interval, or with why it has none; empty without a value."""
    if kappa.kappa is None:
        return ""
    interval = bounds(kappa.lower, kappa.upper, lambda end: fixed(end, 2))
    return fixed(kappa.kappa, 2) + (f" ({kappa.no_interval})" if kappa.no_interval else interval)


def share_text(count: int, n: int, confidence: float) -> str:
    """Return a share with its exact interval, as '10.0 % (2.1–26.5 %)'."""
    low, high = (fixed(100 * end, 1) for end in proportion_interval(count, n, confidence))
    return f"{share(count / n)} ({low}–{high} %)"


def points(value: float) -> str:
    """Return a difference of shares in percentage points."""
    return fixed(100 * value, 1)
