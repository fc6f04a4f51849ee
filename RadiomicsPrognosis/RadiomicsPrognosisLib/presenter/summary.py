"""What a prediction looks like as numbers to draw: the score's scale, the largest contributions, the survival curve."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError
from ..models.groups import training_distributions
from ..models.model import Model
from ..models.model_nomogram import model_nomogram
from ..models.predictors import SCORE
from ..models.reference import ScoreDistribution
from ..prediction import Prediction
from ..prediction.case_points import case_path
from ..texts import feature_label
from ..voi import VoiStatistics

#: The scale of a score ends so many SD from the training patients' mean, or further out where the score lies there.
SCALE_SD = 3

#: Contributions listed before the rest are summed up.
_LISTED = 5


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A score on its scale: ends, cut-off, and the ``ranges`` (mean and SD) of the training patients.

    They are a cohort's, or those of its outcome groups; empty where the model does not tell.
    """

    low: float
    high: float
    score: float
    cutoff: float | None
    ranges: tuple[ScoreDistribution, ...] = ()

    def share(self, value: float) -> float:
        """Return where ``value`` lies on the scale, 0 - 1, clipped."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


@dataclass(frozen=True)
class Bar:
    """A contribution to draw: readable name, tooltip, and the signed value."""

    name: str
    tip: str
    value: float


def score_scale(prediction: Prediction, model: Model | None) -> Scale | None:
    """Return the scale of the score, or None when there is no score."""
    if prediction.score is None:
        return None
    score = prediction.score
    cutoff = prediction.cutoff if prediction.cutoff_on == SCORE else None
    ranges = training_distributions(model) if model is not None else ()
    marks = [score] if cutoff is None else [score, cutoff]
    if ranges:
        low, high = (min(item.mean - SCALE_SD * item.sd for item in ranges),
                     max(item.mean + SCALE_SD * item.sd for item in ranges))
    else:
        # Without a distribution the cut-off stands in the middle and the score well inside.
        middle = cutoff if cutoff is not None else score
        reach = 1.6 * max(abs(score - middle), 0.25 * abs(middle), 0.1)
        low, high = middle - reach, middle + reach
    margin = 0.04 * (high - low)
    low, high = min(low, *(mark - margin for mark in marks)), max(high, *(mark + margin for mark in marks))
    return Scale(low=low, high=high, score=score, cutoff=cutoff, ranges=ranges)


def bars(prediction: Prediction) -> tuple[tuple[Bar, ...], Bar | None]:
    """Return the largest contributions, the largest first, and the sum of the others (None if there is none)."""
    ordered = sorted(prediction.contributions, key=lambda item: -abs(item.contribution))
    owners = [item.owner(len(prediction.vois)) for item in ordered[:_LISTED]]
    listed = tuple(Bar(feature_label(item.feature) + (f" ({owner})" if owner else ""), item.feature, item.contribution)
                   for item, owner in zip(ordered, owners, strict=False))
    rest = ordered[_LISTED:]
    if not rest:
        return listed, None
    return listed, Bar(str(len(rest)), ", ".join(item.feature for item in rest),
                       sum(item.contribution for item in rest))


def points(prediction: Prediction, model: Model | None) -> tuple[tuple[tuple[str, str, float], ...], float | None]:
    """Return ((title, value, points) of each known term of the model's nomogram, total points or None).

    Empty when the model has no nomogram or is not at hand.
    """
    if model is None:
        return (), None
    try:
        drawn = model_nomogram(model)
    except InputError:
        return (), None
    path = case_path(drawn, model, prediction)
    return tuple((drawn.titles[name], value, own) for name, (value, own) in path.terms.items()), path.total


@dataclass(frozen=True)
class Kept:
    """The live line's numbers: voxels kept of those contoured, the share (0 - 1), and the volume kept in cm3."""

    kept: int
    contoured: int
    share: float
    volume_cm3: float


def kept(statistics: VoiStatistics) -> Kept:
    """Return the live line's numbers."""
    return Kept(statistics.kept_voxels, statistics.contoured_voxels, 1.0 - statistics.removed_share,
                statistics.kept_volume_mm3 / 1000.0)
