"""Read and write cohort and feature tables as CSV or Parquet; the columns that are not features have reserved names."""

from __future__ import annotations

import io
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import CohortError, FileError
from ..files import whole_file

#: Columns every cohort of images has; one of covariates alone has the first.
REQUIRED = ("case", "image", "mask")

#: Columns that tell rows of one case apart.
IDENTIFYING = ("case", "input", "reader", "session", "label")

#: Columns of a CSV that stay text, so that 007 is not 7.
_TEXTS = ("case", "patient", "input", "label", "series")


def read_table(path: str | Path, what: str = "Table") -> pd.DataFrame:
    """Return the table in a .csv or .parquet file. Raises FileError naming ``what``."""
    path = Path(path)
    if not path.is_file():
        raise FileError(f"{what} '{path}' does not exist; check the path.")
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        if path.suffix.lower() == ".csv":
            # Default parsing is an ulp off.
            table = pd.read_csv(path, float_precision="round_trip", dtype=dict.fromkeys(_TEXTS, str), encoding="utf-8")
            if len(table.columns) == 1 and re.search(r"[;\t]", str(table.columns[0])):
                raise ValueError("its columns are separated by something else than commas")
            return table
    except Exception as error:
        raise FileError(f"{what} '{path}' cannot be read ({str(error).splitlines()[0]}); "
                        "save it as UTF-8 CSV with commas and decimal points, or as Parquet.") from None
    raise FileError(f"{what} '{path}' must end in .csv or .parquet.")


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write ``table`` whole or not at all, as CSV or Parquet by the file's ending, unrounded. Raises FileError."""
    path = Path(path)
    if path.suffix.lower() == ".parquet":
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        with whole_file(path, "wb") as f:
            f.write(buffer.getvalue())
    elif path.suffix.lower() == ".csv":
        with whole_file(path) as f:
            table.to_csv(f, index=False, lineterminator="\n")
    else:
        raise FileError(f"Output '{path}' must end in .csv or .parquet.")


def read_cohort(path: str | Path, images: bool = True) -> pd.DataFrame:
    """Return a cohort with absolute image and mask paths; without ``images`` it needs none, and they stay as they are.

    Raises FileError, or CohortError naming column or row.
    """
    table = read_table(path, "Cohort")
    required = REQUIRED if images else REQUIRED[:1]
    _check_columns(table, path, required)
    for column in required:
        empty = table[column].isna() | (table[column].astype(str).str.strip() == "")
        if empty.any():
            raise CohortError(f"Cohort '{path}': row {_first_row(empty)} has no {column}; fill it in or remove the "
                              "row.")
    keys = [column for column in IDENTIFYING if column in table]
    repeated = table.duplicated(subset=keys, keep="first")
    if repeated.any():
        row = table[repeated].iloc[0]
        values = ", ".join(f"{key} {row[key]}" for key in keys)
        raise CohortError(f"Cohort '{path}': row {_first_row(repeated)} repeats an earlier one ({values}); tell rows "
                          "of one case apart by reader, session or label.")
    folder = Path(path).resolve().parent
    for column in required[1:]:
        table[column] = [str(folder / str(value).strip()) for value in table[column]]
    return table


def _check_columns(table: pd.DataFrame, path: str | Path, required: tuple[str, ...]) -> None:
    missing = [column for column in required if column not in table]
    if missing:
        raise CohortError(f"Cohort '{path}' has no column {', '.join(missing)}; needed: {', '.join(required)}; "
                          f"found: {', '.join(map(str, table.columns[:10]))}"
                          + (f" and {len(table.columns) - 10} more." if len(table.columns) > 10 else "."))
    if table.empty:
        raise CohortError(f"Cohort '{path}' has no rows.")


def _first_row(flags: pd.Series[bool]) -> int:
    """Return the number of the first flagged row as an editor counts them: the header is row 1."""
    return flags.tolist().index(True) + 2


def label_of(row: Mapping[Hashable, Any]) -> str | None:
    """Return the label or segment name that a row gives, or None when the column is absent or the cell empty."""
    return _text_of(row, "label")


def series_of(row: Mapping[Hashable, Any]) -> str | None:
    """Return the number or UID of the DICOM series in the folder ``image`` that a row gives, or None as for a label."""
    return _text_of(row, "series")


def _text_of(row: Mapping[Hashable, Any], column: str) -> str | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value).strip()


def row_names(table: pd.DataFrame) -> list[str]:
    """Return a folder name per row from the columns that tell rows apart, e.g. ``P01`` or ``P01_A``; all distinct.

    Letters other than letters, digits, dot, dash and underscore become dashes; repeated names are numbered.
    """
    keys = [key for key in IDENTIFYING if key in table]
    names: list[str] = []
    for row in table[keys].to_dict("records"):
        values = [str(value).strip() for value in row.values() if not pd.isna(value) and str(value).strip()]
        name = re.sub(r"[^\w.-]+", "-", "_".join(values)).strip(".") or "row"
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names
