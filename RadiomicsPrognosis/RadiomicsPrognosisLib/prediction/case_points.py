"""One case's way through its model's nomogram: points of each factor, their total, and survival or probability."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..models.covariates import Value
from ..models.model import Model
from ..models.model_nomogram import ModelNomogram
from ..models.predictors import SCORE
from .record import Prediction


@dataclass(frozen=True)
class CasePath:
    """A case on a nomogram: (value, points) by term, total points, and the value on each outcome axis (0 - 1).

    ``terms`` holds only what is known of the case; without all of them, as while a covariate is not known yet,
    ``total`` is None and ``outcomes`` empty.
    """

    terms: dict[str, tuple[str, float]]
    total: float | None
    outcomes: tuple[float, ...]


def case_path(drawn: ModelNomogram, model: Model, prediction: Prediction | None) -> CasePath:
    """Return the way of a case through the model's nomogram; None is a case of which nothing is known."""
    if prediction is None:
        return CasePath({}, None, ())
    known = {covariate.name: covariate for covariate in model.covariates}
    awaited = {item.name for item in prediction.averaged}
    values = {name: (known[name].describe(value), value) for name, value in prediction.covariates.items()
              if value is not None and name not in awaited}
    values |= _signature_values(model, prediction)
    terms = {}
    for term in drawn.nomogram.terms:
        if term.name in values:
            text, value = values[term.name]
            terms[term.name] = (text, drawn.nomogram.points(term.name, value))
    if len(terms) < len(drawn.nomogram.terms):
        return CasePath(terms, None, ())
    total = math.fsum(points for _, points in terms.values())
    if prediction.survival is not None:
        return CasePath(terms, total, prediction.survival.at_horizons)
    return CasePath(terms, total, () if prediction.probability is None else (prediction.probability,))


def _signature_values(model: Model, prediction: Prediction) -> dict[str, tuple[str, Value]]:
    """Return what each signature enters the linear predictor as, by its id: in words, and the number."""
    scores = {item.id: item.score for item in prediction.scores}
    if prediction.score is not None and len(model.scores) == 1:
        scores = {SCORE: prediction.score}  # stored predictions may hold no other
    return {item.id: (item.group_label(scores[item.id]) or f"{scores[item.id]:.3g}",
                      float(item.entered(np.array([scores[item.id]]))[0]))
            for item in model.scores if item.id in scores}
