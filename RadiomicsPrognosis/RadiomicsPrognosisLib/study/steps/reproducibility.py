"""Keep the features that agree between repeated readings: within one reader over sessions, and between readers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ...cohort.readings import checked_readings, readings_cube, readings_of_all_readers, readings_of_one_reader
from ...errors import CohortError
from ...statistics.icc import intraclass_correlation, kept_in_all
from ..recipe.recipe import INTER, INTRA, ReproducibilityFilter
from ..results.signatures import Agreement, Reproducibility

#: The readings that a comparison sets side by side.
_READINGS = {INTRA: readings_of_one_reader, INTER: readings_of_all_readers}


def reproducible_features(readings: pd.DataFrame, features: Sequence[str],
                          rule: ReproducibilityFilter) -> Reproducibility:
    """Return which of ``features`` pass ``rule`` in a table with one row per case, label, reader and session.

    Intra-reader: the sessions of the reader with most of them. Inter-reader: all readers, each in the first session.
    Only cases that every reading of a comparison holds are used. Raises CohortError when a wanted comparison has no two
    readings of two cases, a reading repeats, a feature is absent or none passes.
    """
    table = checked_readings(readings, features)
    agreements = []
    for comparison in rule.comparisons:
        labels = _READINGS[comparison](table)
        icc = intraclass_correlation(readings_cube(table, labels, features, comparison), features, (rule.form,))
        agreements.append(Agreement(comparison, tuple(labels), icc, icc.kept(rule.form, rule.threshold, rule.bound)))
    kept = kept_in_all([item.icc for item in agreements], rule.form, rule.threshold, rule.bound)
    if not kept:
        raise CohortError(f"No feature has {rule.form} >= {rule.threshold:g} in every comparison "
                          f"({', '.join(rule.comparisons)}); contour again with clearer instructions, or lower it.")
    return Reproducibility(rule.form, rule.threshold, rule.bound, tuple(agreements), kept)
