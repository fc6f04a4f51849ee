"""Score every row of a cohort with one model, from images and contours or from features already extracted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ..errors import CohortError, InputError, ModelMismatch
from ..models.model import Model
from ..models.predict import RowPredictions, predict_rows
from ..models.scaling import Scaling, check_scaling
from ..prediction import Prediction, score_vois
from ..prediction.columns import result_columns, row_columns
from ..progress import Progress, step
from ..voi import Voi, make_voi, read_acquired, read_mask
from .columns import check_bounds, check_protocol, numeric_columns, read_covariate, require_columns, usable_rows
from .mistakes import repeated_files
from .table import label_of, series_of

#: Called after each row that was scored, with its number, the prediction and its VOIs by input name.
Scored = Callable[[int, Prediction, dict[str, Voi]], None]


def score_cohort(cohort: pd.DataFrame, model: Model, scaling: Scaling | None = None, scored: Scored | None = None,
                 progress: Progress | None = None) -> pd.DataFrame:
    """Return ``cohort`` with score, group, distance, probability, survival_<months>m, withheld, warnings, error.

    Columns named like the model's covariates are used as such; an empty cell is a missing covariate. A row that cannot
    be scored, or whose ``scored`` raises InputError, carries the reason in ``error``. ``progress`` is called after each
    row, its text led by the rows done and their number. Raises ModelMismatch for a model that reads several volumes,
    CohortError when no row at all could be scored.
    """
    if len(model.inputs) != 1:
        raise ModelMismatch(f"Model '{model.id}' reads {len(model.inputs)} volumes; score its cases one by one with "
                            "--image and --input.")
    rows = []
    repeated = repeated_files(cohort)
    for number, row in enumerate(cohort.to_dict("records")):
        columns: dict[str, Any] = {}
        error = None
        try:
            prediction, vois = _score_row(row, model, scaling)
            prediction = replace(prediction, warnings=(*repeated[number], *prediction.warnings))
            columns = result_columns(prediction)
            if scored:
                scored(number, prediction, vois)
        except InputError as problem:
            error = str(problem)
        rows.append({**columns, "error": error})
        done, of = number + 1, len(cohort)
        step(progress, done, of, f"[{done}/{of}] {row['case']}: {error or 'done'}")
    result = pd.DataFrame(rows, index=cohort.index)
    if "score" not in result:
        raise CohortError(f"None of the {len(result)} rows could be scored; the first says: {result['error'].iloc[0]}")
    order = [name for name in result if name != "error"] + ["error"]
    return pd.concat([cohort.drop(columns=[name for name in order if name in cohort]), result[order]], axis=1)


def _score_row(row: Mapping[Hashable, Any], model: Model, scaling: Scaling | None) -> tuple[Prediction, dict[str, Voi]]:
    mask, name = read_mask(row["mask"], label_of(row))
    vois = {model.inputs[0].name: make_voi(read_acquired(row["image"], series_of(row)), mask, model.image_protocol(),
                                          name)}
    covariates = {item.name: row[item.name] for item in model.covariates
                  if item.name in row and not pd.isna(row[item.name])}
    return score_vois(vois, model, scaling, covariates), vois


def score_features(model: Model, table: pd.DataFrame, scaling: Scaling | None = None) -> pd.DataFrame:
    """Return the rows of a table of features with score, group, distance, probability, survival_<months>m, withheld.

    Covariates are the columns named like the model's; an empty cell or an absent column is a missing covariate. What
    cannot be computed is empty, and ``withheld`` says why. Raises CohortError, CovariateError or ModelMismatch.
    """
    table, _ = usable_rows(table)
    columns = row_columns(predict_table(model, table, scaling), scaling)
    return table.drop(columns=[name for name in columns if name in table]).assign(**columns)


def predict_table(model: Model, table: pd.DataFrame, scaling: Scaling | None) -> RowPredictions:
    """Return what the model says of every row of a table of features.

    Raises CohortError for features that are absent or no numbers, CovariateError, and ModelMismatch for a missing or
    unfit scaling or another protocol.
    """
    require_columns(table, model.term_keys)
    values = numeric_columns(table, model.term_keys)
    if model.protocol is not None:
        check_protocol(table, model.protocol, f"model '{model.id}'")
        if "voi_hash" in table:  # as 'extract' writes it; features from elsewhere are taken on trust, which is said
            check_bounds(table, model.term_keys)
    if model.needs_scaling:
        _check_scaling(model, table, scaling)
    covariates = {item.name: read_covariate(table, item) for item in model.covariates_used() if item.name in table}
    return predict_rows(model, values, covariates, scaling)


def _check_scaling(model: Model, table: pd.DataFrame, scaling: Scaling | None) -> None:
    if scaling is None:
        raise ModelMismatch(f"Model '{model.id}' needs the means and SDs of its features: give --scaling.")
    check_scaling(scaling, model)
    engines = set(table["engine"].astype(str)) if "engine" in table else {scaling.engine}
    if engines != {scaling.engine}:
        raise ModelMismatch(f"Scaling '{scaling.name}' was made with the engine {scaling.engine}, these features with "
                            f"{', '.join(sorted(engines))}.")
