"""A prediction as columns of a table, those of its features and those of its result, and as the line that names it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..models.cutoff import Cutoff
from ..models.predict import RowPredictions
from ..models.scaling import Scaling
from ..statistics.arrays import Floats
from .intervals import row_intervals
from .position import RowPositions, positions_of
from .record import GROUP, SCORE, Prediction, SurvivalPrediction

#: Columns of a table of features, one row per term of the signature; those of ``SCALING_COLUMNS`` need a scaling.
FEATURE_COLUMNS = ("feature", "input", "value", "unit", "mean", "sd", "z", "coefficient", "contribution")
SCALING_COLUMNS = ("mean", "sd", "z")
TEXT_COLUMNS = ("signature", "feature", "input", "unit")

#: Column of the group as which a signature enters the prediction, of a model whose signature does.
ENTERED_GROUP = "entered_group"

#: Columns that name what computed the features, as a table of features has them.
ENGINE_COLUMNS = ("engine", "engine_version")

#: Columns of a result that tell where it lies among the model's patients: the score that is withheld for it, the
#: verdict, the distance from the nearest group, the share of patients below, the distance of all features together.
POSITION_COLUMNS = ("withheld_score", "position", "distance_sd", "percentile", "joint_distance")


def feature_columns(prediction: Prediction) -> tuple[str, ...]:
    """Return the columns of a prediction's table of features, led by the signature where there are several."""
    several = any(item.signature for item in prediction.contributions)
    return ("signature", *FEATURE_COLUMNS) if several else FEATURE_COLUMNS


def survival_column(months: float) -> str:
    """Return the name of the column that holds the survival at ``months``."""
    return f"survival_{months:g}m"


def score_column(signature: str) -> str:
    """Return the name of the column that holds the score of one of several signatures, by its id."""
    return f"score_{signature}"


def interval_columns(column: str) -> tuple[str, str]:
    """Return the names of the columns that hold the interval of what stands in ``column``."""
    return f"{column}_lower", f"{column}_upper"


def result_columns(prediction: Prediction) -> dict[str, Any]:
    """Return one case's result by column; None where it is withheld."""
    survival, position = prediction.survival, prediction.position
    kept = next((item.value for item in prediction.withheld if item.component == SCORE), None)
    place = (position.verdict, position.distance_sd, position.percentile,
             position.joint.distance if position.joint else None) if position else (None,) * 4
    return {
        "score": prediction.score,
        **({score_column(item.id): item.score for item in prediction.scores} if len(prediction.scores) > 1 else {}),
        **{ENTERED_GROUP: item.group for item in prediction.scores if item.group},
        "group": prediction.group.label if prediction.group else None,
        "distance": prediction.distance,
        "probability": prediction.probability,
        **(dict(zip(interval_columns("probability"), prediction.probability_interval, strict=True))
           if prediction.probability_interval else {}),
        **({survival_column(months): share for months, share in survival.by_horizon()} if survival else {}),
        **(_horizon_intervals(survival) if survival else {}),
        **dict(zip(POSITION_COLUMNS, (kept, *place), strict=True)),
        "questioned": "; ".join(prediction.questioned),
        "withheld": "; ".join(f"{item.component}: {item.reason}" for item in prediction.withheld),
        "warnings": "; ".join(item.code for item in prediction.warnings),
        **dict(zip(ENGINE_COLUMNS, engine_values(prediction), strict=True)),
    }


def engine_values(prediction: Prediction) -> tuple[str, str]:
    """Return what stands in the columns of :data:`ENGINE_COLUMNS`; empty where no feature was computed."""
    engine = prediction.engine
    return ("", "") if engine is None else (engine.name, engine.version)


def _horizon_intervals(survival: SurvivalPrediction) -> dict[str, float]:
    """Return the bounds of the survival at the horizons, by column; none where there are no intervals."""
    bounds = zip(survival.horizons_months, survival.horizon_intervals, strict=False)
    return {name: bound for months, interval in bounds
            for name, bound in zip(interval_columns(survival_column(months)), interval, strict=True)}


def row_columns(rows: RowPredictions, scaling: Scaling | None = None) -> dict[str, Any]:
    """Return the result of n rows by column, each (n,); NaN or None where it is withheld, with the reason.

    ``scaling`` is the one that the rows were predicted with, None of a model without; its finite number of cases widens
    the intervals.
    """
    positions = positions_of(rows, scaling)
    if positions is None:
        return {**outcome_columns(rows), **_interval_columns(rows, scaling), **dict.fromkeys(POSITION_COLUMNS),
                "questioned": "", "withheld": missing_of(rows)}
    far = positions.withheld
    return {
        **outcome_columns(rows.without(far)),
        **_interval_columns(rows.without(far), scaling),
        **dict(zip(POSITION_COLUMNS, (np.where(far, rows.score, np.nan), list(positions.verdicts),
                                      positions.distance_sd, positions.percentile, positions.joint), strict=True)),
        "questioned": _questioned(rows, positions),
        "withheld": [f"{SCORE}: {positions.why_withheld(number)}" if far[number] else missing
                     for number, missing in enumerate(missing_of(rows))],
    }


def _interval_columns(rows: RowPredictions, scaling: Scaling | None) -> dict[str, Floats]:
    """Return the bounds of n rows' outcomes by column, each (n,); none of a model that does not tell how sure it is."""
    months = rows.model.horizons_months
    bounds = row_intervals(rows, scaling, months) if rows.model.predictor else None
    names = [survival_column(month) for month in months] or ["probability"]
    return {} if bounds is None else {
        name: bounds[:, number, side] for number, column in enumerate(names)
        for side, name in enumerate(interval_columns(column))}


def missing_of(rows: RowPredictions) -> list[str]:
    """Return why n rows have no result, empty where they have one."""
    scored = np.isfinite(rows.score) | rows.model.is_clinical
    return ["a feature is missing" if not complete else "a covariate is missing"
            if rows.model.predictor is not None and not known else ""
            for complete, known in zip(scored, rows.has_outcome, strict=True)]


def _questioned(rows: RowPredictions, positions: RowPositions) -> list[str]:
    """Return the components of n rows that a warning speaks against, as a single case's result names them."""
    model, present = rows.model, {}
    if model.cutoff is not None:
        present[GROUP] = np.isfinite(rows.split_by)
    if model.predictor is not None:
        present[model.predictor.name] = rows.has_outcome
    return ["; ".join(name for name, known in present.items() if known[number]) if doubtful else ""
            for number, doubtful in enumerate(positions.questioned)]


def outcome_columns(rows: RowPredictions) -> dict[str, Any]:
    """Return score, group, distance and outcome of n rows by column, each (n,); NaN or None where there is none.

    Nothing is withheld for lying far from the model's patients: for measuring how a score repeats, not for a patient.
    """
    model, cutoff = rows.model, rows.model.cutoff
    columns: dict[str, Any] = {"score": rows.score, **_signature_columns(rows), "group": None, "distance": np.nan}
    if cutoff is not None:
        columns["group"] = _labels(cutoff, rows.split_by)
        columns["distance"] = rows.split_by - cutoff.value
    outcome = rows.outcome(model.horizons_months)
    if model.probability:
        columns["probability"] = outcome
    elif model.survival and outcome is not None:
        columns |= {survival_column(months): share
                    for months, share in zip(model.horizons_months, outcome.T, strict=True)}
    return columns


def _signature_columns(rows: RowPredictions) -> dict[str, Any]:
    """Return, each (n,), the single scores of a model with several signatures, and the group that a score enters as."""
    columns: dict[str, Any] = {score_column(item.id): column for item, column in
                               zip(rows.model.scores, rows.scores.T, strict=True) if len(rows.model.scores) > 1}
    return columns | {ENTERED_GROUP: _labels(item.cutoff, rows.score) for item in rows.model.scores
                      if item.cutoff is not None}


def _labels(cutoff: Cutoff, values: Floats) -> list[str | None]:
    """Return the groups of ``values`` (n,), of what the cut-off is on, None of NaN."""
    return [cutoff.labels[bool(above)] if np.isfinite(value) else None
            for above, value in zip(cutoff.is_above(values), values, strict=True)]


def describe(prediction: Prediction) -> str:
    """Return one line that identifies a prediction wherever its numbers are shown apart from it."""
    model, protocol, engine = prediction.model, prediction.protocol, prediction.engine
    named = f"model {model.id} {model.version}"
    if protocol is None or engine is None:
        return f"{named}; clinical factors alone; research use only"
    scaling = f"scaling {prediction.scaling.name}" if prediction.scaling else "raw features"
    score = f"{prediction.score:.4f}" if prediction.score is not None else "withheld"
    return (f"{model.score_name} {score}; {named}; {scaling}; protocol {protocol.id}; features by {engine.name} "
            f"{engine.version}; research use only")
