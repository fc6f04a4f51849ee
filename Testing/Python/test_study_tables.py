"""The tables that papers print: characteristics by cohort, outcome and risk group, every covariate alone, all rows."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test
from scipy import stats
from sklearn.metrics import roc_auc_score
from study_cases import cohort_table, s1_study, s1_table, shipped_values

from RadiomicsPrognosisLib.characteristics import characteristics
from RadiomicsPrognosisLib.errors import CohortError
from RadiomicsPrognosisLib.models.covariates import Covariate, Level
from RadiomicsPrognosisLib.statistics.contingency import chi_squared_test
from RadiomicsPrognosisLib.statistics.time_dependent import usual_span
from RadiomicsPrognosisLib.study.endpoints.binary import BinaryEndpoint
from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.output.tables import characteristics_table, study_tables
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe, parse_recipe
from RadiomicsPrognosisLib.study.report.cohorts import between_text
from RadiomicsPrognosisLib.study.run import run_study

#: Table 1 of study S3: (recurred, not) of 101 and 96 patients by level, the p value that it prints, which is
#: chi-squared's throughout, and R's: fisher.test where an expected count is below 5, chisq.test(correct = FALSE) else.
S3_TABLE_1 = {
    "Gender": ([(72, 70), (29, 26)], 0.799, 0.7988463244),
    "pT stage": ([(1, 5), (30, 36), (59, 52), (11, 3)], 0.044, 0.04375350859),
    "pN stage": ([(51, 74), (32, 17), (18, 5)], 0.0, 0.0003263465104),
    "Differentiation degree": ([(2, 7), (55, 35), (44, 54)], 0.017, 0.01558913807),
    "pTNM stage": ([(7, 20), (25, 33), (15, 21), (8, 4), (46, 18)], 0.0, 0.0002163380223)}

#: Table 1 of study S1: (training, validation) of 155 and 66 patients, the chi-squared and the p that it prints.
S1_TABLE_1 = {"LDH group": ([(88, 32), (67, 34)], 1.282, 0.258), "CR ratio": ([(52, 26), (103, 40)], 0.693, 0.405)}


def compared(counts: list[tuple[int, int]]) -> Any:
    """Return the characteristic of rows that have a level each, ``counts`` by group, and a group each."""
    levels = tuple(Level(f"level {i}") for i in range(len(counts)))
    item = Covariate(name="x", title="X", kind="categorical", levels=levels)
    rows = [(level.label, group) for level, pair in zip(levels, counts, strict=True)
            for group, n in zip("ab", pair, strict=True) for _ in range(n)]
    values, groups = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    return characteristics([item], {"x": values}, groups, ("a", "b"), "group").rows[0]


@pytest.mark.parametrize("name", S3_TABLE_1)
def test_counts_by_outcome_are_those_of_the_papers_table(name: str) -> None:
    counts, printed, p = S3_TABLE_1[name]
    row = compared(counts)
    assert row.p == pytest.approx(p, rel=1e-9)
    assert round(chi_squared_test(counts).p, 3) == printed
    for level, pair in zip(row.levels, counts, strict=True):
        shares = [f"{n} ({100 * n / total:.1f} %)" for n, total in zip((*pair, sum(pair)), (101, 96, 197), strict=True)]
        assert [*level.texts, level.whole] == shares


@pytest.mark.parametrize("name", S1_TABLE_1)
def test_the_statistic_is_the_papers(name: str) -> None:
    counts, statistic, p = S1_TABLE_1[name]
    row = compared(counts)
    assert (row.test, round(row.statistic, 3), round(row.p, 3)) == ("chi-squared", statistic, p)


def test_a_continuous_characteristic_has_mean_median_and_range_of_each_group_and_of_all() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 10.0, np.nan, 5.0, 7.0, 100.0])
    group = np.array([*"aaaaaabb", "elsewhere"])
    row = characteristics([Covariate(name="x", title="X", kind="continuous")], {"x": values}, group, ("a", "b"),
                          "group").rows[0]
    # R: quantile(c(1, 2, 3, 4, 10)) and quantile(c(1, 2, 3, 4, 10, 5, 7)), type 7; sd 3.54, 1.41 and 3.10.
    assert [(line.label, *line.texts, line.whole) for line in row.levels] == [
        ("mean ± SD", "4.00 ± 3.54", "6.00 ± 1.41", "4.57 ± 3.10"),
        ("median (IQR)", "3.00 (2.00–4.00)", "6.00 (5.50–6.50)", "4.00 (2.50–6.00)"),
        ("range", "1.00–10.00", "5.00–7.00", "1.00–10.00")]
    assert row.missing == (1, 0)


def test_a_group_called_as_a_column_keeps_its_own() -> None:
    item = Covariate(name="x", title="X", kind="continuous")
    values, cohort = np.arange(40.0), np.repeat(["training", "test"], 20)
    table = characteristics_table(characteristics([item], {"x": values}, cohort, ("training", "test"), "cohort"))
    assert list(table) == ["characteristic", "level", "training", "test (rows)", "all cohorts", "test", "statistic",
                           "p"]
    assert table["test (rows)"][0].startswith("29.50") and table["p"][0] < 1e-6


def test_cohorts_are_compared_by_the_log_rank_test_and_described_together() -> None:
    study, table = s1_study().result, s1_table()
    endpoint, training = study.endpoints[0], table["cohort"] == "training"
    theirs = logrank_test(table["time"][training], table["time"][~training], table["event"][training],
                          table["event"][~training])
    assert endpoint.between.test.p == pytest.approx(theirs.p_value, rel=1e-9)
    assert (endpoint.whole.n, endpoint.whole.events) == (len(table), table["event"].sum())
    assert endpoint.whole.curve.n == len(table)
    assert [item.time for item in endpoint.whole.estimates] == [12, 24, 36]


def test_cohorts_are_named_in_their_order() -> None:
    endpoint = s1_study().result.endpoints[0]
    first, second = (item.cohort for item in endpoint.cohorts)
    text = between_text(endpoint.between, [second, first])
    assert text.index(second) < text.index(first)
    text = between_text(endpoint.between, [first, second])
    assert text.index(first) < text.index(second)


def test_the_other_side_of_an_event_that_is_an_absence_is_told_without_two_negations() -> None:
    assert BinaryEndpoint.sides("metastasis") == ("no metastasis", "metastasis")
    assert BinaryEndpoint.sides("no local recurrence") == ("local recurrence", "no local recurrence")


def test_every_covariate_alone_is_lifelines_regression_in_each_cohort() -> None:
    table = s1_table()
    table.loc[0:9, "nlr"] = np.nan
    study = run_study(parse_recipe({**shipped_values("s1_escc_lpfs_radscore"), "split": {"kind": "column"},
                                    "signatures": [], "models": clinical(), "reproducibility": None}, "s1"), table)
    recipe = load_recipe("s1_escc_lpfs_radscore")
    # The eleven variables of the paper's table 3.
    assert [item.name for item in recipe.covariates] == [
        "age", "sex", "location", "t_stage", "n_stage", "clinical_stage", "dose_gy", "ldh", "nlr", "plr",
        "complete_response"]
    for block in study.result.univariable:
        rows = table[table["cohort"] == block.cohort]
        assert [effect.term for effect in block.effects] == [item.name for item in recipe.covariates]
        for effect, item in zip(block.effects, recipe.covariates, strict=True):
            codes = rows[item.name].map(dict(item.levels)) if item.levels else rows[item.name]
            frame = pd.DataFrame({"x": codes, "time": rows["time"], "event": rows["event"]}).dropna()
            fit = CoxPHFitter().fit(frame, "time", "event").summary.loc["x"]
            theirs = [fit["exp(coef)"], fit["exp(coef) lower 95%"], fit["exp(coef) upper 95%"], fit["p"]]
            assert [effect.ratio, effect.lower, effect.upper, effect.p] == pytest.approx(theirs, rel=1e-3)
            assert (item.name, len(frame), frame["event"].sum()) in block.used
    assert [dict(name_n[:2] for name_n in block.used)["nlr"] for block in study.result.univariable] == [140, 70]


def clinical() -> list[dict[str, Any]]:
    """Return S1's clinical model, without selection."""
    return [{"id": "clinical", "title": "Clinical model", "endpoint": "lpfs", "covariates": ["t_stage", "n_stage"]}]


@functools.cache
def s3_study() -> tuple[Study, pd.DataFrame]:
    """Return study S3 with its clinical model alone, and its table."""
    recipe = parse_recipe({**shipped_values("s3_escc_early_recurrence"), "signatures": [], "models": [
        {"id": "clinical", "title": "Clinical", "endpoint": "recurrence", "covariates": ["age", "differentiation"],
         "cutoff": {"rule": "youden", "on": "linear predictor", "labels": {"below": "low", "above": "high"}}}]}, "s3")
    table = cohort_table(recipe, 150, 2, ["ibex_1"], active=1)
    return run_study(recipe, table), table


def test_a_binary_outcome_is_compared_between_cohorts_and_describes_the_rows() -> None:
    study, table = s3_study()
    result, cohort = study.result, study.scores["cohort"]
    counts = pd.crosstab(table["outcome"], cohort)
    assert result.endpoints[0].between.p == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    blocks = {block.of: block for block in result.by_outcome}
    name = "Recurrence within one year"
    assert list(blocks) == [f"{name}, {scope}" for scope in ("all cohorts", "training", "validation")]
    whole = blocks[f"{name}, all cohorts"]
    assert whole.groups == ("no recurrence within one year", "recurrence within one year")
    assert whole.sizes == tuple(np.bincount(table["outcome"]))
    differentiation = next(row for row in whole.rows if row.name == "differentiation")
    expected = stats.chi2_contingency(pd.crosstab(table["differentiation"], table["outcome"]), correction=False)
    assert (differentiation.statistic, differentiation.p) == pytest.approx(expected[:2])
    tables = study_tables(result)
    cells = tables["characteristics-by-group"]
    assert set(cells["of"]) >= {*blocks, "Clinical, training", "Clinical, all cohorts"}
    levels = [effect.level for effect in result.univariable[0].effects if effect.term == "differentiation"]
    assert levels == ["middle", "high"] and dict(result.univariable[0].together)["differentiation"] < 1
    assert len(tables["univariable"]) == 2 * len(result.univariable[0].effects)


def test_all_cohorts_together_have_the_area_that_another_package_gives_them() -> None:
    study, table = s3_study()
    (model,) = study.result.models
    assert (model.whole.n, model.whole.role) == (150, "training and validation")
    theirs = roc_auc_score(table["outcome"], study.scores["linear predictor clinical"])
    assert model.whole.binary.auc.auc == pytest.approx(theirs, abs=1e-12)
    assert model.measured == (*model.cohorts, model.whole)
    written = study_tables(study.result)["performance"]
    assert set(written["cohort"]) == {"training", "validation", "all cohorts"}


def test_heagertys_curves_stand_beside_the_weighted_ones() -> None:
    """Their areas agree with the weighted one where censoring is independent, and are its equal where there is none."""
    for cohort in s1_study().result.models[0].cohorts:
        for item in cohort.survival.horizons:
            assert item.neighbours.span == usual_span(cohort.n) == pytest.approx(0.25 * cohort.n**-0.2)
            assert item.km.auc == pytest.approx(item.auc.auc, abs=0.03)
            assert item.neighbours.auc == pytest.approx(item.auc.auc, abs=0.06)
            assert {f"AUC at {item.time:g} months by {how}" for how in ("nearest neighbours", "Kaplan-Meier")} <= {
                measure.name for measure in cohort.measures()}


def test_a_covariate_that_no_model_asks_for_may_be_absent_and_is_missed_in_words() -> None:
    table = s1_table().drop(columns=["ldh", "plr"])
    values = {**shipped_values("s1_escc_lpfs_radscore"), "split": {"kind": "column"}, "signatures": [],
              "models": clinical(), "reproducibility": None}
    study = run_study(parse_recipe(values, "s1"), table).result
    assert any("no column ldh, plr" in text for text in study.findings)
    assert {"nlr"} == {row.name for row in study.characteristics.rows} & {"nlr", "ldh", "plr"}
    with pytest.raises(CohortError, match="lacks the column n_stage"):
        run_study(parse_recipe(values, "s1"), table.drop(columns="n_stage"))


def test_a_cohort_may_not_be_called_as_all_of_them() -> None:
    with pytest.raises(CohortError, match="'all cohorts', which results call all rows together"):
        run_study(parse_recipe({**shipped_values("s1_escc_lpfs_radscore"), "split": {"kind": "column"}}, "s1"),
                  s1_table().replace({"cohort": {"validation": "all cohorts"}}))
