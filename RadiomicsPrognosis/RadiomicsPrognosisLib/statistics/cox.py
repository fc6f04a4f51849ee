"""Cox proportional hazards regression: coefficients, tests, baseline cumulative hazard and survival curves.

The fit maximises the project's own partial likelihood (Efron's or Breslow's ties), the one that the LASSO uses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CohortError, InputError
from ..result import Result
from .chi_squared import ChiSquared, chi_squared, normal_quantile, two_sided
from .inputs import confidence_level, survival_outcome, table
from .newton import bounded_exp, maximise, orthonormal_design
from .penalised.likelihoods import TIES, CoxLikelihood
from .risk_sets import risk_sets
from .risk_table import step_at

_UNBOUNDED = ("it orders the events perfectly, as a group without events does; leave it out, merge its levels or use a "
              "penalised model")


@dataclass(frozen=True, eq=False)
class BaselineHazard(Result):
    """Baseline cumulative hazard (m,) from each event time (m,) on, 0 before the first."""

    times: np.ndarray
    hazard: np.ndarray

    def at(self, times: np.ndarray | float) -> np.ndarray:
        """Return the cumulative hazard at ``times``; after the last event time it stays."""
        return step_at(self.times, self.hazard, times, start=0.0)


@dataclass(frozen=True, eq=False)
class CoxModel(Result):
    """A fitted Cox model; arrays (p,) are in the order of ``terms``, hazard ratios are per unit of the covariate.

    Tests are of all coefficients being 0. ``baseline`` is that of a case with the fitted rows' ``means``, whose linear
    predictor is ``center``: survival = exp(-baseline x exp(linear predictor - center)).
    """

    terms: tuple[str, ...]
    ties: str
    n: int
    events: int
    confidence: float
    coefficients: np.ndarray
    se: np.ndarray
    z: np.ndarray
    p: np.ndarray
    hazard_ratios: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    covariance: np.ndarray
    means: np.ndarray
    center: float
    loglik_null: float
    loglik: float
    aic: float
    bic: float
    likelihood_ratio: ChiSquared
    wald: ChiSquared
    score: ChiSquared
    baseline: BaselineHazard

    def linear_predictor(self, x: Any) -> np.ndarray:
        """Return the uncentred linear predictor (rows,) of ``x`` (rows, p)."""
        x, _ = table(x)
        if x.shape[1] != len(self.terms):
            raise InputError(f"The model has {len(self.terms)} terms ({', '.join(self.terms)}), not {x.shape[1]}.")
        # Row by row, so that equal rows get equal predictors to the last bit and count as ties.
        return (x * self.coefficients).sum(axis=1)

    def survival(self, x: Any, times: Any) -> np.ndarray:
        """Return the survival (rows, times) of the rows of ``x``; after the last event time it stays."""
        hazard = self.baseline.at(np.atleast_1d(np.asarray(times, float)))
        return np.exp(-bounded_exp(self.linear_predictor(x) - self.center)[:, None] * hazard)

    def baseline_at_zero(self) -> BaselineHazard:
        """Return the baseline hazard of a case with linear predictor 0, as a stored model has it.

        Raises InputError when covariates 0 are so far from the data that the hazard is no number; standardise then.
        """
        if abs(self.center) > 600.0:
            raise InputError(f"The baseline hazard at covariates 0 is exp({-self.center:.0f}) times that at their "
                             "means, beyond what a number can hold; standardise the covariates.")
        return BaselineHazard(self.baseline.times, self.baseline.hazard * math.exp(-self.center))


def fit_cox(time: Any, event: Any, x: Any, names: Sequence[str] | None = None, ties: str = "efron",
            confidence: float = 0.95) -> CoxModel:
    """Return the Cox model of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on ``x`` (n, p).

    Equals R's survival::coxph. Raises InputError or CohortError for what cannot be used (missing values, negative
    times, no event, fewer events than columns, constant or repeated columns) and NotConverged for an infinite
    coefficient.
    """
    if ties not in TIES:
        raise InputError(f"ties = '{ties}' is not known; use one of {', '.join(TIES)}.")
    time, event = survival_outcome(time, event)
    x, names = table(x, len(time), names)
    events = int(event.sum())
    if events < x.shape[1]:
        raise CohortError(f"{events} events for {x.shape[1]} covariates: a Cox model needs at least one event per "
                          "covariate, and about ten to be of use.")
    design = orthonormal_design(x, names)
    likelihood = CoxLikelihood(time, event, ties)
    columns = np.ascontiguousarray(design.columns[:, likelihood.order])
    null = likelihood.at(np.zeros(len(time)))
    gradient = columns @ null.residual
    score = gradient @ np.linalg.solve(len(time) * likelihood.hessian(columns, null), gradient)
    fit = maximise(likelihood, columns, lambda beta: design.largest(beta, names), _UNBOUNDED)
    coefficients, covariance = design.back @ fit.coefficients, design.back @ fit.covariance @ design.back.T
    logliks = -len(time) * float(null.loss), -len(time) * float(fit.loss)
    return _model(names, ties, (time, event, x, design.means), coefficients, covariance, logliks, score, confidence)


def _model(names: tuple[str, ...], ties: str, data: tuple[np.ndarray, ...], coefficients: np.ndarray,
           covariance: np.ndarray, logliks: tuple[float, float], score: float, confidence: float) -> CoxModel:
    """Return the model's record with what follows from coefficients, covariance and log-likelihoods (null, fit)."""
    time, event, x, means = data
    p, events = len(coefficients), int(event.sum())
    se = np.sqrt(np.diag(covariance))
    z = coefficients / se
    # On the scale of z, where units over many decades do no harm.
    wald = z @ np.linalg.solve(covariance / np.outer(se, se), z)
    half = normal_quantile(confidence_level(confidence)) * se
    null, loglik = logliks
    return CoxModel(
        names, ties, len(time), events, confidence, coefficients, se, z, two_sided(z),
        *(bounded_exp(part) for part in (coefficients, coefficients - half, coefficients + half)), covariance, means,
        float(means @ coefficients), null, loglik, 2 * p - 2 * loglik, p * math.log(events) - 2 * loglik,
        chi_squared(2 * (loglik - null), p),
        chi_squared(wald, p), chi_squared(score, p),
        _baseline(time, event, (x - means) @ coefficients, ties))


def _baseline(time: np.ndarray, event: np.ndarray, centred: np.ndarray, ties: str) -> BaselineHazard:
    """Return the baseline hazard where ``centred`` (n,) is 0, with Efron's correction where the fit has it."""
    sets = risk_sets(time, event, np.empty((len(time), 0)), centred, ties)
    times, first = np.unique(time[sets.events], return_index=True)
    return BaselineHazard(times, np.cumsum(np.add.reduceat(1.0 / sets.total, first)))
