"""Which figure shows which record of a study, with its caption; a figure that cannot be drawn is a notice why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from ...errors import InputError
from ...figures.nomogram import draw_nomogram
from ...models.model import Model
from ...notation import months, p_text, ratio_interval
from ...report.blocks import Block, Notice, Picture
from ...texts import clean
from .. import figures
from ..endpoints import BinaryEndpoint, SurvivalEndpoint
from ..endpoints.survival import risk_ticks
from ..results import (
    BinaryPerformance,
    CutoffSearch,
    EndpointSummary,
    HorizonPerformance,
    ModelCohort,
    ModelResult,
    Reproducibility,
    SignatureResult,
)

#: What effects are called, by the kind of endpoint.
RATIOS = {kind.kind: kind.ratio for kind in (SurvivalEndpoint, BinaryEndpoint)}

#: A performance with its curves: at a horizon, or of no time.
AtTime = HorizonPerformance | BinaryPerformance

_Line = TypeVar("_Line")

#: Colours of cohorts, by order.
_COLOURS = ("patient", "better", "worse", "ink")


class Measured(Protocol):
    """A model as far as its performance goes, trained here or stored."""

    id: str
    title: str
    cohorts: tuple[ModelCohort, ...]
    cutoff: CutoffSearch | None


def score_name(model: Measured, scores: Sequence[str]) -> str:
    """Return what a model's score is called: the title of its one signature (``scores``), or linear predictor."""
    own = any(not np.array_equal(cohort.score, cohort.linear_predictor) for cohort in model.cohorts)
    return clean(scores[0], 40) if own and len(scores) == 1 else "Linear predictor"


def cohort_title(cohort: ModelCohort) -> str:
    """Return a cohort's name with its numbers."""
    return f"{clean(cohort.cohort, 40)} cohort (n = {cohort.n}, {cohort.events} events)"


def endpoint_picture(endpoint: EndpointSummary) -> tuple[Block, ...]:
    """Return the Kaplan-Meier curves of all rows by cohort."""
    known = [item for item in endpoint.cohorts if item.curve is not None]
    if not known:
        return ()
    ticks = risk_ticks(np.concatenate([item.curve.times for item in known]))
    lines = [figures.CurveLine(clean(item.cohort, 40), item.curve,
                               item.curve.at_risk_at(ticks).tolist(), _COLOURS[index % len(_COLOURS)])
             for index, item in enumerate(known)]
    figure = figures.draw_kaplan_meier(lines, ticks, endpoint.name, f"{clean(endpoint.name, 60)} by cohort")
    return (Picture(f"endpoint-{endpoint.id}", clean(endpoint.name, 80), "Kaplan-Meier estimate of all rows of each "
                    f"cohort with {_band(known[0].curve.confidence)}; marks: censored.", figure),)


def _band(confidence: float) -> str:
    return f"{100 * confidence:g} % confidence band"


def agreement_picture(filtered: Reproducibility) -> Picture:
    """Return the ICC of all features."""
    return Picture("reproducibility", "Reproducibility of the features", f"{filtered.form} of every feature, sorted, "
                   "with its 95 % confidence interval where the estimate decides; features from the dashed line up are "
                   "kept.", figures.draw_agreement(filtered))


def signature_pictures(signature: SignatureResult) -> tuple[Block, ...]:
    """Return cross-validation and coefficient paths of a LASSO, importances of a forest."""
    blocks: list[Block] = []
    title = clean(signature.title, 60)
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
    ratio = RATIOS[model.kind]
    return (Picture(f"effects-{model.id}", f"{ratio}s of {clean(model.title, 60)}", f"{ratio}s with 95 % confidence "
                    "intervals in the training cohort, on a logarithmic axis; an arrow: the interval goes on.",
                    figures.draw_forest(groups, ratio, clean(model.title, 60))),)


def cutoff_picture(model: ModelResult, score: str) -> tuple[Block, ...]:
    """Return the search for a maximally selected cut-off."""
    if model.cutoff is None or not len(model.cutoff.candidates):
        return ()
    return (Picture(f"cutoff-{model.id}", f"Cut-off of {clean(model.title, 60)}", "Standardised log-rank statistic of "
                    "every candidate cut-off in the training cohort; the largest is taken.",
                    figures.draw_cutoff_search(model.cutoff, score, clean(model.title, 60))),)


def nomogram_picture(model: ModelResult, stored: Model | None) -> tuple[Block, ...]:
    """Return the nomogram of a stored model, or why there is none."""
    if stored is None:
        return ()
    try:
        figure = draw_nomogram(None, stored)
    except InputError as error:
        return (Notice("missing", "No nomogram", str(error)),)
    return (Picture(f"nomogram-{model.id}", f"{clean(model.title, 60)}: points and prediction", "Each factor's value "
                    "gives points (upwards); their sum gives the outcome (downwards).", figure),)


def groups_picture(model: Measured, endpoint: EndpointSummary, cohort: ModelCohort) -> tuple[Block, ...]:
    """Return the Kaplan-Meier curves of a model's risk groups in a cohort."""
    survival, cutoff = cohort.survival, model.cutoff
    if survival is None or not survival.groups or cutoff is None:
        return ()
    lines = [figures.CurveLine(clean(group.label, 40), group.curve, group.at_risk,
                               "worse" if group.label == cutoff.worse_label else "better")
             for group in survival.groups]
    remarks = [p_text(survival.log_rank.test.p, "log-rank p")] if survival.log_rank else []
    ratio = survival.hazard_ratio
    if ratio and ratio.ratio is not None:
        remarks.append(f"hazard ratio {clean(ratio.level, 30)} vs {clean(ratio.reference, 30)} "
                       f"{ratio_interval(ratio.ratio, ratio.lower, ratio.upper)}")
    heading = f"{clean(model.title, 60)}: {cohort_title(cohort)}"
    figure = figures.draw_kaplan_meier(lines, survival.ticks, endpoint.name, heading, "; ".join(remarks))
    return (Picture(f"km-{model.id}-{cohort.cohort}", heading, "Kaplan-Meier estimate by risk group with "
                    f"{_band(lines[0].curve.confidence)}; marks: censored.", figure),)


def calibration_picture(model: Measured, endpoint: EndpointSummary, cohort: ModelCohort,
                        corrected: Sequence[tuple[float | None, np.ndarray, np.ndarray, np.ndarray]] = ()
                        ) -> tuple[Block, ...]:
    """Return a model's calibration in a cohort; ``corrected`` are the optimism-corrected curves, in training only."""
    curves = {at: (predicted, values) for at, predicted, _, values in corrected}
    panels = [figures.CalibrationPanel(when(time), item.calibration, item.smooth, curves.get(time))
              for time, item in cohort.by_time() if item.calibration or item.smooth]
    quantity = clean(endpoint.abbreviation, 30) if endpoint.horizons else "probability"
    if not panels:
        return ()
    heading = f"{clean(model.title, 60)}: {cohort_title(cohort)}"
    return (Picture(f"calibration-{model.id}-{cohort.cohort}", f"Calibration, {heading}", "Observed against predicted: "
                    "groups of the prediction and the smooth curve; on the thin line they agree. ICI: mean absolute "
                    "distance of curve and line.", figures.draw_calibration(panels, quantity, heading)),)


def score_picture(model: Measured, endpoint: EndpointSummary, score: str) -> tuple[Block, ...]:
    """Return box plots of a model's score by outcome in every cohort."""
    columns = []
    for cohort in model.cohorts:
        test = cohort.binary.score_by_outcome if cohort.binary else None
        labels = ("no event so far", "event") if endpoint.horizons else \
            (f"no {clean(endpoint.event, 40)}", clean(endpoint.event, 40))
        colours = ("worse", "better") if endpoint.favourable else ("better", "worse")
        boxes = [figures.ScoreBox(labels[side], cohort.score[cohort.status == side], colours[side], side)
                 for side in (0, 1) if (cohort.status == side).any()]
        columns.append((clean(cohort.cohort, 40), p_text(test.p) if test else f"n = {cohort.n}", boxes))
    if not columns:
        return ()
    figure = figures.draw_score_boxes(columns, score, model.cutoff.value if model.cutoff else None,
                                      f"{score} by outcome" if score != "Linear predictor" else
                                      f"{clean(model.title, 40)}: linear predictor by outcome")
    whose = "" if score == model.title else f" of {clean(model.title, 60)}"
    return (Picture(f"scores-{model.id}", f"{score}{whose} by outcome", "Median, quartiles and "
                    "range within 1.5 times their distance; every dot is a row.", figure),)


def roc_picture(models: Sequence[Measured], endpoint: EndpointSummary, cohort: str) -> tuple[Block, ...]:
    """Return the ROC curves of an endpoint's models in a cohort, for every horizon."""
    panels = _by_horizon(models, cohort, lambda number, title, item: None if item.roc is None else figures.RocLine(
        title, number, item.roc, item.auc))
    if not panels:
        return ()
    heading = f"{clean(endpoint.name, 50)}: {clean(cohort, 40)} cohort"
    kind = "Time-dependent ROC curves (inverse probability of censoring weights)" if endpoint.horizons else "ROC curves"
    return (Picture(f"roc-{endpoint.id}-{cohort}", f"ROC, {heading}", f"{kind} of the models.",
                    figures.draw_roc(panels, heading)),)


def decision_picture(models: Sequence[Measured], endpoint: EndpointSummary, cohort: str) -> tuple[Block, ...]:
    """Return the decision curves of an endpoint's models in a cohort, for every horizon."""
    panels = _by_horizon(models, cohort, lambda number, title, item: None if item.decision is None else
                         figures.DecisionLine(title, number, item.decision))
    if not panels:
        return ()
    heading = f"{clean(endpoint.name, 50)}: {clean(cohort, 40)} cohort"
    return (Picture(f"decision-{endpoint.id}-{cohort}", f"Decision curves, {heading}", "Net benefit of treating those "
                    "whose predicted risk reaches the threshold.", figures.draw_decision_curves(panels, heading)),)


def _by_horizon(models: Sequence[Measured], cohort: str, line: Callable[[int, str, AtTime], _Line | None]
                ) -> list[tuple[str, list[_Line]]]:
    """Return (title, lines) of every horizon that has a line; ``line(number, title, performance)`` makes one, or None.
    """
    panels: dict[str, list[_Line]] = {}
    for number, model in enumerate(models):
        for measured in (item for item in model.cohorts if item.cohort == cohort):
            for time, performance in measured.by_time():
                drawn = line(number, clean(model.title, 40), performance)
                panels.setdefault(when(time), []).extend([drawn] if drawn is not None else [])
    return [(name, lines) for name, lines in panels.items() if lines]


def when(time: float | None) -> str:
    """Return a horizon in words, nothing for a performance of no time."""
    return "" if time is None else months(time)
