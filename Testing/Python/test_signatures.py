"""Models of two signatures, and of one that counts by its group: against closed forms, from the file to the answer."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from RadiomicsPrognosisLib.answer import answer_lines, answer_of
from RadiomicsPrognosisLib.cohort.scoring import score_features
from RadiomicsPrognosisLib.dicom.measurements import _evaluations, _predicted
from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.export import write_features
from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.card import model_card
from RadiomicsPrognosisLib.models.groups import group_curves
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.model_nomogram import model_nomogram
from RadiomicsPrognosisLib.models.predict import predict_rows
from RadiomicsPrognosisLib.models.scaling import Scaling, parse_scaling
from RadiomicsPrognosisLib.models.store import parse_model
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.prediction.case_points import case_path
from RadiomicsPrognosisLib.prediction.intervals import row_intervals
from RadiomicsPrognosisLib.prediction.predict import predict

MEAN, ENTROPY = "original_firstorder_Mean", "original_firstorder_Entropy"

#: z of the 97.5 % quantile.
Z = 1.959963984540054

HEADER: dict[str, Any] = {
    "schema": "radiomics-prognosis/model/1", "version": "1", "title": "Two phases", "population": "none",
    "source": {"citation": "none"}, "intended_use": "Tests only.", "protocol": "ct-original-raw"}
AGE = {"name": "age", "title": "Age", "kind": "continuous", "unit": "years", "range": [20, 90]}
SURVIVAL = {"name": "Overall survival", "abbreviation": "OS", "kind": "time-to-event", "event": "death"}
RESPONSE = {"name": "Response", "abbreviation": "response", "kind": "binary", "event": "response"}


def signature(name: str, terms: list[tuple[str, float]], **more: Any) -> dict[str, Any]:
    """Return a signature of raw features of the input of its name, called 'NAME score'."""
    return {"name": f"{name} score", "intercept": 0.0, "standardised": False, **more,
            "terms": [{"feature": feature, "coefficient": coefficient, **({"input": name} if name != "image" else {})}
                      for feature, coefficient in terms]}


TWO: dict[str, Any] = {
    **HEADER, "id": "two", "endpoint": SURVIVAL, "covariates": [AGE],
    "inputs": [{"name": "arterial", "title": "Arterial phase"}, {"name": "venous", "title": "Venous phase"}],
    "provenance": {"signature": "published", "survival": "published", "cutoff": "published"},
    "signatures": [{"id": "arterial", **signature("arterial", [(MEAN, 0.02), (ENTROPY, 0.5)], intercept=-1.0)},
                   {"id": "venous", **signature("venous", [(MEAN, 0.01)], intercept=0.25)}],
    "cutoff": {"value": -0.3, "inclusive": True, "on": "score", "labels": {"below": "low", "above": "high"},
               "worse": "above"},
    "survival": {"coefficients": {"arterial": 1.2, "age": 0.03, "venous": -0.7}, "horizons_months": [36, 60],
                 "baseline_cumulative_hazard": {"times_months": [36, 60], "values": [0.05, 0.09],
                                                "interpolation": "linear"}},
    "reference": {"scores": [{"cohort": "training", "cases": 76, "mean": 0.9, "sd": 0.8}], "signatures": [
        {"signature": name, "cohort": "training", "cases": 76, "mean": mean, "sd": sd}
        for name, mean, sd in (("arterial", 1.5, 0.6), ("venous", 0.8, 0.3))]}}

GROUP = {"value": 0.961, "inclusive": False, "on": "score", "labels": {"below": "low score", "above": "high score"},
         "worse": "below"}
BY_GROUP: dict[str, Any] = {
    **HEADER, "id": "by_group", "endpoint": RESPONSE, "covariates": [AGE], "inputs": [{"name": "image", "title": "CT"}],
    "provenance": {"signature": "published", "probability": "published"},
    "signature": signature("image", [(MEAN, 0.02)], enter="group", cutoff=GROUP),
    "probability": {"outcome": "response", "intercept": -2.0, "coefficients": {"score": 1.3, "age": 0.02}},
    "uncertainty": {"covariance": {"cases": 90, "events": 40, "names": ["intercept", "score", "age"],
                                   "rows": [0.5, -0.1, 0.2, -0.007, 0.001, 0.00015]}}}


def features(model: Model, **values: float) -> FeatureSet:
    """Return features of one input by short name, as extraction would."""
    protocol = model.image_protocol()
    return FeatureSet(values={f"original_firstorder_{name}": value for name, value in values.items()}, undefined=(),
                      protocol_id=protocol.id, protocol_hash=protocol.hash, engine_name="native", engine_version="1")


@pytest.fixture(scope="module")
def two() -> tuple[Model, Prediction]:
    """The model of two signatures, and what it says of a case."""
    model = parse_model(copy.deepcopy(TWO), "two")
    values = {"arterial": features(model, Mean=60.0, Entropy=3.0), "venous": features(model, Mean=80.0)}
    return model, predict(model, values, {}, None, {"age": 60.0})


@pytest.fixture(scope="module")
def grouped() -> Model:
    return parse_model(copy.deepcopy(BY_GROUP), "by_group")


def test_each_signature_has_its_score_and_both_the_joint_one(two: tuple[Model, Prediction]) -> None:
    _, prediction = two
    arterial, venous = 0.02 * 60 + 0.5 * 3 - 1.0, 0.01 * 80 + 0.25
    assert [(item.id, item.group) for item in prediction.scores] == [("arterial", ""), ("venous", "")]
    assert [item.score for item in prediction.scores] == pytest.approx([arterial, venous], abs=1e-14)
    joint = 1.2 * arterial - 0.7 * venous
    assert prediction.score == pytest.approx(joint, abs=1e-14)
    assert prediction.linear_predictor == pytest.approx(joint + 0.03 * 60, abs=1e-14)
    expected = [math.exp(-hazard * math.exp(joint + 1.8)) for hazard in (0.05, 0.09)]
    assert prediction.survival.at_horizons == pytest.approx(expected, abs=1e-14)
    assert (prediction.group.label, prediction.distance) == ("high", pytest.approx(joint + 0.3))
    # What is listed adds up: coefficient x value is the contribution, and all of them the joint score.
    for item in prediction.contributions:
        assert item.contribution == pytest.approx(item.coefficient * item.value, rel=1e-14)
    assert [item.signature for item in prediction.contributions] == ["arterial", "arterial", "venous"]
    total = sum(item.contribution for item in prediction.contributions) + prediction.intercept
    assert total == pytest.approx(prediction.score, abs=1e-14)


def test_a_prediction_comes_back_from_its_file(two: tuple[Model, Prediction]) -> None:
    _, prediction = two
    assert Prediction.from_dict(prediction.to_dict()) == prediction
    # A file of before: neither the signatures' scores nor whose term is whose.
    old = prediction.to_dict()
    del old["scores"]
    for item in old["contributions"]:
        del item["signature"]
    assert Prediction.from_dict(old).score == prediction.score


def test_the_nomogram_has_an_axis_for_each(two: tuple[Model, Prediction]) -> None:
    model, prediction = two
    drawn = model_nomogram(model)
    assert drawn.titles == {"arterial": "arterial score", "venous": "venous score", "age": "Age"}
    ends = {axis.name: (min(axis.values), max(axis.values)) for axis in drawn.nomogram.axes}
    # Three SDs on either side of the training patients' mean, in round steps.
    assert ends["arterial"][0] <= 1.5 - 1.8 < 1.5 + 1.8 <= ends["arterial"][1]
    assert ends["venous"][0] <= 0.8 - 0.9 < 0.8 + 0.9 <= ends["venous"][1]
    path = case_path(drawn, model, prediction)
    assert {name: text for name, (text, _) in path.terms.items()} == {"arterial": "1.7", "venous": "1.05",
                                                                   "age": "60 years"}
    assert drawn.nomogram.linear_predictor(path.total) == pytest.approx(prediction.linear_predictor, abs=1e-12)


def test_everything_shown_names_both(two: tuple[Model, Prediction], tmp_path: Any) -> None:
    model, prediction = two
    lines = answer_lines(answer_of(prediction, model))
    assert lines[0] == "▲ Joint score group: high (image alone)"
    assert "Joint score of 2 signatures 1.305" in lines[1]
    assert "arterial score 1.7; venous score 1.05" in lines
    card = [(row.title, row.text) for row in model_card(model)]
    assert ("Joint score", "+1.2 × arterial score -0.7 × venous score") in card
    assert ("Signature", "arterial score (arterial): 2 features, raw, intercept -1") in card
    codes = {code.value: (code.meaning, value) for code, value in _predicted(prediction, model)}
    assert codes["SCORE_1"] == ("arterial score", pytest.approx(1.7))
    assert codes["SCORE_2"] == ("venous score", pytest.approx(1.05))
    table = pd.read_csv(write_features(tmp_path / "features.csv", prediction))
    assert table["signature"].tolist() == ["arterial", "arterial", "venous"]


def test_a_table_gets_a_column_for_each_score(two: tuple[Model, Prediction]) -> None:
    model, prediction = two
    table = pd.DataFrame({"case": ["a", "b"], "age": [60.0, 60.0], f"arterial:{MEAN}": [60.0, 60.0],
                          f"arterial:{ENTROPY}": [3.0, 3.0], f"venous:{MEAN}": [80.0, np.nan]})
    scored = score_features(model, table)
    first, second = scored.to_dict("records")
    assert (first["score"], first["score_arterial"], first["score_venous"]) == (
        prediction.score, *(item.score for item in prediction.scores))
    assert first["survival_36m"] == prediction.survival.at_horizons[0]
    # A signature that misses a feature withholds all that follows from it.
    assert np.isnan(second["score"]) and np.isnan(second["survival_36m"]) and second["withheld"]


def test_a_feature_of_both_signatures_is_scaled_alike_in_every_draw() -> None:
    """Two signatures of the same feature that cancel: whatever the true means and SDs, the probability is the same."""
    values = {**copy.deepcopy(BY_GROUP), "covariates": []}
    del values["signature"]
    values["signatures"] = [{"id": name, **signature("image", [(MEAN, 0.4)], standardised=True), "name": name}
                            for name in ("one", "other")]
    values["probability"] = {"outcome": "response", "intercept": -1.0, "coefficients": {"one": 2.0, "other": -2.0}}
    values["uncertainty"] = {"covariance": {"cases": 90, "events": 40, "names": ["intercept"], "rows": [0.04]}}
    model = parse_model(values, "cancelling")
    rows = predict_rows(model, np.array([[90.0, 90.0]]), {}, scaling_of(model))
    bounds = row_intervals(rows, scaling_of(model), ())[0, 0]
    assert bounds == pytest.approx([1 / (1 + math.exp(1.0 + side * Z * 0.2)) for side in (1, -1)], abs=2e-3)


def scaling_of(model: Model, cases: int = 30) -> Scaling:
    """Return a scaling of the mean alone, 50 +- 20, of so many cases whose single values are not known."""
    protocol = model.image_protocol()
    return parse_scaling({
        "schema": "radiomics-prognosis/scaling/2", "name": "made", "model": model.id, "cases": cases, "disease": "x",
        "origin": "test", "demonstration": False, "protocol": {"id": protocol.id, "hash": protocol.hash},
        "engine": {"name": "native", "version": "1"}, "features": {MEAN: {"mean": 50.0, "sd": 20.0}}}, "made")


@pytest.mark.parametrize(("mean", "entered"), [(70.0, 1.0), (48.06, 1.0), (48.04, 0.0), (20.0, 0.0)])
def test_a_group_enters_as_nothing_or_one(grouped: Model, mean: float, entered: float) -> None:
    """The probability is the logistic function of 0 or 1, and its interval that of the coefficients' covariance."""
    prediction = predict(grouped, {"image": features(grouped, Mean=mean)}, {}, None, {"age": 60.0})
    lp = -2.0 + 1.3 * entered + 0.02 * 60
    assert prediction.score == pytest.approx(0.02 * mean, abs=1e-15)
    assert prediction.scores[0].group == ("high score" if entered else "low score")
    assert prediction.linear_predictor == pytest.approx(lp, abs=1e-14)
    assert prediction.probability == pytest.approx(1 / (1 + math.exp(-lp)), abs=1e-14)
    x, covariance = np.array([1.0, entered, 60.0]), grouped.uncertainty.covariance.matrix
    se = math.sqrt(x @ covariance @ x)
    expected = [1 / (1 + math.exp(-(lp + side * Z * se))) for side in (-1, 1)]
    assert prediction.probability_interval == pytest.approx(expected, abs=0.01)  # some 2 % of half the width


def test_the_nomogram_and_the_answer_name_the_group(grouped: Model) -> None:
    drawn = model_nomogram(grouped)
    assert drawn.tick_labels["score"] == ("low score", "high score")
    prediction = predict(grouped, {"image": features(grouped, Mean=70.0)}, {}, None, {"age": 60.0})
    path = case_path(drawn, grouped, prediction)
    assert path.terms["score"][0] == "high score"
    assert drawn.nomogram.linear_predictor(path.total) == pytest.approx(prediction.linear_predictor, abs=1e-12)
    assert "The predicted probability counts the image score by its group alone: high score." in answer_lines(
        answer_of(prediction, grouped))
    named = parse_model({**copy.deepcopy(BY_GROUP), "signature": {
        **BY_GROUP["signature"], "name": "Rad-score"}}, "by_group")
    renamed = predict(named, {"image": features(named, Mean=60.0)}, {}, None, {"age": 60.0})
    assert "The predicted probability counts the Rad-score by its group alone: high score." in answer_lines(
        answer_of(renamed, named))
    assert any("Enters as its group: image score > 0.961: high score" in row.text for row in model_card(grouped))
    (evaluation,) = _evaluations(prediction, grouped)
    assert (evaluation.name.value, evaluation.value.value) == ("ENTERED_GROUP", "ENTERED_ABOVE")
    scored = score_features(grouped, pd.DataFrame({"case": ["a", "b"], "age": [60.0, 60.0], MEAN: [70.0, 20.0]}))
    assert scored["entered_group"].tolist() == ["high score", "low score"]
    assert scored["probability"].nunique() == 2


def test_near_the_cutoff_a_finite_scaling_leaves_the_group_open() -> None:
    """Of n normal cases the true z-score is z sqrt(chi2 / (n - 1)) + N(0, 1 / n): as many draws as it says change
    sides. With a side's share beyond 2.5 %, the interval runs from one group's probability to the other's."""
    values = copy.deepcopy(BY_GROUP)
    values["signature"] = signature("image", [(MEAN, 1.0)], enter="group", standardised=True,
                                    cutoff={**GROUP, "value": 0.5})
    values["covariates"], values["probability"]["coefficients"] = [], {"score": 1.3}
    values["uncertainty"] = {"covariance": {"cases": 90, "events": 40, "names": ["intercept"], "rows": [1e-12]}}
    model = parse_model(values, "scaled")
    below, above = (1 / (1 + math.exp(2.0 - 1.3 * side)) for side in (0, 1))
    # SE of z near 0.5 is about sqrt(1/30 + 0.5^2 / 58) = 0.194: 0.8 is 1.5 of these away, 1.3 more than 3.
    for z, expected in ((0.8, (below, above)), (0.2, (below, above)), (1.3, (above, above)), (-0.4, (below, below))):
        rows = predict_rows(model, np.array([[50.0 + 20.0 * z]]), {}, scaling_of(model))
        assert row_intervals(rows, scaling_of(model), ())[0, 0] == pytest.approx(expected, abs=1e-4), z


def test_the_typical_curves_of_groups_that_enter_are_the_groups_own() -> None:
    values = {**copy.deepcopy(TWO), "id": "grouped", "covariates": [], "inputs": BY_GROUP["inputs"]}
    del values["signatures"]
    values["signature"] = signature("image", [(MEAN, 0.02)], enter="group", cutoff=GROUP)
    values["cutoff"], values["survival"]["coefficients"] = GROUP, {"score": -0.9}
    values["reference"] = {"scores": [{"cohort": "training", "cases": 90, "mean": 1.1, "sd": 0.4}]}
    curves = group_curves(parse_model(values, "grouped"), [36.0])
    assert curves.below == pytest.approx([math.exp(-0.05)], abs=1e-12)
    assert curves.above == pytest.approx([math.exp(-0.05 * math.exp(-0.9))], abs=1e-12)
    assert curves.share_above == pytest.approx(0.5 * math.erfc((0.961 - 1.1) / 0.4 / math.sqrt(2)), abs=1e-12)
    # By another cut-off than the one that counts, the groups' curves are not determined.
    values["cutoff"] = {**GROUP, "value": 1.2}
    assert group_curves(parse_model(values, "grouped"), [36.0]) is None


@pytest.mark.parametrize(("base", "path", "value", "message"), [
    (TWO, "signatures.1.id", "arterial", "must have distinct names"),
    (TWO, "signatures.1.name", "arterial score", "must have distinct names"),
    (TWO, "signatures.1.id", "age", "must have distinct names"),
    (TWO, "signatures.1.id", "score", "must have distinct names"),
    (TWO, "signatures.1.standardised", True, "must all be standardised, or none"),
    (TWO, "signatures.1.enter", "group", "belongs to enter = 'group', and that needs a cut-off"),
    (TWO, "signatures.1", {**TWO["signatures"][1], "enter": "group", "cutoff": GROUP}, "only for a model's one"),
    (TWO, "signatures.1.terms.0.input", "delayed", "is 'delayed'; allowed: arterial, venous"),
    (TWO, "survival.coefficients", {"arterial": 1.0}, r"coefficients\.venous' is missing: every signature enters"),
    (TWO, "survival.coefficients.score", 1.0, "is neither 'arterial', 'venous' nor a covariate"),
    (TWO, "reference.signatures.0.signature", "delayed", "is 'delayed', which is none of several signatures"),
    (TWO, "signature", TWO["signatures"][0], "exclude each other"),
    (BY_GROUP, "signature.cutoff", "-", "belongs to enter = 'group'"),
    (BY_GROUP, "signature.enter", "features", "allowed: score, group"),
    (BY_GROUP, "signature.cutoff.on", "linear predictor", "must be 'score'"),
])
def test_what_does_not_fit_is_named(base: dict[str, Any], path: str, value: Any, message: str) -> None:
    values = copy.deepcopy(base)
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    target: Any = values
    for key in parents:
        target = target[key]
    if value == "-":
        del target[last]
    else:
        target[last] = value
    with pytest.raises(SchemaError, match=message):
        parse_model(values, "broken.json")
