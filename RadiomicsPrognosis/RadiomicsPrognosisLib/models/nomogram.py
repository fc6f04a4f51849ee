"""The nomogram of a stored model, and one case's way through it: points, total, and survival or probability."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..statistics.nomogram import Nomogram, NomogramTerm, OutcomeAxis, continuous_values, make_nomogram
from .groups import training_distributions
from .model import SCORE, Covariate, Model

#: The axis of the score spans this many SDs on either side of its mean in the training cohort.
_SPAN_SD = 3.0

#: Outcomes (0 - 1) that get a tick beside the round ones, so that cases near certainty can be read too.
_TAILS = (0.01, 0.05, 0.95, 0.99)


@dataclass(frozen=True)
class ModelNomogram:
    """A model's nomogram with its ``outcomes``: survival at each horizon, or the probability.

    ``titles`` and ``tick_labels`` give, by term name, the axis' title and the text of each of its values.
    """

    nomogram: Nomogram
    outcomes: tuple[OutcomeAxis, ...]
    titles: dict[str, str]
    tick_labels: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class CasePath:
    """A case on a nomogram: (value, points) by term, total points, and the value on each outcome axis (0 - 1).

    ``terms`` holds only what is known of the case; without all of them ``total`` is None and ``outcomes`` empty.
    """

    terms: dict[str, tuple[str, float]]
    total: float | None
    outcomes: tuple[float, ...]


def model_nomogram(model: Model) -> ModelNomogram:
    """Return the nomogram of the model's survival or probability part.

    Raises InputError when the model has no such part, when a factor's range is not in the model file, or when only the
    score counts and a nomogram would repeat its scale.
    """
    part = model.survival or model.probability
    if part is None:
        raise InputError(f"Model '{model.id}' predicts neither survival nor probability.")
    if set(part.predictor.coefficients) == {SCORE}:
        raise InputError(f"Model '{model.id}' uses the score alone: its scale says all that a nomogram would.")
    known = {covariate.name: covariate for covariate in model.covariates}
    terms, titles, labels = [], {}, {}
    for name, coefficient in part.predictor.coefficients.items():
        covariate = known.get(name)
        values = _score_values(model) if covariate is None else _values(covariate, model)
        terms.append(NomogramTerm(name, coefficient, values))
        titles[name] = model.signature.name if covariate is None else covariate.title
        labels[name] = tuple(_tick_label(covariate, value) for value in values)
    nomogram = make_nomogram(terms, part.predictor.intercept)
    return ModelNomogram(nomogram, _outcomes(nomogram, model), titles, labels)


def case_path(drawn: ModelNomogram, model: Model, prediction: Mapping[str, Any]) -> CasePath:
    """Return the way of a case (``Prediction.to_dict()`` or its stored JSON) through the model's nomogram."""
    values = {name: value for name, value in {SCORE: prediction["score"], **prediction["covariates"]}.items()
              if value is not None}
    known = {covariate.name: covariate for covariate in model.covariates}
    terms = {}
    for term in drawn.nomogram.terms:
        if term.name in values:
            value = values[term.name]
            text = known[term.name].describe(value) if term.name in known else f"{value:.3g}"
            terms[term.name] = (text, drawn.nomogram.points(term.name, value))
    if len(terms) < len(drawn.nomogram.terms):
        return CasePath(terms, None, ())
    total = math.fsum(points for _, points in terms.values())
    if model.survival:
        return CasePath(terms, total, tuple(prediction["survival"]["at_horizons"]))
    return CasePath(terms, total, (prediction["probability"],))


def _outcomes(nomogram: Nomogram, model: Model) -> tuple[OutcomeAxis, ...]:
    if model.survival is None:
        axis = nomogram.probability_axis(f"Probability of {model.probability.outcome}")
        return (_with_tails(axis, nomogram, lambda share: math.log(share / (1 - share))),)
    axes = []
    baseline = model.survival.survival(np.array(model.survival.horizons), 0.0)
    for month, at_zero in zip(model.survival.horizons, baseline.tolist(), strict=True):
        axis = nomogram.survival_axis(f"{month:g}-month {model.endpoint.abbreviation}", at_zero)
        # S = S0^exp(lp), solved for the linear predictor.
        axes.append(_with_tails(axis, nomogram, lambda share, s0=at_zero: math.log(math.log(share) / math.log(s0))))
    return tuple(axes)


def _with_tails(axis: OutcomeAxis, nomogram: Nomogram, predictor_of: Callable[[float], float]) -> OutcomeAxis:
    """Return the axis with the ticks of ``_TAILS`` that lie on the total axis, in the order of total points."""
    tails = [(share, nomogram.total_points_of(predictor_of(share))) for share in _TAILS
             if min((abs(share - value) for value in axis.values), default=1.0) > 1e-9]
    ticks = [*zip(axis.values, axis.total_points, strict=True),
             *(tick for tick in tails if nomogram.total_points[0] <= tick[1] <= nomogram.total_points[-1])]
    ticks.sort(key=lambda tick: tick[1])
    return OutcomeAxis(axis.name, tuple(value for value, _ in ticks), tuple(points for _, points in ticks))


def _score_values(model: Model) -> tuple[float, ...]:
    cohorts = training_distributions(model)
    if not cohorts:
        raise InputError(f"Model '{model.id}' gives no distribution of its score, so its axis has no range.")
    return continuous_values(min(item.mean - _SPAN_SD * item.sd for item in cohorts),
                             max(item.mean + _SPAN_SD * item.sd for item in cohorts))


def _values(covariate: Covariate, model: Model) -> tuple[float, ...] | tuple[str, ...]:
    if covariate.kind == "categorical":
        return tuple(label for label, _ in covariate.levels)
    if covariate.levels:
        return tuple(number for _, number in covariate.levels)
    low, high = covariate.range
    if low is None or high is None:
        raise InputError(f"Model '{model.id}' gives no closed range for '{covariate.name}', so its axis has no range.")
    return continuous_values(low, high)


def _tick_label(covariate: Covariate | None, value: float | str) -> str:
    if covariate is None or covariate.kind == "continuous":
        return f"{value:g}"
    return covariate.describe(value)
