"""What is regressed on what: a Cox or a logistic regression, of which a path and its cross-validation ask the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ...errors import CohortError
from ..arrays import Floats, Mask
from ..inputs import finite_column, one_of, refuse_negative, table, zero_one
from . import measures
from .likelihoods import TIES, CoxLikelihood, Likelihood, LogisticLikelihood

# glmnet.control: a path ends where it gains less than this share of the deviance.
_LEAST_GAIN = 1e-5
_LEAST_COX_GAIN = 100 * _LEAST_GAIN
_COX_STEPS = 4


@dataclass(frozen=True, eq=False)
class Regression(ABC):
    """``outcome`` (n,) 0/1 (an event, or the class) on the columns ``names`` (p,) of ``x`` (n, p)."""

    #: 'cox' or 'logistic'.
    family: ClassVar[str]
    #: What cross-validation can measure, see :mod:`.measures`.
    cv_measures: ClassVar[tuple[str, ...]]

    x: Floats
    outcome: Floats
    names: tuple[str, ...]

    @property
    @abstractmethod
    def tie_rule(self) -> str | None:
        """How tied events are handled, 'breslow' or 'efron'; None where there are no times."""

    @abstractmethod
    def rows(self, which: Mask) -> Self:
        """Return the regression on the rows of the mask ``which`` (n,)."""

    @abstractmethod
    def likelihood(self) -> Likelihood:
        """Return the likelihood of these rows. Raises CohortError when they hold no event or a single class."""

    @abstractmethod
    def stalls(self, dev_ratio: Sequence[float]) -> bool:
        """Tell whether glmnet would end a path whose shares of explained deviance (five or more) are ``dev_ratio``."""

    @abstractmethod
    def evaluate(self, fold: Mask, predictors: Floats, measure: str, grouped: bool) -> tuple[Floats, Floats]:
        """Return a fold's values (k, L) of ``measure`` and their weights (k,) at linear predictors (n, L) of all rows.

        ``fold`` (n,) masks the fold's rows; k is 1, or, not ``grouped`` and logistic, the number of these rows. Raises
        CohortError for a fold that has no value.
        """


@dataclass(frozen=True, eq=False)
class CoxRegression(Regression):
    """Cox regression of ``time`` (n,), any unit, with Breslow's or Efron's ``ties``."""

    family: ClassVar[str] = "cox"
    cv_measures: ClassVar[tuple[str, ...]] = ("deviance", "C")

    time: Floats
    ties: str

    @property
    def tie_rule(self) -> str:
        """How tied events are handled, 'breslow' or 'efron'."""
        return self.ties

    def rows(self, which: Mask) -> Self:
        """Return the regression on the rows of the mask ``which`` (n,)."""
        return replace(self, x=self.x[which], outcome=self.outcome[which], time=self.time[which])

    def likelihood(self) -> CoxLikelihood:
        """Return the partial likelihood of these rows. Raises CohortError when they hold no event."""
        if not self.outcome.any():
            raise CohortError("no row has an event; a Cox model needs events")
        return CoxLikelihood(self.time, self.outcome, self.ties)

    def stalls(self, dev_ratio: Sequence[float]) -> bool:
        """Tell whether the last four penalties explain hardly more (coxnet5.m, end of the lambda loop)."""
        return dev_ratio[-1] - dev_ratio[-1 - _COX_STEPS] < _LEAST_COX_GAIN * dev_ratio[-1]

    def evaluate(self, fold: Mask, predictors: Floats, measure: str, grouped: bool) -> tuple[Floats, Floats]:
        """Return the fold's deviance per event, or C-index, (1, L) and the weight (1,) that cv.glmnet gives it.

        ``fold`` (n,) masks its rows, ``predictors`` (n, L) are all rows'. ``grouped``, the deviance is what the fold's
        rows add to that of the others; else theirs alone. Raises CohortError without an event or comparable pair.
        """
        if measure == "C":
            c = measures.concordances(self.time[fold], self.outcome[fold], predictors[fold])
            return c[None], np.array([float(fold.sum())])
        events = self.outcome[fold].sum()
        if not events:
            raise CohortError("it has no event, so its deviance cannot be weighed; use stratified folds or fewer folds")
        deviance = self._deviances(np.ones(len(fold), dtype=bool), predictors) - self._deviances(~fold, predictors) \
            if grouped else self._deviances(fold, predictors)
        return deviance[None] / events, np.array([events])

    def _deviances(self, which: Mask, predictors: Floats) -> Floats:
        """Return the deviance (L,) of the rows ``which`` among themselves."""
        likelihood = self.rows(which).likelihood()
        return likelihood.deviances(predictors[which][likelihood.order])


@dataclass(frozen=True, eq=False)
class LogisticRegression(Regression):
    """Logistic regression of the class, its intercept not penalised."""

    family: ClassVar[str] = "logistic"
    cv_measures: ClassVar[tuple[str, ...]] = ("deviance", "auc", "class")

    @property
    def tie_rule(self) -> None:
        """A class has no times, and no ties."""
        return None

    def rows(self, which: Mask) -> Self:
        """Return the regression on the rows of the mask ``which`` (n,)."""
        return replace(self, x=self.x[which], outcome=self.outcome[which])

    def likelihood(self) -> LogisticLikelihood:
        """Return the binomial likelihood of these rows. Raises CohortError when they are of a single class."""
        positive = int(self.outcome.sum())
        if positive in (0, len(self.outcome)):
            raise CohortError(f"all {len(self.outcome)} rows have outcome {min(positive, 1)}; "
                              "a logistic model needs rows of both classes")
        return LogisticLikelihood(self.outcome)

    def stalls(self, dev_ratio: Sequence[float]) -> bool:
        """Tell whether the last penalty explains hardly more (lognet5.m, end of the lambda loop)."""
        return dev_ratio[-1] - dev_ratio[-2] < _LEAST_GAIN

    def evaluate(self, fold: Mask, predictors: Floats, measure: str, grouped: bool) -> tuple[Floats, Floats]:
        """Return the fold's deviance, share misclassified or AUC (1, L) and its weight (1,), the number of its rows.

        ``fold`` (n,) masks its rows, ``predictors`` (n, L) are all rows'. Not ``grouped``, the rows' own deviances or
        errors (k, L), each of weight 1. Raises CohortError for an AUC of a single class.
        """
        outcome, inside = self.outcome[fold], predictors[fold]
        size = np.array([float(fold.sum())])
        if measure == "auc":
            return measures.areas(outcome, inside)[None], size
        rows = (measures.row_deviances if measure == "deviance" else measures.row_errors)(outcome, inside)
        return (rows.mean(axis=0)[None], size) if grouped else (rows, np.ones(len(rows)))


def cox_regression(x: ArrayLike, time: ArrayLike, event: ArrayLike, ties: str = "breslow",
                   names: Sequence[str] | None = None) -> CoxRegression:
    """Return the checked Cox regression of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on ``x`` (n, p).

    ``ties`` is 'breslow' (glmnet) or 'efron' (coxph). Raises InputError or CohortError for what cannot be used.
    """
    one_of("ties", ties, TIES)
    x, columns = table(x, None, names)
    times = finite_column(time, "time", len(x))
    refuse_negative(times)
    return CoxRegression(x=x, outcome=zero_one(event, len(x), "event"), names=columns, time=times, ties=ties)


def logistic_regression(x: ArrayLike, y: ArrayLike, names: Sequence[str] | None = None) -> LogisticRegression:
    """Return the checked logistic regression of ``y`` (n,) 0/1 on ``x`` (n, p).

    Raises InputError or CohortError for what cannot be used.
    """
    x, columns = table(x, None, names)
    return LogisticRegression(x=x, outcome=zero_one(y, len(x), "outcome"), names=columns)
