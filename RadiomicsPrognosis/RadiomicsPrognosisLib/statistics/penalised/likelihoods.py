"""The two likelihoods a regression maximises, with or without penalty: Cox's partial one and the logistic one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln, logit, xlogy

from ..arrays import Floats, Integers

TIES = ("breslow", "efron")
# A risk set whose sum, relative to the highest risk, is less than this has lost its digits: hazard ratios of e^670.
_LEAST_RISK = np.finfo(float).tiny / np.finfo(float).eps


@dataclass(frozen=True)
class Point:
    """A likelihood at one linear predictor.

    ``loss`` is minus the log-likelihood over n, infinite where that leaves double precision; ``residual`` (n,) is the
    log-likelihood's gradient in the linear predictor, ``state`` what the likelihood keeps to compute the Hessian there.
    """

    loss: float
    residual: Floats
    state: tuple[Floats, ...]


class Likelihood(Protocol):
    """What the solver asks of a likelihood of n rows: the order in which it wants them, the value at a linear
    predictor, its Hessian for some columns, and the deviance of many linear predictors at once."""

    @property
    def intercept(self) -> float | None:
        """The null model's intercept, None when the likelihood has none."""
        ...

    @property
    def order(self) -> Integers:
        """The rows (n,) in the order in which ``at``, ``hessian`` and ``deviances`` take them."""
        ...

    def at(self, predictor: Floats) -> Point:
        """Return loss and residual at ``predictor`` (n,)."""
        ...

    def hessian(self, columns: Floats, point: Point) -> Floats:
        """Return the (k, k) Hessian of the loss at ``point`` for ``columns`` (k, n)."""
        ...

    def deviances(self, predictors: Floats) -> Floats:
        """Return the deviance, 2 (saturated - log-likelihood), of every column of ``predictors`` (n, m)."""
        ...


class CoxLikelihood:
    """Cox's partial likelihood with Breslow's (Biometrics 1974;30:89) or Efron's (JASA 1977;72:557) handling of ties.

    Rows are ordered by falling time, so that the risk set of an event time is a prefix of the rows and every sum over a
    risk set is one entry of a running sum. A *term* is one denominator of the partial likelihood: with Breslow one per
    event time, counted as often as it has events; with Efron one per event, less a fraction of the tied events' sum.
    """

    intercept: None = None

    def __init__(self, time: Floats, event: Floats, ties: str):
        """Take ``time`` (n,), any unit, ``event`` (n,) 0/1 with one event or more, and ``ties``, one of ``TIES``."""
        self.order: Integers = np.argsort(-time, kind="stable")
        is_event, negative_time = event[self.order].astype(bool), -time[self.order]
        event_times, deaths = np.unique(negative_time[is_event], return_counts=True)
        at_risk = np.searchsorted(negative_time, event_times, side="right")
        self._n = len(time)
        self._event = is_event.astype(float)
        self._event_rows = np.flatnonzero(is_event)
        self._first_event = np.cumsum(deaths) - deaths
        self._efron = ties == "efron" and bool((deaths > 1).any())
        if self._efron:
            self._tie = np.repeat(np.arange(len(deaths)), deaths)
            self._fraction = (np.arange(deaths.sum()) - self._first_event[self._tie]) / deaths[self._tie]
            self._last = at_risk[self._tie] - 1
            self._count = np.ones(len(self._tie))
        else:
            self._last = at_risk - 1
            self._count = deaths.astype(float)
        # The terms whose risk set holds a row are the last ones: all from this index on.
        self._first_term = np.searchsorted(self._last, np.arange(self._n), side="left")
        # Log-likelihood of the saturated model: tied events share the risk, all others have none.
        self._saturated = -float(np.sum(gammaln(deaths + 1) if ties == "efron" else xlogy(deaths, deaths)))

    def at(self, predictor: Floats) -> Point:
        """Return loss and residual at ``predictor`` (n,)."""
        shift = predictor.max()
        risk = np.exp(predictor - shift)
        total = self._term_sums(risk)
        if total.min() < _LEAST_RISK:
            return Point(np.inf, np.zeros(self._n), ())
        weight = self._count / total
        # The hazard up to a row's time: the sum over all terms whose risk set holds the row.
        hazard = np.append(np.add.accumulate(weight[::-1])[::-1], 0.0)[self._first_term]
        if self._efron:
            spared = np.add.reduceat(weight * self._fraction, self._first_event)
            hazard[self._event_rows] -= spared[self._tie]
        expected = risk * hazard
        logpl = self._event @ predictor - self._count @ (np.log(total) + shift)
        # Both parts of the Hessian are kept as roots: a matrix times its own transpose costs half a product.
        root_expected = np.sqrt(np.maximum(expected, 0.0) / self._n)
        root_weight = np.sqrt(self._count / self._n) / total
        return Point(float(-logpl / self._n), self._event - expected, (risk, root_expected, root_weight))

    def hessian(self, columns: Floats, point: Point) -> Floats:
        """Return the (k, k) Hessian of the loss at ``point`` for ``columns`` (k, n)."""
        risk, root_expected, root_weight = point.state
        second = columns * root_expected
        means = self._term_sums(columns * risk) * root_weight
        hessian: Floats = second @ second.T - means @ means.T
        return hessian

    def deviances(self, predictors: Floats) -> Floats:
        """Return 2 (saturated - log partial likelihood) of every column of ``predictors`` (n, m)."""
        rows = np.ascontiguousarray(predictors.T)
        # In logarithms: on rows the coefficients were not fitted to, hazard ratios may exceed double precision.
        total = np.logaddexp.accumulate(rows, axis=1)[:, self._last]
        if self._efron:
            tied = np.logaddexp.reduceat(rows[:, self._event_rows], self._first_event, axis=1)[:, self._tie]
            total += np.log1p(-self._fraction * np.exp(tied - total))
        deviances: Floats = 2.0 * (self._saturated - rows @ self._event + total @ self._count)
        return deviances

    def _term_sums(self, values: Floats) -> Floats:
        """Return the sums of ``values`` (..., n) that each term's denominator takes."""
        sums: Floats = np.add.accumulate(values, axis=-1)[..., self._last]
        if self._efron:
            tied = np.add.reduceat(values[..., self._event_rows], self._first_event, axis=-1)
            sums -= tied[..., self._tie] * self._fraction
        return sums


class LogisticLikelihood:
    """The binomial likelihood of a 0/1 outcome; its intercept is never penalised."""

    def __init__(self, outcome: Floats):
        """Take the ``outcome`` (n,) 0/1 of both classes."""
        self.intercept = float(logit(outcome.mean()))
        self.order: Integers = np.arange(len(outcome))
        self._n = len(outcome)
        self._y = outcome.astype(float)

    def at(self, predictor: Floats) -> Point:
        """Return loss and residual at ``predictor`` (n,)."""
        probability: Floats = expit(predictor)
        loss = (np.logaddexp(0.0, predictor).sum() - self._y @ predictor) / self._n
        return Point(float(loss), self._y - probability, (probability * (1.0 - probability),))

    def hessian(self, columns: Floats, point: Point) -> Floats:
        """Return the (k, k) Hessian of the loss at ``point`` for ``columns`` (k, n)."""
        hessian: Floats = (columns * point.state[0]) @ columns.T / self._n
        return hessian

    def deviances(self, predictors: Floats) -> Floats:
        """Return -2 log-likelihood of every column of ``predictors`` (n, m); the saturated model's is 0."""
        deviances: Floats = 2.0 * (np.logaddexp(0.0, predictors).sum(axis=0) - self._y @ predictors)
        return deviances
