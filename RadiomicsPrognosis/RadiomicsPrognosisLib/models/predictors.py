"""How score and covariates become a linear predictor, and that survival (Cox) or a probability (logistic)."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checked import Table
from ..contract import entry
from ..statistics.arrays import Floats
from ..statistics.logistic_function import logistic_probability
from ..statistics.survival_function import survival_probability
from .published_tables import CountReconstruction, Reconstruction

#: The name under which the score enters a linear predictor beside the covariates.
SCORE = "score"

#: A coefficient: a number, or one per level of a categorical covariate.
Coefficient = float | dict[str, float]

_COEFFICIENTS = ("log hazard ratios or log odds by name: 'score', a covariate, or for a categorical covariate an "
                 "object with one number per level")

STEP, LINEAR = "step", "linear"


class Predictor(abc.ABC):
    """A linear predictor, intercept + sum of coefficients x values, and what it says of the endpoint.

    ``name`` is what is predicted, ``survival`` or ``probability``, as the model's file and results call it.
    """

    name: ClassVar[str]
    coefficients: dict[str, Coefficient]
    intercept: float

    @property
    def free_coefficients(self) -> tuple[str, ...]:
        """The names of the coefficients that were estimated: of a categorical covariate 'name=level' of each level but
        those whose coefficient is 0, the reference."""
        names: list[str] = []
        for name, coefficient in self.coefficients.items():
            names += ([f"{name}={level}" for level, value in coefficient.items() if value]
                      if isinstance(coefficient, dict) else [name])
        return tuple(names)

    def linear_predictor(self, values: Mapping[str, NDArray[Any]]) -> Floats:
        """Return the linear predictor (n,), uncentred; NaN where a value is missing.

        ``values`` (n,) by name hold every name in ``coefficients``: numbers (NaN: missing), or level labels (None:
        missing) of a categorical covariate.
        """
        rows = len(next(iter(values.values())))
        total = np.full(rows, self.intercept)
        for name, coefficient in self.coefficients.items():
            if isinstance(coefficient, dict):
                total += [coefficient.get(label, np.nan) for label in values[name]]
            else:
                total += coefficient * values[name].astype(float)
        return total

    @abc.abstractmethod
    def predict(self, linear_predictor: Floats, months: ArrayLike) -> Floats:
        """Return what is predicted for linear predictors (n,), as shares 0 - 1: survival (n, months) at ``months``, or
        the probability (n,), whatever the months."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """Baseline cumulative hazard, 0 at time 0; between times it is a step function or linear (a constant hazard)."""

    times_months: tuple[float, ...] = entry(above=0, least="time")
    values: tuple[float, ...] = entry(low=0, least="number")
    interpolation: str = entry(choices=(STEP, LINEAR))

    def check(self, table: Table) -> None:
        """Raise SchemaError unless times rise and hazards do not fall."""
        if len(self.values) != len(self.times_months):
            table.fail("values", f"must be a list of {len(self.times_months)} numbers, one for each time")
        if any(b <= a for a, b in pairwise(self.times_months)):
            table.fail("times_months", "must be increasing times above 0")
        if any(b < a for a, b in pairwise(self.values)):
            table.fail("values", "must not decrease")

    @property
    def is_step(self) -> bool:
        """Whether the hazard jumps at its times."""
        return self.interpolation == STEP

    def at(self, months: ArrayLike) -> Floats:
        """Return the cumulative hazard at ``months`` (m,), from 0 on; after the last time it stays."""
        months = np.asarray(months, float)
        times, hazards = np.array([0.0, *self.times_months]), np.array([0.0, *self.values])
        if not self.is_step:
            return np.asarray(np.interp(months, times, hazards))
        return hazards[np.searchsorted(times, months, side="right") - 1]


@dataclass(frozen=True, kw_only=True)
class SurvivalPredictor(Predictor):
    """Cox model: S(t) = exp(-H0(t) exp(lp)), lp uncentred, times in months; ``horizons_months`` are what it reports."""

    name: ClassVar[str] = "survival"
    coefficients: dict[str, Coefficient] = entry(least="number", description=_COEFFICIENTS)
    intercept: float = entry(default=0.0, stored=False)
    baseline_cumulative_hazard: Baseline
    horizons_months: tuple[float, ...] = entry(above=0, least="time")
    reconstruction: Reconstruction | None = entry(
        default=None, compare=False,
        description="published tables from which coefficients and baseline were reconstructed")

    def check(self, table: Table) -> None:
        """Raise SchemaError for a horizon that the baseline does not reach."""
        last = self.baseline_cumulative_hazard.times_months[-1]
        if max(self.horizons_months) > last:
            table.fail("horizons_months", f"must lie within the baseline's times, up to {last:g} months")

    def predict(self, linear_predictor: Floats, months: ArrayLike) -> Floats:
        """Return the survival (n, months) in 0 - 1, for linear predictors (n,) however extreme."""
        return survival_probability(self.baseline_cumulative_hazard.at(months), linear_predictor)


@dataclass(frozen=True, kw_only=True)
class ProbabilityPredictor(Predictor):
    """Logistic model of ``outcome``: p = 1 / (1 + exp(-lp))."""

    name: ClassVar[str] = "probability"
    outcome: str
    intercept: float = entry(default=0.0, always=True)
    coefficients: dict[str, Coefficient] = entry(least="number", description=_COEFFICIENTS)
    reconstruction: CountReconstruction | None = entry(
        default=None, compare=False, description="the published table from which the coefficients were reconstructed")

    def check(self, table: Table) -> None:
        """Raise SchemaError for a reconstruction of other coefficients than the model's."""
        tables = self.reconstruction
        if tables is None:
            return
        levels = self.coefficients.get(tables.covariate)
        if len(self.coefficients) > 1 or not isinstance(levels, dict) or set(levels) != set(tables.counts):
            table.fail("reconstruction.counts", "must give the patients of each level of the model's one coefficient, "
                                                "a categorical covariate")

    def predict(self, linear_predictor: Floats, months: ArrayLike = ()) -> Floats:
        """Return the probability (n,) of the outcome, without overflow at either end."""
        return logistic_probability(linear_predictor)
