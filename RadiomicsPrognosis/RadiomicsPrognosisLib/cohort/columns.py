"""The columns of a table of features as checked arrays; what is wrong with one is said in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..catalogue import parse_name
from ..errors import CohortError, CovariateError, ModelMismatch
from ..models.covariates import Covariate
from ..protocol import Protocol

#: Columns that say whose row it is, and which cohort of a study it belongs to.
PATIENT, COHORT = "patient", "cohort"

#: Values beyond this are errors of the table: their squares are no numbers.
_LARGEST = 1e100


def usable_rows(table: pd.DataFrame, by_patient: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows whose extraction did not fail, and a sentence about the others.

    ``by_patient`` leaves out all rows of a patient of whom one failed, for a rule that makes one row of them. Raises
    CohortError for a missing column 'case', no rows, a row without case or patient, a patient written in two ways, or
    several rows of one case and label.
    """
    findings = []
    require_columns(table, ["case"])
    table = _named(table)
    if "error" in table and table["error"].notna().any():
        failed = table["error"].notna()
        out = failed | table[PATIENT].isin(table.loc[failed, PATIENT]) if by_patient and PATIENT in table else failed
        cases = ", ".join(table.loc[failed, "case"].head(5))
        others = int((out & ~failed).sum())
        findings.append(f"{int(failed.sum())} of {len(table)} rows have no features and are left out (first: {cases})"
                        + (f", and with them {others} other rows of the same patients." if others else "."))
        table = table[~out].reset_index(drop=True)
    if table.empty:
        raise CohortError("The cohort has no usable rows.")
    keys = [column for column in ("case", "label") if column in table]
    repeated = table[table.duplicated(keys)]
    if len(repeated):
        raise CohortError(f"Case {repeated['case'].iloc[0]} has several rows with the same label; a study takes one "
                          "row per VOI. Give repeated readings in a table of their own (--readings), and name the "
                          "volumes of a case in a column 'input'.")
    return table, findings


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of ``table`` whose cases and patients are texts without blanks around them, none of them empty."""
    table = table.reset_index(drop=True)
    for column in (name for name in ("case", PATIENT) if name in table):
        table[column] = table[column].astype(object).where(table[column].notna(), "").astype(str).str.strip()
        if (table[column] == "").any():
            raise CohortError(f"Row {int((table[column] == '').argmax()) + 2} of the cohort has no {column}; fill "
                              "it in or remove the row.")
    if PATIENT in table:
        written = pd.Series(table[PATIENT].unique())
        alike = written[written.str.casefold().duplicated(keep=False)]
        if len(alike):
            same = alike[alike.str.casefold() == alike.iloc[0].casefold()]
            raise CohortError(f"Patients {' and '.join(map(repr, same))} of the cohort differ in upper and lower case "
                              "alone; write one patient in one way.")
    return table


def require_columns(table: pd.DataFrame, columns: list[str]) -> None:
    """Raise CohortError naming the ``columns`` that ``table`` lacks."""
    absent = [column for column in columns if column not in table]
    if absent:
        shown = ", ".join(absent[:10]) + (f" and {len(absent) - 10} more" if len(absent) > 10 else "")
        raise CohortError(f"The cohort lacks the column{'s' if len(absent) > 1 else ''} {shown}; add what is missing, "
                          "or name the table's own columns (in the recipe, or with the command's options).")


def check_protocol(table: pd.DataFrame, expected: Protocol, who: str) -> None:
    """Raise ModelMismatch when the table says its features were made under another protocol than ``expected``."""
    if "protocol_hash" not in table:
        return
    other = table[table["protocol_hash"].astype(str) != expected.hash]
    if len(other):
        raise ModelMismatch(f"{len(other)} of {len(table)} rows (first: case {other['case'].iloc[0]}) hold features of "
                            f"protocol hash {str(other['protocol_hash'].iloc[0])[:12]}; {who} needs {expected.id} "
                            f"({expected.hash[:12]}). Extract them with that protocol.")


def taken_on_trust(table: pd.DataFrame, protocol: str) -> list[str]:
    """Return a sentence about a table that does not say under which protocol its features were made, if it is one."""
    if "protocol_hash" in table:
        return []
    return [f"The cohort does not say under which protocol its features were made; '{protocol}' is taken on trust."]


def numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column as floats (n,), NaN where empty. Raises CohortError naming the case of what is not a number."""
    values = pd.to_numeric(table[column].astype(object), errors="coerce").to_numpy(float)
    bad = ~np.isfinite(values) & table[column].notna().to_numpy()
    if bad.any():
        row = int(bad.argmax())
        raise CohortError(f"Column '{column}' of case {table['case'].iloc[row]} is '{table[column].iloc[row]}'; it "
                          "must be a finite number, or empty where unknown.")
    return values


def numeric_columns(table: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return feature columns as floats (n, p), NaN where empty.

    Raises CohortError naming a column that holds something else than numbers, or a case with an infinite or huge one.
    """
    for column in columns:
        if table[column].dtype.kind not in "fiub":
            raise CohortError(f"Feature column '{column}' holds something that is not a number; correct it, or exclude "
                              "it in the recipe.")
    # Row by row in memory: sums over rows must not depend on which other columns the table holds.
    values = np.ascontiguousarray(table[columns].to_numpy(float))
    huge = np.abs(values) > _LARGEST
    if huge.any():
        row, column = np.argwhere(huge)[0]
        raise CohortError(f"Feature '{columns[column]}' of case {table['case'].iloc[row]} is {values[row, column]:g}, "
                          "which cannot be a measured value; correct it, or leave the cell empty.")
    return values


def check_bounds(table: pd.DataFrame, columns: list[str]) -> None:
    """Raise CohortError naming the case whose value the definition of the feature (pyradiomics' name) excludes.

    ``columns`` may be preceded by an input, as in ``venous:original_glcm_Id``.
    """
    for column in columns:
        low, high = parse_name(column.rpartition(":")[2]).bounds
        values = table[column].to_numpy(float)
        slack = 1e-6
        outside = (values < low - slack) | (values > high + slack)
        if outside.any():
            row = int(outside.argmax())
            span = f"from {low:g}" if np.isinf(high) else f"{low:g} to {high:g}"
            raise CohortError(f"Feature '{column}' of case {table['case'].iloc[row]} is {values[row]:g}, and it can "
                              f"only be {span}: columns were exchanged, scaled, or stored in another unit. Extract the "
                              "features again.")


def read_covariate(table: pd.DataFrame, covariate: Covariate) -> np.ndarray:
    """Return a covariate's values (n,): numbers (NaN where missing), or level labels (None where missing) of a
    categorical one; objects, ``UNKNOWN`` among them, where it may be not known yet. Raises CovariateError naming the
    case."""
    categorical = covariate.is_categorical
    objects = categorical or covariate.unknown is not None
    values = np.full(len(table), None if categorical else np.nan, dtype=object if objects else float)
    for row, value in enumerate(table[covariate.name]):
        if pd.isna(value) or str(value).strip() == "":
            continue
        # An integer column with gaps is read as floats; 1.0 is then the level '1'.
        value = int(value) if isinstance(value, float) and value.is_integer() else value
        try:
            values[row] = covariate.parse(value)
        except CovariateError as error:
            raise CovariateError(f"Case {table['case'].iloc[row]}: {error}") from None
    return values
