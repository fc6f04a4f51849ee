"""What the tab of all segments says: its columns, its rows and their age, what is in the way, the summary."""

from __future__ import annotations

from collections.abc import Sequence

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer.segment_table import CAVEATS, SegmentRow, outcome_title, summary_sentences
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction.all_segments import PatientSummary
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.segment_scoring import AllSegments
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.texts import clean

from . import texts

#: The columns in which a component of the result stands.
COMPONENTS = {1: "group", 2: "score", 3: "outcome"}

#: How many characters of a reason stand in its row; all of it is in the row's tool tip, and with the segment chosen.
_BRIEF = 100


def columns(model: Model | None) -> list[str]:
    """Return the titles of the table's columns; the outcome's is that of the model."""
    outcome = outcome_title(model) if model is not None else ""
    return [_("Segment"), _("Group"), _("Score"), outcome or _("Outcome")]


def column_tips(model: Model | None) -> list[str]:
    """Return what the columns hold."""
    outcome = outcome_title(model) if model is not None else ""
    return [_("The segment in its colour, the volume of its contour as drawn (cm³), and how many warnings (⚠) its "
              "result has."), _("The group by the model's cut-off."),
            model.score_name if model is not None else _("The score."),
            _("{outcome}: what the model predicts, with its interval.").format(outcome=outcome or _("Outcome"))]


def cells(row: SegmentRow, freshness: Freshness) -> list[str]:
    """Return the texts of a row; one without a result has its reason, in brief, in the second column."""
    facts = [_("{volume} cm³").format(volume=row.volume) if row.volume else "",
             f"⚠\u202f{len(row.limits)}" if row.limits else ""]
    name = "\n".join(filter(None, (row.name, " · ".join(filter(None, facts)))))
    if _is_old(freshness):
        name = _("(old) {name}").format(name=name)
    if freshness is Freshness.NONE:
        return [name, "…", "", ""]
    if not row.group and not row.score:
        return [name, clean(row.reason, _BRIEF), "", ""]
    return [name, row.group or "–", row.score or "–", row.outcome.replace(" (", "\n(") or "–"]


def row_tip(row: SegmentRow, freshness: Freshness) -> str:
    """Return everything a row has to say, line by line."""
    lines = [row.name, age(freshness), row.reason, *row.limits]
    if row.questioned:
        lines.insert(1, _("Grey: a warning speaks against it."))
    return "\n".join(filter(None, lines))


def _is_old(freshness: Freshness) -> bool:
    return freshness in (Freshness.CONTOUR_CHANGED, Freshness.CHOICES_CHANGED)


def age(freshness: Freshness) -> str:
    """Return that a result belongs to something else than what is chosen and drawn, or nothing."""
    if freshness is Freshness.CONTOUR_CHANGED:
        return _("Of an earlier contour or image.")
    if freshness is Freshness.CHOICES_CHANGED:
        return _("Of another model, scaling, CT or clinical factors than those chosen.")
    return ""


def step(item: AllSegments, obstacle: str) -> str:
    """Return what is being scored, what is in the way, or how old the table is, as rich text."""
    if item.active:
        return _("Scoring '{name}'").format(name=texts.escape(item.under_way))
    if item.problem is not None:
        return texts.command_problem(item.problem)
    if not item.entries:
        return obstacle or _("Scores every segment of the chosen segmentation, as the nodes of one patient are, and "
                             "says what they are together.")
    lines = []
    if item.stage is Stage.CANCELLED:
        lines.append(_("Cancelled: {done} of {count} segments are scored, too few for what they say together.").format(
            done=len(item.results), count=len(item.entries)))
    old = sum(_is_old(entry.freshness) for entry in item.entries)
    if old:
        text = (_("1 row (old) is of an earlier contour or of other choices: score again.") if old == 1 else
                _("{count} rows (old) are of an earlier contour or of other choices: score again.").format(count=old))
        lines.append(f"⚠ {text}")
    if item.new_segments:
        lines.append("⚠ " + _("{count} segments were added since: score again.").format(count=item.new_segments))
    return "<br>".join(lines)


def summary(item: PatientSummary | None) -> str:
    """Return what the segments say together, as rich text; nothing before all are scored."""
    if item is None:
        return ""
    return "<b>" + _("Patient") + "</b><br>" + _lines(summary_sentences(item))


def caveats(is_shown: bool) -> str:
    """Return what must be known to read the table, as rich text."""
    return f"<small>{_lines(CAVEATS)}</small>" if is_shown else ""


def _lines(sentences: Sequence[str]) -> str:
    return "<br>".join(map(texts.escape, sentences))
