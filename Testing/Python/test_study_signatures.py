"""Studies whose models hold several signatures, or one by its group: what is fitted is what the file says."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from study_cases import cohort_table, protocol_features, shipped_values

from RadiomicsPrognosisLib.cohort.scoring import predict_table, score_features
from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.estimates.cox import TIGHT
from RadiomicsPrognosisLib.models.model_nomogram import model_nomogram
from RadiomicsPrognosisLib.models.store import parse_model
from RadiomicsPrognosisLib.study.endpoints.binary import BinaryEndpoint
from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe
from RadiomicsPrognosisLib.study.run import run_study

#: Features of each signature's reduced selection.
FEATURES = 20

CUTOFF = {"rule": "maxstat", "labels": {"below": "low risk", "above": "high risk"}}


def by_group_values() -> dict[str, Any]:
    """Return S1's recipe reduced to the Rad-score's model and one that it enters by its group, beside the stage."""
    values = copy.deepcopy(shipped_values("s1_escc_lpfs_radscore"))
    values.update(split={"kind": "column"}, validation={"bootstrap": 0})
    recipe = parse_recipe(shipped_values("s1_escc_lpfs_radscore"), "x")
    values["signatures"][0]["features"] = {"names": protocol_features(recipe, FEATURES)}
    values["models"] = [
        {"id": "radscore", "title": "Rad-score", "endpoint": "lpfs", "signatures": ["radscore"], "cutoff": CUTOFF},
        {"id": "grouped", "title": "By group", "endpoint": "lpfs", "signatures": ["radscore"],
         "covariates": ["n_stage"], "enter": "group", "group_of": "radscore",
         "cutoff": {"rule": "model", "model": "radscore", "labels": CUTOFF["labels"]}}]
    return values


@pytest.fixture(scope="module")
def by_group() -> tuple[Recipe, pd.DataFrame, Study]:
    recipe = parse_recipe(by_group_values(), "x")
    table = cohort_table(recipe, 150, 1, recipe.signatures[0].features.names,
                         cohorts=(("training", 110), ("validation", 40)))
    return recipe, table, run_study(recipe, table)


def test_a_group_is_fitted_as_lifelines_fits_it(by_group: tuple[Recipe, pd.DataFrame, Study]) -> None:
    """The hazard ratio of the group is that of a Cox regression on a 0/1 column made by the first model's cut-off."""
    recipe, table, study = by_group
    first, grouped = study.result.models
    column = (study.scores["score radscore"] > first.cutoff.value).astype(float)
    stages = {level.label: level.value for level in recipe.covariate("n_stage").levels}
    data = pd.DataFrame({"time": table["time"], "event": table["event"], "n_stage": table["n_stage"].map(stages),
                         "group": column})[table["cohort"] == "training"]
    theirs = CoxPHFitter().fit(data, "time", "event", fit_options=TIGHT)
    ours = dict(zip(grouped.fit.terms, grouped.fit.coefficients.tolist(), strict=True))
    assert ours["radscore"] == pytest.approx(theirs.params_["group"], abs=1e-9)
    assert ours["n_stage"] == pytest.approx(theirs.params_["n_stage"], abs=1e-9)
    effect = next(item for item in grouped.effects if item.term == "radscore")
    assert "high risk v. low risk" in effect.title


def test_the_file_enters_the_group_as_the_study_did(by_group: tuple[Recipe, pd.DataFrame, Study]) -> None:
    _, table, study = by_group
    result, stored = study.result.models[1], study.stored[1]
    model = parse_model(stored.model.to_dict(), "x")
    assert (model.signature.enter, model.signature.cutoff) == ("group", model.cutoff)
    assert model.signature.cutoff == study.stored[0].model.cutoff
    assert model.survival.coefficients["score"] == pytest.approx(result.fit.coefficients[-1], abs=1e-12)
    assert model.uncertainty.covariance.names == ("n_stage", "score")
    np.testing.assert_allclose(model.uncertainty.covariance.matrix, result.fit.covariance, rtol=1e-9)
    assert model_nomogram(model).tick_labels["score"] == ("low risk", "high risk")
    scored = score_features(model, table, stored.scaling)
    for item in result.cohorts:
        rows = scored[scored["case"].isin(item.cases)]
        np.testing.assert_allclose(rows[["survival_12m", "survival_24m", "survival_36m"]], item.predicted, atol=1e-9)
        # It enters on the side on which its own model's file puts the row.
        assert rows["entered_group"].tolist() == rows["group"].tolist()
        assert rows["group"].tolist() == np.where(item.above, "high risk", "low risk").tolist()


def test_a_group_whose_cutoff_does_not_exist_is_said(by_group: tuple[Recipe, pd.DataFrame, Study]) -> None:
    values = by_group_values()
    values["models"][0]["selection"] = {"univariable_below": 1e-300}
    first, grouped = run_study(parse_recipe(values, "x"), by_group[1]).result.models
    assert first.cutoff is None and first.reason
    assert grouped.reason == f"Its groups are those of model 'radscore', which has no cut-off: {first.reason}"


@pytest.mark.parametrize(("changes", "message"), [
    ({"group_of": "-"}, r"'models\[2\]\.group_of' is missing"),
    ({"group_of": "grouped"}, "names 'grouped'; allowed: radscore"),
    ({"enter": "score"}, "group_of"),
    ({"signatures": []}, "which needs exactly one signature"),
    ({"fit": "none"}, "needs one signature of the same binary endpoint"),
])
def test_a_recipe_names_whose_cutoff_makes_the_groups(changes: dict[str, Any], message: str) -> None:
    values = by_group_values()
    model = {**values["models"][1], **changes}
    values["models"][1] = {key: value for key, value in model.items() if value != "-"}
    with pytest.raises(SchemaError, match=message):
        parse_recipe(values, "x")


@pytest.fixture(scope="module")
def two_phases() -> tuple[dict[str, Any], pd.DataFrame, Study]:
    """S4's recipe reduced to the model of both signatures, rows on which both act, and the study of them."""
    values = copy.deepcopy(shipped_values("s4_gnen_dl_survival"))
    values["validation"] = {"bootstrap": 0}
    values["models"] = [item for item in values["models"] if item["id"] == "dl"]
    recipe = parse_recipe(values, "x")
    names = [f"{phase}:dl_{i:04d}" for phase in ("arterial", "venous") for i in range(FEATURES)]
    table = cohort_table(recipe, 120, 4, names, cohorts=(("training", 90), ("external", 30)))
    return values, table, run_study(recipe, table)


def test_two_phases_become_two_signatures(two_phases: tuple[dict[str, Any], pd.DataFrame, Study]) -> None:
    """Each keeps its own weights, has the regression's coefficient, an axis, and its distribution by cohort."""
    _, table, study = two_phases
    (stored,) = study.stored
    model = parse_model(stored.model.to_dict(), "x")
    fit = stored.result.fit
    assert model.signature is None and [item.id for item in model.signatures] == ["arterial", "venous"]
    assert model.survival.coefficients == pytest.approx(dict(zip(fit.terms, fit.coefficients.tolist(), strict=True)))
    assert model.uncertainty.covariance.names == fit.terms
    rows = predict_table(model, table, stored.scaling)
    for number, item in enumerate(model.signatures):
        np.testing.assert_allclose(rows.scores[:, number], study.scores[f"score {item.id}"], atol=1e-9)
        known = [one for one in model.reference.signatures if one.signature == item.id]
        assert [one.cohort for one in known] == ["training", "external"]
        training = rows.scores[(table["cohort"] == "training").to_numpy(), number]
        assert (known[0].mean, known[0].sd) == pytest.approx((training.mean(), training.std(ddof=1)), abs=1e-9)
    drawn = model_nomogram(model)
    assert drawn.titles == {"arterial": "Arterial deep signature", "venous": "Venous deep signature"}
    np.testing.assert_allclose(rows.linear_predictor, rows.scores @ fit.coefficients, atol=1e-9)


def test_when_one_signature_leaves_the_other_stays_with_its_own_score(
        two_phases: tuple[dict[str, Any], pd.DataFrame, Study]) -> None:
    """The weaker of two is dropped by a p between theirs; a model with one score names it 'score'."""
    values, table, study = copy.deepcopy(two_phases[0]), *two_phases[1:]
    effects = sorted(study.result.models[0].multivariable, key=lambda item: item.p)
    assert effects[0].p < effects[1].p / 10
    values["models"][0].update(selection={"multivariable_below": (effects[0].p * effects[1].p) ** 0.5})
    del values["models"][0]["cutoff"]
    (stored,) = run_study(parse_recipe(values, "x"), table).stored
    assert stored.result.fit.terms == (effects[0].term,)
    rows = predict_table(stored.model, table, stored.scaling)
    assert set(stored.model.survival.coefficients) == {"score"}
    np.testing.assert_allclose(rows.score, study.scores[f"score {effects[0].term}"], atol=1e-9)
    np.testing.assert_allclose(rows.linear_predictor[:90], stored.result.cohorts[0].linear_predictor, atol=1e-9)


@pytest.mark.parametrize(("on", "favourable"), [("score", False), ("linear predictor", True)])
def test_which_side_is_worse_tells_whether_the_outcome_is_a_good_one(on: str, favourable: bool) -> None:
    """Of a score that lowers the log-odds, the outcome is likelier below a cut-off on the score, but above one on the
    linear predictor, whatever the score's coefficient: worse below, it is a bad one there and a good one here."""
    model = parse_model({
        "schema": "radiomics-prognosis/model/1", "id": "m", "version": "1", "title": "m", "population": "none",
        "source": {"citation": "none"}, "intended_use": "Tests only.", "features_from": "table",
        "endpoint": {"name": "Response", "abbreviation": "r", "kind": "binary", "event": "response"},
        "provenance": {"signature": "published", "probability": "published", "cutoff": "published"},
        "inputs": [{"name": "image", "title": "CT"}],
        "signature": {"name": "s", "standardised": False, "terms": [{"feature": "a", "coefficient": 1.0}]},
        "cutoff": {"value": 0.0, "inclusive": False, "on": on, "labels": {"below": "b", "above": "a"},
                   "worse": "below"},
        "probability": {"outcome": "response", "coefficients": {"score": -1.0}}}, "m")
    assert BinaryEndpoint.of_model(model, "", "", "outcome").favourable is favourable


def test_signatures_of_the_same_rows_share_a_scaling(by_group: tuple[Recipe, pd.DataFrame, Study]) -> None:
    """Two z-scored signatures with features in common, learned from the same rows, need one scaling beside the file."""
    values, names = by_group_values(), by_group[0].signatures[0].features.names
    first = {**values["signatures"][0], "penalised": {"measure": "deviance", "folds": 5, "rule": "min"}}
    values["signatures"] = [{**first, "id": name, "title": name, "features": {"names": list(some)}}
                            for name, some in (("one", names[:14]), ("other", names[6:]))]
    values["models"] = [{"id": "both", "title": "Both", "endpoint": "lpfs", "signatures": ["one", "other"]}]
    table = by_group[1]
    study = run_study(parse_recipe(values, "x"), table)
    (stored,) = study.stored
    model = parse_model(stored.model.to_dict(), "x")
    assert model.needs_scaling and stored.scaling is not None
    assert len(set(model.term_keys)) < len(model.term_keys), "no feature is in both: nothing is tested"
    assert set(stored.scaling.means) == set(model.term_keys)
    assert len(model.reference.features.features) == len(set(model.term_keys))
    rows = predict_table(model, table, stored.scaling)
    for number, item in enumerate(model.signatures):
        np.testing.assert_allclose(rows.scores[:, number], study.scores[f"score {item.id}"], atol=1e-9)
    training = stored.result.cohorts[0]
    np.testing.assert_allclose(rows.linear_predictor[:110], training.linear_predictor, atol=1e-9)
    scored = score_features(model, table, stored.scaling)
    assert (scored["survival_12m_lower"] < scored["survival_12m"]).mean() > 0.9
