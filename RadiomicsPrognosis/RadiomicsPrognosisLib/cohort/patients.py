"""Whose VOIs, such as lymph nodes, the rows of a table are, and how they are joined to one row per patient."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import CohortError
from ..models.patient_rule import ANY_POSITIVE, LARGEST, MAX, PatientRule
from ..result import Result
from .columns import PATIENT, numbers, numeric_columns, require_columns
from .inputs import bare_column

#: How many VOIs stand behind a row; written by :func:`one_row_per_patient`.
VOIS = "vois"

#: Cluster-robust standard errors of fewer clusters are too small (Cameron & Miller, J Hum Resour 2015;50:317: 20 - 50).
FEW_PATIENTS = 40


@dataclass(frozen=True, kw_only=True)
class PatientColumns:
    """Columns by what joining VOIs to patients does with them: ``features`` are reduced by the rule; of those ``alike``
    a patient's rows must agree (times, cohort), and of ``covariates`` where no single VOI stands for the patient; of
    ``outcomes`` of 0 and 1 they must agree, or any positive one counts."""

    features: Collection[str] = ()
    alike: Collection[str] = ()
    covariates: Collection[str] = ()
    outcomes: Collection[str] = ()


@dataclass(frozen=True, eq=False)
class PatientRows:
    """A ``table`` of one row per patient, the numbers (m,) of the ``rows`` that stand for them, how many ``vois`` (m,)
    are behind each, and ``findings``, sentences about what was joined."""

    table: pd.DataFrame
    rows: np.ndarray
    vois: np.ndarray
    findings: tuple[str, ...]


@dataclass(frozen=True)
class PatientCount(Result):
    """Of how many ``patients`` rows are, and how many ``vois`` stand behind them, where these are more."""

    vois: int
    patients: int

    def text(self, n: int) -> str:
        """Return ``n`` rows in words: '120 VOIs of 80 patients', or '80 patients (120 VOIs)' of a row each."""
        return f"{n} patients ({self.vois} VOIs)" if n == self.patients else f"{n} VOIs of {self.patients} patients"


def rows_text(n: int, counted: PatientCount | None) -> str:
    """Return ``n`` rows in words, which are VOIs or patients where that is known."""
    return f"{n}" if counted is None else counted.text(n)


@dataclass(frozen=True, eq=False)
class Whose:
    """Whose each row is: the number of its ``patient`` (n,), and how many ``vois`` (n,) stand behind it."""

    patient: np.ndarray
    vois: np.ndarray

    def rows(self, which: np.ndarray) -> Whose:
        """Return the same of some rows (mask or numbers)."""
        return Whose(self.patient[which], self.vois[which])

    @property
    def patients(self) -> int:
        """The number of patients."""
        return len(np.unique(self.patient))


def clustered_sentence(patients: np.ndarray) -> str:
    """Return what is done about ``patients`` (n,) of whom several rows are, in a sentence."""
    count = len(set(patients.tolist()))
    few = f" {count} patients are few for that: true intervals are wider and p larger." if count < FEW_PATIENTS else ""
    return (f"{len(patients)} VOIs are of {count} patients: standard errors, intervals and tests "
            "allow for VOIs of a patient being alike (cluster-robust), and bootstrap and folds take whole patients. "
            f"Likelihood-ratio tests, BIC, decision curves and the penalised likelihood count VOIs.{few}")


def whose_rows(patients: np.ndarray, vois: np.ndarray | None = None) -> Whose:
    """Return whose the rows of ``patients`` (n,) are; ``vois`` (n,) stand behind each, one where None."""
    numbered = np.unique(patients, return_inverse=True)[1]
    return Whose(numbered, np.ones(len(patients), dtype=int) if vois is None else vois)


def patients_of(table: pd.DataFrame) -> np.ndarray:
    """Return who each row (n,) belongs to: the column 'patient', or the case where there is none."""
    return table[PATIENT if PATIENT in table else "case"].to_numpy(str)


def check_disjoint(patients: np.ndarray, cohort: np.ndarray) -> None:
    """Raise CohortError for one of ``patients`` (n,) who has rows in several of the cohorts ``cohort`` (n,)."""
    pairs = pd.DataFrame({"patient": patients, "cohort": cohort}).drop_duplicates()
    twice = pairs[pairs.duplicated("patient", keep=False)]
    if len(twice):
        patient = twice["patient"].iloc[0]
        where = ", ".join(twice.loc[twice["patient"] == patient, "cohort"])
        raise CohortError(f"{twice['patient'].nunique()} patients are in several cohorts (first: {patient}, in "
                          f"{where}), which would seem more alike than they are. Keep each patient in one cohort.")


def one_row_per_patient(table: pd.DataFrame, rule: PatientRule, columns: PatientColumns,
                        scores: np.ndarray | None = None) -> PatientRows:
    """Return one row per patient in the order of their first rows.

    A feature that a VOI lacks is missing in the patient. Other columns are those of the patient's first row, or under
    the rules 'largest' and 'any positive' of the VOI taken: the largest, or that of the highest of ``scores`` (n,; one
    of NaN, no score, comes before all others), the first of equals. The column ``vois`` counts the rows behind each,
    the column ``case`` is the patient's name where there were several. Raises CohortError for cells that must agree and
    do not, for features that are no numbers, and for a VOI without size or with one below 0.
    """
    names, numbered = _in_order(patients_of(table))
    counts = np.bincount(numbered, minlength=len(names))
    single = rule.rule in (LARGEST, ANY_POSITIVE)
    _check_alike(table, numbered, rule, {*columns.alike, *(() if single else columns.covariates)}, columns.outcomes)
    taken = _taken(table, numbered, len(names), rule, scores)
    joined = table.iloc[taken].reset_index(drop=True)
    features = sorted(set(columns.features) & set(map(str, table.columns)))
    if not single and features:
        joined[features] = _reduced(numeric_columns(table, features), numbered, len(names), rule.rule)
    for column in columns.outcomes if rule.rule == ANY_POSITIVE else ():
        # A patient of whom one VOI is positive is, whatever is not known of the others.
        values = pd.Series(numbers(table, column)).groupby(numbered)
        joined[column] = values.agg(lambda cells: 1.0 if (cells == 1).any() else cells.max(skipna=False)).to_numpy()
    several = counts > 1
    joined["case"] = np.where(several, names, joined["case"].to_numpy(str))
    text = (f"{len(table)} VOIs are of {len(names)} patients, {int(several.sum())} of whom have several; one row "
            f"stands for each patient: {rule.sentence}.")
    return PatientRows(joined.assign(**{PATIENT: names, VOIS: counts}), taken, counts, (text,) if several.any() else ())


def _in_order(patients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the patients' names in the order of their first rows, and the number of each row's patient."""
    labels, first, inverse = np.unique(patients, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    return labels[order], place[inverse]


def _check_alike(table: pd.DataFrame, numbered: np.ndarray, rule: PatientRule, alike: Collection[str],
                 outcomes: Collection[str]) -> None:
    """Raise CohortError naming a patient whose rows differ in a column where they must not."""
    any_positive = rule.rule == ANY_POSITIVE
    for column in sorted({*alike, *(() if any_positive else outcomes)} & set(map(str, table.columns))):
        values = table[column].astype(object).where(table[column].notna(), "").astype(str).str.strip()
        differing = values.groupby(numbered).nunique().to_numpy() > 1
        if differing.any():
            rows = np.flatnonzero(numbered == int(differing.argmax()))
            distinct = list(dict.fromkeys(f"'{values.iloc[row]}'" for row in rows))
            cells = " and ".join([*distinct[:3], *([f"{len(distinct) - 3} more"] if len(distinct) > 3 else [])])
            other = f", or use the rule '{ANY_POSITIVE}'" if column in outcomes else ""
            raise CohortError(f"Column '{column}' of patient {patients_of(table)[rows[0]]} is {cells}; one row stands "
                              f"for all VOIs of a patient, so give each patient one value{other}.")


def _taken(table: pd.DataFrame, numbered: np.ndarray, count: int, rule: PatientRule,
           scores: np.ndarray | None) -> np.ndarray:
    """Return the row (count,) that stands for each patient: the first, the largest or that of the highest score."""
    values = np.zeros(len(table))
    if rule.rule == LARGEST:
        values = _sizes(table, rule.size)
    elif rule.rule == ANY_POSITIVE and scores is not None:
        # Which VOI scores highest is not known where one has no score: that one stands for the patient, who has none.
        values = np.where(np.isfinite(scores), scores, np.inf)
    order = np.lexsort((np.arange(len(table)), -values, numbered))
    firsts: np.ndarray = order[np.searchsorted(numbered[order], np.arange(count))]
    return firsts


def _sizes(table: pd.DataFrame, size: str) -> np.ndarray:
    """Return how large each row's VOI is (n,), by the column ``size``, of the first input where there are several."""
    column = next((str(name) for name in table.columns if bare_column(str(name)) == size), size)
    require_columns(table, [column])
    sizes = numbers(table, column)
    if not np.isfinite(sizes).all():
        case = table["case"].iloc[int(np.isnan(sizes).argmax())]
        raise CohortError(f"Column '{column}' of case {case} is empty; the "
                          "patient's largest VOI cannot be told without it.")
    if (sizes < 0).any():
        row = int((sizes < 0).argmax())
        raise CohortError(f"Column '{column}' of case {table['case'].iloc[row]} is {sizes[row]:g}; a size is not below "
                          "0.")
    return sizes


def _reduced(values: np.ndarray, numbered: np.ndarray, count: int, rule: str) -> np.ndarray:
    """Return the largest or the mean value (count, p) of ``values`` (n, p) over each patient's rows, NaN where one is
    missing."""
    if rule == MAX:
        largest = np.full((count, values.shape[1]), -np.inf)
        np.maximum.at(largest, numbered, values)  # NaN stays NaN
        return largest
    order = np.argsort(numbered, kind="stable")
    starts = np.searchsorted(numbered[order], np.arange(count))
    sums = np.add.reduceat(values[order], starts, axis=0)
    means: np.ndarray = sums / np.bincount(numbered, minlength=count)[:, None]
    return means
