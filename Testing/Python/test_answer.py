"""What is told of a prediction: headline, sentences, band, outcomes and limits, from the numbers that it holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from figure_cases import COX, LOGISTIC, cases, cox_prediction, edited

from RadiomicsPrognosisLib.answer import answer_lines, answer_of
from RadiomicsPrognosisLib.cli.outputs import prediction_file
from RadiomicsPrognosisLib.models.groups import group_curves
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction.evidence import BEYOND, UNUSUAL, USUAL, ObservedNear, ScorePosition
from RadiomicsPrognosisLib.prediction.record import Prediction, Withheld
from RadiomicsPrognosisLib.texts import percent, percent_interval
from RadiomicsPrognosisLib.warning import ResultWarning


def test_the_group_is_that_of_the_image_alone_where_clinical_factors_count() -> None:
    answer = answer_of(cases()["low"], load_model(COX))
    assert answer.headline == "Rad-score group: low risk (image alone)" and answer.worse is False
    assert answer.sign == "●" and answer.cutoff.startswith("cut-off 0.1411; this case is 0.556 below")
    assert answer_of(cases()["logistic"], load_model(LOGISTIC)).headline == "Rad-score group: predicted responder"


@pytest.mark.parametrize("z, covariates, outweighed", [
    (-0.5, {"n_stage": "N2", "complete_response": "no"}, True),
    (-0.5, {"n_stage": "N0", "complete_response": "yes"}, False),
    (0.3, {"n_stage": "N0", "complete_response": "yes"}, True),
    (0.7, {"n_stage": "N2", "complete_response": "no"}, False)])
def test_factors_that_outweigh_the_group_are_named(z: float, covariates: dict[str, str], outweighed: bool) -> None:
    model = load_model(COX)
    prediction = cox_prediction(z, covariates)
    assert prediction.survival is not None and prediction.group is not None
    months, share = prediction.survival.by_horizon()[-1]
    curves = group_curves(model, [months])
    assert curves is not None
    other = (curves.below if prediction.group.above else curves.above)[0]
    assert outweighed == bool(share > other if prediction.group.worse else share < other)
    sentence = " ".join(answer_of(prediction, model).sentences)
    assert ("outweigh the image" in sentence) is outweighed
    if outweighed:
        assert percent(share) in sentence and percent(float(other)) in sentence
        assert f"N stage: {covariates['n_stage']}" in sentence


def test_the_cutoff_is_set_beside_the_probability_and_how_common_the_outcome_was() -> None:
    """The paper: cut-off 0.961, and 75 of 102 nodes of the training cohort responded; 1 / (1 + exp(-0.961)) = 0.723."""
    answer = answer_of(cases()["logistic"], load_model(LOGISTIC))
    assert answer.sentences == ("The cut-off 0.961 equals a probability of response of 72 %; in training, 75 of 102 "
                                "nodes (74 %) had this outcome.",)


def test_a_demonstration_says_so_above_every_number() -> None:
    prediction = cases()["high"]
    answer = answer_of(prediction, load_model(COX))
    assert answer.badge == "DEMONSTRATION" and answer_lines(answer)[0] == answer.band
    assert answer.brief.startswith("DEMONSTRATION, high risk")
    for questioned in ((), ("score",)):
        brief = answer_of(replace(prediction, questioned=questioned), load_model(COX)).brief
        assert brief.endswith("unreliable for this case") == bool(questioned)
    assert answer.limits[0].code == "demonstration-scaling"
    other = edited(prediction, scaling__demonstration=False, scaling__other_disease=True)
    assert answer_of(other, load_model(COX)).band.startswith("DEMONSTRATION")
    own = edited(prediction, scaling__demonstration=False, scaling__other_disease=False)
    assert answer_of(own, load_model(COX)).band == "" and answer_of(own, load_model(COX)).badge == ""


def test_outcomes_bear_their_interval_or_say_that_there_is_none() -> None:
    prediction = cases()["high"]
    survival = prediction.survival
    assert survival is not None
    answer = answer_of(prediction, load_model(COX))
    assert [item.text for item in answer.outcomes] == [
        percent_interval(share, interval) for share, interval in
        zip(survival.at_horizons, survival.horizon_intervals, strict=True)]
    bare = replace(prediction, survival=replace(survival, horizon_intervals=()), uncertainty=None, questioned=())
    answer = answer_of(bare, load_model(COX))
    assert all(item.note == "interval not available" for item in answer.outcomes)
    assert "Interval not available" in answer.uncertainty


def test_what_is_questioned_says_why_and_what_is_withheld_shows_no_number() -> None:
    prediction = replace(
        cases()["logistic"], questioned=("group", "probability"),
        warnings=(ResultWarning("spacing", "Pixels differ."), ResultWarning("score-unusual", "It lies 3.4 SD away.")))
    answer = answer_of(prediction, load_model(LOGISTIC))
    assert answer.caution == "It lies 3.4 SD away." and answer.outcomes[0].questioned
    assert [item.code for item in answer.limits] == ["score-unusual", "spacing"]
    withheld = replace(prediction, score=None, group=None, probability=None, distance=None, linear_predictor=None,
                       withheld=(Withheld("score", "Beyond 5 SD.", 6.81),
                                 Withheld("probability", "It needs it.", 0.99)))
    answer = answer_of(withheld, load_model(LOGISTIC))
    assert answer.headline == "No result: Rad-score withheld" and answer.outcomes == () and answer.group == ""
    assert not any("6.81" in line or "99" in line for line in answer_lines(answer))
    assert [item.title for item in answer.withheld] == ["Rad-score", "probability of response"]


@pytest.mark.parametrize("percentile, verdict, expected", [
    (0.83, USUAL, "higher than 83 % of the training nodes, by their own scores"),
    (0.001, USUAL, "lower than more than 99 % of the training nodes, by their own scores"),
    (0.999, UNUSUAL, "higher than more than 99 % of the training nodes, by their own scores; 3.4 SD from the mean of "
                     "training, responders (1.24 ± 0.433, n = 75)"),
    (None, BEYOND, "3.4 SD from the mean of training, responders (1.24 ± 0.433, n = 75)")])
def test_position_among_the_training_patients(percentile: float | None, verdict: str, expected: str) -> None:
    position = ScorePosition(cohort="training, responders", cases=75, mean=1.243, sd=0.433, distance_sd=3.4,
                             verdict=verdict, percentile=percentile, percentile_from="their own scores", joint=None)
    assert answer_of(replace(cases()["logistic"], position=position), load_model(LOGISTIC)).position == expected


def test_what_was_observed_near_is_told_with_numbers_at_risk() -> None:
    near = ObservedNear(low=0.4, high=0.8, patients=31, events=18, months=(12.0, 36.0), survival=(0.61, 0.332),
                        at_risk=(18, 7))
    answer = answer_of(replace(cases()["high"], near=near), load_model(COX))
    assert answer.near == ("Observed in 31 training patients with scores near this one (0.4 to 0.8): LPFS 61 % at 1 "
                           "year (18 at risk) and 33 % at 3 years (7 at risk); 18 events.")


def test_what_is_not_yet_known_is_averaged_over_and_told() -> None:
    prediction = cox_prediction(0.2, {"n_stage": "N1", "complete_response": "unknown"})
    answer = answer_of(prediction, load_model(COX))
    assert "is not yet known: averaged over 143 without and 78 with (221 patients)" in answer.averaged
    assert ("Complete response one month after chemoradiotherapy", "not yet known") in answer.covariates


def test_without_the_model_less_is_told_and_nothing_fails() -> None:
    for prediction in cases().values():
        answer = answer_of(prediction, None)
        assert answer.headline and answer.sentences == ()
        assert len(answer.outcomes) == len(answer_of(prediction, load_model(prediction.model.id)).outcomes)


def test_the_file_of_a_prediction_holds_its_answer_and_is_read_back() -> None:
    for prediction in cases().values():
        stored = json.loads(json.dumps(prediction_file(prediction, answer_of(prediction, None)), allow_nan=False))
        assert stored["answer"]["headline"] and Prediction.from_dict(stored) == prediction
