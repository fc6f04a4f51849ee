"""The nomogram of a linear predictor: every term's axis in points, and total points to survival or probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import CovariateError, InputError
from .arrays import Floats
from .logistic_function import logistic_probability
from .survival_function import survival_probability

#: Intervals aimed at on an axis: the default of rms::nomogram (nint).
_INTERVALS = 10


@dataclass(frozen=True)
class NomogramTerm:
    """A covariate with its coefficient and the ``values`` its axis shows.

    ``coefficient`` is a number for numeric ``values``, or one number per level for a categorical covariate, whose
    ``values`` are the levels' names.
    """

    name: str
    coefficient: float | Mapping[str, float]
    values: Sequence[float] | Sequence[str]

    def contribution(self, value: float | str) -> float:
        """Return what ``value``, a number or a level's name, adds to the linear predictor.

        Raises CovariateError for an unknown level and what is no finite number.
        """
        if isinstance(self.coefficient, Mapping):
            if not isinstance(value, str) or value not in self.coefficient:
                raise CovariateError(f"'{value}' is not a level of '{self.name}'; levels: "
                                     f"{', '.join(self.coefficient)}.")
            return float(self.coefficient[value])
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise CovariateError(f"'{self.name}' is '{value}'; it must be a finite number.")
        return self.coefficient * number


def continuous_values(low: float, high: float) -> tuple[float, ...]:
    """Return the axis values, rising, of a continuous covariate whose data range from ``low`` to ``high``.

    Those of rms::nomogram. Raises InputError unless low <= high, both finite.
    """
    return tuple(pretty(low, high, _INTERVALS).tolist())


@dataclass(frozen=True)
class NomogramAxis:
    """Axis of a term: its ``values``, their contributions ``xbeta`` to the linear predictor, and ``points`` from 0."""

    name: str
    values: tuple[float | str, ...]
    xbeta: tuple[float, ...]
    points: tuple[float, ...]


@dataclass(frozen=True)
class OutcomeAxis:
    """Axis under the total points: ``values`` (linear predictor, survival or probability) at ``total_points``."""

    name: str
    values: tuple[float, ...]
    total_points: tuple[float, ...]


@dataclass(frozen=True)
class Nomogram:
    """A nomogram: linear predictor = ``lp_at_zero_points`` + total points / ``points_per_lp``.

    ``terms`` in the model's order, ``axes`` of the same order, ``total_points`` the ticks of the total axis.
    """

    terms: tuple[NomogramTerm, ...]
    axes: tuple[NomogramAxis, ...]
    points_per_lp: float
    lp_at_zero_points: float
    total_points: tuple[float, ...]

    def points(self, name: str, value: float | str) -> float:
        """Return the points of the covariate ``name`` at ``value``.

        A number beyond its axis gets points on the prolonged axis (below 0 or above the axis' end). Raises
        CovariateError for a name or level that the nomogram lacks and what is no finite number.
        """
        for term, axis in zip(self.terms, self.axes, strict=True):
            if term.name == name:
                return (term.contribution(value) - min(axis.xbeta)) * self.points_per_lp
        raise CovariateError(f"The nomogram has no covariate '{name}'; it has "
                             f"{', '.join(term.name for term in self.terms)}.")

    def linear_predictor(self, total_points: float) -> float:
        """Return the linear predictor that ``total_points`` stand for."""
        return self.lp_at_zero_points + total_points / self.points_per_lp

    def total_points_of(self, linear_predictor: float) -> float:
        """Return the total points that a linear predictor stands for."""
        return (linear_predictor - self.lp_at_zero_points) * self.points_per_lp

    def survival(self, total_points: float, baseline_survival: float) -> float:
        """Return S0^exp(lp), 0 - 1, ``baseline_survival`` S0 being that of linear predictor 0 at the horizon.

        Raises InputError unless S0 lies inside 0 - 1.
        """
        if not 0.0 < baseline_survival < 1.0:
            raise InputError(f"The baseline survival is {baseline_survival:g}; it must lie between 0 and 1.")
        hazard = -math.log(baseline_survival)
        return float(survival_probability([hazard], [self.linear_predictor(total_points)])[0, 0])

    def probability(self, total_points: float) -> float:
        """Return the logistic model's probability, 1 / (1 + exp(-lp)), 0 - 1."""
        return float(logistic_probability(self.linear_predictor(total_points))[0])

    def survival_axis(self, name: str, baseline_survival: float) -> OutcomeAxis:
        """Return the axis ``name`` of survival at the horizon whose baseline survival is S0, as rms::nomogram(fun =).

        Raises InputError unless S0 lies inside 0 - 1.
        """
        ends = [self.survival(total, baseline_survival) for total in (self.total_points[0], self.total_points[-1])]
        ticks = _inner_ticks(min(ends), max(ends))
        return self._outcome_axis(name, ticks, np.log(np.log(ticks) / math.log(baseline_survival)))

    def probability_axis(self, name: str) -> OutcomeAxis:
        """Return the axis ``name`` of the logistic model's probability, as rms::nomogram(fun = plogis)."""
        ticks = _inner_ticks(self.probability(self.total_points[0]), self.probability(self.total_points[-1]))
        return self._outcome_axis(name, ticks, np.log(ticks / (1.0 - ticks)))

    def _outcome_axis(self, name: str, values: Floats, linear_predictors: Floats) -> OutcomeAxis:
        """Return the axis of ``values`` whose points lie on the total axis."""
        points = np.array([self.total_points_of(lp) for lp in linear_predictors])
        tolerance = 1e-9 * self.total_points[-1]
        shown = (points >= self.total_points[0] - tolerance) & (points <= self.total_points[-1] + tolerance)
        return OutcomeAxis(name, tuple(np.asarray(values)[shown].tolist()), tuple(points[shown].tolist()))


def make_nomogram(terms: Sequence[NomogramTerm], intercept: float = 0.0, maximum: float = 100.0) -> Nomogram:
    """Return the nomogram of ``intercept`` + the sum of the terms' contributions.

    The scaling is that of R's rms::nomogram (Harrell, Regression Modeling Strategies, 2nd ed. 2015, section 5.3): the
    term whose contribution varies most over its axis spans ``maximum`` points, every axis starts at 0, and equal points
    mean equal contributions to the linear predictor. For a Cox model whose predictor is centred (R's cph),
    ``intercept`` is minus the centre. Raises InputError when there is no term, an axis has fewer than two values, or no
    term varies, CovariateError for an axis value that the coefficient does not know.
    """
    if not terms:
        raise InputError("A nomogram needs at least one covariate.")
    for term in terms:
        if len(set(term.values)) < 2:
            raise InputError(f"The axis of '{term.name}' has {len(set(term.values))} value; give at least two.")
    contributions = [[term.contribution(value) for value in term.values] for term in terms]
    spans = [max(row) - min(row) for row in contributions]
    if not max(spans) > 0:
        raise InputError("No covariate of the nomogram has an effect: all coefficients are 0.")
    scale = maximum / max(spans)
    axes = tuple(NomogramAxis(term.name, tuple(term.values), tuple(row), tuple((x - min(row)) * scale for x in row))
                 for term, row in zip(terms, contributions, strict=True))
    lp_at_zero_points = intercept + sum(min(row) for row in contributions)
    total = pretty(0.0, sum(spans) * scale, _INTERVALS)
    return Nomogram(tuple(terms), axes, scale, lp_at_zero_points, tuple(total.tolist()))


def pretty(low: float, high: float, n: int = 5) -> Floats:
    """Return about ``n`` + 1 equally spaced round values, rising, covering ``low`` to ``high``, as R's pretty() does.

    Steps are 1, 2 or 5 times a power of ten (Becker, Chambers & Wilks 1988; R_pretty in R's appl/pretty.c, with its
    defaults high.u.bias 1.5 and u5.bias 2.75). Raises InputError unless low <= high, both finite.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low <= high and n >= 1):
        raise InputError(f"An axis cannot run from {low:g} to {high:g} in {n} intervals.")
    unit = _pretty_step(low, high, n)
    # R counts a limit as reached within 1e-10 of a step.
    first, last = math.floor(low / unit + 1e-10), math.ceil(high / unit - 1e-10)
    lacking = n // 3 - (last - first)
    if lacking > 0:
        if low == 0.0 and first == 0 and high != 0.0:
            last += lacking
        elif first >= 0:
            first, last = first - (lacking // 2 + lacking % 2), last + lacking // 2
        else:
            first, last = first - lacking // 2, last + lacking // 2 + lacking % 2
    return _steps(first, last, unit)


def _pretty_step(low: float, high: float, n: int) -> float:
    largest = max(abs(low), abs(high))
    if high - low < largest * 3 * n * np.finfo(float).eps * (1 + 1 / 2.5) or high == low == 0.0:
        cell = 1.0 if largest == 0.0 else largest
        cell = 0.75 * (9 + cell / 10 if cell > 10 else cell)
        cell /= max(n // 3, 1)
    else:
        cell = (high - low) / n
    base = 10.0 ** math.floor(math.log10(cell))
    unit = base
    for multiple, bias in ((2.0, 1.5), (5.0, 2.75), (10.0, 1.5)):
        if multiple * base - cell >= bias * (cell - unit):
            break
        unit = multiple * base
    return unit


def _steps(first: int, last: int, unit: float) -> Floats:
    """Return first, ..., last times ``unit``, dividing where the unit is below 1 so that 3 x 0.1 is 0.3."""
    numbers = np.arange(first, last + 1, dtype=float)
    return numbers / round(1.0 / unit) if unit < 1.0 and 1.0 / unit < 1e15 else numbers * unit


def _inner_ticks(low: float, high: float) -> Floats:
    """Return round values within ``low`` to ``high`` and inside 0 - 1, where a survival or probability can be drawn."""
    ticks = pretty(low, high, _INTERVALS)
    return ticks[(ticks > 0.0) & (ticks < 1.0) & (ticks >= low) & (ticks <= high)]
