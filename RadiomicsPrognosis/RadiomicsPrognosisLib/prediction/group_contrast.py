"""Where group and outcome of one case seem to disagree: the numbers behind the sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..models.groups import group_curves
from ..models.model import Model
from ..models.predictors import SCORE
from ..models.signature import ENTER_GROUP
from .record import Prediction


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A case whose covariates outweigh its group: its survival ``share`` (0 - 1) at ``months`` lies beyond what is
    ``typical`` (0 - 1) of the other group, called ``other``."""

    months: float
    share: float
    typical: float
    other: str


def outweighed_group(prediction: Prediction, model: Model) -> Contrast | None:
    """Return how the covariates outweigh the group that the score alone gives, or None where they do not.

    They do when the predicted survival at the model's last horizon lies beyond the mean predicted survival of the other
    group there (:func:`..models.groups.group_curves`): below the worse group's for a case of the better one, above the
    better group's for a case of the worse one. The last horizon decides because a group's mean curve is of unlike
    patients and flatter than any single one's: before it the two may cross.
    """
    group, survival, cutoff = prediction.group, prediction.survival, model.score_cutoff
    if group is None or survival is None or cutoff is None or not model.covariates_used():
        return None
    typical = group_curves(model, survival.horizons_months)
    if typical is None:
        return None
    other = float((typical.below if group.above else typical.above)[-1])
    share = survival.at_horizons[-1]
    if not (share > other if group.worse else share < other):
        return None
    return Contrast(months=survival.horizons_months[-1], share=share, typical=other,
                    other=cutoff.labels[not group.above])


def probability_at_cutoff(prediction: Prediction, model: Model) -> float | None:
    """Return the probability (0 - 1) of this case were it at the cut-off, its covariates as they are.

    None without a cut-off or a probability, and where the score enters as its group: there the probability jumps.
    """
    cutoff, predictor, reached = model.cutoff, model.probability, prediction.linear_predictor
    if cutoff is None or predictor is None or reached is None or prediction.score is None:
        return None
    if model.score_cutoff is None:
        return float(predictor.predict(np.array([cutoff.value]))[0])
    # The score of several signatures is their share of the linear predictor.
    slope = predictor.coefficients.get(SCORE, 1.0 if len(model.scores) > 1 else 0.0)
    if not isinstance(slope, float | int) or any(item.enter == ENTER_GROUP for item in model.scores):
        return None
    return float(predictor.predict(np.array([reached + slope * (cutoff.value - prediction.score)]))[0])
