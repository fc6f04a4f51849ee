"""Regularisation paths: the LASSO at a falling sequence of penalties, by glmnet's conventions.

Objective: minus the (partial) log-likelihood over n, plus lambda times the sum of absolute coefficients of the columns
scaled by their 1/n standard deviation; coefficients are reported on the raw scale (Friedman, Hastie & Tibshirani,
J Stat Softw 2010;33(1); Simon et al., J Stat Softw 2011;39(5)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from ...errors import CohortError, InputError, NotConverged
from ...progress import Progress, step
from .regression import Regression, Standardised, cox_regression, logistic_regression, standardise
from .solver import Solver

# glmnet.control: a path ends from its fifth penalty on when it explains this share of the deviance, or gains less.
_FEWEST_LAMBDAS = 5
_EXPLAINED_ENOUGH = 0.999
_LEAST_GAIN = 1e-5
_LEAST_COX_GAIN = 100 * _LEAST_GAIN
# Gradients of standardised columns are of order 1; below this they are rounding.
_NO_GRADIENT = 1e-12


@dataclass(frozen=True)
class Path:
    """LASSO coefficients at L falling penalties; column j of p is ``names[j]``.

    ``coefficients`` (p, L) and ``intercepts`` (L,) (0 for Cox) are on the raw scale. ``dev_ratio`` (L,) is
    1 - deviance / ``null_deviance``, ``df`` (L,) counts non-zero coefficients, ``kkt_residual`` (L,) is the largest
    violation of the optimality conditions over all columns on the standardised scale. ``constant`` columns, and
    ``twins`` (column, the earlier one it repeats up to shift and scale), keep 0. ``end`` says in words why the path
    ends where it does.
    """

    family: str
    ties: str | None
    names: tuple[str, ...]
    lambdas: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray
    null_deviance: float
    dev_ratio: np.ndarray
    df: np.ndarray
    kkt_residual: np.ndarray
    constant: tuple[int, ...]
    twins: tuple[tuple[int, int], ...]
    end: str

    def at(self, lambdas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return coefficients (p, m) and intercepts (m,) at ``lambdas`` (m,), interpolated linearly in lambda.

        Beyond the path's ends its end is taken (glmnet's ``predict(s = )``).
        """
        if len(self.lambdas) == 1:
            one = np.zeros(len(lambdas), dtype=int)
            return self.coefficients[:, one], self.intercepts[one]
        inside = np.clip(lambdas, self.lambdas[-1], self.lambdas[0])
        right = np.clip(np.searchsorted(-self.lambdas, -inside), 1, len(self.lambdas) - 1)
        share = (inside - self.lambdas[right]) / (self.lambdas[right - 1] - self.lambdas[right])
        mix = lambda values: share * values[..., right - 1] + (1.0 - share) * values[..., right]  # noqa: E731
        return mix(self.coefficients), mix(self.intercepts)

    def linear_predictors(self, x: np.ndarray, lambdas: np.ndarray | None = None) -> np.ndarray:
        """Return the linear predictors (n, m) of ``x`` (n, p) at ``lambdas`` (m,), or at the path's own when None."""
        coefficients, intercepts = (self.coefficients, self.intercepts) if lambdas is None else self.at(lambdas)
        return x @ coefficients + intercepts


def cox_path(x: np.ndarray, time: np.ndarray, event: np.ndarray, *, ties: str = "breslow", n_lambdas: int = 100,
             lambda_min_ratio: float | None = None, lambdas: np.ndarray | None = None,
             names: Sequence[str] | None = None, progress: Progress | None = None) -> Path:
    """Return the LASSO-Cox path of ``x`` (n, p) for ``time`` (n,), any unit, and ``event`` (n,) 0/1.

    ``n_lambdas`` penalties fall evenly on the log scale from the smallest that selects nothing to ``lambda_min_ratio``
    (0 - 1; 1e-4 when n >= p, else 1e-2) times that, and end early as glmnet's do; ``lambdas`` (positive, falling) are
    all used when given. ``progress(share, text)`` may raise Cancelled. Raises InputError or CohortError for input that
    cannot be used (no event, all columns constant, not a number), NotConverged when the first penalty, or one of the
    given ``lambdas``, is too small to be solved; a sequence of its own ends before such a penalty and says so.
    """
    return fit_path(cox_regression(x, time, event, ties, names), n_lambdas, lambda_min_ratio, lambdas, progress)


def logistic_path(x: np.ndarray, y: np.ndarray, *, n_lambdas: int = 100, lambda_min_ratio: float | None = None,
                  lambdas: np.ndarray | None = None, names: Sequence[str] | None = None,
                  progress: Progress | None = None) -> Path:
    """Return the LASSO-logistic path of ``x`` (n, p) for the class ``y`` (n,) 0/1, intercept not penalised.

    Options and errors are those of :func:`cox_path` (a single class instead of no event). A perfectly separable outcome
    is no error: the path ends once it explains 99.9 % of the deviance.
    """
    return fit_path(logistic_regression(x, y, names), n_lambdas, lambda_min_ratio, lambdas, progress)


def fit_path(regression: Regression, n_lambdas: int = 100, lambda_min_ratio: float | None = None,
             lambdas: np.ndarray | None = None, progress: Progress | None = None) -> Path:
    """Return the path of a checked regression; options and errors as in :func:`cox_path`."""
    likelihood = regression.likelihood()
    columns = standardise(regression.x, likelihood.order, regression.names)
    # One thread: these matrices are too small to share, and the bytes must not depend on the number of cores.
    with threadpool_limits(1, "blas"):
        solver = Solver(likelihood, columns.rows)
        if solver.largest_gradient <= _NO_GRADIENT:
            raise CohortError("no column is related to the outcome: every gradient is zero at the null model")
        if lambdas is None:
            sequence = _lambdas(solver.largest_gradient, regression.x.shape, n_lambdas, lambda_min_ratio)
        else:
            sequence = _checked_lambdas(lambdas)
        null = np.full((len(regression.x), 1), likelihood.intercept or 0.0)
        null_deviance = float(likelihood.deviances(null)[0])
        stops = None if lambdas is not None else regression.family
        fits, end = _descend(solver, sequence, 2.0 * len(null) / null_deviance, stops, progress)
    return _assemble(regression, columns, sequence, fits, null_deviance, end)


@dataclass(frozen=True)
class _Fit:
    """The solution at one penalty; ``coefficients`` (q,) are on the standardised scale."""

    coefficients: np.ndarray
    intercept: float
    dev_ratio: float
    kkt_residual: float


def _descend(solver: Solver, sequence: np.ndarray, per_loss: float, stops: str | None,
             progress: Progress | None) -> tuple[list[_Fit], str]:
    """Solve one penalty after another; ``per_loss`` turns a fall of the loss into a share of the null deviance."""
    null_loss, fits = solver.loss, []
    for penalty in sequence:
        step(progress, len(fits), len(sequence), f"lambda {len(fits) + 1} of {len(sequence)}")
        try:
            violation = solver.solve(float(penalty))
        except NotConverged as error:
            # As glmnet does on a sequence of its own choice: the larger penalties are solved and of use.
            if not (stops and fits):
                raise
            return fits, f"smaller lambdas cannot be solved: {error}"
        fits.append(_Fit(*solver.coefficients(), per_loss * (null_loss - solver.loss), violation))
        end = stops and _end_reason([fit.dev_ratio for fit in fits], stops)
        if end:
            return fits, end
    return fits, "the last lambda asked for"


def _end_reason(dev_ratio: list[float], family: str) -> str:
    """Return why glmnet would end the path here, or an empty text (coxnet5.m and lognet5.m, end of the lambda loop)."""
    if len(dev_ratio) < _FEWEST_LAMBDAS:
        return ""
    last = dev_ratio[-1]
    if last > _EXPLAINED_ENOUGH:
        return "more than 99.9 % of the deviance is explained"
    if family == "cox":
        stalls = last - dev_ratio[-_FEWEST_LAMBDAS] < _LEAST_COX_GAIN * last
    else:
        stalls = last - dev_ratio[-2] < _LEAST_GAIN
    return "smaller lambdas hardly explain more deviance" if stalls else ""


def _assemble(regression: Regression, columns: Standardised, sequence: np.ndarray, fits: list[_Fit],
              null_deviance: float, end: str) -> Path:
    """Bring the fits to the raw scale, with zeros for the columns set aside."""
    raw = np.array([fit.coefficients for fit in fits]).T / columns.sds[:, None]
    coefficients = np.zeros((regression.x.shape[1], len(fits)))
    coefficients[columns.used] = raw
    intercepts = np.zeros(len(fits))
    if regression.family == "logistic":
        intercepts = np.array([fit.intercept for fit in fits]) - columns.means @ raw
    return Path(regression.family, regression.ties, regression.names, sequence[:len(fits)], coefficients, intercepts,
                null_deviance, np.array([fit.dev_ratio for fit in fits]), np.count_nonzero(coefficients, axis=0),
                np.array([fit.kkt_residual for fit in fits]), columns.constant, columns.twins, end)


def _lambdas(largest: float, shape: tuple[int, int], count: int, ratio: float | None) -> np.ndarray:
    """Return glmnet's sequence: ``count`` penalties, even on the log scale, from ``largest`` to ``ratio`` of it."""
    if ratio is None:
        ratio = 1e-4 if shape[0] >= shape[1] else 1e-2
    if not isinstance(count, int) or count < 2:
        raise InputError(f"n_lambdas = {count!r} must be a whole number of at least 2")
    if not 0.0 < ratio < 1.0:
        raise InputError(f"lambda_min_ratio = {ratio!r} must lie between 0 and 1")
    return largest * ratio ** (np.arange(count) / (count - 1))


def _checked_lambdas(lambdas: np.ndarray) -> np.ndarray:
    sequence = np.asarray(lambdas, dtype=float)
    if sequence.ndim != 1 or not len(sequence) or not (np.isfinite(sequence) & (sequence > 0)).all():
        raise InputError("lambdas must be a list of positive numbers; for a fit without penalty use fit_cox or "
                         "fit_logistic")
    if (np.diff(sequence) >= 0).any():
        raise InputError("lambdas must fall from one to the next")
    return sequence
