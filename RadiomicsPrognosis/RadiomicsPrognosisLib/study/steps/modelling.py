"""Build each model of a recipe: its terms, fit, cut-off, optimism, and its measures in every cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import InputError
from ...models.model import LINEAR_PREDICTOR
from ...progress import Progress
from ..recipe.recipe import ModelSpec, Recipe
from ..results import outcome
from ..results.performance import Unavailable
from ..rows.data import StudyData
from ..rows.terms import Term, complete_rows, covariate_term
from .cutoffs import find_cutoff
from .fitting import Fitted, fit_model
from .measure import Attempts, Predictions, Setting, measure_cohort
from .optimism import model_optimism
from .signature import column_of, scores_of, values_of


@dataclass(frozen=True, eq=False)
class Built:
    """A model with what its outcome does not hold: the fit, and by row (n,) of the cohort the linear predictor and the
    score the cut-off applies to, NaN where a term is missing."""

    outcome: outcome.ModelOutcome
    fitted: Fitted | None = None
    linear_predictor: np.ndarray | None = None
    score: np.ndarray | None = None


def build_model(recipe: Recipe, spec: ModelSpec, data: StudyData, signatures: Mapping[str, outcome.SignatureOutcome],
                earlier: Mapping[str, Built], seed: int, progress: Progress | None = None) -> Built:
    """Return the model of ``spec``; one that cannot be made is an outcome whose ``reason`` says why."""
    endpoint = recipe.endpoint(spec.endpoint)
    blank = outcome.ModelOutcome(spec.id, spec.title, spec.endpoint, endpoint.kind, spec.signatures, (), (), (), (), (),
                                 (), None, None, None, None, (), None, None, ())
    absent = _absent(spec, signatures, earlier)
    if absent:
        return Built(replace(blank, reason=absent))
    candidates = _candidates(recipe, spec, data, signatures, earlier)
    seen = data.endpoints[spec.endpoint]
    try:
        if spec.fit == "none":
            fitted = Fitted(tuple(candidates), {candidates[0].name: 1.0})
        else:
            fitted = fit_model(seen, candidates, spec.selection, data.training)
    except InputError as error:
        return Built(replace(blank, reason=str(error)))
    lp = fitted.linear_predictor(fitted.terms)
    score, direction = _score(spec, candidates, fitted, lp)
    rows = data.training & seen.known & complete_rows(fitted.terms, len(lp))
    attempts = Attempts()
    cutoff = optimism = None
    if spec.cutoff is not None:
        source = earlier[spec.cutoff.model].outcome.cutoff if spec.cutoff.model else None
        cutoff = attempts.get("cut-off", lambda: find_cutoff(
            spec.cutoff, score[rows], seen.rows(rows), direction, endpoint.favourable, source))
    if recipe.validation.bootstrap and spec.fit != "none":
        optimism = attempts.get("bootstrap optimism", lambda: model_optimism(
            fitted.terms, seen, rows, endpoint.horizons, recipe.validation, seed, progress))
    made = replace(
        blank, covariates=tuple(term.name for term in fitted.terms if term.name in data.covariates),
        univariable=fitted.univariable, multivariable=fitted.multivariable, effects=fitted.effects,
        eligibility=fitted.eligibility, steps=fitted.steps, fit=fitted.fit,
        proportional_hazards=fitted.proportional_hazards, cutoff=cutoff, optimism=optimism,
        selection_rows=fitted.selection_rows,
        unavailable=(*(Unavailable("term", note) for note in fitted.notes), *attempts.unavailable))
    setting = Setting(endpoint, seen, data.cases, data.cohort, recipe.covariates, data.covariates, cutoff,
                      recipe.validation)
    cohorts = [measure_cohort(setting, Predictions(score, lp, fitted.predicted), item) for item in data.cohorts]
    return Built(replace(made, cohorts=tuple(item for item in cohorts if item is not None)), fitted, lp, score)


def _absent(spec: ModelSpec, signatures: Mapping[str, outcome.SignatureOutcome],
            earlier: Mapping[str, Built]) -> str:
    """Return why what the model is made of does not exist, or an empty text."""
    for name in spec.signatures:
        if signatures[name].reason:
            return f"Its signature '{name}' does not exist: {signatures[name].reason}"
    if spec.covariates_of and earlier[spec.covariates_of].fitted is None:
        return (f"Its covariates are those of model '{spec.covariates_of}', which does not exist: "
                f"{earlier[spec.covariates_of].outcome.reason}")
    return ""


def _candidates(recipe: Recipe, spec: ModelSpec, data: StudyData,
                signatures: Mapping[str, outcome.SignatureOutcome], earlier: Mapping[str, Built]) -> list[Term]:
    """Return the candidate terms, the covariates first."""
    names = list(spec.covariates)
    if spec.covariates_of:
        names += [name for name in earlier[spec.covariates_of].outcome.covariates if name not in names]
    terms = [covariate_term(recipe.covariate(name), data.covariates[name], data.training) for name in names]
    for made in (signatures[name] for name in spec.signatures):
        if spec.enter == "score":
            terms.append(Term(made.id, made.title, (made.id,), scores_of(recipe, made, data.table)[:, None]))
        else:
            columns = [column_of(recipe, recipe.signature(made.id), term.feature) for term in made.terms]
            terms += [Term(f"{made.id}/{column}", column, (f"{made.id}/{column}",), values[:, None])
                      for column, values in zip(columns, values_of(recipe, made, data.table).T, strict=True)]
    return terms


def _score(spec: ModelSpec, candidates: Sequence[Term], fitted: Fitted, lp: np.ndarray) -> tuple[np.ndarray, float]:
    """Return what the cut-off applies to, and the sign of its effect on the event (0 when it left the model)."""
    alone = len(spec.signatures) == 1 and spec.enter == "score"
    if not alone or (spec.cutoff is not None and spec.cutoff.on == LINEAR_PREDICTOR):
        return lp, 1.0
    term = next(term for term in candidates if term.name == spec.signatures[0])
    return term.values[:, 0], float(np.sign(fitted.coefficients.get(term.name, 0.0)))
