"""The tables of a study as data frames, one per CSV file; every number is in the study's results, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from ...characteristics import CharacteristicsTable
from ...reading.rule import Reproducibility
from ..results.cohorts import WHOLE, PatientCount
from ..results.performance import ModelCohort, UnivariableTable
from ..results.study import StudyResult


def study_tables(study: StudyResult) -> dict[str, pd.DataFrame]:
    """Return the tables by file name without ending."""
    tables = {
        "selection": pd.DataFrame([{"signature": signature.id, **step.to_dict()}
                                   for signature in study.signatures for step in signature.steps]),
        "signatures": pd.DataFrame([{"signature": signature.id, "intercept": signature.intercept, **term.to_dict(),
                                     **_counted(signature.counted)}
                                    for signature in study.signatures for term in signature.terms]),
        "effects": pd.DataFrame([
            {"model": model.id, "analysis": name, **effect.to_dict()} for model in study.models
            for name, effects in (("univariable", model.univariable), ("multivariable", model.multivariable),
                                  ("effects", model.effects)) for effect in effects]),
        "univariable": _univariable(study.univariable),
        "characteristics-by-group": pd.DataFrame([row for table in (
            *study.by_outcome, *(replace(cohort.characteristics, of=f"{model.title}, {cohort.cohort}") for model in
                                 study.models for cohort in model.measured if cohort.characteristics))
            for row in table.cells()]),
        "performance": pd.DataFrame([{"model": model.id, **row} for model in study.models for cohort in model.measured
                                     for row in performance_table(cohort)]),
        "comparisons": pd.DataFrame([
            {"cohort": item.cohort, "endpoint": item.endpoint, "measure": item.measure, "first": item.first,
             "second": item.second, "n": item.n, **_counted(item.counted), "difference": item.difference.difference,
             "lower": item.difference.lower, "upper": item.difference.upper, "p": item.difference.p}
            for item in study.comparisons]),
    }
    if study.characteristics:
        tables["characteristics"] = characteristics_table(study.characteristics)
    if study.reproducibility:
        tables["reproducibility"] = _reproducibility(study.reproducibility)
    for signature in study.signatures:
        lasso, forest = signature.penalised, signature.forest
        if lasso:
            tables[f"cross-validation-{signature.id}"] = pd.DataFrame({
                "lambda": lasso.lambdas, "measure": lasso.cvm, "se": lasso.cvsd, "selected": lasso.df,
                "deviance_ratio": lasso.dev_ratio})
        if forest:
            tables[f"importances-{signature.id}"] = pd.DataFrame({"feature": forest.features,
                                                                  "importance": forest.importances})
    return {name: with_counts(table) for name, table in tables.items() if len(table)}


def with_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its columns ``vois`` and ``patients``, where it has them, as whole numbers: rows that lack
    them are of a patient each, ``n`` of both."""
    counts = [column for column in ("vois", "patients") if column in table and "n" in table]
    return table.assign(**{column: table[column].fillna(table["n"]).astype(int) for column in counts})


def characteristics_table(table: CharacteristicsTable) -> pd.DataFrame:
    """Return the printed lines of a table of characteristics, one column per group and one of all rows."""
    return pd.DataFrame(table.lines(WHOLE))


def _univariable(tables: Sequence[UnivariableTable]) -> pd.DataFrame:
    rows = []
    for table in tables:
        counts = dict(table.counted or ())
        used, together = {name: counts for name, *counts in table.used}, dict(table.together)
        rows += [{"endpoint": table.endpoint, "cohort": table.cohort, "n": used[effect.term][0],
                  **_counted(counts.get(effect.term)), "events": used[effect.term][1], **effect.to_dict(),
                  "p_all_levels": together.get(effect.term)}
                 for effect in table.effects]
    return pd.DataFrame(rows)


def _reproducibility(filtered: Reproducibility) -> pd.DataFrame:
    return pd.DataFrame([{"comparison": item.comparison, **row, "kept": row["feature"] in item.features}
                         for item in filtered.agreements for row in item.icc.rows()])


def _counted(counted: PatientCount | None) -> dict[str, int]:
    """Return the columns ``vois`` and ``patients``, none where each patient has one VOI."""
    return {} if counted is None else {"vois": counted.vois, "patients": counted.patients}


def performance_table(cohort: ModelCohort) -> list[dict[str, Any]]:
    """Return a model's figures in a cohort as rows of cohort, n, events, measure, value, and bounds and p if any;
    with the VOIs and patients where some have several."""
    return [{"cohort": cohort.cohort, "n": cohort.n, **_counted(cohort.counted), "events": cohort.events,
             "measure": item.name, "value": item.value, "lower": item.lower, "upper": item.upper, "p": item.p}
            for item in cohort.measures() if item.value is not None]
