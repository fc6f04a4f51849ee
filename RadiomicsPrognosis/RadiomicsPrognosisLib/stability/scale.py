"""What is shown of an answer's stability: the perturbed answers over the scale that the cut-off is on, in few words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..models.predictors import SCORE
from ..texts import number
from ..warning import ResultWarning
from .record import Stability

#: Margin at each end of the scale, as a share of what it must hold, and the least length of a scale whose answers are
#: all the same, as a share of their value.
_MARGIN, _LEAST = 0.06, 0.02


@dataclass(frozen=True)
class ScaleBar:
    """``count`` answers from ``start`` to ``end`` of the scale; ``above`` tells on which side of the cut-off."""

    start: float
    end: float
    count: int
    above: bool | None


@dataclass(frozen=True, kw_only=True)
class StabilityScale:
    """The perturbed answers on the scale that the cut-off is on: the score, or the linear predictor.

    ``name`` says which. ``values`` are (value, whether above the cut-off; None without one). ``lower`` and ``upper``
    hold the central 95 % of them; ``low`` and ``high`` are the ends of the scale. ``worse_is_above`` is None without
    groups. ``agreement`` are the ends of the readers' limits of agreement, laid around the unperturbed answer; None
    without them, and on the linear predictor's scale, for which they are not known.
    """

    name: str
    values: tuple[tuple[float, bool | None], ...]
    unperturbed: float
    lower: float
    upper: float
    low: float
    high: float
    cutoff: float | None
    worse_is_above: bool | None
    agreement: tuple[float, float] | None

    def share(self, value: float) -> float:
        """Return where ``value`` lies on the scale, 0 - 1."""
        return (value - self.low) / (self.high - self.low)

    def count(self, above: bool) -> int:
        """Return how many answers are on one side of the cut-off."""
        return sum(side is above for _value, side in self.values)

    def bars(self, most: int) -> tuple[ScaleBar, ...]:
        """Return the histogram in bars of equal width, at most about ``most`` on the whole scale.

        The cut-off is an end of a bar, so that each bar is on one side of it.
        """
        width = (self.high - self.low) / most
        origin = self.low if self.cutoff is None else self.cutoff
        counts: dict[tuple[int, bool | None], int] = {}
        for value, above in self.values:
            index = math.floor((value - origin) / width)
            if above is not None:  # an answer at the cut-off belongs to the side that the model puts it on
                index = max(index, 0) if above else min(index, -1)
            counts[index, above] = counts.get((index, above), 0) + 1
        return tuple(ScaleBar(origin + index * width, origin + (index + 1) * width, count, above)
                     for (index, above), count in sorted(counts.items(), key=lambda item: item[0][0]))


def stability_scale(stability: Stability) -> StabilityScale:
    """Return the scale of ``stability``."""
    case = stability.unperturbed
    distances, cutoff = stability.distances, case.cutoff
    if distances is not None and cutoff is not None:
        on_score, offset, spread = case.cutoff_on == SCORE, cutoff, distances
        values = tuple((offset + item.distance, item.above) for item in stability.perturbations
                       if item.distance is not None)
        worse = None if case.group is None else case.group.above == case.group.worse
    else:
        on_score, offset, spread, worse = True, 0.0, stability.score_spread, None
        cutoff = None
        values = tuple((item.score, None) for item in stability.perturbations if item.score is not None)
    unperturbed = offset + spread.unperturbed
    limits = stability.agreement if on_score else None
    agreement = None if limits is None else (unperturbed + limits.lower, unperturbed + limits.upper)
    low, high = _ends([unperturbed, offset + spread.minimum, offset + spread.maximum, *(agreement or ()),
                       *([] if cutoff is None else [cutoff])])
    return StabilityScale(
        name=case.model.score_name if on_score else "Linear predictor", values=values, unperturbed=unperturbed,
        lower=offset + spread.lower, upper=offset + spread.upper, low=low, high=high, cutoff=cutoff,
        worse_is_above=worse, agreement=agreement)


def shift_note(stability: Stability) -> str:
    """Return that perturbing shifts the score to one side, when the unperturbed one lies outside; else nothing."""
    spread = stability.score_spread
    if spread.lower <= spread.unperturbed <= spread.upper:
        return ""
    return (f"The {stability.unperturbed.model.score_name} of the case as drawn lies outside the central 95 % of the "
            "perturbed ones: perturbing shifts it to one side, and does not only spread it.")


def own_warnings(stability: Stability) -> tuple[ResultWarning, ...]:
    """Return the warnings that are of the perturbations, and not of the answer itself."""
    return tuple(item for item in stability.warnings if item not in stability.unperturbed.warnings)


def _ends(marks: list[float]) -> tuple[float, float]:
    low, high = min(marks), max(marks)
    reach = max(high - low, _LEAST * max(abs(low), abs(high)), 1e-9)
    missing = reach - (high - low)
    return low - missing / 2 - _MARGIN * reach, high + missing / 2 + _MARGIN * reach


def brief(stability: Stability) -> str:
    """Return the answer's stability in a few words, such as 'high risk in 46 of 50'."""
    if stability.group is not None:
        return stability.group.sentence
    spread = stability.score_spread
    return (f"{stability.unperturbed.model.score_name} {number(spread.lower)} to {number(spread.upper)} "
            f"in 95 % of {stability.scored}")
