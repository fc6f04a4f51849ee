"""The answer as rich text: band, badge, outcomes, warnings, acquisition and points; all of it is escaped."""

from __future__ import annotations

from collections.abc import Iterable

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer import Answer, Limit, Omission, Outcome
from RadiomicsPrognosisLib.answer.answer import limits_of
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.prediction.evidence import AcquisitionRow
from RadiomicsPrognosisLib.prediction.record import GROUP, SCORE
from RadiomicsPrognosisLib.presenter import summary
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer
from RadiomicsPrognosisLib.warning import ResultWarning

from . import answer, texts

#: Link of the answer that shows what limits it.
LIMITS_LINK = "limits"

#: Link of the answer that shows how stable it is.
STABILITY_LINK = "stability"

#: Warnings that stand above the tabs, and how many letters of each: the rest is a link away.
_ABOVE, _LETTERS = 2, 80

#: Codes of warnings that the band says already.
_IN_BAND = ("demonstration-scaling",)

#: Text that is in question, on light and on dark backgrounds.
_PALE = "#7A7A7A"


def band(told: Answer) -> str:
    """Return what stands on the hatched band above every number, empty for a result that may be a patient's."""
    if not told.band:
        return ""
    return (f'<b style="background-color:{answer.HATCH_PLATE}; color:{answer.HATCH_INK}">'
            f"&nbsp;{texts.escape(told.band)}&nbsp;</b>")


def badge(item: ShownAnswer) -> str:
    """Return headline and score on the group's colour, on grey while they belong to something else or are in question.

    Where score or group is withheld the reason stands in its place.
    """
    told = item.told
    lines = [", ".join(filter(None, (told.score, told.cutoff))), "; ".join(told.signatures), told.position]
    lines += [omission.reason for omission in told.withheld if omission.component in (SCORE, GROUP)]
    small = "".join(f"<br>{texts.escape(line)}" for line in lines if line)
    cell = f'<td bgcolor="{answer.background(item)}">'
    return (f'<table width="100%" cellpadding="4"><tr>{cell}<span style="color:#FFFFFF">'
            f'<b style="font-size:large">{texts.escape(answer.headline(told))}</b>{small}</span></td></tr></table>')


def caution(told: Answer) -> str:
    """Return why components of the result are greyed, empty when none is."""
    if not told.caution:
        return ""
    return "⚠ <b>" + _("Unreliable for this case:") + f"</b> {texts.escape(told.caution)}"


def horizons(told: Answer) -> str:
    """Return what is predicted in one row of cells, and why what is withheld has no number."""
    cells = "".join(f'<td align="center">{texts.escape(item.title)}<br>{_number(item)}</td>' for item in told.outcomes)
    row = f'<table width="100%" cellpadding="1"><tr>{cells}</tr></table>' if cells else ""
    return row + "<br>".join(_omitted(item) for item in told.withheld if item.component not in (SCORE, GROUP))


def _number(item: Outcome) -> str:
    """Return the number, large, and its interval, on one line; grey where it is in question."""
    share, bracket, interval = item.text.partition(" (")
    colour = f"; color:{_PALE}" if item.questioned else ""
    rest = f" ({texts.escape(interval)}" if bracket else ""
    return (f'<span style="white-space:nowrap{colour}"><b style="font-size:large">{texts.escape(share)}</b>{rest}'
            "</span>")


def _omitted(item: Omission) -> str:
    return "– " + _("No {what}: {reason}").format(what=texts.escape(item.title), reason=texts.escape(item.reason))


def caption(told: Answer) -> str:
    """Return what must be read with the row of :func:`horizons`: its notes, averages, and what group and row share."""
    notes = "; ".join(dict.fromkeys(item.note for item in told.outcomes if item.note))
    lines = [texts.escape(line) for line in (notes, told.averaged, *told.sentences) if line]
    return "<small>" + "<br>".join(lines) + "</small>" if lines else ""


def attention(told: Answer) -> str:
    """Return what limits the answer, the weightiest first, and how stable it is, in links to the whole of it."""
    listed = [item for item in told.limits
              if item.text != told.caution and not (told.band and item.code in _IN_BAND)]
    lines = [f'⚠ <a href="{LIMITS_LINK}">{_breakable(_shortened(item.text))}</a>' for item in listed[:_ABOVE]]
    more = len(listed) - _ABOVE
    last = [f'<a href="{LIMITS_LINK}">' + _("and {count} more").format(count=more) + "</a>"] if more > 0 else []
    stability = texts.escape(answer.stability(told))
    last += [f'<a href="{STABILITY_LINK}">{stability}</a>'] if stability else []
    return "<br>".join([*lines, " · ".join(last)] if last else lines)


def _shortened(text: str) -> str:
    """Return the beginning of a long text up to the end of a word."""
    return text if len(text) <= _LETTERS else text[:_LETTERS].rsplit(" ", 1)[0] + " …"


def outcome(told: Answer) -> str:
    """Return each outcome with its note, what was observed near this score, and how the intervals came about."""
    lines = [f"{texts.escape(item.title)}: {_number(item)}" + (f" <small>{texts.escape(item.note)}</small>"
                                                               if item.note else "") for item in told.outcomes]
    lines += [_omitted(item) for item in told.withheld if item.component not in (SCORE, GROUP)]
    return "<br>".join([*lines, *(texts.escape(text) for text in (told.near, told.uncertainty) if text),
                         *([f"<small>{texts.escape(told.uncertainty_detail)}</small>"] if told.uncertainty_detail
                           else [])])


def limits(told: Answer) -> str:
    """Return what is withheld and why, and the first warning of each kind."""
    return "<br>".join([*map(_omitted, told.withheld), *map(_limit, told.limits)])


def warnings(items: Iterable[ResultWarning]) -> list[str]:
    """Return the first warning of each kind, and how many more there are, a line each."""
    return [_limit(item) for item in limits_of(items)]


def _limit(item: Limit) -> str:
    others = len(item.others)
    more = " " + _("({count} more of this kind: rest the pointer here)").format(count=others) if others else ""
    return f"⚠ {_breakable(item.text)}{more}"


def _breakable(text: str) -> str:
    """Return ``text``, escaped, with names of features breakable after their underscores (zero-width spaces)."""
    return texts.escape(text).replace("_", "_\u200b")


def every_limit(told: Answer) -> str:
    """Return all warnings, a line each, as plain text."""
    return "\n".join(text for item in told.limits for text in (item.text, *item.others))


def acquisition(rows: tuple[AcquisitionRow, ...]) -> str:
    """Return what the model was made on beside what this image has, as a table; empty when nothing is known of it."""
    if not rows:
        return ""
    several = len({row.input for row in rows}) > 1
    head = "".join(f'<td style="padding-right:8px"><b>{title}</b></td>'
                   for title in ("", _("The model's images"), _("This image")))
    lines = "".join(
        "<tr>" + "".join(f'<td style="padding-right:8px">{texts.escape(cell)}</td>' for cell in (
            f"{row.title} ({row.input})" if several else row.title, row.required,
            {True: "✔ ", False: "⚠ ", None: ""}[row.agrees] + row.acquired)) + "</tr>" for row in rows)
    return f"<b>{_('Acquisition')}</b><table><tr>{head}</tr>{lines}</table>"


def points(prediction: Prediction, model: Model | None) -> str:
    """Return the nomogram's points as a table, empty for a model without a nomogram."""
    rows, total = summary.points(prediction, model)
    if not rows:
        return ""
    cells = [f"<tr><td>{texts.escape(title)}&nbsp;&nbsp;</td><td>{texts.escape(value)}&nbsp;&nbsp;</td>"
             f'<td align="right">{own:.1f}</td></tr>' for title, value, own in rows]
    if total is not None:
        cells.append("<tr><td><b>" + _("Total") + f'</b></td><td></td><td align="right"><b>{total:.1f}</b></td></tr>')
    return "<b>" + _("Nomogram points") + "</b><table>" + "".join(cells) + "</table>"


def origin(told: Answer) -> str:
    """Return what the result was computed with, and what it may be used for."""
    return "<small>" + "<br>".join(map(texts.escape, (*told.provenance, told.use))) + "</small>"
