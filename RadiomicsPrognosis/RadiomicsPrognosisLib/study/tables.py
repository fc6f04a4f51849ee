"""The tables of a study as data frames, one per CSV file; every number is in the outcome too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from .outcome import Reproducibility, SignatureOutcome, StudyOutcome
from .performance import CharacteristicsTable, ModelCohort


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


def performance_table(cohort: ModelCohort) -> Sequence[dict[str, Any]]:
    """Return a model's figures in a cohort as rows of cohort, n, events, measure, value, and bounds and p if any."""
    rows: list[dict[str, Any]] = []

    def add(measure: str, value: float | None, lower: float | None = None, upper: float | None = None,
            p: float | None = None) -> None:
        if value is not None:
            rows.append({"cohort": cohort.cohort, "n": cohort.n, "events": cohort.events, "measure": measure,
                         "value": value, "lower": lower, "upper": upper, "p": p})

    add("score mean", cohort.score_summary.mean)
    add("score SD", cohort.score_summary.sd)
    if cohort.survival:
        part = cohort.survival
        if part.concordance:
            add("C-index", part.concordance.c, part.concordance.lower, part.concordance.upper)
        if part.log_rank:
            add("log-rank chi-squared", part.log_rank.test.statistic, p=part.log_rank.test.p)
        if part.hazard_ratio:
            ratio = part.hazard_ratio
            add(f"hazard ratio {ratio.level} vs {ratio.reference}", ratio.ratio, ratio.lower, ratio.upper, ratio.p)
        for group in part.groups:
            add(f"median time (months), {group.label}", group.curve.median, group.curve.median_lower,
                group.curve.median_upper)
        for item in part.horizons:
            if item.auc:
                add(f"AUC at {item.time:g} months", item.auc.auc, item.auc.lower, item.auc.upper)
            if item.brier:
                add(f"Brier score at {item.time:g} months", item.brier.brier)
            if item.smooth:
                add(f"ICI at {item.time:g} months", item.smooth.ici)
        add("integrated Brier score", part.integrated_brier)
    if cohort.binary:
        part = cohort.binary
        if part.auc:
            add("AUC", part.auc.auc, part.auc.lower, part.auc.upper)
        if part.classification:
            for name in ("accuracy", "f1", "sensitivity", "specificity", "ppv", "npv"):
                add(name, getattr(part.classification, name))
        if part.score_by_outcome:
            add(f"{part.score_by_outcome.test}, score by outcome", part.score_by_outcome.statistic,
                p=part.score_by_outcome.p)
        add("Brier score", part.brier)
        if part.smooth:
            add("ICI", part.smooth.ici)
    return rows
