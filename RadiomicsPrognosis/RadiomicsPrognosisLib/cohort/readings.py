"""Repeated readings of the same cases, a table with one row per case, label, reader and session, as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import CohortError
from .columns import numeric_columns

_KEYS = ["case", "reader", "session"]


def checked_readings(readings: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Return the usable rows with columns ``case`` (with its label where there are several), ``reader``, ``session``
    and ``reading`` ('reader / session').

    Raises CohortError when columns or features are absent, no row is usable, a feature is no number, or a reading
    repeats.
    """
    if "case" not in readings or not {"reader", "session"} & set(readings):
        raise CohortError("The readings need the column 'case' and at least one of 'reader' and 'session'.")
    absent = [name for name in features if name not in readings]
    if absent:
        raise CohortError(f"The readings lack {len(absent)} of {len(features)} features, first '{absent[0]}'; extract "
                          "them under the same protocol as the cohort.")
    table = readings[readings["error"].isna()] if "error" in readings else readings
    if table.empty:
        raise CohortError("The readings have no usable rows.")
    numeric_columns(table, list(features))
    table = table.assign(**{column: table[column].astype(str) if column in table else "1" for column in _KEYS})
    if "label" in table:  # several VOIs of a case
        table = table.assign(case=table["case"] + " / " + table["label"].astype(str))
    repeated = table[table.duplicated(_KEYS)]
    if len(repeated):
        row = repeated.iloc[0]
        raise CohortError(f"The readings hold case {row['case']}, reader {row['reader']}, session {row['session']} "
                          "twice; keep one row of it.")
    return table.assign(reading=table["reader"] + " / " + table["session"])


def readings_of_one_reader(table: pd.DataFrame) -> list[str]:
    """Return the readings of the reader with most sessions, from a table as checked_readings returns it."""
    sessions = _distinct(table).groupby("reader")["reading"].apply(list)
    return max(sessions, key=len)


def readings_of_all_readers(table: pd.DataFrame) -> list[str]:
    """Return every reader's first reading, from a table as checked_readings returns it."""
    return _distinct(table).drop_duplicates("reader")["reading"].tolist()


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    return table[["reader", "session", "reading"]].drop_duplicates().sort_values(["reader", "session"])


def readings_cube(table: pd.DataFrame, readings: Sequence[str], features: Sequence[str], comparison: str) -> np.ndarray:
    """Return ``features`` (features, cases, readings) of the cases that all of ``readings`` hold.

    Raises CohortError, naming the ``comparison``, for fewer than two readings or cases.
    """
    rows = [table[table["reading"] == reading].set_index("case") for reading in readings]
    cases = sorted(set.intersection(*(set(reading.index) for reading in rows)))
    if len(readings) < 2 or len(cases) < 2:
        raise CohortError(f"The {comparison} comparison needs two or more readings of the same two or more cases; "
                          f"found {len(readings)} readings ({', '.join(readings)}) with {len(cases)} cases in common. "
                          "Add them, or take the comparison out of the recipe.")
    return np.stack([reading.loc[cases, list(features)].to_numpy(float).T for reading in rows], axis=2)
