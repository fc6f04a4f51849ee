"""The report on a model: how its terms were chosen, how it was fitted, its cut-off, optimism and performance."""

from __future__ import annotations

from collections.abc import Sequence

from ...models.model import Model
from ...notation import fixed, months, p_cell, p_text
from ...report.blocks import Block, DataTable, Link, Paragraph, Section
from ...report.elements import all_blocks, facts, missing, name, sentence, table
from ...statistics.cox import CoxModel
from ...statistics.logistic import LogisticModel
from ...statistics.proportional_hazards import ProportionalHazards
from ...texts import number
from ..endpoints import KINDS
from ..endpoints.interface import Regression
from ..results.cohorts import TRAINING, EndpointSummary
from ..results.models import BootstrapOptimism, CutoffSearch, ModelResult
from ..results.signatures import SignatureResult
from .performance import performance_blocks
from .pictures import (
    calibration_picture,
    cutoff_picture,
    forest_picture,
    groups_picture,
    nomogram_picture,
    score_name,
    score_picture,
)
from .record_tables import chi_squared, effects_table, not_available, stand_in


def model_section(model: ModelResult, endpoint: EndpointSummary, signatures: Sequence[SignatureResult],
                  stored: Model | None) -> Section:
    """Return everything about one model; ``stored`` is its file's content, where there is one."""
    head = facts([
        ("Identifier", name(model.id)),
        ("Endpoint", f"{name(endpoint.name)} ({model.kind})"),
        ("Signatures", name(", ".join(model.signatures))),
        ("Covariates in the model", name(", ".join(model.covariates))),
        ("Terms chosen in", f"{model.selection_rows} training rows that have every candidate" if model.selection_rows
         else ""),
        ("Model file", name(model.model_file or "")), ("Scaling file", name(model.scaling_file or "")),
        ("Page that computes", Link(name(model.page_file), model.page_file) if model.page_file else None)])
    title, absent = f"Model: {name(model.title)}", not_available([("this model", item) for item in model.unavailable])
    if model.reason:
        return Section(title, all_blocks(head, missing("No model", model.reason), _term_tables(model), absent))
    score = score_name(model, [item.title for item in signatures if item.id in model.signatures])
    return Section(title, all_blocks(
        head, stand_in(model.note), _term_tables(model), _fit(model.fit, endpoint),
        _hazards(model.proportional_hazards), forest_picture(model), cutoff_facts(model.cutoff),
        cutoff_picture(model, score), nomogram_picture(model, stored), _optimism(model.optimism), score_picture(model, endpoint, score),
        *(groups_picture(model, endpoint, cohort) for cohort in model.cohorts),
        *(calibration_picture(model, endpoint, cohort, model.optimism.smooth if model.optimism and cohort.role ==
                              TRAINING else ()) for cohort in model.cohorts),
        performance_blocks(model.measured), absent))


def _term_tables(model: ModelResult) -> tuple[Block, ...]:
    """Return how the terms were chosen: alone, together, by Schoenfeld's test and by steps."""
    ratio = KINDS[model.kind].ratio
    steps = [("all terms" if step.dropped is None else f"without {name(step.dropped)}", fixed(step.aic, 2))
             for step in model.steps]
    criterion = "AIC" if model.fit is None or model.fit.clusters is None else "QIC"
    same = model.effects == model.multivariable
    alone = model.univariable != model.multivariable
    return all_blocks(
        effects_table("Univariable regression (training cohort)", model.univariable, ratio) if alone else (),
        table("Proportional hazards of each candidate alone (Schoenfeld residuals)", ("Candidate", "p"),
              [(name(term), p_cell(p) or "not tested") for term, p in model.eligibility]),
        effects_table("Multivariable regression, all candidates that came so far" if not same else
                      "Multivariable regression, which is the final model" if alone else
                      "Regression on the only candidate (training cohort)", model.multivariable, ratio),
        table(f"Backward selection by {criterion}", ("Step", criterion), steps),
        () if same else effects_table("Final model", model.effects, ratio))


def _fit(fit: Regression | None, endpoint: EndpointSummary) -> tuple[Block, ...]:
    if fit is None:
        return (Paragraph("No regression was fitted: the signature's score is itself the model."),)
    rows = _cox_facts(fit, endpoint) if isinstance(fit, CoxModel) else _logistic_facts(fit)
    head = ("Term", "Coefficient", "SE", "z", "p", KINDS[endpoint.kind].ratio, f"{100 * fit.confidence:g} % CI")
    return all_blocks(facts(rows), table("Coefficients of the final model", head, _coefficients(fit)))


def _fitted_rows(fit: Regression) -> str:
    return f"{fit.n} rows" if fit.clusters is None else f"{fit.n} VOIs of {fit.clusters} patients"


def _robust(fit: Regression, whose: str) -> list[tuple[str, str]]:
    """Return how the VOIs of a patient are allowed for, nothing where each patient has one."""
    if fit.clusters is None:
        return []
    return [("Standard errors", f"cluster-robust by patient ({whose}), and all that follows from them; the likelihood "
                                "and its tests, AIC and BIC take VOIs for independent"),
            ("Criterion of selection", f"{fixed(fit.criterion, 2)} (AIC with the robust penalty, QIC)")]


def _cox_facts(fit: CoxModel, endpoint: EndpointSummary) -> list[tuple[str, str]]:
    hazards = [f"{months(at)}: {number(float(fit.baseline.at([at])[0]), 6)}" for at in endpoint.horizons]
    means = zip(fit.terms, fit.means, strict=True)
    return [("Regression", f"Cox, {fit.ties.capitalize()} ties, {_fitted_rows(fit)} with {fit.events} events"),
            *_robust(fit, "Lin & Wei"),
            ("Log-likelihood", f"{fixed(fit.loglik)} (without terms {fixed(fit.loglik_null)})"),
            ("AIC, BIC", f"{fixed(fit.aic, 2)}, {fixed(fit.bic, 2)}"),
            ("Likelihood-ratio test", chi_squared(fit.likelihood_ratio)),
            ("Wald test", chi_squared(fit.wald)), ("Score test", chi_squared(fit.score)),
            ("Baseline cumulative hazard", f"{', '.join(hazards)}; at linear predictor {_value(fit.center)}"
             if hazards else ""),
            ("Means of the terms", ", ".join(f"{name(term)} {_value(mean)}" for term, mean in means))]


def _logistic_facts(fit: LogisticModel) -> list[tuple[str, str]]:
    return [("Regression", f"logistic, {_fitted_rows(fit)} with {fit.positive} positive"),
            *_robust(fit, "Huber & White"),
            ("Log-likelihood", f"{fixed(fit.loglik)} (without terms {fixed(fit.loglik_null)})"),
            ("AIC", fixed(fit.aic, 2)), ("Likelihood-ratio test", chi_squared(fit.likelihood_ratio))]


def _coefficients(fit: Regression) -> list[tuple[str, ...]]:
    """Return the rows of a regression's terms; a logistic one's intercept, which has no ratio, comes first."""
    ratios = fit.ratios
    before = len(fit.coefficients) - len(ratios)
    numbers = [(number(float(b), 6), number(float(se), 6), fixed(float(z)), p_cell(float(p)))
               for b, se, z, p in zip(fit.coefficients, fit.se, fit.z, fit.p, strict=True)]
    shown = [(number(float(value), 4), f"{number(float(low), 4)} to {number(float(high), 4)}")
             for value, low, high in zip(ratios, fit.lower, fit.upper, strict=True)]
    return [(name(term), *row, *ends) for term, row, ends in zip(
        [*["Intercept"] * before, *fit.terms], numbers, [*[("", "")] * before, *shown], strict=True)]


def _value(value: float) -> str:
    """Return a mean or a sum of them, which for z-scored terms is 0 but for the last bits."""
    return number(round(float(value), 12) + 0.0, 6)


def _hazards(tested: ProportionalHazards | None) -> tuple[DataTable, ...]:
    if tested is None:
        return ()
    rows = [*zip(tested.terms, tested.tests, strict=True), ("all together", tested.together)]
    return table(f"Proportional hazards of the final model (scaled Schoenfeld residuals, transformation "
                 f"{name(tested.transform)})", ("Term", "χ²", "df", "p"),
                 [(name(term), number(test.statistic, 4), str(test.df), p_cell(test.p)) for term, test in rows])


def cutoff_facts(cutoff: CutoffSearch | None) -> tuple[Block, ...]:
    """Return a cut-off in words, or that there is none."""
    if cutoff is None:
        return (missing("No cut-off", "None was asked for, or none could be found (see 'Not available'); so there are "
                        "no risk groups."),)
    sign = "≥" if cutoff.inclusive else ">"
    return (facts([
        ("Cut-off", f"{name(cutoff.labels.above)}: {cutoff.scale} {sign} {number(cutoff.value, 6)}; else "
                    f"{name(cutoff.labels.below)}"),
        ("How it was found", f"{cutoff.rule}: {sentence(cutoff.text)}"),
        ("Corrected p", p_text(cutoff.p) if cutoff.p is not None else ""),
        ("Worse group", f"{name(cutoff.worse_label)} ({cutoff.worse} the cut-off)")]),)


def _optimism(bootstrap: BootstrapOptimism | None) -> tuple[Block, ...]:
    if bootstrap is None:
        return ()
    result = bootstrap.optimism
    # The other measures are the calibration curve, which a figure shows.
    columns = (result.apparent, result.optimism, result.corrected, result.standard_error)
    rows = [(bootstrap.measures[0], *(fixed(float(values[0]), 4) for values in columns))]
    failed = f", {result.failed} failed" if result.failed else ""
    return all_blocks(
        table(f"Optimism of the regression alone ({result.repetitions} bootstrap repetitions{failed})",
              ("Measure", "Apparent", "Optimism", "Corrected", "Monte-Carlo SE"), rows),
        Paragraph(f"{sentence(bootstrap.repeated)} What choosing features, terms and cut-off adds is not in it: the "
                  "validation cohorts and nested resampling show that."))
