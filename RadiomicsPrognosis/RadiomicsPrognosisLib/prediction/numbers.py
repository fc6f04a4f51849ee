"""The numbers of one case: contributions, score, group, survival or probability, and what is withheld and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..catalogue import parse_name
from ..features.extraction import FeatureSet
from ..models.covariates import Value
from ..models.model import Cutoff, Model
from ..models.predict import RowPredictions, needs_scaling, predict_rows
from ..models.predictors import SurvivalPredictor
from ..models.scaling import Scaling
from ..statistics.arrays import Floats
from .record import GROUP, SCORE, Contribution, Group, SurvivalPrediction, Withheld


@dataclass(frozen=True, kw_only=True)
class CaseNumbers:
    """The numbers of one case, None where ``withheld`` says why; ``split_by`` is what the cut-off is on."""

    contributions: tuple[Contribution, ...] = ()
    score: float | None = None
    split_by: float | None = None
    linear_predictor: float | None = None
    survival: SurvivalPrediction | None = None
    probability: float | None = None
    withheld: tuple[Withheld, ...] = ()


def case_numbers(model: Model, features: Mapping[str, FeatureSet], scaling: Scaling | None,
                 covariates: Mapping[str, Value], obstacle: str = "") -> CaseNumbers:
    """Return the numbers of a case from its ``features`` by input name and its parsed covariates.

    ``obstacle`` is why image or contour allow no score at all, empty where they do.
    """
    reason = obstacle or _why_no_score(model, features, scaling)
    if reason:
        withheld = [Withheld(SCORE, reason)]
        if model.predictor is not None:
            withheld.append(Withheld(model.predictor.name, "It needs the score, which is withheld."))
        return CaseNumbers(withheld=tuple(withheld))
    raw = np.array([[features[term.input].values[term.feature] for term in model.signature.terms]])
    columns = {name: np.array([value], dtype=object if isinstance(value, str) else float)
               for name, value in covariates.items()}
    row = predict_rows(model, raw, columns, scaling)
    contributions = _contributions(model, raw[0], row, scaling)
    score = float(row.score[0])
    if not math.isfinite(score):
        return CaseNumbers(withheld=(Withheld(SCORE, "The features' values are too large for their sum to be a number; "
                                                 "check image and contour."),))
    missing = [f"{item.title} ({item.name})" for item in model.covariates_used() if item.name not in covariates]
    on_score = model.cutoff is model.score_cutoff
    if model.predictor is None:
        return CaseNumbers(contributions=contributions, score=score, split_by=score if on_score else None)
    if missing:
        why = f"Give {' and '.join(missing)} to see the predicted {model.predictor.name}."
        group = () if on_score else (Withheld(GROUP, f"Its cut-off is on the linear predictor. {why}"),)
        return CaseNumbers(contributions=contributions, score=score, split_by=score if on_score else None,
                       withheld=(Withheld(model.predictor.name, why), *group))
    return CaseNumbers(
        contributions=contributions, score=score, split_by=float(row.split_by[0]),
        linear_predictor=float(row.linear_predictor[0]),
        survival=_survival(model.survival, row.linear_predictor) if model.survival else None,
        probability=float(model.probability.predict(row.linear_predictor)[0]) if model.probability else None)


def _why_no_score(model: Model, features: Mapping[str, FeatureSet], scaling: Scaling | None) -> str:
    """Return why there can be no score, or an empty text."""
    undefined = [term.feature for term in model.signature.terms if term.feature not in features[term.input].values]
    if undefined:
        return (f"These features have no value for this contour: {', '.join(undefined)}. Check that the contour covers "
                "more than one grey level.")
    return needs_scaling(model) if model.needs_scaling and scaling is None else ""


def _contributions(model: Model, raw: Floats, row: RowPredictions,
                   scaling: Scaling | None) -> tuple[Contribution, ...]:
    """Return the terms of the one row of ``row``; ``raw`` (terms,) are the features' values."""
    terms = zip(model.signature.terms, raw.tolist(), row.values[0].tolist(), row.contributions[0].tolist(), strict=True)
    return tuple(Contribution(
        feature=term.feature, input=term.input, value=value, unit=parse_name(term.feature).unit,
        mean=scaling.means[model.term_key(term)] if scaling else None,
        sd=scaling.sds[model.term_key(term)] if scaling else None, z=z if scaling else None,
        coefficient=term.coefficient, contribution=contribution) for term, value, z, contribution in terms)


def group_of(cutoff: Cutoff | None, value: float | None) -> Group | None:
    """Return the group of ``value``, of what the cut-off is on."""
    if cutoff is None or value is None:
        return None
    above = cutoff.is_above(value)
    return Group(cutoff.labels[above], above, above == cutoff.worse_is_above)


def _survival(predictor: SurvivalPredictor, linear_predictor: Floats) -> SurvivalPrediction:
    baseline, horizons = predictor.baseline_cumulative_hazard, predictor.horizons_months
    end = max(horizons)
    # A step baseline is drawn at its own steps, a linear one monthly; the horizons are always on the curve.
    own = baseline.times_months if baseline.is_step else tuple(np.arange(0.0, end + 1e-9).tolist())
    times = np.unique([0.0, *(time for time in own if time <= end), *horizons])
    at_horizons, curve = (predictor.predict(linear_predictor, months)[0] for months in (horizons, times))
    return SurvivalPrediction(horizons_months=horizons, at_horizons=tuple(at_horizons.tolist()),
                              curve_months=tuple(times.tolist()), curve=tuple(curve.tolist()))
