"""How well readings repeat, in the panel's words, as rich text; names of cases, readers and features are escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.analysing import StudyInput
from RadiomicsPrognosisLib.presenter.analysis_result import median_dice
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.reading.folder import Reading, ReadingState
from RadiomicsPrognosisLib.reading.rule import INTER, INTRA
from RadiomicsPrognosisLib.reading.study_result import (
    ALL,
    FEATURE_CLASS,
    IMAGE_TYPE,
    FeatureSummary,
    OutcomeChange,
    ReadingComparison,
    ReproducibilityResult,
    ScoreAgreement,
)
from RadiomicsPrognosisLib.statistics.icc import IccTable
from RadiomicsPrognosisLib.statistics.kappa import Kappa
from RadiomicsPrognosisLib.texts import feature_label

from . import texts
from .texts import escape

#: So many names are listed before the others are counted.
_LISTED = 5


def problem(item: Problem | None) -> str:
    """Return what an analysis still needs, or why it failed."""
    if item is None:
        return ""
    path, title = escape(item.values.get("path", "")), escape(item.values.get("title", ""))
    choices = {
        "no-readings": _("Open or set up a reading study (tabs 'Set up' and 'Read'), or choose a table of readings."),
        "no-finished-reading": _("No reading of '{title}' is finished; contour the first in the tab 'Read'.").format(
            title=title),
        "one-reading": _("All finished readings of '{title}' are of one reader in one session: there is nothing to "
                         "compare them with. Read again in another session, or let somebody else read.").format(
                             title=title),
        "blinded": _("A reading is under way: results are hidden until it is left (tab 'Read').")}
    return f"→ {choices[item.code]}" if item.code in choices else texts.study_problem(
        Problem(item.code, item.message, item.details, {**item.values, "path": path}))


def study(item: StudyInput) -> str:
    """Return what of the open study is analysed, and which readings are not and why."""
    readings = sorted({reading.title for reading in item.usable})
    cases = len({reading.case for reading in item.usable})
    lines = [_("The open study '{title}': {count} finished readings of {cases} lesions ({readings})").format(
        title=item.title, count=len(item.usable), cases=cases, readings=", ".join(readings))] if item.usable else []
    reasons: dict[str, list[Reading]] = {}
    for left_out in item.left_out:
        reasons.setdefault(_reason(left_out), []).append(left_out)
    for reason, group in reasons.items():
        lines.append(_("Left out, {reason}: {names}").format(reason=reason, names=listed(
            f"{one.case} ({one.title})" for one in group)))
    return "<br>".join(map(escape, lines))


def _reason(item: Reading) -> str:
    states = {ReadingState.PLANNED: _("not begun"), ReadingState.OPEN: _("not finished"),
              ReadingState.SKIPPED: _("skipped")}
    return item.problem or states.get(item.state, _("not usable"))


def table(name: str) -> str:
    """Return that a table is analysed in the place of the open study."""
    return escape(_("The table {name}, not the open reading study.").format(name=name))


def headline(result: ReproducibilityResult) -> str:
    """Return in short how well score, group, contours and features repeat, for the same reader and between readers."""
    kept = result.filter
    blocks = [_block(result, item) for kind in (INTRA, INTER) for item in result.of_kind(kind)[:1]]
    passing = _("<b>{kept} of {features} features pass</b>: {form}, {on}, at least {threshold:g}, {within}.").format(
        kept=len(kept.kept), features=len(kept.features), form=kept.form, on=bound(kept.on), threshold=kept.threshold,
        within=escape(_(" and ").join(_named(result.comparison(name)) for name in kept.comparisons)))
    return "".join(blocks) + passing


def _named(comparison: ReadingComparison) -> str:
    return {INTRA: _("same reader"), INTER: _("between readers")}.get(comparison.kind, comparison.title)


def _block(result: ReproducibilityResult, comparison: ReadingComparison) -> str:
    """Return a comparison's main figures as a heading and lines."""
    lines = [("", comparison.reason)] if comparison.reason else []
    item, model = comparison.score, result.model
    if item is not None and model is not None:
        same = item.n - len(item.flips)
        lines += [(model.score_name, _icc(item.icc, result.form)), (_("Differences"), _limits(item)),
                  (_("Risk group"), _("the same in {same} of {n}; {kappa}").format(
                      same=same, n=item.n, kappa=_kappa(item.kappa)) if item.kappa is not None else "")]
    dice = median_dice(result, comparison.readings)
    if dice is not None:
        lines.append((_("Contours"), _("median Dice {dice:.2f} ({pairs} pairs)").format(dice=dice[0], pairs=dice[1])))
    rows = "".join(f"<tr><td>{escape(name)}&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"
                   for name, text in lines if text)
    title = _("{title}, {cases} lesions").format(title=comparison.title, cases=len(comparison.cases))
    return f"<b>{escape(_named(comparison).capitalize())}</b> · {escape(title)}<table>{rows}</table>"


def bound(on: str) -> str:
    """Return what of an ICC must reach the threshold."""
    return _("lower bound") if on == "lower" else _("estimate")


def score(result: ReproducibilityResult, comparison: ReadingComparison) -> str:
    """Return in sentences how score, group and outcome repeat in a comparison; empty without a model."""
    item, model = comparison.score, result.model
    if item is None or model is None:
        return escape(model.no_score if model is not None else "")
    figures = [(model.score_name, _icc(item.icc, result.form)), (_("differences"), _limits(item)),
               (_("risk group"), _kappa(item.kappa)), ("", _flips(item)), *(("", _change(one)) for one in item.changes),
               *(("", reason) for reason in item.reasons)]
    if item.left_out:
        figures.append(("", _("Without a score in every reading, and left out: {names}.").format(
            names=listed(item.left_out))))
    return "<br>".join(f"• {escape(f'{name}: {text}' if name else text)}" for name, text in figures if text)


def _icc(icc: IccTable | None, form: str) -> str:
    if icc is None:
        return ""
    value, lower, upper = (column.tolist()[0] for column in (icc.forms[form].icc, icc.forms[form].lower,
                                                             icc.forms[form].upper))
    if value is None:
        return ""
    words = _words(lower, upper)
    return _("{form} {value:.3f}{interval}").format(form=form, value=value, interval=_interval(lower, upper, 3)) + (
        f", {words}" if words else "")


#: Least ICCs that are called so (Koo & Li, J Chiropr Med 2016;15:155), from the least up.
_NAMES = ((0.5, "moderate"), (0.75, "good"), (0.9, "excellent"))


def _words(lower: float | None, upper: float | None) -> str:
    """Return what the interval of an ICC is called, by Koo and Li."""
    if lower is None or upper is None:
        return ""
    names = {"poor": _("poor"), "moderate": _("moderate"), "good": _("good"), "excellent": _("excellent")}
    low, high = (names[next((name for least, name in reversed(_NAMES) if end >= least), "poor")]
                 for end in (lower, upper))
    return low if low == high else _("{low} to {high}").format(low=low, high=high)


def _interval(lower: float | None, upper: float | None, places: int) -> str:
    if lower is None or upper is None:
        return ""
    return _(" (95 % interval {lower} to {upper})").format(lower=f"{lower:.{places}f}", upper=f"{upper:.{places}f}")


def _limits(item: ScoreAgreement) -> str:
    limits, spread = item.limits, item.repeatability
    if limits is not None:
        lower, upper, bias = decimals((limits.lower, limits.upper, limits.bias), limits.upper - limits.lower)
        return _("95 % between {lower} and {upper}, {bias} on average").format(lower=lower, upper=upper, bias=bias)
    if spread is not None:
        return _("two readings of a lesion differ by less than {value:.3g} in 95 % of cases").format(
            value=spread.coefficient)
    return ""


def decimals(values: Iterable[float], width: float) -> list[str]:
    """Return numbers with as many decimals as three digits of ``width``, the range they lie in, have."""
    places = min(max(2 - math.floor(math.log10(width)), 0), 12) if width > 0 else 3
    return [f"{value:.{places}f}" for value in values]


def _kappa(kappa: Kappa | None) -> str:
    if kappa is None:
        return ""
    if kappa.kappa is None:
        return kappa.reason
    interval = f" ({kappa.no_interval})" if kappa.no_interval else _interval(kappa.lower, kappa.upper, 2)
    return _("{method}'s kappa {value:.2f}{interval}").format(method=kappa.method, value=kappa.kappa, interval=interval)


def _flips(item: ScoreAgreement) -> str:
    if item.kappa is None:
        return ""
    if not item.flips:
        return _("No lesion changes its risk group.")
    names = listed(f"{flip.case} ({' → '.join(flip.groups)})" for flip in item.flips)
    return _("{count} of {n} change their risk group: {names}.").format(count=len(item.flips), n=item.n, names=names)


def _change(item: OutcomeChange) -> str:
    what = item.what if item.months is None else _("survival at {months:g} months").format(months=item.months)
    return _("Predicted {what} changes by {mean:.1f} percentage points on average, at most by {largest:.1f} "
             "({case}).").format(what=what, mean=100 * item.mean_range, largest=100 * item.largest_range,
                                 case=item.largest_case)


def shares(groups: Iterable[FeatureSummary]) -> str:
    """Return a table of how many features reach the threshold, by image type and by class."""
    kinds = {IMAGE_TYPE: _("By image type"), FEATURE_CLASS: _("By class")}
    rows, before = [], ALL
    for item in groups:
        if item.by != before:
            rows.append(f'<tr><td colspan="4"><b>{escape(kinds.get(item.by, item.by))}</b></td></tr>')
        before = item.by
        name = _("All features") if item.by == ALL else item.name
        cells = (_("{kept} of {features}").format(kept=item.kept, features=item.features),
                 f"{100 * item.kept / item.features:.0f} %", "–" if item.median is None else f"{item.median:.2f}")
        rows.append(_row((name, *cells)))
    heads = _row((_("Features"), _("pass"), _("share"), _("median ICC")))
    return f"<table>{heads}{''.join(rows)}</table>" if rows else ""


def _row(cells: Iterable[str]) -> str:
    first, *others = (f"{escape(cell)}&nbsp;&nbsp;" for cell in cells)
    return f"<tr><td>{first}</td>" + "".join(f'<td align="right">{cell}</td>' for cell in others) + "</tr>"


def failed(model: str, terms: Sequence[str], result: ReproducibilityResult) -> str:
    """Return which of a model's features, ``terms``, the filter would take out, with their values."""
    kept, values = result.filter, dict[str, dict[str, str]]()
    for item in kept.failed:
        text = f"{item.value:.3f}" if item.value is not None else _("none ({reason})").format(reason=item.status)
        values.setdefault(item.feature, {})[item.comparison] = text
    absent = [name for name in terms if name not in kept.features]
    lines = [_("{count} of them are not among the features analysed: {names}.").format(
        count=len(absent), names=listed(map(feature_label, absent)))] if absent else []
    if not values:
        text = _("✔ No feature of {model} fails.") if absent else _("✔ All {count} features of {model} pass.")
        return "<br>".join(map(escape, [text.format(count=len(terms), model=model), *lines]))
    heads = [_named(result.comparison(name)) for name in kept.comparisons]
    rows = [_row(("", *heads)), *(_row((feature_label(name), *(own.get(one, "✔") for one in kept.comparisons)))
                                 for name, own in values.items())]
    text = _("⚠ {failing} of {count} features of {model} fail:").format(failing=len(values), count=len(terms),
                                                                        model=model)
    return f"{escape(text)}<table>{''.join(rows)}</table>{'<br>'.join(map(escape, lines))}"


def notes(result: ReproducibilityResult, changed: int) -> str:
    """Return what a reader of the result must know, first that it is of an earlier state of the readings."""
    lines = []
    if changed:
        lines.append(_("⚠ This result is of an earlier state: {count} readings were added, taken back or drawn again "
                       "since. Press 'Analyse'.").format(count=changed))
    lines += [f"⚠ {item.message}" for item in result.warnings] + list(result.notes)
    return f"<small>{'<br>'.join(map(escape, lines))}</small>" if lines else ""


def listed(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    every = list(names)
    more = _(" and {count} more").format(count=len(every) - _LISTED) if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + more
