"""The tables of a study as data frames, one per CSV file; every number is in the outcome too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from ..results.outcome import Reproducibility, SignatureOutcome, StudyOutcome
from ..results.performance import BinaryPerformance, CharacteristicsTable, ModelCohort, SurvivalPerformance


def study_tables(found: StudyOutcome) -> dict[str, pd.DataFrame]:
    """Return the tables by file name without ending."""
    tables = {
        "selection": _selection(found.signatures), "signatures": _terms(found.signatures),
        "effects": _effects(found), "performance": pd.DataFrame(
            [{"model": model.id, **row} for model in found.models for cohort in model.cohorts
             for row in performance_table(cohort)]),
        "comparisons": pd.DataFrame([
            {"cohort": item.cohort, "endpoint": item.endpoint, "measure": item.measure, "first": item.first,
             "second": item.second, "n": item.n, "difference": item.difference.difference,
             "lower": item.difference.lower, "upper": item.difference.upper, "p": item.difference.p}
            for item in found.comparisons]),
    }
    if found.characteristics:
        tables["characteristics"] = characteristics_table(found.characteristics)
    if found.reproducibility:
        tables["reproducibility"] = _reproducibility(found.reproducibility)
    for made in found.signatures:
        if made.penalised:
            part = made.penalised
            tables[f"cross-validation-{made.id}"] = pd.DataFrame({
                "lambda": part.lambdas, "measure": part.cvm, "se": part.cvsd, "selected": part.df,
                "deviance_ratio": part.dev_ratio})
        if made.forest:
            tables[f"importances-{made.id}"] = pd.DataFrame({"feature": made.forest.features,
                                                             "importance": made.forest.importances})
    return {name: table for name, table in tables.items() if len(table)}


def _selection(signatures: Iterable[SignatureOutcome]) -> pd.DataFrame:
    return pd.DataFrame([{"signature": made.id, **step.to_dict()} for made in signatures for step in made.steps])


def _terms(signatures: Iterable[SignatureOutcome]) -> pd.DataFrame:
    return pd.DataFrame([{"signature": made.id, "intercept": made.intercept, **term.to_dict()}
                         for made in signatures for term in made.terms])


def _effects(found: StudyOutcome) -> pd.DataFrame:
    return pd.DataFrame([{"model": model.id, "analysis": name, **effect.to_dict()} for model in found.models
                         for name in ("univariable", "multivariable", "effects") for effect in getattr(model, name)])


def characteristics_table(found: CharacteristicsTable) -> pd.DataFrame:
    """Return the printed lines of a table of characteristics, one column per group."""
    rows: list[dict[str, Any]] = []
    for item in found.rows:
        for number, level in enumerate(item.levels):
            rows.append({"characteristic": item.title, "level": level.label,
                         **dict(zip(found.groups, level.texts, strict=True)),
                         "test": "" if number else item.test, "p": None if number else item.p})
    return pd.DataFrame(rows)


def _reproducibility(found: Reproducibility) -> pd.DataFrame:
    return pd.DataFrame([{"comparison": item.comparison, **row, "kept": row["feature"] in item.features}
                         for item in found.agreements for row in item.icc.rows()])


def performance_table(cohort: ModelCohort) -> list[dict[str, Any]]:
    """Return a model's figures in a cohort as rows of cohort, n, events, measure, value, and bounds and p if any."""
    figures = [("score mean", cohort.score_summary.mean, None, None, None),
               ("score SD", cohort.score_summary.sd, None, None, None)]
    figures += _survival_figures(cohort.survival) if cohort.survival else ()
    figures += _binary_figures(cohort.binary) if cohort.binary else ()
    return [{"cohort": cohort.cohort, "n": cohort.n, "events": cohort.events,
             **dict(zip(("measure", "value", "lower", "upper", "p"), figure, strict=True))}
            for figure in figures if figure[1] is not None]


_Figure = tuple[str, float | None, float | None, float | None, float | None]


def _survival_figures(part: SurvivalPerformance) -> Iterator[_Figure]:
    if part.concordance:
        yield "C-index", part.concordance.c, part.concordance.lower, part.concordance.upper, None
    if part.log_rank:
        yield "log-rank chi-squared", part.log_rank.test.statistic, None, None, part.log_rank.test.p
    if part.hazard_ratio:
        ratio = part.hazard_ratio
        yield f"hazard ratio {ratio.level} vs {ratio.reference}", ratio.ratio, ratio.lower, ratio.upper, ratio.p
    for group in part.groups:
        curve = group.curve
        yield f"median time (months), {group.label}", curve.median, curve.median_lower, curve.median_upper, None
    for item in part.horizons:
        if item.auc:
            yield f"AUC at {item.time:g} months", item.auc.auc, item.auc.lower, item.auc.upper, None
        yield f"Brier score at {item.time:g} months", item.brier and item.brier.brier, None, None, None
        yield f"ICI at {item.time:g} months", item.smooth and item.smooth.ici, None, None, None
    yield "integrated Brier score", part.integrated_brier, None, None, None


def _binary_figures(part: BinaryPerformance) -> Iterator[_Figure]:
    if part.auc:
        yield "AUC", part.auc.auc, part.auc.lower, part.auc.upper, None
    for name in ("accuracy", "f1", "sensitivity", "specificity", "ppv", "npv"):
        yield name, part.classification and getattr(part.classification, name), None, None, None
    test = part.score_by_outcome
    if test:
        yield f"{test.test}, score by outcome", test.statistic, None, None, test.p
    yield "Brier score", part.brier, None, None, None
    yield "ICI", part.smooth and part.smooth.ici, None, None, None
