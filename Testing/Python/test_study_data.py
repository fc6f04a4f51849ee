"""Cohorts a study cannot use are refused in plain words, splits keep patients and strata together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from study_cases import cohort_table, ibex_table_values, protocol_features, readings_table, shipped_values

from RadiomicsPrognosisLib.cohort.table import read_table
from RadiomicsPrognosisLib.errors import CohortError, CovariateError, FileError, InputError, ModelMismatch
from RadiomicsPrognosisLib.reading.filtering import reproducible_features
from RadiomicsPrognosisLib.reading.rule import ReproducibilityFilter
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe, parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe, Split
from RadiomicsPrognosisLib.study.rows.split import patient_folds, random_split
from RadiomicsPrognosisLib.study.run import run_study
from RadiomicsPrognosisLib.study.steps.validate import validate_model

FEATURES = protocol_features(load_recipe("s1_escc_lpfs_radscore"), 24)


def recipe(**signature: Any) -> Recipe:
    """Return S1's Rad-score and nomogram on a few features, split by column."""
    values = shipped_values("s1_escc_lpfs_radscore")
    values.update(split={"kind": "column"}, models=[values["models"][0], values["models"][2]], validation={})
    values["signatures"][0].update({"features": {"names": FEATURES}, **signature})
    return parse_recipe(values, "test")


def table() -> pd.DataFrame:
    return cohort_table(recipe(), 130, 3, FEATURES, active=4, cohorts=(("training", 90), ("validation", 40)))


def change(column: str, value: Any, rows: slice | None = None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def apply(values: pd.DataFrame) -> pd.DataFrame:
        values[column] = values[column].astype(object) if isinstance(value, str) else values[column]
        values.loc[values.index[rows or slice(None)], column] = value
        return values
    return apply


def one_event_per_ten(values: pd.DataFrame) -> pd.DataFrame:
    values["event"] = (np.arange(len(values)) % 20 == 0).astype(int)
    return values


def constant(values: pd.DataFrame) -> pd.DataFrame:
    values[FEATURES] = 1.25
    return values


@pytest.mark.parametrize(("spoil", "error", "message"), [
    (change("event", 0), CohortError, "None of the 90 training rows has an event of 'lpfs'"),
    (change("event", 2, slice(4, 5)), CohortError, "'event' must be 0 or 1; case c0004 has 2"),
    (change("time", -1.0, slice(7, 8)), CohortError, "'time' is negative for case c0007"),
    (change("time", "soon", slice(7, 8)), CohortError, "'time' of case c0007 is 'soon'; it must be a finite number"),
    (one_event_per_ten, CohortError, "5 training patients with an event for 10 folds"),
    (constant, CohortError, "All 24 features of signature 'radscore' are constant in the 90 training rows"),
    (change(FEATURES[3], np.nan, slice(2, 5)), CohortError, f"missing values in 3 training rows .first: {FEATURES[3]}"),
    (change(FEATURES[3], "n/a", slice(2, 3)), CohortError, f"'{FEATURES[3]}' holds something that is not a number"),
    (change("n_stage", "N9", slice(2, 3)), CovariateError, "Case c0002: Covariate 'n_stage' is 'N9'; allowed: N0"),
    (change("cohort", "test", slice(0, 90)), CohortError, "'cohort' names no 'training' rows"),
    (change("cohort", np.nan, slice(3, 4)), CohortError, "'cohort' of case c0003 is empty"),
    (lambda values: values.assign(patient=["p1"] + [f"q{i}" for i in range(128)] + ["p1"]), CohortError,
     "1 patients are in several cohorts .first: p1, in training, validation"),
    (lambda values: pd.concat([values, values.head(1)]), CohortError, "Case c0000 has several rows"),
    (lambda values: values.drop(columns="time"), CohortError, "lacks the column time"),
    (lambda values: values.drop(columns=FEATURES[:2]), CohortError, "lacks 2 of the 24 features"),
    (lambda values: values.head(0), CohortError, "no usable rows"),
    (lambda values: values.assign(protocol_hash="0123456789abcdef"), ModelMismatch, "protocol hash 0123456789ab"),
    (lambda values: values.assign(error="no voxel"), CohortError, "no usable rows"),
    (change(FEATURES[3], 1e300, slice(120, 121)), CohortError, f"'{FEATURES[3]}' of case c0120 is 1e.300"),
    (change(FEATURES[3], np.inf, slice(2, 3)), CohortError, f"'{FEATURES[3]}' of case c0002 is inf"),
    (lambda values: values.assign(patient=[None, *range(129)]), CohortError, "Row 2 of the cohort has no patient"),
    (change("case", "  ", slice(4, 5)), CohortError, "Row 6 of the cohort has no case"),
])
def test_a_bad_cohort_is_refused_in_words(spoil: Callable[[pd.DataFrame], pd.DataFrame], error: type[InputError],
                                          message: str) -> None:
    with pytest.raises(error, match=message):
        run_study(recipe(), spoil(table()))


def test_one_class_of_a_binary_outcome_is_refused() -> None:
    s3 = parse_recipe(ibex_table_values(), "s3")
    cohort = cohort_table(s3, 60, 1, [f"ibex_{i}" for i in range(6)]).assign(outcome=1)
    with pytest.raises(CohortError, match="All 42 training rows have outcome 1"):
        run_study(s3, cohort)


def test_where_classes_are_separated_the_penalised_coefficients_stand_in_and_it_is_said() -> None:
    values = ibex_table_values()
    values["models"] = [{**values["models"][0], "signatures": ["radiomics"]}]
    s3 = parse_recipe(values, "test")
    cohort = cohort_table(s3, 120, 1, [f"ibex_{i}" for i in range(6)])
    cohort["ibex_2"] = cohort["outcome"] + 0.01 * np.random.default_rng(1).random(120)
    whole = run_study(s3, cohort)
    study, (signature, model) = whole.result, (whole.result.signatures[0], whole.result.models[0])
    lasso = signature.penalised
    chosen = lasso.index_min if lasso.used_rule == "min" else lasso.index_1se
    assert dict(zip(lasso.features, lasso.coefficients[:, chosen], strict=True)) == {
        **dict.fromkeys(lasso.features, 0.0), **{term.feature: term.coefficient for term in signature.terms}}
    assert "separate" in signature.note and not signature.reason
    assert "separate" in model.note and model.fit is None and model.cohorts[0].binary.auc.auc == 1.0
    assert sum("separate" in text for text in study.findings) == 2
    np.testing.assert_allclose(whole.scores["linear predictor radiomics"], whole.scores["score radiomics"], rtol=1e-12)
    (stored,) = whole.stored_models().values()
    again = validate_model(stored, cohort.assign(cohort=whole.scores["cohort"]), None, s3.endpoint("recurrence"))
    measured = {item.cohort: item for item in again.performance}
    for item in model.cohorts:
        np.testing.assert_allclose(measured[item.cohort].predicted, item.predicted, rtol=0, atol=1e-12)


def test_a_cox_model_whose_score_separates_takes_the_scores_own_coefficients() -> None:
    cohort = table()
    training = cohort["cohort"] == "training"
    # Who has the event has it in the order of one feature; the others are followed longer than all of them.
    order = cohort.loc[training, FEATURES[0]].rank()
    cohort.loc[training, "event"] = (order > 45).astype(int)
    cohort.loc[training, "time"] = np.where(order > 45, 91.0 - order, 100.0)
    study = run_study(recipe(), cohort)
    model = study.result.models[0]
    assert "grows without bound" in model.note and model.fit is None and not model.reason
    fitted = study.stored_models()[model.id].survival
    assert fitted.coefficients == {"score": 1.0}
    # Breslow's estimate by hand, no times being tied: each event adds one over the summed risks of those still there.
    score = study.scores.loc[training, "score radscore"].to_numpy()
    time, event = cohort.loc[training, "time"].to_numpy(), cohort.loc[training, "event"].to_numpy()
    steps = [1.0 / np.exp(score[time >= at]).sum() for at in np.sort(time[event == 1])]
    stored = fitted.baseline_cumulative_hazard.values[:len(steps)]
    np.testing.assert_allclose(stored, np.cumsum(steps), rtol=1e-10)


def test_several_vois_of_a_patient_are_remarked_on() -> None:
    findings = run_study(recipe(), table().assign(patient=[f"p{i // 2}" for i in range(130)])).result.findings
    assert any("130 VOIs are of 65 patients" in text for text in findings)


def test_fewer_events_than_features_of_a_refit_are_reported() -> None:
    cohort = table()
    events = np.flatnonzero((cohort["event"] == 1) & (cohort["cohort"] == "training"))
    cohort.loc[events[12:], "event"] = 0
    signature = run_study(recipe(penalised=None, score="refitted"), cohort).result.signatures[0]
    assert "12 events for 24 covariates" in signature.reason


def test_missing_values_may_leave_a_feature_out() -> None:
    cohort = change(FEATURES[3], np.nan, slice(2, 5))(table())
    study = run_study(recipe(features={"names": FEATURES, "missing": "leave out"}), cohort).result
    assert [(step.name, step.after) for step in study.signatures[0].steps[:2]] == [("features", 24), ("missing", 23)]


def test_rows_without_outcome_or_covariate_are_counted_not_guessed() -> None:
    cohort = change("time", np.nan, slice(0, 3))(table())
    cohort = change("complete_response", None, slice(90, 94))(cohort)
    radscore, nomogram = run_study(recipe(), cohort).result.models
    assert [(item.n, item.excluded) for item in radscore.cohorts] == [(87, 3), (40, 0)]
    assert "complete_response" in nomogram.covariates
    assert [(item.n, item.excluded) for item in nomogram.cohorts] == [(87, 3), (36, 4)]


def test_a_validation_cohort_without_events_is_said_and_the_rest_measured() -> None:
    cohort = change("event", 0, slice(90, 130))(table())
    unseen = run_study(recipe(), cohort).result.models[0].cohorts[1]
    assert unseen.events == 0
    assert unseen.survival.concordance is None
    assert len(unseen.survival.groups) == 2
    reasons = {item.what: item.reason for item in unseen.unavailable}
    assert "None of the 40 rows has an event" in reasons["C-index"]


def test_the_same_patient_under_two_names_is_noticed() -> None:
    cohort = table()
    cohort.loc[100, FEATURES] = cohort.loc[5, FEATURES]
    assert any("c0005" in text and "c0100" in text for text in run_study(recipe(), cohort).result.findings)


def test_constant_features_are_left_out_and_failed_rows_reported() -> None:
    cohort = table().assign(error=None)
    cohort[FEATURES[0]] = 3.0
    cohort.loc[4, "error"] = "no voxel is left"
    study = run_study(recipe(), cohort).result
    assert ("constant", 23) in [(step.name, step.after) for step in study.signatures[0].steps]
    assert study.cohorts[0].rows == 89
    assert "1 of 130 rows have no features" in study.findings[0]


def test_columns_of_a_parquet_files_categories_are_read_alike() -> None:
    cohort = table()
    coded = cohort.astype({"cohort": "category", "n_stage": "category", "event": "category"})
    assert run_study(recipe(), coded).result.to_dict() == run_study(recipe(), cohort).result.to_dict()


# Splits and folds


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_random_split_keeps_patients_whole_and_strata_even(data: st.DataObject) -> None:
    n = data.draw(st.integers(10, 120))
    fraction = data.draw(st.floats(0.3, 0.8))
    generator = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    patients = np.array([f"p{i}" for i in generator.integers(0, max(4, n // 2), n)])
    assume(0 < round(fraction * len(set(patients))) < len(set(patients)))
    strata = {patient: int(generator.integers(0, 3)) for patient in set(patients)}
    rows = pd.DataFrame({"case": range(n), "stage": [strata[patient] for patient in patients]})
    cohort = random_split(rows, patients, Split("random", fraction=fraction, stratify=("stage",)), 7)
    of = dict(zip(patients, cohort, strict=True))
    assert all(of[patient] == side for patient, side in zip(patients, cohort, strict=True))
    for level in set(strata.values()):
        members = [patient for patient in of if strata[patient] == level]
        assert abs(sum(of[patient] == "training" for patient in members) - fraction * len(members)) <= 1.0
    assert abs(sum(side == "training" for side in of.values()) - fraction * len(of)) <= 0.5 + 1e-9


def test_folds_keep_patients_whole_and_events_even() -> None:
    generator = np.random.default_rng(2)
    patients = np.repeat([f"p{i}" for i in range(60)], 2)
    positive = generator.integers(0, 2, 120).astype(float)
    folds = patient_folds(patients, positive, 5, 1)
    assert all(folds[2 * i] == folds[2 * i + 1] for i in range(60))
    events = [sum(positive[folds == fold].reshape(-1, 2).max(axis=1)) for fold in range(1, 6)]
    assert max(events) - min(events) <= 1


def test_a_split_by_too_many_values_is_refused() -> None:
    cohort = pd.DataFrame({"case": range(40), "age": np.arange(40.0)})
    with pytest.raises(CohortError, match="'age' has 40 different values"):
        random_split(cohort, cohort["case"].astype(str).to_numpy(), Split("random", fraction=0.7, stratify=("age",)), 1)


# Readings


def test_readings_that_cannot_be_compared_are_refused() -> None:
    cohort, rule = table(), ReproducibilityFilter("ICC(2,1)", 0.9, "estimate", ("intra-reader", "inter-reader"))
    whole = readings_table(cohort, FEATURES, 20, 1)
    assert reproducible_features(whole, FEATURES, rule).kept == tuple(FEATURES)
    with pytest.raises(CohortError, match="inter-reader comparison needs two or more readings"):
        reproducible_features(whole[whole["reader"] == "a"], FEATURES, rule)
    with pytest.raises(CohortError, match="reader a, session 1 twice"):
        reproducible_features(pd.concat([whole, whole.head(1)]), FEATURES, rule)
    with pytest.raises(CohortError, match="lack 1 of 24 features"):
        reproducible_features(whole.drop(columns=FEATURES[0]), FEATURES, rule)
    with pytest.raises(CohortError, match="No feature has ICC"):
        reproducible_features(readings_table(cohort, FEATURES, 20, 1, FEATURES), FEATURES, rule)
    with pytest.raises(CohortError, match="no usable rows"):
        reproducible_features(whole.head(0), FEATURES, rule)
    with pytest.raises(CohortError, match="holds something that is not a number"):
        reproducible_features(change(FEATURES[0], "n/a", slice(1, 2))(whole.copy()), FEATURES, rule)
    with pytest.raises(ModelMismatch, match=r"readings.* needs ct-hu50-1mm-wavelet"):
        run_study(recipe(), cohort, whole.assign(protocol_hash="0123456789abcdef"))


def test_several_vois_of_a_case_are_compared_each_with_itself() -> None:
    cohort, rule = table(), ReproducibilityFilter("ICC(2,1)", 0.9, "estimate", ("intra-reader",))
    whole = readings_table(cohort, FEATURES, 20, 1)
    paired = whole.assign(label=whole["case"].str[-1].astype(int) % 2, case=whole["case"].str[:-1])
    paired = paired.drop_duplicates(["case", "label", "reader", "session"])
    agreement = reproducible_features(paired, FEATURES, rule).agreements[0]
    assert set(agreement.icc.subjects) == {len(paired[["case", "label"]].drop_duplicates())}


def test_a_table_with_other_separators_is_said(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("case;time;event\na;1;0\n", encoding="utf-8")
    with pytest.raises(FileError, match="separated by something else than commas"):
        read_table(tmp_path / "c.csv", "Cohort")
