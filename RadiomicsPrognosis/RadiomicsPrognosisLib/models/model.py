"""What a model is: a signature of features, a cut-off, and how score and covariates become survival or probability.

The classes mirror the JSON file (schema in Resources/Models/model.schema.json); :mod:`.reading` makes and checks them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import CovariateError

#: The name under which the score enters a linear predictor beside the covariates.
SCORE = "score"

#: What a cut-off can be on.
LINEAR_PREDICTOR = "linear predictor"
CUTOFF_SCALES = (SCORE, LINEAR_PREDICTOR)


@dataclass(frozen=True)
class Endpoint:
    """What is predicted; ``kind`` is ``time-to-event`` or ``binary``; ``event`` says what counts as one."""

    name: str
    abbreviation: str
    kind: str
    event: str


@dataclass(frozen=True)
class Input:
    """A volume the model reads, and the closed ranges of spacing (mm) it was made on (None: not reported)."""

    name: str
    title: str
    slice_thickness_mm: tuple[float | None, float | None] | None = None
    pixel_spacing_mm: tuple[float | None, float | None] | None = None


@dataclass(frozen=True)
class Term:
    """``coefficient`` times the feature of one input (its z-score where the signature is standardised)."""

    feature: str
    coefficient: float
    input: str


@dataclass(frozen=True)
class Signature:
    """score = intercept + sum of coefficient x value, the value z-scored when ``standardised``."""

    name: str
    intercept: float
    standardised: bool
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Cutoff:
    """The value that splits two groups; one equal to ``value`` is above when ``inclusive``.

    ``labels`` are (below, above); ``worse`` names the group with the worse prognosis, ``below`` or ``above``. It is a
    value of the score or, as ``on`` says, of the linear predictor, to which covariates belong.
    """

    value: float
    inclusive: bool
    labels: tuple[str, str]
    worse: str
    on: str = SCORE

    def is_above(self, value: float) -> bool:
        """Tell whether ``value``, of what the cut-off is on, is in the upper group."""
        return value >= self.value if self.inclusive else value > self.value


@dataclass(frozen=True)
class Covariate:
    """A clinical factor. ``kind`` is ``continuous`` (unit, closed range), ``ordinal`` (levels with numbers),
    ``binary`` (levels 0 and 1) or ``categorical`` (levels without order)."""

    name: str
    title: str
    kind: str
    levels: tuple[tuple[str, float], ...] = ()
    unit: str = ""
    range: tuple[float | None, float | None] = (None, None)

    def parse(self, value: Any) -> float | str:
        """Return the covariate's value: a number, or a categorical level's label. Raises CovariateError."""
        if self.kind == "continuous":
            return self._parse_number(value)
        text = str(int(value)) if isinstance(value, bool) else str(value).strip()
        for label, number in self.levels:
            if text.lower() == label.lower() or (self.kind != "categorical" and _same_number(text, number)):
                return label if self.kind == "categorical" else number
        allowed = ", ".join(label if self.kind == "categorical" else f"{label} ({number:g})"
                            for label, number in self.levels)
        raise CovariateError(f"Covariate '{self.name}' is '{value}'; allowed: {allowed}.")

    def _parse_number(self, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        low, high = self.range
        if not math.isfinite(number) or (low is not None and number < low) or (high is not None and number > high):
            bounds = (f" from {low:g}" if low is not None else "") + (f" up to {high:g}" if high is not None else "")
            raise CovariateError(f"Covariate '{self.name}' is '{value}'; allowed: a number{bounds} {self.unit}".rstrip()
                                 + ".")
        return number

    def describe(self, value: float | str) -> str:
        """Return a parsed value as a person reads it: a level's label, or the number with its unit."""
        for label, number in self.levels:
            if value in (label, number):
                return label
        return f"{value:g} {self.unit}".rstrip()


@dataclass(frozen=True)
class LinearPredictor:
    """intercept + sum of coefficients x values; a categorical covariate has one coefficient per level label."""

    coefficients: dict[str, float | dict[str, float]]
    intercept: float = 0.0

    def value(self, values: dict[str, float | str]) -> float:
        """Return the linear predictor of ``values``, which must hold every name in ``coefficients``."""
        total = self.intercept
        for name, coefficient in self.coefficients.items():
            value = values[name]
            total += coefficient[str(value)] if isinstance(coefficient, dict) else coefficient * float(value)
        return total


@dataclass(frozen=True)
class SurvivalPart:
    """Cox model: S(t) = exp(-H0(t) exp(lp)), lp uncentred, times in months.

    ``times``/``hazards`` are the baseline cumulative hazard H0, 0 at time 0; between times it is a step function or
    linear (a constant hazard), as ``interpolation`` says. ``horizons`` are the times a prediction reports.
    """

    predictor: LinearPredictor
    times: tuple[float, ...]
    hazards: tuple[float, ...]
    interpolation: str
    horizons: tuple[float, ...]
    reconstruction: dict[str, Any] | None = field(default=None, compare=False)

    def baseline_hazard(self, times: np.ndarray) -> np.ndarray:
        """Return H0 at ``times`` (months, within 0 and the last time)."""
        times = np.asarray(times, float)
        known, hazards = np.array([0.0, *self.times]), np.array([0.0, *self.hazards])
        if self.interpolation == "linear":
            return np.interp(times, known, hazards)
        return hazards[np.searchsorted(known, times, side="right") - 1]

    def survival(self, times: np.ndarray, linear_predictor: float) -> np.ndarray:
        """Return S(t) in 0 - 1 at ``times`` (months) for a linear predictor, however extreme."""
        hazard = self.baseline_hazard(times)
        with np.errstate(divide="ignore"):  # a hazard of 0 has the logarithm -inf and gives S = 1
            exponent = np.log(hazard) + linear_predictor
        return np.exp(-np.exp(np.minimum(exponent, 700.0)))  # exp(700) is still a double, and exp(-exp(700)) is 0


@dataclass(frozen=True)
class ProbabilityPart:
    """Logistic model of ``outcome``: p = 1 / (1 + exp(-lp))."""

    predictor: LinearPredictor
    outcome: str

    def probability(self, linear_predictor: float) -> float:
        """Return the probability in 0 - 1, without overflow at either end."""
        if linear_predictor >= 0:
            return 1.0 / (1.0 + math.exp(-linear_predictor))
        odds = math.exp(linear_predictor)
        return odds / (1.0 + odds)


@dataclass(frozen=True)
class Performance:
    """A published figure of merit, with its cohort, number of cases and 95 % confidence interval where reported."""

    measure: str
    cohort: str
    value: float
    cases: int | None = None
    ci95: tuple[float, float] | None = None


@dataclass(frozen=True)
class Distribution:
    """Mean and SD of the score in a cohort of ``cases``."""

    cohort: str
    cases: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Model:
    """A stored model; ``provenance`` says of each part whether it is published, reconstructed or trained here.

    ``features_from`` is ``image`` (pyradiomics' features, made under ``protocol``) or ``table`` (columns that other
    software made, under names of its own; ``protocol`` is empty and no image can be scored).
    """

    id: str
    version: str
    title: str
    endpoint: Endpoint
    population: str
    citation: str
    doi: str
    provenance: dict[str, str]
    protocol: str
    inputs: tuple[Input, ...]
    signature: Signature
    cutoff: Cutoff | None
    covariates: tuple[Covariate, ...]
    survival: SurvivalPart | None
    probability: ProbabilityPart | None
    distributions: tuple[Distribution, ...]
    performance: tuple[Performance, ...]
    intended_use: str
    hash: str
    features_from: str = "image"

    @property
    def score_cutoff(self) -> Cutoff | None:
        """The cut-off that stands on the score's scale: None where there is none or it is on the linear predictor."""
        return self.cutoff if self.cutoff is not None and self.cutoff.on == SCORE else None

    @property
    def needs_scaling(self) -> bool:
        """Whether a score needs means and SDs of the features."""
        return self.signature.standardised

    def features(self, input_name: str | None = None) -> tuple[str, ...]:
        """Return the names of the features read from one input (the first when None)."""
        name = input_name or self.inputs[0].name
        return tuple(term.feature for term in self.signature.terms if term.input == name)

    def term_key(self, term: Term) -> str:
        """Return a term's name in tables and scalings: the feature, preceded by ``input:`` when there are several."""
        return term.feature if len(self.inputs) == 1 else f"{term.input}:{term.feature}"

    def parse_covariates(self, values: dict[str, Any]) -> dict[str, float | str]:
        """Check and convert covariate values by name. Raises CovariateError for an unknown name or a bad value."""
        known = {covariate.name: covariate for covariate in self.covariates}
        for name in values:
            if name not in known:
                raise CovariateError(f"Model '{self.id}' has no covariate '{name}'; "
                                     f"it knows: {', '.join(known) or 'none'}.")
        return {name: known[name].parse(value) for name, value in values.items() if value not in (None, "")}


def _same_number(text: str, number: float) -> bool:
    try:
        return float(text) == number
    except ValueError:
        return False
