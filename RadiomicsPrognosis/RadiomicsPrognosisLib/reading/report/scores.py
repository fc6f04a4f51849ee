"""The report on the model's score: agreement of the score, of the risk group and of the predicted outcome."""

from __future__ import annotations

from collections import Counter

from ...notation import bounds, fixed, months, p_cell, share
from ...report.blocks import Block, DataTable, Paragraph, Section
from ...report.elements import all_blocks, missing, name, sentence, table
from ...statistics.kappa import COHEN, Kappa
from ...texts import number
from ..result import SCORES_FILE, GroupFlip, ReadingComparison, ReproducibilityResult
from .checklist import SCORE
from .pictures import outcome_pictures, score_pictures
from .summary import demonstration_remark
from .words import icc_value, interval_text, limits_text, per_cent


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
        lead, _agreement(result, scored), *reasons, score_pictures(result), _kappas(scored),
        *(_counts(item) for item in scored), _flips(scored), _changes(result, scored), outcome_pictures(result),
        Paragraph(f"Every reading's score, group and prediction is in {SCORES_FILE}.")))


def _agreement(result: ReproducibilityResult, scored: list[ReadingComparison]) -> tuple[DataTable, ...]:
    level = per_cent(result.confidence)
    head = ("Comparison", "Cases", f"{result.form} ({level} CI)", f"Bias ({level} CI)", "Limits of agreement",
            "Interval of the lower", "Interval of the upper", f"Repeatability coefficient ({level} CI)")
    rows = []
    for item in scored:
        score = item.score
        if score is None:
            continue
        icc = icc_value(score.icc, result.form).text if score.icc is not None else ""
        limits, repeated = score.limits, score.repeatability
        cells = ("", "", "", "") if limits is None else (
            f"{number(limits.bias, 3)} ({interval_text(limits.bias_interval)})", limits_text(limits),
            interval_text(limits.lower_interval), interval_text(limits.upper_interval))
        coefficient = "" if repeated is None else \
            f"{number(repeated.coefficient, 3)} ({interval_text(repeated.coefficient_interval)})"
        rows.append((name(item.title), str(score.n), icc, *cells, coefficient))
    title = f"Agreement of the {name(result.model.score_name)}" if result.model else ""
    return (*table(title, head, rows), *_trends(scored))


def _trends(scored: list[ReadingComparison]) -> tuple[DataTable, ...]:
    """Return the slope of the difference on the mean, which tells whether limits hold over the whole range."""
    rows = [(name(item.title), number(limits.slope, 3), p_cell(limits.slope_p)) for item in scored
            if item.score is not None and (limits := item.score.limits) is not None and limits.slope is not None]
    return table("Does the difference depend on the score? Slope of the difference on the mean",
                 ("Comparison", "Slope", "p"), rows)


def _kappas(scored: list[ReadingComparison]) -> tuple[DataTable, ...]:
    head = ("Comparison", "Cases", "Kappa", "Observed agreement", "Expected by chance", "p (kappa = 0)", "Method",
            "Note")
    rows = []
    for item in scored:
        kappa = item.score.kappa if item.score is not None else None
        if kappa is not None:
            value = "" if kappa.kappa is None else fixed(kappa.kappa) + bounds(kappa.lower, kappa.upper)
            rows.append((name(item.title), str(kappa.n), value, share(kappa.observed),
                         share(kappa.expected) if kappa.kappa is not None else "", p_cell(kappa.p), kappa.method,
                         sentence(kappa.reason)))
    return table("Agreement on the risk group beyond chance", head, rows, (0, 6, 7))


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
    head = ("Comparison", "Prediction", "Cases", "Mean change", "Largest change", "in case", "Bias",
            "Limits of agreement")
    rows = []
    for item in scored:
        for change in item.score.changes if item.score is not None else ():
            limits = change.limits
            rows.append((name(item.title),
                         change.what if change.months is None else f"{change.what} at {months(change.months)}",
                         str(change.n), share(change.mean_range), share(change.largest_range),
                         name(change.largest_case), "" if limits is None else share(limits.bias),
                         "" if limits is None else f"{share(limits.lower)} to {share(limits.upper)}"))
    title = f"Change of the predicted {name(result.model.endpoint).lower()} between readings (percentage points)" \
        if result.model else ""
    if not rows and result.model is not None:
        withheld = next((item.withheld for item in result.scores if item.withheld), "")
        return (missing("No predicted outcome", withheld or "The model predicts none, or factors that it needs are not "
                        "in the table."),)
    return table(title, head, rows, (0, 1, 5))
