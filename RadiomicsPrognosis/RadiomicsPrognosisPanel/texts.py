"""Every sentence of the panel's own, translatable; texts from models, errors and the scene are escaped where shown."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.command_messages import StudyDiscrimination, StudyModel, StudySummary
from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction.record import SurvivalPrediction
from RadiomicsPrognosisLib.presenter.card import Card
from RadiomicsPrognosisLib.presenter.case import Phase
from RadiomicsPrognosisLib.presenter.chosen import model_name
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.development import RecipeCard
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.series import SeriesInfo
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.presenter.summary import SCALE_SD, Kept, Scale
from RadiomicsPrognosisLib.texts import number, percent

from .notice import PanelNotice

#: Link of the problem text that opens the Extensions Manager.
EXTENSIONS_LINK = "extensions-manager"

#: Link of the problem text that installs what runs the networks of deep features.
INSTALL_LINK = "install"

#: Link of the problem text that shows what a fault report needs.
DETAILS_LINK = "details"

#: Where the documentation says how the phases of a model with two inputs are contoured and registered.
PHASES_LINK = "https://github.com/RadiomicsPrognosis/SlicerRadiomicsPrognosis/blob/main/docs/panel.md#two-phases"

#: Links of a notice: open the file, show its folder, choose another folder for what is written next.
OPEN_LINK, FOLDER_LINK, CHANGE_FOLDER_LINK = "open", "folder", "change-folder"


def problem(item: Problem) -> str:
    """Return why there is no result and what to do, as rich text."""
    if item.code == "volume":
        return _("Choose the CT to score.")
    if item.code == "model":
        return _("Choose a model.")
    if item.code == "unknown-model":
        return _("The model '{name}' is not at hand: put its file into the folder Models of your user folder, or "
                 "choose another.").format(name=escape(item.values["name"]))
    if item.code == "second-volume":
        return _("This model reads a second phase as well: choose the volume '{title}'.").format(
            title=escape(item.values["title"]))
    if item.code == "one-volume":
        return _("{titles} are two series of one patient: the same volume is chosen for both.").format(
            titles=escape(item.values["titles"]))
    if item.code == "segmentation" and item.values.get("phase"):
        return _("{phase}: press 'New reading' to contour the tumour on it, or choose a segmentation.").format(
            phase=escape(item.values["phase"]))
    if item.code == "segmentation":
        return _("Contour the tumour: press 'New reading', or choose a segmentation.")
    if item.code == "segment":
        return _("Choose the segment to score in '{name}', or add one.").format(name=escape(item.values["name"]))
    if item.code == "blinded":
        return _("A case of a reading study is being read: nothing is scored.")
    if item.code == "scaling":
        return _("{signature} is a sum of z-scored features and needs their means and SDs: choose a scaling, or fit "
                 "one from your own cases ('Features and scaling of a cohort').").format(
                     signature=escape(item.values["signature"]))
    if item.code == "engine":
        if not hasattr(slicer.app, "openExtensionsManagerDialog"):  # built without it
            return escape(item.message) + "<br>" + _("This 3D Slicer was built without the Extensions Manager: use "
                                                     "the one from slicer.org, or install the extension by hand.")
        return escape(item.message) + "<br>" + _link(EXTENSIONS_LINK, _("Open the Extensions Manager"))
    if item.code == "network-package":
        return escape(item.message) + "<br>" + _link(INSTALL_LINK, _("Install what runs networks…"))
    text = escape(item.message) if item.message else _("A fault of the software, not of your input; please report it.")
    return _with_details(text, item)


def _with_details(text: str, item: Problem) -> str:
    return f"{text} " + _link(DETAILS_LINK, _("Details")) if item.details else text


def _link(target: str, text: str) -> str:
    return f'<a href="{target}">{text}</a>'


def notice(item: PanelNotice) -> str:
    """Return what was written, or why it was not, with links to it, as rich text."""
    if item.problem is not None:
        return "✖ " + problem(item.problem)
    if not item.text:
        return ""
    links = [_link(OPEN_LINK, _("Open"))] if item.file is not None else []
    if item.folder is not None:
        links += [_link(FOLDER_LINK, _("Folder")), _link(CHANGE_FOLDER_LINK, _("Change folder…"))]
    return " · ".join([f"✔ {escape(item.text)}", *links])


def results_folder(folder: Path | None) -> str:
    """Return where reports and tables are saved, for the button that changes it."""
    if folder is None:
        return _("Choose the folder for reports and tables.")
    return _("Reports and tables go to {folder}; choose another folder.").format(folder=folder)


def other_features(count: int) -> str:
    """Return the name of the bar that stands for the features that are not listed."""
    return _("1 other feature") if count == 1 else _("{count} other features").format(count=count)


def no_image() -> str:
    """Return why there is nothing to export of a result that no image led to."""
    return _("The chosen model reads no image: there are no features to export, and no series for DICOM objects to "
             "refer to. The report has the whole result.")


def nothing_compared() -> str:
    """Return what stands in the place of the limits of a result that no image led to."""
    return _("The model reads no image: nothing but the clinical factors was compared with what it was made on.")


def freshness(state: Freshness, live: bool, with_image: bool = True) -> str:
    """Return how old the result shown is, in words; one ``with_image`` belongs to a contour."""
    if state is Freshness.CURRENT and not with_image:
        return _("✔ Belongs to the clinical factors as they are given.")
    if state is Freshness.CURRENT:
        return _("✔ Belongs to the contour as it is drawn.")
    if state is Freshness.UPDATING:
        return _("⟳ Contour or choices changed, updating…")
    if state is Freshness.CONTOUR_CHANGED:
        return _("⚠ The contour has changed since this result: press Score.")
    if state is Freshness.CHOICES_CHANGED:
        return _("⚠ Model, scaling, clinical factors or engine have changed since this result: press Score.")
    return _("Press Score, or switch Live on.") if not live else ""


def kept(item: Kept | None, resampled: float) -> str:
    """Return the live line; ``resampled`` is the share (0 - 1) that a HU range on the resampled grid removed."""
    if item is None:
        return ""
    whole = abs(item.share - item.kept / max(item.contoured, 1)) < 1e-6
    text = (_("kept {kept} of {contoured} voxels ({share:.1f} %), {volume:.1f} cm³") if whole else
            _("kept {kept} of {contoured} voxels ({share:.1f} % of the largest slice), {volume:.1f} cm³")).format(
        kept=_grouped(item.kept), contoured=_grouped(item.contoured), share=100 * item.share, volume=item.volume_cm3)
    if resampled:
        text += "\n" + _("After resampling, the HU range keeps {share:.1f} % of them.").format(
            share=100 * (1 - resampled))
    return text


def phases(items: Sequence[Phase]) -> str:
    """Return which contour is used on which phase, and whose registration is, as rich text."""
    lines = []
    for phase in items:
        if phase.shared:
            lines.append(_("{phase}: the contour of the first phase, right only where both phases lie upon each "
                           "other.").format(phase=f"<b>{escape(phase.title)}</b>"))
        elif phase.contour_name:
            lines.append(_("{phase}: {segment} of {reading}.").format(
                phase=f"<b>{escape(phase.title)}</b>", segment=escape(phase.contour_name),
                reading=escape(phase.segmentation.GetName())))
        else:
            lines.append(_("{phase}: no contour yet.").format(phase=f"<b>{escape(phase.title)}</b>"))
    return "<br>".join([*lines, _("Registering the phases is yours to do: {link}.").format(
        link=_link(PHASES_LINK, _("how")))])


def scale_note(item: Scale) -> str:
    """Return how the drawn scale of a score is to be read, as rich text."""
    if not item.ranges:
        return "<small>" + _("How the training patients' scores were distributed is not known: the ends of the scale "
                             "mean nothing.") + "</small>"
    ranges = "; ".join(_("{cohort} (n = {cases}): {mean} ± {sd}").format(
        cohort=one.cohort, cases=one.cases, mean=number(one.mean), sd=number(one.sd)) for one in item.ranges)
    text = _("Grey below the scale: mean ± 1 SD of the model's own patients, {ranges}. The scale ends at mean ± {ends} "
             "SD, or beyond the score.").format(ranges=ranges, ends=SCALE_SD)
    return f"<small>{escape(text)}</small>"


def curve_note(item: SurvivalPrediction, dashes: Sequence[tuple[object, str]]) -> str:
    """Return how the drawn curve is to be read, as rich text: shading, and the curves that were averaged."""
    lines = [_("Shaded: interval of the prediction.")] if item.curve_intervals else []
    lines += [f"{dashes[place % len(dashes)][1]} {one.label} ({percent(one.share)})"
              for place, one in enumerate(item.alternatives)]
    return f"<small>{'<br>'.join(map(escape, lines))}</small>" if lines else ""


def own_range(limits: tuple[float, float] | None) -> str:
    """Return that painting is limited by the editor's own intensity range (HU) alone, or nothing for None."""
    if limits is None:
        return ""
    return _("The editor's own intensity range, {low:g} to {high:g} HU, is in force instead of the model's.").format(
        low=limits[0], high=limits[1])


def series(info: SeriesInfo) -> str:
    """Return whose image it is, and its size and spacing."""
    names = [name for name in (info.patient, info.study, info.series) if name]
    size = _("{size} voxels of {spacing} mm").format(size=" × ".join(map(str, info.size)),
                                                     spacing=" × ".join(f"{value:.3g}" for value in info.spacing_mm))
    return "\n".join((" · ".join(names), size))


def model_names(models: Sequence[Model]) -> list[str]:
    """Return the models' lines in the chooser: short, so that they fit, and no two alike."""
    names = [model_name(model) for model in models]
    return [name if names.count(name) == 1 else f"{name} ({model.id})"
            for name, model in zip(names, models, strict=True)]


def card(item: Card) -> str:
    """Return a model's card as rich text."""
    return "<br>".join(f"<b>{escape(row.title)}</b>: {escape(row.text)}" for row in item.rows)


def unread(errors: list[InputError]) -> str:
    """Return which model files could not be read, as rich text."""
    return "<br>".join("⚠ " + escape(error) for error in errors)


def needs(item: Card) -> str:
    """Return what a model is called and needs, or why it cannot score here, as rich text."""
    return f"{escape(item.model.title)}<br>{_needs(item)}"


def _needs(item: Card) -> str:
    if item.obstacle:
        return "<b>" + _("Cannot score here: {reason}").format(reason=escape(item.obstacle)) + "</b>"
    if item.model.needs_scaling and not item.scalings:
        return "<b>" + _("Cannot score here: no scaling for it is at hand; fit one from your own cases "
                         "('Features and scaling of a cohort').") + "</b>"
    needed = [" + ".join(volume.title for volume in item.model.inputs)] if item.model.inputs else []
    if item.model.needs_scaling:
        needed.append(_("a scaling"))
    needed += [covariate.title for covariate in item.model.covariates]
    things = _("Needs: {things}").format(things=", ".join(needed))
    if item.model.is_clinical:
        things = _("Needs: {things}; no image and no contour").format(things=", ".join(needed))
    lines = [things]
    if item.network:
        lines.append(_("Its features come from the network {file}, in a process of its own.").format(file=item.network))
    return "<br>".join(map(escape, lines))


def recipe_title(item: RecipeCard) -> str:
    """Return a recipe's line in the chooser."""
    return f"{Path(item.name).stem}: {item.title}"


def recipe(item: RecipeCard) -> str:
    """Return what a recipe follows and needs, as rich text."""
    rows = [(_("Follows"), item.citation), (_("Columns beside the features"), ", ".join(item.columns)),
            (_("Inputs of a case"), rows_by_input(item.inputs))]
    return "<br>".join(f"<b>{escape(name)}</b>: {escape(text)}" for name, text in rows if text)


def rows_by_input(names: Sequence[str]) -> str:
    """Return how a table tells the inputs of a case, whose ``names`` are those of a recipe or model; empty for one."""
    return _("{names} (a row for each, and a column 'input' that says which)").format(
        names=", ".join(names)) if len(names) > 1 else ""


def study_problem(item: Problem | None) -> str:
    """Return what a study still needs, or why it failed, as rich text."""
    if item is None:
        return ""
    path = escape(item.values.get("path", ""))
    choices = {
        "recipe": _("Choose a recipe."), "cohort": _("Choose the cohort's table."),
        "folder": _("Choose a folder for the results."),
        "no-file": _("There is no file '{path}': give the whole path of a table.").format(path=path),
        "no-table": _("'{path}' is no table: give a CSV or Parquet file.").format(path=path),
        "relative-folder": _("Give the whole path of the folder, not '{path}'.").format(path=path)}
    if item.code in choices:
        return f"→ {choices[item.code]}"
    return command_problem(item)


def command_problem(item: Problem | None) -> str:
    """Return why a command in a process of its own failed, as rich text."""
    if item is None:
        return ""
    failures = {
        "command-silent": _("The computation's process ended without a word (exit code {code}), and nothing was "
                            "written. Run it again, with other programs closed if memory is short; if it ends so "
                            "again, please report it.").format(code=escape(item.values.get("exit", ""))),
        "command-words": _("The computation answered in words that this panel does not know, and was stopped. "
                           "Restart 3D Slicer; if it happens again, reinstall the extension.")}
    return "✖ " + (_with_details(failures[item.code], item) if item.code in failures else problem(item))


def command_step(stage: Stage, step: str, seconds: float) -> str:
    """Return what a command is doing and for how long, as rich text."""
    minutes, rest = divmod(int(seconds), 60)
    time = f"{minutes}:{rest:02d}"
    if stage is Stage.RUNNING:
        return f"{time} · {escape(step) or _('starting')}"
    if stage is Stage.CANCELLING:
        return f"{time} · " + _("stopping…")
    if stage is Stage.CANCELLED:
        return _("Cancelled after {time}; there is no result.").format(time=time)
    return "✔ " + _("Done in {time}.").format(time=time) if stage is Stage.DONE else ""


def develop_title(stage: Stage) -> str:
    """Return the title of the section that develops models, with what its study is doing or how it ended."""
    state = {Stage.RUNNING: _("running"), Stage.CANCELLING: _("stopping"), Stage.DONE: _("done"),
             Stage.CANCELLED: _("cancelled"), Stage.FAILED: _("failed")}.get(stage, "")
    title = _("Develop a model")
    return f"{title} · {state}" if state else title


def study_summary(item: StudySummary) -> str:
    """Return what a study ended with, as rich text."""
    lines = [_("Cohort {name}: {rows} rows of {patients} patients").format(
        name=cohort.name, rows=cohort.rows, patients=cohort.patients) for cohort in item.cohorts]
    for signature in item.signatures:
        line = _("Signature {id}: {terms} of {candidates} features").format(
            id=signature.id, terms=signature.terms, candidates=signature.candidates)
        lines.append(f"{line} - {signature.reason}" if signature.reason else line)
    lines += map(_study_model, item.models)
    lines += [_("Note: {text}").format(text=text) for text in item.notes]
    return "<br>".join(f"• {escape(line)}" for line in lines)


def _study_model(item: StudyModel) -> str:
    if item.reason:
        return _("Model {id}: none - {reason}").format(id=item.id, reason=item.reason)
    figures = ", ".join(map(_discrimination, item.discrimination))
    file = _("file {path}").format(path=item.model_file) if item.model_file else _("no file")
    return _("Model {id}: {measure} {figures}; {file}").format(
        id=item.id, measure=item.measure or _("discrimination"), figures=figures, file=file)


def _discrimination(item: StudyDiscrimination) -> str:
    value, lower, upper = (_("not known") if number is None else f"{number:.3f}"
                           for number in (item.value, item.lower, item.upper))
    interval = "" if item.lower is None and item.upper is None else f" ({lower} - {upper})"
    return f"{item.cohort} {value}{interval}"


def scaling_title(name: str, cases: int) -> str:
    """Return a scaling's line in the chooser."""
    return _("{name} ({cases} cases)").format(name=name, cases=cases)


def scaling_use(demonstration: bool) -> str:
    """Return what a scaling may be used for, where that is less than its model."""
    return _("⚠ This scaling is for demonstration only: no result with it is about a patient.") if demonstration else ""


def escape(text: object) -> str:
    """Return ``text`` for use inside rich text."""
    return html.escape(str(text), quote=False)


def _grouped(number: int) -> str:
    """Return a count with thin spaces between thousands, as ISO 80000 has it."""
    return f"{number:,}".replace(",", "\u202f")


def engine_title(name: str) -> str:
    """Return a feature engine's line in the chooser."""
    known = {"native": _("native (built in)"), "pyradiomics": _("pyradiomics (reference)")}
    return known.get(name, name)
