"""Make the stored model of a regression: the form in which a study measures it, and in which it scores new cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...models.covariates import Covariate
from ...models.model import (
    IMAGE,
    LINEAR_PREDICTOR,
    TABLE,
    TRAINED_HERE,
    Endpoint,
    Model,
    Provenance,
    Signature,
    Source,
    WeightedFeature,
)
from ...models.predictors import SCORE, Coefficient
from ...models.scaling import Scaling
from ..endpoints import StudyEndpoint
from ..recipe.recipe import ModelSpec, Recipe
from ..results import SignatureResult
from ..rows.terms import ModelTerm
from .fitting import Fitted

INTENDED_USE = "Research only: not a medical device, not for decisions about a patient's treatment."


@dataclass(frozen=True)
class TrainedModel:
    """A model in its stored form, without cut-off, with the ``scaling`` of its features (None: raw values).

    ``own_score`` tells whether its score is that of the one signature; else it is the signatures' part of the linear
    predictor.
    """

    model: Model
    scaling: Scaling | None
    own_score: bool


@dataclass(frozen=True, kw_only=True)
class _Weight:
    """A feature's share in the stored score: ``weight`` x value, z-scored where ``mean`` is given."""

    feature: str
    input: str
    weight: float
    mean: float | None
    sd: float | None


def trained_model(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
                  rows: int, last: float) -> TrainedModel:
    """Return the stored form of ``fitted`` on ``rows`` training rows, the longest of them followed ``last`` months.

    Several signatures, or features entered one by one, become a single stored score: their part of the linear
    predictor. A model without signature has a signature without terms, and cannot be written to a file.
    """
    endpoint = recipe.endpoint(spec.endpoint)
    covariates = [term for term in fitted.terms if _is_covariate(recipe, term)]
    on_predictor = spec.cutoff is not None and spec.cutoff.on == LINEAR_PREDICTOR
    own = len(spec.signatures) == 1 and spec.enter == "score" and (bool(covariates) or not on_predictor)
    intercept, weights = _score(recipe, spec, fitted, signatures, own)
    # A scaling holds one mean and SD per feature; two signatures may have learned them from different rows.
    distinct = len({(item.input, item.feature) for item in weights}) == len(weights)
    standardised = bool(recipe.protocol and weights and distinct and all(item.mean is not None for item in weights))
    if not standardised:
        intercept, weights = _raw(intercept, weights)
    predictor = endpoint.predictor(_coefficients(spec, fitted, covariates, own, bool(weights)), fitted.intercept,
                                   fitted.baseline, last)
    model = Model(
        id=f"{recipe.id}-{spec.id}", version=recipe.version, title=f"{recipe.title}: {spec.title}",
        endpoint=_described(endpoint), population=recipe.population,
        source=Source(f"Trained here by recipe '{recipe.id}' {recipe.version} on {rows} rows, after: "
                      f"{recipe.citation}", recipe.doi),
        provenance=Provenance(signature=TRAINED_HERE, **{predictor.name: TRAINED_HERE}),
        features_from=IMAGE if recipe.protocol else TABLE, protocol_name=recipe.protocol_name, protocol=recipe.protocol,
        inputs=recipe.inputs, covariates=tuple(_covariate(recipe.covariate(term.name), term) for term in covariates),
        signature=Signature(name=_signature_name(spec, signatures, own), intercept=float(intercept),
                            standardised=standardised,
                            terms=tuple(WeightedFeature(feature=item.feature, coefficient=float(item.weight),
                                                        input=item.input) for item in weights)),
        intended_use=INTENDED_USE, **{predictor.name: predictor})
    return TrainedModel(model, _scaling(model, weights) if standardised else None, own)


def _is_covariate(recipe: Recipe, term: ModelTerm) -> bool:
    return any(item.name == term.name for item in recipe.covariates)


def _described(endpoint: StudyEndpoint) -> Endpoint:
    return Endpoint(name=endpoint.name, abbreviation=endpoint.abbreviation, kind=endpoint.kind, event=endpoint.event)


def _score(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
           own: bool) -> tuple[float, list[_Weight]]:
    """Return intercept and weights of the stored score: a signature's ``own``, or their part of the predictor."""
    intercept, weights = 0.0, []
    for signature in (signatures[name] for name in spec.signatures):
        if spec.enter == "score" and signature.id not in fitted.coefficients:
            continue
        whole = 1.0 if own else fitted.coefficients.get(signature.id, 0.0)
        if spec.enter == "score":
            intercept += signature.intercept * whole
        for term in signature.terms:
            weight = term.coefficient * whole
            if spec.enter != "score":
                column = recipe.column_of(recipe.signature(signature.id), term.feature)
                weight = fitted.coefficients.get(f"{signature.id}/{column}", 0.0)
            if weight:
                weights.append(_Weight(feature=term.feature, input=term.input, weight=weight, mean=term.mean,
                                       sd=term.sd))
    return intercept, _merged(weights)


def _merged(weights: Sequence[_Weight]) -> list[_Weight]:
    """Return the weights, those of the same feature, scaled alike, added up."""
    merged: dict[tuple[object, ...], _Weight] = {}
    for item in weights:
        key = (item.input, item.feature, item.mean, item.sd)
        merged[key] = replace(item, weight=item.weight + (merged[key].weight if key in merged else 0.0))
    return list(merged.values())


def _raw(intercept: float, weights: Sequence[_Weight]) -> tuple[float, list[_Weight]]:
    """Return the same score written out for raw values, which needs no scaling beside the model."""
    raw = []
    for item in weights:
        if item.mean is not None and item.sd is not None:
            intercept -= item.weight * item.mean / item.sd
            item = replace(item, weight=item.weight / item.sd, mean=None, sd=None)
        raw.append(item)
    return intercept, _merged(raw)


def _signature_name(spec: ModelSpec, signatures: Mapping[str, SignatureResult], own: bool) -> str:
    titles = [signatures[name].title for name in spec.signatures]
    if not titles:
        return "none"
    return titles[0] if own else f"{' + '.join(titles)}, weighted as in the model"


def _coefficients(spec: ModelSpec, fitted: Fitted, covariates: Sequence[ModelTerm], own: bool,
                  scored: bool) -> dict[str, Coefficient]:
    """Return the coefficients of score and covariates; a model without signature has none of a score."""
    coefficients: dict[str, Coefficient] = {}
    if scored:
        coefficients[SCORE] = float(fitted.coefficients.get(spec.signatures[0], 1.0) if own else 1.0)
    for term in covariates:
        if term.is_categorical:
            columns = zip(term.levels, term.columns, strict=True)
            coefficients[term.name] = {term.reference: 0.0,
                                       **{level: fitted.coefficients[column] for level, column in columns}}
        else:
            coefficients[term.name] = fitted.coefficients[term.columns[0]]
    return coefficients


def _covariate(covariate: Covariate, term: ModelTerm) -> Covariate:
    """Return a covariate as stored; a categorical one with the levels that were learned."""
    if not covariate.is_categorical:
        return covariate
    return replace(covariate, levels=tuple(level for level in covariate.levels
                                           if level.label in (term.reference, *term.levels)))


def _scaling(model: Model, weights: Sequence[_Weight]) -> Scaling:
    """Return means and SDs of the features; name, origin and engine belong to the file."""
    moments = {key: (float(item.mean or 0.0), float(item.sd or 1.0))
               for key, item in zip(model.term_keys, weights, strict=True)}
    protocol = model.image_protocol()
    return Scaling(name="", model=model.id, cases=0, origin="", licence="", demonstration=False,
                   protocol_id=protocol.id, protocol_hash=protocol.hash, engine="", engine_version="",
                   means={key: mean for key, (mean, _) in moments.items()},
                   sds={key: sd for key, (_, sd) in moments.items()})


def covariate_values(model: Model, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return those of the covariates' ``values`` (n,) that the model uses."""
    return {item.name: values[item.name] for item in model.covariates_used()}
