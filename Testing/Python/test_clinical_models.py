"""Models whose covariates alone predict: S3's pTNM model from its counts, by command, table, report and page."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import make_protocol, textured_volume
from fixtures import reference
from scipy.stats import norm

from RadiomicsPrognosisLib.answer import answer_of
from RadiomicsPrognosisLib.cli.catalog import card_text
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.dicom.export import write_dicom
from RadiomicsPrognosisLib.errors import ModelMismatch, SchemaError
from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.models.recomputed import reconstruction_mistake
from RadiomicsPrognosisLib.models.reconstruction import apparent_auc, logistic_of_counts
from RadiomicsPrognosisLib.models.store import load_model, parse_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.prediction.record import Withheld
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.voi import make_voi

S3 = "s3_escc_early_recurrence_ptnm"
MODEL = load_model(S3)
R = reference("fx20_logistic_of_counts")

#: The coefficients as they are told of the paper's Table 1, and its patients with and without recurrence.
TOLD = {"IB": 0.0, "IIA": 0.7722, "IIB": 0.7133, "IIIA": 1.7430, "IIIB": 1.9881}
TABLE_1 = {"IB": (7, 20), "IIA": (25, 33), "IIB": (15, 21), "IIIA": (8, 4), "IIIB": (46, 18)}


def stored(**changes: Any) -> dict[str, Any]:
    """Return what the shipped file holds, with changes."""
    values = json.loads((shipped_folder() / "Models" / f"{S3}.json").read_text(encoding="utf-8"))
    return {**values, **changes}


# The reconstruction


def test_the_file_holds_the_counts_of_the_paper_and_what_they_give() -> None:
    """The coefficients as told to four digits, R's glm on the 197 patients, and the stored ones, are the same."""
    tables = MODEL.probability.reconstruction
    assert {label: (item.with_outcome, item.without_outcome) for label, item in tables.counts.items()} == TABLE_1
    assert (tables.patients, tables.events) == (197, 101)
    assert MODEL.probability.coefficients["ptnm"] == pytest.approx(TOLD, abs=1e-4)
    assert MODEL.probability.intercept == pytest.approx(-1.0498, abs=1e-4)
    fitted = logistic_of_counts(tables)
    assert (fitted.intercept, fitted.coefficients) == (MODEL.probability.intercept,
                                                       MODEL.probability.coefficients["ptnm"])
    others = list(fitted.coefficients.values())[1:]
    np.testing.assert_allclose([fitted.intercept, *others], R["coefficients"], rtol=1e-12)
    np.testing.assert_allclose(fitted.covariance, R["covariance"], rtol=1e-10)
    np.testing.assert_allclose(MODEL.uncertainty.covariance.matrix, fitted.covariance, rtol=1e-14)
    assert MODEL.uncertainty.covariance.names == fitted.names


def test_the_apparent_auc_is_that_of_the_fitted_probabilities() -> None:
    assert apparent_auc(MODEL.probability.reconstruction) == pytest.approx(R["auc"], abs=1e-14)
    assert f"{MODEL.probability.reconstruction.auc:.3f}" == "0.678"
    assert "AUC 0.678" in card_text(MODEL) and "AUC 0.679, training" in card_text(MODEL)


@pytest.mark.parametrize(("path", "text"), [
    (("probability", "intercept"), "intercept"),
    (("probability", "coefficients", "ptnm", "IIIA"), "coefficient of 'ptnm=IIIA'"),
    (("probability", "reconstruction", "auc"), "reconstruction.auc"),
    (("uncertainty", "covariance", "rows", 4), "covariance of 'ptnm=IIB' and 'ptnm=IIA'"),
    (("probability", "reconstruction", "counts", "IB", "with_outcome"), "intercept"),
])
def test_models_check_names_what_the_counts_do_not_give(path: tuple[Any, ...], text: str, tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.json"
    write_json(file, stored())
    assert run(["models", "check", str(file)]) == 0 and "is valid" in capsys.readouterr().out
    values = stored()
    inner: Any = values
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] += 1 if isinstance(inner[path[-1]], int) else 1e-4
    write_json(file, values)
    assert run(["models", "check", str(file)]) == 2
    error = capsys.readouterr().err
    assert text in error and "its published tables give" in error and error.count("\n") == 1
    assert reconstruction_mistake(load_model("s2_escc_ln_response")) == ""  # nothing is reconstructed from tables


@pytest.mark.parametrize(("changes", "text"), [
    ({"inputs": [{"name": "image", "title": "CT"}]}, "'inputs' belong to a signature"),
    ({"protocol": "ct-original-raw"}, "'protocol' belongs to features of an image"),
    ({"probability": None}, "only a model with one signature can end in a score"),
    ({"cutoff": {"value": 0.5, "inclusive": True, "labels": {"below": "low", "above": "high"}, "worse": "above"},
      "provenance": {"probability": "reconstructed", "cutoff": "published"}}, "must be 'linear predictor'"),
    ({"reference": {"scores": [{"cohort": "training", "cases": 9, "mean": 0, "sd": 1}]}}, "nothing but 'outcome'"),
    ({"probability": {"outcome": "x", "coefficients": {"score": 1.0}}}, "is no covariate"),
])
def test_what_only_a_score_can_have_is_refused(changes: dict[str, Any], text: str) -> None:
    values = {key: value for key, value in stored(**changes).items() if value is not None}
    with pytest.raises(SchemaError, match=text):
        parse_model(values, "mine.json")


def test_a_reconstruction_must_be_of_the_models_one_coefficient() -> None:
    values = copy.deepcopy(stored())
    del values["probability"]["reconstruction"]["counts"]["IIIA"]
    with pytest.raises(SchemaError, match="each level of the model's one coefficient"):
        parse_model(values, "mine.json")


# A case


@pytest.mark.parametrize("place", range(5))
def test_a_case_has_the_share_of_its_stage_and_the_interval_of_its_logit(place: int) -> None:
    """A saturated model gives the observed shares; the interval is the normal one of R's standard error, by draws."""
    stage = R["stage"][place]
    told = score_vois({}, MODEL, None, {"ptnm": stage})
    recurred, free = TABLE_1[stage]
    assert told.probability == pytest.approx(recurred / (recurred + free), abs=1e-15)
    assert told.linear_predictor == pytest.approx(R["lp"][place], abs=1e-12)
    bounds = [math.log(share / (1 - share)) for share in told.probability_interval]
    half = norm.ppf(0.975) * R["se"][place]
    np.testing.assert_allclose(bounds, [R["lp"][place] - half, R["lp"][place] + half], atol=0.06 * half)
    assert told.score is None and told.group is None and told.withheld == () and told.warnings == ()
    assert (told.protocol, told.engine, told.scaling, told.vois) == (None, None, None, {})
    assert not any("contour" in item for item in told.uncertainty.left_out)
    assert Prediction.from_dict(json.loads(json.dumps(told.to_dict()))) == told


def test_a_missing_factor_is_asked_for_and_an_image_refused() -> None:
    told = score_vois({}, MODEL)
    assert told.withheld == (Withheld("probability", "Give pTNM stage (ptnm) to see the predicted probability."),)
    assert answer_of(told, MODEL).headline == "No result: clinical factors are missing"
    voi = make_voi(*textured_volume(), make_protocol(), "Tumour")
    with pytest.raises(ModelMismatch, match="reads no image"):
        score_vois({"image": voi}, MODEL, None, {"ptnm": "IB"})
    with pytest.raises(ModelMismatch, match="no series that a DICOM report"):
        write_dicom(told, MODEL, voi, [], "x")


def test_a_cutoff_on_the_linear_predictor_forms_groups() -> None:
    cutoff = {"value": 0.0, "inclusive": False, "on": "linear predictor", "worse": "above",
              "labels": {"below": "low risk", "above": "high risk"}}
    model = parse_model(stored(cutoff=cutoff, provenance={"probability": "reconstructed", "cutoff": "trained here"}),
                        "x")
    high, low = (answer_of(score_vois({}, model, None, {"ptnm": stage}), model) for stage in ("IIIB", "IIA"))
    assert high.headline == "Group: high risk (clinical factors alone)" and high.worse and not low.worse
    assert high.brief == "high risk, Probability of recurrence within one year 72 % (60 - 82)"
    # The cut-off's own probability, and how common the outcome was among those the model is made from.
    assert any("equals a probability" in text and "50 %" in text and "101 of 197" in text for text in high.sentences)


# Commands


def test_score_needs_neither_image_nor_mask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--model", S3, "--covariate", "ptnm=IIB", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["probability"] == pytest.approx(15 / 36) and told["score"] is None and told["vois"] == {}
    assert run(["score", "--model", S3, "--covariate", "ptnm=IIB", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"prediction.json", "report.html", "report.pdf"}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(text in page for text in ("Predicted from clinical factors alone", "42 % (27 - 58)", "pTNM stage: IIB",
                                         "Points of this case", "none read: clinical factors alone predict"))
    assert not any(text in page for text in ("Volume kept", "Feature engine", "Contributions", "No contributions"))


@pytest.mark.parametrize(("arguments", "text"), [
    (["score", "--covariate", "ptnm=IIB", "--image", "ct.nrrd", "--mask", "m.nrrd"], "Leave out --image, --mask"),
    (["score", "--covariate", "ptnm=IIB", "--label", "all"], "Leave out --label"),
    (["score", "--covariate", "ptnm=IIB", "--engine", "native"], "Leave out --engine"),
    (["score", "--covariate", "ptnm=IIB", "--dicom", "--out", "x"], "Leave out --dicom"),
    (["score", "--covariate", "ptnm=IV"], "allowed: IB, IIA, IIB, IIIA, IIIB"),
    (["score", "--covariate", "ptnm=IIB", "--scaling", "mine"], "uses no features and takes no scaling"),
    (["stability"], "has no score to perturb"),
    (["reproducibility", "--features", "f.csv", "--out", "x"], "has no score that readings could repeat"),
    (["scaling", "--features", "f.csv", "--name", "mine"], "has no score to scale"),
])
def test_what_is_about_an_image_is_refused_in_a_line(arguments: list[str], text: str, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"case": ["a", "b"]}).to_csv("f.csv", index=False)
    assert run([*arguments, "--model", S3]) == 2
    error = capsys.readouterr().err
    assert text in error and error.count("\n") == 1 and "Traceback" not in error


def test_a_model_of_images_still_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--model", "s2_escc_ln_response"]) == 2
    assert "give either --image (one case) or --cohort" in capsys.readouterr().err


def test_a_table_of_factors_is_scored_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A factor that is missing withholds its row, a bad one fails it; the page has neither picture nor score."""
    table = tmp_path / "cohort.csv"
    pd.DataFrame({"case": list("ABCD"), "ptnm": ["IIB", "IIIB", None, "IIX"]}).to_csv(table, index=False)
    assert run(["score", "--cohort", str(table), "--model", S3, "--out", str(tmp_path / "out"), "--jobs", "1"]) == 0
    told = capsys.readouterr().out
    assert "3 of 4 rows scored" in told and "1 failed" in told and "of 1 something is missing" in told
    scores = pd.read_csv(tmp_path / "out" / "scores.csv", index_col="case")
    np.testing.assert_allclose(scores["probability"], [15 / 36, 46 / 64, np.nan, np.nan], rtol=1e-15)
    single = score_vois({}, MODEL, None, {"ptnm": "IIIB"})
    assert tuple(scores.loc["B", ["probability_lower", "probability_upper"]]) == single.probability_interval
    assert "Give pTNM stage" in scores.loc["C", "withheld"] and "Did you mean" in scores.loc["D", "error"]
    assert scores["score"].isna().all()
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "72 % (60 - 82)" in page
    assert not any(text in page for text in ("<img", "Histogram", ">Score withheld<"))
    (tmp_path / "none.csv").write_text("patient,ptnm\n1,IB\n", encoding="utf-8")
    assert run(["score", "--cohort", str(tmp_path / "none.csv"), "--model", S3, "--out", str(tmp_path / "o")]) == 2
    assert "has no column case; needed: case" in capsys.readouterr().err


def test_the_page_says_what_the_model_says_without_a_score(tmp_path: Path) -> None:
    assert run(["models", "page", S3, "--out", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    formula = json.loads(page.split('<script type="application/json" id="model">')[1].split("</script>")[0])
    assert [term["name"] for term in formula["terms"]] == ["ptnm"] and formula["cutoff"] is None
    assert formula["terms"][0]["coefficient"] == MODEL.probability.coefficients["ptnm"]
    least, most = min(TOLD.values()), max(TOLD.values())
    points = {item["value"]: item["points"] for item in formula["terms"][0]["axis"]}
    assert points == pytest.approx({stage: 100 * (beta - least) / (most - least) for stage, beta in TOLD.items()},
                                   abs=0.01)


def test_a_factor_not_yet_known_is_averaged_over_its_mix() -> None:
    """The mean over the stages of all 197 patients is the share of them who recurred: the model is calibrated to it."""
    counts = {stage: float(sum(pair)) for stage, pair in TABLE_1.items()}
    values = stored()
    values["covariates"][0]["unknown"] = {"patients": 197, "counts": counts, "reason": "known after surgery"}
    model = parse_model(values, "x")
    told = score_vois({}, model, None, {"ptnm": "unknown"})
    assert told.probability == pytest.approx(101 / 197, abs=1e-12) and told.linear_predictor is None
    assert replace(told, withheld=()) == told
