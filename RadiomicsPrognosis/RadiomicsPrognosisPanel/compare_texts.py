"""Two readings compared, in the words and tables of the Compare tab; names from the scene are escaped."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer.sentences import horizon
from RadiomicsPrognosisLib.notation import fixed
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter.comparing import Contours
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.reading.comparison import FeatureChange, ReadingPair
from RadiomicsPrognosisLib.reading.overlap import Overlap
from RadiomicsPrognosisLib.texts import feature_label, percent

from . import answer, rich, texts
from .texts import escape

#: Features listed, those that moved most.
_LISTED = 5

#: A shift along an axis below this (mm) is not named.
_NAMED_MM = 0.05


def problem(item: Problem) -> str:
    """Return why two readings are not compared, and what to do, as rich text."""
    if item.code == "reading":
        return "→ " + _("Choose reading {letter}: a segmentation and its segment.").format(
            letter=item.values["letter"])
    if item.code == "same-reading":
        return "→ " + _("A and B are the same segment: choose two readings of the lesion.")
    return ("→ " if item.is_choice else "✖ ") + texts.problem(item)


def blinded() -> str:
    """Return that nothing is compared while somebody reads blinded."""
    return _("A reading is under way: nothing is compared until it is finished, so that its reader stays blinded.")


def contours(item: Contours) -> str:
    """Return how two contours agree, as a table, with what was resampled."""
    overlap = item.overlap
    difference = overlap.volume_difference_mm3 / 1000
    rows = [
        (_("Overlap"), _("Dice <b>{dice}</b> · Jaccard {jaccard}").format(
            dice=fixed(overlap.dice), jaccard=fixed(overlap.jaccard))),
        (_("Volume"), _("A {a} · B {b} cm³ ({difference} cm³, <b>{share} %</b>)").format(
            a=fixed(overlap.volume_a_mm3 / 1000, 2), b=fixed(overlap.volume_b_mm3 / 1000, 2),
            difference=_signed(difference, 2), share=_signed(100 * overlap.relative_volume_difference, 1))),
        (_("Surfaces"), _("mean <b>{mean}</b> · 95 % {percentile} · largest {largest} mm").format(
            mean=fixed(overlap.mean_surface_distance_mm, 2), percentile=fixed(overlap.hausdorff95_mm, 2),
            largest=fixed(overlap.hausdorff_mm, 2))),
        (_("Centre"), _shift(overlap)),
    ]
    notes = [_("⚠ '{name}' was drawn on another grid and is compared as resampled to the CT's.").format(
        name=escape(name)) for name in item.resampled]
    return "<br>".join([_table([(f"{title}&nbsp;", text) for title, text in rows]), *notes])


def contours_tip() -> str:
    """Return how the numbers of :func:`contours` are defined."""
    return _("Contours as drawn, before the model's HU range. Surface distances run between the centres of the "
             "outermost voxels: mean over both surfaces, the larger of the two 95th percentiles (95 % Hausdorff "
             "distance), the largest (Hausdorff distance). Differences are B minus A.")


def _shift(overlap: Overlap) -> str:
    """Return how far B's centroid lies from A's, and where to (LPS: left, posterior, superior)."""
    ends = ((_("left"), _("right")), (_("posterior"), _("anterior")), (_("superior"), _("inferior")))
    named = [f"{abs(value):.1f} {pair[0] if value > 0 else pair[1]}"
             for value, pair in zip(overlap.centroid_shift_vector_mm, ends, strict=True) if abs(value) >= _NAMED_MM]
    text = _("B {distance} mm from A").format(distance=f"<b>{overlap.centroid_shift_mm:.2f}</b>")
    return f"{text} ({', '.join(named)})" if named else text


def verdict(item: ReadingPair) -> str:
    """Return both scores and groups and whether the group changes, in one sentence."""
    sides = [_side(name, prediction) for name, prediction in zip(item.names, (item.a, item.b), strict=True)]
    change = {True: "<b>" + _("the group changes") + "</b>", False: _("the group stays the same"),
              None: _("no group to compare")}[item.group_changes]
    return f"{'; '.join(sides)}: {change}."


def _side(name: str, prediction: Prediction) -> str:
    if prediction.score is None:
        return f"{escape(name)}: " + _("no score")
    group = prediction.group
    sign = f"{answer.sign(group)} <b>{escape(group.label)}</b>" if group is not None else _("no risk group")
    return f"{escape(name)}: {fixed(prediction.score, 2)} {sign}"


def scores(item: ReadingPair) -> str:
    """Return scores, groups and outcomes side by side, as a table, with why one is withheld."""
    a, b = item.a, item.b
    rows = [("", "<b>A</b>", "<b>B</b>", _("B − A"))]
    rows.append((escape(a.model.score_name), *(_number(side.score) for side in (a, b)),
                 _signed(item.score_change, 4) if item.score_change is not None else ""))
    rows.append((_("Group"), *(answer.sign(side.group) + " " + escape(side.group.label) if side.group else "–"
                               for side in (a, b)), _("changes") if item.group_changes else ""))
    if a.survival is not None and b.survival is not None:
        rows += [(escape(horizon(months)), escape(percent(one)), escape(percent(other)), _points(other - one))
                 for (months, one), (_months, other) in zip(a.survival.by_horizon(), b.survival.by_horizon(),
                                                            strict=True)]
    if a.probability is not None and b.probability is not None:
        rows.append((escape(a.outcome), escape(percent(a.probability)), escape(percent(b.probability)),
                     _points(b.probability - a.probability)))
    return "<br>".join([_table(rows), *_withheld(item)])


def _withheld(item: ReadingPair) -> list[str]:
    """Return what is withheld of either reading and why, once where it is the same."""
    reasons: dict[str, list[str]] = {}
    for letter, prediction in (("A", item.a), ("B", item.b)):
        for withheld in prediction.withheld:
            reasons.setdefault(withheld.reason, []).append(letter)
    return [f"– {', '.join(dict.fromkeys(letters))}: {escape(reason)}" for reason, letters in reasons.items()]


def features(item: ReadingPair) -> str:
    """Return the features that moved most and their share of the score's change, as a table; empty without any."""
    if not item.features:
        return ""
    several = len(item.a.vois) > 1
    by_sd = item.features[0].change_sd is not None
    rows = [(f"<b>{_('Moved most')}</b>", _("by"), _("of the score's change"))]
    rows += [_feature(change, several) for change in item.features[:_LISTED]]
    rest = len(item.features) - _LISTED
    notes = [_("{features} moved less.").format(features=texts.other_features(rest))] if rest > 0 else []
    if not by_sd:
        notes.append(_("Without a scaling: by which share of its larger value a feature differs."))
    if item.features[0].score_share is None:
        notes.append(_("The features' changes cancel, so that shares of the score's change would say nothing.")
                     if item.score_change else _("The score does not change."))
    return _table(rows) + "<small>" + " ".join(notes) + "</small>"


def _feature(change: FeatureChange, several: bool) -> tuple[str, str, str]:
    name = feature_label(change.feature) + (f" ({change.input})" if several else "")
    moved = f"{_signed(change.change_sd, 2)} SD" if change.change_sd is not None else (
        f"{100 * change.change_share:.1f} %")
    share = f"{_signed(100 * change.score_share, 0)} %" if change.score_share is not None else "–"
    return escape(name), moved.replace(" ", "&nbsp;"), share.replace(" ", "&nbsp;")


def warnings(item: ReadingPair) -> str:
    """Return what limits both results or one of them."""
    return "<br>".join(rich.warnings(item.warnings))


def state(freshness: Freshness, live: bool) -> str:
    """Return how old the scores are, in words."""
    if freshness is Freshness.UPDATING:
        return _("⟳ Scoring both readings…")
    if freshness is Freshness.CONTOUR_CHANGED:
        return _("⚠ A contour has changed since these scores: press 'Score both'.")
    if freshness is Freshness.CHOICES_CHANGED:
        return _("⚠ Model, scaling, clinical factors or engine have changed since these scores: press 'Score both'.")
    if freshness is Freshness.NONE and not live:
        return _("Press 'Score both', or switch Live on.")
    return ""


def _table(rows: list[tuple[str, ...]]) -> str:
    cells = ["".join(f'<td{"" if place == 0 else " align=right" if len(row) > 2 else ""}>{cell}&nbsp;</td>'
                     for place, cell in enumerate(row)) for row in rows]
    return '<table width="100%">' + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _number(value: float | None) -> str:
    return fixed(value, 4) if value is not None else "–"


def _signed(value: float, digits: int) -> str:
    """Return a difference with its sign, none for one that rounds to zero."""
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text if any(digit in text for digit in "123456789") else f"{0:.{digits}f}"


def _points(difference: float) -> str:
    return _("{points} points").format(points=_signed(100 * difference, 0))
