"""Every sentence of the tabs of a reading study, translatable; names and texts from files are escaped where shown."""

from __future__ import annotations

from collections.abc import Sequence

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.reading_desk import Queue
from RadiomicsPrognosisLib.reading.cohort_intake import UntakenContour
from RadiomicsPrognosisLib.reading.design import ALL, ReadingScope
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.presets import Preset
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState, reading_title
from RadiomicsPrognosisLib.reading.schedule import Washout

from .texts import escape, problem

#: How many contours that were not taken are named.
_NAMED = 10


def paper(preset: Preset | None, readers: Sequence[str], sessions: Sequence[str]) -> str:
    """Return what a design is, whose, what the paper leaves open, and who would read what, as rich text."""
    if preset is None:
        return ""
    plan = ["<b>" + escape(_plan(item)) + "</b>" for item in preset.scope_of(readers, sessions)]
    if not preset.citation:
        return "<br>".join([escape(preset.text), *plan])
    lines = [f"<i>{escape(preset.citation)}</i>"]
    if preset.threshold is not None:
        relation = "≥" if preset.threshold_included else ">"
        lines.append(_("Features with an ICC {relation} {threshold:g} were kept.").format(
            relation=relation, threshold=preset.threshold))
    lines.append(_("Not reported: {items}.").format(items=escape("; ".join(preset.not_reported))))
    return "<br>".join([*lines, *plan])


def _plan(item: ReadingScope) -> str:
    text = _("{reading}: every case") if item.cases == ALL else _("{reading}: the sample")
    return text.format(reading=reading_title(item.reader, item.session))


def setup_problem(item: Problem | None) -> str:
    """Return what is still to be chosen for a study, or what is wrong, as rich text."""
    if item is None:
        return ""
    texts = {
        "preset": _("Choose a design."),
        "no-cohort": _("Choose the cohort's table."),
        "no-folder": _("Choose the folder of the CTs."),
        "no-readers": _("Name the readers."),
        "no-sessions": _("Name the sessions."),
        "one-reading": _("With one reader and one session nothing is read twice: name another reader or session."),
        "study-folder": _("Choose an empty folder for the study."),
    }
    if item.code in texts:
        return "→ " + texts[item.code]
    if item.code == "twice":
        return "✖ " + _("'{name}' is named twice.").format(name=escape(item.values["name"]))
    if item.code == "no-file":
        return "✖ " + _("'{path}' is not a whole path; choose the folder with the button.").format(
            path=escape(item.values["path"]))
    if item.code == "full-folder":
        return "✖ " + _("'{path}' is not empty: choose an empty folder, or press Open for a study that is "
                        "there.").format(path=escape(item.values["path"]))
    return "✖ " + problem(item)


def study(folder: StudyFolder, readings: Sequence[Reading], left: Sequence[UntakenContour]) -> str:
    """Return which study is open and how far each reader is in each session, as rich text.

    ``left`` are earlier contours that are no readings of it.
    """
    design = folder.design
    lines = [f"<b>{escape(design.title)}</b> · {escape(folder.path)}"]
    for item in design.scope:
        own = [reading for reading in readings if (reading.reader, reading.session) == (item.reader, item.session)]
        done = sum(reading.state is ReadingState.DONE for reading in own)
        lines.append(_("{reading}: {done} of {total} done").format(
            reading=escape(reading_title(item.reader, item.session)), done=done, total=len(own)))
    lines += ["⚠ " + escape(f"{reading.case}, {reading.title}: {reading.problem}")
              for reading in readings if reading.problem]
    return "<br>".join([*lines, _factors(folder), *_left(left)])


def _factors(folder: StudyFolder) -> str:
    """Return which clinical factors the cases have, without which a model that needs them predicts no survival."""
    cases = folder.design.cases
    if not folder.factors:
        return _("No clinical factors: of models that need them, scores and groups are compared, but no survival.")
    counts = ", ".join(f"{escape(name)} ({sum(name in case.factors for case in cases)})" for name in folder.factors)
    return _("Clinical factors (cases that have it, of {total}): {counts}").format(total=len(cases), counts=counts)


def _left(items: Sequence[UntakenContour]) -> list[str]:
    """Return which earlier contours are no readings of the study."""
    lines = []
    for is_place, text in ((False, _("⚠ A case can have one earlier contour; not taken: {items}")),
                           (True, _("⚠ Earlier contours whose reader or session is not in the study only show where "
                                    "the lesion is: {items}"))):
        named = [f"{item.case} ({reading_title(item.whose.reader, item.whose.session)})" if item.whose else item.case
                 for item in items if item.is_place is is_place]
        more = [_("{count} more").format(count=len(named) - _NAMED)] if len(named) > _NAMED else []
        if named:
            lines.append(text.format(items=escape(", ".join(named[:_NAMED] + more))))
    return lines


def setup_step(case: str) -> str:
    """Return which case is being taken in."""
    return _("Reading {case}").format(case=case)


def no_study() -> str:
    """Return that no study is open."""
    return "→ " + _("Set a study up, or open one, in the tab 'Set up'.")


def queue(item: Queue) -> str:
    """Return how far a reader is in a session."""
    if not item.readings:
        return "→ " + _("This reader has nothing to read in this session.")
    counts = [(ReadingState.DONE, _("{count} done")), (ReadingState.SKIPPED, _("{count} skipped")),
              (ReadingState.OPEN, _("{count} unfinished"))]
    listed = [text.format(count=item.count(state)) for state, text in counts if item.count(state)]
    listed.append(_("{count} to read").format(count=item.count(ReadingState.PLANNED)))
    return _("{total} cases: {counts}").format(total=len(item.readings), counts=", ".join(listed))


def progress(done: int, total: int) -> str:
    """Return how many cases need no more attention."""
    return _("{done} of {total}").format(done=done, total=total)


def start(item: Queue) -> str:
    """Return what the button says that opens the next case."""
    return _("Resume") if item.begun else _("Start")


def all_done(item: Queue) -> str:
    """Return that nothing is left to be read, with what was passed over."""
    skipped = item.count(ReadingState.SKIPPED)
    text = "✔ " + _("Every case of this session has been read.")
    if skipped:
        text += " " + _("{count} were skipped: open them with 'Back to'.").format(count=skipped)
    return text


def washout(items: Sequence[Washout], days: float) -> str:
    """Return how much shorter than asked a reader's wash-out is; empty when it is not."""
    if not items:
        return ""
    least = min(item.days for item in items)
    return "⚠ " + _("The design asks for {days:g} days between two sessions of a reader; {count} cases of this session "
                    "are read after {least:.1f} days or a little more. You can go on: the dates are recorded.").format(
                        days=days, count=len(items), least=least)


def case(item: Queue, reading: Reading, lesion: str, seconds: float) -> str:
    """Return which case is being read, and for how long."""
    place = _("Case {number} of {total}").format(number=item.number(reading), total=len(item.readings))
    name = escape(reading.case) + (f" · {escape(lesion)}" if lesion and lesion != reading.case else "")
    minutes, rest = divmod(int(seconds), 60)
    return f"<b>{place}</b>: {name} · {minutes}:{rest:02d}"


def back(reading: Reading, number: int) -> str:
    """Return a case in the list of those to go back to."""
    marks = {ReadingState.DONE: "✔", ReadingState.SKIPPED: "–", ReadingState.OPEN: "…"}
    mark = "⚠" if reading.problem else marks.get(reading.state, "")
    return f"{number}  {mark}  {reading.case}"


def blinding(reading: bool) -> str:
    """Return what is hidden while a case is read, and what a determined reader could still look at."""
    if not reading:
        return "<small>" + _("While you read, other contours, models, results and Live are hidden.") + "</small>"
    return "<small>" + _(
        "Hidden while you read: other contours and surfaces in the views, the other sections of this panel, results, "
        "and scoring while drawing. Not locked away: the Data module lists what is in the scene, and the study's "
        "folder holds the files of all readers. Leave both alone until you have stopped.") + "</small>"
