"""LASSO paths of tables, for the tests that compare them with glmnet and with the textbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from RadiomicsPrognosisLib.statistics.penalised.path import Path, fit_path
from RadiomicsPrognosisLib.statistics.penalised.penalties import Penalties
from RadiomicsPrognosisLib.statistics.penalised.regression import cox_regression, logistic_regression


def cox_path(x: ArrayLike, time: ArrayLike, event: ArrayLike, ties: str = "breslow", names: Sequence[str] | None = None,
             **penalties: Any) -> Path:
    """Return the LASSO-Cox path of ``x`` (n, p) at the ``penalties`` (n_lambdas, lambda_min_ratio or lambdas)."""
    return fit_path(cox_regression(x, time, event, ties, names), Penalties(**penalties))


def logistic_path(x: ArrayLike, y: ArrayLike, **penalties: Any) -> Path:
    """Return the LASSO-logistic path of ``x`` (n, p) at the ``penalties`` (n_lambdas, lambda_min_ratio or lambdas)."""
    return fit_path(logistic_regression(x, y), Penalties(**penalties))
