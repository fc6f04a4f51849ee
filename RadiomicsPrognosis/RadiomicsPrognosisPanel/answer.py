"""The answer in a few words, the same at the top of the result and in the slice views."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.prediction.record import Group
from RadiomicsPrognosisLib.presenter.answer import BriefAnswer
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.texts import percent

#: Colour and shape of the worse group and of the better one, and the colour of no group and of an answer to something
#: else. White on each has a contrast of at least 5 : 1; shape and words say the same as the colour.
_WORSE, _BETTER, _GREY = ("#A84300", "▲"), ("#00609C", "●"), "#5A5A5A"

#: A mark for how old the answer is; the words are in texts.freshness.
_MARKS = {Freshness.CURRENT: "✔", Freshness.UPDATING: "⟳", Freshness.CONTOUR_CHANGED: "⚠",
          Freshness.CHOICES_CHANGED: "⚠", Freshness.NONE: ""}

#: Answers to another contour or other choices, with nothing under way to renew them.
_STALE = (Freshness.CONTOUR_CHANGED, Freshness.CHOICES_CHANGED)


def background(item: BriefAnswer) -> str:
    """Return the answer's background colour (#RRGGBB), for white text: the group's; grey for none, and if stale."""
    if item.group is None or item.freshness in _STALE:
        return _GREY
    return (_WORSE if item.group.worse else _BETTER)[0]


def mark(freshness: Freshness) -> str:
    """Return one character for how old an answer is."""
    return _MARKS[freshness]


def age(freshness: Freshness) -> str:
    """Return how old an answer is, in two or three words."""
    return {Freshness.CURRENT: _("up to date"), Freshness.UPDATING: _("updating…"),
            Freshness.CONTOUR_CHANGED: _("contour has changed"),
            Freshness.CHOICES_CHANGED: _("choices have changed")}.get(freshness, "")


def headline(item: BriefAnswer) -> str:
    """Return shape and group, such as '▲ high risk'."""
    if item.group is None:
        return _("no risk group")
    return f"{sign(item.group)} {item.group.label}"


def sign(group: Group) -> str:
    """Return the shape that stands for a group beside its words."""
    return (_WORSE if group.worse else _BETTER)[1]


def score(item: BriefAnswer) -> str:
    """Return the score with its name, or that there is none."""
    if item.score is None:
        return _("{name} withheld").format(name=item.score_name)
    return f"{item.score_name} {item.score:.4f}"


def outcomes(item: BriefAnswer) -> tuple[tuple[str, str], ...]:
    """Return (what, how likely) for each horizon, or for the outcome of a model that predicts one."""
    if item.probability is not None:
        return ((item.outcome, percent(item.probability)),)
    return tuple((horizon(months), percent(survival)) for months, survival in item.horizons)


def remarks(item: BriefAnswer) -> tuple[str, ...]:
    """Return what limits the answer: a demonstration scaling, warnings, what is withheld."""
    counted = ((item.warnings, _("1 warning"), _("{count} warnings")),
               (item.withheld, _("1 value withheld"), _("{count} values withheld")))
    lines = [one if count == 1 else several.format(count=count) for count, one, several in counted if count]
    return (_("demonstration scaling"), *lines) if item.demonstration else tuple(lines)


def remarks_in_short(item: BriefAnswer) -> str:
    """Return what limits the answer in a word and a number, or nothing."""
    count = item.warnings + item.withheld
    return " · ".join(([_("demonstration")] if item.demonstration else []) + ([f"⚠ {count}"] if count else []))


def stability(item: BriefAnswer) -> str:
    """Return how the answer holds when contour and image are perturbed, or nothing where that is not known."""
    return _("stability: {text}").format(text=item.stability) if item.stability else ""


def use() -> str:
    """Return what answers may be used for."""
    return _("research use only")


def horizon(months: float) -> str:
    """Return a time in years where it is whole years."""
    if months % 12 == 0:
        return _("{years:g} years").format(years=months / 12) if months > 12 else _("1 year")
    return _("{months:g} months").format(months=months)
