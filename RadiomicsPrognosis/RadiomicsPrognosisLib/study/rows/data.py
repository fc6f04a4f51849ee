"""A cohort table made ready for a recipe: rows, patients, cohorts, endpoints and covariates, checked in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...cohort.extraction import PROVENANCE
from ...cohort.table import IDENTIFYING, REQUIRED
from ...errors import CohortError, CovariateError, ModelMismatch
from ...models.model import Covariate
from ...protocol import load_protocol
from ..recipe.recipe import Endpoint, Recipe
from ..results.outcome import TRAINING, VALIDATION, CohortSummary
from .split import random_split

PATIENT, COHORT = "patient", "cohort"

#: Values beyond this are errors of the table: their squares are no numbers.
_LARGEST = 1e100

#: Columns that are never features, whatever a recipe's pattern says.
RESERVED = frozenset((*REQUIRED, *IDENTIFYING, *PROVENANCE, PATIENT, COHORT))


@dataclass(frozen=True, eq=False)
class EndpointData:
    """An endpoint by row: ``known`` (n,) rows have it; ``time`` and ``event``, or ``outcome``, are 0 elsewhere."""

    known: np.ndarray
    time: np.ndarray | None = None
    event: np.ndarray | None = None
    outcome: np.ndarray | None = None

    @property
    def positive(self) -> np.ndarray:
        """Events or outcomes (n,) as 0/1."""
        return self.event if self.outcome is None else self.outcome

    @property
    def target(self) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """What a fit is given: (time, event), or the outcome."""
        return self.outcome if self.outcome is not None else (self.time, self.event)

    def rows(self, which: np.ndarray) -> EndpointData:
        """Return the endpoint of some rows (mask or numbers)."""
        return EndpointData(self.known[which], *(None if part is None else part[which]
                                                 for part in (self.time, self.event, self.outcome)))


@dataclass(frozen=True, eq=False)
class StudyData:
    """Rows of a cohort; arrays (n,) follow ``table``. ``cohorts`` lists the training cohort first.

    ``covariates`` hold numbers (NaN where missing), or level labels (None where missing) for categorical ones.
    ``findings`` are sentences about rows left out.
    """

    table: pd.DataFrame
    cases: np.ndarray
    patients: np.ndarray
    cohort: np.ndarray
    cohorts: tuple[CohortSummary, ...]
    endpoints: dict[str, EndpointData]
    covariates: dict[str, np.ndarray]
    findings: tuple[str, ...]

    def in_cohort(self, name: str) -> np.ndarray:
        """Return the mask (n,) of a cohort's rows."""
        return self.cohort == name

    @property
    def training(self) -> np.ndarray:
        """Mask (n,) of the training rows."""
        return self.in_cohort(self.cohorts[0].name)


def prepare(recipe: Recipe, table: pd.DataFrame, seed: int) -> StudyData:
    """Return ``table`` checked and split as ``recipe`` says.

    Rows whose extraction failed are left out and reported. Raises CohortError for rows or columns that cannot be used,
    among them a patient in two cohorts; CovariateError; ModelMismatch for features made under another protocol.
    """
    table, findings = usable_rows(table)
    needed = {column for endpoint in recipe.endpoints for column in endpoint.columns}
    needed |= {item.name for item in recipe.covariates} | set(recipe.split.stratify)
    require_columns(table, sorted(needed | ({recipe.split.column} if recipe.split.kind == "column" else set())))
    if recipe.protocol:
        check_protocol(table, recipe.protocol, f"recipe '{recipe.id}'")
        if "protocol_hash" not in table:
            findings.append(f"The cohort does not say under which protocol its features were made; '{recipe.protocol}' "
                            "is taken on trust.")
    endpoints = {item.id: read_endpoint(table, item) for item in recipe.endpoints}
    patients = patients_of(table)
    if recipe.split.kind == "random":
        cohort = random_split(table, patients, recipe.split, seed)
        names = [TRAINING, VALIDATION]
    else:
        cohort, names = _cohort_column(table, recipe.split.column, recipe.split.training)
    _check_apart(patients, cohort)
    covariates = {item.name: read_covariate(table, item) for item in recipe.covariates}
    data = StudyData(table, table["case"].to_numpy(str), patients, cohort,
                     summaries(cohort, patients, names, names[0]), endpoints, covariates, tuple(findings))
    for endpoint in recipe.endpoints:
        _check_training(endpoint, data)
    return data


def usable_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows whose extraction did not fail, and a sentence about the others.

    Raises CohortError for a missing column 'case', no rows, or several rows of one case and label.
    """
    findings = []
    require_columns(table, ["case"])
    if "error" in table and table["error"].notna().any():
        failed = table[table["error"].notna()]
        cases = ", ".join(failed["case"].astype(str).head(5))
        findings.append(f"{len(failed)} of {len(table)} rows have no features and are left out (first: {cases}).")
        table = table[table["error"].isna()]
    table = table.reset_index(drop=True)
    if table.empty:
        raise CohortError("The cohort has no usable rows.")
    for column in ("case", PATIENT):
        if column in table:
            table[column] = table[column].astype(object).where(table[column].notna(), "").astype(str).str.strip()
            if (table[column] == "").any():
                raise CohortError(f"Row {int((table[column] == '').argmax()) + 1} of the cohort has no {column}; fill "
                                  "it in or remove the row.")
    keys = [column for column in ("case", "label") if column in table]
    repeated = table[table.duplicated(keys)]
    if len(repeated):
        raise CohortError(f"Case {repeated['case'].iloc[0]} has several rows with the same label; a study takes one "
                          "row per VOI. Give repeated readings in a table of their own (--readings).")
    return table, findings


def require_columns(table: pd.DataFrame, columns: list[str]) -> None:
    """Raise CohortError naming the ``columns`` that ``table`` lacks."""
    absent = [column for column in columns if column not in table]
    if absent:
        shown = ", ".join(absent[:10]) + (f" and {len(absent) - 10} more" if len(absent) > 10 else "")
        raise CohortError(f"The cohort lacks the column{'s' if len(absent) > 1 else ''} {shown}; add what is missing, "
                          "or name the table's own columns (in the recipe, or with the command's options).")


def patients_of(table: pd.DataFrame) -> np.ndarray:
    """Return who each row belongs to: the column 'patient', or the case where there is none."""
    return table[PATIENT if PATIENT in table else "case"].to_numpy(str)


def check_protocol(table: pd.DataFrame, protocol: str, who: str) -> None:
    """Raise ModelMismatch when the table says its features were made under another protocol than ``protocol``."""
    if "protocol_hash" not in table:
        return
    expected = load_protocol(protocol)
    other = table[table["protocol_hash"].astype(str) != expected.hash]
    if len(other):
        raise ModelMismatch(f"{len(other)} of {len(table)} rows (first: case {other['case'].iloc[0]}) hold features of "
                            f"protocol hash {str(other['protocol_hash'].iloc[0])[:12]}; {who} needs {expected.id} "
                            f"({expected.hash[:12]}). Extract them with that protocol.")


def read_endpoint(table: pd.DataFrame, endpoint: Endpoint) -> EndpointData:
    """Return an endpoint's columns. Raises CohortError for text, negative times or another code than 0/1."""
    values = [numbers(table, column) for column in endpoint.columns]
    known = np.isfinite(np.column_stack(values)).all(axis=1)
    codes = values[-1]
    odd = known & ~np.isin(codes, (0.0, 1.0))
    if odd.any():
        raise CohortError(f"Column '{endpoint.columns[-1]}' must be 0 or 1; case {table['case'][odd.argmax()]} has "
                          f"{codes[odd.argmax()]:g}.")
    if endpoint.is_survival:
        negative = known & (values[0] < 0)
        if negative.any():
            raise CohortError(f"Column '{endpoint.time}' is negative for case {table['case'][negative.argmax()]} "
                              f"({values[0][negative.argmax()]:g}); give months from the start of follow-up.")
        return EndpointData(known, np.where(known, values[0], 0.0), np.where(known, codes, 0.0))
    return EndpointData(known, outcome=np.where(known, codes, 0.0))


def numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column as floats, NaN where empty. Raises CohortError naming the case of what is not a number."""
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


def fold_column(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return the fold ids a column holds. Raises CohortError when it is absent or has gaps."""
    if column not in table or table[column].isna().any():
        raise CohortError(f"The recipe takes fold ids from the column '{column}', which is absent or has gaps in "
                          "training rows.")
    return table[column].to_numpy()


def read_covariate(table: pd.DataFrame, covariate: Covariate) -> np.ndarray:
    """Return a covariate's values as StudyData holds them. Raises CovariateError naming the case."""
    categorical = covariate.kind == "categorical"
    values = np.full(len(table), None if categorical else np.nan, dtype=object if categorical else float)
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


def cohort_labels(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return which cohort each row belongs to. Raises CohortError where that is empty."""
    cohort = table[column].astype(object).fillna("").astype(str).str.strip()
    if (cohort == "").any():
        raise CohortError(f"Column '{column}' of case {table['case'][(cohort == '').argmax()]} is empty; say which "
                          "cohort each row belongs to.")
    return cohort.to_numpy(str)


def _cohort_column(table: pd.DataFrame, column: str, training: str) -> tuple[np.ndarray, list[str]]:
    cohort = cohort_labels(table, column)
    names = list(dict.fromkeys(cohort.tolist()))
    if training not in names:
        raise CohortError(f"Column '{column}' names no '{training}' rows, which the recipe trains on; it holds "
                          f"{', '.join(names)}.")
    return cohort, [training, *(name for name in names if name != training)]


def _check_apart(patients: np.ndarray, cohort: np.ndarray) -> None:
    pairs = pd.DataFrame({"patient": patients, "cohort": cohort}).drop_duplicates()
    twice = pairs[pairs.duplicated("patient", keep=False)]
    if len(twice):
        patient = twice["patient"].iloc[0]
        where = ", ".join(twice.loc[twice["patient"] == patient, "cohort"])
        raise CohortError(f"{twice['patient'].nunique()} patients are in several cohorts (first: {patient}, in "
                          f"{where}); performance would be too good. Keep each patient in one cohort.")


def summaries(cohort: np.ndarray, patients: np.ndarray, names: list[str],
              training: str | None) -> tuple[CohortSummary, ...]:
    """Return the cohorts' numbers in the order of ``names``."""
    return tuple(CohortSummary(name, TRAINING if name == training else VALIDATION, int((cohort == name).sum()),
                               len(set(patients[cohort == name]))) for name in names)


def _check_training(endpoint: Endpoint, data: StudyData) -> None:
    found = data.endpoints[endpoint.id]
    positive = found.positive[data.training & found.known]
    if not len(positive):
        raise CohortError(f"No training row has the endpoint '{endpoint.id}' ({', '.join(endpoint.columns)}).")
    if not positive.any():
        raise CohortError(f"None of the {len(positive)} training rows has an event of '{endpoint.id}'; nothing can be "
                          "learned from them.")
    if not endpoint.is_survival and positive.all():
        raise CohortError(f"All {len(positive)} training rows have outcome 1 of '{endpoint.id}'; a model needs both "
                          "classes.")
