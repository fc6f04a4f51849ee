"""How well readings repeat, in the panel's words, as rich text; names of cases, readers and features are escaped."""

from __future__ import annotations

from collections.abc import Iterable

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.analysing import StudyInput
from RadiomicsPrognosisLib.presenter.analysis_result import median_dice
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.reading.folder import Reading, ReadingState
from RadiomicsPrognosisLib.reading.result import (
    ALL,
    FEATURE_CLASS,
    IMAGE_TYPE,
    INTER,
    INTRA,
    OVERALL,
    FailedFeature,
    FeatureFilter,
    FeatureSummary,
    ReadingComparison,
    ReproducibilityResult,
    ScoreAgreement,
)
from RadiomicsPrognosisLib.statistics.icc import OK, IccTable
from RadiomicsPrognosisLib.statistics.kappa import Kappa
from RadiomicsPrognosisLib.texts import feature_label, percent

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
    readings = sorted({f"{reading.reader} / {reading.session}" for reading in item.usable})
    cases = len({reading.case for reading in item.usable})
    lines = [_("The open study '{title}': {count} finished readings of {cases} lesions ({readings})").format(
        title=item.title, count=len(item.usable), cases=cases, readings=", ".join(readings))] if item.usable else []
    reasons: dict[str, list[Reading]] = {}
    for left_out in item.left_out:
        reasons.setdefault(_reason(left_out), []).append(left_out)
    for reason, group in reasons.items():
        lines.append(_("Left out, {reason}: {names}").format(reason=reason, names=_listed(
            f"{one.case} ({one.reader} / {one.session})" for one in group)))
    return "<br>".join(map(escape, lines))


def _reason(item: Reading) -> str:
    states = {ReadingState.PLANNED: _("not begun"), ReadingState.OPEN: _("not finished"),
              ReadingState.SKIPPED: _("skipped")}
    return item.problem or states.get(item.state, _("not usable"))


def table(name: str) -> str:
    """Return that a table is analysed in the place of the open study."""
    return escape(_("The table {name}, not the open reading study.").format(name=name))


def headline(result: ReproducibilityResult, kept: FeatureFilter) -> str:
    """Return in words how well score, group, contours and features repeat, a paragraph for each comparison."""
    lines = [_("<b>{kept} of {features} features</b> pass: {form}, {on}, at least {threshold:g} {within}.").format(
        kept=len(kept.kept), features=len(kept.features), form=kept.form, on=bound(kept.on), threshold=kept.threshold,
        within=_within(result, kept))]
    main = result.of_kind(INTRA, INTER) or result.of_kind(OVERALL)
    for comparison in main:
        sentences = [_("{readings} contoured {cases} lesions each").format(
            readings=" – ".join(comparison.readings), cases=len(comparison.cases))]
        dice = median_dice(result, comparison.readings)
        if dice is not None:
            sentences.append(_("median Dice {dice:.2f} of {pairs} pairs of contours").format(dice=dice[0],
                                                                                             pairs=dice[1]))
        lines.append(f"<b>{escape(comparison.title)}</b>: {escape('; '.join(sentences))}. "
                     + (score(result, comparison) or escape(comparison.reason)))
    return "<br>".join(lines)


def _within(result: ReproducibilityResult, kept: FeatureFilter) -> str:
    titles = [escape(result.comparison(name).title) for name in kept.comparisons]
    return _("in {titles}").format(titles=_(" and in ").join(titles))


def bound(on: str) -> str:
    """Return what of an ICC must reach the threshold."""
    return _("lower bound") if on == "lower" else _("estimate")


def score(result: ReproducibilityResult, comparison: ReadingComparison) -> str:
    """Return in sentences how score, group and outcome repeat in a comparison; empty without a model."""
    item, model = comparison.score, result.model
    if model is None:
        return ""
    if item is None:
        return escape(model.no_score)
    lines = [_icc(item.icc, result.form, model.score_name), _limits(item), _kappa(item.kappa), _flips(item),
             *(_change(change) for change in item.changes), *item.reasons]
    if item.left_out:
        lines.append(_("Without a score in every reading, and left out: {names}.").format(
            names=_listed(item.left_out)))
    return " ".join(escape(line) for line in lines if line)


def _icc(icc: IccTable | None, form: str, name: str) -> str:
    if icc is None:
        return ""
    value, lower, upper = (column.tolist()[0] for column in (icc.forms[form].icc, icc.forms[form].lower,
                                                              icc.forms[form].upper))
    if value is None:
        return ""
    interval = _interval(lower, upper)
    return _("{name}: {form} {value:.3f} {interval}.").format(name=name, form=form, value=value, interval=interval)


def _interval(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return _("(no interval)")
    return _("(95 % interval {lower:.3f} to {upper:.3f})").format(lower=lower, upper=upper)


def _limits(item: ScoreAgreement) -> str:
    limits = item.limits
    if limits is None:
        if item.repeatability is None:
            return ""
        return _("Two readings of a lesion differ by less than {value:.3g} in 95 % of cases.").format(
            value=item.repeatability.coefficient)
    return _("95 % of differences lie between {lower:.3g} and {upper:.3g} (limits of agreement), on average "
             "{bias:.3g}.").format(lower=limits.lower, upper=limits.upper, bias=limits.bias)


def _kappa(kappa: Kappa | None) -> str:
    if kappa is None:
        return ""
    agreeing = _("Risk groups agree in {share}").format(share=percent(kappa.observed))
    if kappa.kappa is None:
        return f"{agreeing}; {kappa.reason}"
    interval = f" {_interval(kappa.lower, kappa.upper)}" if kappa.lower is not None else ""
    return _("{agreeing}, {method}'s kappa {value:.2f}{interval}.").format(
        agreeing=agreeing, method=kappa.method, value=kappa.kappa, interval=interval)


def _flips(item: ScoreAgreement) -> str:
    if item.kappa is None:
        return ""
    if not item.flips:
        return _("No lesion changes its risk group.")
    names = _listed(f"{flip.case} ({' → '.join(flip.groups)})" for flip in item.flips)
    return _("{count} of {n} change their risk group: {names}.").format(count=len(item.flips), n=item.n, names=names)


def _change(change) -> str:
    what = _("survival at {months:g} months").format(months=change.months) if change.months is not None else change.what
    return _("Predicted {what} changes by {mean:.1f} percentage points on average, at most {largest:.1f} "
             "({case}).").format(what=what, mean=100 * change.mean_range, largest=100 * change.largest_range,
                                 case=change.largest_case)


def shares(groups: Iterable[FeatureSummary]) -> str:
    """Return a table of how many features reach the threshold, by image type and by class."""
    kinds = {ALL: "", IMAGE_TYPE: _("Image type"), FEATURE_CLASS: _("Class")}
    rows, before = [], ALL
    for item in groups:
        if item.by != before:
            rows.append(f'<tr><td colspan="4"><b>{escape(kinds.get(item.by, item.by))}</b></td></tr>')
        before = item.by
        name = _("All features") if item.by == ALL else item.name
        middle = "–" if item.median is None else f"{item.median:.2f}"
        share = percent(item.kept / item.features) if item.features else "–"
        rows.append(f"<tr><td>{escape(name)}&nbsp;&nbsp;</td>"
                    + "".join(f'<td align="right">{escape(cell)}&nbsp;&nbsp;</td>' for cell in (
                        _("{kept} of {features}").format(kept=item.kept, features=item.features), share, middle))
                    + "</tr>")
    heads = "".join(f'<td align="right"><small>{escape(text)}&nbsp;&nbsp;</small></td>'
                    for text in (_("pass"), _("share"), _("median ICC")))
    return f"<table><tr><td></td>{heads}</tr>{''.join(rows)}</table>" if rows else ""


def failed(model: str, features: int, items: Iterable[FailedFeature], result: ReproducibilityResult) -> str:
    """Return which of a model's ``features`` the filter would take out, with their values."""
    by_feature: dict[str, list[FailedFeature]] = {}
    for item in items:
        by_feature.setdefault(item.feature, []).append(item)
    if not by_feature:
        return "✔ " + escape(_("All {count} features of {model} pass.").format(count=features, model=model))
    lines = ["⚠ " + escape(_("{count} of {features} features of {model} fail:").format(
        count=len(by_feature), features=features, model=model))]
    for name, own in by_feature.items():
        values = "; ".join(f"{result.comparison(item.comparison).title} {_value(item)}" for item in own)
        lines.append(f"– {escape(feature_label(name))}: {escape(values)}")
    return "<br>".join(lines)


def _value(item: FailedFeature) -> str:
    if item.value is not None:
        return f"{item.value:.3f}"
    return _("no ICC ({reason})").format(reason=item.status) if item.status != OK else _("no value")


def notes(result: ReproducibilityResult, changed: int) -> str:
    """Return what a reader of the result must know, first that it is of an earlier state of the readings."""
    lines = []
    if changed:
        lines.append(_("⚠ This result is of an earlier state: {count} readings were added, taken back or drawn again "
                       "since. Press 'Analyse'.").format(count=changed))
    for item in result.plan.left_out[:_LISTED]:
        lines.append(_("Not used: {case} ({reading}): {reason}").format(case=item.case, reading=item.reading,
                                                                        reason=item.reason))
    rest = len(result.plan.left_out) - _LISTED
    if rest > 0:
        lines.append(_("… and {count} more rows, which the report lists.").format(count=rest))
    if result.plan.missing:
        lines.append(_("Readings that are missing: {names}; comparisons with them go without these lesions.").format(
            names=_listed(f"{item.case} ({item.reading})" for item in result.plan.missing)))
    lines += [*result.notes, *(f"⚠ {item.message}" for item in result.warnings)]
    return "<br>".join(map(escape, lines))


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = _(" and {count} more").format(count=len(every) - _LISTED) if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + more
