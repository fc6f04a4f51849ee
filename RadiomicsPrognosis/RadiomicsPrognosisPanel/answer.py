"""How the answer looks, alike at the top of the result and in the slice views: its colours, marks and short forms."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer import Answer
from RadiomicsPrognosisLib.answer.answer_record import BETTER_SIGN, WORSE_SIGN
from RadiomicsPrognosisLib.prediction.record import GROUP, SCORE, Group
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer

#: Colour of the worse group and of the better one, and the colour of no group, of one that is in question and of an
#: answer to something else. White on each has a contrast of at least 5 : 1; shape and words say the same.
_WORSE, _BETTER, _GREY = "#A84300", "#00609C", "#5A5A5A"

#: The hatch of a demonstration's badge, and what is behind its black letters (contrast 14 : 1).
HATCH, HATCH_PLATE, HATCH_INK = "#C98A00", "#FFD75E", "#000000"

#: A mark for how old the answer is; the words are in texts.freshness.
_MARKS = {Freshness.CURRENT: "✔", Freshness.UPDATING: "⟳", Freshness.CONTOUR_CHANGED: "⚠",
          Freshness.CHOICES_CHANGED: "⚠", Freshness.NONE: ""}


def background(item: ShownAnswer) -> str:
    """Return the answer's background colour (#RRGGBB), for white text: the group's, or grey."""
    if item.told.worse is None or item.stale or {GROUP, SCORE} & {*item.told.questioned}:
        return _GREY
    return _WORSE if item.told.worse else _BETTER


def mark(freshness: Freshness) -> str:
    """Return one character for how old an answer is."""
    return _MARKS[freshness]


def age(freshness: Freshness) -> str:
    """Return how old an answer is, in two or three words."""
    return {Freshness.CURRENT: _("up to date"), Freshness.UPDATING: _("updating…"),
            Freshness.CONTOUR_CHANGED: _("contour has changed"),
            Freshness.CHOICES_CHANGED: _("choices have changed")}.get(freshness, "")


def headline(told: Answer) -> str:
    """Return shape and headline, such as '▲ Rad-score group: high risk (image alone)'."""
    return f"{told.sign} {told.headline}".strip()


def group(told: Answer) -> str:
    """Return shape and group, such as '▲ high risk', or the headline where there is no group."""
    return f"{told.sign} {told.group}".strip() if told.group else told.headline


def sign(of: Group) -> str:
    """Return the shape that stands for a group beside its words."""
    return WORSE_SIGN if of.worse else BETTER_SIGN


def counted(told: Answer) -> tuple[str, ...]:
    """Return how many things limit the answer."""
    counts = ((len(told.limits), _("1 warning"), _("{count} warnings")),
              (len(told.withheld), _("1 value withheld"), _("{count} values withheld")))
    return tuple(one if count == 1 else several.format(count=count) for count, one, several in counts if count)


def counted_in_short(told: Answer) -> str:
    """Return how many things limit the answer, as a sign and a number, or nothing."""
    count = len(told.limits) + len(told.withheld)
    return f"⚠ {count}" if count else ""


def stability(told: Answer) -> str:
    """Return how the answer holds when contour and image are perturbed, or nothing where that is not known."""
    return _("stability: {text}").format(text=told.stability) if told.stability else ""


def use() -> str:
    """Return what answers may be used for."""
    return _("research use only")
