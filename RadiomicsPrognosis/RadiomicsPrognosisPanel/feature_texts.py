"""What the section 'Features and scaling of a cohort' says: what is still to be given, and what came of it."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.command_messages import ExtractionSummary, ScalingSummary
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.problem import Problem

from . import texts


def model(item: Model | None) -> str:
    """Return whose features are extracted and how, as rich text."""
    if item is None or item.protocol is None:
        return ""
    text = _("{count} features of '{model}' under the protocol '{protocol}'; the model is for {disease}.").format(
        count=len(item.terms), model=texts.escape(item.id), protocol=texts.escape(item.protocol.id),
        disease=texts.escape(item.disease or item.population))
    inputs = texts.rows_by_input([each.name for each in item.inputs])
    return f"{text} " + _("Inputs of a case: {inputs}.").format(inputs=texts.escape(inputs)) if inputs else text


def disease_example(item: Model | None) -> str:
    """Return the words in which the model names its disease, for who is asked for that of the cohort."""
    return _("such as: {disease}").format(disease=item.disease) if item is not None and item.disease else ""


def missing(problem: Problem | None) -> str:
    """Return what is in the way of an extraction or a scaling, as rich text; nothing without a problem."""
    if problem is None:
        return ""
    values = {key: texts.escape(value) for key, value in problem.values.items()}
    sentences = {
        "model": _("Choose the model above."),
        "table-model": _("This model scores columns of a table that other software made: there is nothing to extract."),
        "images": _("Choose the table of images and masks: columns case, image and mask."),
        "raw-model": _("This model takes features as they are and needs no scaling."),
        "scaling-name": _("For a scaling: give it a name."),
        "bad-name": _("A scaling cannot be called '{name}': use letters, digits, dots, hyphens and underscores."),
        "taken-name": _("There is a scaling '{name}' already: give another name."),
        "disease": _("For a scaling: say which disease the patients have. Means and SDs of another disease give "
                     "scores that mean nothing."),
        "origin": _("For a scaling: say where the cases come from (hospital, years, scanners).")}
    text = sentences.get(problem.code)
    return text.format(**values) if text is not None else texts.study_problem(problem)


def extracted(item: ExtractionSummary) -> str:
    """Return what came of an extraction, as rich text."""
    text = "✔ " + _("{done} of {rows} rows extracted to {table}").format(
        done=item.rows - item.failed, rows=item.rows, table=texts.escape(item.table))
    return text + _failed(item)


def fitted(item: ScalingSummary, rows: ExtractionSummary | None, is_chosen: bool) -> str:
    """Return what came of a scaling, as rich text."""
    text = "✔ " + _("The scaling '{name}' was fitted from {cases} cases").format(
        name=texts.escape(item.name), cases=item.cases)
    text += ", " + _("and is chosen above.") if is_chosen else "; " + _("choose it above for its model.")
    return text + (_failed(rows) if rows is not None else "")


def _failed(item: ExtractionSummary) -> str:
    if not item.failed:
        return ""
    return "<br>⚠ " + _("{count} rows failed; the first: {error}").format(
        count=item.failed, error=texts.escape(item.first_error))


def title(stage: Stage) -> str:
    """Return the section's title, with what goes on in it."""
    state = {Stage.RUNNING: _("running"), Stage.CANCELLING: _("stopping"), Stage.DONE: _("done"),
             Stage.FAILED: _("failed")}.get(stage, "")
    name = _("Features and scaling of a cohort")
    return f"{name} · {state}" if state else name
