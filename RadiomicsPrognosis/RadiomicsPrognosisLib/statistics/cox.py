"""Cox proportional hazards regression: coefficients, tests, baseline cumulative hazard and survival curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from ..result import Result, only_where_known
from .arrays import Floats, Integers
from .chi_squared import ChiSquared, chi_squared, wald_together
from .clusters import cluster_numbers, cluster_sums, robust_criterion, sandwich
from .inputs import one_of, survival_outcome, table
from .newton import Design, bounded_exp, maximise, orthonormal_design, row_products
from .normal import wald
from .penalised.likelihoods import TIES, CoxLikelihood
from .risk_sets import risk_sets
from .risk_table import step_at
from .score_residuals import score_residuals
from .survival_function import survival_probability

_UNBOUNDED = ("it orders the events perfectly, as a group without events does; leave it out, merge its levels or use a "
              "penalised model")
#: Information about a column of mean square 1, as a share of the rows, below this is rounding.
_NO_INFORMATION = 1e-13

#: The largest distance of the centre from linear predictor 0 whose hazard ratio is a number with room to spare.
_LARGEST_CENTER = 600.0


@dataclass(frozen=True, eq=False)
class BaselineHazard(Result):
    """Baseline cumulative ``hazard`` (m,) from each of the event ``times`` (m,) on, 0 before the first."""

    times: Floats
    hazard: Floats

    def at(self, times: ArrayLike) -> Floats:
        """Return the cumulative hazard at ``times`` (k,), the fit's unit; after the last event time it stays."""
        return step_at(self.times, self.hazard, times, start=0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class CoxModel(Result):
    """A fitted Cox model; arrays (p,) are in the order of ``terms``, hazard ratios are per unit of the covariate.

    ``z`` and ``p`` are Wald's, ``lower`` and ``upper`` bound the hazard ratios at ``confidence``; ``likelihood_ratio``,
    ``wald`` and ``score`` test all coefficients being 0, ``bic`` counts events as observations. ``baseline`` is that of
    a case with the fitted rows' ``means``, whose linear predictor is ``center``:
    survival = exp(-baseline x exp(linear predictor - center)).

    Of rows in ``clusters`` (their number), ``covariance`` and what follows from it, ``wald`` and ``score`` are robust
    against the rows of a cluster being alike, ``naive_covariance`` (p, p) is that of independent rows; the likelihood
    ratio takes rows for independent.
    """

    terms: tuple[str, ...]
    ties: str
    n: int
    events: int
    confidence: float
    coefficients: Floats
    se: Floats
    z: Floats
    p: Floats
    hazard_ratios: Floats
    lower: Floats
    upper: Floats
    covariance: Floats
    means: Floats
    center: float
    loglik_null: float
    loglik: float
    aic: float
    bic: float
    likelihood_ratio: ChiSquared
    wald: ChiSquared
    score: ChiSquared
    baseline: BaselineHazard
    clusters: int | None = only_where_known()
    naive_covariance: Floats | None = only_where_known()

    @property
    def joint(self) -> ChiSquared:
        """The test of all coefficients being 0 that holds for the rows: likelihood ratio, in clusters Wald's."""
        return self.likelihood_ratio if self.clusters is None else self.wald

    @property
    def criterion(self) -> float:
        """What selection lowers: AIC, or of rows in clusters the AIC with the trace of naive inverse times robust
        covariance for the number of coefficients (Takeuchi's criterion; Pan, Biometrics 2001;57:120)."""
        return self.aic if self.naive_covariance is None else robust_criterion(
            self.loglik, self.covariance, self.naive_covariance)

    @property
    def slopes(self) -> Floats:
        """The coefficients (p,) of the terms."""
        return self.coefficients

    @property
    def slope_p(self) -> Floats:
        """The p values (p,) of the terms."""
        return self.p

    @property
    def ratios(self) -> Floats:
        """The hazard ratios (p,) of the terms."""
        return self.hazard_ratios

    @property
    def intercept(self) -> float:
        """A Cox model has none: 0."""
        return 0.0

    @property
    def limiting_events(self) -> int:
        """The number of events, which limits how many coefficients can be learned."""
        return self.events

    def predict(self, x: ArrayLike, times: ArrayLike) -> Floats:
        """Return the survival (n, m) of the rows of ``x`` (n, p) at ``times`` (m,). Raises as linear_predictor."""
        return self.survival(x, times)

    def linear_predictor(self, x: ArrayLike) -> Floats:
        """Return the uncentred linear predictor (n,) of ``x`` (n, p). Raises InputError for another number of columns,
        CohortError for missing values."""
        return row_products(x, self.coefficients, self.terms)

    def survival(self, x: ArrayLike, times: ArrayLike) -> Floats:
        """Return the survival (n, m), 0 - 1, of the rows of ``x`` (n, p) at ``times`` (m,), the fit's unit.

        Equal to R's survfit.coxph; after the last event time it stays. Raises as linear_predictor.
        """
        return survival_probability(self.baseline.at(times), self.linear_predictor(x) - self.center)

    def baseline_at_zero(self) -> BaselineHazard:
        """Return the baseline hazard of a case with linear predictor 0, R's basehaz(centered = FALSE).

        Raises InputError when covariates 0 are so far from the data that the hazard is no number; standardise then.
        """
        if abs(self.center) > _LARGEST_CENTER:
            raise InputError(f"The baseline hazard at covariates 0 is exp({-self.center:.0f}) times that at their "
                             "means, beyond what a number can hold; standardise the covariates.")
        return BaselineHazard(self.baseline.times, self.baseline.hazard * math.exp(-self.center))


def fit_cox(time: ArrayLike, event: ArrayLike, x: ArrayLike, names: Sequence[str] | None = None, ties: str = "efron",
            confidence: float = 0.95, clusters: ArrayLike | None = None) -> CoxModel:
    """Return the Cox model of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on ``x`` (n, p).

    Equals R's survival::coxph (Cox, J R Stat Soc B 1972;34:187; ``ties`` are Efron's, JASA 1977;72:557, or Breslow's,
    Biometrics 1974;30:89), maximising the partial likelihood that the LASSO uses. Rows in ``clusters`` (n,) give Lin &
    Wei's covariance (JASA 1989;84:1074; R's argument ``cluster``). Raises InputError or CohortError for
    what cannot be used (missing values, negative times, no event, fewer events than columns, columns that are constant
    or repeat others, be it only among the rows at risk when events happen, no more clusters than columns) and
    NotConverged for an infinite coefficient.
    """
    one_of("ties", ties, TIES)
    time, event = survival_outcome(time, event)
    x, terms = table(x, len(time), names)
    n, p, events = len(time), x.shape[1], int(event.sum())
    if events < p:
        raise CohortError(f"{events} events for {p} covariates: a Cox model needs at least one event per "
                          "covariate, and about ten to be of use.")
    design = orthonormal_design(x, terms)
    likelihood = CoxLikelihood(time, event, ties)
    columns = np.ascontiguousarray(design.columns[:, likelihood.order])
    null = likelihood.at(np.zeros(n))
    gradient, information = columns @ null.residual, n * likelihood.hessian(columns, null)
    _check_information(information, design, terms)
    score = float(gradient @ np.linalg.solve(information, gradient))
    fit = maximise(likelihood, columns, lambda beta: design.largest(beta, terms), _UNBOUNDED)
    loglik_null, loglik = -n * null.loss, -n * fit.loss
    coefficients, covariance = design.back @ fit.coefficients, design.back @ fit.covariance @ design.back.T
    each = wald(coefficients, covariance, confidence)
    model = CoxModel(
        terms=terms, ties=ties, n=n, events=events, confidence=confidence, coefficients=coefficients, se=each.se,
        z=each.z, p=each.p, hazard_ratios=bounded_exp(coefficients), lower=bounded_exp(each.lower),
        upper=bounded_exp(each.upper), covariance=covariance, means=design.means,
        center=float(design.means @ coefficients), loglik_null=loglik_null, loglik=loglik, aic=2 * p - 2 * loglik,
        bic=p * math.log(events) - 2 * loglik, likelihood_ratio=chi_squared(2 * (loglik - loglik_null), p),
        wald=wald_together(coefficients, covariance), score=chi_squared(score, p),
        baseline=baseline_hazard(time, event, (x - design.means) @ coefficients, ties))
    numbers = cluster_numbers(clusters, n)
    return model if numbers is None else _robust(model, time, event, (x - design.means) / design.sds, design.sds,
                                                 numbers)


def _robust(model: CoxModel, time: Floats, event: Floats, z: Floats, sds: Floats, numbers: Integers) -> CoxModel:
    """Return ``model`` with tests and intervals for rows in clusters; ``z`` (n, p) are the standardised covariates."""
    units = np.outer(sds, sds)
    at_fit = score_residuals(time, event, z, z @ (model.coefficients * sds), model.ties)
    covariance = sandwich(at_fit, model.covariance * units, numbers) / units
    each = wald(model.coefficients, covariance, model.confidence)
    at_null = cluster_sums(score_residuals(time, event, z, np.zeros(len(z)), model.ties), numbers)
    total = at_null.sum(axis=0)
    score = float(total @ np.linalg.lstsq(at_null.T @ at_null, total, rcond=None)[0])
    return replace(
        model, se=each.se, z=each.z, p=each.p, lower=bounded_exp(each.lower), upper=bounded_exp(each.upper),
        covariance=covariance, wald=wald_together(model.coefficients, covariance), score=chi_squared(score, len(sds)),
        clusters=int(numbers.max()) + 1, naive_covariance=model.covariance)


def _check_information(information: Floats, design: Design, terms: tuple[str, ...]) -> None:
    """Raise CohortError when some combination of the columns is constant among the rows at risk at every event."""
    values, vectors = np.linalg.eigh(information)
    if values[0] <= _NO_INFORMATION * design.columns.shape[1]:
        column = design.largest(vectors[:, 0], terms)
        raise CohortError(f"column {column}: among the rows at risk when events happen it does not vary, or only as "
                          "the other columns do; leave out of the model.")


def baseline_hazard(time: Floats, event: Floats, linear_predictor: Floats, ties: str = "efron") -> BaselineHazard:
    """Return the cumulative hazard where the given ``linear_predictor`` (n,) of a Cox model is 0.

    Breslow's estimate (Biometrics 1974;30:89) of ``time`` (n,), any unit, and ``event`` (n,) 0/1, with Efron's
    correction for ``ties`` where these are his; equal to R's basehaz of a coxph with the predictor as offset.
    """
    sets = risk_sets(time, event, np.empty((len(time), 0)), linear_predictor, ties)
    times, first = np.unique(time[sets.events], return_index=True)
    return BaselineHazard(times, np.cumsum(np.add.reduceat(1.0 / sets.total, first)))
