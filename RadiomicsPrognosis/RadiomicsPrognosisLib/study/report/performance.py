"""The report on performance: every measure of a model, a row each, beside each other for all cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...notation import bounds, fixed, interval, months, p_text, ratio_interval, share
from ...report.blocks import Block, DataTable
from ...report.elements import all_blocks, cohorts_table, name, sentence, table
from ...statistics.calibration import CalibrationGroup
from ...texts import number
from ..results.cohorts import WHOLE, rows_text
from ..results.measures import DESCRIPTION, Measure
from ..results.performance import ModelCohort
from .record_tables import characteristics_table, not_available


def performance_blocks(cohorts: Sequence[ModelCohort]) -> tuple[Block, ...]:
    """Return the measures, calibration groups, characteristics by risk group, and what is not available."""
    groups = [characteristics_table(f"Characteristics by {name(cohort.characteristics.of)}, {cohort_name(cohort)}",
                                    cohort.characteristics) for cohort in cohorts if cohort.characteristics is not None]
    return all_blocks(measures_table(cohorts), calibration_table(cohorts), *groups, not_available(
        [(cohort_name(cohort), item) for cohort in cohorts for item in cohort.unavailable]))


def cohort_name(cohort: ModelCohort) -> str:
    """Return 'training cohort', or 'all cohorts'."""
    return name(cohort.cohort) if cohort.cohort == WHOLE else f"{name(cohort.cohort)} cohort"


def measures_table(cohorts: Sequence[ModelCohort]) -> tuple[DataTable, ...]:
    """Return a row per measure and a column per cohort; an empty cell is explained under 'Not available'."""
    head = ("Measure", *(name(cohort.cohort) + (f" ({cohort.role})" if cohort.role != cohort.cohort else "")
                         for cohort in cohorts))
    return cohorts_table("Performance (95 % confidence intervals in brackets)", head, list(map(measures, cohorts)))


def measures(cohort: ModelCohort) -> dict[str, str]:
    """Return what a cohort holds, its score, and every measure of the model in it, as text."""
    score = cohort.score_summary
    what = "Score" if not np.array_equal(cohort.score, cohort.linear_predictor) else "Linear predictor"
    rows = {"Rows (events)": f"{rows_text(cohort.n, cohort.counted)} ({cohort.events})",
            f"{what}, mean ± SD": f"{fixed(score.mean)} ± {fixed(score.sd)}" if score.sd is not None else
            fixed(score.mean),
            f"{what}, minimum, quartiles, maximum": ", ".join(map(fixed, score.quartiles))}
    if score.n != cohort.n:
        rows["Rows with a score"] = str(score.n)
    if cohort.above is not None:
        rows["Above the cut-off"] = f"{int(cohort.above.sum())} of {cohort.n} ({share(float(cohort.above.mean()))})"
    rows |= {name(item.title): measure_text(item) for item in cohort.measures() if item.role != DESCRIPTION}
    return {measure: text for measure, text in rows.items() if text}


def measure_text(item: Measure) -> str:
    """Return a measure's value with interval, p and detail; only the detail where there is no value."""
    return "; ".join(filter(None, (_value(item), sentence(item.detail))))


def _value(item: Measure) -> str:
    if item.value is None:
        return "not reached" if item.unit == "months" else ""
    if item.unit == "chi-squared":
        return f"χ² = {number(item.value, 4)}, {p_text(item.p)}"
    if item.unit == "ratio":
        text = ratio_interval(item.value, item.lower, item.upper)
    elif item.unit == "share":
        text = share(item.value)
    elif item.unit == "months":
        text = fixed(item.value, 1) + bounds(item.lower, item.upper, lambda bound: fixed(bound, 1))
    else:
        text = interval(item.value, item.lower, item.upper, item.digits)
    return text if item.p is None else f"{text}, {p_text(item.p)}"


def calibration_table(cohorts: Sequence[ModelCohort]) -> tuple[DataTable, ...]:
    """Return predicted and observed of the calibration groups of every cohort and horizon."""
    rows: list[tuple[str, ...]] = []
    for cohort in cohorts:
        for time, performance in cohort.by_time():
            rows += [(name(cohort.cohort), "" if time is None else months(time), *_group(place, group))
                     for place, group in enumerate(performance.calibration)]
    return table("Calibration by groups of the prediction", ("Cohort", "When", "Group", "Rows (at risk)", "Predicted",
                                                             "Observed (95 % CI)", "SE"), rows, (0, 1))


def _group(place: int, group: CalibrationGroup) -> tuple[str, ...]:
    return (str(place + 1), f"{group.n} ({group.at_risk})", share(group.predicted),
            share(group.observed) + bounds(group.lower, group.upper, share), share(group.se))
