"""The maximum of an unpenalised likelihood by Newton's method, or the reason in words why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError, NotConverged
from .arrays import Floats, Mask
from .inputs import listed, table
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
    """``coefficients`` (p,), their ``covariance`` (p, p), and the ``loss``, minus the log-likelihood over n, there."""

    coefficients: Floats
    covariance: Floats
    loss: float


def bounded_exp(x: Floats) -> Floats:
    """Return exp(x) (m,) with ``x`` (m,) kept within 700 of 0: a ratio per tiny unit stays a finite number above 0."""
    bounded: Floats = np.exp(np.clip(x, -700.0, 700.0))
    return bounded


def row_products(x: ArrayLike, coefficients: Floats, terms: Sequence[str]) -> Floats:
    """Return x coefficients (n,) of ``x`` (n, p) for the ``coefficients`` (p,) of the model's ``terms`` (p,).

    Raises InputError for another number of columns, CohortError for missing values.
    """
    x, _ = table(x)
    if x.shape[1] != len(terms):
        raise InputError(f"The model has {len(terms)} terms ({', '.join(terms)}), not {x.shape[1]}.")
    # Row by row, so that equal rows get equal predictors to the last bit and count as ties.
    products: Floats = (x * coefficients).sum(axis=1)
    return products


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates as orthonormal ``columns`` (p, n), of mean 0 and mean square 1: units and correlations do not matter.

    ``back`` (p, p) turns their coefficients into those of the covariates, whose ``means`` and ``sds`` (p,) are given.
    """

    columns: Floats
    back: Floats
    means: Floats
    sds: Floats

    def largest(self, coefficients: Floats, names: Sequence[str]) -> str:
        """Return which of ``names`` (p,) has the largest effect per SD at the columns' ``coefficients`` (p,)."""
        return names[int(np.abs((self.back @ coefficients) * self.sds).argmax())]


def orthonormal_design(x: Floats, names: Sequence[str]) -> Design:
    """Return the design of ``x`` (n, p), whose columns messages name by ``names`` (p,).

    By a QR decomposition, a column counting as repeated at R's lm tolerance. Raises CohortError for constant columns,
    columns that those before determine, and too many columns.
    """
    n, p = x.shape
    _refuse(x.max(axis=0) == x.min(axis=0), names, f"the same value in all {n} rows; leave out of the model.")
    if p >= n:
        raise CohortError(f"{p} columns for {n} rows: a model without penalty needs far fewer; select first.")
    means = x.mean(axis=0)
    with np.errstate(over="ignore", under="ignore"):
        sds = np.sqrt(((x - means) ** 2).mean(axis=0))
    _refuse(~np.isfinite(sds) | (sds <= np.finfo(float).tiny), names,
            "the spread is too large or too small for double precision; rescale.")
    basis, triangle = np.linalg.qr((x - means) / sds)
    triangle /= np.sqrt(n)
    _refuse(np.abs(np.diag(triangle)) < _COLLINEAR, names,
            "determined by the columns before; leave out of the model.")
    return Design(np.ascontiguousarray(basis.T) * np.sqrt(n), np.linalg.inv(triangle) / sds[:, None], means, sds)


def _refuse(which: Mask, names: Sequence[str], reason: str) -> None:
    """Raise CohortError, naming the columns of the mask ``which`` (p,), when there is one."""
    if which.any():
        raise CohortError(f"{listed([names[j] for j in np.flatnonzero(which).tolist()], 'column')}: {reason}")


def maximise(likelihood: Likelihood, columns: Floats, name_growing: Callable[[Floats], str],
             unbounded: str) -> Maximum:
    """Return the maximum of ``likelihood`` over coefficients of orthonormal ``columns`` (p, n), in its row order.

    Newton's method with steps halved until the likelihood rises. When there is no maximum, raises NotConverged, with
    the covariate that ``name_growing`` tells from the coefficients (p,), and the reason ``unbounded``.
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


def _solved(hessian: Floats, right: Floats) -> Floats | None:
    """Return hessian^-1 right, None when the curvature is gone."""
    try:
        solution = np.asarray(np.linalg.solve(hessian, right), float)
    except np.linalg.LinAlgError:
        return None
    return solution if np.isfinite(solution).all() else None
