"""Which figure shows which record of a study, with its caption; a figure that cannot be drawn is a notice why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from ...cohort.patients import rows_text
from ...errors import InputError
from ...figures.nomogram import draw_nomogram
from ...models.model import Model
from ...notation import fixed, months, p_text, ratio_interval, share
from ...reading.rule import Reproducibility
from ...report.blocks import Block, Picture
from ...report.elements import missing
from ...statistics.kaplan_meier import LogRank
from ...texts import clean
from .. import figures
from ..endpoints import KINDS
from ..endpoints.survival import risk_ticks
from ..results.cohorts import WHOLE, EndpointSummary
from ..results.models import ModelResult
from ..results.performance import AtTime, HorizonPerformance, ModelCohort
from ..results.signatures import SignatureResult

_Line = TypeVar("_Line")

#: Colours of cohorts, by order.
_COLOURS = ("patient", "better", "worse", "ink")

#: Most characters of a title, of a name beside others, and of what stands within a line.
_TITLE, _NAME, _LABEL = 60, 40, 30

#: What the score is called where it is not a signature's own.
_PREDICTOR = "Linear predictor"


def score_name(model: ModelResult, scores: Sequence[str]) -> str:
    """Return what a model's score is called: the title of its one signature (``scores``), or linear predictor."""
    own = any(not np.array_equal(cohort.score, cohort.linear_predictor) for cohort in model.cohorts)
    return clean(scores[0], _NAME) if own and len(scores) == 1 else _PREDICTOR


def _heading(model: ModelResult, cohort: ModelCohort) -> str:
    """Return the names of a model and a cohort with its numbers."""
    return f"{clean(model.title, _TITLE)}: {_cohort_words(cohort.cohort)} (n = {rows_text(cohort.n, cohort.counted)}, "\
           f"{cohort.events} events)"


def endpoint_pictures(endpoint: EndpointSummary) -> tuple[Block, ...]:
    """Return the Kaplan-Meier curve of all rows together, where there are several cohorts, and those by cohort."""
    whole, between = endpoint.whole, endpoint.between
    every: tuple[Block, ...] = ()
    if whole is not None and whole.curve is not None:
        ticks = risk_ticks(whole.curve.times)
        line = figures.CurveLine("All rows", whole.curve, whole.curve.at_risk_at(ticks).tolist(), "ink")
        median = "not reached" if whole.curve.median is None else f"{fixed(whole.curve.median, 1)} months"
        rates = "; ".join(f"{share(at.survival)} at {months(at.time)}" for at in whole.estimates)
        title = f"{clean(endpoint.name, _TITLE)}: {whole.cohort} (n = {rows_text(whole.n, whole.counted)}, "\
                f"{whole.events} events)"
        every = (Picture(f"endpoint-{endpoint.id}-all", title, f"Kaplan-Meier estimate of all rows together with "
                         f"{_band([line])}; marks: censored.", figures.draw_kaplan_meier(
                             [line], ticks, endpoint.name, title, f"median {median}; {rates}")),)
    curves = [(item.cohort, item.curve) for item in endpoint.cohorts if item.curve is not None]
    if not curves:
        return every
    ticks = risk_ticks(np.concatenate([curve.times for _, curve in curves]))
    lines = [figures.CurveLine(clean(cohort, _NAME), curve, curve.at_risk_at(ticks).tolist(),
                               _COLOURS[index % len(_COLOURS)]) for index, (cohort, curve) in enumerate(curves)]
    remark = p_text(between.test.p, _log_rank(between)) if isinstance(between, LogRank) else ""
    figure = figures.draw_kaplan_meier(lines, ticks, endpoint.name, f"{clean(endpoint.name, _TITLE)} by cohort", remark)
    counts = {item.cohort: item.counted.text(item.n) for item in endpoint.cohorts if item.counted}
    return (*every, Picture(f"endpoint-{endpoint.id}", clean(endpoint.name, 80), "Kaplan-Meier estimate of all rows of "
                            f"each cohort with {_band(lines)}; marks: censored."
                            f"{_words(counts)}", figure))


def _log_rank(test: LogRank) -> str:
    return "log-rank p" if test.clusters is None else "robust log-rank p"


def _band(lines: Sequence[figures.CurveLine]) -> str:
    return f"{100 * lines[0].curve.confidence:g} % confidence band"


def agreement_picture(filtered: Reproducibility) -> Picture:
    """Return the ICC of all features."""
    return Picture("reproducibility", "Reproducibility of the features", f"{filtered.form} of every feature, sorted, "
                   "with its 95 % confidence interval where the estimate decides; features from the dashed line up are "
                   "kept.", figures.draw_agreement(filtered))


def signature_pictures(signature: SignatureResult) -> tuple[Block, ...]:
    """Return cross-validation and coefficient paths of a LASSO, importances of a forest."""
    blocks: list[Block] = []
    title = clean(signature.title, _TITLE)
    lasso = signature.penalised
    if lasso is not None:
        blocks.append(Picture(f"cv-{signature.id}", f"Cross-validation of {title}", f"{lasso.folds}-fold "
                              "cross-validation: mean of the measure ± one standard error over the penalty λ; numbers "
                              "above: features selected.", figures.draw_cross_validation(lasso, title)))
        blocks.append(Picture(f"paths-{signature.id}", f"Coefficient paths of {title}", "Coefficient of every "
                              "feature over the penalty λ; coloured: features selected at the λ taken, with their "
                              "coefficients there.", figures.draw_coefficient_paths(lasso, title)))
    if signature.forest is not None:
        blocks.append(Picture(f"forest-{signature.id}", f"Importances of {title}", "Largest importances in a random "
                              f"forest of {signature.forest.trees} trees; filled: selected.",
                              figures.draw_importances(signature.forest, title)))
    return tuple(blocks)


def forest_picture(model: ModelResult) -> tuple[Block, ...]:
    """Return the forest plot of a model's effects."""
    final = () if model.effects == model.multivariable else model.effects
    together = () if model.univariable == model.multivariable else model.multivariable
    groups = [(name, effects) for name, effects in (
        ("Univariable", model.univariable), ("Multivariable" + (", all candidates" if final else ""), together),
        ("Final model", final)) if effects]
    if not groups:
        return ()
    ratio, title = KINDS[model.kind].ratio, clean(model.title, _TITLE)
    return (Picture(f"effects-{model.id}", f"{ratio}s of {title}", f"{ratio}s with 95 % confidence intervals in the "
                    "training cohort, on a logarithmic axis; an arrow: the interval goes on.",
                    figures.draw_forest(groups, ratio, title)),)


def cutoff_picture(model: ModelResult, score: str) -> tuple[Block, ...]:
    """Return the search for a maximally selected cut-off."""
    if model.cutoff is None or not len(model.cutoff.candidates):
        return ()
    title = clean(model.title, _TITLE)
    return (Picture(f"cutoff-{model.id}", f"Cut-off of {title}", "Standardised log-rank statistic of every candidate "
                    "cut-off in the training cohort; the largest is taken.",
                    figures.draw_cutoff_search(model.cutoff, score, title)),)


def nomogram_picture(model: ModelResult, stored: Model | None) -> tuple[Block, ...]:
    """Return the nomogram of a stored model, or why there is none."""
    if stored is None:
        return ()
    try:
        figure = draw_nomogram(None, stored)
    except InputError as error:
        return (missing("No nomogram", str(error)),)
    title = f"{clean(model.title, _TITLE)}: points and prediction"
    return (Picture(f"nomogram-{model.id}", title, "Each factor's value gives points (upwards); their sum gives the "
                    "outcome (downwards).", figure),)


def groups_picture(model: ModelResult, endpoint: EndpointSummary, cohort: ModelCohort) -> tuple[Block, ...]:
    """Return the Kaplan-Meier curves of a model's risk groups in a cohort."""
    survival, cutoff = cohort.survival, model.cutoff
    if survival is None or not survival.groups or cutoff is None:
        return ()
    lines = [figures.CurveLine(clean(group.label, _NAME), group.curve, group.at_risk,
                               "worse" if group.label == cutoff.worse_label else "better")
             for group in survival.groups]
    remarks = [p_text(survival.log_rank.test.p, _log_rank(survival.log_rank))] if survival.log_rank else []
    ratio = survival.hazard_ratio
    if ratio and ratio.ratio is not None:
        remarks.append(f"hazard ratio {clean(ratio.level, _LABEL)} vs {clean(ratio.reference, _LABEL)} "
                       f"{ratio_interval(ratio.ratio, ratio.lower, ratio.upper)}")
    heading = _heading(model, cohort)
    figure = figures.draw_kaplan_meier(lines, survival.ticks, endpoint.name, heading, "; ".join(remarks))
    return (Picture(f"km-{model.id}-{cohort.cohort}", heading, f"Kaplan-Meier estimate by risk group with "
                    f"{_band(lines)}; marks: censored.", figure),)


def calibration_picture(model: ModelResult, endpoint: EndpointSummary, cohort: ModelCohort,
                        corrected: Sequence[tuple[float | None, np.ndarray, np.ndarray, np.ndarray]] = ()
                        ) -> tuple[Block, ...]:
    """Return a model's calibration in a cohort; ``corrected``, in training only, is BootstrapOptimism.smooth."""
    curves = {at: (predicted, values) for at, predicted, _, values in corrected}
    panels = [figures.CalibrationPanel(_when(time), item.calibration, item.smooth, curves.get(time))
              for time, item in cohort.by_time() if item.calibration or item.smooth]
    if not panels:
        return ()
    quantity = KINDS[endpoint.kind].quantity or clean(endpoint.abbreviation, _LABEL)
    heading = _heading(model, cohort)
    return (Picture(f"calibration-{model.id}-{cohort.cohort}", f"Calibration, {heading}", "Observed against predicted: "
                    "groups of the prediction and the smooth curve; on the thin line they agree. ICI: mean absolute "
                    "distance of curve and line.", figures.draw_calibration(panels, quantity, heading)),)


def score_picture(model: ModelResult, endpoint: EndpointSummary, score: str) -> tuple[Block, ...]:
    """Return box plots of a model's score by outcome in every cohort."""
    sides = KINDS[endpoint.kind].sides(clean(endpoint.event, _NAME))
    colours = ("worse", "better") if endpoint.favourable else ("better", "worse")
    columns = []
    for cohort in model.cohorts:
        test = cohort.binary.score_by_outcome if cohort.binary else None
        boxes = [figures.ScoreBox(sides[side], cohort.score[cohort.status == side], colours[side], side)
                 for side in (0, 1) if (cohort.status == side).any()]
        columns.append((clean(cohort.cohort, _NAME), p_text(test.p) if test else f"n = {cohort.n}", boxes))
    if not columns:
        return ()
    title = clean(model.title, _TITLE)
    figure = figures.draw_score_boxes(columns, score, model.cutoff.value if model.cutoff else None,
                                      f"{score} by outcome" if score != _PREDICTOR else
                                      f"{clean(model.title, _NAME)}: linear predictor by outcome")
    whose = "" if score == model.title else f" of {title}"
    return (Picture(f"scores-{model.id}", f"{score}{whose} by outcome", "Median, quartiles and "
                    "range within 1.5 times their distance; every dot is a row."
                    f"{_counts([model], None)}", figure),)


def roc_pictures(models: Sequence[ModelResult], endpoint: EndpointSummary, cohort: str) -> tuple[Block, ...]:
    """Return the ROC curves of an endpoint's models in a cohort, for every horizon, and Heagerty's beside them."""
    heading = _cohort_heading(endpoint, cohort)
    weighted = _by_horizon(models, cohort, lambda number, title, item: None if item.roc is None else figures.RocLine(
        title, number, item.roc, item.auc))
    near = _by_horizon(models, cohort, _neighbours_line)
    kinds = [("roc", heading, f"{KINDS[endpoint.kind].roc} of the models.", weighted),
             ("roc-heagerty", f"{heading}, nearest neighbours", "Time-dependent ROC curves (estimate of Heagerty, "
              "Lumley and Pepe, which allows censoring to go with the score) of the models.", near)]
    return tuple(Picture(f"{kind}-{endpoint.id}-{cohort}", f"ROC, {title}", caption + _counts(models, cohort),
                         figures.draw_roc(panels, title)) for kind, title, caption, panels in kinds if panels)


def _neighbours_line(number: int, title: str, item: AtTime) -> figures.RocLine | None:
    curve = item.neighbours if isinstance(item, HorizonPerformance) else None
    return None if curve is None else figures.RocLine(title, number, curve, None)


def decision_picture(models: Sequence[ModelResult], endpoint: EndpointSummary, cohort: str) -> tuple[Block, ...]:
    """Return the decision curves of an endpoint's models in a cohort, for every horizon."""
    panels = _by_horizon(models, cohort, lambda number, title, item: None if item.decision is None else
                         figures.DecisionLine(title, number, item.decision))
    if not panels:
        return ()
    heading = _cohort_heading(endpoint, cohort)
    return (Picture(f"decision-{endpoint.id}-{cohort}", f"Decision curves, {heading}", "Net benefit of treating those "
                    "whose predicted risk reaches the threshold." + _counts(models, cohort),
                    figures.draw_decision_curves(panels, heading)),)


def _counts(models: Sequence[ModelResult], cohort: str | None) -> str:
    """Return of how many patients the rows of ``cohort`` (None: each) are, nothing where each patient has one VOI."""
    counts = {item.cohort: rows_text(item.n, item.counted) for model in models for item in model.measured
              if item.counted and cohort in (None, item.cohort)}
    return _words(counts)


def _words(counts: Mapping[str, str]) -> str:
    return "".join(f" {_cohort_words(name).capitalize()}: {text}." for name, text in counts.items())


def _cohort_heading(endpoint: EndpointSummary, cohort: str) -> str:
    return f"{clean(endpoint.name, 50)}: {_cohort_words(cohort)}"


def _cohort_words(cohort: str) -> str:
    return WHOLE if cohort == WHOLE else f"{clean(cohort, _NAME)} cohort"


def _by_horizon(models: Sequence[ModelResult], cohort: str, line: Callable[[int, str, AtTime], _Line | None]
                ) -> list[tuple[str, list[_Line]]]:
    """Return (title, lines) of every horizon that has a line; ``line(number, title, performance)`` makes one, or None.
    """
    panels: dict[str, list[_Line]] = {}
    for number, model in enumerate(models):
        for measured in (item for item in model.measured if item.cohort == cohort):
            for time, performance in measured.by_time():
                drawn = line(number, clean(model.title, _NAME), performance)
                panels.setdefault(_when(time), []).extend([drawn] if drawn is not None else [])
    return [(name, lines) for name, lines in panels.items() if lines]


def _when(time: float | None) -> str:
    """Return a horizon in words, nothing for a performance of no time."""
    return "" if time is None else months(time)
