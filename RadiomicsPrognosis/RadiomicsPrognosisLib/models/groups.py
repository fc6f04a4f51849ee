"""The typical survival of a model's two risk groups, from the score distributions that were published with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from .model import SCORE, Distribution, Model
from .reconstruction import CohortMix, PublishedTables, parse_tables, risk_mixture

#: Gauss-Legendre nodes on each side of the cut-off; 48 agree with 96 to 1e-12 for the model shipped.
_NODES = 48

#: A normal score is integrated to this many SDs from its mean, beyond which less than 1e-15 of a cohort lies.
_REACH_SD = 8.0


@dataclass(frozen=True)
class GroupCurves:
    """Mean predicted survival (0 - 1) at ``months`` of the cases below and above the cut-off.

    ``share_above`` is the share (0 - 1) of all cases that is above.
    """

    months: np.ndarray
    below: np.ndarray
    above: np.ndarray
    share_above: float


def group_curves(model: Model, months: np.ndarray) -> GroupCurves | None:
    """Return the groups' typical curves, or None where model and publication do not determine them.

    They are the mean of exp(-H0(t) exp(lp)) over the published mix of covariates with the score, normal in each cohort,
    truncated at the cut-off; factors are independent within a cohort, as in :mod:`.reconstruction`.
    """
    tables = _tables(model)
    if model.score_cutoff is None or tables is None:
        return None
    months = np.asarray(months, float)
    hazard = model.survival.baseline_hazard(months)
    curves, patients = [], []
    for above in (False, True):
        part = replace(tables, cohorts=tuple(_truncate(cohort, model.score_cutoff.value, above)
                                             for cohort in tables.cohorts))
        patients.append(sum(cohort.patients for cohort in part.cohorts))
        if patients[-1] <= 0:
            return None
        risks, weights = risk_mixture(part)
        curves.append(np.exp(-np.outer(hazard, risks)) @ weights)
    return GroupCurves(months, curves[0], curves[1], patients[1] / sum(patients))


def training_distributions(model: Model) -> tuple[Distribution, ...]:
    """Return the score distributions of the training cohort (its outcome groups, where published so); all if none."""
    training = tuple(item for item in model.distributions if item.cohort.lower().startswith("training"))
    return training or model.distributions


def _tables(model: Model) -> PublishedTables | None:
    """Return hazard ratios and cohorts: of the reconstruction, or of the score if nothing else counts."""
    if model.survival is None:
        return None
    if model.survival.reconstruction is not None:
        tables = parse_tables(model.survival.reconstruction, f"model '{model.id}'")
        return tables if all(SCORE in cohort.normals for cohort in tables.cohorts) else None
    coefficients = model.survival.predictor.coefficients
    training = training_distributions(model)
    if set(coefficients) != {SCORE} or not training:
        return None
    cohorts = tuple(CohortMix(item.cases, {}, {SCORE: (item.mean, item.sd)}) for item in training)
    return PublishedTables({SCORE: math.exp(coefficients[SCORE])}, cohorts, {})


def _truncate(cohort: CohortMix, cutoff: float, above: bool) -> CohortMix:
    """Return the part of a cohort on one side of the cut-off, its normal score as weighted quadrature nodes."""
    mean, sd = cohort.normals[SCORE]
    edge = min(max(cutoff, mean - _REACH_SD * sd), mean + _REACH_SD * sd)
    low, high = (edge, mean + _REACH_SD * sd) if above else (mean - _REACH_SD * sd, edge)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    scores = 0.5 * (high - low) * nodes + 0.5 * (high + low)
    weights = 0.5 * (high - low) * weights * stats.norm.pdf(scores, mean, sd)
    share = float(weights.sum())
    others = {name: moments for name, moments in cohort.normals.items() if name != SCORE}
    levels = dict(zip(scores.tolist(), weights.tolist(), strict=True)) if share > 0 else {edge: 1.0}
    return CohortMix(cohort.patients * share, {**cohort.counts, SCORE: levels}, others)
