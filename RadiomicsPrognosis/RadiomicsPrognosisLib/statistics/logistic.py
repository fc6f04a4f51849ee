"""Logistic regression without penalty: coefficients, Wald tests, odds ratios and AIC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from ..errors import InputError
from ..result import Result
from .chi_squared import ChiSquared, chi_squared, normal_quantile, two_sided
from .inputs import binary_outcome, confidence_level, table
from .newton import bounded_exp, maximise, orthonormal_design
from .penalised.likelihoods import LogisticLikelihood

_UNBOUNDED = ("the covariates separate the two classes perfectly, or one of their levels holds a single class; leave "
              "it out, merge its levels or use a penalised model")


@dataclass(frozen=True, eq=False)
class LogisticModel(Result):
    """A fitted logistic model.

    Arrays (1 + p,) have the intercept first; odds ratios and their bounds (p,) are per unit of a covariate.
    """

    terms: tuple[str, ...]
    n: int
    positive: int
    confidence: float
    coefficients: np.ndarray
    se: np.ndarray
    z: np.ndarray
    p: np.ndarray
    odds_ratios: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    covariance: np.ndarray
    loglik_null: float
    loglik: float
    aic: float
    likelihood_ratio: ChiSquared

    def linear_predictor(self, x: Any) -> np.ndarray:
        """Return intercept + x coefficients (rows,) of ``x`` (rows, p)."""
        x, _ = table(x)
        if x.shape[1] != len(self.terms):
            raise InputError(f"The model has {len(self.terms)} terms ({', '.join(self.terms)}), not {x.shape[1]}.")
        # Row by row, so that equal rows get equal predictors to the last bit and count as ties.
        return self.coefficients[0] + (x * self.coefficients[1:]).sum(axis=1)

    def probability(self, x: Any) -> np.ndarray:
        """Return the probability (rows,) of outcome 1."""
        return expit(self.linear_predictor(x))


def fit_logistic(outcome: Any, x: Any, names: Sequence[str] | None = None, confidence: float = 0.95) -> LogisticModel:
    """Return the logistic model of ``outcome`` (n,) 0/1 on ``x`` (n, p), equal to R's glm(family = binomial).

    Raises InputError or CohortError for what cannot be used (missing values, one class, constant or repeated columns)
    and NotConverged when the classes are separated, wholly or in part, so that a coefficient is infinite.
    """
    outcome = binary_outcome(outcome)
    x, names = table(x, len(outcome), names)
    design = orthonormal_design(x, names)
    likelihood = LogisticLikelihood(outcome)
    columns = np.vstack([np.ones(len(outcome)), design.columns])
    fit = maximise(likelihood, columns, lambda beta: design.largest(beta[1:], names), _UNBOUNDED)
    raw = np.eye(1 + len(names))
    raw[1:, 1:] = design.back
    raw[0, 1:] = -design.means @ design.back
    coefficients, covariance = raw @ fit.coefficients, raw @ fit.covariance @ raw.T
    n, positive = len(outcome), int(outcome.sum())
    null = -n * float(likelihood.at(np.full(n, likelihood.intercept)).loss)
    loglik, se = -n * float(fit.loss), np.sqrt(np.diag(covariance))
    half = normal_quantile(confidence_level(confidence)) * se
    z_values = coefficients / se
    return LogisticModel(
        names, n, positive, confidence, coefficients, se, z_values, two_sided(z_values),
        *(bounded_exp(part[1:]) for part in (coefficients, coefficients - half, coefficients + half)), covariance,
        null, loglik, 2 * len(coefficients) - 2 * loglik, chi_squared(2 * (loglik - null), len(names)))
