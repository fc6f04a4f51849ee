"""The report on the model's score: agreement of the score, of the risk group and of the predicted outcome."""

from __future__ import annotations

from collections import Counter

from ...notation import months, p_cell, p_text, share
from ...report.blocks import Block, DataTable, Paragraph, Section
from ...report.elements import all_blocks, missing, name, sentence, table
from ...statistics.kappa import COHEN, Kappa
from ...texts import number
from ..study_result import SCORES_FILE, GroupFlip, ReadingComparison, ReproducibilityResult
from .checklist import SCORE
from .result_pictures import outcome_pictures, score_pictures
from .summary import demonstration_remark
from .words import icc_value, interval_text, kappa_text, per_cent, points, share_text


def score_section(result: ReproducibilityResult) -> Section:
    """Return how well the score, the group and the predicted outcome repeat."""
    scored = [item for item in result.comparisons if item.score is not None]
    if result.model is None or not scored:
        reason = result.model.no_score if result.model is not None else ""
        return Section(SCORE, (missing("No score", reason or "No model was given with the readings."),))
    remark = demonstration_remark(result)
    lead = [Paragraph(f"{name(result.model.score_name)} with the {remark}.")] if remark else []
    reasons = [Paragraph(f"{name(item.title)}: {sentence(' '.join(item.score.reasons))}") for item in scored
               if item.score is not None and item.score.reasons]
    return Section(SCORE, all_blocks(
        lead, _agreement(result, scored), *reasons, score_pictures(result), _kappas(result, scored),
        *(_counts(item) for item in scored), _flips(scored), _changes(result, scored), outcome_pictures(result),
        Paragraph(f"Every reading's score, group and prediction is in {SCORES_FILE}.")))


def _agreement(result: ReproducibilityResult, scored: list[ReadingComparison]) -> tuple[DataTable, ...]:
    """Return how the score repeats, and how sure its limits of agreement are."""
    level = per_cent(result.confidence)
    rows, limits_rows = [], []
    for item in scored:
        score = item.score
        if score is None:
            continue
        icc = icc_value(score.icc, result.form).text if score.icc is not None else ""
        limits, repeated = score.limits, score.repeatability
        coefficient = "" if repeated is None else \
            f"{number(repeated.coefficient, 3)} ({interval_text(repeated.coefficient_interval)})"
        slope = "" if limits is None or limits.slope is None else \
            f"{number(limits.slope, 3)} ({p_text(limits.slope_p)})"
        rows.append((name(item.title), str(score.n), icc, coefficient, slope))
        if limits is not None:
            limits_rows.append((name(item.title), *(f"{number(value, 3)} ({interval_text(ends)})" for value, ends in (
                (limits.bias, limits.bias_interval), (limits.lower, limits.lower_interval),
                (limits.upper, limits.upper_interval)))))
    score_name = name(result.model.score_name) if result.model else "score"
    return (*table(f"Agreement of the {score_name}; slope: of the difference on the mean",
                   ("Comparison", "Cases", f"{result.form} ({level} CI)", f"Repeatability ({level} CI)", "Slope"),
                   rows),
            *table(f"Differences of the {score_name}, second − first reading ({level} CI)",
                   ("Comparison", "Bias", "Lower limit", "Upper limit"), limits_rows))


def _kappas(result: ReproducibilityResult, scored: list[ReadingComparison]) -> tuple[Block, ...]:
    level = per_cent(result.confidence)
    head = ("Comparison", "Group changes", f"Share ({level} CI)", f"Kappa ({level} CI)", "By chance", "p")
    rows: list[tuple[str, ...]] = []
    reasons: list[Paragraph] = []
    for item in scored:
        kappa = item.score.kappa if item.score is not None else None
        if kappa is None or item.score is None:
            continue
        flips = len(item.score.flips)
        rows.append((name(item.title), f"{flips} of {kappa.n}", share_text(flips, kappa.n, result.confidence),
                     f"{kappa.method}: {kappa_text(kappa)}" if kappa.kappa is not None else "not defined",
                     share(kappa.expected) if kappa.kappa is not None else "", p_cell(kappa.p)))
        if kappa.reason:
            reasons.append(Paragraph(f"{name(item.title)}: {sentence(kappa.reason)}"))
    return all_blocks(table("Agreement on the risk group; by chance: agreement expected of readings that have nothing "
                            "in common; p tests kappa = 0", head, rows), *reasons)


def _counts(item: ReadingComparison) -> tuple[DataTable, ...]:
    """Return the table of two readings' groups."""
    kappa: Kappa | None = item.score.kappa if item.score is not None else None
    if kappa is None or kappa.method != COHEN:
        return ()
    first, second = (name(label) for label in item.readings[:2])
    rows = [(f"{first}: {name(group)}", *map(str, counts), str(sum(counts)))
            for group, counts in zip(kappa.categories, kappa.counts, strict=True)]
    rows.append(("All", *(str(sum(column)) for column in zip(*kappa.counts, strict=True)), str(kappa.n)))
    return table(f"Risk group in {first} (rows) and {second} (columns): cases",
                 ("", *(f"{second}: {name(group)}" for group in kappa.categories), "All"), rows)


def _flips(scored: list[ReadingComparison]) -> tuple[DataTable, ...]:
    """Return the cases whose group changes, each once with the comparisons in which it does."""
    flips: dict[str, list[tuple[ReadingComparison, GroupFlip]]] = {}
    for item in scored:
        for flip in item.score.flips if item.score is not None else ():
            flips.setdefault(flip.case, []).append((item, flip))
    rows = []
    for case, items in flips.items():
        for item, flip in items:
            groups = ", ".join(f"{label}: {group}" for label, group in zip(item.readings, flip.groups, strict=True)) \
                if len(flip.groups) == 2 else ", ".join(f"{count} × {group}" for group, count in
                                                       Counter(flip.groups).items())
            rows.append((name(case), name(item.title), sentence(groups)))
    return table("Cases whose risk group changes", ("Case", "Comparison", "Groups"), rows, (0, 1, 2))


def _changes(result: ReproducibilityResult, scored: list[ReadingComparison]) -> tuple[Block, ...]:
    head = ("Comparison", "Prediction", "Cases", "Mean", "Largest", "Bias", "Limits of agreement")
    rows = []
    for item in scored:
        for change in item.score.changes if item.score is not None else ():
            limits = change.limits
            rows.append((name(item.title), change.what if change.months is None else months(change.months),
                         str(change.n), points(change.mean_range),
                         f"{points(change.largest_range)} ({name(change.largest_case)})",
                         "" if limits is None else points(limits.bias),
                         "" if limits is None else f"{points(limits.lower)} to {points(limits.upper)}"))
    if not rows and result.model is not None:
        withheld = next((item.withheld for item in result.scores if item.withheld), "")
        return (missing("No predicted outcome", withheld or "The model predicts none, or factors that it needs are not "
                        "in the table."),)
    endpoint = name(result.model.endpoint).lower() if result.model else "outcome"
    return table(f"Change of the predicted {endpoint} between readings, in percentage points", head, rows, (0, 1))
