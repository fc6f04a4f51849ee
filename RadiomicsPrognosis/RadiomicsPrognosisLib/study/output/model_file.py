"""Turn a model made by a study into the files that scoring accepts: the model's JSON and its scaling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import CohortError, InputError
from ...features.engine import engine_names, joint_identity, mixed_column
from ...features.maker import maker_names
from ...files import content_hash
from ...model_page import model_page
from ...models.model import TRAINED_HERE, Model, Performance
from ...models.reference import OutcomeCount, Reference, ScoreDistribution, SignatureDistribution
from ...models.reference_fit import fitted_reference
from ...models.scaling import MINIMUM_CASES, Scaling, parse_scaling, training_scaling_name
from ...models.store import parse_model
from ..endpoints import ScoredRows
from ..recipe.recipe import ModelSpec, Recipe
from ..results.cohorts import TRAINING
from ..results.measures import DISCRIMINATION, EFFECT
from ..results.models import ModelResult
from ..results.performance import ModelCohort, Unavailable
from ..results.signatures import SignatureResult
from ..rows.data import StudyData
from ..steps.measure import summarise
from ..steps.modelling import BuiltModel
from .file_names import MODELS, PAGES, SCALINGS


@dataclass(frozen=True, eq=False)
class StoredModel:
    """A model's result with its files' names filled in, and the ``model``, ``scaling`` and ``page`` that they hold.

    None where there is no file.
    """

    result: ModelResult
    model: Model | None = None
    scaling: Scaling | None = None
    page: str | None = None


def store_model(recipe: Recipe, spec: ModelSpec, built: BuiltModel, signatures: Mapping[str, SignatureResult],
                data: StudyData) -> StoredModel:
    """Return a model as its files hold it; where it cannot be stored, its result says why."""
    if built.trained is None or built.scored is None:
        return StoredModel(built.result)
    try:
        _check_storable(built.trained.model, data, spec)
        model = _completed(built.trained.model, built.result, built.scored, data, spec)
        model = replace(model, id=f"{model.id}-{_learned(model, built.trained.scaling)}")
        scaling = None
        if built.trained.scaling is not None:
            rows = min(signatures[name].n for name in spec.signatures)
            scaling = _named(built.trained.scaling, model, recipe, data, rows)
        model = parse_model(model.to_dict(), f"model '{model.id}'")
        scaling = parse_scaling(scaling.to_dict(), f"scaling '{scaling.name}'") if scaling else None
    except InputError as error:
        absent = Unavailable("model file", str(error))
        return StoredModel(replace(built.result, unavailable=(*built.result.unavailable, absent)))
    result = replace(built.result, model_file=f"{MODELS}/{model.id}.json",
                     scaling_file=f"{SCALINGS}/{scaling.name}.json" if scaling else None)
    try:
        page = model_page(model)
    except InputError as error:
        absent = Unavailable("model page", str(error))
        return StoredModel(replace(result, unavailable=(*result.unavailable, absent)), model, scaling)
    return StoredModel(replace(result, page_file=f"{PAGES}/{model.id}.html"), model, scaling, page)


def _check_storable(model: Model, data: StudyData, spec: ModelSpec) -> None:
    """Raise CohortError for a model that a file cannot hold."""
    if not (model.terms or model.covariates):
        raise CohortError("Neither a signature nor a covariate is left in this model: it would say the same of "
                          "everybody, and is not stored.")
    if model.survival is None:
        return
    baseline = model.survival.baseline_cumulative_hazard
    if baseline.times_months[0] <= 0:
        raise CohortError("An event at time 0 cannot be stored in a baseline hazard; correct its time.")
    if not model.survival.horizons_months:
        last = data.endpoints[spec.endpoint].rows(data.training_rows(spec.endpoint)).longest_follow_up
        raise CohortError(f"No horizon lies within the training cohort's follow-up of {last:g} months.")


def _completed(model: Model, result: ModelResult, scored: ScoredRows, data: StudyData, spec: ModelSpec) -> Model:
    """Return the model with what was measured: the patients it is made from, its performance."""
    known = data.endpoints[spec.endpoint].known & np.isfinite(scored.linear_predictor)
    provenance = replace(model.provenance, cutoff=TRAINED_HERE) if model.cutoff else model.provenance
    return replace(model, provenance=provenance, reference=_reference(model, result, scored, known, data, spec),
                   performance=tuple(row for item in result.cohorts for row in performance_rows(item, spec.title)))


def _reference(model: Model, result: ModelResult, scored: ScoredRows, known: np.ndarray, data: StudyData,
               spec: ModelSpec) -> Reference | None:
    """Return the patients of the rows ``known`` (n,) that a case is set beside; of a model without score the outcomes
    of a binary endpoint alone."""
    training = known & data.training
    observed = data.endpoints[spec.endpoint].rows(training)
    target = observed.target
    months, events = target if isinstance(target, tuple) else (None, target)
    if model.is_clinical:
        outcome = OutcomeCount(cases=len(events), events=int(events.sum())) if months is None else None
        return Reference(outcome=outcome) if outcome is not None else None
    rows = {item.cohort: scored.predictions.rows(known & (data.cohort == item.cohort)) for item in result.cohorts}
    distributions = [_distribution(item, rows[item.cohort].score) for item in result.cohorts]
    reference = fitted_reference([item for item in distributions if item is not None],
                                 scored.predictions.rows(training), events, months, observed.clusters)
    single = [(signature.id, _distribution(item, rows[item.cohort].scores[:, number])) for item in result.cohorts
              for number, signature in enumerate(model.signatures)]
    return replace(reference, signatures=tuple(
        SignatureDistribution(**vars(known_of), signature=name) for name, known_of in single if known_of is not None))


def _distribution(cohort: ModelCohort, score: np.ndarray) -> ScoreDistribution | None:
    """Return mean and SD of the stored score in a cohort, None where it does not vary."""
    summary = summarise(score)
    if not summary.sd:
        return None
    # Scoring knows the training cohort by its name (training_distributions).
    named = cohort.role != TRAINING or cohort.cohort.lower().startswith("training")
    return ScoreDistribution(cohort=cohort.cohort if named else f"training ({cohort.cohort})", cases=summary.n,
                             mean=summary.mean, sd=summary.sd)


def performance_rows(cohort: ModelCohort, title: str) -> list[Performance]:
    """Return a model's main figures in a cohort as a stored model's performance rows."""
    return [Performance(measure=f"{item.title}, {title}", cohort=cohort.cohort, cases=cohort.n, value=item.value,
                        ci95=None if item.lower is None or item.upper is None else (item.lower, item.upper))
            for item in cohort.measures() if item.role in (DISCRIMINATION, EFFECT) and item.value is not None
            and np.isfinite(item.upper if item.upper is not None else 0.0)]


def _learned(model: Model, scaling: Scaling | None) -> str:
    """Return a name for what was learned: a scaling must never be taken for that of another cohort's model."""
    values = model.to_dict()
    learned = [values.get(key) for key in ("signature", "cutoff", "survival", "probability")]
    learned += [values["signatures"]] if model.signatures else []
    moments: list[list[Any]] = [[scaling.means[key], scaling.sds[key]] if scaling else [None, None]
                                for key in model.term_keys]
    return content_hash([learned, moments])[:8]


def _named(scaling: Scaling, model: Model, recipe: Recipe, data: StudyData, rows: int) -> Scaling:
    """Return the scaling of ``rows`` training rows as its file holds it. Raises CohortError for rows made unlike."""
    training = data.table[data.training]
    if rows < MINIMUM_CASES:
        raise CohortError(f"{rows} training rows; a scaling needs at least {MINIMUM_CASES}.")

    preferred = engine_names() if model.protocol is None else maker_names(model.protocol)
    defaults = {"engine": preferred[0], "engine_version": "unknown"}
    columns = [training[name].astype(str) if name in training else [default] * len(training)
               for name, default in defaults.items()]
    makers = set(zip(*columns, strict=True))
    mixed = mixed_column(makers)
    if mixed:
        values = sorted(set(training[mixed].astype(str)))
        raise CohortError(f"The training rows mix several values of '{mixed}' ({', '.join(values)}); extract all "
                          "rows alike.")
    engine, version = joint_identity(makers)
    return replace(scaling, name=training_scaling_name(model.id), model=model.id, cases=rows,
                   origin=f"training cohort of recipe '{recipe.id}'",
                   engine=engine, engine_version=version)
