"""Recipes run on simulated cohorts: what they learn, from whom, and that the models they end in score alike."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index
from study_cases import cohort_table, correlated, protocol_features, readings_table, shipped_values

from RadiomicsPrognosisLib.cohort.scoring import predict_table, score_features
from RadiomicsPrognosisLib.errors import ModelMismatch
from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.scaling import parse_scaling
from RadiomicsPrognosisLib.models.store import parse_model
from RadiomicsPrognosisLib.prediction.predict import predict
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.statistics.multiplicity import adjusted
from RadiomicsPrognosisLib.statistics.redundancy import drop_redundant
from RadiomicsPrognosisLib.statistics.univariate import univariate_cox
from RadiomicsPrognosisLib.study.endpoints import SurvivalObservations
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe, UnivariateFilter
from RadiomicsPrognosisLib.study.run import Options, Study, run_study
from RadiomicsPrognosisLib.study.steps.candidates import Candidates, univariate_filter
from RadiomicsPrognosisLib.study.steps.validate import validate_model

SMALL = 60


def small(name: str = "s1_escc_lpfs_radscore", **changes: Any) -> Recipe:
    """Return a shipped recipe with few bootstrap repetitions; S1 and S2 with the first features of their protocol."""
    values = copy.deepcopy(shipped_values(name))
    values.setdefault("validation", {})["bootstrap"] = 4 if name.startswith("s1") else 0
    recipe = parse_recipe({**values, **changes}, name)
    if recipe.protocol:
        for made in values["signatures"]:
            made["features"] = {"names": protocol_features(recipe, SMALL)}
    return parse_recipe({**values, **changes}, name)


def column_split(name: str = "s1_escc_lpfs_radscore") -> Recipe:
    return small(name, split={"kind": "column"})


S1 = column_split()
FEATURES = protocol_features(S1, SMALL)
COHORTS = (("training", 150), ("validation", 70))


def s1_table(seed: int = 1, signal: float = 1.0) -> pd.DataFrame:
    return cohort_table(S1, 220, seed, FEATURES, signal=signal, cohorts=COHORTS)


@pytest.fixture(scope="module")
def s1() -> Study:
    return run_study(S1, s1_table())


# What is found


def test_a_known_signal_is_found_and_validated(s1: Study) -> None:
    made, (radscore, _, nomogram) = s1.result.signatures[0], s1.result.models
    assert 3 <= len(made.terms) < SMALL
    for model in (radscore, nomogram):
        assert [item.cohort for item in model.cohorts] == ["training", "validation"]
        assert model.cohorts[1].survival.concordance.lower > 0.6
        assert model.cohorts[1].survival.hazard_ratio.lower > 1.0
    assert radscore.cutoff.worse == "above"
    assert radscore.cutoff.p < 0.001
    assert nomogram.cutoff.value == radscore.cutoff.value


def test_without_signal_nothing_better_than_chance_comes_out() -> None:
    for seed in range(4):
        model = run_study(S1, s1_table(seed, signal=0.0)).result.models[0]
        if model.reason:
            assert "No feature is selected" in model.reason
        else:
            unseen = model.cohorts[1].survival.concordance
            assert unseen.c - 3 * unseen.se < 0.5 < unseen.c + 3 * unseen.se


def test_measures_are_those_of_another_package(s1: Study) -> None:
    """lifelines' C-index of the linear predictor, and its Cox model of the nomogram's terms."""
    nomogram = s1.result.models[2]
    for item in nomogram.cohorts:
        assert item.survival.concordance.c == pytest.approx(
            concordance_index(item.time, -item.linear_predictor, item.event), abs=1e-12)
    table, training = s1_table(), nomogram.cohorts[0]
    frame = pd.DataFrame({"time": training.time, "event": training.event,
                          "radscore": s1.scores["score radscore"][:150]})
    levels = {item.name: dict(item.levels) for item in S1.covariates}
    for name in nomogram.covariates:
        frame[name] = table[name][:150].map(levels[name])
    peer = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
    ours = {effect.term: effect for effect in nomogram.effects}
    assert set(ours) == set(peer.params_.index)
    for name, effect in ours.items():
        assert effect.coefficient == pytest.approx(peer.params_[name], abs=1e-8)
        assert effect.p == pytest.approx(peer.summary.loc[name, "p"], abs=1e-8)


def test_predicted_survival_is_that_of_the_fitted_cox_model(s1: Study) -> None:
    """CoxModel.survival, which equals R's survfit (test_cox.py), of covariates far from 0."""
    table, horizons = s1_table(), S1.endpoints[0].horizons
    levels = {item.name: dict(item.levels) for item in S1.covariates}
    for model in s1.result.models[1:]:
        for cohort, rows in zip(model.cohorts, (slice(0, 150), slice(150, 220)), strict=True):
            columns = [s1.scores["score radscore"][rows] if name == "radscore" else table[name][rows].map(levels[name])
                       for name in model.fit.terms]
            expected = model.fit.survival(np.column_stack(columns), horizons)
            np.testing.assert_allclose(cohort.predicted, expected, rtol=0, atol=1e-12)


def test_scores_follow_from_terms_and_training_moments(s1: Study) -> None:
    table, made = s1_table(), s1.result.signatures[0]
    training, score = table[table["cohort"] == "training"], np.zeros(len(table))
    for term in made.terms:
        assert term.mean == pytest.approx(training[term.feature].mean(), rel=1e-12)
        assert term.sd == pytest.approx(training[term.feature].std(), rel=1e-12)
        score += term.coefficient * (table[term.feature] - term.mean) / term.sd
    np.testing.assert_allclose(s1.scores["score radscore"], score, rtol=0, atol=1e-12)


def test_of_redundant_features_the_one_with_the_lowest_p_stays_when_adjusted_ones_are_tied() -> None:
    """Benjamini and Hochberg's p values are tied in runs: order them, and the order of columns would decide."""
    generator = np.random.default_rng(2)
    x = correlated(generator, 150, 60, 5)
    time = generator.exponential(20 * np.exp(-x[:, :6] @ np.full(6, 0.25)))
    censored = generator.uniform(6, 90, 150)
    endpoint = SurvivalObservations(np.ones(150, bool), np.minimum(time, censored), (time <= censored) * 1.0)
    names = tuple(f"f{i:02d}" for i in range(60))
    found = univariate_filter(Candidates(x=x, names=names), UnivariateFilter(0.1, "benjamini-hochberg"), endpoint)
    p = {row.name: row.p for row in univariate_cox(endpoint.time, endpoint.event, x, names)}
    assert list(found.p) == [p[name] for name in found.names]
    assert len(set(adjusted(list(p.values())))) < len(p)
    for dropped, kept, _ in drop_redundant(found.x, 0.7, found.names, found.p).dropped:
        assert p[kept] <= p[dropped]


# Who is learned from


def learned(study: Study) -> dict[str, Any]:
    """Return everything a study learns, without what it measures in cohorts."""
    found = study.result.to_dict()
    for model in found["models"]:
        for key in ("cohorts", "unavailable"):
            del model[key]
    return {"signatures": found["signatures"], "models": found["models"],
            "files": [{key: value for key, value in item.model.to_dict().items()
                       if key not in ("performance", "score_distribution")} for item in study.stored if item.model],
            "scalings": [item.scaling.to_dict() for item in study.stored if item.scaling]}


def test_validation_rows_change_nothing_learned(s1: Study) -> None:
    table = s1_table()
    unseen = table["cohort"] == "validation"
    generator = np.random.default_rng(5)
    table.loc[unseen, FEATURES] = generator.normal(50.0, 9.0, (70, SMALL))
    table.loc[unseen, "time"] = generator.uniform(1, 90, 70)
    table.loc[unseen, "event"] = generator.integers(0, 2, 70)
    for name in ("t_stage", "n_stage", "complete_response"):
        table.loc[unseen, name] = generator.permutation(table.loc[unseen, name])
    other = run_study(S1, table)
    assert learned(other) == learned(s1)
    measured = [item.result.models[0].cohorts[1].survival.concordance for item in (other, s1)]
    assert measured[0] != measured[1]


def test_other_columns_and_rows_change_not_a_bit_of_what_is_learned(s1: Study) -> None:
    table = s1_table()
    unseen = table[table["cohort"] == "validation"]
    more = pd.concat([table, unseen.assign(case=[f"more{i}" for i in range(len(unseen))])], ignore_index=True)
    more.insert(3, "unused", 1.5)
    for other in (table[table.columns[::-1]], table.assign(unused=2.0), more):
        again = run_study(S1, other)
        assert [item.model.id for item in again.stored if item.model] == [
            item.model.id for item in s1.stored if item.model]
        assert learned(again)["signatures"] == learned(s1)["signatures"]


def test_the_same_seed_gives_the_same_study(s1: Study) -> None:
    assert json.dumps(run_study(S1, s1_table()).result.to_dict()) == json.dumps(s1.result.to_dict())


def test_another_seed_splits_otherwise() -> None:
    recipe, table = small(), s1_table().drop(columns="cohort")
    one, other = (run_study(recipe, table, options=Options(seed=seed)).scores["cohort"] for seed in (1, 2))
    assert (one == "training").sum() == (other == "training").sum() == round(220 * 0.7014)
    assert (one != other).any()


# Models that score


def stored(study: Study) -> list[tuple[Any, Any, Any]]:
    """Return (outcome, model, scaling) of every model with a file."""
    return [(item.result, parse_model(item.model.to_dict(), "x"),
             parse_scaling(item.scaling.to_dict(), "x") if item.scaling else None)
            for item in study.stored if item.model]


def test_the_model_file_predicts_the_training_rows_again(s1: Study) -> None:
    table = s1_table()
    levels = {item.name: item for item in S1.covariates}
    for outcome, model, scaling in stored(s1):
        protocol, training = model.image_protocol(), outcome.cohorts[0]
        for row in (0, 7, 149):
            values = {name: float(table[name][row]) for name in model.features()}
            features = FeatureSet(values=values, undefined=(), protocol_id=protocol.id, protocol_hash=protocol.hash,
                                  engine_name=scaling.engine, engine_version=scaling.engine_version)
            covariates = {item.name: levels[item.name].parse(table[item.name][row]) for item in model.covariates}
            found = predict(model, {"image": features}, {}, scaling, covariates)
            assert not found.withheld
            assert found.score == pytest.approx(s1.scores["score radscore"][row], abs=1e-12)
            assert found.linear_predictor == pytest.approx(training.linear_predictor[row], abs=1e-12)
            assert found.survival.at_horizons == pytest.approx(training.predicted[row], abs=1e-12)
            assert found.group.above == training.above[row]


def assert_distributions(model: Any, validated: Any, table: pd.DataFrame, score: np.ndarray) -> None:
    """The stored score's mean and SD by cohort are those of the score that the stored model gives."""
    assert [item.cohort for item in model.score_distribution] == [item.cohort for item in validated.performance]
    for known, item in zip(model.score_distribution, validated.performance, strict=True):
        part = score[(table["cohort"] == item.cohort) & table["case"].isin(item.cases)]
        assert known.cases == item.n == len(part)
        assert known.mean == pytest.approx(part.mean(), abs=1e-9)
        assert known.sd == pytest.approx(part.std(ddof=1), abs=1e-9)


def test_a_cutoff_taken_over_stays_what_it_was() -> None:
    values = shipped_values("s1_escc_lpfs_radscore")
    values.update(split={"kind": "column"}, validation={"bootstrap": 0})
    values["signatures"][0]["features"] = {"names": FEATURES}
    values["models"][0]["cutoff"].update(rule="fixed", value=0.1, inclusive=True)
    study = run_study(parse_recipe(values, "x"), s1_table())
    for outcome, model, _ in stored(study):
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
    return cohort_table(recipe, 240, 5, [f"cnn_{i}" for i in range(80)])


def s2_table(recipe: Recipe) -> pd.DataFrame:
    table = cohort_table(recipe, 150, 2, protocol_features(recipe, SMALL),
                         cohorts=(("training", 110), ("validation", 40)))
    table["patient"] = [f"p{i // 2}" for i in range(150)]
    return table


def s3_table(recipe: Recipe) -> pd.DataFrame:
    return cohort_table(recipe, 197, 3, [f"ibex_{i}" for i in range(60)])


def s4_table(recipe: Recipe) -> pd.DataFrame:
    names = [f"{phase}:dl_{i}" for phase in ("arterial", "venous") for i in range(50)]
    return cohort_table(recipe, 200, 4, names, cohorts=(("training", 110), ("internal", 40), ("external", 50)))


@pytest.mark.parametrize(("name", "make", "files"), [
    ("s0_escc_lnm_cnn", s0_table, 5), ("s1_escc_lpfs_radscore", lambda recipe: s1_table(), 2),
    ("s2_escc_ln_response", s2_table, 4), ("s3_escc_early_recurrence", s3_table, 2),
    ("s4_gnen_dl_survival", s4_table, 2)])
def test_every_shipped_recipe_ends_in_models_that_say_the_same(name: str, make: Any, files: int) -> None:
    """The files obey the JSON schema; applied to the table, they give the study's predictions and groups."""
    recipe = small(name)
    table = make(recipe)
    study = run_study(recipe, table)
    json.dumps(study.result.to_dict(), allow_nan=False)
    assert not any(model.reason for model in study.result.models)
    schema = json.loads((shipped_folder() / "Models" / "model.schema.json").read_text(encoding="utf-8"))
    found = stored(study)
    assert len(found) == files
    for outcome, model, scaling in found:
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
        assert_distributions(model, validated, split, predict_table(model, split, scaling).score)
        told = {column for endpoint in recipe.endpoints for column in endpoint.columns}
        covariates = {item.name for item in model.covariates}
        scored = score_features(model, split.drop(columns=told - covariates), scaling)
        for item in outcome.cohorts:
            part = scored[scored["case"].isin(item.cases)]
            shown = [name for name in scored if name.startswith("survival_") or name == "probability"]
            np.testing.assert_allclose(part[shown], item.predicted.reshape(len(part), -1), rtol=0, atol=1e-9)
            assert (part["withheld"] == "").all()
            if outcome.cutoff is not None:
                assert part["group"].tolist() == [outcome.cutoff.labels[int(side)] for side in item.above]
        if model.features_from == "table":
            with pytest.raises(ModelMismatch, match="scores no image"):
                model.image_protocol()


def test_two_signatures_scaled_on_different_rows_make_one_model_of_raw_features() -> None:
    """One scaling cannot hold both moments of a shared feature; the stored score must still be that of the study."""
    values = shipped_values("s2_escc_ln_response")
    for made in values["signatures"]:
        made.update(scaling="z-score", features={"names": protocol_features(small("s2_escc_ln_response"), SMALL)},
                    penalised={"folds": 5, "rule": "min"})
    values["models"] = [{"id": "both", "title": "Both", "endpoint": "recurrence",
                         "signatures": [made["id"] for made in values["signatures"]]}]
    recipe = parse_recipe(values, "x")
    table = s2_table(recipe)
    table.loc[5:30, "control_2y"] = np.nan
    study = run_study(recipe, table)
    first, second = ({term.feature: term for term in made.terms} for made in study.result.signatures)
    shared = set(first) & set(second)
    assert shared and all(first[name].mean != second[name].mean for name in shared)
    ((outcome, model, scaling),) = stored(study)
    assert scaling is None and not model.needs_scaling
    found = validate_model(model, table, None, recipe.endpoint("recurrence")).performance[0]
    np.testing.assert_allclose(found.linear_predictor, outcome.cohorts[0].linear_predictor, rtol=0, atol=1e-9)


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


# Nothing selected, controls, readings


def test_a_null_selection_is_an_outcome_and_the_recipe_decides() -> None:
    table = s1_table(0, signal=0.0)

    def with_rule(**rule: str) -> Study:
        values = copy.deepcopy(shipped_values("s1_escc_lpfs_radscore"))
        values["validation"]["bootstrap"] = 0
        values["split"] = {"kind": "column"}
        values["signatures"][0]["features"] = {"names": FEATURES}
        values["signatures"][0]["penalised"].update(rule="1se", **rule)
        return run_study(parse_recipe(values, "x"), table)

    stopped = with_rule(if_nothing_selected="stop")
    assert "No feature is selected at lambda.1se" in stopped.result.signatures[0].reason
    radscore, _, nomogram = stopped.result.models
    assert "does not exist" in radscore.reason
    assert nomogram.reason and not any(item.model for item in stopped.stored)
    assert any("No feature is selected" in text for text in stopped.result.findings)
    fallen_back = with_rule(if_nothing_selected="min").result.signatures[0].penalised
    assert (fallen_back.rule, fallen_back.used_rule) == ("1se", "min")
    assert "falls back on lambda.min" in fallen_back.text


def test_nested_resampling_and_permutations(s1: Study) -> None:
    values = shipped_values("s1_escc_lpfs_radscore")
    values.update(split={"kind": "column"}, models=values["models"][:1], validation={"nested_folds": 3})
    values["signatures"][0]["features"] = {"names": FEATURES}
    found = run_study(parse_recipe(values, "x"), s1_table(), options=Options(nested=True, permutations=4)).result
    nested, control = found.nested[0], found.permutations[0]
    assert nested.failed == 0
    assert len(nested.values) == 3
    assert 0.6 < nested.mean < s1.result.models[0].cohorts[0].survival.concordance.c
    assert control.observed == pytest.approx(s1.result.models[0].cohorts[1].survival.concordance.c, abs=1e-12)
    assert len(control.values) + control.empty == 4
    if len(control.values):
        assert control.observed > control.values.max()


def only_signature(name: str, identifier: str, features: list[str], **changes: Any) -> Recipe:
    """Return a shipped recipe with one signature of these features and the models of it alone."""
    values = shipped_values(name)
    values["signatures"] = [{**made, **changes, "features": {"names": features}} for made in values["signatures"]
                            if made["id"] == identifier]
    values["models"] = [model for model in values["models"] if model.get("signatures") == [identifier]
                        and "covariates" not in model][:1]
    values["endpoints"] = [made for made in values["endpoints"] if made["id"] == values["signatures"][0]["endpoint"]]
    values["validation"] = {}
    return parse_recipe({**values, "split": {"kind": "column"}}, name)


@pytest.mark.parametrize(("name", "identifier", "changes"), [
    ("s1_escc_lpfs_radscore", "radscore", {}),
    ("s0_escc_lnm_cnn", "lnm_forest", {"forest": {"trees": 60, "select": 5}})])
def test_with_shuffled_outcomes_the_pipeline_does_no_better_than_chance(name: str, identifier: str,
                                                                       changes: dict[str, Any]) -> None:
    features = FEATURES[:15]
    recipe = only_signature(name, identifier, features, **changes)
    table = cohort_table(recipe, 160, 8, features, cohorts=(("training", 100), ("validation", 60)))
    control = run_study(recipe, table, options=Options(permutations=24)).result.permutations[0]
    assert len(control.values) >= 5 and len(control.values) + control.empty == 24
    assert control.lower <= 0.5 <= control.upper
    # The mean's own error, were the values independent; they share the validation rows.
    assert abs(control.mean - 0.5) < 4 * control.values.std(ddof=1) / np.sqrt(len(control.values))
    assert control.observed > control.upper


def test_unreproducible_features_are_left_out() -> None:
    table, noisy = s1_table(), FEATURES[::3]
    study = run_study(S1, table, readings_table(table, FEATURES, 30, 1, noisy))
    found = study.result.reproducibility
    assert set(found.kept) == set(FEATURES) - set(noisy)
    assert [item.comparison for item in found.agreements] == ["intra-reader", "inter-reader"]
    made = study.result.signatures[0]
    assert {term.feature for term in made.terms} <= set(found.kept)
    assert [(step.name, step.after) for step in made.steps[:2]] == [("features", 60), ("reproducibility", 40)]


def test_without_readings_the_missing_filter_is_said(s1: Study) -> None:
    assert any("reproducibility filter" in text and "not applied" in text for text in s1.result.findings)
