"""A table of repeated readings, one row per case, label, reader and session, checked and brought into one form."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ..cohort.columns import numeric_columns
from ..cohort.inputs import INPUT, input_names
from ..errors import CohortError, ModelMismatch
from ..features.engine import joint_identity, mixed_column
from ..prediction.record import EngineIdentity
from .reading import reading_title
from .study_result import LeftOutRow, MissingReading, ReadingPlan, ReadingSession

CASE, READER, SESSION, LABEL = "case", "reader", "session", "label"
_KEYS = [CASE, READER, SESSION]

#: The column with a reading's name, as :func:`~.reading.reading_title` has it.
READING = "reading"

#: What must be the same of all rows: features made in two ways differ for that reason, too.
_ALIKE = {"protocol_hash": "protocols", "engine": "engines", "engine_version": "versions of the engine"}

#: The columns that say what made a row.
_MAKER = ["engine", "engine_version"]


def by_input(readings: pd.DataFrame) -> pd.DataFrame:
    """Return readings of several inputs with each input of a case as a case of its own ('P01 / venous'), for their
    contours; others as they are."""
    if len(input_names(readings)) < 2:
        return readings
    names = [f"{case} / {name}" for case, name in zip(readings[CASE], readings[INPUT], strict=True)]
    return readings.assign(**{CASE: names}).drop(columns=INPUT)


def checked_readings(readings: pd.DataFrame, features: Sequence[str],
                     session_order: Sequence[str] = ()) -> pd.DataFrame:
    """Return the usable rows with columns ``case`` (with its label where that tells VOIs apart), ``reader``,
    ``session`` and ``reading`` ('reader · session').

    Sessions sort as ``session_order`` has them, others after them, 2 before 10.
    Raises CohortError when columns or features are absent, a key is empty, no row is usable, a feature is no number, or
    a reading repeats.
    """
    if CASE not in readings or not {READER, SESSION} & set(readings):
        raise CohortError("The readings need the column 'case' and at least one of 'reader' and 'session'.")
    absent = [name for name in features if name not in readings]
    if absent:
        raise CohortError(f"The readings lack {len(absent)} of {len(features)} features, first '{absent[0]}'; extract "
                          "them under the same protocol as the cohort.")
    table = readings[~_failed(readings)]
    if table.empty:
        raise CohortError("The readings have no usable rows.")
    numeric_columns(table, list(features))
    table = _with_keys(table, labels_name_drawings(table))
    repeated = table[table.duplicated(_KEYS)]
    if len(repeated):
        row = repeated.iloc[0]
        raise CohortError(f"The readings hold case {row[CASE]}, reader {row[READER]}, session {row[SESSION]} twice; "
                          "keep one row of it.")
    others = sorted(set(table[SESSION]) - set(session_order), key=_by_number)
    if not session_order and others == sorted(others):
        return table
    return table.assign(**{SESSION: pd.Categorical(table[SESSION], [*session_order, *others])})


def _by_number(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return what names sort by, session 2 before session 10: numbers in them count as numbers."""
    pieces = re.findall(r"(\d+)|(\D+)", name)
    return [(int(digits), "") if digits else (-1, text) for digits, text in pieces], name


def _with_keys(table: pd.DataFrame, without_labels: bool) -> pd.DataFrame:
    """Return ``table`` with its keys as texts and the column ``reading``; see :func:`checked_readings`."""
    keys = {column: _texts(table, column) for column in _KEYS}
    named = table.assign(**keys)
    if LABEL in table and not without_labels:  # several VOIs of a case
        labels = table[LABEL].astype(object).where(table[LABEL].notna(), "").astype(str).str.strip()
        named[CASE] = [f"{case} / {label}" if label else case for case, label in zip(named[CASE], labels, strict=True)]
    return named.assign(**{READING: [reading_title(*who) for who in zip(named[READER], named[SESSION], strict=True)]})


def labels_name_drawings(table: pd.DataFrame) -> bool:
    """Tell whether labels tell drawings apart and not VOIs: one VOI per reading of a case, and no case whose label
    is the same in two readings, as when a segment is called by its reader."""
    if LABEL not in table:
        return False
    keys = table[[LABEL]].assign(**{column: _texts(table, column) for column in _KEYS})
    several = keys.duplicated(_KEYS).any() or not keys.duplicated(CASE).any()
    return bool(not several and not keys.duplicated([CASE, LABEL]).any())


def _texts(table: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a key as texts; '1' for a reader or session that the table does not have."""
    if column not in table or (column != CASE and table[column].isna().all()):
        return pd.Series("1", index=table.index)
    values = table[column].astype(object)
    texts = values.map(lambda item: "" if pd.isna(item) else _text(item))
    if (texts == "").any():
        row = int((texts == "").to_numpy().argmax())
        who = f" (case {table[CASE].iloc[row]})" if column != CASE else ""
        raise CohortError(f"Row {row + 1} of the readings{who} has no {column}; fill it in or remove the row.")
    return texts


def _text(value: object) -> str:
    """Return a key as text; a whole number that a gap in its column made a float is written as the number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _failed(table: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows say that their extraction failed."""
    if "error" not in table:
        return pd.Series(False, index=table.index)
    return table["error"].notna() & (table["error"].astype(str).str.strip() != "")


def refuse_mixed(table: pd.DataFrame) -> None:
    """Raise ModelMismatch when rows were made under several protocols, by engines of different values or by several
    versions of one."""
    mixed = mixed_column(_makers(table))
    if "protocol_hash" in table and table["protocol_hash"].nunique(dropna=False) > 1:
        mixed = "protocol_hash"
    if mixed:
        values = ", ".join(str(item)[:12] for item in table[mixed].unique()[:3])
        raise ModelMismatch(f"The readings mix several {_ALIKE[mixed]} ({values}), whose features differ for that "
                            "reason, too; extract all rows alike.")


def engine_of(table: pd.DataFrame) -> EngineIdentity | None:
    """Return what made the features of rows that :func:`refuse_mixed` lets pass; None where a row does not say."""
    if not {*_MAKER} <= set(table) or table[_MAKER].isna().any(axis=None):
        return None
    return EngineIdentity(*joint_identity(_makers(table)))


def _makers(table: pd.DataFrame) -> set[tuple[str, str]]:
    """Return names and versions of the engines in a table, empty where it has no such column."""
    columns = [table[name].astype(str) if name in table else [""] * len(table) for name in _MAKER]
    return set(zip(*columns, strict=True))


def describe_plan(readings: pd.DataFrame, table: pd.DataFrame) -> ReadingPlan:
    """Return who read what: ``table`` is what checked_readings made of ``readings``."""
    failed = readings[_failed(readings)]
    without_labels = labels_name_drawings(readings[~_failed(readings)])
    left_out = tuple(LeftOutRow(row[CASE], row[READING], " ".join(str(row["error"]).split()))
                     for row in _with_keys(failed, without_labels).to_dict("records"))
    sessions = table[[READER, SESSION, READING]].drop_duplicates().sort_values([READER, SESSION])
    cases = sorted(table[CASE].unique())
    held = set(zip(table[CASE], table[READING], strict=True))
    return ReadingPlan(
        rows=len(table), cases=tuple(cases), readers=tuple(sorted(table[READER].unique())),
        sessions=tuple(table[SESSION].sort_values().drop_duplicates()),
        readings=tuple(ReadingSession(label=row[READING], reader=row[READER], session=row[SESSION],
                                      cases=int((table[READING] == row[READING]).sum()))
                       for row in sessions.to_dict("records")),
        left_out=left_out,
        missing=tuple(MissingReading(case, reading) for reading in sessions[READING] for case in cases
                      if (case, reading) not in held))
