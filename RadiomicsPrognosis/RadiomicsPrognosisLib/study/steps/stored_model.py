"""Make the stored model of a regression: the form in which a study measures it, and in which it scores new cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...models.covariates import Covariate
from ...models.cutoff import LINEAR_PREDICTOR
from ...models.fitted_uncertainty import rewritten
from ...models.model import IMAGE, TABLE, TRAINED_HERE, Endpoint, Model, Provenance, Source
from ...models.predictors import SCORE, Coefficient
from ...models.scaling import Scaling
from ...models.signature import WeightedFeature
from ...models.uncertainty import INTERCEPT, TERM, CoefficientUncertainty
from ..endpoints import StudyEndpoint
from ..recipe.recipe import ENTER_SCORE, ModelSpec, Recipe
from ..results.signatures import SelectedFeature, SignatureResult, stored_signature
from ..rows.terms import ModelTerm
from .fitting import Fitted

INTENDED_USE = "Research only: not a medical device, not for decisions about a patient's treatment."


@dataclass(frozen=True)
class TrainedModel:
    """A model in its stored form, without cut-off, with the ``scaling`` of its features (None: raw values).

    ``own_score`` tells whether its score is that of the one signature; else it is the signatures' share of the linear
    predictor.
    """

    model: Model
    scaling: Scaling | None
    own_score: bool


def trained_model(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
                  rows: int, last: float) -> TrainedModel:
    """Return the stored form of ``fitted`` on ``rows`` training rows, the longest of them followed ``last`` months.

    Several signatures, or features entered one by one, become a single stored score: their share of the linear
    predictor. A model without signature has a signature without terms, and cannot be written to a file. Raises
    CohortError for a survival model that no regression was fitted for.
    """
    endpoint = recipe.endpoint(spec.endpoint)
    covariates = [term for term in fitted.terms if _is_covariate(recipe, term)]
    on_predictor = spec.cutoff is not None and spec.cutoff.on == LINEAR_PREDICTOR
    own = spec.has_one_score and (bool(covariates) or not on_predictor)
    intercept, terms = _score(recipe, spec, fitted, signatures, own)
    # A scaling holds one mean and SD per feature; two signatures may have learned them from different rows.
    distinct = len({(item.input, item.feature) for item in terms}) == len(terms)
    standardised = bool(recipe.protocol and terms and distinct and all(item.mean is not None for item in terms))
    if not standardised:
        intercept, terms = _raw(intercept, terms)
    model = Model(
        id=f"{recipe.id}-{spec.id}", version=recipe.version, title=f"{recipe.title}: {spec.title}",
        endpoint=_described(endpoint), disease=recipe.disease, population=recipe.population,
        source=Source(f"Trained here by recipe '{recipe.id}' {recipe.version} on {rows} rows, after: "
                      f"{recipe.citation}", recipe.doi),
        provenance=Provenance(signature=TRAINED_HERE),
        features_from=IMAGE if recipe.protocol else TABLE, protocol_name=recipe.protocol_name, protocol=recipe.protocol,
        inputs=recipe.inputs, covariates=tuple(_covariate(recipe.covariate(term.name), term) for term in covariates),
        signature=stored_signature(_signature_name(spec, signatures, own), intercept, terms, standardised),
        intended_use=INTENDED_USE)
    model = endpoint.complete(model, _coefficients(spec, fitted, covariates, own, bool(terms)), fitted.intercept,
                              fitted.baseline, last)
    model = replace(model, uncertainty=_uncertainty(model, recipe, spec, fitted, signatures, own))
    return TrainedModel(model, _scaling(model, terms) if standardised else None, own)


def _uncertainty(model: Model, recipe: Recipe, spec: ModelSpec, fitted: Fitted,
                 signatures: Mapping[str, SignatureResult], own: bool) -> CoefficientUncertainty:
    """Return what the regression leaves uncertain, by the stored coefficients' names.

    A stored score that is not a signature's own is linear in the fitted coefficients: what each column adds to its
    terms is the score of that column alone.
    """
    if fitted.covariance is None:
        return CoefficientUncertainty(reason="No regression was fitted: a score that comes straight from a penalised "
                                             "fit has no standard errors that are valid.")
    unchanged = {column for term in fitted.terms if _is_covariate(recipe, term) for column in term.columns}
    columns = []
    for name in fitted.covariance.names:
        if name in unchanged or name == INTERCEPT or own:
            columns.append({name if name in unchanged or name == INTERCEPT else SCORE: 1.0})
            continue
        intercept, terms = _score(recipe, spec, replace(fitted, coefficients={name: 1.0}), signatures, own)
        intercept, terms = (intercept, terms) if model.needs_scaling else _raw(intercept, terms)
        columns.append({INTERCEPT: intercept, **{
            f"{TERM}{model.term_key(WeightedFeature(feature=item.feature, coefficient=0.0, input=item.input))}":
                item.coefficient for item in terms}})
    names = list(dict.fromkeys(name for column in columns for name, share in column.items() if share))
    shares = np.array([[column.get(name, 0.0) for column in columns] for name in names])
    return CoefficientUncertainty(covariance=rewritten(fitted.covariance, names, shares), left_out=(
        "the selection of features and factors, and the weights of a score, learned from the same cases",))


def _is_covariate(recipe: Recipe, term: ModelTerm) -> bool:
    return any(item.name == term.name for item in recipe.covariates)


def _described(endpoint: StudyEndpoint) -> Endpoint:
    return Endpoint(name=endpoint.name, abbreviation=endpoint.abbreviation, kind=endpoint.kind, event=endpoint.event,
                    time_zero=endpoint.time_zero)


def _score(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
           own: bool) -> tuple[float, list[SelectedFeature]]:
    """Return intercept and terms of the stored score: a signature's ``own``, or the signatures' share of the predictor.
    """
    intercept, terms = 0.0, []
    for signature in (signatures[name] for name in spec.signatures):
        if spec.enter == ENTER_SCORE and signature.id not in fitted.coefficients:
            continue
        whole = 1.0 if own else fitted.coefficients.get(signature.id, 0.0)
        if spec.enter == ENTER_SCORE:
            intercept += signature.intercept * whole
        for term in signature.terms:
            coefficient = term.coefficient * whole
            if spec.enter != ENTER_SCORE:
                column = recipe.column_of(recipe.signature(signature.id), term.feature)
                coefficient = fitted.coefficients.get(f"{signature.id}/{column}", 0.0)
            if coefficient:
                terms.append(replace(term, coefficient=coefficient))
    return intercept, _merged(terms)


def _merged(terms: Sequence[SelectedFeature]) -> list[SelectedFeature]:
    """Return the terms, those of the same feature, scaled alike, added up."""
    merged: dict[SelectedFeature, SelectedFeature] = {}
    for item in terms:
        key = replace(item, coefficient=0.0)
        merged[key] = replace(item, coefficient=item.coefficient + merged.get(key, key).coefficient)
    return list(merged.values())


def _raw(intercept: float, terms: Sequence[SelectedFeature]) -> tuple[float, list[SelectedFeature]]:
    """Return the same score written out for raw values, which needs no scaling beside the model."""
    raw = []
    for item in terms:
        if item.mean is not None and item.sd is not None:
            intercept -= item.coefficient * item.mean / item.sd
            item = replace(item, coefficient=item.coefficient / item.sd, mean=None, sd=None)
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


def _scaling(model: Model, terms: Sequence[SelectedFeature]) -> Scaling:
    """Return means and SDs of the features; name, origin and engine belong to the file."""
    moments = {key: (float(item.mean or 0.0), float(item.sd or 1.0))
               for key, item in zip(model.term_keys, terms, strict=True)}
    protocol = model.image_protocol()
    return Scaling(name="", model=model.id, cases=0, disease=model.disease, origin="", scanners={}, licence="",
                   demonstration=False, protocol_id=protocol.id, protocol_hash=protocol.hash, engine="",
                   engine_version="",
                   means={key: mean for key, (mean, _) in moments.items()},
                   sds={key: sd for key, (_, sd) in moments.items()})
