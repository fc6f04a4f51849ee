"""The typical survival of a model's two risk groups, from the score distributions that were published with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ..statistics.arrays import Floats
from .model import Model
from .predictors import SCORE
from .published_tables import CohortMix, Normal, Reconstruction
from .reconstruction import predictor_mixture
from .reference import ScoreDistribution

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
    truncated at the cut-off; factors are independent within a cohort, as in :mod:`.reconstruction`.
    """
    tables = _tables(model)
    cutoff, survival = model.score_cutoff, model.survival
    if cutoff is None or survival is None or tables is None:
        return None
    times: Floats = np.asarray(months, float)
    curves, patients = [], []
    for above in (False, True):
        side = replace(tables, cohorts=tuple(_truncate(cohort, cutoff.value, above) for cohort in tables.cohorts))
        patients.append(sum(cohort.patients for cohort in side.cohorts))
        if patients[-1] <= 0:
            return None
        predictors, weights = predictor_mixture(side)
        curves.append(weights @ survival.predict(predictors, times))
    return GroupCurves(months=times, below=curves[0], above=curves[1], share_above=patients[1] / sum(patients))


def training_distributions(model: Model) -> tuple[ScoreDistribution, ...]:
    """Return the score distributions of the training cohort (its outcome groups, where published so); all if none."""
    return model.reference.training if model.reference is not None else ()


def _tables(model: Model) -> Reconstruction | None:
    """Return hazard ratios and cohorts: of the reconstruction, or of the score if nothing else counts."""
    if model.survival is None:
        return None
    tables = model.survival.reconstruction
    if tables is not None:
        return tables if all(SCORE in cohort.normals for cohort in tables.cohorts) else None
    coefficient = model.survival.coefficients.get(SCORE)
    training = training_distributions(model)
    if len(model.survival.coefficients) > 1 or not isinstance(coefficient, float) or not training:
        return None
    cohorts = tuple(CohortMix(cohort=item.cohort, patients=item.cases, normals={SCORE: Normal(item.mean, item.sd)})
                    for item in training)
    return Reconstruction(method="the score alone", hazard_ratios={SCORE: math.exp(coefficient)}, cohorts=cohorts,
                          survival_at_months={})


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
