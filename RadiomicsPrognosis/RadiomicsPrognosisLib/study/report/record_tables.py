"""A study's records as tables: characteristics, regressions, tests, and what is not available."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...models.covariates import CONTINUOUS
from ...notation import fixed, p_cell, p_text, ratio_interval
from ...report.blocks import DataTable
from ...report.elements import name, sentence, table
from ...statistics.chi_squared import ChiSquared
from ...texts import number
from ..figures import effect_label
from ..results.cohorts import CharacteristicsTable
from ..results.performance import Effect, Unavailable


def not_available(items: Iterable[tuple[str, Unavailable]]) -> tuple[DataTable, ...]:
    """Return a table of what could not be computed, each with where."""
    return table("Not available", ("Where", "What", "Why"),
                 [(name(where), name(item.what), sentence(item.reason)) for where, item in items], (0, 1, 2))


def characteristics_table(title: str, compared: CharacteristicsTable) -> tuple[DataTable, ...]:
    """Return table 1, or the comparison of two risk groups."""
    head = ("Characteristic", *(f"{name(group)} (n = {size})" for group, size in
                                zip(compared.groups, compared.sizes, strict=True)), "Test", "p")
    rows: list[tuple[str, ...]] = []
    for item in compared.rows:
        test, first = (name(item.test), p_cell(item.p)), name(item.title)
        continuous = item.kind == CONTINUOUS
        if not continuous:
            rows.append((first, *[""] * len(compared.groups), *test))
        for level in item.levels:
            label = f"{first}, mean ± SD" if continuous else f"– {name(level.label)}"
            rows.append((label, *map(name, level.texts), *(test if continuous else ("", ""))))
        if any(item.missing):
            rows.append((f"– {first}: missing", *map(str, item.missing), "", ""))
    return table(title, head, rows, range(len(head) - 1))


def effects_table(title: str, effects: Sequence[Effect], ratio: str) -> tuple[DataTable, ...]:
    """Return the rows of a regression; ``ratio`` is 'Hazard ratio' or 'Odds ratio'."""
    rows = []
    for item in effects:
        if item.ratio is None:
            rows.append((name(effect_label(item)), "", sentence(f"not fitted: {item.status}"), ""))
        else:
            note = "" if item.status == "ok" else f" ({sentence(item.status)})"
            rows.append((name(effect_label(item)), fixed(item.coefficient, 4),
                         ratio_interval(item.ratio, item.lower, item.upper) + note, p_cell(item.p)))
    return table(title, ("Term", "Coefficient", f"{ratio} (95 % CI)", "p"), rows)


def chi_squared(test: ChiSquared) -> str:
    """Return 'χ² = 12.3 (df 1), p < 0.001'."""
    return f"χ² = {number(test.statistic, 4)} (df {test.df}), {p_text(test.p)}"
