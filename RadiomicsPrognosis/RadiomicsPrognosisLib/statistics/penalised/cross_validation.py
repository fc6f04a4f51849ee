"""Cross-validate a LASSO path and choose its penalty, by the conventions of glmnet's cv.glmnet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from ...errors import CohortError, InputError
from ...progress import Progress, portion, step
from . import measures
from .folds import fold_masks
from .path import Path, fit_path
from .regression import FAMILIES, Regression, cox_regression, logistic_regression

MEASURES = {"cox": ("deviance", "C"), "logistic": ("deviance", "auc", "class")}
RULES = ("min", "1se")
_LARGER_IS_BETTER = ("C", "auc")
# Below this many rows per fold glmnet replaces what was asked for by something else; here it is refused.
_ROWS_PER_FOLD = 10
_ROWS_PER_GROUPED_FOLD = 3
# Two values of the curve that differ by less are equal, so that rounding does not choose between lambdas.
_EQUAL = 1e-12


@dataclass(frozen=True)
class CrossValidation:
    """A path with its cross-validation: ``cvm`` (L,) and its standard error ``cvsd`` (L,) at each of ``path.lambdas``.

    ``measure`` is 'deviance' (Cox: per event; logistic: per row), 'C', 'auc' or 'class' (share misclassified).
    ``index_min`` is the largest lambda with the best ``cvm``, ``index_1se`` the largest whose ``cvm`` is within one
    ``cvsd`` of it; both count from 0. ``fold_values`` (k, L) and ``fold_weights`` (k,) are the folds' own values (rows'
    own, (n, L) and (n,), when logistic and not ``grouped``).
    """

    path: Path
    measure: str
    grouped: bool
    fold_ids: np.ndarray
    fold_values: np.ndarray
    fold_weights: np.ndarray
    cvm: np.ndarray
    cvsd: np.ndarray
    index_min: int
    index_1se: int

    @property
    def lambda_min(self) -> float:
        """The penalty with the best cross-validated measure."""
        return float(self.path.lambdas[self.index_min])

    @property
    def lambda_1se(self) -> float:
        """The largest penalty within one standard error of the best."""
        return float(self.path.lambdas[self.index_1se])

    def index(self, rule: str) -> int:
        """Return the index into ``path.lambdas`` of ``rule`` 'min' or '1se'. Raises InputError for another."""
        if rule not in RULES:
            raise InputError(f"rule = {rule!r} is not known; use one of {', '.join(RULES)}")
        return self.index_min if rule == "min" else self.index_1se

    def coefficients(self, rule: str) -> np.ndarray:
        """Return the raw-scale coefficients (p,) at ``rule``."""
        return self.path.coefficients[:, self.index(rule)]

    def intercept(self, rule: str) -> float:
        """Return the intercept at ``rule`` (0 for Cox)."""
        return float(self.path.intercepts[self.index(rule)])

    def selected(self, rule: str) -> dict[str, float]:
        """Return the names and raw-scale coefficients of the columns selected at ``rule``; empty for the null model."""
        coefficients = self.coefficients(rule)
        return {self.path.names[j]: float(coefficients[j]) for j in np.flatnonzero(coefficients)}

    def describe(self, rule: str) -> str:
        """Say in a sentence what ``rule`` selects; a null model is a finding, not a failure."""
        at, number = self.index(rule), len(self.selected(rule))
        where = f"lambda.{rule} = {self.path.lambdas[at]:.4g} (number {at + 1} of {len(self.path.lambdas)})"
        if number:
            return f"{where} selects {number} of {len(self.path.names)} features."
        reason = ("no model does better than the null model" if self.index_min == at else
                  "the null model is within one standard error of the best model")
        return f"No feature is selected at {where}: in cross-validation {reason}."


def cross_validate(family: str, x: np.ndarray, outcome: np.ndarray | tuple[np.ndarray, np.ndarray],
                   fold_ids: Sequence[object] | np.ndarray, *, measure: str = "deviance", grouped: bool = True,
                   ties: str = "breslow", n_lambdas: int = 100, lambda_min_ratio: float | None = None,
                   lambdas: np.ndarray | None = None, names: Sequence[str] | None = None,
                   progress: Progress | None = None) -> CrossValidation:
    """Return the cross-validated LASSO path of ``x`` (n, p).

    ``family`` is 'cox', with ``outcome`` the pair (time (n,), event (n,)), or 'logistic', with ``outcome`` the class
    (n,). ``fold_ids`` (n,) puts each row into one of at least three folds. Every fold's path is fitted to the other
    rows, on its own penalties, and interpolated to those of all rows. ``measure`` is one of :data:`MEASURES`. Not
    ``grouped``, the Cox deviance is that of the fold's rows alone, instead of what they add to the others' partial
    likelihood, and the logistic measures are averaged over rows instead of folds. Other options as in
    :func:`~RadiomicsPrognosisLib.statistics.penalised.path.cox_path`; ``progress`` may raise Cancelled.

    Raises InputError for options that do not fit each other or the number of rows, CohortError for rows that cannot be
    used, NotConverged; a message that concerns a fold names it.
    """
    if family not in FAMILIES:
        raise InputError(f"family = {family!r} is not known; use one of {', '.join(FAMILIES)}")
    if family == "cox":
        if not isinstance(outcome, tuple) or len(outcome) != 2:
            raise InputError("the outcome of family 'cox' must be the pair (time, event)")
        regression = cox_regression(x, *outcome, ties, names)
    else:
        regression = logistic_regression(x, outcome, names)
    masks = fold_masks(fold_ids, len(regression.x))
    _check_measure(family, measure, grouped, len(regression.x) / len(masks))
    options = (n_lambdas, lambda_min_ratio, lambdas)
    with threadpool_limits(1, "blas"):
        path = fit_path(regression, *options, portion(progress, 0, len(masks) + 1, "all rows"))
        values, weights = _fold_values(regression, path, masks, measure, grouped, options, progress)
    cvm = np.average(values, axis=0, weights=weights)
    cvsd = np.sqrt(np.average((values - cvm) ** 2, axis=0, weights=weights) / (len(values) - 1))
    index_min, index_1se = choose(-cvm if measure in _LARGER_IS_BETTER else cvm, cvsd)
    return CrossValidation(path, measure, grouped, np.asarray(fold_ids), values, weights, cvm, cvsd,
                           index_min, index_1se)


def choose(curve: np.ndarray, error: np.ndarray) -> tuple[int, int]:
    """Return the first index with the least ``curve``, and the first within its ``error`` of that (getOptcv.glmnet)."""
    best = int(np.argmax(curve <= curve.min() + _EQUAL * abs(curve.min())))
    limit = curve[best] + error[best]
    return best, int(np.argmax(curve <= limit + _EQUAL * abs(limit)))


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


def _fold_values(regression: Regression, path: Path, masks: list[np.ndarray], measure: str, grouped: bool,
                 options: tuple, progress: Progress | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the folds' values (k, L) and weights (k,), or the rows' when logistic and not grouped."""
    values, weights = [], []
    for number, mask in enumerate(masks, start=1):
        report = portion(progress, number, len(masks) + 1, f"fold {number} of {len(masks)}")
        try:
            rest = regression.rows(~mask)
            coefficients, intercepts = fit_path(rest, *options, report).at(path.lambdas)
            predictors = regression.x @ coefficients + intercepts
            value, weight = _evaluate(regression, mask, predictors, measure, grouped)
        except InputError as error:
            raise type(error)(f"fold {number} of {len(masks)} ({mask.sum()} rows): {error}") from error
        values.append(value)
        weights.append(weight)
    step(progress, 1, 1, "cross-validation done")
    return np.vstack(values), np.hstack(weights)


def _evaluate(regression: Regression, mask: np.ndarray, predictors: np.ndarray, measure: str,
              grouped: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return one fold's values and weights at the linear predictors (n, L) of all rows."""
    fold, inside = regression.rows(mask), predictors[mask]
    size = np.array([float(mask.sum())])
    if measure == "C":
        return measures.concordances(fold.time, fold.outcome, inside), size
    if measure == "auc":
        return measures.areas(fold.outcome, inside), size
    if regression.family == "cox":
        events = fold.outcome.sum()
        if not events:
            raise CohortError("it has no event, so its deviance cannot be weighed; use stratified folds or fewer folds")
        return _cox_deviance(regression, mask, predictors, grouped) / events, np.array([events])
    rows = (measures.row_deviances if measure == "deviance" else measures.row_errors)(fold.outcome, inside)
    return (rows.mean(axis=0), size) if grouped else (rows, np.ones(len(rows)))


def _cox_deviance(regression: Regression, mask: np.ndarray, predictors: np.ndarray, grouped: bool) -> np.ndarray:
    """Return what the fold's rows add to the deviance of all rows, or, not grouped, their deviance among themselves."""
    def deviances(which: np.ndarray) -> np.ndarray:
        likelihood = regression.rows(which).likelihood()
        return likelihood.deviances(predictors[which][likelihood.order])

    return deviances(np.ones(len(mask), dtype=bool)) - deviances(~mask) if grouped else deviances(mask)
