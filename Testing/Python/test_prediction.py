"""Scores, groups, survival and probabilities, recomputed by hand from the papers' tables on real and simple values."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import papers
import pytest
from conftest import textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CovariateError, ModelMismatch
from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.scaling import Scaling, load_scaling
from RadiomicsPrognosisLib.models.store import load_model, model_protocol
from RadiomicsPrognosisLib.prediction import Prediction, predict, score_vois
from RadiomicsPrognosisLib.presenter.summary import score_scale
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask

S1 = load_model("s1_escc_lpfs_radscore")
RESPONSE = load_model("s2_escc_ln_response")
CONTROL = load_model("s2_escc_ln_control_2y")


def features(model: Model, values: dict[str, float], **changes: Any) -> dict[str, FeatureSet]:
    protocol = model_protocol(model)
    found = FeatureSet(values=values, undefined=(), protocol_id=protocol.id, protocol_hash=protocol.hash,
                       engine_name="pyradiomics", engine_version="3.1.4")
    return {"image": replace(found, **changes)}


def unit_scaling(**changes: Any) -> Scaling:
    """Return a scaling with mean 0 and SD 1, so that z-scores are the values."""
    protocol = model_protocol(S1)
    scaling = Scaling("unit", S1.id, 50, "test", "", False, protocol.id, protocol.hash, "pyradiomics", "3.1.4",
                      dict.fromkeys(papers.S1_BETAS, 0.0), dict.fromkeys(papers.S1_BETAS, 1.0))
    return replace(scaling, **changes)


def with_score(score: float) -> dict[str, FeatureSet]:
    """Return S1 features whose Rad-score under the unit scaling is ``score``."""
    values = dict.fromkeys(papers.S1_BETAS, 0.0)
    values["wavelet-LLH_glcm_DifferenceVariance"] = score / 0.157807433
    return features(S1, values)


def warned(prediction: Prediction) -> list[str]:
    return [item.code for item in prediction.warnings]


# S2 on real CT


@pytest.mark.parametrize(("model", "betas", "intercept", "cutoff"), [
    (RESPONSE, papers.S2_RESPONSE_BETAS, papers.S2_RESPONSE_INTERCEPT, papers.S2_RESPONSE_CUTOFF),
    (CONTROL, papers.S2_CONTROL_BETAS, papers.S2_CONTROL_INTERCEPT, papers.S2_CONTROL_CUTOFF)])
@pytest.mark.parametrize("name", ["lung1", "lung2"])
def test_s2_on_real_ct(lung: Callable[[str], tuple[Path, Path]], name: str, model: Model, betas: dict[str, float],
                       intercept: float, cutoff: float) -> None:
    image, mask = lung(name)
    voi = make_voi(read_image(image), read_mask(mask)[0], model_protocol(model))
    found = score_vois({"image": voi}, model)
    by_hand = intercept + sum(betas[item.feature] * item.value for item in found.contributions)
    assert found.score == pytest.approx(by_hand, rel=1e-13)
    assert found.probability == pytest.approx(1 / (1 + math.exp(-by_hand)), rel=1e-13)
    assert found.group.above == (by_hand > cutoff)
    assert found.distance == pytest.approx(by_hand - cutoff, rel=1e-12)
    assert found.withheld == ()
    json.dumps(found.to_dict(), allow_nan=False)


def test_s2_labels_and_direction() -> None:
    values = dict.fromkeys(papers.S2_CONTROL_BETAS, 0.0)
    low = predict(CONTROL, features(CONTROL, values), {})
    high = predict(CONTROL, features(CONTROL, {**values, "original_glrlm_RunPercentage": 0.9}), {})
    assert (low.group.label, low.group.worse) == ("low score, shorter local control", True)
    assert (high.group.label, high.group.worse) == ("high score, longer local control", False)


# S1


def test_s1_score_is_the_weighted_sum_of_z_scores(lung: Callable[[str], tuple[Path, Path]]) -> None:
    image, mask = lung("lung1")
    voi = make_voi(read_image(image), read_mask(mask)[0], model_protocol(S1))
    scaling = load_scaling("demonstration-sts-ct", S1)
    found = score_vois({"image": voi}, S1, scaling, {"n_stage": "N1", "complete_response": "no"})
    by_hand = sum(papers.S1_BETAS[item.feature] * (item.value - scaling.means[item.feature]) / scaling.sds[item.feature]
                  for item in found.contributions)
    assert found.score == pytest.approx(by_hand, rel=1e-12)
    lp = math.log(4.423) * by_hand + math.log(1.892)
    for survival, hazard in zip(found.survival.at_horizons, (0.4054, 0.8968, 1.1431), strict=True):
        assert survival == pytest.approx(math.exp(-hazard * math.exp(lp)), abs=1e-4)  # H0 printed to four digits
    assert "demonstration-scaling" in warned(found)


@pytest.mark.parametrize(("score", "label"), [(0.1411 + 1e-9, "high risk"), (0.1411 - 1e-9, "low risk")])
def test_s1_cutoff(score: float, label: str) -> None:
    assert predict(S1, with_score(score), {}, unit_scaling()).group.label == label


def test_a_score_equal_to_the_cutoff_is_high_in_s1_and_low_in_s2() -> None:
    assert S1.cutoff.is_above(0.1411)
    assert not RESPONSE.cutoff.is_above(0.961)


def test_without_scaling_there_is_no_score_and_the_reason_says_what_to_do() -> None:
    found = predict(S1, with_score(0.2), {}, None, {"n_stage": 1, "complete_response": 0})
    assert (found.score, found.group, found.survival, found.distance) == (None, None, None, None)
    assert [item.part for item in found.withheld] == ["score", "survival"]
    assert "choose a scaling" in found.withheld[0].reason


def on_linear_predictor(value: float) -> Model:
    """Return S1 with its cut-off on the linear predictor."""
    return replace(S1, cutoff=replace(S1.cutoff, value=value, on="linear predictor"))


def test_a_cutoff_on_the_linear_predictor_counts_covariates() -> None:
    low, high = {"n_stage": "N0", "complete_response": "yes"}, {"n_stage": "N3", "complete_response": "no"}
    model = on_linear_predictor(1.0)
    found = {key: predict(model, with_score(0.2), {}, unit_scaling(), covariates)
             for key, covariates in (("low", low), ("high", high))}
    assert found["low"].score == found["high"].score
    assert (found["low"].group.label, found["high"].group.label) == ("low risk", "high risk")
    for item in found.values():
        assert item.cutoff_on == "linear predictor"
        assert item.distance == pytest.approx(item.linear_predictor - 1.0, abs=1e-15)
    missing = predict(model, with_score(0.2), {}, unit_scaling(), {"n_stage": "N1"})
    assert (missing.group, missing.distance) == (None, None)
    assert [item.part for item in missing.withheld] == ["survival", "group"]
    assert "Give Complete response" in missing.withheld[1].reason
    assert score_scale(missing, model).cutoff is None


def test_a_missing_covariate_withholds_only_the_survival() -> None:
    found = predict(S1, with_score(0.2), {}, unit_scaling(), {"n_stage": "N1"})
    assert found.group.label == "high risk"
    assert found.survival is None
    assert [item.part for item in found.withheld] == ["survival"]
    assert "complete_response" in found.withheld[0].reason
    assert "n_stage" not in found.withheld[0].reason


@settings(max_examples=60, deadline=None)
@given(st.floats(-3, 3), st.integers(0, 3), st.booleans())
def test_survival_curve_falls_from_one_and_meets_the_horizons(score: float, stage: int, response: bool) -> None:
    found = predict(S1, with_score(score), {}, unit_scaling(), {"n_stage": stage, "complete_response": response})
    curve = dict(zip(found.survival.curve_months, found.survival.curve, strict=True))
    values = list(curve.values())
    assert curve[0.0] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(values))
    assert all(0 <= value <= 1 for value in values)
    assert tuple(curve[time] for time in found.survival.horizons_months) == found.survival.at_horizons


@settings(max_examples=30, deadline=None)
@given(st.floats(-2, 2), st.floats(0.01, 1), st.integers(0, 2))
def test_higher_score_or_stage_lowers_survival(score: float, more: float, stage: int) -> None:
    def at(score: float, stage: int) -> np.ndarray:
        found = predict(S1, with_score(score), {}, unit_scaling(), {"n_stage": stage, "complete_response": 0})
        return np.array(found.survival.at_horizons)

    assert (at(score + more, stage) <= at(score, stage)).all()
    assert (at(score, stage + 1) <= at(score, stage)).all()


@pytest.mark.parametrize(("score", "expected"), [(1e4, 0.0), (-1e4, 1.0)])
def test_survival_of_an_absurd_score_is_a_number(score: float, expected: float) -> None:
    """A linear predictor beyond what exp() can hold: survival is 0 or 1, not an overflow."""
    found = predict(S1, with_score(score), {}, unit_scaling(), {"n_stage": 0, "complete_response": 0})
    assert found.survival.at_horizons == (expected,) * 3
    assert found.survival.curve[0] == 1.0


# What does not belong together, and what is unlikely


def test_unknown_or_impossible_covariates() -> None:
    with pytest.raises(CovariateError, match="no covariate 'age'; it knows: n_stage, complete_response"):
        predict(S1, with_score(0), {}, unit_scaling(), {"age": 60})
    with pytest.raises(CovariateError, match=r"allowed: N0 \(0\), N1 \(1\)"):
        predict(S1, with_score(0), {}, unit_scaling(), {"n_stage": "N7"})


@pytest.mark.parametrize(("changes", "message"), [
    ({"model": "other"}, "made for model 'other'"),
    ({"protocol_hash": "0" * 64}, "another protocol"),
    ({"engine": "mirp"}, "engine mirp"),
    ({"means": {}}, "lacks 17 features"),
])
def test_a_scaling_that_does_not_belong(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelMismatch, match=message):
        predict(S1, with_score(0), {}, unit_scaling(**changes))


def test_features_of_another_protocol() -> None:
    with pytest.raises(ModelMismatch, match="made under protocol"):
        predict(RESPONSE, features(RESPONSE, {}, protocol_hash="0" * 64), {})


def test_missing_and_unknown_inputs() -> None:
    with pytest.raises(ModelMismatch, match="lacks image"):
        predict(RESPONSE, {}, {})
    with pytest.raises(ModelMismatch, match="does not know venous"):
        predict(RESPONSE, {**features(RESPONSE, {}), "venous": features(RESPONSE, {})["image"]}, {})


def test_an_undefined_feature_withholds_the_score_by_name() -> None:
    values = {name: 0.0 for name in papers.S2_RESPONSE_BETAS if "Kurtosis" not in name}
    found = predict(RESPONSE, features(RESPONSE, values), {})
    assert found.score is None
    assert "original_firstorder_Kurtosis" in found.withheld[0].reason
    assert found.probability is None


def test_extreme_z_scores_and_engine_versions_are_flagged() -> None:
    values = dict.fromkeys(papers.S1_BETAS, 0.0) | {"wavelet-HLL_glcm_Idn": 4.2, "wavelet-LLL_glcm_Imc2": -3.9}
    found = predict(S1, features(S1, values, engine_version="3.0.1"), {}, unit_scaling())
    assert warned(found) == ["engine-version", "extreme-z"]
    assert "wavelet-HLL_glcm_Idn is +4.2 SD" in found.warnings[1].message


def test_spacing_outside_the_models_range_is_flagged() -> None:
    def spacing_warnings(thickness: float) -> list[str]:
        voi = make_voi(*textured_volume(spacing=(0.9, 0.9, thickness)), model_protocol(S1))
        found = score_vois({"image": voi}, S1, unit_scaling())
        return [item.message for item in found.warnings if item.code == "spacing"]

    assert spacing_warnings(5.0) == []
    (message,) = spacing_warnings(2.5)
    assert "Slice thickness 2.5 mm is outside what model 's1_escc_lpfs_radscore' was made on (5 mm)" in message


def test_a_constant_voi_has_a_reason_instead_of_nan() -> None:
    image, mask = textured_volume()
    voi = make_voi(image * 0 + 40, mask, model_protocol(RESPONSE))
    found = score_vois({"image": voi}, RESPONSE)
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.score is None or math.isfinite(found.score)
    assert (found.score is None) == bool(found.withheld)


def test_provenance_names_everything_that_made_it() -> None:
    found = predict(S1, with_score(0.2), {}, unit_scaling(hash="abc")).to_dict()
    assert found["model"]["hash"] == S1.hash
    assert found["protocol"]["hash"] == model_protocol(S1).hash
    assert (found["scaling"]["name"], found["scaling"]["cases"], found["scaling"]["hash"]) == ("unit", 50, "abc")
    assert found["engine"] == {"name": "pyradiomics", "version": "3.1.4"}
    assert {"RadiomicsPrognosis", "python", "numpy", "SimpleITK"} <= set(found["software"])
    assert found["model"]["provenance"]["survival"] == "reconstructed"
