"""Score every row of a cohort with one model, from images and contours or from features already extracted."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from ..errors import ModelMismatch
from ..features.engine import same_values
from ..models.model import Model
from ..models.patient_rule import ANY_POSITIVE
from ..models.predict import RowPredictions, predict_rows
from ..models.scaling import Scaling, check_scaling
from ..prediction.columns import row_columns
from ..progress import Progress, step
from .columns import COHORT, check_bounds, check_protocol, numeric_columns, read_covariate, require_columns, usable_rows
from .image_rows import Scored, ScoredRow, score_rows, scores_table
from .inputs import Inputs, join_images, join_inputs
from .patients import PatientColumns, one_row_per_patient


def score_cohort(cohort: pd.DataFrame, model: Model, scaling: Scaling | None = None, scored: Scored | None = None,
                 progress: Progress | None = None, jobs: int = 1, engine: str = "") -> pd.DataFrame:
    """Return ``cohort`` with score, group, distance, probability, survival_<months>m, withheld, warnings, error.

    Columns named like the model's covariates are used as such; an empty cell is a missing covariate. A row that cannot
    be scored, or whose ``scored`` raises InputError, carries the reason in ``error``. ``progress`` is called after each
    row, its text led by the rows done and their number; ``jobs`` processes work (-1: all cores). ``engine`` names what
    computes the features, empty the preferred engine. Rows of several inputs are joined to
    one per VOI. Raises EngineUnavailable, CohortError when no row at all could be scored.
    """
    done = 0

    def tell(row: ScoredRow) -> None:
        nonlocal done
        done += 1
        step(progress, done, len(cohort), f"[{done}/{len(cohort)}] {row.case}: {row.error or 'done'}")

    cohort = join_images(cohort, model, gaps=True)
    return scores_table(cohort, score_rows(cohort, model, scaling, scored, jobs, tell, engine=engine))


def score_features(model: Model, table: pd.DataFrame, scaling: Scaling | None = None) -> pd.DataFrame:
    """Return the rows of a table of features with score, group, distance, probability, survival_<months>m, withheld.

    Where the model tells how sure it is, bounds stand in probability_lower and _upper, survival_<months>m_lower and
    _upper.

    Covariates are the columns named like the model's; an empty cell or an absent column is a missing covariate. What
    cannot be computed is empty, and ``withheld`` says why. Rows of several inputs are joined to one per VOI, and VOIs
    to one row per patient where the model is made so. Raises CohortError, CovariateError or ModelMismatch.
    """
    return scored_features(model, table, scaling)[0]


def scored_features(model: Model, table: pd.DataFrame,
                    scaling: Scaling | None = None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return what :func:`score_features` does, and sentences about the rows that were joined or left out."""
    table, joined = join_inputs(table, Inputs.of_model(model))
    table, left_out = usable_rows(table, model.patients is not None)
    table, _, of_patients = patient_table(model, table, scaling, {COHORT})
    columns = row_columns(predict_table(model, table, scaling), scaling)
    scored = table.drop(columns=[name for name in columns if name in table]).assign(**columns)
    return scored, (*joined, *left_out, *of_patients)


def patient_table(model: Model, table: pd.DataFrame, scaling: Scaling | None, alike: Collection[str] = (),
                  outcomes: Collection[str] = ()) -> tuple[pd.DataFrame, np.ndarray | None, tuple[str, ...]]:
    """Return a table of features with one row per patient, how many VOIs (n,) are behind each, and what was joined in
    words: by the rule that ``model`` was made by; the table itself where it has none.

    A patient's rows must agree on the columns ``alike``, and on ``outcomes`` of 0 and 1 unless the rule takes any
    positive. Raises CohortError where they do not, and as predict_table does.
    """
    if model.patients is None:
        return table, None, ()
    require_columns(table, model.term_keys)
    scores = predict_table(model, table, scaling).score if model.patients.rule == ANY_POSITIVE else None
    joined = one_row_per_patient(table, model.patients, PatientColumns(
        features=model.term_keys, alike=alike, covariates={item.name for item in model.covariates_used()} - {*outcomes},
        outcomes=outcomes), scores)
    return joined.table, joined.vois, joined.findings


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
    if not all(same_values(scaling.engine, engine) for engine in engines):
        raise ModelMismatch(f"Scaling '{scaling.name}' was made with the engine {scaling.engine}, these features with "
                            f"{', '.join(sorted(engines))}.")
