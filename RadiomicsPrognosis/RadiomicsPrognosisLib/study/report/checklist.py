"""Which items of the reporting guidelines a run answers itself, where, and which its authors must answer."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from ...models.model import BINARY
from ...report.blocks import Block, Facts, Link, Paragraph, Section
from ..output.file_names import PROTOCOL_FILE
from ..results import ModelResult, StudyResult
from .cohorts import CHARACTERISTICS, COHORTS
from .comparisons import COMPARED
from .elements import table
from .guidelines import ITEMS, SOURCES
from .signatures import REPRODUCIBILITY

CHECKLISTS = "Reporting checklists"

_SIGNATURES, _MODELS = "Signature sections", "Model sections"


def checklist_section(found: StudyResult) -> Section:
    """Return the items answered here with where, and the items left to the authors, by guideline."""
    blocks: list[Block] = [
        Paragraph("Items are named in short words; the guidelines' own text decides what they ask for. What is called "
                  "answered is reported by this run; whether it is enough, the authors judge."),
        Facts(tuple((guideline, Link(f"{citation}, doi:{doi}", f"https://doi.org/{quote(doi)}"))
                    for guideline, citation, doi in SOURCES))]
    for guideline, items in ITEMS.items():
        where = {key: (_ANSWERS[key](found) if key else "") for _, _, key in items}
        done = [(f"{number} · {what}", where[key]) for number, what, key in items if where[key]]
        left = [(f"{number} · {what}", "this run has no answer" if key else "") for number, what, key in items
                if not where[key]]
        blocks += table(f"{guideline}: answered by this run ({len(done)} of {len(items)} items)", ("Item", "Where"),
                        done, (0, 1))
        blocks += table(f"{guideline}: for the authors ({len(left)} items)", ("Item", "Remark"), left, (0, 1))
    return Section(CHECKLISTS, tuple(blocks))


def _models(found: StudyResult) -> list[ModelResult]:
    return [model for model in found.models if not model.reason]


def _if(answered: object, where: str) -> str:
    return where if answered else ""


def _reproducible(found: StudyResult) -> str:
    return _if(found.reproducibility, REPRODUCIBILITY)


def _redundancy(found: StudyResult) -> str:
    return _if(any(step.name == "redundancy" for made in found.signatures for step in made.steps),
               f"{_SIGNATURES}: selection step by step")


def _clinical(found: StudyResult) -> str:
    models = _models(found)
    both = any(model.signatures for model in models) and any(model.covariates and not model.signatures
                                                             for model in models)
    return _if(both, COMPARED)


def _calibration(found: StudyResult) -> str:
    cohorts = [cohort for model in found.models for cohort in model.cohorts]
    known = any(performance.calibration for cohort in cohorts for _, performance in cohort.by_time())
    return _if(known, f"{_MODELS}: calibration")


def _validated(found: StudyResult) -> str:
    names = [item.name for item in found.cohorts[1:]]
    measured = any(cohort.cohort in names for model in found.models for cohort in model.cohorts)
    return _if(names and measured, f"{_MODELS}: performance in every cohort; tell which cohorts are external")


#: What answers an item: where it stands in the report, empty when this run has nothing to say.
_ANSWERS: dict[str, Callable[[StudyResult], str]] = {
    "endpoint": lambda found: _if(found.endpoints, COHORTS),
    "missing": lambda found: _if(_models(found), f"{COHORTS}: rows left out for a missing value; none is imputed"),
    "cohorts": lambda found: _if(found.cohorts, COHORTS),
    "flow": lambda found: f"{COHORTS} (rows given to the run; who was not eligible, the authors tell)",
    "used": lambda found: _if(_models(found), COHORTS),
    "scaling": lambda found: _if(any(made.terms for made in found.signatures), f"{_SIGNATURES}: coefficients"),
    "building": lambda found: _if(_models(found), f"{_SIGNATURES} and {_MODELS.lower()}"),
    "performance": lambda found: _if(_models(found), f"{_MODELS}: performance (intervals of C-index, AUC and ratios); "
                                 f"{COMPARED}"),
    "equation": lambda found: _if(_models(found), f"{_SIGNATURES}: coefficients; {_MODELS.lower()}: final model"),
    "cutoff": lambda found: _if(any(model.cutoff for model in found.models), f"{_MODELS}: cut-off"),
    "characteristics": lambda found: _if(found.characteristics, CHARACTERISTICS),
    "protocol": lambda found: _if(found.recipe.get("protocol"), f"{PROTOCOL_FILE} beside this page"),
    "features": lambda found: _if(any(made.steps for made in found.signatures),
                                  f"{_SIGNATURES}: selection step by step"),
    "balance": lambda found: _if(any(item.kind == BINARY for item in found.endpoints),
                                 f"{COHORTS}: events by cohort; no resampling of classes"),
    "reproducibility": _reproducible,
    "redundancy": _redundancy,
    "dimension": lambda found: _if(any(made.terms for made in found.signatures),
                                   f"{_SIGNATURES}: events and selected features"),
    "comparisons": lambda found: _if(found.comparisons, COMPARED),
    "clinical": _clinical,
    "calibration": _calibration,
    "validation": _validated,
}
