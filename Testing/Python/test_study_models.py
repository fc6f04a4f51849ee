"""The models that studies end in: their files give the studies' own scores, predictions and groups."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from study_cases import (
    FEATURES,
    S1,
    SMALL,
    cohort_table,
    protocol_features,
    s1_study,
    s1_table,
    shipped_values,
    small,
)

from RadiomicsPrognosisLib.cohort.scoring import predict_table, score_features
from RadiomicsPrognosisLib.errors import ModelMismatch
from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.predict import RowPredictions
from RadiomicsPrognosisLib.models.reference import OutcomeCount, Reference
from RadiomicsPrognosisLib.models.scaling import parse_scaling
from RadiomicsPrognosisLib.models.store import parse_model
from RadiomicsPrognosisLib.prediction.columns import interval_columns, survival_column
from RadiomicsPrognosisLib.prediction.position import positions_of
from RadiomicsPrognosisLib.prediction.predict import predict, score_vois
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.study.endpoints import StudyEndpoint
from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe
from RadiomicsPrognosisLib.study.run import run_study
from RadiomicsPrognosisLib.study.steps.validate import validate_model


@pytest.fixture
def s1() -> Study:
    return s1_study()


def stored(study: Study) -> list[tuple[Any, Any, Any]]:
    """Return (outcome, model, scaling) of every model with a file."""
    return [(item.result, parse_model(item.model.to_dict(), "x"),
             parse_scaling(item.scaling.to_dict(), "x") if item.scaling else None)
            for item in study.stored if item.model]


def test_the_model_file_predicts_the_training_rows_again(s1: Study) -> None:
    table = s1_table()
    levels = {item.name: item for item in S1.covariates}
    for outcome, model, scaling in (item for item in stored(s1) if not item[1].is_clinical):
        protocol, training = model.image_protocol(), outcome.cohorts[0]
        for row in (0, 7, 149):
            values = {name: float(table[name][row]) for name in model.features()}
            features = FeatureSet(values=values, undefined=(), protocol_id=protocol.id, protocol_hash=protocol.hash,
                                  engine_name=scaling.engine, engine_version=scaling.engine_version)
            covariates = {item.name: levels[item.name].parse(table[item.name][row]) for item in model.covariates}
            prediction = predict(model, {"image": features}, {}, scaling, covariates)
            assert not prediction.withheld
            assert prediction.score == pytest.approx(s1.scores["score radscore"][row], abs=1e-12)
            assert prediction.linear_predictor == pytest.approx(training.linear_predictor[row], abs=1e-12)
            assert prediction.survival.at_horizons == pytest.approx(training.predicted[row], abs=1e-12)
            assert prediction.group.above == training.above[row]


def assert_distributions(model: Any, validated: Any, table: pd.DataFrame, score: np.ndarray) -> None:
    """The stored score's mean and SD by cohort are those of the score that the stored model gives."""
    assert [item.cohort for item in model.reference.scores] == [item.cohort for item in validated.performance]
    for known, item in zip(model.reference.scores, validated.performance, strict=True):
        values = score[(table["cohort"] == item.cohort) & table["case"].isin(item.cases)]
        assert known.cases == item.n == len(values)
        assert known.mean == pytest.approx(values.mean(), abs=1e-9)
        assert known.sd == pytest.approx(values.std(ddof=1), abs=1e-9)


def assert_clinical(model: Any, validated: Any, outcome: Any, table: pd.DataFrame, endpoint: StudyEndpoint) -> None:
    """A model of covariates alone holds no score; a single case, given its factors and nothing else, gets what the
    study says of it."""
    assert not (model.scores or model.inputs or model.protocol_name or model.provenance.signature)
    training = validated.performance[0]
    among = (table["cohort"] == training.cohort) & table["case"].isin(training.cases)
    events = table[among][endpoint.columns[-1]].to_numpy(float).sum()
    assert model.reference == (None if model.survival else Reference(outcome=OutcomeCount(training.n, int(events))))
    for number, case in list(enumerate(outcome.cohorts[0].cases))[:3]:
        row = table.set_index("case").loc[case]
        told = score_vois({}, model, None, {item.name: row[item.name] for item in model.covariates})
        assert told.score is None and not told.withheld and told.is_clinical
        assert told.linear_predictor == pytest.approx(outcome.cohorts[0].linear_predictor[number], abs=1e-12)
        shown = told.survival.at_horizons if told.survival else told.probability
        assert shown == pytest.approx(outcome.cohorts[0].predicted[number], abs=1e-12)
        assert told.group is None or told.group.above == outcome.cohorts[0].above[number]


def assert_bounds(model: Any, fitted: bool, rows: pd.DataFrame, shown: list[str]) -> None:
    """What is shown lies in its interval; only a score without a regression, which has no standard errors, has none."""
    if not fitted:
        assert not any(name.endswith("_lower") for name in rows) and "No regression" in model.uncertainty.reason
        return
    lower, upper = (rows[[interval_columns(name)[side] for name in shown]].to_numpy() for side in (0, 1))
    assert (lower <= rows[shown]).all(axis=None) and (rows[shown] <= upper).all(axis=None)
    assert (lower < upper).mean() > 0.9  # a survival of 0 or 1 has no width


def assert_covariance(study: Study, outcome: Any, model: Any, rows: RowPredictions, table: pd.DataFrame) -> None:
    """Features entered one by one (S3), and two signatures with a coefficient each (S4): the stored model's terms give
    every linear predictor the variance that the regression's own give it."""
    told, fit = model.uncertainty.covariance, outcome.fit
    assert (told.cases, told.events) == (fit.n, fit.events if model.survival else fit.positive)
    entered = {f"{signature.id}/{item.feature}": item for signature in study.result.signatures
               for item in signature.terms}
    levels = {item.name: np.array([item.parse(value) for value in table[item.name]]) for item in model.covariates}
    levels |= {f"{item.name}={level.label}": (levels[item.name] == level.label).astype(float)
               for item in model.covariates if item.is_categorical for level in item.levels}
    terms = {f"score:{key}": column for key, column in zip(model.term_keys, rows.values.T, strict=True)}
    ones = np.ones(len(table))
    scores = {item.id: column for item, column in zip(model.signatures, rows.scores.T, strict=False)}
    stored_columns = np.column_stack([{"intercept": ones, **levels, **terms, **scores}[name] for name in told.names])
    fitted = np.column_stack([ones] * (len(fit.covariance) - len(fit.terms)) + [
        levels[name] if name in levels else study.scores[f"score {name}"] if name not in entered
        else (table[entered[name].feature] - (entered[name].mean or 0.0)) / (entered[name].sd or 1.0)
        for name in fit.terms])
    np.testing.assert_allclose(np.einsum("ij,jk,ik->i", stored_columns, told.matrix, stored_columns),
                               np.einsum("ij,jk,ik->i", fitted, fit.covariance, fitted), rtol=1e-6)
    assert bool(told.baseline) == (model.survival is not None)


def assert_reference(model: Any, validated: Any, endpoint: StudyEndpoint, table: pd.DataFrame,
                     rows: RowPredictions) -> None:
    """What a case is set beside is the training patients' own: percentiles, features together, outcomes by score."""
    reference, training = model.reference, validated.performance[0]
    among = (table["cohort"] == training.cohort) & table["case"].isin(training.cases)
    patients = rows.rows(among.to_numpy())
    assert reference.percentiles[0] == pytest.approx(patients.score.min(), abs=1e-9)
    assert reference.percentiles[100] == pytest.approx(patients.score.max(), abs=1e-9)
    assert reference.percentiles[50] == pytest.approx(np.median(patients.score), abs=1e-9)
    assert reference.features.cases == training.n
    assert [item.feature for item in reference.features.features] == model.term_keys
    np.testing.assert_allclose([item.mean for item in reference.features.features], patients.values.mean(axis=0),
                               atol=1e-9)
    np.testing.assert_allclose([item.sd for item in reference.features.features], patients.values.std(axis=0, ddof=1),
                               rtol=1e-9)
    assert sum(item.patients for item in reference.bands) == training.n
    assert min(item.patients for item in reference.bands) >= 20
    for band in reference.bands:
        near = (patients.score >= band.low - 1e-9) & (patients.score <= band.high + 1e-9)
        assert near.sum() == band.patients
        event = table[among][endpoint.columns[-1]].to_numpy(float)[near]
        assert band.events == event.sum()
        if model.survival is not None:
            months = table[among][endpoint.columns[0]].to_numpy(float)[near]
            curve = KaplanMeierFitter().fit(months, event)
            gone = curve.survival_function_.iloc[-1, 0] == 0
            assert band.months == tuple(t for t in model.horizons_months if gone or t <= months.max())
            np.testing.assert_allclose(band.survival, curve.predict(band.months), atol=1e-9)
    positions = positions_of(patients, None)
    # The limit is the 99 % of held-out distances; a patient's own are shorter.
    assert positions.unlike_together.mean() <= 0.01 and np.isfinite(positions.joint).all()


def test_a_cutoff_taken_over_stays_what_it_was() -> None:
    values = shipped_values("s1_escc_lpfs_radscore")
    values.update(split={"kind": "column"}, validation={"bootstrap": 0})
    values["signatures"][0]["features"] = {"names": FEATURES}
    values["models"][0]["cutoff"].update(rule="fixed", value=0.1, inclusive=True)
    study = run_study(parse_recipe(values, "x"), s1_table())
    for outcome, model, _ in (item for item in stored(study) if not item[1].is_clinical):
        assert (outcome.cutoff.rule, outcome.cutoff.value, outcome.cutoff.inclusive) == ("fixed", 0.1, True)
        assert (model.cutoff.value, model.cutoff.inclusive, model.cutoff.on) == (0.1, True, "score")
        assert model.provenance.cutoff == "trained here"


def test_with_missing_covariates_the_model_measured_is_the_model_fitted() -> None:
    table = s1_table()
    table.loc[0:60, "n_stage"] = None  # leaves by AIC
    table.loc[30:50, "complete_response"] = None
    study = run_study(S1, table)
    for outcome, model, _ in stored(study):
        training = outcome.cohorts[0]
        assert outcome.fit.n == training.n and f"on {training.n} rows" in model.source.citation
        assert outcome.optimism.optimism.apparent[0] == pytest.approx(training.survival.concordance.c, abs=1e-12)
    nomogram = study.result.models[2]
    assert nomogram.selection_rows == 89 and nomogram.fit.n == 129
    assert any("'nomogram' leaves out 21 of 150 training rows" in text for text in study.result.findings)


def s0_table(recipe: Recipe) -> pd.DataFrame:
    return cohort_table(recipe, 240, 5, [f"dl_{i}" for i in range(80)])


def s2_table(recipe: Recipe) -> pd.DataFrame:
    table = cohort_table(recipe, 150, 2, protocol_features(recipe, SMALL),
                         cohorts=(("training", 110), ("validation", 40)))
    table["patient"] = [f"p{i // 2}" for i in range(150)]
    return table


def s3_table(recipe: Recipe) -> pd.DataFrame:
    return cohort_table(recipe, 197, 3, protocol_features(recipe, SMALL))


def s4_table(recipe: Recipe) -> pd.DataFrame:
    names = [f"{phase}:dl_{i}" for phase in ("arterial", "venous") for i in range(50)]
    return cohort_table(recipe, 200, 4, names, cohorts=(("training", 110), ("internal", 40), ("external", 50)))


@pytest.mark.parametrize(("name", "make", "files"), [
    ("s0_escc_lnm_cnn", s0_table, 5), ("s1_escc_lpfs_radscore", lambda recipe: s1_table(), 3),
    ("s2_escc_ln_response", s2_table, 4), ("s3_escc_early_recurrence", s3_table, 3),
    ("s4_gnen_dl_survival", s4_table, 3)])
def test_every_shipped_recipe_ends_in_models_that_say_the_same(name: str, make: Any, files: int) -> None:
    """The files obey the JSON schema; applied to the table, they give the study's predictions and groups."""
    recipe = small(name)
    table = make(recipe)
    study = run_study(recipe, table)
    json.dumps(study.result.to_dict(), allow_nan=False)
    assert not any(model.reason for model in study.result.models)
    schema = json.loads((shipped_folder() / "Models" / "model.schema.json").read_text(encoding="utf-8"))
    models = stored(study)
    assert len(models) == files
    for outcome, model, scaling in models:
        jsonschema.Draft202012Validator(schema).validate(
            next(item.model.to_dict() for item in study.stored if item.result.id == outcome.id))
        split = table.assign(cohort=study.scores["cohort"])
        validated = validate_model(model, split, scaling, recipe.endpoint(outcome.endpoint))
        again = {item.cohort: item for item in validated.performance}
        assert set(again) == {item.cohort for item in outcome.cohorts}
        for item in outcome.cohorts:
            assert again[item.cohort].cases == item.cases
            np.testing.assert_allclose(again[item.cohort].linear_predictor, item.linear_predictor, rtol=0, atol=1e-9)
            np.testing.assert_allclose(again[item.cohort].predicted, item.predicted, rtol=0, atol=1e-9)
            if outcome.cutoff is not None:
                assert (again[item.cohort].above == item.above).all()
        assert model.cutoff is None or outcome.cutoff is not None
        rows = predict_table(model, split, scaling)
        assert model.is_clinical == (outcome.id == "clinical")
        if model.is_clinical:
            assert_clinical(model, validated, outcome, split, recipe.endpoint(outcome.endpoint))
        else:
            assert_distributions(model, validated, split, rows.score)
            assert_reference(model, validated, recipe.endpoint(outcome.endpoint), split, rows)
        if name in ("s3_escc_early_recurrence", "s4_gnen_dl_survival"):
            assert_covariance(study, outcome, model, rows, split)
        told = {column for endpoint in recipe.endpoints for column in endpoint.columns}
        covariates = {item.name for item in model.covariates}
        scored = score_features(model, split.drop(columns=told - covariates), scaling)
        for item in outcome.cohorts:
            rows = scored[scored["case"].isin(item.cases)]
            shown = [name for name in scored if name in (*map(survival_column, model.horizons_months), "probability")]
            np.testing.assert_allclose(rows[shown], item.predicted.reshape(len(rows), -1), rtol=0, atol=1e-9)
            assert_bounds(model, outcome.fit is not None, rows, shown)
            assert (rows["withheld"] == "").all()
            if outcome.cutoff is not None:
                assert rows["group"].tolist() == [outcome.cutoff.labels[int(side)] for side in item.above]
        if model.features_from == "table" or model.is_clinical:
            with pytest.raises(ModelMismatch, match="reads no image" if model.is_clinical else "scores no image"):
                model.image_protocol()


def test_two_signatures_scaled_on_different_rows_make_one_model_of_raw_features() -> None:
    """One scaling cannot hold both moments of a shared feature; the stored score must still be that of the study."""
    values = shipped_values("s2_escc_ln_response")
    for signature in values["signatures"]:
        signature.update(scaling="z-score", features={"names": protocol_features(small("s2_escc_ln_response"), SMALL)},
                    penalised={"folds": 5, "rule": "min"})
    values["models"] = [{"id": "both", "title": "Both", "endpoint": "recurrence",
                         "signatures": [signature["id"] for signature in values["signatures"]]}]
    recipe = parse_recipe(values, "x")
    table = s2_table(recipe)
    table.loc[5:30, "control_2y"] = np.nan
    study = run_study(recipe, table)
    first, second = ({term.feature: term for term in signature.terms} for signature in study.result.signatures)
    shared = set(first) & set(second)
    assert shared and all(first[name].mean != second[name].mean for name in shared)
    ((outcome, model, scaling),) = stored(study)
    assert scaling is None and not model.needs_scaling
    validated = validate_model(model, table, None, recipe.endpoint("recurrence")).performance[0]
    np.testing.assert_allclose(validated.linear_predictor, outcome.cohorts[0].linear_predictor, rtol=0, atol=1e-9)


def test_a_binary_model_measures_what_the_papers_report() -> None:
    recipe = small("s2_escc_ln_response")
    study = run_study(recipe, s2_table(recipe))
    response, control, curve, clinical = study.result.models
    for item in response.cohorts:
        assert item.binary.auc.lower <= item.binary.auc.auc <= item.binary.auc.upper
        assert item.binary.classification.sensitivity + item.binary.classification.specificity > 1.2
        assert item.binary.positive_score[0] > item.binary.negative_score[0]
    assert response.cutoff.worse == "below"
    # The favourable score lowers the hazard of recurrence: both cut-offs are one, worse below.
    assert (curve.cutoff.value, curve.cutoff.worse) == (control.cutoff.value, "below")
    assert curve.effects[0].ratio < 1.0
    assert {item.measure for item in study.result.comparisons} >= {"C-index"}
    assert clinical.fit.terms[-1] == "radscore_control_2y"
