"""Cross-validate a LASSO path and choose its penalty, by the conventions of glmnet's cv.glmnet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from ...errors import InputError
from ...progress import Progress, portion, step
from ..arrays import Floats, Mask
from .folds import fold_masks
from .path import Path, fit_path
from .penalties import Penalties
from .regression import CoxRegression, LogisticRegression, Regression, cox_regression, logistic_regression

#: By family, what cross-validation can measure.
MEASURES = {kind.family: kind.cv_measures for kind in (CoxRegression, LogisticRegression)}
RULES = ("min", "1se")
_LARGER_IS_BETTER = ("C", "auc")
# Below this many rows per fold glmnet replaces what was asked for by something else; here it is refused.
_ROWS_PER_FOLD = 10
_ROWS_PER_GROUPED_FOLD = 3
# Two values of the curve that differ by less are equal, so that rounding does not choose between lambdas.
_EQUAL = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class CrossValidation:
    """A path with its cross-validation: ``cvm`` (L,) and its standard error ``cvsd`` (L,) at each of ``path.lambdas``.

    ``measure`` is 'deviance' (Cox: per event; logistic: per row), 'C', 'auc' or 'class' (share misclassified).
    ``index_min`` is the largest lambda with the best ``cvm``, ``index_1se`` the largest whose ``cvm`` is within one
    ``cvsd`` of it; both count from 0. ``fold_ids`` (n,) are as given, ``fold_values`` (k, L) and ``fold_weights`` (k,)
    the folds' own values (rows' own, (n, L) and (n,), when logistic and not ``grouped``).
    """

    path: Path
    measure: str
    grouped: bool
    fold_ids: NDArray[np.generic]
    fold_values: Floats
    fold_weights: Floats
    cvm: Floats
    cvsd: Floats
    index_min: int
    index_1se: int

    def index(self, rule: str) -> int:
        """Return the index into ``path.lambdas`` of ``rule`` 'min' or '1se'. Raises InputError for another."""
        if rule not in RULES:
            raise InputError(f"rule = {rule!r} is not known; use one of {', '.join(RULES)}")
        return self.index_min if rule == "min" else self.index_1se

    def coefficients(self, rule: str) -> Floats:
        """Return the raw-scale coefficients (p,) at ``rule``. Raises as index."""
        return self.path.coefficients[:, self.index(rule)]

    def intercept(self, rule: str) -> float:
        """Return the raw-scale intercept at ``rule`` (0 for Cox). Raises as index."""
        return float(self.path.intercepts[self.index(rule)])

    def selected(self, rule: str) -> dict[str, float]:
        """Return the names and raw-scale coefficients of the columns selected at ``rule``; empty for the null model.

        Raises as index.
        """
        coefficients = self.coefficients(rule)
        return {self.path.names[j]: float(coefficients[j]) for j in np.flatnonzero(coefficients)}

    def describe(self, rule: str) -> str:
        """Say in a sentence what ``rule`` selects; a null model is a finding, not a failure. Raises as index."""
        at, number = self.index(rule), len(self.selected(rule))
        where = f"lambda.{rule} = {self.path.lambdas[at]:.4g} (number {at + 1} of {len(self.path.lambdas)})"
        if number:
            return f"{where} selects {number} of {len(self.path.names)} features."
        reason = ("no model does better than the null model" if self.index_min == at else
                  "the null model is within one standard error of the best model")
        return f"No feature is selected at {where}: in cross-validation {reason}."


def cross_validate(family: str, x: ArrayLike, outcome: ArrayLike, fold_ids: ArrayLike, *, measure: str = "deviance",
                   grouped: bool = True, ties: str = "breslow", n_lambdas: int = 100,
                   lambda_min_ratio: float | None = None, lambdas: ArrayLike | None = None,
                   names: Sequence[str] | None = None, progress: Progress | None = None) -> CrossValidation:
    """Return the cross-validated LASSO path of ``x`` (n, p).

    ``family`` is 'cox', with ``outcome`` the pair (time (n,), event (n,)), or 'logistic', with ``outcome`` the class
    (n,). ``fold_ids`` (n,) puts each row into one of at least three folds. Every fold's path is fitted to the other
    rows, on its own penalties, and interpolated to those of all rows. ``measure`` is one of :data:`MEASURES`. Not
    ``grouped``, the Cox deviance is that of the fold's rows alone, instead of what they add to the others' partial
    likelihood, and the logistic measures are averaged over rows instead of folds. ``ties`` are 'breslow' (glmnet's) or
    'efron'; ``n_lambdas``, ``lambda_min_ratio`` and ``lambdas`` as in
    :class:`~RadiomicsPrognosisLib.statistics.penalised.penalties.Penalties`; ``names`` (p,) are the columns' (None: a
    DataFrame's own). ``progress`` may raise Cancelled. Equal to cv.glmnet (Friedman, Hastie & Tibshirani, J Stat Softw
    2010;33(1); Simon et al., J Stat Softw 2011;39(5)).

    Raises InputError for options that do not fit each other or the number of rows, CohortError for rows that cannot be
    used, NotConverged; a message that concerns a fold names it.
    """
    regression = _regression(family, x, outcome, ties, names)
    masks = fold_masks(fold_ids, len(regression.x))
    _check_measure(family, measure, grouped, len(regression.x) / len(masks))
    penalties = Penalties(n_lambdas, lambda_min_ratio, lambdas)
    with threadpool_limits(1, "blas"):
        path = fit_path(regression, penalties, portion(progress, 0, len(masks) + 1, "all rows"))
        values, weights = _fold_values(regression, path, masks, measure, grouped, penalties, progress)
    cvm = np.average(values, axis=0, weights=weights)
    cvsd = np.sqrt(np.average((values - cvm) ** 2, axis=0, weights=weights) / (len(values) - 1))
    index_min, index_1se = choose(-cvm if measure in _LARGER_IS_BETTER else cvm, cvsd)
    return CrossValidation(path=path, measure=measure, grouped=grouped, fold_ids=np.asarray(fold_ids),
                           fold_values=values, fold_weights=weights, cvm=cvm, cvsd=cvsd, index_min=index_min,
                           index_1se=index_1se)


def choose(curve: Floats, error: Floats) -> tuple[int, int]:
    """Return the first index with the least ``curve`` (L,), and the first within its ``error`` (L,) of that.

    Both count from 0; glmnet's getOptcv.glmnet.
    """
    best = int(np.argmax(curve <= curve.min() + _EQUAL * abs(curve.min())))
    limit = curve[best] + error[best]
    return best, int(np.argmax(curve <= limit + _EQUAL * abs(limit)))


def _regression(family: str, x: ArrayLike, outcome: ArrayLike, ties: str, names: Sequence[str] | None) -> Regression:
    if family == CoxRegression.family:
        if not isinstance(outcome, tuple) or len(outcome) != 2:
            raise InputError("the outcome of family 'cox' must be the pair (time, event)")
        time, event = outcome
        return cox_regression(x, time, event, ties, names)
    if family == LogisticRegression.family:
        return logistic_regression(x, outcome, names)
    raise InputError(f"family = {family!r} is not known; use one of {', '.join(MEASURES)}")


def _check_measure(family: str, measure: str, grouped: bool, rows_per_fold: float) -> None:
    if measure not in MEASURES[family]:
        raise InputError(f"measure = {measure!r} is not one of family {family!r}: {', '.join(MEASURES[family])}")
    few = f"there are {rows_per_fold:.1f} rows per fold, fewer than"
    if measure in _LARGER_IS_BETTER and not grouped:
        raise InputError(f"measure {measure!r} exists only per fold; leave grouped = True")
    if measure == "auc" and rows_per_fold < _ROWS_PER_FOLD:
        raise InputError(f"{few} the {_ROWS_PER_FOLD} the AUC needs; use fewer folds, or the deviance")
    if family == "cox" and not grouped and rows_per_fold < _ROWS_PER_FOLD:
        raise InputError(f"{few} the {_ROWS_PER_FOLD} that grouped = False needs; use fewer folds, or grouped = True")
    if family == "logistic" and grouped and rows_per_fold < _ROWS_PER_GROUPED_FOLD:
        raise InputError(f"{few} {_ROWS_PER_GROUPED_FOLD}; use fewer folds, or grouped = False")


def _fold_values(regression: Regression, path: Path, masks: list[Mask], measure: str, grouped: bool,
                 penalties: Penalties, progress: Progress | None) -> tuple[Floats, Floats]:
    """Return the folds' values (k, L) and weights (k,), or the rows' when logistic and not grouped."""
    values, weights = [], []
    for number, mask in enumerate(masks, start=1):
        report = portion(progress, number, len(masks) + 1, f"fold {number} of {len(masks)}")
        try:
            coefficients, intercepts = fit_path(regression.rows(~mask), penalties, report).at(path.lambdas)
            value, weight = regression.evaluate(mask, regression.x @ coefficients + intercepts, measure, grouped)
        except InputError as error:
            raise type(error)(f"fold {number} of {len(masks)} ({mask.sum()} rows): {error}") from error
        values.append(value)
        weights.append(weight)
    step(progress, 1, 1, "cross-validation done")
    return np.vstack(values), np.hstack(weights)
