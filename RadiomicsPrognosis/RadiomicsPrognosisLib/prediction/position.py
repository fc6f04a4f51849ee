"""Set a case beside the patients its model was made from: how far its score and its features lie from theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..models.model import Model
from ..models.predict import RowPredictions
from ..models.reference import PERCENTILES, FeatureReference, Reference, ScoreDistribution
from ..models.scaling import Scaling, other_disease
from ..statistics.arrays import Floats, Integers, Mask
from ..statistics.mahalanobis import JointMoments
from ..statistics.normal import normal_share
from ..texts import percent
from ..warning import ResultWarning
from .evidence import BEYOND, UNUSUAL, USUAL, JointDistance, ObservedNear, ScorePosition
from .record import GROUP, NEEDS_SCORE, SCORE, Prediction, Withheld

#: In SDs from the nearest group: further out a normal score has 0.3 % of its patients, or one in two million.
UNUSUAL_SD, BEYOND_SD = 3.0, 5.0

#: Share of the training patients who lie within the limit of the joint distance.
WITHIN_LIMIT = 0.99

#: Where a percentile comes from.
PUBLISHED_MOMENTS, OWN_SCORES = "the published mean and SD", "their own scores"

_SHARES = np.linspace(0.0, 1.0, PERCENTILES)


@dataclass(frozen=True, eq=False, kw_only=True)
class RowPositions:
    """Where n rows lie among a model's training patients, NaN (and the verdict None) where it is not known.

    ``nearest`` (n,) numbers the nearest of ``groups``; ``distance_sd`` (n,) is from it; ``percentile`` (n,) is the
    share (0 - 1) of patients below, from ``percentile_from``. ``joint`` (n,) are Mahalanobis distances, and
    ``share_beyond`` (n,) the patients' further out, of so many ``features``; ``joint_limit`` is infinite where the
    model tells none.
    """

    groups: tuple[ScoreDistribution, ...]
    nearest: Integers
    distance_sd: Floats
    verdicts: tuple[str | None, ...]
    percentile: Floats
    percentile_from: str
    joint: Floats
    share_beyond: Floats
    joint_limit: float
    features: int

    @property
    def withheld(self) -> Mask:
        """The mask (n,) of rows beyond the patients: neither score nor what follows from it is shown."""
        return np.array([verdict == BEYOND for verdict in self.verdicts])

    @property
    def questioned(self) -> Mask:
        """The mask (n,) of rows whose group and outcome are shown with a warning against them."""
        unusual = np.array([verdict == UNUSUAL for verdict in self.verdicts])
        return (unusual | self.unlike_together) & ~self.withheld

    @property
    def unlike_together(self) -> Mask:
        """The mask (n,) of rows whose features together lie further out than the limit."""
        return np.nan_to_num(self.joint) > self.joint_limit

    def reason(self, row: int) -> str:
        """Return how far a row's score lies from whom, as a sentence's beginning: 'lies 12.9 SD from ...'."""
        group = self.groups[self.nearest[row]]
        return (f"lies {self.distance_sd[row]:.1f} SD from the nearest group of the patients the model was made from "
                f"({group.cohort}: {group.mean:.4g} ± {group.sd:.4g})")

    def why_withheld(self, row: int) -> str:
        """Return why a row's score is withheld, and what to look at."""
        return (f"It {self.reason(row)}, beyond {BEYOND_SD:g} SD: this case is nothing like them. Check modality, HU, "
                "voxel size, contour and patient.")


def row_positions(model: Model, scores: Floats, values: Floats, scaling: Scaling | None = None) -> RowPositions | None:
    """Return where rows with ``scores`` (n,) and ``values`` (n, terms) lie; None of a model without reference.

    ``values`` are those that enter the signature, z-scored with ``scaling`` where it is standardised. Z-scores of
    another disease's patients give no percentile: it would be a place among patients measured on another scale. A
    score between the lowest and the highest of the training patients is at most unusual, whatever its distance.
    """
    reference = model.reference
    if reference is None or not reference.training:
        return None
    groups = reference.training
    known = np.isfinite(scores)
    distances = np.abs(np.subtract.outer(scores, [item.mean for item in groups])) / [item.sd for item in groups]
    nearest = np.where(known, np.argmin(np.where(np.isfinite(distances), distances, np.inf), axis=1), 0)
    distance_sd = distances[np.arange(len(scores)), nearest]
    beyond = distance_sd > BEYOND_SD
    if reference.percentiles:
        beyond &= (scores < reference.percentiles[0]) | (scores > reference.percentiles[-1])
    verdicts = tuple(None if not finite else BEYOND if far else UNUSUAL if distance > UNUSUAL_SD else USUAL
                     for finite, far, distance in zip(known, beyond, distance_sd, strict=True))
    comparable = scaling is None or not (scaling.demonstration or other_disease(scaling, model))
    joint, share_beyond = _joint(reference.features, model.term_keys, values)
    return RowPositions(
        groups=groups, nearest=nearest, distance_sd=distance_sd, verdicts=verdicts,
        percentile=_percentiles(reference, scores) if comparable else np.full(len(scores), np.nan),
        percentile_from="" if not comparable else OWN_SCORES if reference.percentiles else PUBLISHED_MOMENTS,
        joint=joint, share_beyond=share_beyond, joint_limit=_limit(reference.features),
        features=len(reference.features.features) if reference.features is not None else 0)


def score_positions(model: Model, scores: Floats) -> RowPositions | None:
    """Return where ``scores`` (n,) alone lie, without percentiles; None of a model without reference."""
    values = np.full((len(scores), len(model.terms)), np.nan)
    return row_positions(model, scores, values)


def positions_of(rows: RowPredictions, scaling: Scaling | None) -> RowPositions | None:
    """Return where the rows that a model predicted lie, as :func:`row_positions` says."""
    return row_positions(rows.model, rows.score, rows.values, scaling)


def _percentiles(reference: Reference, scores: Floats) -> Floats:
    """Return the share (n,) of training patients below ``scores`` (n,), normal in each group if only that is known."""
    known = np.isfinite(scores)
    shares = np.full(len(scores), np.nan)
    if reference.percentiles:
        shares[known] = np.interp(scores[known], reference.percentiles, _SHARES, left=0.0, right=1.0)
        return shares
    groups = reference.training
    below = sum(item.cases * normal_share((scores[known] - item.mean) / item.sd) for item in groups)
    shares[known] = below / sum(item.cases for item in groups)
    return shares


def _limit(features: FeatureReference | None) -> float:
    return math.inf if features is None else float(np.interp(WITHIN_LIMIT, _SHARES, features.distances))


def _joint(features: FeatureReference | None, keys: list[str], values: Floats) -> tuple[Floats, Floats]:
    """Return (Mahalanobis distances, share (0 - 1) of patients further out), each (n,), of ``values`` (n, terms)."""
    if features is None:
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    count = len(features.features)
    correlation = np.eye(count)
    correlation[np.tril_indices(count, -1)] = features.correlation
    correlation = correlation + np.tril(correlation, -1).T
    moments = JointMoments(np.array([item.mean for item in features.features]),
                           np.array([item.sd for item in features.features]), correlation, features.shrinkage)
    distances = moments.distances(values[:, [keys.index(item.feature) for item in features.features]])
    return distances, 1.0 - np.interp(distances, features.distances, _SHARES)


def observed_near(model: Model, score: float, scaling: Scaling | None) -> ObservedNear | None:
    """Return what was observed in the training patients with scores near ``score``, None where that is not known.

    They are the patients of the band of scores that it lies in, or whose edge it is nearest to; a score outside all
    patients' has none near. Neither has one whose z-scores are of another disease.
    """
    bands = model.reference.bands if model.reference is not None else ()
    if not bands or not bands[0].low <= score <= bands[-1].high:
        return None
    if scaling is not None and (scaling.demonstration or other_disease(scaling, model)):
        return None
    band = min(bands, key=lambda item: max(item.low - score, score - item.high))
    return ObservedNear(low=band.low, high=band.high, patients=band.patients, events=band.events, months=band.months,
                        survival=band.survival, at_risk=tuple(round(count) for count in band.at_risk))


def set_beside(prediction: Prediction, model: Model, scaling: Scaling | None) -> Prediction:
    """Return a prediction with its position among the model's patients, questioned or withheld where that is far off.

    What is withheld keeps its number: the score, the probability, and of survival that at the last horizon.
    """
    if prediction.score is None:
        return prediction
    values = [item.value if item.z is None else item.z for item in prediction.contributions]
    rows = row_positions(model, np.array([prediction.score]), np.array([values]), scaling)
    if rows is None:
        return prediction
    prediction = replace(prediction, position=_position(rows),
                         near=observed_near(model, prediction.score, scaling),
                         warnings=(*_warnings(rows, model), *prediction.warnings))
    if rows.withheld[0]:
        return _without_score(prediction, model, rows.why_withheld(0))
    if rows.questioned[0]:
        shown = [name for name, value in ((GROUP, prediction.group), ("survival", prediction.survival),
                                          ("probability", prediction.probability)) if value is not None]
        return replace(prediction, questioned=tuple(dict.fromkeys([*prediction.questioned, *shown])))
    return prediction


def _position(rows: RowPositions) -> ScorePosition:
    """Return the position of the one row of ``rows``, which has a score."""
    group, percentile = rows.groups[rows.nearest[0]], float(rows.percentile[0])
    joint = JointDistance(distance=float(rows.joint[0]), limit=rows.joint_limit, features=rows.features,
                          share_beyond=float(rows.share_beyond[0])) if np.isfinite(rows.joint[0]) else None
    return ScorePosition(cohort=group.cohort, cases=group.cases, mean=group.mean, sd=group.sd,
                         distance_sd=float(rows.distance_sd[0]), verdict=rows.verdicts[0] or USUAL,
                         percentile=percentile if math.isfinite(percentile) else None,
                         percentile_from=rows.percentile_from, joint=joint)


def _warnings(rows: RowPositions, model: Model) -> list[ResultWarning]:
    """Return the warnings of the one row of ``rows``."""
    name, warnings = model.score_name, []
    if rows.withheld[0]:
        warnings.append(ResultWarning("score-beyond", f"{name} {rows.reason(0)}, beyond {BEYOND_SD:g} SD; it is "
                                      "withheld, and so is what follows from it."))
    elif rows.verdicts[0] == UNUSUAL:
        warnings.append(ResultWarning("score-unusual", f"{name} {rows.reason(0)}: this case is unlike them, and what "
                                      "the model says of it is to be doubted."))
    if rows.unlike_together[0]:
        warnings.append(ResultWarning(
            "features-together", f"The {rows.features} features together lie further from the patients the model was "
            f"made from (distance {rows.joint[0]:.1f}, limit {rows.joint_limit:.1f}) than "
            f"{percent(1.0 - rows.share_beyond[0])} of them: this case is unlike them, and what the model says of it "
            "is to be doubted."))
    return warnings


def _without_score(prediction: Prediction, model: Model, reason: str) -> Prediction:
    """Return a prediction whose score is withheld for ``reason``, and all that follows from it, numbers kept."""
    items = [Withheld(SCORE, reason, prediction.score)]
    if model.cutoff is not None:
        items.append(Withheld(GROUP, NEEDS_SCORE))
    if model.predictor is not None:
        survival = prediction.survival
        value = survival.at_horizons[-1] if survival is not None else prediction.probability
        items.append(Withheld(model.predictor.name, NEEDS_SCORE, value))
    return replace(prediction, score=None, scores=(), distance=None, group=None, linear_predictor=None, survival=None,
                   probability=None, probability_interval=None, uncertainty=None, near=None, withheld=tuple(items))
