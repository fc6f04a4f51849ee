"""Reconstruct a model from published tables: a Cox model's baseline, or a logistic model of one categorical covariate.

A paper that prints hazard ratios, the distribution of its covariates and the survival of its patients, but no baseline,
still determines the baseline: H0(t) is the number for which the mean predicted survival over the published mix equals
the published survival, E[exp(-H0(t) exp(lp))] = S(t). Within a cohort the factors are taken as independent.

A paper that prints how many patients of each level of a factor had the outcome and how many had not prints all the data
that a logistic model of that factor is fitted to. The model is saturated, so that its maximum likelihood estimates are
the observed log odds, and its covariance, the inverse of the Fisher information, that of differences of independent
logits with variances 1/a + 1/b (Woolf, Annals of Human Genetics 1955;19:251).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..statistics.arrays import Floats
from ..statistics.survival_function import survival_probability
from .published_tables import CountReconstruction, Reconstruction
from .uncertainty import INTERCEPT

#: Gauss-Hermite nodes per normal factor; 40 already agree with 80 to 1e-12 for the models shipped.
_NODES = 64


def coefficients(tables: Reconstruction) -> dict[str, float]:
    """Return the Cox coefficients, the logarithms of the hazard ratios."""
    return {factor: math.log(ratio) for factor, ratio in tables.hazard_ratios.items()}


def factor_mixture(tables: Reconstruction, count: int = _NODES) -> tuple[dict[str, Floats], Floats]:
    """Return (values by factor, weight), each (n,), over the published mix of all cohorts; weights sum to 1.

    Normal factors are integrated by Gauss-Hermite quadrature (Golub & Welsch, Mathematics of Computation 1969) of
    ``count`` nodes.
    """
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(count)
    node_weights = node_weights / node_weights.sum()
    patients = sum(cohort.patients for cohort in tables.cohorts)
    values: dict[str, list[float]] = {factor: [] for factor in tables.hazard_ratios}
    weights = []
    for cohort in tables.cohorts:
        factors = {factor: [(float(level), number / sum(counts.values())) for level, number in counts.items()]
                   for factor, counts in cohort.counts.items()}
        factors |= {factor: list(zip(normal.mean + normal.sd * nodes, node_weights, strict=True))
                    for factor, normal in cohort.normals.items()}
        for combination in product(*factors.values()):
            for factor, (value, _) in zip(factors, combination, strict=True):
                values[factor].append(value)
            weights.append(cohort.patients / patients * math.prod(weight for _, weight in combination))
    return {factor: np.array(column) for factor, column in values.items()}, np.array(weights)


def predictor_mixture(tables: Reconstruction) -> tuple[Floats, Floats]:
    """Return (linear predictor, weight), each (n,), over the published mix of all cohorts; weights sum to 1."""
    beta = coefficients(tables)
    values, weights = factor_mixture(tables)
    predictors: Floats = sum((beta[factor] * column for factor, column in values.items()), np.zeros(len(weights)))
    return predictors, weights


def baseline_cumulative_hazard(tables: Reconstruction) -> dict[float, float]:
    """Return {months: H0}, months rising: the mean predicted survival over the mix equals the published survival."""
    from scipy.optimize import brentq  # a second of import that only this needs

    predictors, weights = predictor_mixture(tables)

    def solve(survival: float) -> float:
        def excess(log_hazard: float) -> float:
            return float(weights @ survival_probability(math.exp(log_hazard), predictors)[:, 0]) - survival

        return math.exp(brentq(excess, -30.0, 10.0, xtol=1e-13, rtol=1e-14))

    published = sorted((float(month), share) for month, share in tables.survival_at_months.items())
    return {month: solve(share) for month, share in published}


@dataclass(frozen=True, eq=False, kw_only=True)
class LogisticOfCounts:
    """The logistic model of a table: ``intercept`` (log odds of the reference) and ``coefficients`` by level, 0 of the
    reference; ``covariance`` (p, p) of ``names`` (p,), the intercept and 'covariate=level' of every other level."""

    intercept: float
    coefficients: dict[str, float]
    names: tuple[str, ...]
    covariance: Floats


def logistic_of_counts(tables: CountReconstruction) -> LogisticOfCounts:
    """Return the maximum likelihood fit of the outcome on the table's covariate, its first level the reference."""
    logits = {label: math.log(item.with_outcome / item.without_outcome) for label, item in tables.counts.items()}
    variances = [1 / item.with_outcome + 1 / item.without_outcome for item in tables.counts.values()]
    reference, *others = tables.counts
    # Every coefficient but the intercept is a logit minus that of the reference.
    differences = np.eye(len(logits))
    differences[1:, 0] = -1.0
    return LogisticOfCounts(
        intercept=logits[reference],
        coefficients={reference: 0.0, **{label: logits[label] - logits[reference] for label in others}},
        names=(INTERCEPT, *(f"{tables.covariate}={label}" for label in others)),
        covariance=differences @ np.diag(variances) @ differences.T)


def apparent_auc(tables: CountReconstruction) -> float:
    """Return the area under the ROC curve (0 - 1) of the reconstructed probabilities in the table's own patients.

    It is the share of pairs of a patient with and one without the outcome in which the former's level has the higher
    odds; equal odds count half.
    """
    odds = np.array([item.with_outcome / item.without_outcome for item in tables.counts.values()])
    events = np.array([item.with_outcome for item in tables.counts.values()], float)
    others = np.array([item.without_outcome for item in tables.counts.values()], float)
    order = np.sign(odds[:, None] - odds[None, :])
    return float(events @ (0.5 * order + 0.5) @ others / (events.sum() * others.sum()))
