"""What is told of all segments of a reading: a row for each, and the patient-level summary in sentences."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..models.model import Model
from ..prediction.all_segments import NamedScore, PatientSummary, SegmentResult
from ..prediction.columns import result_columns
from ..prediction.record import GROUP, SCORE
from ..texts import clean, number
from .answer import answer_of

#: What stands below every table of segments.
CAVEATS = (
    "Each result is that of one segment. Segments of one patient are not independent: they are not so many patients.",
    "The cut-off is one for single segments: the more segments there are, the more easily one of them lies beyond it.",
    "The mean has no interval: how strongly the segments of one patient depend on each other is not known.",
)

#: Columns of the table file that stand before those of a result, and after them.
_FIRST, _LAST = ("label", "segment", "volume_mm3"), ("error",)


@dataclass(frozen=True, kw_only=True)
class SegmentRow:
    """A row of the table of segments, in words: ``outcome`` is survival at the last horizon or a probability.

    ``volume`` is that of the contour in cm3; ``limits`` are what speaks against the result, most important first;
    ``reason`` says what is withheld, or why there is no result at all. ``questioned`` are the components (score, group,
    outcome) that a warning speaks against, ``worse`` is None without a group.
    """

    label: str
    name: str
    colour: tuple[float, float, float] | None
    group: str = ""
    worse: bool | None = None
    score: str = ""
    outcome: str = ""
    volume: str
    limits: tuple[str, ...] = ()
    reason: str
    questioned: tuple[str, ...] = ()


def outcome_title(model: Model) -> str:
    """Return what :attr:`SegmentRow.outcome` is of: '36 months', or the outcome whose probability it is."""
    if model.survival is not None:
        return f"{max(model.horizons_months):g} months"
    return model.probability.outcome if model.probability is not None else ""


def segment_row(result: SegmentResult, model: Model) -> SegmentRow:
    """Return one segment's row."""
    prediction, name = result.prediction, clean(result.name)
    volume = "" if result.volume_mm3 is None else f"{result.volume_mm3 / 1000:.1f}"
    if prediction is None:
        return SegmentRow(label=result.label, name=name, colour=result.colour, volume=volume, reason=result.error)
    answer = answer_of(prediction, model)
    last = max(answer.outcomes, key=lambda item: item.months or 0.0, default=None)
    questioned = [item for item in (SCORE, GROUP) if item in answer.questioned]
    questioned += ["outcome"] if last is not None and last.questioned else []
    return SegmentRow(
        label=result.label, name=name, colour=result.colour, group=answer.group, worse=answer.worse,
        score="" if prediction.score is None else number(prediction.score, 4),
        outcome=last.text if last is not None else "", volume=volume, limits=tuple(item.text for item in answer.limits),
        reason=" ".join(f"No {item.title}: {item.reason}" for item in answer.withheld), questioned=tuple(questioned))


def band_of(results: Sequence[SegmentResult], model: Model) -> str:
    """Return what stands above all results when they mean nothing for a patient, else nothing."""
    bands = (answer_of(item.prediction, model).band for item in results if item.prediction is not None)
    return next(filter(None, bands), "")


def summary_sentences(summary: PatientSummary) -> tuple[str, ...]:
    """Return the patient-level summary, the most important first, without :data:`CAVEATS`."""
    lines = [_counts(summary)]
    if summary.grouped:
        worse = {True: ", the worse prognosis", False: ", the better prognosis", None: ""}[summary.above_is_worse]
        lines.append(f"{summary.above} of {summary.grouped} in the group '{summary.above_label}' (above the "
                     f"cut-off{worse}), {summary.grouped - summary.above} in '{summary.below_label}'.")
    if summary.worst is not None:
        lines.append(f"Worst prognosis: {_one(summary.worst)}.")
    if summary.scored > 1:
        ends = (("Highest score", summary.highest), ("Lowest score", summary.lowest))
        lines += [f"{title}: {_one(item)}." for title, item in ends if item is not None and item != summary.worst]
    if summary.mean is not None and summary.scored > 1:
        lines.append(f"Mean score {number(summary.mean, 4)} of {summary.scored} segments, each counted once.")
    if summary.largest is not None:
        lines.append(f"Largest contour: {_one(summary.largest)}.")
    lines += summary.reasons
    for names in summary.repeated:
        quoted = " and ".join(f"'{clean(name)}'" for name in names)
        lines.append(f"{quoted} have exactly the same contour: they are one lesion, counted more than once.")
    if summary.questioned:
        lines.append(f"Of {summary.questioned} scored segments the score or the group is questioned by a warning; "
                     "they are counted all the same.")
    return tuple(lines)


def _counts(summary: PatientSummary) -> str:
    lacking = [f"{count} {what}" for count, what in ((summary.withheld, "withheld"), (summary.failed, "failed"))
               if count]
    of = f"{summary.scored} of {summary.segments} segments scored" if lacking else f"{summary.segments} segments scored"
    return of + (f" ({', '.join(lacking)}: not in the numbers below)." if lacking else ".")


def _one(item: NamedScore) -> str:
    group = f", {clean(item.group.label)}" if item.group is not None else ""
    return f"'{clean(item.name)}' with {number(item.score, 4)}{group}" + (" (questioned)" if item.questioned else "")


def table_columns(results: Sequence[SegmentResult]) -> tuple[list[str], list[list[Any]]]:
    """Return (names, rows) of the table file: label, name and contour's volume, the result, and the error."""
    results_by_name = [result_columns(item.prediction) if item.prediction is not None else {} for item in results]
    own = list(dict.fromkeys(name for columns in results_by_name for name in columns))
    rows = []
    for item, columns in zip(results, results_by_name, strict=True):
        values = [item.label, item.name, item.volume_mm3, *(columns.get(name) for name in own), item.error or None]
        rows.append(["" if value is None else value for value in values])
    return [*_FIRST, *own, *_LAST], rows


def table_text(results: Sequence[SegmentResult], delimiter: str = ",") -> str:
    """Return the table as text: decimal points, full precision, one line a segment, the names first."""
    names, rows = table_columns(results)
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([names, *rows])
    return stream.getvalue()
