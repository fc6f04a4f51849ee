"""The maximum of an unpenalised likelihood by Newton's method, or the reason in words why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import CohortError, NotConverged
from .inputs import listed
from .penalised.likelihoods import Likelihood

#: Converged when no coefficient moves by more than this; Newton's error is then its square.
_STEP = 1e-9
_ITERATIONS = 50
#: Coefficients and standard errors of orthonormal columns beyond these are on their way to infinity: exp(40) is 2e17.
_LARGEST_COEFFICIENT, _LARGEST_SE = 40.0, 1e3
#: A column whose part orthogonal to the earlier ones is below this share of its length repeats them (R's tolerance).
_COLLINEAR = 1e-7


@dataclass(frozen=True, eq=False)
class Maximum:
    """Coefficients (p,), their covariance (p, p), and minus the log-likelihood over n at the maximum."""

    coefficients: np.ndarray
    covariance: np.ndarray
    loss: float


def bounded_exp(x: np.ndarray) -> np.ndarray:
    """Return exp(x) with x kept within 700 of 0, so that a ratio per tiny unit stays a finite number above 0."""
    return np.exp(np.clip(x, -700.0, 700.0))


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates as orthonormal ``columns`` (p, n), of mean 0 and mean square 1: units and correlations do not matter.

    ``back`` (p, p) turns their coefficients into those of the covariates, whose ``means`` and ``sds`` (p,) are given.
    """

    columns: np.ndarray
    back: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    def largest(self, coefficients: np.ndarray, names: Sequence[str]) -> str:
        """Return the name of the covariate with the largest effect per SD."""
        return names[int(np.abs((self.back @ coefficients) * self.sds).argmax())]


def orthonormal_design(x: np.ndarray, names: Sequence[str]) -> Design:
    """Return the design of ``x`` (n, p).

    Raises CohortError for constant columns, columns that those before determine, and too many columns.
    """
    n, p = x.shape
    constant = np.flatnonzero(x.max(axis=0) == x.min(axis=0))
    if len(constant):
        raise CohortError(f"{listed([names[j] for j in constant], 'column')}: the same value in all {n} rows; leave "
                          "out of the model.")
    if p >= n:
        raise CohortError(f"{p} columns for {n} rows: a model without penalty needs far fewer; select first.")
    means = x.mean(axis=0)
    with np.errstate(over="ignore", under="ignore"):
        sds = np.sqrt(((x - means) ** 2).mean(axis=0))
    unusable = np.flatnonzero(~np.isfinite(sds) | (sds <= np.finfo(float).tiny))
    if len(unusable):
        raise CohortError(f"{listed([names[j] for j in unusable], 'column')}: the spread is too large or too small for "
                          "double precision; rescale.")
    basis, triangle = np.linalg.qr((x - means) / sds)
    triangle /= np.sqrt(n)
    repeated = np.flatnonzero(np.abs(np.diag(triangle)) < _COLLINEAR)
    if len(repeated):
        raise CohortError(f"{listed([names[j] for j in repeated], 'column')}: determined by the columns before; leave "
                          "out of the model.")
    return Design(np.ascontiguousarray(basis.T) * np.sqrt(n), np.linalg.inv(triangle) / sds[:, None], means, sds)


def maximise(likelihood: Likelihood, columns: np.ndarray, name_growing: Callable[[np.ndarray], str],
             unbounded: str) -> Maximum:
    """Return the maximum of ``likelihood`` over coefficients of orthonormal ``columns`` (p, n), in its row order.

    When there is none, raises NotConverged, with what ``name_growing`` makes of the coefficients and ``unbounded``.
    """
    n = columns.shape[1]
    beta = np.zeros(len(columns))
    point = likelihood.at(beta @ columns)
    for _ in range(_ITERATIONS):
        step = _solved(likelihood.hessian(columns, point), columns @ point.residual / n)
        if step is None or np.abs(beta + step).max() > _LARGEST_COEFFICIENT:
            break
        trial = likelihood.at((beta + step) @ columns)
        while trial.loss > point.loss + 1e-13 * (1.0 + abs(point.loss)) and np.abs(step).max() > _STEP:
            step = 0.5 * step
            trial = likelihood.at((beta + step) @ columns)
        beta, point = beta + step, trial
        if np.abs(step).max() <= _STEP:
            covariance = _solved(n * likelihood.hessian(columns, point), np.eye(len(columns)))
            if covariance is None or np.sqrt(np.abs(np.diag(covariance)).max()) > _LARGEST_SE:
                break
            return Maximum(beta, covariance, point.loss)
    raise NotConverged(f"The coefficient of '{name_growing(beta)}' grows without bound: {unbounded}.")


def _solved(hessian: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Return hessian^-1 right, None when the curvature is gone."""
    try:
        solution = np.linalg.solve(hessian, right)
    except np.linalg.LinAlgError:
        return None
    return solution if np.isfinite(solution).all() else None
