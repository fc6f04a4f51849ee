"""Logistic regression without penalty: coefficients, Wald tests, odds ratios and AIC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ..result import Result, only_where_known
from .arrays import Floats, Integers
from .chi_squared import ChiSquared, chi_squared, wald_together
from .clusters import cluster_numbers, cluster_sums, robust_criterion, sandwich, small_sample
from .inputs import binary_outcome, table
from .logistic_function import logistic_probability
from .newton import Design, bounded_exp, maximise, orthonormal_design, row_products
from .normal import wald
from .penalised.likelihoods import LogisticLikelihood

_UNBOUNDED = ("the covariates separate the two classes perfectly, or one of their levels holds a single class; leave "
              "it out, merge its levels or use a penalised model")


@dataclass(frozen=True, eq=False, kw_only=True)
class LogisticModel(Result):
    """A fitted logistic model of ``n`` rows, ``positive`` of which have outcome 1.

    ``coefficients``, ``se``, ``z`` and ``p`` (Wald's), (1 + p,), and ``covariance`` (1 + p, 1 + p) have the intercept
    first; ``odds_ratios`` and their bounds (p,) at ``confidence`` are per unit of a covariate. ``likelihood_ratio``
    tests all coefficients but the intercept being 0.

    Of rows in ``clusters`` (their number), ``covariance`` and what follows from it are robust against the rows of a
    cluster being alike, ``wald`` tests all coefficients but the intercept with it, ``naive_covariance`` is that of
    independent rows, ``criterion_null`` the criterion without terms; the likelihood ratio takes rows for independent.
    """

    terms: tuple[str, ...]
    n: int
    positive: int
    confidence: float
    coefficients: Floats
    se: Floats
    z: Floats
    p: Floats
    odds_ratios: Floats
    lower: Floats
    upper: Floats
    covariance: Floats
    loglik_null: float
    loglik: float
    aic: float
    likelihood_ratio: ChiSquared
    clusters: int | None = only_where_known()
    naive_covariance: Floats | None = only_where_known()
    wald: ChiSquared | None = only_where_known()
    criterion_null: float | None = only_where_known()

    @property
    def joint(self) -> ChiSquared:
        """The test of all terms that holds for the rows: likelihood ratio, in clusters Wald's."""
        return self.wald or self.likelihood_ratio

    @property
    def criterion(self) -> float:
        """What selection lowers: AIC, or of rows in clusters Pan's QIC (Biometrics 2001;57:120)."""
        return self.aic if self.naive_covariance is None else robust_criterion(
            self.loglik, self.covariance, self.naive_covariance)

    @property
    def slopes(self) -> Floats:
        """The coefficients (p,) of the terms, without the intercept."""
        return self.coefficients[1:]

    @property
    def slope_p(self) -> Floats:
        """The p values (p,) of the terms."""
        return self.p[1:]

    @property
    def ratios(self) -> Floats:
        """The odds ratios (p,) of the terms."""
        return self.odds_ratios

    @property
    def intercept(self) -> float:
        """The log-odds at covariates 0."""
        return float(self.coefficients[0])

    @property
    def limiting_events(self) -> int:
        """The size of the rarer class, which limits how many coefficients can be learned."""
        return min(self.positive, self.n - self.positive)

    def baseline_at_zero(self) -> None:
        """A logistic model has no baseline hazard."""

    def predict(self, x: ArrayLike, times: ArrayLike = ()) -> Floats:
        """Return the probability (n, 1) of outcome 1 in the rows of ``x`` (n, p), whatever the times."""
        return self.probability(x)[:, None]

    def linear_predictor(self, x: ArrayLike) -> Floats:
        """Return the log-odds (n,), intercept + x coefficients, of ``x`` (n, p). Raises InputError for another number
        of columns, CohortError for missing values."""
        log_odds: Floats = self.coefficients[0] + row_products(x, self.coefficients[1:], self.terms)
        return log_odds

    def probability(self, x: ArrayLike) -> Floats:
        """Return the probability (n,), 0 - 1, of outcome 1 in the rows of ``x`` (n, p). Raises as linear_predictor."""
        return logistic_probability(self.linear_predictor(x))


def fit_logistic(outcome: ArrayLike, x: ArrayLike, names: Sequence[str] | None = None,
                 confidence: float = 0.95, clusters: ArrayLike | None = None) -> LogisticModel:
    """Return the logistic model of ``outcome`` (n,) 0/1 on ``x`` (n, p), equal to R's glm(family = binomial).

    Rows in ``clusters`` (n,) give Huber & White's covariance summed over clusters, times m / (m - 1) of m clusters
    (Liang & Zeger, Biometrika 1986;73:13; R's sandwich::vcovCL). Raises InputError or CohortError for what cannot be
    used (missing values, one class, constant or repeated columns, no more clusters than coefficients) and NotConverged
    when the classes are separated, wholly or in part, so that a coefficient is infinite.
    """
    outcome = binary_outcome(outcome)
    x, terms = table(x, len(outcome), names)
    design = orthonormal_design(x, terms)
    likelihood = LogisticLikelihood(outcome)
    columns = np.vstack([np.ones(len(outcome)), design.columns])
    fit = maximise(likelihood, columns, lambda beta: design.largest(beta[1:], terms), _UNBOUNDED)
    raw = np.eye(1 + len(terms))
    raw[1:, 1:] = design.back
    raw[0, 1:] = -design.means @ design.back
    coefficients, covariance = raw @ fit.coefficients, raw @ fit.covariance @ raw.T
    n = len(outcome)
    loglik_null = -n * likelihood.at(np.full(n, likelihood.intercept)).loss
    loglik = -n * fit.loss
    tests = wald(coefficients, covariance, confidence)
    model = LogisticModel(
        terms=terms, n=n, positive=int(outcome.sum()), confidence=confidence, coefficients=coefficients, se=tests.se,
        z=tests.z, p=tests.p, odds_ratios=bounded_exp(coefficients[1:]), lower=bounded_exp(tests.lower[1:]),
        upper=bounded_exp(tests.upper[1:]), covariance=covariance, loglik_null=loglik_null, loglik=loglik,
        aic=2 * len(coefficients) - 2 * loglik,
        likelihood_ratio=chi_squared(2 * (loglik - loglik_null), len(terms)))
    numbers = cluster_numbers(clusters, n)
    return model if numbers is None else _robust(model, outcome, (x - design.means) / design.sds, design, numbers)


def _robust(model: LogisticModel, outcome: Floats, z: Floats, design: Design, numbers: Integers) -> LogisticModel:
    """Return ``model`` with tests and intervals for rows in clusters; ``z`` (n, p) are the standardised covariates."""
    n = len(outcome)
    to_raw = np.diag(np.append(1.0, 1.0 / design.sds))
    to_raw[0, 1:] = -design.means / design.sds
    to_z = np.linalg.inv(to_raw)
    x = np.column_stack([np.ones(n), z])
    log_odds = x @ (to_z @ model.coefficients)
    residuals = outcome - logistic_probability(log_odds)
    enlarged = small_sample(numbers)
    covariance = to_raw @ sandwich(x * residuals[:, None], to_z @ model.covariance @ to_z.T, numbers) @ to_raw.T
    covariance *= enlarged
    each = wald(model.coefficients, covariance, model.confidence)
    share = outcome.mean()
    null = enlarged * float((cluster_sums(outcome - share, numbers)**2).sum()) / (n * share * (1.0 - share))
    return replace(
        model, se=each.se, z=each.z, p=each.p, lower=bounded_exp(each.lower[1:]), upper=bounded_exp(each.upper[1:]),
        covariance=covariance, clusters=int(numbers.max()) + 1, naive_covariance=model.covariance,
        wald=wald_together(model.coefficients[1:], covariance[1:, 1:]),
        criterion_null=-2.0 * model.loglik_null + 2.0 * null)
