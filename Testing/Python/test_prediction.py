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
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction.predict import predict, score_vois
from RadiomicsPrognosisLib.prediction.record import Prediction
from RadiomicsPrognosisLib.presenter.summary import score_scale
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask

S1 = load_model("s1_escc_lpfs_radscore")
RESPONSE = load_model("s2_escc_ln_response")
CONTROL = load_model("s2_escc_ln_control_2y")


def features(model: Model, values: dict[str, float], **changes: Any) -> dict[str, FeatureSet]:
    protocol = model.image_protocol()
    extracted = FeatureSet(values=values, undefined=(), protocol_id=protocol.id, protocol_hash=protocol.hash,
                           engine_name="pyradiomics", engine_version="3.1.4")
    return {"image": replace(extracted, **changes)}


def unit_scaling(**changes: Any) -> Scaling:
    """Return a scaling with mean 0 and SD 1, so that z-scores are the values."""
    protocol = S1.image_protocol()
    scaling = Scaling(name="unit", model=S1.id, cases=50, disease=S1.disease, origin="test", scanners={}, licence="",
                      demonstration=False, protocol_id=protocol.id, protocol_hash=protocol.hash, engine="pyradiomics",
                      engine_version="3.1.4", means=dict.fromkeys(papers.S1_BETAS, 0.0),
                      sds=dict.fromkeys(papers.S1_BETAS, 1.0))
    return replace(scaling, **changes)


def with_score(score: float) -> dict[str, FeatureSet]:
    """Return S1 features whose Rad-score under the unit scaling is ``score``."""
    values = dict.fromkeys(papers.S1_BETAS, 0.0)
    values["wavelet-LLH_glcm_DifferenceVariance"] = score / 0.157807433
    return features(S1, values)


def warned(prediction: Prediction) -> list[str]:
    return [item.code for item in prediction.warnings]


# S2 on real CT


#: What the two scores of S2 are computed from.
S2_RESPONSE = (RESPONSE, papers.S2_RESPONSE_BETAS, papers.S2_RESPONSE_INTERCEPT, papers.S2_RESPONSE_CUTOFF)
S2_CONTROL = (CONTROL, papers.S2_CONTROL_BETAS, papers.S2_CONTROL_INTERCEPT, papers.S2_CONTROL_CUTOFF)


@pytest.mark.parametrize(("name", "model", "betas", "intercept", "cutoff"), [
    ("lung2", *S2_RESPONSE), ("lung1", *S2_CONTROL), ("lung2", *S2_CONTROL)])  # lung1's response: test_position.py
def test_s2_on_real_ct(lung: Callable[[str], tuple[Path, Path]], name: str, model: Model, betas: dict[str, float],
                       intercept: float, cutoff: float) -> None:
    image, mask = lung(name)
    voi = make_voi(read_image(image), read_mask(mask)[0], model.image_protocol())
    prediction = score_vois({"image": voi}, model)
    by_hand = intercept + sum(betas[item.feature] * item.value for item in prediction.contributions)
    assert prediction.score == pytest.approx(by_hand, rel=1e-13)
    assert prediction.probability == pytest.approx(1 / (1 + math.exp(-by_hand)), rel=1e-13)
    assert prediction.group.above == (by_hand > cutoff)
    assert prediction.distance == pytest.approx(by_hand - cutoff, rel=1e-12)
    assert prediction.withheld == ()
    json.dumps(prediction.to_dict(), allow_nan=False)


def test_s2_labels_and_direction() -> None:
    values = dict.fromkeys(papers.S2_CONTROL_BETAS, 0.0)
    low = predict(CONTROL, features(CONTROL, values), {})
    high = predict(CONTROL, features(CONTROL, {**values, "original_glrlm_RunPercentage": 0.9}), {})
    assert (low.group.label, low.group.worse) == ("low score, shorter local control", True)
    assert (high.group.label, high.group.worse) == ("high score, longer local control", False)


def test_the_progress_of_two_inputs_is_one() -> None:
    first, second, *_ = RESPONSE.signature.terms
    terms = (replace(first, input="arterial"), replace(second, input="venous"))
    model = replace(RESPONSE, inputs=tuple(replace(RESPONSE.inputs[0], name=name) for name in ("arterial", "venous")),
                    signature=replace(RESPONSE.signature, terms=terms))
    voi = make_voi(*textured_volume(), model.image_protocol())
    shares: list[float] = []
    score_vois({"arterial": voi, "venous": voi}, model, progress=lambda share, text: shares.append(share))
    assert shares == [0.0, 0.5]  # one image type of each input, reported when it begins


# S1


def test_s1_score_is_the_weighted_sum_of_z_scores(lung: Callable[[str], tuple[Path, Path]]) -> None:
    image, mask = lung("lung2")
    voi = make_voi(read_image(image), read_mask(mask)[0], S1.image_protocol())
    scaling = load_scaling("demonstration-sts-ct", S1)
    prediction = score_vois({"image": voi}, S1, scaling, {"n_stage": "N1", "complete_response": "no"})
    by_hand = sum(papers.S1_BETAS[item.feature] * (item.value - scaling.means[item.feature]) / scaling.sds[item.feature]
                  for item in prediction.contributions)
    assert prediction.score == pytest.approx(by_hand, rel=1e-12)
    lp = math.log(4.423) * by_hand + math.log(1.892)
    for survival, hazard in zip(prediction.survival.at_horizons, (0.4054, 0.8968, 1.1431), strict=True):
        assert survival == pytest.approx(math.exp(-hazard * math.exp(lp)), abs=1e-4)  # H0 printed to four digits
    assert "demonstration-scaling" in warned(prediction)


@pytest.mark.parametrize(("score", "label"), [(0.1411 + 1e-9, "high risk"), (0.1411 - 1e-9, "low risk")])
def test_s1_cutoff(score: float, label: str) -> None:
    assert predict(S1, with_score(score), {}, unit_scaling()).group.label == label


def test_a_score_equal_to_the_cutoff_is_high_in_s1_and_low_in_s2() -> None:
    assert S1.cutoff.is_above(0.1411)
    assert not RESPONSE.cutoff.is_above(0.961)


def test_without_scaling_there_is_no_score_and_the_reason_says_what_to_do() -> None:
    prediction = predict(S1, with_score(0.2), {}, None, {"n_stage": 1, "complete_response": 0})
    assert (prediction.score, prediction.group, prediction.survival, prediction.distance) == (None, None, None, None)
    assert [item.component for item in prediction.withheld] == ["score", "survival"]
    assert "choose a scaling" in prediction.withheld[0].reason


def on_linear_predictor(value: float) -> Model:
    """Return S1 with its cut-off on the linear predictor."""
    return replace(S1, cutoff=replace(S1.cutoff, value=value, on="linear predictor"))


def test_a_cutoff_on_the_linear_predictor_counts_covariates() -> None:
    low, high = {"n_stage": "N0", "complete_response": "yes"}, {"n_stage": "N3", "complete_response": "no"}
    model = on_linear_predictor(1.0)
    prediction = {key: predict(model, with_score(0.2), {}, unit_scaling(), covariates)
             for key, covariates in (("low", low), ("high", high))}
    assert prediction["low"].score == prediction["high"].score
    assert (prediction["low"].group.label, prediction["high"].group.label) == ("low risk", "high risk")
    for item in prediction.values():
        assert item.cutoff_on == "linear predictor"
        assert item.distance == pytest.approx(item.linear_predictor - 1.0, abs=1e-15)
    missing = predict(model, with_score(0.2), {}, unit_scaling(), {"n_stage": "N1"})
    assert (missing.group, missing.distance) == (None, None)
    assert [item.component for item in missing.withheld] == ["survival", "group"]
    assert "Give Complete response" in missing.withheld[1].reason
    assert score_scale(missing, model).cutoff is None


def test_a_missing_covariate_withholds_only_the_survival() -> None:
    prediction = predict(S1, with_score(0.2), {}, unit_scaling(), {"n_stage": "N1"})
    assert prediction.group.label == "high risk"
    assert prediction.survival is None
    assert [item.component for item in prediction.withheld] == ["survival"]
    assert "complete_response" in prediction.withheld[0].reason
    assert "n_stage" not in prediction.withheld[0].reason


@settings(max_examples=60, deadline=None)
@given(st.floats(-1.7, 1.7), st.integers(0, 3), st.booleans())
def test_survival_curve_falls_from_one_and_meets_the_horizons(score: float, stage: int, response: bool) -> None:
    prediction = predict(S1, with_score(score), {}, unit_scaling(), {"n_stage": stage, "complete_response": response})
    curve = dict(zip(prediction.survival.curve_months, prediction.survival.curve, strict=True))
    values = list(curve.values())
    assert curve[0.0] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(values))
    assert all(0 <= value <= 1 for value in values)
    assert tuple(curve[time] for time in prediction.survival.horizons_months) == prediction.survival.at_horizons


@settings(max_examples=30, deadline=None)
@given(st.floats(-1.7, 0.7), st.floats(0.01, 1), st.integers(0, 2))
def test_higher_score_or_stage_lowers_survival(score: float, more: float, stage: int) -> None:
    def at(score: float, stage: int) -> np.ndarray:
        prediction = predict(S1, with_score(score), {}, unit_scaling(), {"n_stage": stage, "complete_response": 0})
        return np.array(prediction.survival.at_horizons)

    assert (at(score + more, stage) <= at(score, stage)).all()
    assert (at(score, stage + 1) <= at(score, stage)).all()


@pytest.mark.parametrize(("score", "expected"), [(1e4, 0.0), (-1e4, 1.0)])
def test_survival_of_an_absurd_score_is_a_number(score: float, expected: float) -> None:
    """A linear predictor beyond what exp() can hold: survival is 0 or 1, not an overflow.

    Of a model that tells nothing of its patients, or it would be withheld.
    """
    model = replace(S1, reference=None)
    prediction = predict(model, with_score(score), {}, unit_scaling(), {"n_stage": 0, "complete_response": 0})
    assert prediction.survival.at_horizons == (expected,) * 3
    assert prediction.survival.curve[0] == 1.0


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
    with pytest.raises(ModelMismatch, match="gives venous, which the model does not read: leave it out"):
        predict(RESPONSE, {**features(RESPONSE, {}), "venous": features(RESPONSE, {})["image"]}, {})


def test_an_undefined_feature_withholds_the_score_by_name() -> None:
    values = {name: 0.0 for name in papers.S2_RESPONSE_BETAS if "Kurtosis" not in name}
    prediction = predict(RESPONSE, features(RESPONSE, values), {})
    assert prediction.score is None
    assert "original_firstorder_Kurtosis" in prediction.withheld[0].reason
    assert prediction.probability is None


def test_extreme_z_scores_and_engine_versions_are_flagged() -> None:
    values = dict.fromkeys(papers.S1_BETAS, 0.0) | {"wavelet-HLL_glcm_Idn": 4.2, "wavelet-LLL_glcm_Imc2": -3.9}
    prediction = predict(S1, features(S1, values, engine_version="3.0.1"), {}, unit_scaling())
    assert warned(prediction) == ["engine-version", "extreme-z"]
    assert "wavelet-HLL_glcm_Idn is +4.2 SD" in prediction.warnings[1].message


def test_spacing_outside_the_models_range_is_flagged() -> None:
    def spacing_warnings(thickness: float) -> list[str]:
        voi = make_voi(*textured_volume(spacing=(0.9, 0.9, thickness)), S1.image_protocol())
        prediction = score_vois({"image": voi}, S1, unit_scaling())
        return [item.message for item in prediction.warnings if item.code == "spacing"]

    assert spacing_warnings(5.0) == []
    (message,) = spacing_warnings(2.5)
    assert "Slice thickness 2.5 mm is outside what model 's1_escc_lpfs_radscore' was made on (5 mm)" in message


def test_a_constant_voi_has_a_reason_instead_of_nan() -> None:
    image, mask = textured_volume()
    voi = make_voi(image * 0 + 40, mask, RESPONSE.image_protocol())
    prediction = score_vois({"image": voi}, RESPONSE)
    json.dumps(prediction.to_dict(), allow_nan=False)
    assert prediction.score is None or math.isfinite(prediction.score)
    assert (prediction.score is None) == bool(prediction.withheld)


def test_provenance_names_everything_that_made_it() -> None:
    prediction = predict(S1, with_score(0.2), {}, unit_scaling(hash="abc")).to_dict()
    assert prediction["model"]["hash"] == S1.hash
    assert prediction["protocol"]["hash"] == S1.image_protocol().hash
    scaling = prediction["scaling"]
    assert (scaling["name"], scaling["cases"], scaling["hash"]) == ("unit", 50, "abc")
    assert prediction["engine"] == {"name": "pyradiomics", "version": "3.1.4"}
    assert {"RadiomicsPrognosis", "python", "numpy", "SimpleITK"} <= set(prediction["software"])
    assert prediction["model"]["provenance"]["survival"] == "reconstructed"
