"""A score is set beside those of its model's patients, and is not shown where it is nothing like them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import papers
import pytest
from scipy.stats import norm
from test_prediction import features, unit_scaling, with_score

from RadiomicsPrognosisLib.cohort.scoring import score_features
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.reference import FeatureMoments, FeatureReference, Reference, ScoreBand
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model, parse_model
from RadiomicsPrognosisLib.prediction import Prediction, predict, score_vois
from RadiomicsPrognosisLib.statistics.mahalanobis import held_out_distances, joint_moments
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask

S1, RESPONSE = load_model("s1_escc_lpfs_radscore"), load_model("s2_escc_ln_response")
CONTROL = load_model("s2_escc_ln_control_2y")
KNOWN = {"n_stage": "N1", "complete_response": "no"}


def codes(prediction: Prediction) -> list[str]:
    return [item.code for item in prediction.warnings]


def response(score: float) -> dict:
    """Return features of S2 whose Rad-score is ``score``, by its 90th percentile alone."""
    values = dict.fromkeys(papers.S2_RESPONSE_BETAS, 0.0)
    values["original_firstorder_90Percentile"] = (score - papers.S2_RESPONSE_INTERCEPT) / papers.S2_RESPONSE_BETAS[
        "original_firstorder_90Percentile"]
    return features(RESPONSE, values)


def test_a_lung_tumour_is_no_answer_of_a_model_of_nodes(lung: Callable[[str], tuple[Path, Path]]) -> None:
    """lung1 gives 6.81, 13 SD above responders (1.243 +- 0.433): it was shown as a response of '>99 %'."""
    image, mask = lung("lung1")
    prediction = score_vois({"image": make_voi(read_image(image), read_mask(mask)[0], RESPONSE.image_protocol())},
                            RESPONSE)
    assert (prediction.score, prediction.group, prediction.probability, prediction.distance,
            prediction.linear_predictor) == (None,) * 5
    position = prediction.position
    assert position.distance_sd == pytest.approx((6.812 - 1.243) / 0.433, abs=0.01)
    assert (position.cohort, position.cases, position.verdict) == ("training, responders", 75, "beyond")
    kept = {item.component: item.value for item in prediction.withheld}
    assert kept["score"] == pytest.approx(6.812, abs=1e-3)
    assert kept["probability"] == pytest.approx(1 / (1 + math.exp(-kept["score"])), rel=1e-12)
    assert list(kept) == ["score", "group", "probability"]
    assert "12.9 SD" in prediction.why_withheld("score") and "1.243 ± 0.433" in prediction.why_withheld("score")
    assert "score-beyond" in codes(prediction)
    assert Prediction.from_dict(json.loads(json.dumps(prediction.to_dict(), allow_nan=False))) == prediction


@pytest.mark.parametrize(("score", "verdict", "distance"), [
    (1.243 + 2.99 * 0.433, "usual", 2.99), (1.243 + 3.01 * 0.433, "unusual", 3.01),
    (1.243 + 4.99 * 0.433, "unusual", 4.99), (1.243 + 5.01 * 0.433, "beyond", 5.01), (0.97, "usual", 0.6282),
    (0.698 - 2.99 * 0.433, "usual", 2.99), (0.698 - 3.01 * 0.433, "unusual", 3.01),
    (0.698 - 5.01 * 0.433, "beyond", 5.01)])
def test_distances_are_from_the_nearest_group(score: float, verdict: str, distance: float) -> None:
    prediction = predict(RESPONSE, response(score), {})
    assert prediction.position.verdict == verdict
    assert prediction.position.distance_sd == pytest.approx(distance, abs=1e-3)
    assert prediction.questioned == (("group", "probability") if verdict == "unusual" else ())
    assert (prediction.score is None) == (verdict == "beyond")
    assert [code for code in codes(prediction) if code.startswith("score-")] == (
        [] if verdict == "usual" else [f"score-{verdict}"])


def test_what_is_withheld_of_a_survival_is_kept_at_the_last_horizon() -> None:
    usual, far = (predict(S1, with_score(score), {}, unit_scaling(), KNOWN) for score in (0.25, -0.0289 + 5.1 * 0.35))
    assert usual.position.verdict == "usual" and usual.questioned == () and usual.withheld == ()
    assert [item.component for item in far.withheld] == ["score", "group", "survival"]
    lp = math.log(4.423) * (-0.0289 + 5.1 * 0.35) + math.log(1.892)
    assert far.withheld[2].value == pytest.approx(math.exp(-1.1430625477741847 * math.exp(lp)), rel=1e-6)
    assert far.survival is None and far.linear_predictor is None


def test_without_covariates_a_score_beyond_withholds_for_its_own_reason() -> None:
    far = predict(S1, with_score(5.0), {}, unit_scaling())
    assert {item.component: item.value for item in far.withheld} == {
        "score": pytest.approx(5.0), "group": None, "survival": None}
    assert "needs the score" in far.why_withheld("survival")


def test_the_percentile_is_of_the_published_groups_in_their_shares() -> None:
    below = (75 * norm.cdf(1.2, 1.243, 0.433) + 27 * norm.cdf(1.2, 0.698, 0.433)) / 102
    position = predict(RESPONSE, response(1.2), {}).position
    assert position.percentile == pytest.approx(below, rel=1e-12)
    assert position.percentile_from == "the published mean and SD"
    assert position.joint is None


def test_a_model_that_tells_nothing_of_its_patients_has_no_position() -> None:
    prediction = predict(CONTROL, features(CONTROL, dict.fromkeys(papers.S2_CONTROL_BETAS, 0.5)), {})
    assert (prediction.position, prediction.near, prediction.withheld, prediction.questioned) == (None, None, (), ())


def test_z_scores_of_another_disease_have_no_percentile() -> None:
    """'Higher than 58 % of the training patients' would be said of a score on a scale that is not theirs."""
    own = predict(S1, with_score(0.05), {}, unit_scaling())
    other = predict(S1, with_score(0.05), {}, unit_scaling(disease="soft-tissue sarcoma"))
    shown = predict(S1, with_score(0.05), {}, unit_scaling(demonstration=True))
    assert own.position.percentile == pytest.approx(norm.cdf(0.05, -0.0289, 0.35), rel=1e-9)
    assert (other.position.percentile, other.position.percentile_from) == (None, "")
    assert shown.position.percentile is None and shown.position.verdict == "usual"


def trained() -> tuple[Model, np.ndarray]:
    """Return a model of two raw features with the reference of 200 patients, and the features' values."""
    generator = np.random.default_rng(4)
    values = generator.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 200)
    score, moments = values.sum(axis=1), joint_moments(values)
    names = ("original_firstorder_Mean", "original_firstorder_Median")
    base = RESPONSE.to_dict()
    base["signature"] = {"name": "Sum", "intercept": 0, "standardised": False,
                         "terms": [{"feature": name, "coefficient": 1} for name in names]}
    model = parse_model({**base, "id": "trained"}, "trained.json")
    bands = [np.sort(score)[start: start + 50] for start in range(0, 200, 50)]
    reference = Reference(
        scores=(replace(RESPONSE.reference.scores[0], cohort="training", cases=200, mean=float(score.mean()),
                        sd=float(score.std(ddof=1))),),
        percentiles=tuple(np.percentile(score, np.arange(101)).tolist()),
        features=FeatureReference(
            cases=200, shrinkage=moments.shrinkage, correlation=(float(moments.correlation[1, 0]),),
            features=tuple(FeatureMoments(feature=name, mean=float(mean), sd=float(sd))
                           for name, mean, sd in zip(names, moments.means, moments.sds, strict=True)),
            distances=tuple(np.percentile(held_out_distances(values), np.arange(101)).tolist())),
        bands=tuple(ScoreBand(low=float(band[0]), high=float(band[-1]), patients=50, events=10 * number)
                    for number, band in enumerate(bands)))
    return parse_model(replace(model, reference=reference).to_dict(), "trained.json"), values


def test_features_that_are_usual_alone_and_not_together() -> None:
    """Two features of correlation 0.9, one 2 SD up and one 2 SD down: the score is the mean of all patients'."""
    model, values = trained()
    names = [term.feature for term in model.terms]
    odd = predict(model, features(model, dict(zip(names, (2.0, -2.0), strict=True))), {})
    like = predict(model, features(model, dict(zip(names, values[3].tolist(), strict=True))), {})
    assert odd.position.verdict == "usual" and odd.position.joint.distance > odd.position.joint.limit
    assert (odd.position.joint.features, odd.position.joint.share_beyond) == (2, 0.0)
    assert "features-together" in codes(odd) and odd.questioned == ("group", "probability") and odd.score is not None
    assert like.position.joint.distance < like.position.joint.limit and like.questioned == ()
    inverse = np.linalg.inv(np.array([[1.0, model.reference.features.correlation[0]],
                                      [model.reference.features.correlation[0], 1.0]]))
    z = (np.array([2.0, -2.0]) - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    assert odd.position.joint.distance == pytest.approx(math.sqrt(z @ inverse @ z), rel=1e-12)


def test_percentile_and_outcomes_are_those_of_the_patients_stored() -> None:
    model, values = trained()
    names = [term.feature for term in model.terms]
    score = np.sort(values.sum(axis=1))
    middle = predict(model, features(model, {names[0]: float(score[120]), names[1]: 0.0}), {})
    assert middle.position.percentile == pytest.approx(120 / 199, abs=1e-9 + 1 / 199)
    assert middle.position.percentile_from == "their own scores"
    assert (middle.near.patients, middle.near.events, middle.near.months) == (50, 20, ())
    assert (middle.near.low, middle.near.high) == (score[100], score[149])
    above = predict(model, features(model, {names[0]: float(score[-1]) + 0.1, names[1]: 0.0}), {})
    assert above.near is None and above.position.percentile == 1.0


def test_a_score_among_the_training_patients_is_shown() -> None:
    """Scores with a heavy tail: 6 SD from the mean, and yet a patient had it."""
    model, _ = trained()
    scores = (replace(model.reference.scores[0], mean=0.0, sd=0.4),)
    model = replace(model, reference=replace(model.reference, scores=scores))
    names = [term.feature for term in model.terms]
    prediction = predict(model, features(model, dict.fromkeys(names, 1.25)), {})
    assert prediction.position.distance_sd == pytest.approx(6.25)
    assert prediction.position.verdict == "unusual" and prediction.score == 2.5


def test_rows_of_a_table_are_judged_as_single_cases_are() -> None:
    scores = [6.812, 2.7, 1.2, float("nan")]
    rows = [response(score)["image"].values for score in scores]
    table = pd.DataFrame(rows).assign(case=list("abcd"), protocol_hash=RESPONSE.image_protocol().hash)
    scored = score_features(RESPONSE, table)
    for number, row in enumerate(scored.head(3).to_dict("records")):
        single = predict(RESPONSE, response(scores[number]), {})
        assert (row["position"], row["distance_sd"]) == (single.position.verdict, single.position.distance_sd)
        assert row["percentile"] == single.position.percentile
        for name in ("score", "probability", "distance"):
            expected = getattr(single, name)
            assert row[name] == expected or (expected is None and math.isnan(row[name])), name
        assert row["group"] == (single.group.label if single.group else None)
        assert row["questioned"] == "; ".join(single.questioned)
    assert scored["withheld_score"].tolist()[0] == pytest.approx(6.812) and scored["withheld_score"].isna().sum() == 3
    assert "12.9 SD" in scored["withheld"][0] and scored["withheld"][1] == ""
    assert scored["position"].tolist() == ["beyond", "unusual", "usual", None]
    assert scored["withheld"][3] == "a feature is missing"


def test_the_sarcomas_own_scaling_and_a_lung_tumour(lung: Callable[[str], tuple[Path, Path]]) -> None:
    """lung2, which the demonstration shows, lies among S1's patients; lung1 is 43 SD away, by five features."""
    scaling = load_scaling("demonstration-sts-ct", S1)
    verdicts = {}
    for name in ("lung1", "lung2"):
        image, mask = lung(name)
        voi = make_voi(read_image(image), read_mask(mask)[0], S1.image_protocol())
        prediction = score_vois({"image": voi}, S1, scaling, KNOWN)
        verdicts[name] = (prediction.position.verdict, round(prediction.position.distance_sd, 1))
    assert verdicts == {"lung1": ("beyond", 42.7), "lung2": ("usual", 0.8)}
