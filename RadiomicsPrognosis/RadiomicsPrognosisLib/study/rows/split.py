"""Split patients at random into training and validation, with the mix of several factors kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...errors import CohortError
from ...statistics.penalised import stratified_folds
from ...texts import percent
from ..recipe.recipe import Split
from ..results.cohorts import TRAINING, VALIDATION

#: A stratification column with more different values than this would make strata of single patients.
_MOST_LEVELS = 12


def random_split(table: pd.DataFrame, patients: np.ndarray, split: Split, seed: int) -> np.ndarray:
    """Return 'training' or 'validation' for each row (n,); rows of one of ``patients`` (n,) stay together.

    Patients are shuffled, put in order of their stratum, and every so-many-th goes into training, so that each stratum
    and the whole keep the fraction to within one patient. A patient with several rows has the stratum of the first.
    The seed decides. Raises CohortError for a stratification column with gaps or too many values, or an empty cohort.
    """
    for column in split.stratify:
        if table[column].isna().any():
            case = table.loc[table[column].isna(), "case"].iloc[0]
            raise CohortError(f"Column '{column}', which the split is stratified by, is empty for case {case}.")
        if table[column].nunique() > _MOST_LEVELS:
            raise CohortError(f"Column '{column}' has {table[column].nunique()} different values; stratify by columns "
                              f"of at most {_MOST_LEVELS}, such as a grouped one.")
    names, first = np.unique(patients, return_index=True)
    strata = table[list(split.stratify)].astype(str).agg(" | ".join, axis=1).to_numpy() if split.stratify else None
    _, codes = np.unique(strata[first] if strata is not None else np.zeros(len(names)), return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    ordered = shuffled[np.argsort(codes[shuffled], kind="stable")]
    quota = np.floor(np.arange(len(names) + 1) * split.fraction + 0.5)
    chosen = set(names[ordered[np.diff(quota) > 0]])
    if not 0 < len(chosen) < len(names):
        raise CohortError(f"{len(names)} patients cannot be split with {percent(split.fraction)} in training.")
    return np.array([TRAINING if patient in chosen else VALIDATION for patient in patients])


def patient_folds(patients: np.ndarray, positive: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return fold ids 1 ... ``folds`` (n,), stratified by whether a patient has a positive row, patients kept whole.

    Raises CohortError when there are fewer patients with a positive row than folds.
    """
    names, which = np.unique(patients, return_inverse=True)
    any_positive = np.zeros(len(names))
    np.maximum.at(any_positive, which, positive)
    if any_positive.sum() < folds:
        raise CohortError(f"{int(any_positive.sum())} training patients with an event for {folds} folds: every fold "
                          "needs one. Use fewer folds or more cases.")
    return stratified_folds(any_positive, folds, seed)[which]
