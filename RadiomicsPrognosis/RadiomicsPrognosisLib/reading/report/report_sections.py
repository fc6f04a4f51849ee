"""What a readers' study's report says, from the first look to the checklist, as sections of plain blocks."""

from __future__ import annotations

from collections.abc import Sequence

from ...report.blocks import Report, Section
from ...report.elements import all_blocks, facts, name, sentence, table
from ...report.folder import with_unique_names
from ...texts import DISCLAIMER, clean
from ..result import ContourSource, ReproducibilityResult
from .checklist import READINGS, checklist_section
from .circumstances import UNKNOWN, Circumstances
from .contour_section import contours_section
from .feature_section import features_section
from .methods import methods_section
from .provenance import provenance_section
from .score_section import score_section
from .summary import summary_section

#: Most rows of a table of what is missing.
_MOST = 30


def reproducibility_content(result: ReproducibilityResult, sources: Sequence[ContourSource] = (),
                            known: Circumstances = UNKNOWN) -> Report:
    """Return the report of a result; pictures of contours need their ``sources``."""
    version = clean(result.software.get("RadiomicsPrognosis", "?"), 30)
    model = f" · model {clean(result.model.id, 80)} {clean(result.model.version, 30)}" if result.model else ""
    footer = f"RadiomicsPrognosis {version}{model}"
    title = f"How well does it repeat? {name(known.title)}" if known.title else "How well does it repeat?"
    return Report(title=title, subtitle=footer, disclaimer=DISCLAIMER, footer=footer, contents=True,
                  sections=with_unique_names((
                      summary_section(result), _readings(result), score_section(result), features_section(result),
                      contours_section(result, sources), methods_section(result, known),
                      provenance_section(result, known), checklist_section(result, known))))


def _readings(result: ReproducibilityResult) -> Section:
    """Return who read what, what is missing and what was left out."""
    plan = result.plan
    return Section(READINGS, all_blocks(
        facts([("Cases", str(len(plan.cases))), ("Readers", name(", ".join(plan.readers))),
               ("Sessions", name(", ".join(plan.sessions))), ("Readings used", str(plan.rows)),
               ("Design", "complete: every reading holds every case" if plan.is_complete else
                f"incomplete: {len(plan.missing)} readings of a case are missing")]),
        table("Readings", ("Reader", "Session", "Cases"),
              [(name(item.reader), name(item.session), str(item.cases)) for item in plan.readings], (0, 1)),
        table(f"Missing readings{_first(len(plan.missing))}", ("Case", "Reading"),
              [(name(item.case), name(item.reading)) for item in plan.missing[:_MOST]], (0, 1)),
        table(f"Rows left out{_first(len(plan.left_out))}", ("Case", "Reading", "Why"),
              [(name(item.case), name(item.reading), sentence(item.reason)) for item in plan.left_out[:_MOST]],
              (0, 1, 2))))


def _first(count: int) -> str:
    return f", the first {_MOST} of {count}" if count > _MOST else ""
