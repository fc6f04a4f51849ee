"""Turn a model made by a study into the files that scoring accepts: the model's JSON and its scaling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import CohortError, InputError
from ...features.engine import engines
from ...files import content_hash
from ...models.model import LINEAR_PREDICTOR, SCORE, Covariate, Input, Model
from ...models.reading import SCHEMA, parse_model
from ...models.scaling import MINIMUM_CASES, Scaling
from ...protocol import load_protocol
from ..recipe.recipe import Endpoint, ModelSpec, Recipe
from ..results import outcome
from ..results.performance import ModelCohort, Unavailable
from ..rows.data import StudyData
from ..rows.terms import Term
from ..steps.measure import summarise
from ..steps.modelling import Built
from ..steps.signature import column_of
from .file_names import MODELS, SCALINGS

INTENDED_USE = "Research only: not a medical device, not for decisions about a patient's treatment."

_HERE = "trained here"

#: How far, in SDs, a stored cut-off is moved off the training row that it came from.
_NUDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Export:
    """A model's outcome with its files' names filled in, their contents, and the model as read from its file.

    None where there is no file.
    """

    outcome: outcome.ModelOutcome
    model: dict[str, Any] | None = None
    scaling: dict[str, Any] | None = None
    stored: Model | None = None


@dataclass(frozen=True)
class _Part:
    """A feature's share in the stored score: ``weight`` x value, z-scored where ``mean`` is given."""

    feature: str
    input: str
    weight: float
    mean: float | None
    sd: float | None


def export_model(recipe: Recipe, spec: ModelSpec, built: Built, signatures: Mapping[str, outcome.SignatureOutcome],
                 data: StudyData) -> Export:
    """Return the files of a model; where it cannot be stored, its outcome says why.

    Several signatures, or features entered one by one, become a single stored score: their part of the linear
    predictor.
    """
    if built.fitted is None:
        return Export(built.outcome)
    try:
        model, scaling = _model(recipe, spec, built, signatures, data)
        stored = parse_model(model, f"model '{model['id']}'")
    except InputError as error:
        absent = Unavailable("model file", str(error))
        return Export(replace(built.outcome, unavailable=(*built.outcome.unavailable, absent)))
    names = {"model_file": f"{MODELS}/{model['id']}.json",
             "scaling_file": f"{SCALINGS}/{scaling.name}.json" if scaling else None}
    return Export(replace(built.outcome, **names), model, scaling.to_dict() if scaling else None, stored)


def _model(recipe: Recipe, spec: ModelSpec, built: Built, signatures: Mapping[str, outcome.SignatureOutcome],
           data: StudyData) -> tuple[dict[str, Any], Scaling | None]:
    endpoint = recipe.endpoint(spec.endpoint)
    covariates = [term for term in built.fitted.terms if term.name in data.covariates]
    intercept, coefficient, parts, own = _score(recipe, spec, built, signatures, bool(covariates))
    if not parts:
        raise CohortError("A stored model needs a signature, and none is left in this one.")
    from_image = bool(recipe.protocol)
    # A scaling holds one mean and SD per feature; two signatures may have learned them from different rows.
    distinct = len({(part.input, part.feature) for part in parts}) == len(parts)
    standardised = from_image and distinct and all(part.mean is not None for part in parts)
    if not standardised:
        intercept, parts = _raw(intercept, parts)
    model: dict[str, Any] = {
        "schema": SCHEMA, "id": f"{recipe.id}-{spec.id}", "version": recipe.version,
        "title": f"{recipe.title}: {spec.title}",
        "endpoint": {"name": endpoint.name, "abbreviation": endpoint.abbreviation, "kind": endpoint.kind,
                     "event": endpoint.event},
        "population": recipe.population,
        "source": {"citation": f"Trained here by recipe '{recipe.id}' {recipe.version} on "
                               f"{built.outcome.cohorts[0].n} rows, after: {recipe.citation}",
                   **({"doi": recipe.doi} if recipe.doi else {})},
        "provenance": {"signature": _HERE},
        **({"protocol": recipe.protocol} if from_image else {"features_from": "table"}),
        "inputs": [_input(item) for item in recipe.inputs],
        "signature": {"name": _signature_name(spec, signatures, own), "intercept": float(intercept),
                      "standardised": standardised,
                      "terms": [{"feature": part.feature, "coefficient": float(part.weight),
                                 **({"input": part.input} if len(recipe.inputs) > 1 else {})} for part in parts]},
    }
    _add_cutoff(model, built, own, bool(covariates))
    if covariates:
        model["covariates"] = [_covariate(recipe.covariate(term.name), term) for term in covariates]
    _add_predictor(model, endpoint, built, covariates, coefficient, data)
    model["score_distribution"] = _distributions(built, covariates, coefficient, data, spec.endpoint)
    model["performance"] = [item for cohort in built.outcome.cohorts for item in performance_rows(cohort, spec.title)]
    model["intended_use"] = INTENDED_USE
    # What was learned is part of the name: a scaling must never be taken for that of another cohort's model.
    learned = [model.get(key) for key in ("signature", "cutoff", "survival", "probability")]
    model["id"] += "-" + content_hash([learned, [[part.mean, part.sd] for part in parts]])[:8]
    rows = min(signatures[name].n for name in spec.signatures)
    return model, _scaling(recipe, model["id"], parts, data, rows) if standardised else None


def _input(item: Input) -> dict[str, Any]:
    bounds = {"slice_thickness_mm": item.slice_thickness_mm, "pixel_spacing_mm": item.pixel_spacing_mm}
    return {"name": item.name, "title": item.title, **{key: list(pair) for key, pair in bounds.items() if pair}}


def _score(recipe: Recipe, spec: ModelSpec, built: Built, signatures: Mapping[str, outcome.SignatureOutcome],
           with_covariates: bool) -> tuple[float, float, list[_Part], bool]:
    """Return (intercept, coefficient, parts, own) of the stored score.

    ``own`` tells whether it is a signature's own score with ``coefficient`` in the linear predictor; else it is the
    signatures' part of that predictor, with coefficient 1.
    """
    coefficients = built.fitted.coefficients
    on_lp = spec.cutoff is not None and spec.cutoff.on == LINEAR_PREDICTOR
    own = len(spec.signatures) == 1 and spec.enter == "score" and (with_covariates or not on_lp)
    intercept, parts = 0.0, []
    for made in (signatures[name] for name in spec.signatures):
        whole = coefficients.get(made.id)
        if spec.enter == "score" and whole is None:
            continue
        intercept += made.intercept * ((1.0 if own else whole) if spec.enter == "score" else 0.0)
        for term in made.terms:
            if spec.enter == "score":
                weight = term.coefficient * (1.0 if own else whole)
            else:
                column = column_of(recipe, recipe.signature(made.id), term.feature)
                weight = coefficients.get(f"{made.id}/{column}", 0.0)
            if weight:
                parts.append(_Part(term.feature, term.input, weight, term.mean, term.sd))
    return intercept, coefficients.get(spec.signatures[0], 1.0) if own else 1.0, _merged(parts), own


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    """Return the parts with the weights of the same feature, scaled alike, added up."""
    merged: dict[tuple, _Part] = {}
    for part in parts:
        key = (part.input, part.feature, part.mean, part.sd)
        merged[key] = replace(part, weight=part.weight + (merged[key].weight if key in merged else 0.0))
    return list(merged.values())


def _raw(intercept: float, parts: Sequence[_Part]) -> tuple[float, list[_Part]]:
    """Return the same score written out for raw values, which needs no scaling beside the model."""
    intercept -= sum(part.weight * part.mean / part.sd for part in parts if part.mean is not None)
    return intercept, _merged([part if part.mean is None else replace(part, weight=part.weight / part.sd, mean=None,
                                                                      sd=None) for part in parts])


def _signature_name(spec: ModelSpec, signatures: Mapping[str, outcome.SignatureOutcome], own: bool) -> str:
    titles = [signatures[name].title for name in spec.signatures]
    return titles[0] if own else f"{' + '.join(titles)}, weighted as in the model"


def _add_cutoff(model: dict[str, Any], built: Built, own: bool, with_covariates: bool) -> None:
    cutoff = built.outcome.cutoff
    if cutoff is None:
        return
    # Where the stored score is not a signature's own, the cut-off is on the linear predictor, which without covariates
    # is the stored score and an intercept.
    on = cutoff.scale if own else LINEAR_PREDICTOR if with_covariates else SCORE
    shift = built.fitted.intercept if on == SCORE and not own else 0.0
    value = cutoff.value - shift
    if cutoff.rule != "fixed":
        # It is one of the training rows' own values, from which the stored model's sum may differ in its last bits:
        # moved off that value, the row stays in its group.
        nudge = _NUDGE * built.outcome.cohorts[0].linear_predictor.std()
        value += -nudge if cutoff.inclusive else nudge
    model["cutoff"] = {"value": value, "inclusive": cutoff.inclusive, "on": on,
                       "labels": dict(zip(("below", "above"), cutoff.labels, strict=True)), "worse": cutoff.worse}
    model["provenance"]["cutoff"] = _HERE


def _covariate(covariate: Covariate, term: Term) -> dict[str, Any]:
    """Return a covariate as stored; a categorical one with the levels that were learned."""
    stored: dict[str, Any] = {"name": covariate.name, "title": covariate.title, "kind": covariate.kind}
    levels = covariate.levels
    if covariate.kind == "categorical":
        levels = tuple(item for item in levels if item[0] in (term.reference, *term.levels))
    if levels:
        stored["levels"] = [{"label": label, "value": value} for label, value in levels]
    if covariate.unit:
        stored["unit"] = covariate.unit
    if covariate.range != (None, None):
        stored["range"] = list(covariate.range)
    return stored


def _add_predictor(model: dict[str, Any], endpoint: Endpoint, built: Built, covariates: Sequence[Term],
                   coefficient: float, data: StudyData) -> None:
    fitted = built.fitted
    coefficients: dict[str, Any] = {SCORE: float(coefficient)}
    for term in covariates:
        if term.levels or term.reference:
            coefficients[term.name] = {term.reference: 0.0, **{
                level: fitted.coefficients[column] for level, column in zip(term.levels, term.columns, strict=True)}}
        else:
            coefficients[term.name] = fitted.coefficients[term.columns[0]]
    if not endpoint.is_survival:
        model["probability"] = {"outcome": endpoint.event, "intercept": fitted.intercept, "coefficients": coefficients}
        model["provenance"]["probability"] = _HERE
        return
    seen = data.endpoints[endpoint.id]
    last = float(seen.time[data.training & seen.known].max())
    times, hazards = fitted.baseline.times.tolist(), fitted.baseline.hazard.tolist()
    if last > times[-1]:
        times, hazards = [*times, last], [*hazards, hazards[-1]]
    horizons = [at for at in endpoint.horizons if at <= last]
    if times[0] <= 0:
        raise CohortError("An event at time 0 cannot be stored in a baseline hazard; correct its time.")
    if not horizons:
        raise CohortError(f"No horizon lies within the training cohort's follow-up of {last:g} months.")
    model["survival"] = {"coefficients": coefficients, "baseline_cumulative_hazard": {
        "times_months": times, "values": hazards, "interpolation": "step"}, "horizons_months": horizons}
    model["provenance"]["survival"] = _HERE


def _distributions(built: Built, covariates: Sequence[Term], coefficient: float, data: StudyData,
                   endpoint: str) -> list[dict[str, Any]]:
    """Return mean and SD of the stored score by cohort: of the linear predictor what neither intercept nor covariates
    bring, over its ``coefficient``."""
    fitted, found = built.fitted, []
    lp = built.linear_predictor - fitted.intercept
    for term in covariates:
        lp = lp - term.values @ [fitted.coefficients[name] for name in term.columns]
    score, known = lp / coefficient, data.endpoints[endpoint].known & np.isfinite(built.linear_predictor)
    for item in built.outcome.cohorts:
        part = summarise(score[known & (data.cohort == item.cohort)])
        if part.sd:
            # Scoring knows the training cohort by its name (training_distributions).
            title = item.cohort if item.role != outcome.TRAINING or item.cohort.lower().startswith("training") else \
                f"training ({item.cohort})"
            found.append({"cohort": title, "cases": part.n, "mean": part.mean, "sd": part.sd})
    return found


def performance_rows(cohort: ModelCohort, title: str) -> list[dict[str, Any]]:
    """Return a model's main figures in a cohort as a stored model's performance rows."""
    rows = []

    def add(measure: str, value: float, lower: float | None = None, upper: float | None = None) -> None:
        row = {"measure": f"{measure}, {title}", "cohort": cohort.cohort, "cases": cohort.n, "value": float(value)}
        rows.append(row if lower is None else {**row, "ci95": [float(lower), float(upper)]})

    if cohort.survival:
        part = cohort.survival
        if part.concordance:
            add("C-index", part.concordance.c, part.concordance.lower, part.concordance.upper)
        if part.hazard_ratio and np.isfinite(part.hazard_ratio.upper):
            ratio = part.hazard_ratio
            add(f"Hazard ratio, {ratio.level} vs {ratio.reference}", ratio.ratio, ratio.lower, ratio.upper)
        for item in part.horizons:
            if item.auc:
                add(f"AUC at {item.time:g} months", item.auc.auc, item.auc.lower, item.auc.upper)
    elif cohort.binary and cohort.binary.auc:
        add("AUC", cohort.binary.auc.auc, cohort.binary.auc.lower, cohort.binary.auc.upper)
    return rows


def _scaling(recipe: Recipe, identifier: str, parts: Sequence[_Part], data: StudyData, rows: int) -> Scaling:
    """Return the scaling with the means and SDs of the ``rows`` training rows, as the signature was made with them."""
    training = data.table[data.training]
    if rows < MINIMUM_CASES:
        raise CohortError(f"{rows} training rows; a scaling needs at least {MINIMUM_CASES}.")
    protocol = load_protocol(recipe.protocol)

    def only(column: str, default: str) -> str:
        found = sorted(set(training[column].astype(str))) if column in training else [default]
        if len(found) > 1:
            raise CohortError(f"The training rows mix several values of '{column}' ({', '.join(found)}); extract all "
                              "rows alike.")
        return found[0]

    engine = only("engine", engines()[0].name if engines() else "pyradiomics")
    keys = [part.feature if len(recipe.inputs) == 1 else f"{part.input}:{part.feature}" for part in parts]
    return Scaling(f"{identifier}-training", identifier, rows, f"training cohort of recipe '{recipe.id}'", "",
                   False, protocol.id, protocol.hash, engine, only("engine_version", "unknown"),
                   {key: float(part.mean) for key, part in zip(keys, parts, strict=True)},
                   {key: float(part.sd) for key, part in zip(keys, parts, strict=True)})
