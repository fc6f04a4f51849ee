"""The nomogram of a stored model: an axis of points for each factor, and one for each outcome."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..errors import InputError
from ..statistics.nomogram import Nomogram, NomogramTerm, OutcomeAxis, continuous_values, make_nomogram
from .covariates import CONTINUOUS, Covariate
from .groups import training_distributions
from .model import Model
from .predictors import SCORE, ProbabilityPredictor, SurvivalPredictor
from .signature import Signature

#: The axis of the score spans this many SDs on either side of its mean in the training cohort.
_SPAN_SD = 3.0

#: Log-odds of 95 %.
_PROBABLE = math.log(0.95 / 0.05)

#: Outcomes (0 - 1) that get a tick beside the round ones, so that cases near certainty can be read too.
_TAILS = (0.01, 0.05, 0.95, 0.99)


@dataclass(frozen=True)
class ModelNomogram:
    """A model's nomogram with its ``outcomes``: survival at each horizon, or the probability.

    ``titles`` and ``tick_labels`` give, by term name, the axis' title and the text of each of its values;
    ``minor_points``, by outcome, the total points of every twentieth (0.05, 0.10 ...) on its axis.
    """

    nomogram: Nomogram
    outcomes: tuple[OutcomeAxis, ...]
    titles: dict[str, str]
    tick_labels: dict[str, tuple[str, ...]]
    minor_points: dict[str, tuple[float, ...]]


def model_nomogram(model: Model, score_alone: bool = False) -> ModelNomogram:
    """Return the nomogram of the model's survival or probability part.

    Raises InputError when the model has no such part, when a factor's range is not in the model file, or when only the
    score counts and a nomogram would repeat its scale, unless ``score_alone`` asks for that one. A score alone whose
    distribution is not known spans the probabilities from 5 to 95 %.
    """
    predictor = model.predictor
    if predictor is None:
        raise InputError(f"Model '{model.id}' predicts neither survival nor probability.")
    if set(predictor.coefficients) == {SCORE} and not score_alone:
        raise InputError(f"Model '{model.id}' uses the score alone: its scale says all that a nomogram would.")
    known = {covariate.name: covariate for covariate in model.covariates}
    signatures = {item.id: item for item in model.scores}
    terms, titles, labels = [], {}, {}
    for name, coefficient in predictor.coefficients.items():
        factor = signatures[name] if name in signatures else known[name]
        values = _values(factor, model) if isinstance(factor, Covariate) else _signature_values(factor, model)
        terms.append(NomogramTerm(name, coefficient, values))
        titles[name] = factor.title if isinstance(factor, Covariate) else factor.name
        labels[name] = tuple(_tick_label(factor, value) for value in values)
    nomogram = make_nomogram(terms, predictor.intercept)
    outcomes = _outcomes(nomogram, model)
    minor = {axis.name: _twentieths(nomogram, predictor_of) for axis, predictor_of in outcomes}
    return ModelNomogram(nomogram, tuple(axis for axis, _ in outcomes), titles, labels, minor)


#: An outcome's axis, and the linear predictor at which it has a share (0 - 1).
_Outcome = tuple[OutcomeAxis, Callable[[float], float]]


def _outcomes(nomogram: Nomogram, model: Model) -> tuple[_Outcome, ...]:
    if model.survival is not None:
        return _survival_axes(nomogram, model.survival, model.endpoint.abbreviation)
    return _probability_axis(nomogram, model.probability) if model.probability is not None else ()


def _probability_axis(nomogram: Nomogram, predictor: ProbabilityPredictor) -> tuple[_Outcome, ...]:
    axis = nomogram.probability_axis(f"Probability of {predictor.outcome}")
    return ((_with_tails(axis, nomogram, _log_odds), _log_odds),)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _survival_axes(nomogram: Nomogram, predictor: SurvivalPredictor, abbreviation: str) -> tuple[_Outcome, ...]:
    axes = []
    at_zero = predictor.predict(np.zeros(1), predictor.horizons_months)[0].tolist()
    for month, baseline in zip(predictor.horizons_months, at_zero, strict=True):
        axis = nomogram.survival_axis(f"{month:g}-month {abbreviation}", baseline)
        predictor_of = partial(_predictor_at, baseline)
        axes.append((_with_tails(axis, nomogram, predictor_of), predictor_of))
    return tuple(axes)


def _predictor_at(baseline: float, share: float) -> float:
    """Return the linear predictor of a survival ``share``: S = S0^exp(lp), solved for it."""
    return math.log(math.log(share) / math.log(baseline))


def _with_tails(axis: OutcomeAxis, nomogram: Nomogram, predictor_of: Callable[[float], float]) -> OutcomeAxis:
    """Return the axis with the ticks of ``_TAILS`` that lie on the total axis, in the order of total points."""
    tails = [(share, nomogram.total_points_of(predictor_of(share))) for share in _TAILS
             if min((abs(share - value) for value in axis.values), default=1.0) > 1e-9]
    ticks = [*zip(axis.values, axis.total_points, strict=True),
             *(tick for tick in tails if nomogram.total_points[0] <= tick[1] <= nomogram.total_points[-1])]
    ticks.sort(key=lambda tick: tick[1])
    return OutcomeAxis(axis.name, tuple(value for value, _ in ticks), tuple(points for _, points in ticks))


def _twentieths(nomogram: Nomogram, predictor_of: Callable[[float], float]) -> tuple[float, ...]:
    """Return the total points of the shares 0.05, 0.10 ... 0.95 that lie on the total axis."""
    points = [nomogram.total_points_of(predictor_of(step / 20)) for step in range(1, 20)]
    return tuple(point for point in points if nomogram.total_points[0] <= point <= nomogram.total_points[-1])


def _signature_values(signature: Signature, model: Model) -> tuple[float, ...]:
    """Return the values on a signature's axis: its groups (0, 1), or its scores."""
    if signature.cutoff is not None:
        return 0.0, 1.0
    cohorts, logistic = training_distributions(model, signature.id), model.probability
    coefficient = logistic.coefficients.get(SCORE) if logistic is not None and len(logistic.coefficients) == 1 else None
    if not cohorts and logistic is not None and isinstance(coefficient, float) and coefficient:
        ends = sorted((sign * _PROBABLE - logistic.intercept) / coefficient for sign in (-1, 1))
        return continuous_values(*ends)
    if not cohorts:
        raise InputError(f"Model '{model.id}' gives no distribution of '{signature.name}', so its axis has no range.")
    return continuous_values(min(item.mean - _SPAN_SD * item.sd for item in cohorts),
                             max(item.mean + _SPAN_SD * item.sd for item in cohorts))


def _values(covariate: Covariate, model: Model) -> tuple[float, ...] | tuple[str, ...]:
    if covariate.is_categorical:
        return tuple(label for label, _ in covariate.levels)
    if covariate.levels:
        return tuple(number for _, number in covariate.levels)
    low, high = covariate.range
    if low is None or high is None:
        raise InputError(f"Model '{model.id}' gives no closed range for '{covariate.name}', so its axis has no range.")
    return continuous_values(low, high)


def _tick_label(factor: Covariate | Signature, value: float | str) -> str:
    if isinstance(factor, Signature):
        return factor.cutoff.labels[value > 0] if factor.cutoff is not None else f"{value:g}"
    return f"{value:g}" if factor.kind == CONTINUOUS else factor.describe(value)
