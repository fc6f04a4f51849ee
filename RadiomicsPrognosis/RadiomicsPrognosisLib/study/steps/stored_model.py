"""Make the stored model of a regression: the form in which a study measures it, and in which it scores new cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...models.covariates import Covariate
from ...models.cutoff import LINEAR_PREDICTOR, Cutoff
from ...models.fitted_uncertainty import rewritten
from ...models.model import IMAGE, TABLE, TRAINED_HERE, Endpoint, Model, Provenance, Source
from ...models.predictors import SCORE, Coefficient
from ...models.scaling import Scaling
from ...models.signature import ENTER_GROUP, Signature, WeightedFeature
from ...models.uncertainty import INTERCEPT, TERM, CoefficientUncertainty
from ..endpoints import StudyEndpoint
from ..recipe.recipe import ENTER_FEATURES, ModelSpec, Recipe
from ..results.signatures import SelectedFeature, SignatureResult, stored_signature
from ..rows.terms import ModelTerm
from .fitting import Fitted

INTENDED_USE = "Research only: not a medical device, not for decisions about a patient's treatment."


@dataclass(frozen=True)
class TrainedModel:
    """A model in its stored form, without cut-off, with the ``scaling`` of its features (None: raw values).

    ``own_score`` tells whether its score is that of the one signature; else it is the signatures' share of the linear
    predictor, or there is none.
    """

    model: Model
    scaling: Scaling | None
    own_score: bool


@dataclass(frozen=True)
class _StoredScore:
    """A signature on its way to the file: the ``terms`` with the moments that they were learned with.

    ``column`` is the regression's coefficient that it has as a whole, empty of one that is a share of the linear
    predictor, whose coefficient is 1; ``group`` is the cut-off by whose group it enters.
    """

    name: str
    intercept: float
    terms: tuple[SelectedFeature, ...]
    column: str = ""
    group: Cutoff | None = None

    def stored(self, identifier: str, standardised: bool) -> Signature:
        """Return the signature as the file holds it."""
        signature = stored_signature(self.name, self.intercept, self.terms, standardised)
        return replace(signature, id=identifier, cutoff=self.group,
                       enter=signature.enter if self.group is None else ENTER_GROUP)


def trained_model(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
                  rows: int, last: float, group: Cutoff | None = None) -> TrainedModel:
    """Return the stored form of ``fitted`` on ``rows`` training rows, the longest of them followed ``last`` months.

    Signatures that the regression gave a coefficient stand in it with their own scores, one that enters as its group
    with the cut-off ``group``. Features entered one by one become a single stored score: their share of the linear
    predictor. A model of which no signature is left has none. Raises CohortError for a survival model that no
    regression was fitted for.
    """
    endpoint = recipe.endpoint(spec.endpoint)
    covariates = [term for term in fitted.terms if _is_covariate(recipe, term)]
    scores = _scores(recipe, spec, fitted, signatures, group, bool(covariates))
    standardised = bool(recipe.protocol) and _share_a_scaling(scores)
    if not standardised:
        scores = [_raw(item) for item in scores]
    several = len(scores) > 1
    stored = tuple(item.stored(item.column if several else SCORE, standardised) for item in scores)
    model = Model(
        id=f"{recipe.id}-{spec.id}", version=recipe.version, title=f"{recipe.title}: {spec.title}",
        endpoint=_described(endpoint), disease=recipe.disease, population=recipe.population,
        source=Source(f"Trained here by recipe '{recipe.id}' {recipe.version} on {rows} rows, after: "
                      f"{recipe.citation}", recipe.doi),
        provenance=Provenance(signature=TRAINED_HERE if stored else ""),
        features_from=IMAGE if recipe.protocol or not stored else TABLE,
        protocol_name=recipe.protocol_name if stored else "", protocol=recipe.protocol if stored else None,
        inputs=recipe.inputs if stored else (), patients=recipe.patients if stored else None,
        covariates=tuple(_covariate(recipe.covariate(term.name), term) for term in covariates),
        signature=None if several or not stored else stored[0], signatures=stored if several else (),
        intended_use=INTENDED_USE)
    model = endpoint.complete(model, _coefficients(fitted, covariates, scores, model), fitted.intercept,
                              fitted.baseline, last)
    model = replace(model, uncertainty=_uncertainty(model, recipe, spec, fitted, signatures, scores))
    return TrainedModel(model, _scaling(model, scores) if standardised else None,
                        len(scores) == 1 and bool(scores[0].column))


def _scores(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
            group: Cutoff | None, beside_covariates: bool) -> list[_StoredScore]:
    """Return the scores of the stored model: those of the signatures that are left, or the features' share of the
    predictor. A single one without covariates, whose cut-off is on the linear predictor, is its share of that."""
    if spec.enter != ENTER_FEATURES:
        own = [_StoredScore(signatures[name].title, signatures[name].intercept, signatures[name].terms, name, group)
               for name in spec.signatures if name in fitted.coefficients]
        on_predictor = spec.cutoff is not None and spec.cutoff.on == LINEAR_PREDICTOR
        if len(own) != 1 or beside_covariates or group is not None or not on_predictor:
            return own
    share = _share(recipe, spec, fitted.coefficients, signatures)
    return [share] if share.terms else []


def _share_a_scaling(scores: Sequence[_StoredScore]) -> bool:
    """Tell whether one scaling, which holds one mean and SD per feature, is that of all scores: two signatures may
    have learned them from different rows."""
    terms = [item for score in scores for item in score.terms]
    moments = {(item.input, item.feature, item.mean, item.sd) for item in terms}
    return bool(terms) and all(item.mean is not None for item in terms) and (
        len(moments) == len({(item.input, item.feature) for item in terms}))


def _uncertainty(model: Model, recipe: Recipe, spec: ModelSpec, fitted: Fitted,
                 signatures: Mapping[str, SignatureResult], scores: Sequence[_StoredScore]) -> CoefficientUncertainty:
    """Return what the regression leaves uncertain, by the stored coefficients' names.

    A stored score that is not a signature's own is linear in the fitted coefficients: what each column adds to its
    terms is the score of that column alone.
    """
    if fitted.covariance is None:
        return CoefficientUncertainty(reason="No regression was fitted: a score that comes straight from a penalised "
                                             "fit has no standard errors that are valid.")
    unchanged = {column: column for term in fitted.terms if _is_covariate(recipe, term) for column in term.columns}
    unchanged[INTERCEPT] = INTERCEPT
    unchanged |= {item.column: item.column if len(scores) > 1 else SCORE for item in scores if item.column}
    columns = []
    for name in fitted.covariance.names:
        if name in unchanged:
            columns.append({unchanged[name]: 1.0})
            continue
        share = _share(recipe, spec, {name: 1.0}, signatures)
        share = share if model.needs_scaling else _raw(share)
        columns.append({INTERCEPT: share.intercept, **{
            f"{TERM}{model.term_key(WeightedFeature(feature=item.feature, coefficient=0.0, input=item.input))}":
                item.coefficient for item in share.terms}})
    names = list(dict.fromkeys(name for column in columns for name, share in column.items() if share))
    shares = np.array([[column.get(name, 0.0) for column in columns] for name in names])
    return CoefficientUncertainty(covariance=rewritten(fitted.covariance, names, shares), left_out=(
        "the selection of features and factors, and the weights of a score, learned from the same cases",))


def _is_covariate(recipe: Recipe, term: ModelTerm) -> bool:
    return any(item.name == term.name for item in recipe.covariates)


def _described(endpoint: StudyEndpoint) -> Endpoint:
    return Endpoint(name=endpoint.name, abbreviation=endpoint.abbreviation, kind=endpoint.kind, event=endpoint.event,
                    time_zero=endpoint.time_zero)


def _share(recipe: Recipe, spec: ModelSpec, coefficients: Mapping[str, float],
           signatures: Mapping[str, SignatureResult]) -> _StoredScore:
    """Return the signatures' share of the linear predictor with ``coefficients`` by the regression's columns."""
    intercept, terms = 0.0, []
    for signature in (signatures[name] for name in spec.signatures):
        whole = coefficients.get(signature.id, 0.0)
        intercept += signature.intercept * whole
        for term in signature.terms:
            coefficient = term.coefficient * whole
            if spec.enter == ENTER_FEATURES:
                column = recipe.column_of(recipe.signature(signature.id), term.feature)
                coefficient = coefficients.get(f"{signature.id}/{column}", 0.0)
            if coefficient:
                terms.append(replace(term, coefficient=coefficient))
    titles = " + ".join(signatures[name].title for name in spec.signatures)
    return _StoredScore(f"{titles}, weighted as in the model", intercept, _merged(terms))


def _merged(terms: Sequence[SelectedFeature]) -> tuple[SelectedFeature, ...]:
    """Return the terms, those of the same feature, scaled alike, added up."""
    merged: dict[SelectedFeature, SelectedFeature] = {}
    for item in terms:
        key = replace(item, coefficient=0.0)
        merged[key] = replace(item, coefficient=item.coefficient + merged.get(key, key).coefficient)
    return tuple(merged.values())


def _raw(score: _StoredScore) -> _StoredScore:
    """Return the same score written out for raw values, which needs no scaling beside the model."""
    raw, intercept = [], score.intercept
    for item in score.terms:
        if item.mean is not None and item.sd is not None:
            intercept -= item.coefficient * item.mean / item.sd
            item = replace(item, coefficient=item.coefficient / item.sd, mean=None, sd=None)
        raw.append(item)
    return replace(score, intercept=intercept, terms=_merged(raw))


def _coefficients(fitted: Fitted, covariates: Sequence[ModelTerm], scores: Sequence[_StoredScore],
                  model: Model) -> dict[str, Coefficient]:
    """Return the coefficients of scores and covariates; a model without signature has none of a score."""
    coefficients: dict[str, Coefficient] = {
        signature.id: float(fitted.coefficients[item.column]) if item.column else 1.0
        for signature, item in zip(model.scores, scores, strict=True)}
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


def _scaling(model: Model, scores: Sequence[_StoredScore]) -> Scaling:
    """Return means and SDs of the features; name, origin and engine belong to the file."""
    terms = (item for score in scores for item in score.terms)
    moments = {key: (float(item.mean or 0.0), float(item.sd or 1.0))
               for key, item in zip(model.term_keys, terms, strict=True)}
    protocol = model.image_protocol()
    return Scaling(name="", model=model.id, cases=0, disease=model.disease, origin="", scanners={}, licence="",
                   demonstration=False, protocol_id=protocol.id, protocol_hash=protocol.hash, engine="",
                   engine_version="",
                   means={key: mean for key, (mean, _) in moments.items()},
                   sds={key: sd for key, (_, sd) in moments.items()})
