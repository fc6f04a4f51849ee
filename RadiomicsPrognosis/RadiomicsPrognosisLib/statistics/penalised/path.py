"""Regularisation paths: the LASSO at a falling sequence of penalties, by glmnet's conventions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from ...errors import CohortError, NotConverged
from ...progress import Progress, step
from ..arrays import Floats, Integers
from .penalties import Penalties
from .regression import Regression
from .solver import Solver
from .standardised import Standardised, standardise

# glmnet.control: a path ends from its fifth penalty on when it explains this share of the deviance.
_FEWEST_LAMBDAS = 5
_EXPLAINED_ENOUGH = 0.999
# Gradients of standardised columns are of order 1; below this they are rounding.
_NO_GRADIENT = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class Path:
    """LASSO coefficients at L falling penalties ``lambdas`` (L,); column j of p is ``names[j]``.

    They minimise minus the (partial) log-likelihood over n, plus lambda times the sum of absolute coefficients of the
    columns scaled by their 1/n standard deviation (Friedman, Hastie & Tibshirani, J Stat Softw 2010;33(1); Simon et
    al., J Stat Softw 2011;39(5)).
    ``coefficients`` (p, L) and ``intercepts`` (L,) (0 for Cox) are on the raw scale. ``dev_ratio`` (L,) is
    1 - deviance / ``null_deviance``, ``df`` (L,) counts non-zero coefficients, ``kkt_residual`` (L,) is the largest
    violation of the optimality conditions over all columns on the standardised scale. ``constant`` columns, and
    ``twins`` (column, the earlier one it repeats up to shift and scale), keep 0. ``end`` says in words why the path
    ends where it does. ``family`` is 'cox' or 'logistic', ``ties`` None for the latter.
    """

    family: str
    ties: str | None
    names: tuple[str, ...]
    lambdas: Floats
    coefficients: Floats
    intercepts: Floats
    null_deviance: float
    dev_ratio: Floats
    df: Integers
    kkt_residual: Floats
    constant: tuple[int, ...]
    twins: tuple[tuple[int, int], ...]
    end: str

    def at(self, lambdas: Floats) -> tuple[Floats, Floats]:
        """Return coefficients (p, m) and intercepts (m,) at ``lambdas`` (m,), interpolated linearly in lambda.

        Beyond the path's ends its end is taken (glmnet's ``predict(s = )``).
        """
        if len(self.lambdas) == 1:
            one = np.zeros(len(lambdas), dtype=int)
            return self.coefficients[:, one], self.intercepts[one]
        inside = np.clip(lambdas, self.lambdas[-1], self.lambdas[0])
        right = np.clip(np.searchsorted(-self.lambdas, -inside), 1, len(self.lambdas) - 1)
        share = (inside - self.lambdas[right]) / (self.lambdas[right - 1] - self.lambdas[right])

        def mix(values: Floats) -> Floats:
            mixed: Floats = share * values[..., right - 1] + (1.0 - share) * values[..., right]
            return mixed

        return mix(self.coefficients), mix(self.intercepts)


def fit_path(regression: Regression, penalties: Penalties, progress: Progress | None = None) -> Path:
    """Return the LASSO path of a checked ``regression``; a logistic one's intercept is not penalised.

    Equal to R's glmnet, for Cox with Breslow's ties, as its convergence threshold goes to 0. A sequence of penalties of
    its own ends as early as glmnet's, before a penalty too small to be solved, or once it explains 99.9 % of the
    deviance (separable classes), and ``end`` says so; given penalties are all used. ``progress`` may raise Cancelled.
    Raises InputError for impossible penalties, CohortError for rows that cannot be used (no event, a single class, all
    columns constant), NotConverged when the first penalty, or one of those given, is too small to be solved.
    """
    likelihood = regression.likelihood()
    columns = standardise(regression.x, likelihood.order, regression.names)
    # One thread: these matrices are too small to share, and the bytes must not depend on the number of cores.
    with threadpool_limits(1, "blas"):
        solver = Solver(likelihood, columns.rows)
        if solver.largest_gradient <= _NO_GRADIENT:
            raise CohortError("no column is related to the outcome: every gradient is zero at the null model")
        sequence = penalties.sequence(solver.largest_gradient, regression.x.shape)
        null = np.full((len(regression.x), 1), likelihood.intercept or 0.0)
        null_deviance = float(likelihood.deviances(null)[0])
        stalls = regression.stalls if penalties.lambdas is None else None
        fits, end = _descend(solver, sequence, 2.0 * len(null) / null_deviance, stalls, progress)
    return _assemble(regression, columns, sequence, fits, null_deviance, end, likelihood.intercept is not None)


@dataclass(frozen=True, eq=False)
class _Fit:
    """The solution at one penalty; ``coefficients`` (q,) are on the standardised scale."""

    coefficients: Floats
    intercept: float
    dev_ratio: float
    kkt_residual: float


def _descend(solver: Solver, sequence: Floats, per_loss: float, stalls: Callable[[Sequence[float]], bool] | None,
             progress: Progress | None) -> tuple[list[_Fit], str]:
    """Solve one penalty after another; ``per_loss`` turns a fall of the loss into a share of the null deviance.

    A path with ``stalls`` ends where glmnet's would, one without it solves all penalties.
    """
    null_loss = solver.loss
    fits: list[_Fit] = []
    for penalty in sequence:
        step(progress, len(fits), len(sequence), f"lambda {len(fits) + 1} of {len(sequence)}")
        try:
            violation = solver.solve(float(penalty))
        except NotConverged as error:
            # As glmnet does on a sequence of its own choice: the larger penalties are solved and of use.
            if not (stalls and fits):
                raise
            return fits, f"smaller lambdas cannot be solved: {error}"
        fits.append(_Fit(*solver.coefficients(), per_loss * (null_loss - solver.loss), violation))
        end = _end_reason([fit.dev_ratio for fit in fits], stalls) if stalls else ""
        if end:
            return fits, end
    return fits, "the last lambda asked for"


def _end_reason(dev_ratio: list[float], stalls: Callable[[Sequence[float]], bool]) -> str:
    """Return why glmnet would end the path here, or an empty text."""
    if len(dev_ratio) < _FEWEST_LAMBDAS:
        return ""
    if dev_ratio[-1] > _EXPLAINED_ENOUGH:
        return "more than 99.9 % of the deviance is explained"
    return "smaller lambdas hardly explain more deviance" if stalls(dev_ratio) else ""


def _assemble(regression: Regression, columns: Standardised, sequence: Floats, fits: list[_Fit], null_deviance: float,
              end: str, has_intercept: bool) -> Path:
    """Bring the fits to the raw scale, with zeros for the columns set aside."""
    raw = np.array([fit.coefficients for fit in fits]).T / columns.sds[:, None]
    coefficients = np.zeros((regression.x.shape[1], len(fits)))
    coefficients[columns.used] = raw
    intercepts = np.zeros(len(fits))
    if has_intercept:
        intercepts = np.array([fit.intercept for fit in fits]) - columns.means @ raw
    return Path(family=regression.family, ties=regression.tie_rule, names=regression.names,
                lambdas=sequence[:len(fits)], coefficients=coefficients, intercepts=intercepts,
                null_deviance=null_deviance, dev_ratio=np.array([fit.dev_ratio for fit in fits]),
                df=np.count_nonzero(coefficients, axis=0), kkt_residual=np.array([fit.kkt_residual for fit in fits]),
                constant=columns.constant, twins=columns.twins, end=end)
