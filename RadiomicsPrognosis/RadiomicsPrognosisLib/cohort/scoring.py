"""Score every row of a cohort with one model: the same path as a single case, a failing row reported in its row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from ..errors import CohortError, InputError, ModelMismatch
from ..models.model import Model
from ..models.scaling import Scaling
from ..models.store import model_protocol
from ..prediction import Prediction, score_vois
from ..progress import Progress, step
from ..voi import Voi, make_voi, read_image, read_mask
from .table import label_of

#: Called after each row that was scored, with its number, the prediction and its VOIs by input name.
Scored = Callable[[int, Prediction, dict[str, Voi]], None]


def score_cohort(cohort: pd.DataFrame, model: Model, scaling: Scaling | None = None, scored: Scored | None = None,
                 progress: Progress | None = None) -> pd.DataFrame:
    """Return ``cohort`` with score, group, distance, probability, survival_<months>m, withheld, warnings, error.

    Columns named like the model's covariates are used as such; an empty cell is a missing covariate. A row that cannot
    be scored carries its reason in ``error``. ``progress(share, text)`` is called after each row, its text led by the
    rows done and their number. Raises ModelMismatch for a model that reads several volumes, CohortError when no row at
    all could be scored.
    """
    if len(model.inputs) != 1:
        raise ModelMismatch(f"Model '{model.id}' reads {len(model.inputs)} volumes; score its cases one by one with "
                            "--image and --input.")
    rows = []
    for number, row in enumerate(cohort.to_dict("records")):
        try:
            prediction, vois = _score_row(row, model, scaling)
            rows.append(_columns(prediction))
            if scored:
                scored(number, prediction, vois)
        except InputError as error:
            rows.append({"error": str(error)})
        done, of = number + 1, len(cohort)
        step(progress, done, of, f"[{done}/{of}] {row['case']}: {rows[-1]['error'] or 'done'}")
    result = pd.DataFrame(rows, index=cohort.index)
    if result["error"].notna().all():
        raise CohortError(f"None of the {len(result)} rows could be scored; the first says: {result['error'].iloc[0]}")
    order = [name for name in result if name != "error"] + ["error"]
    return pd.concat([cohort.drop(columns=[name for name in order if name in cohort]), result[order]], axis=1)


def _score_row(row: dict[str, Any], model: Model, scaling: Scaling | None) -> tuple[Prediction, dict[str, Voi]]:
    mask, name = read_mask(row["mask"], label_of(row))
    vois = {model.inputs[0].name: make_voi(read_image(row["image"]), mask, model_protocol(model), name)}
    covariates = {item.name: row[item.name] for item in model.covariates
                  if item.name in row and not pd.isna(row[item.name])}
    return score_vois(vois, model, scaling, covariates), vois


def _columns(prediction: Prediction) -> dict[str, Any]:
    survival = prediction.survival
    times = zip(survival.horizons_months, survival.at_horizons, strict=True) if survival else ()
    return {
        "score": prediction.score,
        "group": prediction.group.label if prediction.group else None,
        "distance": prediction.distance,
        "probability": prediction.probability,
        **{f"survival_{months:g}m": share for months, share in times},
        "withheld": "; ".join(f"{item.part}: {item.reason}" for item in prediction.withheld),
        "warnings": "; ".join(item.code for item in prediction.warnings),
        "error": None,
    }
