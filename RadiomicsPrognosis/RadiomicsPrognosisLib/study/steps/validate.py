"""Validate a stored model on new data: score a table's rows with it and measure what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...characteristics import characteristics
from ...cohort.columns import COHORT, read_covariate, require_columns, taken_on_trust, usable_rows
from ...cohort.inputs import Inputs, join_inputs
from ...cohort.patients import check_disjoint, clustered_sentence, patients_of, whose_rows
from ...cohort.scoring import patient_table, predict_table
from ...errors import CohortError
from ...models.cutoff import LINEAR_PREDICTOR
from ...models.groups import training_distributions
from ...models.model import IMAGE, Model
from ...models.predict import RowPredictions
from ...models.scaling import Scaling
from ...prediction.predict import software_versions
from ..endpoints import KINDS, ScoredRows, StudyEndpoint
from ..recipe.recipe import FIXED, ValidationSpec
from ..results.models import CutoffSearch
from ..results.study import ValidationResult
from ..rows.data import cohort_labels, observe, summaries, summarise_endpoint
from .description import by_outcome, univariable
from .measure import Setting, measure_cohort, measure_whole

#: Columns of a validation cohort unless named otherwise.
TIME, EVENT, OUTCOME = "time", "event", "outcome"

#: A mean score this many SDs off is remarked on.
_FAR_SD = 2.0

#: The one cohort of a table without a column 'cohort'.
_WHOLE = "validation"


def model_endpoint(model: Model, time: str = TIME, event: str = EVENT, outcome: str = OUTCOME) -> StudyEndpoint:
    """Return the model's endpoint with the table's columns that hold it."""
    return KINDS[model.endpoint.kind].of_model(model, time, event, outcome)


def validate_model(model: Model, table: pd.DataFrame, scaling: Scaling | None = None,
                   endpoint: StudyEndpoint | None = None, spec: ValidationSpec | None = None,
                   source: Mapping[str, Any] | None = None) -> ValidationResult:
    """Return how a stored ``model`` does in each cohort (column 'cohort', or all rows) of the feature ``table``.

    Rows without endpoint, feature or covariate are left out and counted. A model without survival or probability is
    measured by its score alone. Raises CohortError, CovariateError or ModelMismatch for data that cannot be used.
    """
    endpoint = endpoint or model_endpoint(model)
    table, vois, findings = _joined(model, table, scaling, endpoint)
    patients = patients_of(table)
    whose = whose_rows(patients, vois)
    observed = observe(table, endpoint, whose)
    described = tuple(item for item in model.covariates if item.name in table)
    covariates = {item.name: read_covariate(table, item) for item in described}
    predictions = predict_table(model, table, scaling)
    findings += _remarks(model, table, scaling, predictions.score)
    if observed.clusters is not None:
        findings.append(clustered_sentence(patients))
    scored, cutoff = _scored(model, predictions, endpoint), _cutoff(model)
    cohort = cohort_labels(table, COHORT) if COHORT in table else np.full(len(table), _WHOLE)
    check_disjoint(patients, cohort)
    names = list(dict.fromkeys(cohort.tolist()))
    setting = Setting(endpoint=endpoint, observed=observed, cases=table["case"].to_numpy(str), cohort=cohort,
                      covariates=described, values=covariates, patients=patients, cutoff=cutoff,
                      spec=spec or ValidationSpec())
    cohorts = summaries(cohort, whose, names, None)
    measured = [measure_cohort(setting, scored, item) for item in cohorts]
    if not any(measured):
        raise CohortError("No row has endpoint, features and covariates; nothing can be validated.")
    return ValidationResult(
        model={"id": model.id, "version": model.version, "title": model.title, "hash": model.hash,
               "scaling": f"{scaling.name} ({scaling.cases} cases: {scaling.origin})" if scaling else None},
        data={**(source or {}), "rows": len(table)}, software=software_versions(),
        endpoint=summarise_endpoint(endpoint, observed, cohort, names), cutoff=cutoff, cohorts=cohorts,
        characteristics=characteristics(described, covariates, cohort, names, "cohort", patients),
        by_outcome=by_outcome([(endpoint, observed)], described, covariates, cohort, names, patients),
        univariable=univariable([(endpoint, observed)], described, covariates, cohort, names),
        performance=tuple(item for item in measured if item is not None),
        whole=measure_whole(setting, scored, cohorts), findings=tuple(findings))


def _joined(model: Model, table: pd.DataFrame, scaling: Scaling | None,
            endpoint: StudyEndpoint) -> tuple[pd.DataFrame, np.ndarray | None, list[str]]:
    """Return the rows that ``model`` scores, how many VOIs are behind each, and what was joined or left out in words.
    """
    table, joined = join_inputs(table, Inputs.of_model(model, endpoint.columns))
    table, left_out = usable_rows(table, model.patients is not None)
    require_columns(table, [*endpoint.columns, *(item.name for item in model.covariates_used())])
    outcomes = {endpoint.columns[-1]} if endpoint.has_classes else set()
    told = {COHORT, *endpoint.columns} - outcomes
    table, vois, of_patients = patient_table(model, table, scaling, told, outcomes)
    return table, vois, [*joined, *left_out, *of_patients]


def _scored(model: Model, predictions: RowPredictions, endpoint: StudyEndpoint) -> ScoredRows:
    """Return the predictions with what ranks the rows: of a model that ends in a score, that score.

    What figures show is the score, or the linear predictor where the cut-off is on that or there is no score.
    """
    ranking = predictions.linear_predictor
    if model.predictor is None:
        lower_is_worse = model.cutoff is not None and model.cutoff.worse_is_above == endpoint.favourable
        ranking = -predictions.score if lower_is_worse else predictions.score
    on_predictor = model.is_clinical or (model.cutoff is not None and model.cutoff.on == LINEAR_PREDICTOR)
    return ScoredRows(replace(predictions, linear_predictor=ranking), ranking if on_predictor else predictions.score)


def _remarks(model: Model, table: pd.DataFrame, scaling: Scaling | None, score: np.ndarray) -> list[str]:
    """Return what limits a validation, as sentences."""
    remarks = []
    if scaling is not None and scaling.demonstration:
        remarks.append(f"Scaling '{scaling.name}' ({scaling.cases} cases: {scaling.origin}) is a demonstration: "
                       "scores, groups and predictions show how the software works and mean nothing.")
    if model.features_from == IMAGE and not model.is_clinical:
        remarks += taken_on_trust(table, model.protocol_name)
    known, mean = training_distributions(model), float(np.nanmean(score)) if np.isfinite(score).any() else None
    if known and mean is not None:
        far = min(abs(mean - item.mean) / item.sd for item in known)
        if far > _FAR_SD:
            remarks.append(f"The mean score, {mean:.4g}, is {far:.3g} SDs from that of the cohort the model was made "
                           "on: are features and scaling made alike?")
    if model.predictor is None:
        remarks.append("The model has neither survival nor probability: discrimination and groups are of its score, "
                       "and there is no calibration.")
    return remarks


def _cutoff(model: Model) -> CutoffSearch | None:
    cutoff = model.cutoff
    if cutoff is None:
        return None
    return CutoffSearch(rule=FIXED, scale=cutoff.on, value=cutoff.value, inclusive=cutoff.inclusive,
                        labels=cutoff.labels, worse=cutoff.worse,
                        text=f"That of the stored model ({model.provenance.cutoff}).")
