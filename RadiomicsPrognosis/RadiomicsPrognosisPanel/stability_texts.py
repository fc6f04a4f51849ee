"""How stable an answer is, in the panel's words; sentences from the library and names of features are escaped."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer.sentences import horizon
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.stability.record import CONTOUR, NOISE, ROTATION, TRANSLATION, VOLUME, Spread, Stability
from RadiomicsPrognosisLib.stability.scale import brief, own_warnings, shift_note, stability_scale
from RadiomicsPrognosisLib.texts import feature_label, number, percent

from . import texts
from .stability_drawing import ShareRow, SpreadMarks

#: Features listed before the rest are summed up.
_LISTED = 5


def invitation(can_ask: bool) -> str:
    """Return what the button does, or what is to be done before it can be pressed."""
    if not can_ask:
        return _("Score the contour first; then ask here how stable the answer is.")
    return _("What would the answer have been, had the contour been drawn a little differently? The button computes "
             "it again for many small changes of contour, position and noise.")


def age(freshness: Freshness) -> str:
    """Return that the result below belongs to something else, or nothing."""
    if freshness is Freshness.CONTOUR_CHANGED:
        return "⚠ " + _("Of an earlier contour; ask again when this one is scored.")
    if freshness is Freshness.CHOICES_CHANGED:
        return "⚠ " + _("Of another scaling, other clinical factors or another feature engine; ask again.")
    return ""


def headline(item: Stability) -> str:
    """Return in how many of the perturbed cases the answer stayed, with the range of the score."""
    group, case = item.unperturbed.group, item.unperturbed
    mark = "" if group is None else "▲ " if group.worse else "● "
    line = f'<b style="font-size:large">{mark}{texts.escape(brief(item))}</b>'
    if item.group is None:
        return line
    spread = item.score_spread
    return line + "<br>" + _("{name} {value}; {lower} to {upper} in the central 95 %").format(
        name=texts.escape(case.model.score_name), value=number(spread.unperturbed, 4), lower=number(spread.lower, 4),
        upper=number(spread.upper, 4))


def marks(item: Stability) -> SpreadMarks:
    """Return the texts on the picture of the perturbed scores."""
    scale, case, stability = stability_scale(item), item.unperturbed.group, item.group
    below = above = ""
    if case is not None and stability is not None:
        names = {case.above: stability.label, not case.above: stability.other}
        below, above = (_("{mark} {group}: {count}").format(
            mark="▲" if side == scale.worse_is_above else "●", group=names[side], count=scale.count(side))
            for side in (False, True))
    return SpreadMarks(
        case=_("{name} {value}").format(name=scale.name, value=number(scale.unperturbed, 4)),
        cutoff="" if scale.cutoff is None else _("cut-off {value}").format(value=number(scale.cutoff, 4)),
        interval=_("central 95 %"), agreement=_("readers' limits of agreement"), below=below, above=above)


def outcomes(item: Stability) -> str:
    """Return what is predicted with the range that the central 95 % of the perturbed answers have, as a table."""
    case = item.unperturbed
    rows = []
    for outcome in item.outcomes:
        name = case.outcome if outcome.months is None else horizon(outcome.months)
        rows.append(f"<tr><td>{texts.escape(name)}&nbsp;&nbsp;</td><td><b>{_share(outcome.spread.unperturbed)}</b>"
                    f"&nbsp;&nbsp;</td><td>{_range(outcome.spread)}</td></tr>")
    if not rows:
        return ""
    title = _("{endpoint}, with the range of the perturbed answers (central 95 %)").format(
        endpoint=texts.escape(case.model.endpoint if case.probability is None else _("Probability")))
    return f"<b>{title}</b><table>{''.join(rows)}</table>"


def _range(spread: Spread) -> str:
    lower, upper = _share(spread.lower), _share(spread.upper)
    return f"{lower}&nbsp;– {upper}" if lower != upper else lower


def _share(value: float) -> str:
    return texts.escape(percent(value)).replace(" ", "&nbsp;")


def kinds_title() -> str:
    """Return the title of the bars by kind of perturbation."""
    return "<b>" + _("What moves the score, each kind alone") + "</b>"


def features_title() -> str:
    """Return the title of the bars by feature."""
    return "<b>" + _("Which features carry it") + "</b>"


def kind(name: str) -> str:
    """Return a kind of perturbation in words."""
    return {NOISE: _("noise of the image"), VOLUME: _("contour grown or shrunk"), CONTOUR: _("contour randomised"),
            ROTATION: _("rotation"), TRANSLATION: _("sub-voxel shift")}.get(name, name)


def kinds(item: Stability) -> tuple[ShareRow, ...]:
    """Return the kinds of perturbation with their shares, the largest first."""
    return tuple(_row(kind(blame.kind), blame.share) for blame in item.kinds)


def features(item: Stability) -> tuple[ShareRow, ...]:
    """Return the features with the largest shares, and the sum of the others."""
    several = len(item.unperturbed.vois) > 1
    rows = [_row(feature_label(blame.feature) + (f" ({blame.input})" if several else ""), blame.share)
            for blame in item.features[:_LISTED]]
    rest = item.features[_LISTED:]
    if rest:
        shares = [blame.share for blame in rest if blame.share is not None]
        rows.append(_row(texts.other_features(len(rest)), sum(shares) if shares else None))
    return tuple(rows)


def _row(name: str, share: float | None) -> ShareRow:
    return ShareRow(name, share, "–" if share is None else _("{percent} %").format(percent=_whole_percent(share)))


def _whole_percent(share: float) -> str:
    """Return a share, which may be negative, in whole percent with a true minus sign."""
    return f"{round(100 * share) + 0:d}".replace("-", "−")


def notes(item: Stability) -> str:
    """Return what gave no score and why, warnings, whose limits of agreement are drawn, and what the spread is not."""
    lines = ["⚠ " + _("{count} of {all} perturbations gave no score: {reason}").format(
        count=failure.count, all=item.count, reason=texts.escape(failure.reason)) for failure in item.failures]
    lines += [f"⚠ {texts.escape(warning.message)}" for warning in own_warnings(item)]
    shifted, readers = shift_note(item), item.agreement
    lines += [f"⚠ {texts.escape(shifted)}"] if shifted else []
    if readers is not None:
        lines.append(_("Limits of agreement: {comparison}, {pairs} pairs, {lower} to {upper}, laid around this "
                       "score.").format(comparison=texts.escape(readers.comparison), pairs=readers.pairs,
                                        lower=number(readers.lower), upper=number(readers.upper)))
    return "<br>".join([*lines, texts.escape(item.caveat)])


def origin(item: Stability) -> str:
    """Return settings, seed and method."""
    settings = item.settings
    text = _("{count} perturbations, seed {seed}; settings {id} ({hash}): {kinds}. {method} {source}").format(
        count=item.count, seed=item.seed, id=settings.id, hash=settings.hash[:12],
        kinds=", ".join(kind(name) for name in settings.kinds), method=item.method, source=settings.source)
    return f"<small>{texts.escape(text)}</small>"
