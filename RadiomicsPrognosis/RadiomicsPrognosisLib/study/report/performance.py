"""The report on performance: every measure of a model, a row each, beside each other for all cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...notation import bounds, fixed, interval, months, p_cell, p_text, ratio_interval, share
from ...report.blocks import Block, DataTable
from ...statistics.calibration import CalibrationGroup
from ...statistics.classification import Classification
from ...statistics.univariate import Comparison
from ...texts import number
from ..results.performance import BinaryPerformance, HorizonPerformance, ModelCohort, SurvivalPerformance
from .cohorts import median_text
from .texts import all_blocks, characteristics_table, chi_squared, cohort_rows, name, not_available, table


def performance_blocks(cohorts: Sequence[ModelCohort]) -> tuple[Block, ...]:
    """Return the measures, calibration groups, characteristics by risk group, and what is not available."""
    groups = [table_ for cohort in cohorts if cohort.characteristics is not None for table_ in characteristics_table(
        f"Characteristics by risk group, {name(cohort.cohort)} cohort", cohort.characteristics)]
    return all_blocks(measures_table(cohorts), calibration_table(cohorts), groups, not_available(
        [(f"{cohort.cohort} cohort", item) for cohort in cohorts for item in cohort.unavailable]))


def measures_table(cohorts: Sequence[ModelCohort]) -> tuple[DataTable, ...]:
    """Return a row per measure and a column per cohort; an empty cell is explained under 'Not available'."""
    found: dict[str, dict[str, str]] = {}
    for cohort in cohorts:
        for measure, text in measures(cohort).items():
            found.setdefault(measure, {})[cohort.cohort] = text
    names = [cohort.cohort for cohort in cohorts]
    return table("Performance (95 % confidence intervals in brackets)",
                 ("Measure", *(name(cohort.cohort) + (f" ({cohort.role})" if cohort.role != cohort.cohort else "")
                              for cohort in cohorts)),
                 cohort_rows(found, names), range(1 + len(cohorts)))


def measures(cohort: ModelCohort) -> dict[str, str]:
    """Return every measure of a model in a cohort as text."""
    score = cohort.score_summary
    what = "Score" if not np.array_equal(cohort.score, cohort.linear_predictor) else "Linear predictor"
    rows = {"Rows (events)": f"{cohort.n} ({cohort.events})",
            f"{what}, mean ± SD": f"{fixed(score.mean)} ± {fixed(score.sd)}" if score.sd is not None else
            fixed(score.mean),
            f"{what}, minimum, quartiles, maximum": ", ".join(map(fixed, score.quartiles))}
    if score.n != cohort.n:
        rows["Rows with a score"] = str(score.n)
    if cohort.above is not None:
        rows["Above the cut-off"] = f"{int(cohort.above.sum())} of {cohort.n} ({share(float(cohort.above.mean()))})"
    if cohort.survival is not None:
        rows |= _survival(cohort.survival)
    if cohort.binary is not None:
        rows |= _binary(cohort.binary)
    return {measure: text for measure, text in rows.items() if text}


def _survival(part: SurvivalPerformance) -> dict[str, str]:
    rows = {}
    if part.concordance is not None:
        c = part.concordance
        rows["C-index"] = interval(c.c, c.lower, c.upper)
        rows["C-index: SE; pairs"] = (f"{fixed(c.se, 4)}; {c.concordant} concordant, {c.discordant} discordant, "
                                      f"{c.tied_score} with equal scores")
    if part.hazard_ratio is not None and part.hazard_ratio.ratio is not None:
        item = part.hazard_ratio
        rows[f"Hazard ratio, {name(item.level)} vs {name(item.reference)}"] = (
            f"{ratio_interval(item.ratio, item.lower, item.upper)}, {p_text(item.p)}")
    if part.log_rank is not None:
        test = part.log_rank.test
        rows["Log-rank test"] = chi_squared(test.statistic, test.df, test.p)
    for place, group in enumerate(part.groups):
        text = f"{group.curve.total_events} of {group.curve.n}"
        if part.log_rank is not None:
            text += f" (expected {fixed(part.log_rank.expected[place], 1)})"
        rows[f"Events, {name(group.label)}"] = text
        rows[f"Median (months), {name(group.label)}"] = median_text(group.curve)
    for item in part.horizons:
        rows |= _horizon(item)
    rows["Integrated Brier score"] = fixed(part.integrated_brier, 4)
    return rows


def _horizon(item: HorizonPerformance) -> dict[str, str]:
    at, rows = months(item.time), {}
    if item.auc is not None:
        area = item.auc
        rows[f"AUC at {at}"] = (f"{interval(area.auc, area.lower, area.upper)}, SE {fixed(area.se, 4)}; {area.cases} "
                                f"cases, {area.controls} controls")
    if item.brier is not None:
        rows[f"Brier score at {at}"] = (f"{fixed(item.brier.brier, 4)}, SE {fixed(item.brier.se, 4)}; without model "
                                        f"{fixed(item.brier.null, 4)}")
    if item.smooth is not None:
        rows[f"Calibration at {at}: ICI, E50, E90"] = _distances(item.smooth)
    return rows


def _distances(smooth) -> str:
    return ", ".join(map(fixed, (smooth.ici, smooth.e50, smooth.e90)))


def _binary(part: BinaryPerformance) -> dict[str, str]:
    rows = {}
    if part.auc is not None:
        area = part.auc
        rows["AUC (DeLong)"] = (f"{interval(area.auc, area.lower, area.upper)}, SE {fixed(area.variance ** 0.5, 4)}; "
                                f"{area.positive} positive, {area.negative} negative")
    if part.classification is not None:
        rows |= _classification(part.classification)
    for label, values in (("with the event", part.positive_score), ("without the event", part.negative_score)):
        if values is not None:
            rows[f"Score {label}, mean ± SD"] = fixed(values[0]) + ("" if values[1] is None else
                                                                    f" ± {fixed(values[1])}")
    if part.score_by_outcome is not None:
        rows["Score by outcome"] = comparison_text(part.score_by_outcome)
    rows["Brier score"] = fixed(part.brier, 4)
    if part.smooth is not None:
        rows["Calibration: ICI, E50, E90"] = _distances(part.smooth)
    return rows


def _classification(part: Classification) -> dict[str, str]:
    rows = {"Accuracy": share(part.accuracy), "F1": fixed(part.f1), "Sensitivity": share(part.sensitivity),
            "Specificity": share(part.specificity),
            "Positive predictive value": share(part.ppv) or "none is called positive",
            "Negative predictive value": share(part.npv) or "none is called negative"}
    counts = {"true positive": part.true_positive, "false positive": part.false_positive,
              "true negative": part.true_negative, "false negative": part.false_negative}
    return rows | {"Rows by call": ", ".join(f"{count} {what}" for what, count in counts.items())}


def comparison_text(item: Comparison) -> str:
    """Return a test of two groups with the tests that chose it."""
    text = f"{name(item.test)}" + ("" if item.statistic is None else f" {number(item.statistic, 4)}")
    text += f", {p_text(item.p)}"
    chosen = [f"{test} p {p_cell(p)}" for test, p in (("Shapiro", item.shapiro_p), ("Bartlett", item.bartlett_p))
              if p is not None]
    return text + (f" ({', '.join(chosen)})" if chosen else "")


def calibration_table(cohorts: Sequence[ModelCohort]) -> tuple[DataTable, ...]:
    """Return predicted and observed of the calibration groups of every cohort and horizon."""
    rows: list[tuple[str, ...]] = []
    for cohort in cohorts:
        parts = [(months(item.time), item.calibration) for item in cohort.survival.horizons] if cohort.survival else \
            [("", cohort.binary.calibration)] if cohort.binary else []
        for when, groups in parts:
            rows += [(name(cohort.cohort), when, *_group(place, group)) for place, group in enumerate(groups)]
    return table("Calibration by groups of the prediction", ("Cohort", "When", "Group", "Rows (at risk)", "Predicted",
                                                             "Observed (95 % CI)", "SE"), rows, (0, 1))


def _group(place: int, group: CalibrationGroup) -> tuple[str, ...]:
    return (str(place + 1), f"{group.n} ({group.at_risk})", share(group.predicted),
            share(group.observed) + bounds(group.lower, group.upper, share), share(group.se))
