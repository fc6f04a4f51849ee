"""What a model's file reconstructs, computed once more from the published tables that it holds, and what differs."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Model
from .predictors import ProbabilityPredictor, SurvivalPredictor
from .published_tables import CountReconstruction, Reconstruction
from .reconstruction import apparent_auc, baseline_cumulative_hazard, coefficients, logistic_of_counts
from .uncertainty import StoredCovariance

#: A stored number may differ from the recomputed one by so much of it, or of 1 where that is more.
_TOLERANCE = 1e-9

#: What is compared: what it is in words, the number that is stored and the one that the tables give.
_Compared = tuple[str, object, float]


def reconstruction_mistake(model: Model) -> str:
    """Return which number of a reconstructed model is not the one that its published tables give, or an empty text.

    Compared are coefficients and baseline of a Cox model; of a logistic one intercept, coefficients, their covariance
    where it is stored, and the apparent area under the ROC curve. A model that was not reconstructed has no mistake.
    """
    compared: Iterator[_Compared] = iter(())
    if model.survival is not None and model.survival.reconstruction is not None:
        compared = _survival(model.survival, model.survival.reconstruction)
    elif model.probability is not None and model.probability.reconstruction is not None:
        stored = model.uncertainty.covariance if model.uncertainty is not None else None
        compared = _probability(model.probability, model.probability.reconstruction, stored)
    what = model.predictor.name if model.predictor is not None else ""
    for title, value, expected in compared:
        if not isinstance(value, float | int) or abs(value - expected) > _TOLERANCE * max(1.0, abs(expected)):
            return (f"the {what}'s {title} is {value}, but its published tables give {expected:.10g}; store that value "
                    "or correct the tables.")
    return ""


def _survival(predictor: SurvivalPredictor, tables: Reconstruction) -> Iterator[_Compared]:
    baseline = predictor.baseline_cumulative_hazard
    hazards = dict(zip(baseline.times_months, baseline.values, strict=True))
    for name, value in coefficients(tables).items():
        yield f"coefficient of '{name}'", predictor.coefficients.get(name), value
    for month, value in baseline_cumulative_hazard(tables).items():
        yield f"baseline at {month:g} months", hazards.get(month), value


def _probability(predictor: ProbabilityPredictor, tables: CountReconstruction,
                 stored: StoredCovariance | None) -> Iterator[_Compared]:
    fitted = logistic_of_counts(tables)
    levels = predictor.coefficients.get(tables.covariate)
    yield "intercept", predictor.intercept, fitted.intercept
    for label, value in fitted.coefficients.items():
        yield (f"coefficient of '{tables.covariate}={label}'",
               levels.get(label) if isinstance(levels, dict) else levels, value)
    yield "reconstruction.auc", tables.auc, apparent_auc(tables)
    if stored is None:
        return
    yield "number of cases in uncertainty.covariance", stored.cases, tables.patients
    yield "number of events in uncertainty.covariance", stored.events, tables.events
    places = {name: place for place, name in enumerate(stored.names)}
    for row, one in enumerate(fitted.names):
        for column, other in enumerate(fitted.names[: row + 1]):
            known = one in places and other in places
            yield (f"covariance of '{one}' and '{other}'",
                   float(stored.matrix[places[one], places[other]]) if known else None,
                   float(fitted.covariance[row, column]))
