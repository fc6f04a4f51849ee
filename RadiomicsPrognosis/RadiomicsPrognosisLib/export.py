"""A prediction's features as a table file."""

from __future__ import annotations

import csv
from pathlib import Path

from .files import whole_file
from .prediction import Prediction
from .prediction.columns import ENGINE_COLUMNS, engine_values, feature_columns


def write_features(path: str | Path, prediction: Prediction) -> Path:
    """Write the signature's features as CSV (UTF-8, decimal point, full precision) and return the path.

    Each row ends with name and version of the engine that computed it.
    """
    path = Path(path)
    with whole_file(path) as f:
        writer = csv.writer(f, lineterminator="\n")
        columns = feature_columns(prediction)
        writer.writerow((*columns, *ENGINE_COLUMNS))
        for item in prediction.contributions:
            values = [getattr(item, column) for column in columns]
            writer.writerow(["" if value is None else value for value in (*values, *engine_values(prediction))])
    return path
