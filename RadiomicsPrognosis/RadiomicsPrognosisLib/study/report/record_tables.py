"""A study's records as tables: characteristics, regressions, tests, and what is not available."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...characteristics import CharacteristicLevel, CharacteristicsTable
from ...cohort.patients import rows_text
from ...models.covariates import CONTINUOUS
from ...notation import fixed, p_cell, p_text, ratio_interval
from ...report.blocks import DataTable, Notice
from ...report.elements import name, sentence, table
from ...statistics.chi_squared import ChiSquared
from ...texts import number
from ..figures import effect_label
from ..results.performance import Effect, Unavailable, UnivariableTable


def stand_in(note: str) -> tuple[Notice, ...]:
    """Return what stands in for a fit that the rows do not allow, nothing for an empty ``note``."""
    return (Notice("warning", "Not fitted as asked", sentence(note)),) if note else ()


def not_available(items: Iterable[tuple[str, Unavailable]]) -> tuple[DataTable, ...]:
    """Return a table of what could not be computed, each with where."""
    return table("Not available", ("Where", "What", "Why"),
                 [(name(where), name(item.what), sentence(item.reason)) for where, item in items], (0, 1, 2))


def characteristics_table(title: str, compared: CharacteristicsTable) -> tuple[DataTable, ...]:
    """Return rows compared between groups, with all of them beside where there are several groups."""
    several = len(compared.groups) > 1
    whose = [""] * (len(compared.sizes) + 1) if compared.patients is None else [
        f" VOIs of {count} patients" for count in compared.patients]
    sizes = [*zip(map(name, compared.groups), compared.sizes, whose, strict=False),
             *([("All", sum(compared.sizes), whose[-1])] if several else [])]
    head = ("Characteristic", *(f"{group} (n = {size}{count})" for group, size, count in sizes), "Test", "p")
    rows: list[tuple[str, ...]] = []
    for item in compared.rows:
        statistic = "" if item.statistic is None else f" {number(item.statistic, 4)}"
        test = (f"{name(item.test)}{statistic}", p_cell(item.p))
        first, levels = name(item.title), item.levels
        if item.kind == CONTINUOUS:
            first, levels = f"{first}, {name(levels[0].label)}", levels[1:]
            rows.append((first, *_cells(item.levels[0], several), *test))
        else:
            rows.append((first, *[""] * len(sizes), *test))
        rows += [(f"– {name(level.label)}", *_cells(level, several), "", "") for level in levels]
        if any(item.missing):
            counts = [*item.missing, *([sum(item.missing)] if several else [])]
            rows.append((f"– {name(item.title)}: missing", *map(str, counts), "", ""))
    return table(title, head, rows, range(len(head) - 1))


def _cells(level: CharacteristicLevel, several: bool) -> tuple[str, ...]:
    """Return a line's texts, which break nowhere but before a bracket and within a range."""
    return tuple(name(text).replace(" ", "\u00a0").replace("\u00a0(", " (").replace("\u00a0to\u00a0", "\u00a0to ")
                 for text in (*level.texts, *([level.whole] if several else [])))


def univariable_table(title: str, cohorts: Sequence[UnivariableTable], ratio: str) -> tuple[DataTable, ...]:
    """Return every covariate alone, the cohorts beside each other; ``ratio`` is 'Hazard ratio' or 'Odds ratio'."""
    head, columns = [f"{ratio} (95 % CI)"], []
    for item in cohorts:
        rows, events = max(((rows, events) for _, rows, events in item.used), default=(0, 0))
        counted = max((count for _, count in item.counted or ()), key=lambda count: count.vois, default=None)
        head += [f"{name(item.cohort)} (n = {rows_text(rows, counted)}, {events} events)", "p"]
        columns.append(_alone(item, rows))
    labels = dict.fromkeys(label for column in columns for label in column)
    return table(title, head, [(label, *(cell for column in columns for cell in column.get(label, ("", ""))))
                               for label in labels], (0, *range(1, len(head), 2)))


def _alone(item: UnivariableTable, most: int) -> dict[str, tuple[str, str]]:
    """Return (ratio, p) by label; a covariate that fewer than ``most`` rows have says in how many."""
    used, together = {term: rows for term, rows, _ in item.used}, dict(item.together)
    test = "Wald" if item.counted else "likelihood ratio"
    cells: dict[str, tuple[str, str]] = {}
    for effect in item.effects:
        if effect.term in together:
            cells[f"{name(effect.title)}: all levels ({test})"] = ("", p_cell(together[effect.term]))
        text = (f"not fitted: {sentence(effect.status)}" if effect.ratio is None else
                ratio_interval(effect.ratio, effect.lower, effect.upper))
        few = f", {used[effect.term]} rows" if used[effect.term] < most else ""
        cells[name(effect_label(effect))] = (text + few, p_cell(effect.p))
    return cells


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
