"""Several VOIs of a patient: joined to one row by a recipe's rule, or allowed for in every number of a study."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from study_cases import FEATURES, S1, cohort_table, ibex_table_values, s1_table, shipped_values
from test_signatures import HEADER, RESPONSE, signature

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort.patients import PatientColumns, clustered_sentence, one_row_per_patient
from RadiomicsPrognosisLib.cohort.scoring import score_features, scored_features
from RadiomicsPrognosisLib.cohort.table import read_table
from RadiomicsPrognosisLib.errors import CohortError, SchemaError
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.patient_rule import PatientRule
from RadiomicsPrognosisLib.models.store import parse_model
from RadiomicsPrognosisLib.statistics.clusters import cluster_numbers
from RadiomicsPrognosisLib.study.output.study_folder import Study, write_study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe
from RadiomicsPrognosisLib.study.report import study_content
from RadiomicsPrognosisLib.study.run import Options, run_study
from RadiomicsPrognosisLib.study.steps.validate import validate_model

NODES = pd.DataFrame({
    "case": ["a1", "b1", "a2", "c1", "a3"], "patient": ["A", "B", "A", "C", "A"], "x": [1.0, 5.0, 4.0, 2.0, 1.0],
    "y": [3.0, 1.0, np.nan, 2.0, 6.0], "kept_volume_mm3": [10.0, 7.0, 30.0, 1.0, 20.0], "lnm": [0, 1, 1, 0, 0],
    "stage": [2, 1, 2, 3, 2]})
#: Features enough for a score.
FEW = FEATURES[:16]

COLUMNS = PatientColumns(features=("x", "y"), alike=("cohort",), covariates=("stage",), outcomes=("lnm",))


def joined(rule: str, table: pd.DataFrame = NODES, **changes: Any) -> pd.DataFrame:
    return one_row_per_patient(table, PatientRule(rule), COLUMNS, **changes).table


def test_features_are_reduced_over_a_patients_vois() -> None:
    same = NODES.assign(lnm=[1, 1, 1, 0, 1])
    largest_values, means, largest = (joined(rule, same) for rule in ("max", "mean", "largest"))
    assert largest_values["x"].tolist() == [4.0, 5.0, 2.0] and means["x"].tolist() == [2.0, 5.0, 2.0]
    assert np.isnan(largest_values["y"][0]) and np.isnan(means["y"][0])  # the second VOI of A has none
    assert largest["x"].tolist() == [4.0, 5.0, 2.0] and largest["kept_volume_mm3"].tolist() == [30.0, 7.0, 1.0]
    for table in (largest_values, means, largest):
        assert table["patient"].tolist() == ["A", "B", "C"] and table["vois"].tolist() == [3, 1, 1]
        assert table["case"].tolist() == ["A", "b1", "c1"]


def test_any_positive_takes_the_highest_score_and_any_outcome() -> None:
    table = joined("any positive", scores=np.array([0.2, 0.1, 0.1, 0.5, 0.9]))
    assert table["x"].tolist() == [1.0, 5.0, 2.0] and table["y"][0] == 6.0
    assert table["lnm"].tolist() == [1.0, 1.0, 0.0]
    unknown = joined("any positive", NODES.assign(lnm=[0, np.nan, 1, np.nan, np.nan]), scores=np.zeros(5))
    assert unknown["lnm"][0] == 1.0 and np.isnan(unknown["lnm"][1]) and np.isnan(unknown["lnm"][2])


def test_any_positive_knows_no_highest_score_where_a_voi_has_none() -> None:
    """It may be the positive one."""
    table = joined("any positive", scores=np.array([0.2, 0.1, np.nan, 0.5, 0.9]))
    assert np.isnan(table["y"][0]) and table["x"].tolist() == [4.0, 5.0, 2.0]


NODE_VALUES = {**HEADER, "id": "nodes", "endpoint": RESPONSE, "features_from": "table",
               "provenance": {"signature": "published", "cutoff": "published"},
               "inputs": [{"name": "image", "title": "CT"}], "signature": signature("image", [("x", 1.0)]),
               "cutoff": {"value": 1.5, "inclusive": True, "on": "score", "worse": "above",
                          "labels": {"below": "low", "above": "high"}}}


def node_model(rule: str) -> Model:
    """Return a model whose score is the column x of nodes, which ``rule`` joins."""
    values = {key: value for key, value in NODE_VALUES.items() if key != "protocol"}
    return parse_model({**values, "patients": {"rule": rule}}, "nodes")


@pytest.mark.parametrize("rule", ["max", "mean", "largest", "any positive"])
def test_a_patient_of_whom_a_voi_failed_is_left_out_and_it_is_said(rule: str) -> None:
    """The VOI that failed may be the positive or the largest one."""
    table = NODES.assign(error=[None, None, "no contour", None, None])
    scored, findings = scored_features(node_model(rule), table)
    assert scored["patient"].tolist() == ["B", "C"]
    assert "1 of 5 rows have no features and are left out (first: a2), and with them 2 other rows of the same " \
           "patients." in findings


def test_patients_are_told_apart_as_they_are_written(tmp_path: Path) -> None:
    """Numbers would make one of 007 and 7, or of 1e3 and 1000; upper and lower case make no two patients."""
    path = tmp_path / "nodes.csv"
    NODES.assign(patient=["007", "7", "7", "1e3", "1000"]).to_csv(path, index=False)
    scored = score_features(node_model("max"), read_table(path))
    assert scored["patient"].tolist() == ["007", "7", "1e3", "1000"] and scored["vois"].tolist() == [1, 2, 1, 1]
    with pytest.raises(CohortError, match="Patients 'A' and 'a' of the cohort differ in upper and lower case alone"):
        score_features(node_model("max"), NODES.assign(patient=["A", "B", "a ", "C", "A"]))


def test_a_patient_in_two_cohorts_is_refused_wherever_rows_are_read() -> None:
    table = NODES.assign(cohort=["one", "one", "two", "two", "one"], outcome=[0, 1, 0, 1, 0])
    with pytest.raises(CohortError, match="'cohort' of patient A is 'one' and 'two'"):
        score_features(node_model("max"), table)
    unjoined = parse_model({key: value for key, value in NODE_VALUES.items() if key != "protocol"}, "nodes")
    with pytest.raises(CohortError, match=r"1 patients are in several cohorts .first: A, in one, two"):
        validate_model(unjoined, table)


def test_what_a_patient_cannot_have_twice_is_named() -> None:
    with pytest.raises(CohortError, match=r"'lnm' of patient A is '0' and '1'.*'any positive'"):
        joined("max")
    with pytest.raises(CohortError, match="'stage' of patient A is '2' and '1'"):
        joined("mean", NODES.assign(lnm=0, stage=[2, 1, 1, 3, 2]))
    assert joined("largest", NODES.assign(lnm=0, stage=[2, 1, 1, 3, 2]))["stage"][0] == 1
    with pytest.raises(CohortError, match="'kept_volume_mm3' of case a2 is empty"):
        joined("largest", NODES.assign(lnm=0, kept_volume_mm3=[1, 2, np.nan, 3, 4]))
    with pytest.raises(CohortError, match="'kept_volume_mm3' of case a2 is -1; a size is not below 0"):
        joined("largest", NODES.assign(lnm=0, kept_volume_mm3=[1, 2, -1, 3, 4]))
    with pytest.raises(CohortError, match="lacks the column"):
        joined("largest", NODES.assign(lnm=0).drop(columns="kept_volume_mm3"))


def test_a_message_names_no_more_than_three_values_and_few_patients_are_said_to_be_few() -> None:
    with pytest.raises(CohortError, match=r"patient A is '1' and '2' and '3' and 2 more; one row stands"):
        joined("max", pd.DataFrame({"case": list("abcde"), "patient": "A", "stage": [1, 2, 3, 4, 5]}))
    words = "39 patients are few for that"
    assert words in clustered_sentence(np.arange(78) % 39) and "are few" not in clustered_sentence(np.arange(80) % 40)


def test_a_recipe_says_the_rule() -> None:
    values = shipped_values("s2_escc_ln_response")
    assert parse_recipe({**values, "patients": {"rule": "largest", "size": "mm3"}}, "t").patients == PatientRule(
        "largest", "mm3")
    assert parse_recipe(values, "t").patients is None
    for wrong in ({"rule": "median"}, {"rule": "max", "size": "mm3"}, {}):
        with pytest.raises(SchemaError, match="patients"):
            parse_recipe({**values, "patients": wrong}, "t")
    s4 = shipped_values("s4_gnen_dl_survival")
    assert any(len(model.get("signatures", ())) > 1 for model in s4["models"])
    with pytest.raises(SchemaError, match="any positive"):
        parse_recipe({**s4, "patients": {"rule": "any positive"}}, "t")


def with_doubles(table: pd.DataFrame, doubled: int, noise: float) -> pd.DataFrame:
    """Return a table in which the first ``doubled`` patients have a second VOI, unlike by ``noise`` SDs."""
    generator, second = np.random.default_rng(4), table.iloc[:doubled].copy()
    spread = table[FEATURES].std().to_numpy()
    second[FEATURES] += generator.standard_normal((doubled, len(FEATURES))) * spread * noise
    second["case"] += "b"
    whole = pd.concat([table, second], ignore_index=True)
    return whole.assign(patient=[case.removesuffix("b") for case in whole["case"]])


def lean(**changes: Any) -> Recipe:
    """Return S1 with its Rad-score and its clinical model alone."""
    values = copy.deepcopy(shipped_values("s1_escc_lpfs_radscore"))
    values["models"] = values["models"][:2]
    del values["reproducibility"]
    values["signatures"][0]["features"] = {"names": FEW}
    values["signatures"][0]["penalised"]["folds"] = 5
    return parse_recipe({**values, "split": {"kind": "column"}, "validation": {"bootstrap": 4}, **changes}, "lean")


@pytest.fixture(scope="module")
def clustered() -> Study:
    return run_study(lean(), with_doubles(s1_table(5), 90, 0.2), options=Options(permutations=1))


@pytest.fixture(scope="module")
def single() -> tuple[Study, Study]:
    """Return the study of a patient a row, told so and not."""
    table = s1_table(5)
    return run_study(lean(), table), run_study(lean(), table.assign(patient=table["case"]))


def test_every_number_of_a_study_allows_for_patients(clustered: Study, tmp_path: Path) -> None:
    result, model = clustered.result, clustered.result.models[0]
    training = model.cohorts[0]
    assert model.fit is not None and training.survival is not None and training.survival.concordance is not None
    assert model.fit.clusters == 150 and (training.counted.vois, training.counted.patients) == (240, 150)
    # Near copies: the naive standard error is too small by up to the root of 240 / 150.
    assert model.fit.naive_covariance is not None and model.fit.covariance[0, 0] > model.fit.naive_covariance[0, 0]
    assert training.survival.log_rank.clusters == 150
    assert "Whole patients are drawn" in model.optimism.repeated
    assert model.cohorts[1].counted is None and model.cohorts[1].survival.log_rank.clusters is None
    assert sum("310 VOIs are of 220 patients" in text for text in result.findings) == 1
    rows = {row.name: row for row in result.characteristics.rows}
    assert rows["age"].title.endswith("(patients)") and result.characteristics.patients == (150, 70, 220)
    assert not rows["radscore"].title.endswith("(patients)") and rows["radscore"].test.startswith("cluster-robust")
    stored = next(item.model for item in clustered.stored if item.model is not None)
    assert stored.uncertainty.covariance is not None and stored.reference.patients == 150
    np.testing.assert_array_equal(stored.uncertainty.covariance.matrix[-1, -1], model.fit.covariance[-1, -1])
    write_study(clustered, tmp_path)
    table = pd.read_csv(tmp_path / "tables" / "performance.csv")
    counts = table.groupby("cohort", sort=False)[["n", "vois", "patients"]].first()
    assert counts.loc["training"].tolist() == [240, 240, 150] and counts.loc["validation"].tolist() == [70, 70, 70]
    assert table["patients"].dtype.kind == "i"


def words(block: Any) -> str:
    return repr(block)


def test_the_report_says_of_how_many_patients_vois_are(clustered: Study) -> None:
    report = study_content(clustered.result, clustered.stored_models())
    texts = {section.title: words(section.blocks) for section in report.sections}
    for title in ("In short", "Cohorts and endpoints", "Models compared", "Signature: Rad-score"):
        assert "240 VOIs of 150 patients" in texts[title], title
    model = next(text for title, text in texts.items() if title.startswith("Model: Rad-score"))
    assert "cluster-robust by patient (Lin & Wei)" in model and "robust log-rank p" not in texts["In short"]
    assert "n = 240 VOIs of 150 patients" in texts["Characteristics"]


def test_a_patient_a_row_is_the_same_study_to_the_byte(single: tuple[Study, Study], tmp_path: Path) -> None:
    plain, told = single
    for name, study in (("plain", plain), ("told", told)):
        (tmp_path / name).mkdir()
        write_study(study, tmp_path / name)
    for path in sorted((tmp_path / "plain").rglob("*.*")):
        other = tmp_path / "told" / path.relative_to(tmp_path / "plain")
        if path.name != "scores.csv":  # which names the patients
            assert path.read_bytes() == other.read_bytes(), path.name
    text = (tmp_path / "plain" / "study.json").read_text(encoding="utf-8")
    assert "clusters" not in text and "counted" not in text and '"patients": null' not in text


@pytest.mark.parametrize("rule", ["max", "any positive"])
def test_a_rule_makes_one_row_per_patient_and_goes_with_the_model(rule: str, tmp_path: Path) -> None:
    table = with_doubles(s1_table(5), 90, 0.2)
    recipe = lean(patients={"rule": rule}, validation={"bootstrap": 0})
    study = run_study(recipe, table)
    training = study.result.models[0].cohorts[0]
    assert sum("one row stands for each patient" in text for text in study.result.findings) == 1
    assert (training.n, training.counted.vois, training.counted.patients) == (150, 240, 150)
    assert study.result.models[0].fit.clusters is None  # a row each: as sure as patients are
    stored = next(item for item in study.stored if item.model is not None)
    model = parse_model(stored.model.to_dict(), "stored")
    assert model.patients == PatientRule(rule)
    scored = score_features(model, table, stored.scaling)
    assert len(scored) == 220 and scored["vois"].sum() == 310
    write_study(study, tmp_path / "study")
    table.assign(image="ct.nrrd", mask="voi.nrrd").to_csv(tmp_path / "features.csv", index=False)
    files = ["--model", str(tmp_path / "study" / "Models" / f"{model.id}.json"),
             "--scaling", str(tmp_path / "study" / "Scalings" / f"{stored.scaling.name}.json")]
    assert run(["score", "--cohort", str(tmp_path / "features.csv"), *files, "--out", str(tmp_path)]) == 0
    np.testing.assert_allclose(pd.read_csv(tmp_path / "scores.csv")["score"], scored["score"], rtol=1e-12)
    validated = validate_model(model, table, stored.scaling).performance[0]
    np.testing.assert_allclose(validated.score, training.score, rtol=1e-9)
    assert validated.counted == training.counted
    if rule == "any positive":
        values = {key: value for key, value in stored.model.to_dict().items() if key != "patients"}
        alone = score_features(parse_model(values, "each"), table, stored.scaling)
        highest = alone.groupby("patient", sort=False)["score"].max()
        np.testing.assert_allclose(scored["score"], highest.to_numpy(), rtol=1e-12)


def test_validation_allows_for_patients(clustered: Study) -> None:
    stored = next(item for item in clustered.stored if item.model is not None)
    table = with_doubles(s1_table(9), 60, 0.2)
    robust = validate_model(stored.model, table, stored.scaling)
    each = validate_model(stored.model, table.drop(columns="patient"), stored.scaling)
    first, naive = robust.performance[0].survival, each.performance[0].survival
    assert first.concordance.c == naive.concordance.c and first.concordance.se > naive.concordance.se
    assert any("of 220 patients" in text for text in robust.findings)
    assert not any("patients" in text for text in each.findings)


def test_binary_outcomes_allow_for_patients() -> None:
    values = ibex_table_values()
    values["models"] = values["models"][:1]
    recipe = parse_recipe({**values, "split": {"kind": "column"}, "validation": {"bootstrap": 6}}, "t")
    features = [f"ibex_{i}" for i in range(6)]
    table = cohort_table(recipe, 160, 3, features, signal=0.4, cohorts=(("training", 100), ("validation", 60)))
    nodes = pd.concat([table, table.assign(case=table["case"] + "b")], ignore_index=True)
    nodes["patient"] = [case.removesuffix("b") for case in nodes["case"]]
    once, twice = run_study(recipe, table).result, run_study(recipe, nodes).result
    for one, two in zip(once.models[0].cohorts, twice.models[0].cohorts, strict=True):
        assert one.binary is not None and two.binary is not None
        assert two.binary.auc.method == "Obuchowski" and two.binary.auc.clusters == one.n
        if once.models[0].effects:
            # Exact copies tell nothing: the interval is that of the patients, to what the fits' rounding leaves.
            assert two.binary.auc.variance == pytest.approx(one.binary.auc.variance, rel=0.05)
        assert two.binary.score_by_outcome.test.startswith("cluster-robust t")


def test_folds_that_divide_a_patient_are_refused() -> None:
    values = copy.deepcopy(shipped_values("s1_escc_lpfs_radscore"))
    values["signatures"][0] |= {"features": {"names": FEW}}
    values["signatures"][0]["penalised"] |= {"fold_column": "fold"}
    recipe = parse_recipe({**values, "split": {"kind": "column"}}, "folds")
    table = with_doubles(s1_table(5), 20, 0.2)
    with pytest.raises(CohortError, match="of patient c0000 in several folds"):
        run_study(recipe, table.assign(fold=np.arange(len(table)) % 9))


def test_numbers_of_clusters_are_none_where_each_row_is_its_own() -> None:
    assert cluster_numbers(np.array(["a", "b"]), 2) is None and S1.patients is None
