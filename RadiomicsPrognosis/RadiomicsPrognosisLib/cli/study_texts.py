"""What a study and a validation end with on the terminal: their main figures as lines a person reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..command_messages import StudyCohort, StudyDiscrimination, StudyModel, StudySignature, StudySummary
from ..study.output.file_names import REPORT_FILE

if TYPE_CHECKING:
    from ..study.results import ModelResult, StudyResult, ValidationResult
    from ..study.results.signatures import SignatureResult


def study_summary(result: StudyResult, out: str) -> StudySummary:
    """Return what people are told of a study whose folder is ``out``."""
    return StudySummary(
        recipe=result.recipe["id"], version=result.recipe["version"], title=result.recipe["title"],
        cohorts=tuple(StudyCohort(item.name, item.rows, item.patients) for item in result.cohorts),
        signatures=tuple(map(_signature, result.signatures)), models=tuple(map(_model, result.models)),
        notes=result.findings, folder=out, report=str(Path(out) / REPORT_FILE))


def _signature(result: SignatureResult) -> StudySignature:
    candidates = result.steps[0].before if result.steps else 0
    return StudySignature(result.id, len(result.terms), candidates, result.reason)


def _model(result: ModelResult) -> StudyModel:
    main = [] if result.reason else [(cohort.cohort, item) for cohort in result.cohorts
                                     for item in cohort.discrimination()[:1]]
    return StudyModel(
        id=result.id, measure=main[0][1].name if main else "",
        discrimination=tuple(StudyDiscrimination(cohort, item.value, item.lower, item.upper) for cohort, item in main),
        model_file=result.model_file, scaling_file=result.scaling_file, reason=result.reason)


def study_text(summary: StudySummary) -> str:
    """Return a study's main figures as lines a person reads."""
    lines = [f"{summary.recipe} {summary.version}: {summary.title}"]
    lines += [f"  Cohort {item.name}: {item.rows} rows of {item.patients} patients" for item in summary.cohorts]
    for signature in summary.signatures:
        lines.append(f"  Signature {signature.id}: {signature.terms} of {signature.candidates} features"
                     + (f" - {signature.reason}" if signature.reason else ""))
    for model in summary.models:
        if model.reason:
            lines.append(f"  Model {model.id}: none - {model.reason}")
            continue
        figures = ", ".join(f"{item.cohort} {_number(item.value)}{_interval(item.lower, item.upper)}"
                            for item in model.discrimination)
        lines.append(f"  Model {model.id}: {model.measure or 'discrimination'} {figures}"
                     + (f"; file {model.model_file}" if model.model_file else "; no file"))
    lines += [f"  Note: {text}" for text in summary.notes]
    return "\n".join([*lines, _where(summary.folder)])


def validation_text(result: ValidationResult, out: str) -> str:
    """Return a validation's main figures as lines a person reads."""
    from ..study.output.tables import performance_table

    lines = [f"{result.model['id']} {result.model['version']}: {result.model['title']}"]
    for cohort in result.performance:
        rows = f"{cohort.n} rows" if cohort.counted is None else cohort.counted.text(cohort.n)
        lines.append(f"  Cohort {cohort.cohort}: {rows}, {cohort.events} events, {cohort.excluded} left out")
        for row in performance_table(cohort):
            p = f", p = {row['p']:.3g}" if row["p"] is not None else ""
            lines.append(f"    {row['measure']}: {row['value']:.4g}{_interval(row['lower'], row['upper'])}{p}")
        lines += [f"    No {item.what}: {item.reason}" for item in cohort.unavailable]
    lines += [f"  Note: {text}" for text in result.findings]
    return "\n".join([*lines, _where(out)])


def _number(value: float | None, unknown: str = "not known") -> str:
    return unknown if value is None else f"{value:.3f}"


def _interval(lower: float | None, upper: float | None) -> str:
    """Return a confidence interval in brackets, empty when neither end is known."""
    if lower is None and upper is None:
        return ""
    return f" ({_number(lower, 'not reached')} - {_number(upper, 'not reached')})"


def _where(out: str) -> str:
    return f"  Report: {Path(out) / REPORT_FILE}\n  Everything is in {out}."
