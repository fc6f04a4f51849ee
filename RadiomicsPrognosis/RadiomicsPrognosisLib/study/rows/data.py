"""A cohort table made ready for a recipe: rows, patients, cohorts, endpoints and covariates, checked in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...cohort.columns import (
    COHORT,
    PATIENT,
    check_protocol,
    numbers,
    read_covariate,
    require_columns,
    taken_on_trust,
    usable_rows,
)
from ...cohort.extraction import PROVENANCE
from ...cohort.inputs import Inputs, bare_column, join_inputs
from ...cohort.patients import PatientColumns, Whose, check_disjoint, one_row_per_patient, patients_of, whose_rows
from ...cohort.table import IDENTIFYING, REQUIRED
from ...errors import CohortError, InputError
from ...models.covariates import Covariate
from ...models.patient_rule import ANY_POSITIVE
from ..endpoints import Observations, StudyEndpoint
from ..recipe.recipe import Recipe
from ..results.cohorts import TRAINING, VALIDATION, WHOLE, Between, CohortSummary, EndpointCohort, EndpointSummary
from .split import random_split

#: Columns that are never features, whatever a recipe's pattern says.
RESERVED = frozenset((*REQUIRED, *IDENTIFYING, *PROVENANCE, PATIENT, COHORT))


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyData:
    """Rows of a cohort; arrays (n,) follow ``table``. ``cohorts`` lists the training cohort first.

    ``covariates`` hold numbers (NaN where missing), or level labels (None where missing) for categorical ones, of
    the recipe's covariates that the table has, which ``described`` holds. ``findings`` are sentences about what is
    left out.
    """

    table: pd.DataFrame
    cases: np.ndarray
    patients: np.ndarray
    cohort: np.ndarray
    cohorts: tuple[CohortSummary, ...]
    endpoints: dict[str, Observations]
    described: tuple[Covariate, ...]
    covariates: dict[str, np.ndarray]
    findings: tuple[str, ...]

    def in_cohort(self, name: str) -> np.ndarray:
        """Return the mask (n,) of a cohort's rows."""
        mask: np.ndarray = self.cohort == name
        return mask

    @property
    def training(self) -> np.ndarray:
        """Mask (n,) of the training rows."""
        return self.in_cohort(self.cohorts[0].name)

    def training_rows(self, endpoint: str) -> np.ndarray:
        """Return the mask (n,) of the training rows that have an endpoint, named by its id."""
        rows: np.ndarray = self.training & self.endpoints[endpoint].known
        return rows


def prepare(recipe: Recipe, table: pd.DataFrame, seed: int) -> StudyData:
    """Return ``table`` checked and split as ``recipe`` says.

    Rows of several inputs are joined; those whose extraction failed are left out and reported. Raises CohortError for
    rows or columns that cannot be used, among them a patient in two cohorts; CovariateError; ModelMismatch for features
    made under another protocol.
    """
    table, joined = join_inputs(table, inputs_of(recipe))
    table, left_out = usable_rows(table, recipe.patients is not None)
    findings = [*joined, *left_out]
    _require(recipe, table)
    vois = None
    if recipe.patients and recipe.patients.rule != ANY_POSITIVE:
        joined_rows = one_row_per_patient(table, recipe.patients, _patient_columns(recipe, table))
        table, vois = joined_rows.table, joined_rows.vois
        findings += joined_rows.findings
    if recipe.protocol:
        check_protocol(table, recipe.protocol, f"recipe '{recipe.id}'")
        findings += taken_on_trust(table, recipe.protocol_name)
    patients = patients_of(table)
    if recipe.split.kind == "random":
        cohort = random_split(table, patients, recipe.split, seed)
        names = [TRAINING, VALIDATION]
    else:
        cohort, names = _cohort_column(table, recipe.split.column, recipe.split.training)
    check_disjoint(patients, cohort)
    absent = [item.name for item in recipe.covariates if item.name not in table]
    if absent:
        findings.append(f"The cohort has no column {', '.join(absent)}: no model asks for it, but the tables of "
                        "characteristics and of every covariate alone lack it.")
    data = _studied(recipe, table, cohort, names, vois, findings)
    for endpoint in recipe.endpoints:
        endpoint.check_training(data.endpoints[endpoint.id].rows(data.training_rows(endpoint.id)))
    return data


def patient_data(recipe: Recipe, data: StudyData, scores: np.ndarray | None) -> StudyData:
    """Return one row per patient of ``data``, whose VOIs a signature gives ``scores`` (n,), as the recipe's rule 'any
    positive' says; ``data`` itself under another rule."""
    if recipe.patients is None or recipe.patients.rule != ANY_POSITIVE:
        return data
    joined = one_row_per_patient(data.table, recipe.patients, _patient_columns(recipe, data.table), scores)
    return _studied(recipe, joined.table, data.cohort[joined.rows], [item.name for item in data.cohorts], joined.vois,
                    joined.findings)


def _studied(recipe: Recipe, table: pd.DataFrame, cohort: np.ndarray, names: list[str], vois: np.ndarray | None,
             findings: Iterable[str]) -> StudyData:
    """Return a checked ``table`` whose rows, ``vois`` (n,) standing behind each, are of the cohorts ``cohort`` (n,)."""
    patients = patients_of(table)
    whose = whose_rows(patients, vois)
    described = tuple(item for item in recipe.covariates if item.name in table)
    return StudyData(
        table=table, cases=table["case"].to_numpy(str), patients=patients, cohort=cohort,
        cohorts=summaries(cohort, whose, names, names[0]),
        endpoints={item.id: observe(table, item, whose) for item in recipe.endpoints}, described=described,
        covariates={item.name: read_covariate(table, item) for item in described}, findings=tuple(findings))


def _require(recipe: Recipe, table: pd.DataFrame) -> None:
    """Raise CohortError for columns that the recipe needs and ``table`` lacks."""
    needed = {column for endpoint in recipe.endpoints for column in endpoint.columns}
    needed |= {name for model in recipe.models for name in model.covariates} | set(recipe.split.stratify)
    require_columns(table, sorted(needed | ({recipe.split.column} if recipe.split.kind == "column" else set())))


def _patient_columns(recipe: Recipe, table: pd.DataFrame) -> PatientColumns:
    """Return what joining VOIs to patients does with the columns of ``table``: numbers that the recipe is not told of
    otherwise are features."""
    told = set(inputs_of(recipe).alike)
    outcomes = {item.columns[-1] for item in recipe.endpoints if item.has_classes}
    covariates = {item.name for item in recipe.covariates}
    features = [name for name in map(str, table.columns) if table[name].dtype.kind in "fiub" and name not in told
                and bare_column(name) not in RESERVED]
    return PatientColumns(features=features, alike=told - outcomes - covariates, covariates=covariates - outcomes,
                          outcomes=outcomes)


def inputs_of(recipe: Recipe, table: str = "cohort") -> Inputs:
    """Return what a ``table`` of rows per input is joined for; what the recipe is told of a patient must be alike."""
    told = {column for endpoint in recipe.endpoints for column in endpoint.columns}
    told |= {recipe.split.column, *recipe.split.stratify, *(item.name for item in recipe.covariates)}
    told |= {item.penalised.fold_column for item in recipe.signatures if item.penalised}
    rules = [item.features for item in recipe.signatures]
    return Inputs(
        names=tuple(item.name for item in recipe.inputs), who=f"recipe '{recipe.id}'", table=table, alike=told,
        is_feature=lambda name: any(name in rule.names or re.fullmatch(rule.pattern, name) for rule in rules))


def observe(table: pd.DataFrame, endpoint: StudyEndpoint, whose: Whose) -> Observations:
    """Return what the rows, and ``whose`` they are, have of an endpoint.

    Raises CohortError for text, for another code than 0/1, or for a value that the endpoint cannot have.
    """
    values = [numbers(table, column) for column in endpoint.columns]
    known = np.isfinite(np.column_stack(values)).all(axis=1)
    codes = values[-1]
    odd = known & ~np.isin(codes, (0.0, 1.0))
    if odd.any():
        raise CohortError(f"Column '{endpoint.columns[-1]}' must be 0 or 1; case {table['case'][odd.argmax()]} has "
                          f"{codes[odd.argmax()]:g}.")
    return endpoint.observe(known, values, table["case"].to_numpy(str), whose)


def fold_column(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return the fold ids (n,) that a column holds. Raises CohortError when it is absent, has gaps, or puts VOIs of one
    patient in several folds."""
    if column not in table or table[column].isna().any():
        raise CohortError(f"The recipe takes fold ids from the column '{column}', which is absent or has gaps in "
                          "training rows.")
    divided = table[column].astype(str).groupby(patients_of(table)).nunique() > 1
    if divided.any():
        raise CohortError(f"Column '{column}' puts VOIs of patient {divided.index[divided][0]} in several folds; a "
                          "fold is left out to judge patients who were not learned from, so keep each patient in one.")
    return table[column].to_numpy()


def cohort_labels(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return which cohort each row (n,) belongs to. Raises CohortError where that is empty."""
    cohort = table[column].astype(object).fillna("").astype(str).str.strip()
    if (cohort == "").any():
        raise CohortError(f"Column '{column}' of case {table['case'][(cohort == '').argmax()]} is empty; say which "
                          "cohort each row belongs to.")
    if (cohort == WHOLE).any():
        raise CohortError(f"Column '{column}' names a cohort '{WHOLE}', which results call all rows together; name it "
                          "otherwise.")
    return cohort.to_numpy(str)


def _cohort_column(table: pd.DataFrame, column: str, training: str) -> tuple[np.ndarray, list[str]]:
    cohort = cohort_labels(table, column)
    names = list(dict.fromkeys(cohort.tolist()))
    if training not in names:
        raise CohortError(f"Column '{column}' names no '{training}' rows, which the recipe trains on; it holds "
                          f"{', '.join(names)}.")
    return cohort, [training, *(name for name in names if name != training)]


def summaries(cohort: np.ndarray, whose: Whose, names: list[str], training: str | None) -> tuple[CohortSummary, ...]:
    """Return the cohorts' numbers of VOIs and patients in the order of ``names``; ``cohort`` (n,) names each row's."""
    members = {name: whose.rows(cohort == name) for name in names}
    return tuple(CohortSummary(name, TRAINING if name == training else VALIDATION, int(rows.vois.sum()), rows.patients)
                 for name, rows in members.items())


def summarise_endpoint(endpoint: StudyEndpoint, observed: Observations, cohort: np.ndarray,
                       names: Sequence[str]) -> EndpointSummary:
    """Return ``endpoint`` in the cohorts ``names``, in all rows and compared between the cohorts; ``cohort`` (n,)
    names each row's."""
    several = len(names) > 1
    return EndpointSummary(
        id=endpoint.id, name=endpoint.name, abbreviation=endpoint.abbreviation, kind=endpoint.kind,
        event=endpoint.event, horizons=endpoint.horizons, favourable=endpoint.favourable,
        cohorts=tuple(_in_cohort(endpoint, observed, cohort == name, name) for name in names),
        whole=_in_cohort(endpoint, observed, np.ones(len(cohort), dtype=bool), WHOLE) if several else None,
        between=_between(observed.rows(observed.known), cohort[observed.known]) if several else None)


def _between(observed: Observations, cohort: np.ndarray) -> Between | None:
    try:
        return observed.between(cohort)
    except InputError:
        return None


def _in_cohort(endpoint: StudyEndpoint, observed: Observations, mask: np.ndarray, name: str) -> EndpointCohort:
    rows = mask & observed.known
    return observed.rows(rows).summarise(name, int(mask.sum() - rows.sum()), endpoint.horizons)
