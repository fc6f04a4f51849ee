"""Keep the features that agree between repeated readings: within one reader over sessions, and between readers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import CohortError, ModelMismatch, SchemaError
from ..protocol import Protocol
from ..statistics.icc import BOUNDS, FORMS, intraclass_correlation, kept_in_all
from .comparisons import readings_cube, readings_of_all_readers, readings_of_one_reader
from .rows import checked_readings
from .rule import INTER, INTRA, Agreement, Reproducibility, ReproducibilityFilter, SourceTable

if TYPE_CHECKING:
    import pandas as pd

#: The readings that a comparison sets side by side.
_READINGS = {INTRA: readings_of_one_reader, INTER: readings_of_all_readers}

#: Columns of the table of a filter beside one of values per comparison; ``kept`` is yes or no.
FEATURE, KEPT, FORM, THRESHOLD, ON, PROTOCOL = "feature", "kept", "form", "threshold", "on", "protocol_hash"
_RULE = (FEATURE, KEPT, FORM, THRESHOLD, ON, PROTOCOL)
YES, NO = "yes", "no"

#: Values as near to the threshold may lie on either side once a program has rounded them.
_ROUNDING = 1e-9


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
    return Reproducibility(form=rule.form, threshold=rule.threshold, bound=rule.bound, agreements=tuple(agreements),
                           kept=kept)


def is_filter_table(table: pd.DataFrame) -> bool:
    """Tell whether ``table`` is a filter's (filter.csv of ``reproducibility``) and not one of readings."""
    return {FEATURE, KEPT} <= set(table)


def filter_of_table(table: pd.DataFrame, features: Sequence[str], source: SourceTable,
                    protocol: Protocol | None = None) -> Reproducibility:
    """Return the filter that a table holds: its column ``kept`` (yes or no) decides for each of ``features``.

    The columns ``form``, ``threshold`` and ``on`` say by what rule. Raises SchemaError for another value, several rules
    or a verdict that is not the rule's, CohortError when a feature is listed twice or not at all, or none of
    ``features`` is kept, ModelMismatch for features of another ``protocol``.
    """
    kept = _kept(table, features, source)
    comparisons = tuple(str(item) for item in table if item not in _RULE)
    form, on, threshold = (_only(table, column, source) for column in (FORM, ON, THRESHOLD))
    if form not in FORMS or on not in BOUNDS:
        raise SchemaError(f"{source.file}: '{form}' on the {on} is no rule; allowed: {', '.join(FORMS)}, on the "
                          f"{' or '.join(BOUNDS)}.")
    if protocol is not None and PROTOCOL in table and table[PROTOCOL].notna().any():
        other = _only(table, PROTOCOL, source)
        if other != protocol.hash:
            raise ModelMismatch(f"{source.file} judged features of protocol hash {other[:12]}; these are made by "
                                f"{protocol.id} ({protocol.hash[:12]}). Run 'reproducibility' with that protocol.")
    limit = _number(threshold, source)
    _check_verdicts(table, comparisons, limit, source)
    return Reproducibility(form=form, threshold=limit, bound=on, agreements=(), kept=kept, table=source,
                           comparisons=comparisons)


def rule_notes(used: Reproducibility, wanted: ReproducibilityFilter | None) -> list[str]:
    """Return sentences about a filter's table: that it was used, and where the recipe wants another rule."""
    file = used.table.file if used.table else "a table"
    notes = [f"Exactly the {len(used.kept)} features that {file} keeps were candidates ({used.text} in "
             f"{', '.join(used.comparisons)})."]
    if wanted is None:
        return [*notes, f"The recipe has no reproducibility filter of its own; that of {file} was applied."]
    missing = [item for item in wanted.comparisons if not any(name.startswith(item) for name in used.comparisons)]
    if used.text != wanted.text:
        notes.append(f"The recipe's filter is another one: {wanted.text}; that of {file} was applied.")
    if missing:
        notes.append(f"The recipe's filter judges the {' and '.join(missing)} comparison, too; {file} does not.")
    return notes


def _only(table: pd.DataFrame, column: str, source: SourceTable) -> str:
    """Return the one value of a column. Raises SchemaError for none or several."""
    values = sorted(set(table[column].astype(str))) if column in table else []
    if len(values) != 1:
        raise SchemaError(f"{source.file}: the column '{column}' must hold one value; it holds "
                          f"{', '.join(values[:3]) or 'none'}. Give the filter.csv that 'reproducibility' wrote.")
    return values[0]


def _kept(table: pd.DataFrame, features: Sequence[str], source: SourceTable) -> tuple[str, ...]:
    """Return those of ``features`` that the table keeps."""
    verdicts = {str(value).strip().lower() for value in table[KEPT]}
    if not verdicts <= {YES, NO}:
        raise SchemaError(f"{source.file}: the column '{KEPT}' holds '{min(verdicts - {YES, NO})}'; allowed: yes, no.")
    names = table[FEATURE].astype(str).str.strip()
    if names.duplicated().any():
        raise CohortError(f"{source.file} lists the feature '{names[names.duplicated()].iloc[0]}' twice.")
    unknown = sorted(set(features) - set(names))
    if unknown:
        raise CohortError(f"{source.file} does not say whether {len(unknown)} of {len(features)} features are kept, "
                          f"first '{unknown[0]}'; run 'reproducibility' with the protocol of the cohort.")
    kept = set(names[table[KEPT].astype(str).str.strip().str.lower() == YES])
    remaining = tuple(name for name in features if name in kept)
    if not remaining:
        raise CohortError(f"{source.file} keeps none of the {len(features)} features of the cohort.")
    return remaining


def _number(text: str, source: SourceTable) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not -1 <= value <= 1:
        raise SchemaError(f"{source.file}: the {THRESHOLD} is '{text}'; it must be a number from -1 to 1.")
    return value


def _check_verdicts(table: pd.DataFrame, comparisons: Sequence[str], threshold: float, source: SourceTable) -> None:
    """Raise SchemaError for a feature whose verdict is not what its values say: a study would claim a false rule."""
    if not comparisons:
        return
    try:
        values = table[list(comparisons)].to_numpy(float)
    except ValueError:
        raise SchemaError(f"{source.file}: a column of {', '.join(comparisons)} holds something that is not a number; "
                          "give the filter.csv that 'reproducibility' wrote.") from None
    passes = (values >= threshold - _ROUNDING).all(axis=1)
    surely = (values >= threshold + _ROUNDING).all(axis=1)
    kept = (table[KEPT].astype(str).str.strip().str.lower() == YES).to_numpy()
    wrong = (kept & ~passes) | (~kept & surely)
    if wrong.any():
        row = int(wrong.argmax())
        raise SchemaError(f"{source.file}: for {int(wrong.sum())} features, first '{table[FEATURE].iloc[row]}', "
                          f"'{KEPT}' is not what the values and the threshold {threshold:g} say: the table was edited. "
                          "Run 'reproducibility' with the rule that is wanted.")
