"""What a study's report says, from the first look to the checklists, as sections of plain blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...models.model import Model
from ...notation import fixed, interval
from ...report.blocks import Block, Notice, Paragraph, Report, Section, Tile, Tiles
from ...report.elements import all_blocks, missing, name, sentence
from ...report.folder import with_unique_names
from ...texts import DISCLAIMER, clean
from ..results.cohorts import TRAINING, rows_text
from ..results.models import ModelResult
from ..results.performance import ModelCohort
from ..results.study import StudyResult, ValidationResult
from .checklist import checklist_section
from .cohorts import characteristics_section, cohorts_section, univariable_section
from .comparisons import compared_section, controls_section
from .models import cutoff_facts, model_section
from .performance import performance_blocks
from .pictures import calibration_picture, decision_picture, groups_picture, roc_pictures, score_name, score_picture
from .provenance import provenance_section
from .signatures import reproducibility_section, signature_section

_SHORT = "In short"


def study_content(study: StudyResult, models: Mapping[str, Model] | None = None) -> Report:
    """Return the report of a study; ``models`` are the stored models by their identifier in the recipe."""
    endpoints = {item.id: item for item in study.endpoints}
    models = models or {}
    return _report(f"Study report: {name(study.recipe['title'])}", _footer(study.software, "recipe", study.recipe), (
        Section(_SHORT, _study_in_short(study)),
        cohorts_section(study.cohorts, study.endpoints, study.models, "Everything but the reproducibility filter is "
                        "learned in the training cohort; the others only measure."),
        characteristics_section(study.characteristics, study.by_outcome),
        univariable_section(study.univariable, study.endpoints),
        reproducibility_section(study.reproducibility),
        *map(signature_section, study.signatures),
        *(model_section(model, endpoints[model.endpoint], study.signatures, models.get(model.id))
          for model in study.models),
        compared_section(study.models, study.endpoints, study.cohorts, study.comparisons),
        controls_section(study.nested, study.permutations, study.signatures),
        provenance_section("Recipe", study.recipe, study.data, study.software, study.schema, study.seed),
        checklist_section(study)))


def validation_content(validation: ValidationResult) -> Report:
    """Return the report of a stored model's validation."""
    stored, endpoint = validation.model, validation.endpoint
    title = name(stored.get("title", stored.get("id", "")))
    model = ModelResult(id="model", title=title, endpoint=endpoint.id, kind=endpoint.kind, cutoff=validation.cutoff,
                        cohorts=validation.performance, whole=validation.whole)
    pictures = [picture for cohort in model.measured for picture in (
        groups_picture(model, endpoint, cohort), *roc_pictures([model], endpoint, cohort.cohort),
        calibration_picture(model, endpoint, cohort), decision_picture([model], endpoint, cohort.cohort))]
    return _report(f"Validation report: {title}", _footer(validation.software, "model", stored), (
        Section(_SHORT, all_blocks(_answers(title, model.cohorts), _findings(validation.findings))),
        cohorts_section(validation.cohorts, (endpoint,), [model], "The model comes from elsewhere; nothing is learned "
                        "here."),
        characteristics_section(validation.characteristics, validation.by_outcome),
        univariable_section(validation.univariable, (endpoint,)),
        Section("Performance", all_blocks(
            cutoff_facts(model.cutoff), performance_blocks(model.measured),
            score_picture(model, endpoint, score_name(model, ["Score"])), *pictures)),
        provenance_section("Model", stored, validation.data, validation.software, validation.schema)))


def _footer(software: Mapping[str, str], what: str, source: Mapping[str, object]) -> str:
    version = clean(software.get("RadiomicsPrognosis", "?"), 30)
    return f"RadiomicsPrognosis {version} · {what} {clean(source['id'], 80)} {clean(source['version'], 30)}"


def _report(title: str, footer: str, sections: Iterable[Section]) -> Report:
    return Report(title=title, subtitle=footer, disclaimer=DISCLAIMER, footer=footer,
                  sections=with_unique_names(sections), contents=True)


def _study_in_short(study: StudyResult) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for model in study.models:
        if model.reason:
            blocks.append(missing(f"No {name(model.title)}", model.reason))
        else:
            blocks += _answers(model.title, model.cohorts)
    blocks += [Paragraph(f"{name(signature.title)}: {sentence(signature.penalised.text)}")
               for signature in study.signatures if signature.penalised is not None and not signature.reason]
    return (*blocks, *_findings(study.findings))


def _answers(title: str, cohorts: Iterable[ModelCohort]) -> tuple[Block, ...]:
    """Return the main figure of a model in every cohort."""
    items = []
    for cohort in cohorts:
        for item in cohort.discrimination()[:1]:
            text = interval(item.value or 0.0, item.lower, item.upper).partition(" ")[2].strip("()")
            items.append(Tile(f"{name(title)}, {name(cohort.cohort)}", f"{item.name} {fixed(item.value)}",
                                f"95 % CI {text}; n = {rows_text(cohort.n, cohort.counted)}, {cohort.events} events"
                                + ("; apparent" if cohort.role == TRAINING else "")))
    return (Tiles(tuple(items)),) if items else ()


def _findings(findings: Iterable[str]) -> tuple[Block, ...]:
    notices = tuple(Notice("warning", "Note", sentence(text)) for text in findings)
    return notices or (Paragraph("Nothing unusual was noted about the data."),)
