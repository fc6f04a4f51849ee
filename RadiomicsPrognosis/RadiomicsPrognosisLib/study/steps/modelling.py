"""Build each model of a recipe: its terms, fit, stored form, cut-off, optimism, and its measures in every cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...cohort.columns import numeric_columns
from ...errors import CohortError, InputError
from ...models.cutoff import LINEAR_PREDICTOR, Cutoff
from ...models.predict import RowPredictions, predict_rows
from ...models.predictors import SCORE
from ...models.signature import ENTER_GROUP, ENTER_SCORE
from ...progress import Progress
from ..endpoints import Attempts, Observations, ScoredRows
from ..recipe.recipe import ENTER_FEATURES, ModelSpec, Recipe
from ..results.models import CutoffSearch, ModelResult
from ..results.signatures import SignatureResult
from ..rows.data import StudyData
from ..rows.terms import ModelTerm, complete_rows, covariate_term
from .cutoffs import find_cutoff
from .fitting import Fitted, ImpossibleFitError, fit_model
from .measure import Setting, measure_cohort, measure_whole
from .optimism import model_optimism
from .signature import scores_of, values_of
from .stored_model import TrainedModel, trained_model

#: What an unavailable cut-off is called.
CUTOFF = "cut-off"


@dataclass(frozen=True, eq=False)
class BuiltModel:
    """A model's ``result`` with what it does not hold: the regression, the stored form, and what that says of every row
    of the cohort. None of a model that cannot be made."""

    result: ModelResult
    fitted: Fitted | None = None
    trained: TrainedModel | None = None
    scored: ScoredRows | None = None


def build_model(recipe: Recipe, spec: ModelSpec, data: StudyData, signatures: Mapping[str, SignatureResult],
                earlier: Mapping[str, BuiltModel], seed: int, progress: Progress | None = None) -> BuiltModel:
    """Return the model of ``spec``; one that cannot be made is a result whose ``reason`` says why."""
    endpoint, observed = recipe.endpoint(spec.endpoint), data.endpoints[spec.endpoint]
    blank = ModelResult(id=spec.id, title=spec.title, endpoint=spec.endpoint, kind=endpoint.kind,
                        signatures=spec.signatures)
    absent = _absent(spec, signatures, earlier)
    if absent:
        return BuiltModel(replace(blank, reason=absent))
    try:
        spec, fitted = _fitted(blank, recipe, spec, data, signatures, earlier)
    except InputError as error:
        return BuiltModel(replace(blank, reason=str(error)))
    rows = data.training_rows(spec.endpoint) & complete_rows(fitted.terms, len(data.cases))
    trained, predictions = _stored(recipe, spec, fitted, signatures, data, rows, _group(spec, earlier))
    attempts = Attempts()
    cutoff, stored = _cutoff(recipe, spec, fitted, trained, predictions, observed, rows, earlier, attempts)
    predictions = replace(predictions, model=replace(trained.model, cutoff=stored))
    optimism = None
    if recipe.validation.bootstrap and spec.fit != "none":
        optimism = attempts.get("bootstrap optimism", lambda: model_optimism(
            fitted.terms, observed.rows(rows), rows, endpoint.horizons, recipe.validation, seed, progress))
    shows_score = _shows_score(spec) and trained.own_score
    scored = ScoredRows(predictions, predictions.score if shows_score else predictions.linear_predictor)
    setting = Setting(endpoint=endpoint, observed=observed, cases=data.cases, cohort=data.cohort,
                      covariates=data.described, values=data.covariates, patients=data.patients, cutoff=cutoff,
                      spec=recipe.validation)
    cohorts = [measure_cohort(setting, scored, item) for item in data.cohorts]
    result = replace(
        fitted.result, covariates=tuple(term.name for term in fitted.terms if term.name in data.covariates),
        cutoff=cutoff, optimism=optimism, cohorts=tuple(item for item in cohorts if item is not None),
        whole=measure_whole(setting, scored, data.cohorts),
        unavailable=(*fitted.result.unavailable, *attempts.unavailable))
    return BuiltModel(result, fitted, replace(trained, model=predictions.model), scored)


def _absent(spec: ModelSpec, signatures: Mapping[str, SignatureResult], earlier: Mapping[str, BuiltModel]) -> str:
    """Return why something that the model consists of does not exist, or an empty text."""
    for name in spec.signatures:
        if signatures[name].reason:
            return f"Its signature '{name}' does not exist: {signatures[name].reason}"
    if spec.covariates_of and earlier[spec.covariates_of].fitted is None:
        return (f"Its covariates are those of model '{spec.covariates_of}', which does not exist: "
                f"{earlier[spec.covariates_of].result.reason}")
    if spec.enter == ENTER_GROUP and _group(spec, earlier) is None:
        source = earlier[spec.group_of].result
        reasons = [source.reason, *(item.reason for item in source.unavailable if item.what == CUTOFF)]
        return (f"Its groups are those of model '{spec.group_of}', which has no cut-off: "
                f"{' '.join(filter(None, reasons))}")
    return ""


def _group(spec: ModelSpec, earlier: Mapping[str, BuiltModel]) -> Cutoff | None:
    """Return the cut-off by whose group the signature enters, as the earlier model stored it; None where it does not.
    """
    source = earlier[spec.group_of].trained if spec.enter == ENTER_GROUP else None
    return source.model.cutoff if source is not None else None


def _candidates(recipe: Recipe, spec: ModelSpec, data: StudyData, signatures: Mapping[str, SignatureResult],
                earlier: Mapping[str, BuiltModel]) -> list[ModelTerm]:
    """Return the candidate terms, the covariates first."""
    names = list(spec.covariates)
    if spec.covariates_of:
        names += [name for name in earlier[spec.covariates_of].result.covariates if name not in names]
    terms = [covariate_term(recipe.covariate(name), data.covariates[name], data.training) for name in names]
    for signature in (signatures[name] for name in spec.signatures):
        if spec.enter == ENTER_GROUP:
            terms.append(_group_term(signature, earlier[spec.group_of]))
            continue
        if spec.enter != ENTER_FEATURES:
            terms.append(ModelTerm(name=signature.id, title=signature.title, columns=(signature.id,),
                                   values=scores_of(recipe, signature, data.table)[:, None]))
            continue
        for term, values in zip(signature.terms, values_of(recipe, signature, data.table).T, strict=True):
            column = recipe.column_of(recipe.signature(signature.id), term.feature)
            name = f"{signature.id}/{column}"
            terms.append(ModelTerm(name=name, title=column, columns=(name,), values=values[:, None]))
    return terms


def _group_term(signature: SignatureResult, source: BuiltModel) -> ModelTerm:
    """Return the term of a signature that enters as 0 or 1: the side of the earlier model's cut-off on which that
    model's own score of the row lies, so that no row changes sides by rounding."""
    assert source.scored is not None  # a model with a cut-off has both
    predictions = source.scored.predictions
    cutoff, score = predictions.model.cutoff, predictions.score
    assert cutoff is not None
    values = np.where(np.isfinite(score), cutoff.is_above(score), np.nan)
    return ModelTerm(name=signature.id, columns=(signature.id,), values=values[:, None],
                     title=f"{signature.title}: {cutoff.labels.above} v. {cutoff.labels.below}")


def _fitted(blank: ModelResult, recipe: Recipe, spec: ModelSpec, data: StudyData,
            signatures: Mapping[str, SignatureResult], earlier: Mapping[str, BuiltModel]) -> tuple[ModelSpec, Fitted]:
    """Return the model with the way it was fitted: as ``spec`` asks, or where the rows do not allow that regression as
    the first of ``_stand_ins`` that they do allow, which its note says."""
    observed, reasons = data.endpoints[spec.endpoint], []
    for asked, what in ((spec, ""), *_stand_ins(spec, signatures)):
        candidates = _candidates(recipe, asked, data, signatures, earlier)
        try:
            if asked.fit == "none":
                fitted = _as_scored(blank, observed, candidates[0], data.training)
            else:
                fitted = fit_model(blank, observed, candidates, spec.selection, data.training)
        except ImpossibleFitError as error:
            reasons.append(str(error))
            continue
        return asked, replace(fitted, result=replace(fitted.result, note=f"{' '.join(reasons)} {what}".strip()))
    raise CohortError(" ".join(reasons))


def _stand_ins(spec: ModelSpec, signatures: Mapping[str, SignatureResult]) -> list[tuple[ModelSpec, str]]:
    """Return what may stand in for a regression that the rows do not allow, with what it is in words: signatures that
    enter by their scores, and a lone signature of the same endpoint as it is."""
    ways, scored = [], replace(spec, enter=ENTER_SCORE)
    if spec.enter == ENTER_FEATURES:
        ways.append((scored, "So the signatures enter by their scores instead of feature by feature."))
    lone = len(spec.signatures) == 1 and not spec.covariates and not spec.covariates_of
    alike = lone and signatures[spec.signatures[0]].endpoint == spec.endpoint
    if alike and spec.fit != "none" and spec.enter in (ENTER_SCORE, ENTER_FEATURES):
        ways.append((replace(scored, fit="none"), "So the signature's own coefficients are the model's."))
    return ways


def _as_scored(blank: ModelResult, observed: Observations, term: ModelTerm, training: np.ndarray) -> Fitted:
    """Return the model whose linear predictor is the signature's score, without a regression."""
    rows = training & observed.known & complete_rows([term], len(training))
    return Fitted(result=blank, terms=(term,), coefficients={term.name: 1.0},
                  baseline=observed.rows(rows).baseline(term.values[rows, 0]))


def _stored(recipe: Recipe, spec: ModelSpec, fitted: Fitted, signatures: Mapping[str, SignatureResult],
            data: StudyData, rows: np.ndarray, group: Cutoff | None) -> tuple[TrainedModel, RowPredictions]:
    """Return the model as it is stored, and what it says of every row: all that is measured is measured through it."""
    last = data.endpoints[spec.endpoint].rows(data.training_rows(spec.endpoint)).longest_follow_up
    trained = trained_model(recipe, spec, fitted, signatures, int(rows.sum()), last, group)
    model = trained.model
    covariates = {item.name: data.covariates[item.name] for item in model.covariates_used()}
    return trained, predict_rows(model, numeric_columns(data.table, model.term_keys), covariates, trained.scaling)


def _shows_score(spec: ModelSpec) -> bool:
    """Whether figures show the signature's score: there is one, and the cut-off is not on the linear predictor."""
    on_predictor = spec.cutoff is not None and spec.cutoff.on == LINEAR_PREDICTOR
    return spec.has_one_score and not on_predictor


def _cutoff(recipe: Recipe, spec: ModelSpec, fitted: Fitted, trained: TrainedModel, predictions: RowPredictions,
            observed: Observations, rows: np.ndarray, earlier: Mapping[str, BuiltModel],
            attempts: Attempts) -> tuple[CutoffSearch | None, Cutoff | None]:
    """Return the cut-off as the study reports it and as the stored model has it; None where none is asked for or
    exists.

    It is searched among the stored model's own values of the training rows, so that no row changes sides by rounding.
    Without covariates a stored score that is not a signature's own is the linear predictor less the intercept.
    """
    rule = spec.cutoff
    if rule is None:
        return None, None
    on = rule.on if trained.own_score else LINEAR_PREDICTOR if trained.model.covariates else SCORE
    shift = fitted.intercept if on == SCORE and not trained.own_score else 0.0
    values = predictions.score if on == SCORE else predictions.linear_predictor
    direction = 1.0
    if _shows_score(spec):
        direction = float(np.sign(fitted.coefficients.get(spec.signatures[0], 0.0)))
    source = earlier[rule.model].result.cutoff if rule.model else None
    # A fixed value is one of the score without the shift.
    search = attempts.get(CUTOFF, lambda: find_cutoff(
        replace(rule, value=rule.value - shift), values[rows], observed.rows(rows), direction,
        recipe.endpoint(spec.endpoint).favourable, source))
    if search is None:
        return None, None
    return replace(search, value=search.value + shift, candidates=search.candidates + shift), search.stored(on)
