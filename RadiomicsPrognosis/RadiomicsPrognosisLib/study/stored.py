"""Validate a stored model on new data: score a table's rows with it and measure what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from ..errors import CohortError, ModelMismatch
from ..models.model import LINEAR_PREDICTOR, SCORE, LinearPredictor, Model
from ..models.scaling import Scaling, check_scaling
from ..prediction import software_versions
from .characteristics import characteristics
from .data import (
    COHORT,
    check_protocol,
    cohort_labels,
    numeric_columns,
    patients_of,
    read_covariate,
    read_endpoint,
    require_columns,
    summaries,
    usable_rows,
)
from .endpoints import summarise_endpoint
from .fitting import survival
from .outcome import CutoffSearch, ValidationOutcome
from .recipe import Endpoint, ValidationSpec
from .validation import Predictions, Setting, measure_cohort

#: Columns of a validation cohort unless named otherwise.
TIME, EVENT, OUTCOME = "time", "event", "outcome"

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


def score_table(model: Model, table: pd.DataFrame, scaling: Scaling | None) -> np.ndarray:
    """Return the model's score (n,) of every row of a feature table; NaN where a feature is missing.

    Raises CohortError for columns that are absent, ModelMismatch for a missing or unfit scaling or another protocol.
    """
    keys = [model.term_key(term) for term in model.signature.terms]
    require_columns(table, keys)
    if model.features_from == "image":
        check_protocol(table, model.protocol, f"model '{model.id}'")
    x = numeric_columns(table, keys)
    if model.needs_scaling:
        if scaling is None:
            raise ModelMismatch(f"Model '{model.id}' needs the means and SDs of its features: give --scaling.")
        check_scaling(scaling, model)
        if "engine" in table and set(table["engine"].astype(str)) != {scaling.engine}:
            raise ModelMismatch(f"Scaling '{scaling.name}' was made with the engine {scaling.engine}, these features "
                                f"with {', '.join(sorted(set(table['engine'].astype(str))))}.")
        x = (x - [scaling.means[key] for key in keys]) / [scaling.sds[key] for key in keys]
    return model.signature.intercept + (x * [term.coefficient for term in model.signature.terms]).sum(axis=1)


def linear_predictor(predictor: LinearPredictor, score: np.ndarray,
                     covariates: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the linear predictor (n,); NaN where the score or a covariate is missing."""
    total = predictor.intercept + np.zeros(len(score))
    for name, coefficient in predictor.coefficients.items():
        if name == SCORE:
            total += coefficient * score
        elif isinstance(coefficient, dict):
            total += [np.nan if value is None else coefficient[value] for value in covariates[name]]
        else:
            total += coefficient * covariates[name].astype(float)
    return total


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
    used = [item for item in model.covariates if predictor and item.name in predictor.predictor.coefficients]
    require_columns(table, [*endpoint.columns, *(item.name for item in used)])
    described = [item for item in model.covariates if item.name in table]
    seen = read_endpoint(table, endpoint)
    covariates = {item.name: read_covariate(table, item) for item in described}
    score = score_table(model, table, scaling)
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
    measured = [measure_cohort(setting, Predictions(split, lp, _predictor(model)), item) for item in cohorts]
    if not any(measured):
        raise CohortError("No row has endpoint, features and covariates; nothing can be validated.")
    return ValidationOutcome(
        model={"id": model.id, "version": model.version, "title": model.title, "hash": model.hash,
               "scaling": scaling.name if scaling else None},
        data={**(source or {}), "rows": len(table)}, software=software_versions(),
        endpoint=summarise_endpoint(endpoint, seen, cohort, names), cutoff=cutoff, cohorts=cohorts,
        characteristics=characteristics(described, covariates, cohort, names),
        performance=tuple(item for item in measured if item is not None), findings=tuple(findings))


def _cutoff(model: Model) -> CutoffSearch | None:
    if model.cutoff is None:
        return None
    found = model.cutoff
    return CutoffSearch("fixed", found.on, found.value, found.inclusive, found.labels, found.worse, None,
                        f"That of the stored model ({model.provenance['cutoff']}).", np.zeros(0), np.zeros(0))


def _predictor(model: Model) -> Callable[[np.ndarray, Sequence[float]], np.ndarray] | None:
    """Return how the model turns linear predictors into survival or probability, None when it does not."""
    if model.survival:
        part = model.survival
        return lambda lp, times: survival(part.baseline_hazard(np.asarray(times, float)), lp)
    return (lambda lp, times: expit(lp)) if model.probability else None
