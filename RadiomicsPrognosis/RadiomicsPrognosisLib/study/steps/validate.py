"""Validate a stored model on new data: score a table's rows with it and measure what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...errors import CohortError
from ...models.groups import training_distributions
from ...models.model import LINEAR_PREDICTOR, SCORE, Model
from ...models.scaling import Scaling
from ...prediction import software_versions
from ..recipe.recipe import Endpoint, ValidationSpec
from ..results.outcome import CutoffSearch, ValidationOutcome
from ..rows.data import (
    COHORT,
    cohort_labels,
    patients_of,
    read_covariate,
    read_endpoint,
    require_columns,
    summaries,
    usable_rows,
)
from .characteristics import characteristics
from .endpoint_summary import summarise_endpoint
from .measure import Predictions, Setting, measure_cohort
from .scoring import covariates_used, linear_predictor, predict_table, score_table

#: Columns of a validation cohort unless named otherwise.
TIME, EVENT, OUTCOME = "time", "event", "outcome"

#: A mean score this many SDs off is remarked on.
_FAR_SD = 2.0

#: The one cohort of a table without a column 'cohort'.
_WHOLE = "validation"


def model_endpoint(model: Model, time: str = TIME, event: str = EVENT, outcome: str = OUTCOME) -> Endpoint:
    """Return the model's endpoint with the table's columns that hold it."""
    about = model.endpoint
    common = {"id": about.abbreviation, "name": about.name, "abbreviation": about.abbreviation, "kind": about.kind,
              "event": about.event}
    if about.kind == "binary":
        # In a stored model the worse side tells whether the outcome that a high probability means is a good one.
        return Endpoint(**common, outcome=outcome, favourable=_favourable(model))
    return Endpoint(**common, time=time, status=event, horizons=model.survival.horizons if model.survival else ())


def _favourable(model: Model) -> bool:
    if model.cutoff is None:
        return False
    slope = model.probability.predictor.coefficients.get(SCORE, 1.0) if model.probability else 1.0
    return (model.cutoff.worse == "above") != (slope > 0)


def validate_model(model: Model, table: pd.DataFrame, scaling: Scaling | None = None,
                   endpoint: Endpoint | None = None, spec: ValidationSpec | None = None,
                   source: Mapping[str, Any] | None = None) -> ValidationOutcome:
    """Return how a stored ``model`` does in each cohort (column 'cohort', or all rows) of the feature ``table``.

    Rows without endpoint, feature or covariate are left out and counted. A model without survival or probability part
    is measured by its score alone. Raises CohortError, CovariateError or ModelMismatch for data that cannot be used.
    """
    endpoint, spec = endpoint or model_endpoint(model), spec or ValidationSpec(3, 3, 0, 5)
    table, findings = usable_rows(table)
    predictor = model.survival or model.probability
    require_columns(table, [*endpoint.columns, *(item.name for item in covariates_used(model))])
    described = [item for item in model.covariates if item.name in table]
    seen = read_endpoint(table, endpoint)
    covariates = {item.name: read_covariate(table, item) for item in described}
    score = score_table(model, table, scaling)
    findings += _doubts(model, table, scaling, score)
    lp = score if predictor is None else linear_predictor(predictor.predictor, score, covariates)
    if predictor is None:
        if model.cutoff is not None and (model.cutoff.worse == "below") != endpoint.favourable:
            lp = -lp
        findings.append("The model has neither survival nor probability: discrimination and groups are of its score, "
                        "and there is no calibration.")
    cohort = cohort_labels(table, COHORT) if COHORT in table else np.full(len(table), _WHOLE)
    names = list(dict.fromkeys(cohort.tolist()))
    cutoff = _cutoff(model)
    split = lp if cutoff is not None and cutoff.scale == LINEAR_PREDICTOR else score
    setting = Setting(endpoint, seen, table["case"].to_numpy(str), cohort, tuple(described), covariates, cutoff, spec)
    cohorts = summaries(cohort, patients_of(table), names, None)
    measured = [measure_cohort(setting, Predictions(split, lp, predict_table(model)), item) for item in cohorts]
    if not any(measured):
        raise CohortError("No row has endpoint, features and covariates; nothing can be validated.")
    return ValidationOutcome(
        model={"id": model.id, "version": model.version, "title": model.title, "hash": model.hash,
               "scaling": f"{scaling.name} ({scaling.cases} cases: {scaling.origin})" if scaling else None},
        data={**(source or {}), "rows": len(table)}, software=software_versions(),
        endpoint=summarise_endpoint(endpoint, seen, cohort, names), cutoff=cutoff, cohorts=cohorts,
        characteristics=characteristics(described, covariates, cohort, names),
        performance=tuple(item for item in measured if item is not None), findings=tuple(findings))


def _doubts(model: Model, table: pd.DataFrame, scaling: Scaling | None, score: np.ndarray) -> list[str]:
    """Return what limits a validation before anything is measured, as sentences."""
    found = []
    if scaling is not None and scaling.demonstration:
        found.append(f"Scaling '{scaling.name}' ({scaling.cases} cases: {scaling.origin}) is a demonstration: scores, "
                     "groups and predictions show how the software works and mean nothing.")
    if model.features_from == "image" and "protocol_hash" not in table:
        found.append(f"The cohort does not say under which protocol its features were made; '{model.protocol}' is "
                     "taken on trust.")
    known, mean = training_distributions(model), float(np.nanmean(score)) if np.isfinite(score).any() else None
    if known and mean is not None:
        far = min(abs(mean - item.mean) / item.sd for item in known)
        if far > _FAR_SD:
            found.append(f"The mean score, {mean:.4g}, is {far:.3g} SDs from that of the cohort the model was made on: "
                         "are features and scaling made alike?")
    return found


def _cutoff(model: Model) -> CutoffSearch | None:
    if model.cutoff is None:
        return None
    found = model.cutoff
    return CutoffSearch("fixed", found.on, found.value, found.inclusive, found.labels, found.worse, None,
                        f"That of the stored model ({model.provenance['cutoff']}).", np.zeros(0), np.zeros(0))
