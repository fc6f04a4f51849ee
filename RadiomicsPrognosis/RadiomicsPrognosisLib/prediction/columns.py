"""A prediction as columns of a table: those of its features, and those of its result."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..models.predict import RowPredictions
from .record import Prediction

#: Columns of a table of features, one row per term of the signature; those of ``SCALING_COLUMNS`` need a scaling.
FEATURE_COLUMNS = ("feature", "input", "value", "unit", "mean", "sd", "z", "coefficient", "contribution")
SCALING_COLUMNS = ("mean", "sd", "z")
TEXT_COLUMNS = ("feature", "input", "unit")


def survival_column(months: float) -> str:
    """Return the name of the column that holds the survival at ``months``."""
    return f"survival_{months:g}m"


def result_columns(prediction: Prediction) -> dict[str, Any]:
    """Return one case's result by column; None where it is withheld."""
    survival = prediction.survival
    return {
        "score": prediction.score,
        "group": prediction.group.label if prediction.group else None,
        "distance": prediction.distance,
        "probability": prediction.probability,
        **({survival_column(months): share for months, share in survival.by_horizon()} if survival else {}),
        "withheld": "; ".join(f"{item.component}: {item.reason}" for item in prediction.withheld),
        "warnings": "; ".join(item.code for item in prediction.warnings),
    }


def row_columns(rows: RowPredictions) -> dict[str, Any]:
    """Return the result of n rows by column, each (n,); NaN or None where it is withheld, with the reason."""
    model, cutoff = rows.model, rows.model.cutoff
    columns: dict[str, Any] = {"score": rows.score, "group": None, "distance": np.nan}
    if cutoff is not None:
        columns["group"] = [cutoff.labels[bool(above)] if np.isfinite(value) else None
                            for above, value in zip(cutoff.is_above(rows.split_by), rows.split_by, strict=True)]
        columns["distance"] = rows.split_by - cutoff.value
    outcome = rows.outcome(model.horizons_months)
    if model.probability:
        columns["probability"] = outcome
    elif model.survival and outcome is not None:
        columns |= {survival_column(months): share
                    for months, share in zip(model.horizons_months, outcome.T, strict=True)}
    columns["withheld"] = ["a feature is missing" if not np.isfinite(score) else "a covariate is missing"
                           if model.predictor is not None and not known else ""
                           for score, known in zip(rows.score, rows.has_outcome, strict=True)]
    return columns
