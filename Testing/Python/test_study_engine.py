"""Recipes run on simulated cohorts: what they learn, and from whom."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import study_cases as cases
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index

from RadiomicsPrognosisLib.estimates.remembered import forget_fits
from RadiomicsPrognosisLib.statistics.multiplicity import adjusted
from RadiomicsPrognosisLib.statistics.redundancy import drop_redundant
from RadiomicsPrognosisLib.statistics.univariate import univariate_cox
from RadiomicsPrognosisLib.study.endpoints import SurvivalObservations
from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe, UnivariateFilter
from RadiomicsPrognosisLib.study.run import Options, run_study
from RadiomicsPrognosisLib.study.steps.candidates import Candidates, univariate_filter

#: S1's reduced recipe with its Rad-score's model alone, for what is asked of the signature.
RADSCORE_MODELS = cases.shipped_values("s1_escc_lpfs_radscore")["models"][:1]
RADSCORE = cases.small(split={"kind": "column"}, models=RADSCORE_MODELS, validation={})


@pytest.fixture
def s1() -> Study:
    return cases.s1_study()


# What is found


def test_a_known_signal_is_found_and_validated(s1: Study) -> None:
    signature, (radscore, _, nomogram) = s1.result.signatures[0], s1.result.models
    assert 3 <= len(signature.terms) < cases.SMALL
    for model in (radscore, nomogram):
        assert [item.cohort for item in model.cohorts] == ["training", "validation"]
        assert model.cohorts[1].survival.concordance.lower > 0.6
        assert model.cohorts[1].survival.hazard_ratio.lower > 1.0
    assert radscore.cutoff.worse == "above"
    assert radscore.cutoff.p < 0.001
    assert nomogram.cutoff.value == radscore.cutoff.value


def test_without_signal_nothing_better_than_chance_comes_out() -> None:
    for seed in range(4):
        model = run_study(RADSCORE, cases.s1_table(seed, signal=0.0)).result.models[0]
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
    table, training = cases.s1_table(), nomogram.cohorts[0]
    frame = pd.DataFrame({"time": training.time, "event": training.event,
                          "radscore": s1.scores["score radscore"][:150]})
    levels = {item.name: dict(item.levels) for item in cases.S1.covariates}
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
    table, horizons = cases.s1_table(), cases.S1.endpoints[0].horizons
    levels = {item.name: dict(item.levels) for item in cases.S1.covariates}
    for model in s1.result.models[1:]:
        for cohort, rows in zip(model.cohorts, (slice(0, 150), slice(150, 220)), strict=True):
            columns = [s1.scores["score radscore"][rows] if name == "radscore" else table[name][rows].map(levels[name])
                       for name in model.fit.terms]
            expected = model.fit.survival(np.column_stack(columns), horizons)
            np.testing.assert_allclose(cohort.predicted, expected, rtol=0, atol=1e-12)


def test_scores_follow_from_terms_and_training_moments(s1: Study) -> None:
    table, signature = cases.s1_table(), s1.result.signatures[0]
    training, score = table[table["cohort"] == "training"], np.zeros(len(table))
    for term in signature.terms:
        assert term.mean == pytest.approx(training[term.feature].mean(), rel=1e-12)
        assert term.sd == pytest.approx(training[term.feature].std(), rel=1e-12)
        score += term.coefficient * (table[term.feature] - term.mean) / term.sd
    np.testing.assert_allclose(s1.scores["score radscore"], score, rtol=0, atol=1e-12)


def test_of_redundant_features_the_one_with_the_lowest_p_stays_when_adjusted_ones_are_tied() -> None:
    """Benjamini and Hochberg's p values are tied in runs: order them, and the order of columns would decide."""
    generator = np.random.default_rng(2)
    x = cases.correlated(generator, 150, 60, 5)
    time = generator.exponential(20 * np.exp(-x[:, :6] @ np.full(6, 0.25)))
    censored = generator.uniform(6, 90, 150)
    endpoint = SurvivalObservations(np.ones(150, bool), np.minimum(time, censored), (time <= censored) * 1.0)
    names = tuple(f"f{i:02d}" for i in range(60))
    filtered = univariate_filter(Candidates(x=x, names=names), UnivariateFilter(0.1, "benjamini-hochberg"), endpoint)
    p = {row.name: row.p for row in univariate_cox(endpoint.time, endpoint.event, x, names)}
    assert list(filtered.p) == [p[name] for name in filtered.names]
    assert len(set(adjusted(list(p.values())))) < len(p)
    for dropped, kept, _ in drop_redundant(filtered.x, 0.7, filtered.names, filtered.p).dropped:
        assert p[kept] <= p[dropped]


# Who is learned from


def learned(study: Study) -> dict[str, Any]:
    """Return everything a study learns, without what it measures in cohorts."""
    values = study.result.to_dict()
    for model in values["models"]:
        for key in ("cohorts", "whole", "unavailable"):
            del model[key]
    return {"signatures": values["signatures"], "models": values["models"],
            "files": [{key: value for key, value in item.model.to_dict().items()
                       if key not in ("performance", "reference")} for item in study.stored if item.model],
            "scalings": [item.scaling.to_dict() for item in study.stored if item.scaling]}


def test_validation_rows_change_nothing_learned(s1: Study) -> None:
    table = cases.s1_table()
    unseen = table["cohort"] == "validation"
    generator = np.random.default_rng(5)
    table.loc[unseen, cases.FEATURES] = generator.normal(50.0, 9.0, (70, cases.SMALL))
    table.loc[unseen, "time"] = generator.uniform(1, 90, 70)
    table.loc[unseen, "event"] = generator.integers(0, 2, 70)
    for name in ("t_stage", "n_stage", "complete_response"):
        table.loc[unseen, name] = generator.permutation(table.loc[unseen, name])
    other = run_study(cases.S1, table)
    assert learned(other) == learned(s1)
    measured = [item.result.models[0].cohorts[1].survival.concordance for item in (other, s1)]
    assert measured[0] != measured[1]


def test_other_columns_and_rows_change_not_a_bit_of_what_is_learned(s1: Study) -> None:
    table = cases.s1_table()
    unseen = table[table["cohort"] == "validation"]
    more = pd.concat([table, unseen.assign(case=[f"more{i}" for i in range(len(unseen))])], ignore_index=True)
    more.insert(3, "unused", 1.5)
    for other in (table[table.columns[::-1]].assign(unused=2.0), more):
        again = run_study(cases.S1, other)
        assert [item.model.id for item in again.stored if item.model] == [
            item.model.id for item in s1.stored if item.model]
        assert learned(again)["signatures"] == learned(s1)["signatures"]


def test_the_same_seed_gives_the_same_study(s1: Study) -> None:
    forget_fits()
    assert json.dumps(run_study(cases.S1, cases.s1_table()).result.to_dict()) == json.dumps(s1.result.to_dict())


def test_another_seed_splits_otherwise() -> None:
    recipe = cases.small(models=RADSCORE_MODELS, validation={})
    table = cases.s1_table().drop(columns="cohort")
    one, other = (run_study(recipe, table, options=Options(seed=seed)).scores["cohort"] for seed in (1, 2))
    assert (one == "training").sum() == (other == "training").sum() == round(220 * 0.7014)
    assert (one != other).any()


# Nothing selected, controls, readings


def test_a_null_selection_is_an_outcome_and_the_recipe_decides() -> None:
    table = cases.s1_table(0, signal=0.0)

    def with_rule(**rule: str) -> Study:
        values = copy.deepcopy(cases.shipped_values("s1_escc_lpfs_radscore"))
        values["validation"]["bootstrap"] = 0
        values["split"] = {"kind": "column"}
        values["signatures"][0]["features"] = {"names": cases.FEATURES}
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
    values = cases.shipped_values("s1_escc_lpfs_radscore")
    values.update(split={"kind": "column"}, models=values["models"][:1], validation={"nested_folds": 3})
    values["signatures"][0]["features"] = {"names": cases.FEATURES}
    study = run_study(parse_recipe(values, "x"), cases.s1_table(), options=Options(nested=True, permutations=4)).result
    nested, control = study.nested[0], study.permutations[0]
    assert nested.failed == 0
    assert len(nested.values) == 3
    assert 0.6 < nested.mean < s1.result.models[0].cohorts[0].survival.concordance.c
    assert control.observed == pytest.approx(s1.result.models[0].cohorts[1].survival.concordance.c, abs=1e-12)
    assert len(control.values) + control.empty == 4
    if len(control.values):
        assert control.observed > control.values.max()


def only_signature(name: str, identifier: str, features: list[str], **changes: Any) -> Recipe:
    """Return a shipped recipe with one signature of these features and the models of it alone."""
    values = cases.shipped_values(name)
    values["signatures"] = [{**item, **changes, "features": {"names": features}} for item in values["signatures"]
                            if item["id"] == identifier]
    values["models"] = [model for model in values["models"] if model.get("signatures") == [identifier]
                        and "covariates" not in model][:1]
    values["endpoints"] = [item for item in values["endpoints"] if item["id"] == values["signatures"][0]["endpoint"]]
    values["validation"] = {}
    return parse_recipe({**values, "split": {"kind": "column"}}, name)


@pytest.mark.parametrize(("name", "identifier", "changes"), [
    ("s1_escc_lpfs_radscore", "radscore", {}),
    ("s0_escc_lnm_cnn", "lnm_forest", {"forest": {"trees": 60, "select": 5}})])
def test_with_shuffled_outcomes_the_pipeline_does_no_better_than_chance(name: str, identifier: str,
                                                                       changes: dict[str, Any]) -> None:
    features = cases.FEATURES[:15]
    recipe = only_signature(name, identifier, features, **changes)
    table = cases.cohort_table(recipe, 160, 8, features, cohorts=(("training", 100), ("validation", 60)))
    control = run_study(recipe, table, options=Options(permutations=24)).result.permutations[0]
    assert len(control.values) >= 5 and len(control.values) + control.empty == 24
    assert control.lower <= 0.5 <= control.upper
    # The mean's own error, were the values independent; they share the validation rows.
    assert abs(control.mean - 0.5) < 4 * control.values.std(ddof=1) / np.sqrt(len(control.values))
    assert control.observed > control.upper


def test_unreproducible_features_are_left_out() -> None:
    table, noisy = cases.s1_table(), cases.FEATURES[::3]
    study = run_study(RADSCORE, table, cases.readings_table(table, cases.FEATURES, 30, 1, noisy))
    filtered = study.result.reproducibility
    assert set(filtered.kept) == set(cases.FEATURES) - set(noisy)
    assert [item.comparison for item in filtered.agreements] == ["intra-reader", "inter-reader"]
    signature = study.result.signatures[0]
    assert {term.feature for term in signature.terms} <= set(filtered.kept)
    assert [(step.name, step.after) for step in signature.steps[:2]] == [("features", 60), ("reproducibility", 40)]


def test_without_readings_the_missing_filter_is_said(s1: Study) -> None:
    assert any("reproducibility filter" in text and "not applied" in text for text in s1.result.findings)
