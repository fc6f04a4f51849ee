"""The typical survival of a model's two risk groups, from the score distributions that were published with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ..statistics.arrays import Floats
from ..statistics.normal import normal_share
from .cutoff import Cutoff
from .model import Model
from .predictors import SCORE
from .published_tables import CohortMix, Normal, Reconstruction
from .reconstruction import predictor_mixture
from .reference import ScoreDistribution
from .signature import ENTER_GROUP

#: Gauss-Legendre nodes on each side of the cut-off; 48 agree with 96 to 1e-12 for the model shipped.
_NODES = 48

#: A normal score is integrated to this many SDs from its mean, beyond which less than 1e-15 of a cohort lies.
_REACH_SD = 8.0


@dataclass(frozen=True)
class GroupCurves:
    """Mean predicted survival (0 - 1) at ``months`` of the cases below and above the cut-off.

    ``share_above`` is the share (0 - 1) of all cases that is above.
    """

    months: Floats
    below: Floats
    above: Floats
    share_above: float


def group_curves(model: Model, months: ArrayLike) -> GroupCurves | None:
    """Return the groups' typical curves at ``months`` (m,), or None where model and publication do not determine them.

    They are the mean of exp(-H0(t) exp(lp)) over the published mix of covariates with the score, normal in each cohort,
    truncated at the cut-off; factors are independent within a cohort, as in :mod:`.reconstruction`. Where the score
    enters as its group, the group is known of each patient instead.
    """
    tables = _tables(model)
    cutoff, survival = model.score_cutoff, model.survival
    if cutoff is None or survival is None or tables is None:
        return None
    side_of = _one_group if _enters_as_group(model) else _truncate
    times: Floats = np.asarray(months, float)
    curves, patients = [], []
    for above in (False, True):
        side = replace(tables, cohorts=tuple(side_of(cohort, cutoff.value, above) for cohort in tables.cohorts))
        patients.append(sum(cohort.patients for cohort in side.cohorts))
        if patients[-1] <= 0:
            return None
        predictors, weights = predictor_mixture(side)
        curves.append(weights @ survival.predict(predictors, times))
    return GroupCurves(months=times, below=curves[0], above=curves[1], share_above=patients[1] / sum(patients))


def training_distributions(model: Model, signature: str = SCORE) -> tuple[ScoreDistribution, ...]:
    """Return the distributions of the score, or of one of several signatures by its id, in the training cohort (its
    outcome groups, where published so); of all cohorts if none."""
    if model.reference is None:
        return ()
    return model.reference.training if signature == SCORE else model.reference.training_of(signature)


def _tables(model: Model) -> Reconstruction | None:
    """Return hazard ratios and cohorts: of the reconstruction, or of the score if nothing else counts.

    A score that enters as its group has counts (0 below, 1 above), of the group by which it enters and no other.
    """
    if model.survival is None:
        return None
    tables, grouped = model.survival.reconstruction, _enters_as_group(model)
    if grouped and model.scores[0].cutoff != model.cutoff:
        return None
    if tables is not None:
        return tables if all(SCORE in (cohort.counts if grouped else cohort.normals)
                             for cohort in tables.cohorts) else None
    # The score of several signatures is their share of the linear predictor: its coefficient is 1.
    coefficient = model.survival.coefficients.get(SCORE, 1.0)
    training = training_distributions(model)
    if model.covariates_used() or not isinstance(coefficient, float) or not training:
        return None
    normal = tuple(CohortMix(cohort=item.cohort, patients=item.cases, normals={SCORE: Normal(item.mean, item.sd)})
                   for item in training)
    cohorts = tuple(map(partial(_counted, model.scores[0].cutoff), normal)) if grouped else normal
    return Reconstruction(method="the score alone", hazard_ratios={SCORE: math.exp(coefficient)}, cohorts=cohorts,
                          survival_at_months={})


def _enters_as_group(model: Model) -> bool:
    """Tell whether the score counts by its group only."""
    return any(item.enter == ENTER_GROUP for item in model.scores)


def _counted(cutoff: Cutoff | None, cohort: CohortMix) -> CohortMix:
    """Return a cohort whose normal score is counted by group, as its distribution lies to ``cutoff``."""
    normal = cohort.normals[SCORE]
    value = cutoff.value if cutoff is not None else math.inf
    below = float(normal_share(np.array([(value - normal.mean) / normal.sd]))[0])
    return replace(cohort, normals={}, counts={SCORE: {"0": cohort.patients * below,
                                                       "1": cohort.patients * (1.0 - below)}})


def _one_group(cohort: CohortMix, _cutoff: float, above: bool) -> CohortMix:
    """Return the patients of a cohort in one group, by the counts of its score's groups."""
    counts = cohort.counts[SCORE]
    here = sum(number for level, number in counts.items() if float(level) == float(above))
    return replace(cohort, patients=cohort.patients * here / sum(counts.values()),
                   counts={**cohort.counts, SCORE: {repr(float(above)): 1.0}})


def _truncate(cohort: CohortMix, cutoff: float, above: bool) -> CohortMix:
    """Return the patients of a cohort on one side of the cut-off, its normal score as weighted quadrature nodes."""
    mean, sd = cohort.normals[SCORE].mean, cohort.normals[SCORE].sd
    edge = min(max(cutoff, mean - _REACH_SD * sd), mean + _REACH_SD * sd)
    low, high = (edge, mean + _REACH_SD * sd) if above else (mean - _REACH_SD * sd, edge)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    scores = 0.5 * (high - low) * nodes + 0.5 * (high + low)
    density = np.exp(-(((scores - mean) / sd) ** 2) / 2.0) / math.sqrt(2.0 * math.pi) / sd
    weights = 0.5 * (high - low) * weights * density
    share = float(weights.sum())
    others = {name: moments for name, moments in cohort.normals.items() if name != SCORE}
    # The keys of a mix are numbers as texts, which keep every bit.
    levels = dict(zip(map(repr, scores.tolist()), weights.tolist(), strict=True)) if share > 0 else {repr(edge): 1.0}
    return replace(cohort, patients=cohort.patients * share, counts={**cohort.counts, SCORE: levels}, normals=others)
