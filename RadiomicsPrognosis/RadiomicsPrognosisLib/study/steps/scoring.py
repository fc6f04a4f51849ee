"""Score the rows of a feature table with a stored model whose features are a table's columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from ...errors import ModelMismatch
from ...models.model import SCORE, Covariate, LinearPredictor, Model
from ...models.scaling import Scaling, check_scaling
from ..rows.data import check_protocol, numeric_columns, read_covariate, require_columns, usable_rows
from .fitting import survival


def score_rows(model: Model, table: pd.DataFrame, scaling: Scaling | None = None) -> pd.DataFrame:
    """Return the rows of ``table`` with score, group, distance, probability, survival_<months>m and withheld.

    Covariates are the columns named like the model's; an empty cell or an absent column is a missing covariate. What
    cannot be computed is empty, and ``withheld`` says why. Raises CohortError, CovariateError or ModelMismatch.
    """
    table, _ = usable_rows(table)
    predictor = model.survival or model.probability
    used = covariates_used(model)
    filled = table.assign(**{item.name: np.nan for item in used if item.name not in table})
    values = {item.name: read_covariate(filled, item) for item in used}
    score = score_table(model, table, scaling)
    lp = np.full(len(table), np.nan) if predictor is None else linear_predictor(predictor.predictor, score, values)
    split = lp if model.cutoff is not model.score_cutoff else score
    made = {"score": score, "group": None, "distance": np.nan}
    if model.cutoff is not None:
        groups = [model.cutoff.labels[bool(model.cutoff.is_above(value))] if np.isfinite(value) else None
                  for value in split]
        made |= {"group": groups, "distance": split - model.cutoff.value}
    if model.probability:
        made["probability"] = expit(lp)
    if model.survival:
        predicted = predict_table(model)(lp, model.survival.horizons)
        made |= {f"survival_{at:g}m": column for at, column in zip(model.survival.horizons, predicted.T, strict=True)}
    made["withheld"] = ["a feature is missing" if not np.isfinite(own) else "a covariate is missing"
                        if predictor is not None and not np.isfinite(value) else ""
                        for own, value in zip(score, lp, strict=True)]
    return table.drop(columns=[name for name in made if name in table]).assign(**made)


def covariates_used(model: Model) -> list[Covariate]:
    """Return the covariates that the model's survival or probability needs."""
    predictor = model.survival or model.probability
    return [item for item in model.covariates if predictor and item.name in predictor.predictor.coefficients]


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


def predict_table(model: Model) -> Callable[[np.ndarray, Sequence[float]], np.ndarray] | None:
    """Return how the model turns linear predictors into survival or probability, None when it does not."""
    if model.survival:
        part = model.survival
        return lambda lp, times: survival(part.baseline_hazard(np.asarray(times, float)), lp)
    return (lambda lp, times: expit(lp)) if model.probability else None
