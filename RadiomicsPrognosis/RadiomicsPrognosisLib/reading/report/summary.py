"""What a radiologist reads first: what limits the answer, and how well score, group, features and contours repeat."""

from __future__ import annotations

import numpy as np

from ...notation import bounds, fixed, months, share
from ...report.blocks import Block, Notice, Paragraph, Section, Tile, Tiles
from ...report.elements import missing, name, sentence
from ...texts import number
from ..study_result import SURVIVAL, OutcomeChange, ReadingComparison, ReproducibilityResult, ScoreAgreement
from .words import (
    cases,
    icc_value,
    interval_text,
    kappa_text,
    limits_text,
    listed,
    main_comparisons,
    per_cent,
    points,
    sentence_case,
    share_text,
)

SHORT = "In short"


def summary_section(result: ReproducibilityResult) -> Section:
    """Return warnings, the main numbers, and a sentence or two on each."""
    main = main_comparisons(result)
    blocks: list[Block] = [Notice("warning", "Warning", sentence(item.message)) for item in result.warnings]
    blocks += [Notice("note", "Note", sentence(note)) for note in result.notes]
    items = [answer for item in main for answer in _score_answers(item, result)]
    blocks += [Tiles((*items, *_feature_answers(result), *_contour_answers(result)))]
    blocks += [Paragraph(text) for item in main for text in _score_words(item, result)]
    if result.model is None:
        blocks.append(missing("No score", "No model was given with the readings, so that only features"
                              f"{' and contours' if result.contours else ''} were compared."))
    elif result.model.no_score:
        blocks.append(missing(f"No {result.model.score_name}", result.model.no_score))
    blocks += [Paragraph(text) for text in (*_feature_words(result), *_contour_words(result))]
    if not result.contours:
        blocks.append(missing("No contours", "Contours were not compared: the table names no images and masks of the "
                              "readings, or they are not at hand."))
    return Section(SHORT, tuple(blocks))


def demonstration_remark(result: ReproducibilityResult) -> str:
    """Return what stands beside every number of a score that a demonstration scaling made, else nothing."""
    scaling = result.model.scaling if result.model else None
    return "demonstration scaling (another disease)" if scaling is not None and scaling.demonstration else ""


def _score_answers(item: ReadingComparison, result: ReproducibilityResult) -> list[Tile]:
    score, model = item.score, result.model
    if score is None or model is None:
        return []
    where, demonstration = name(item.title), demonstration_remark(result)
    answers = []
    if score.icc is not None:
        icc = icc_value(score.icc, result.form)
        if icc.estimate is not None:
            ends = bounds(icc.lower, icc.upper, lambda end: fixed(end, 2))
            remark = f"{result.form}{ends}, {cases(score.n)}"
            answers.append(Tile(f"{name(model.score_name)}, {where}", f"ICC {fixed(icc.estimate, 2)}",
                                  _joined(remark, icc.level, demonstration)))
    if score.kappa is not None:
        changed = share_text(len(score.flips), score.kappa.n, result.confidence)
        kappa = f"kappa {kappa_text(score.kappa)}" if score.kappa.kappa is not None else "kappa not defined"
        answers.append(Tile(f"Risk group changed, {where}", f"{len(score.flips)} of {score.kappa.n}",
                              _joined(changed, kappa, demonstration), "worse" if score.flips else "better"))
    return answers


def _joined(*texts: str) -> str:
    return "; ".join(filter(None, texts))


def _feature_answers(result: ReproducibilityResult) -> list[Tile]:
    rule = result.filter
    on = "estimate" if rule.on == "estimate" else "lower bound"
    answers = [Tile("Features kept", f"{len(rule.kept)} of {len(rule.features)}",
                      f"{rule.form}, {on} ≥ {rule.threshold:g} in "
                      f"{'each comparison' if len(rule.comparisons) > 1 else 'the comparison'}")]
    if result.model is not None:
        failed = {item.feature for item in result.filter.failed}
        answers.append(Tile("Model's features that fail", f"{len(failed)} of {len(result.model.features)}",
                              name(result.model.id), "worse" if failed else "better"))
    return answers


def _contour_answers(result: ReproducibilityResult) -> list[Tile]:
    dice = np.array([item.overlap.dice for item in result.contours if item.overlap is not None])
    if not len(dice):
        return []
    pairs = f"{len(dice)} pair{'' if len(dice) == 1 else 's'} of contours"
    return [Tile("Dice of the contours", fixed(float(np.median(dice)), 2),
                   f"median; {fixed(float(dice.min()), 2)}–{fixed(float(dice.max()), 2)} in {pairs}")]


def _score_words(item: ReadingComparison, result: ReproducibilityResult) -> list[str]:
    score, model = item.score, result.model
    if score is None or model is None:
        return []
    text = [f"{sentence_case(name(item.title))}, {name(model.score_name)}:"]
    remark = demonstration_remark(result)
    text[0] = text[0][:-1] + (f" with the {remark}:" if remark else ":")
    text += _agreement_words(score, result)
    if score.kappa is not None:
        text.append(_flip_words(score, item, result.confidence))
    change = max((change for change in score.changes if change.what == SURVIVAL),
                 key=lambda change: change.largest_range, default=None) or next(iter(score.changes), None)
    if change is not None:
        text.append(_change_words(change, model.endpoint))
    text += [sentence(reason) for reason in score.reasons]
    if score.left_out:
        text.append(f"Without a score in every reading: {name(listed(score.left_out))}.")
    return [" ".join(text)] if len(text) > 1 else []


def _agreement_words(score: ScoreAgreement, result: ReproducibilityResult) -> list[str]:
    text = []
    icc = icc_value(score.icc, result.form) if score.icc is not None else None
    if icc is not None and icc.estimate is not None:
        level = f", {icc.level} agreement by Koo and Li's words" if icc.level else ""
        text.append(f"{result.form} is {icc.text}{level} ({cases(score.n)}).")
    if score.limits is not None:
        limits = score.limits
        text.append(f"A second reading differed from the first by {limits_text(limits)} in {per_cent(limits.agreement)}"
                    f" of cases (limits of agreement), on average by {number(limits.bias, 3)} "
                    f"({interval_text(limits.bias_interval)}).")
    elif score.repeatability is not None:
        repeated = score.repeatability
        text.append(f"Two readings of a case differ by less than {number(repeated.coefficient, 3)} "
                    f"({interval_text(repeated.coefficient_interval)}) in {per_cent(repeated.agreement)} of cases "
                    "(repeatability coefficient).")
    return text


def _flip_words(score: ScoreAgreement, item: ReadingComparison, confidence: float) -> str:
    kappa, flips = score.kappa, score.flips
    if kappa is None:
        return ""
    between = "between the two readings" if len(item.readings) == 2 else f"over the {len(item.readings)} readings"
    agreed = f"kappa {kappa_text(kappa)}" if kappa.kappa is not None else sentence(kappa.reason).removesuffix(".")
    changed = share_text(len(flips), kappa.n, confidence)
    if not flips:
        return f"In none of {cases(kappa.n)} did the risk group change {between}: {changed}; {agreed}."
    return (f"In {len(flips)} of {cases(kappa.n)} the risk group changed {between} "
            f"({name(listed([flip.case for flip in flips]))}): {changed}; {agreed}.")


def _change_words(change: OutcomeChange, endpoint: str) -> str:
    what = f"{months(change.months).replace(' month', '-month').removesuffix('s')} {name(endpoint).lower()}" \
        if change.months is not None else "probability"
    return (f"The predicted {what} of a case changed by {points(change.mean_range)} percentage points on average and "
            f"by {points(change.largest_range)} at most (case {name(change.largest_case)}).")


def _feature_words(result: ReproducibilityResult) -> list[str]:
    rule, model = result.filter, result.model
    on = "" if rule.on == "estimate" else " the lower bound of"
    kept_share = share(len(rule.kept) / len(rule.features), 0)
    text = [f"Features: {len(rule.kept)} of {len(rule.features)} ({kept_share}) reach{on} {rule.form} ≥ "
            f"{rule.threshold:g} in {_judged_words(result)}."]
    if model is not None:
        failed = list(dict.fromkeys(item.feature for item in rule.failed))
        text.append(f"Of the {len(model.features)} features of the model {name(model.id)}, "
                    + (f"{len(failed)} {'does' if len(failed) == 1 else 'do'} not ({name(listed(failed, 4))})."
                       if failed else "all do."))
    return [" ".join(text)]


def _judged_words(result: ReproducibilityResult) -> str:
    titles = [name(item.title) for item in main_comparisons(result)]
    return f"both comparisons ({listed(titles)})" if len(titles) == 2 else listed(titles) or "the comparison"


def _contour_words(result: ReproducibilityResult) -> list[str]:
    measured = [(item.overlap, item) for item in result.contours if item.overlap is not None]
    if not measured:
        return []
    overlap, worst = min(measured, key=lambda pair: pair[0].dice)
    return [f"Contours: over {len(measured)} pairs of readings of a case the median Dice coefficient is "
            f"{fixed(float(np.median([pair[0].dice for pair in measured])), 2)} and the median 95 % Hausdorff distance "
            f"{fixed(float(np.median([pair[0].hausdorff95_mm for pair in measured])), 1)} mm; the contours of case "
            f"{name(worst.case)} agree least (Dice {fixed(overlap.dice, 2)}, {name(worst.first)} and "
            f"{name(worst.second)})."]
