"""Repeated readings of the same cases: agreement within one reader over sessions, and between readers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...cohort.columns import numeric_columns
from ...errors import CohortError
from ...statistics.icc import intraclass_correlation, kept_in_all
from ..recipe.recipe import INTRA, ReproducibilityFilter
from ..results import Agreement, Reproducibility


def reproducible_features(readings: pd.DataFrame, features: Sequence[str],
                          rule: ReproducibilityFilter) -> Reproducibility:
    """Return which of ``features`` pass ``rule`` in a table with one row per case, label, reader and session.

    Intra-reader: the sessions of the reader with most of them. Inter-reader: all readers, each in the first session.
    Only cases that every reading of a comparison holds are used. Raises CohortError when a wanted comparison has no two
    readings of two cases, a reading repeats, a feature is absent or none passes.
    """
    table = _checked(readings, features)
    agreements = []
    for comparison in rule.comparisons:
        labels = _readings_of(table, comparison)
        cube = _cube(table, labels, features, comparison)
        icc = intraclass_correlation(cube, features, (rule.form,))
        agreements.append(Agreement(comparison, tuple(labels), icc,
                                    icc.kept(rule.form, rule.threshold, rule.bound)))
    kept = kept_in_all([item.icc for item in agreements], rule.form, rule.threshold, rule.bound)
    if not kept:
        raise CohortError(f"No feature has {rule.form} >= {rule.threshold:g} in every comparison "
                          f"({', '.join(rule.comparisons)}); contour again with clearer instructions, or lower it.")
    return Reproducibility(rule.form, rule.threshold, rule.bound, tuple(agreements), kept)


def _checked(readings: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
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
    table = table.assign(**{column: table[column].astype(str) if column in table else "1"
                            for column in ("case", "reader", "session")})
    keys = ["case", "reader", "session"]
    if "label" in table:  # several VOIs of a case
        table = table.assign(case=table["case"] + " / " + table["label"].astype(str))
    repeated = table[table.duplicated(keys)]
    if len(repeated):
        row = repeated.iloc[0]
        raise CohortError(f"The readings hold case {row['case']}, reader {row['reader']}, session {row['session']} "
                          "twice; keep one row of it.")
    return table.assign(reading=table["reader"] + " / " + table["session"])


def _readings_of(table: pd.DataFrame, comparison: str) -> list[str]:
    """Return the readings ('reader / session') that a comparison sets side by side."""
    distinct = table[["reader", "session", "reading"]].drop_duplicates().sort_values(["reader", "session"])
    if comparison == INTRA:
        sessions = distinct.groupby("reader")["reading"].apply(list)
        return max(sessions, key=len)
    return distinct.drop_duplicates("reader")["reading"].tolist()


def _cube(table: pd.DataFrame, labels: Sequence[str], features: Sequence[str], comparison: str) -> np.ndarray:
    """Return the readings (features, cases, readings) of the cases that all of ``labels`` hold."""
    readings = [table[table["reading"] == label].set_index("case") for label in labels]
    cases = sorted(set.intersection(*(set(reading.index) for reading in readings)))
    if len(labels) < 2 or len(cases) < 2:
        raise CohortError(f"The {comparison} comparison needs two or more readings of the same two or more cases; "
                          f"found {len(labels)} readings ({', '.join(labels)}) with {len(cases)} cases in common. "
                          "Add them, or take the comparison out of the recipe.")
    return np.stack([reading.loc[cases, list(features)].to_numpy(float).T for reading in readings], axis=2)
