"""Which items of the reporting guidelines a run answers itself, where, and which its authors must answer."""

from __future__ import annotations

from ...report.blocks import Block, Facts, Paragraph, Section
from ...report.guidelines import Guideline, checklist_tables, read_guidelines
from ..endpoints import KINDS
from ..output.file_names import PROTOCOL_FILE
from ..results.study import StudyResult
from .cohorts import CHARACTERISTICS, COHORTS
from .comparisons import COMPARED
from .signatures import REPRODUCIBILITY

CHECKLISTS = "Reporting checklists"

#: The files of Resources/Guidelines, in the order of the checklists.
_FILES = ("tripod-ai", "clear", "metrics")

_SIGNATURES, _MODELS = "Signature sections", "Model sections"


def guidelines() -> tuple[Guideline, ...]:
    """Return TRIPOD+AI, CLEAR and METRICS. Raises FileError or SchemaError where their files are damaged."""
    return read_guidelines(*_FILES)


def checklist_section(study: StudyResult) -> Section:
    """Return the items answered here with where, and the items left to the authors, by guideline."""
    blocks: list[Block] = [
        Paragraph("Items are named in short words; the guidelines' own text decides what they ask for. What is called "
                  "answered is reported by this run; whether it is enough, the authors judge."),
        Facts(tuple(item.source for item in guidelines()))]
    places = answers(study)
    for guideline in guidelines():
        blocks += checklist_tables(guideline, places, "this run")
    return Section(CHECKLISTS, tuple(blocks))


def answers(study: StudyResult) -> dict[str, str]:
    """Return by what a guideline's item is answered where that stands in the report, empty where the run has nothing.
    """
    signatures, models = study.signatures, [model for model in study.models if not model.reason]
    cohorts = [cohort for model in study.models for cohort in model.cohorts]
    steps = [step.name for signature in signatures for step in signature.steps]
    terms = any(signature.terms for signature in signatures)
    clinical = any(model.covariates and not model.signatures for model in models)
    calibrated = any(performance.calibration for cohort in cohorts for _, performance in cohort.by_time())
    validation = {item.name for item in study.cohorts[1:]}
    answered: dict[str, tuple[object, str]] = {
        "endpoint": (study.endpoints, COHORTS),
        "missing": (models, f"{COHORTS}: rows left out for a missing value; none is imputed"),
        "cohorts": (study.cohorts, COHORTS),
        "flow": (True, f"{COHORTS} (rows given to the run; who was not eligible, the authors tell)"),
        "used": (models, COHORTS),
        "scaling": (terms, f"{_SIGNATURES}: coefficients"),
        "building": (models, f"{_SIGNATURES} and {_MODELS.lower()}"),
        "performance": (models, f"{_MODELS}: performance (intervals of C-index, AUC and ratios); {COMPARED}"),
        "equation": (models, f"{_SIGNATURES}: coefficients; {_MODELS.lower()}: final model"),
        "cutoff": (any(model.cutoff for model in study.models), f"{_MODELS}: cut-off"),
        "characteristics": (study.characteristics, CHARACTERISTICS),
        "protocol": (study.recipe.get("protocol"), f"{PROTOCOL_FILE} beside this page"),
        "features": (steps, f"{_SIGNATURES}: selection step by step"),
        "balance": (any(KINDS[item.kind].has_classes for item in study.endpoints),
                    f"{COHORTS}: events by cohort; no resampling of classes"),
        "reproducibility": (study.reproducibility, REPRODUCIBILITY),
        "redundancy": ("redundancy" in steps, f"{_SIGNATURES}: selection step by step"),
        "dimension": (terms, f"{_SIGNATURES}: events and selected features"),
        "comparisons": (study.comparisons, COMPARED),
        "clinical": (clinical and any(model.signatures for model in models), COMPARED),
        "calibration": (calibrated, f"{_MODELS}: calibration"),
        "validation": (any(cohort.cohort in validation for cohort in cohorts),
                       f"{_MODELS}: performance in every cohort; tell which cohorts are external"),
    }
    return {key: where if known else "" for key, (known, where) in answered.items()}
