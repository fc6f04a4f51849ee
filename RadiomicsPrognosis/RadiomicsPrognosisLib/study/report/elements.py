"""Small parts of a study's report: cleaned texts, tables and facts from the records of the statistics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...notation import fixed, p_cell, ratio_interval
from ...report.blocks import Block, DataTable, Facts, Link, Notice
from ...texts import clean, number
from ..figures import effect_label
from ..results import CharacteristicsTable, Effect, Unavailable

#: Longest name and longest sentence from outside that is shown; the rest is an ellipsis.
NAME, SENTENCE = 200, 900


def name(text: object) -> str:
    """Return a name from outside, cleaned."""
    return clean(text, NAME)


def sentence(text: object) -> str:
    """Return a sentence from outside, cleaned."""
    return clean(text, SENTENCE)


def facts(rows: Iterable[tuple[str, str | Link | None]]) -> Facts:
    """Return the pairs whose value is there."""
    return Facts(tuple((label, value) for label, value in rows if value))


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], left: Iterable[int] = (0,)
          ) -> tuple[DataTable, ...]:
    """Return a table, columns ``left`` set to the left, or nothing for one without rows."""
    made = tuple(tuple(row) for row in rows)
    return (DataTable(title, tuple(head), made, frozenset(range(len(head))) - set(left)),) if made else ()


def missing(what: str, reason: str) -> Notice:
    """Return a notice that something is not there, and why."""
    return Notice("missing", name(what), sentence(reason))


def not_available(items: Iterable[tuple[str, Unavailable]]) -> tuple[DataTable, ...]:
    """Return a table of what could not be computed, each with where."""
    return table("Not available", ("Where", "What", "Why"),
                 [(name(where), name(item.what), sentence(item.reason)) for where, item in items], (0, 1, 2))


def characteristics_table(title: str, found: CharacteristicsTable) -> tuple[DataTable, ...]:
    """Return table 1, or the comparison of two risk groups."""
    head = ("Characteristic", *(f"{name(group)} (n = {size})" for group, size in
                                zip(found.groups, found.sizes, strict=True)), "Test", "p")
    rows: list[tuple[str, ...]] = []
    for item in found.rows:
        test = (name(item.test), p_cell(item.p))
        first = name(item.title)
        if item.kind != "continuous":
            rows.append((first, *[""] * len(found.groups), *test))
        for level in item.levels:
            label = f"{first}, mean ± SD" if item.kind == "continuous" else f"– {name(level.label)}"
            rows.append((label, *map(name, level.texts), *(test if item.kind == "continuous" else ("", ""))))
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


def cohort_rows(found: Mapping[str, Mapping[str, str]], cohorts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row per measure with a column per cohort from ``found[measure][cohort]``."""
    return [(measure, *(values.get(cohort, "") for cohort in cohorts)) for measure, values in found.items()]


def chi_squared(statistic: float, df: int, p: float) -> str:
    """Return 'χ² = 12.3 (df 1), p < 0.001'."""
    text = p_cell(p)
    return f"χ² = {number(statistic, 4)} (df {df}), p {text if text[0] in '<>' else '= ' + text}"


def all_blocks(*parts: Block | Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks and sequences of blocks as one tuple."""
    made: list[Block] = []
    for part in parts:
        made.extend(part if isinstance(part, tuple | list) else [part])
    return tuple(made)
