"""The numbers of one case: contributions, score, group, survival or probability, and what is withheld and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..catalogue import parse_name
from ..features.extraction import FeatureSet
from ..models.covariates import UNKNOWN, Covariate, Value
from ..models.cutoff import Cutoff
from ..models.model import Model
from ..models.predict import RowPredictions, needs_scaling, predict_rows
from ..models.predictors import SurvivalPredictor
from ..models.scaling import Scaling
from ..statistics.arrays import Floats
from .evidence import AlternativeCurve, AveragedCovariate
from .record import (
    GROUP,
    NEEDS_SCORE,
    SCORE,
    Contribution,
    Group,
    SignatureScore,
    SurvivalPrediction,
    Withheld,
)


@dataclass(frozen=True, kw_only=True)
class CaseNumbers:
    """The numbers of one case, None where ``withheld`` says why; ``split_by`` is what the cut-off is on, ``row`` the
    predictions of the one row that they are taken from."""

    contributions: tuple[Contribution, ...] = ()
    score: float | None = None
    scores: tuple[SignatureScore, ...] = ()
    split_by: float | None = None
    linear_predictor: float | None = None
    survival: SurvivalPrediction | None = None
    probability: float | None = None
    averaged: tuple[AveragedCovariate, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    row: RowPredictions | None = None


def case_numbers(model: Model, features: Mapping[str, FeatureSet], scaling: Scaling | None,
                 covariates: Mapping[str, Value], obstacle: str = "") -> CaseNumbers:
    """Return the numbers of a case from its ``features`` by input name and its parsed covariates.

    ``obstacle`` is why image or contour allow no score at all, empty where they do.
    """
    reason = obstacle or _why_no_score(model, features, scaling)
    if reason:
        withheld = [Withheld(SCORE, reason)]
        if model.predictor is not None:
            withheld.append(Withheld(model.predictor.name, NEEDS_SCORE))
        return CaseNumbers(withheld=tuple(withheld))
    raw = np.array([[features[term.input].values[term.feature] for term in model.terms]])
    columns = {name: np.array([value], dtype=object if isinstance(value, str) else float)
               for name, value in covariates.items()}
    row = predict_rows(model, raw, columns, scaling)
    contributions = _contributions(model, raw[0], row, scaling)
    score = None if model.is_clinical else float(row.score[0])
    if score is not None and not math.isfinite(score):
        return CaseNumbers(withheld=(Withheld(SCORE, "The features' values are too large for their sum to be a number; "
                                                 "check image and contour."),))
    missing = _missing(model, covariates)
    on_score = model.cutoff is model.score_cutoff
    numbers = CaseNumbers(contributions=contributions, score=score, scores=_signature_scores(model, row),
                          split_by=score if on_score else None)
    if model.predictor is None:
        return numbers
    if missing:
        why = f"Give {' and '.join(missing)} to see the predicted {model.predictor.name}."
        group = () if on_score else (Withheld(GROUP, f"Its cut-off is on the linear predictor. {why}"),)
        return replace(numbers, withheld=(Withheld(model.predictor.name, why), *group))
    return _with_outcome(replace(numbers, row=row), model, row, covariates)


def _signature_scores(model: Model, row: RowPredictions) -> tuple[SignatureScore, ...]:
    """Return the scores of the model's signatures of the one row of ``row``, with the group that one enters as."""
    return tuple(SignatureScore(id=item.id, name=item.name, score=score, group=item.group_label(score))
                 for item, score in zip(model.scores, row.scores[0].tolist(), strict=True))


def _missing(model: Model, covariates: Mapping[str, Value]) -> list[str]:
    """Return what is asked for, in words, of the covariates that the outcome needs and the case does not give."""
    return [f"{item.title} ({item.name}{f', or {UNKNOWN!r} while it is not yet known' if item.unknown else ''})"
            for item in model.covariates_used() if item.name not in covariates]


def _with_outcome(numbers: CaseNumbers, model: Model, row: RowPredictions,
                  covariates: Mapping[str, Value]) -> CaseNumbers:
    """Return the numbers of a case that misses no covariate, with its survival or probability.

    While a covariate is not known yet they are averaged, there is no linear predictor, and no group by one.
    """
    averaged = tuple(averaged_covariate(item) for item in model.covariates_used() if covariates[item.name] == UNKNOWN)
    split_by = float(row.split_by[0])
    withheld: tuple[Withheld, ...] = ()
    if not math.isfinite(split_by):
        awaited = " and ".join(item.title for item in averaged)
        withheld = (Withheld(GROUP, f"Its cut-off is on the linear predictor, and {awaited} is not yet known."),)
    probability = row.outcome(()) if model.probability else None
    return replace(
        numbers, split_by=None if withheld else split_by, withheld=withheld, averaged=averaged,
        linear_predictor=None if averaged else float(row.linear_predictor[0]),
        survival=case_survival(model.survival, row) if model.survival else None,
        probability=float(probability[0]) if probability is not None else None)


def _why_no_score(model: Model, features: Mapping[str, FeatureSet], scaling: Scaling | None) -> str:
    """Return why there can be no score, or an empty text."""
    undefined = [term.feature for term in model.terms if term.feature not in features[term.input].values]
    if undefined:
        return (f"These features have no value for this contour: {', '.join(undefined)}. Check that the contour covers "
                "more than one grey level.")
    return needs_scaling(model) if model.needs_scaling and scaling is None else ""


def _contributions(model: Model, raw: Floats, row: RowPredictions,
                   scaling: Scaling | None) -> tuple[Contribution, ...]:
    """Return the terms of the one row of ``row``; ``raw`` (terms,) are the features' values."""
    owners = [(item.id if len(model.scores) > 1 else "", weight) for item, weight in
              zip(model.scores, model.score_weights.tolist(), strict=True) for _ in item.terms]
    terms = zip(model.terms, owners, raw.tolist(), row.values[0].tolist(), row.contributions[0].tolist(), strict=True)
    return tuple(Contribution(
        feature=term.feature, input=term.input, value=value, unit=parse_name(term.feature).unit,
        mean=scaling.means[model.term_key(term)] if scaling else None,
        sd=scaling.sds[model.term_key(term)] if scaling else None, z=z if scaling else None,
        coefficient=weight * term.coefficient, contribution=contribution, signature=signature)
        for term, (signature, weight), value, z, contribution in terms)


def group_of(cutoff: Cutoff | None, value: float | None) -> Group | None:
    """Return the group of ``value``, of what the cut-off is on."""
    if cutoff is None or value is None:
        return None
    above = cutoff.is_above(value)
    return Group(cutoff.labels[above], above, above == cutoff.worse_is_above)


def case_survival(predictor: SurvivalPredictor, row: RowPredictions) -> SurvivalPrediction:
    """Return the survival of the one row of ``row``, with the curves that were averaged where some were."""
    horizons, times = predictor.horizons_months, curve_months(predictor)
    at_horizons, curve = _outcome(row, horizons), _outcome(row, times)
    weights = [float(item.weight[0]) for item in row.alternatives]
    alternatives = tuple(AlternativeCurve(
        label=item.label, share=weight / math.fsum(weights),
        at_horizons=tuple(predictor.predict(item.linear_predictor, horizons)[0].tolist()),
        curve=tuple(predictor.predict(item.linear_predictor, times)[0].tolist()))
        for item, weight in zip(row.alternatives, weights, strict=True))
    return SurvivalPrediction(horizons_months=horizons, at_horizons=at_horizons, curve_months=times, curve=curve,
                              alternatives=alternatives)


def _outcome(row: RowPredictions, months: tuple[float, ...]) -> tuple[float, ...]:
    """Return the survival of the one row of ``row`` at ``months``."""
    shares = row.outcome(months)
    return () if shares is None else tuple(shares[0].tolist())


def averaged_covariate(covariate: Covariate) -> AveragedCovariate:
    """Return what a covariate is averaged over while it is not known yet."""
    return AveragedCovariate(name=covariate.name, title=covariate.title, shares=covariate.shares,
                             patients=covariate.unknown.patients if covariate.unknown else 0)


def curve_months(predictor: SurvivalPredictor) -> tuple[float, ...]:
    """Return the times at which a survival curve is given: from 0 to the last horizon, every horizon among them."""
    baseline, horizons = predictor.baseline_cumulative_hazard, predictor.horizons_months
    end = max(horizons)
    # A step baseline is drawn at its own steps, a linear one monthly; the horizons are always on the curve.
    own = baseline.times_months if baseline.is_step else tuple(np.arange(0.0, end + 1e-9).tolist())
    return tuple(np.unique([0.0, *(time for time in own if time <= end), *horizons]).tolist())
