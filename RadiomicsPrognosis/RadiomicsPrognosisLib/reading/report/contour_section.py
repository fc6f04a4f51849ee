"""The report on contours: overlap and surface distances of every pair of readings, and the cases that agree least."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...notation import fixed, share
from ...report.blocks import Block, DataTable, Section
from ...report.elements import all_blocks, missing, name, sentence, table
from ..overlap import Overlap
from ..result import CONTOURS_FILE, ContourAgreement, ContourSource, ReproducibilityResult
from .checklist import CONTOURS
from .result_pictures import contour_pictures, overlay_pictures, pair_titles
from .words import cases

#: Most cases listed, those that agree least first; the file beside the page holds all.
_MOST = 40

#: Columns of the table of pairs: heading, value of an overlap, decimals.
_MEASURES: tuple[tuple[str, Callable[[Overlap], float], int], ...] = (
    ("Dice", lambda item: item.dice, 3), ("Jaccard", lambda item: item.jaccard, 3),
    ("Mean distance (mm)", lambda item: item.mean_surface_distance_mm, 2),
    ("HD95 (mm)", lambda item: item.hausdorff95_mm, 1), ("Maximum (mm)", lambda item: item.hausdorff_mm, 1),
    ("Volume difference (%)", lambda item: 100 * item.relative_volume_difference, 1))


def contours_section(result: ReproducibilityResult, sources: Sequence[ContourSource]) -> Section:
    """Return how well the contours agree; pictures need their ``sources``."""
    measured = [item for item in result.contours if item.overlap is not None]
    if not measured:
        reason = next((item.reason for item in result.contours), "The table names no masks of the readings.")
        return Section(CONTOURS, (missing("No contours", reason),))
    return Section(CONTOURS, all_blocks(
        _pairs(result), contour_pictures(result), overlay_pictures(result, sources), _cases(measured),
        _left_out(result)))


def _pairs(result: ReproducibilityResult) -> tuple[DataTable, ...]:
    columns: dict[str, list[Overlap]] = {}
    for (first, second), title in pair_titles(result):
        overlaps = [item.overlap for item in result.contours
                    if (item.first, item.second) == (first, second) and item.overlap is not None]
        if overlaps:
            columns[f"{name(title)} ({cases(len(overlaps))})"] = overlaps
    rows = [(head, *(_spread([value(item) for item in overlaps], digits) for overlaps in columns.values()))
            for head, value, digits in _MEASURES]
    return table("Median (lowest to highest) over the cases", ("", *columns), rows)


def _spread(values: Sequence[float], digits: int) -> str:
    low, middle, high = (fixed(float(value), digits) for value in (min(values), np.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def _cases(measured: Sequence[ContourAgreement]) -> tuple[Block, ...]:
    ordered = sorted(((item.overlap, item) for item in measured if item.overlap is not None),
                     key=lambda pair: (pair[0].dice, pair[1].case))
    rows = [(f"{name(item.case)}: {name(item.first)}, {name(item.second)}{' (identical)' if item.is_copy else ''}",
             fixed(overlap.dice), fixed(overlap.mean_surface_distance_mm, 2), fixed(overlap.hausdorff95_mm, 1),
             fixed(overlap.hausdorff_mm, 1),
             f"{fixed(overlap.volume_a_mm3 / 1000, 1)}, {fixed(overlap.volume_b_mm3 / 1000, 1)}",
             share(overlap.relative_volume_difference))
            for overlap, item in ordered[:_MOST]]
    head = ("Case: readings", "Dice", "Mean (mm)", "HD95 (mm)", "Max. (mm)", "Volumes (cm³)", "Difference")
    more = f", the {_MOST} of lowest Dice; {CONTOURS_FILE} has all {len(ordered)}" if len(ordered) > _MOST else ""
    return table(f"Contours by case{more}", head, rows)


def _left_out(result: ReproducibilityResult) -> tuple[DataTable, ...]:
    return table("Contours that could not be compared", ("Case", "Readings", "Why"),
                 [(name(item.case), f"{name(item.first)}, {name(item.second)}", sentence(item.reason))
                  for item in result.contours if item.overlap is None], (0, 1, 2))
