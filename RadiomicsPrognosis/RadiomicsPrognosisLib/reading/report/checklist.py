"""Which items of GRRAS a readers' study answers itself, where, and which its authors must answer."""

from __future__ import annotations

from ...report.blocks import Facts, Paragraph, Section
from ...report.guidelines import Guideline, checklist_tables, read_guidelines
from ..study_result import FIGURES_FOLDER, RESULT_FILE, ReproducibilityResult
from .circumstances import Circumstances
from .methods import METHODS

CHECKLIST, READINGS, SCORE, FEATURES, CONTOURS = (
    "GRRAS checklist", "Readings", "Score and risk group", "Features", "Contours")

_TO_BE_STATED = "to be stated by the authors"


def grras() -> Guideline:
    """Return GRRAS. Raises FileError or SchemaError where its file is damaged."""
    return read_guidelines("grras")[0]


def checklist_section(result: ReproducibilityResult, known: Circumstances) -> Section:
    """Return the items answered here with where, and the items left to the authors."""
    return Section(CHECKLIST, (
        Paragraph("Items are named in short words; the guideline's own text decides what they ask for. What is called "
                  "answered is reported on this page; whether it is enough, the authors judge."),
        Facts((grras().source,)),
        *checklist_tables(grras(), answers(result, known), "this page", _TO_BE_STATED)))


def answers(result: ReproducibilityResult, known: Circumstances) -> dict[str, str]:
    """Return by what an item is answered where that stands on the page, empty where the data have nothing."""
    measured = [item for item in result.comparisons if item.icc is not None]
    where = [title for title, there in (
        (SCORE, any(item.score is not None for item in result.comparisons)), (FEATURES, measured),
        (CONTOURS, any(item.overlap is not None for item in result.contours))) if there]
    answered: dict[str, tuple[object, str]] = {
        "measurement": (result.protocol, f"{METHODS}: features, model and scaling"),
        "sampling": (known.sampling, METHODS),
        "process": (known.blinding and (known.intervals or known.washout_days), f"{METHODS}: wash-out and blinding"),
        "independence": (known.blinding, f"{METHODS}: blinding"),
        "statistics": (measured, METHODS),
        "numbers": (result.plan.readings, f"{READINGS}; {METHODS}"),
        "estimates": (where, f"{', '.join(where)} (with intervals)"),
        "details": (measured, f"{RESULT_FILE}, the tables and {FIGURES_FOLDER}/ beside this page"),
    }
    return {key: place if there else "" for key, (there, place) in answered.items()}
