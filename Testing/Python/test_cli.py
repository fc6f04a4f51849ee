"""The command line: exit codes, one line for wrong input, one JSON object, whole files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.cli import scoring
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.phantom import PHANTOM_NAME
from RadiomicsPrognosisLib.prediction import Prediction


@pytest.fixture()
def case(tmp_path: Path) -> list[str]:
    """The options that name a small image and its mask."""
    image, mask = textured_volume()
    sitk.WriteImage(image, str(tmp_path / "ct.nrrd"))
    sitk.WriteImage(mask, str(tmp_path / "mask.nrrd"))
    return ["--image", str(tmp_path / "ct.nrrd"), "--mask", str(tmp_path / "mask.nrrd")]


S1 = ["--model", "s1_escc_lpfs_radscore", "--scaling", "demonstration-sts-ct"]
COVARIATES = ["--covariate", "n_stage=N2", "--covariate", "complete_response=yes"]


def test_json_is_one_object_and_nothing_else(case: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", *case, *S1, *COVARIATES, "--json"]) == 0
    out = capsys.readouterr().out
    prediction = json.loads(out)
    assert out.count("\n") == 1
    assert len(prediction["contributions"]) == 17
    assert len(prediction["survival"]["at_horizons"]) == 3
    assert prediction["answer"]["band"].startswith("DEMONSTRATION")
    assert [item["value"] for item in prediction["answer"]["outcomes"]] == prediction["survival"]["at_horizons"]
    assert Prediction.from_dict(prediction).score == prediction["score"]
    assert prediction["covariates"] == {"n_stage": 2.0, "complete_response": 1.0}


def test_text_shows_score_group_survival_and_warnings(case: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", *case, *S1, *COVARIATES]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].strip().startswith("DEMONSTRATION, not a patient's result")
    for text in ("Rad-score group: ", "risk (image alone)", "cut-off 0.1411; this case is", "12-month LPFS: ",
                 "reconstructed", "Demonstration scaling", "N stage: N2", "not a medical device"):
        assert text in out
    assert "nan" not in out.lower().replace(",", " ").split()


def test_missing_covariate_is_named(case: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", *case, *S1]) == 0
    out = capsys.readouterr().out
    assert "Rad-score group: " in out
    assert "No local progression-free survival: Give N stage (n_stage) and" in out


def test_files_appear_whole_and_repeat_the_prediction(case: list[str], tmp_path: Path) -> None:
    out = tmp_path / "result"
    assert run(["score", *case, "--model", "s2_escc_ln_response", "--out", str(out)]) == 0
    prediction = json.loads((out / "prediction.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader((out / "features.csv").open(encoding="utf-8")))
    assert [float(row["value"]) for row in rows] == [item["value"] for item in prediction["contributions"]]
    engine = prediction["engine"]
    assert {(row["engine"], row["engine_version"]) for row in rows} == {(engine["name"], engine["version"])}
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "the following arguments are required"),
    (["scroe"], "invalid choice"),
    (["score", "--model", "s2_escc_ln_response"], "--image"),
    (["score", "--image", "none.nrrd", "--mask", "none.nrrd", "--model", "s2_escc_ln_response"], "does not exist"),
    (["score", "--image", "none.nrrd", "--mask", "none.nrrd", "--model", "s9"], "no model 's9'; known: "),
    (["score", "--image", "none.nrrd", "--model", "s2_escc_ln_response"], "--mask is missing"),
    (["score", "--image", "x", "--mask", "x", "--model", "s1_escc_lpfs_radscore"],
     "needs the means and SDs of its features: give --scaling NAME|FILE (at hand: demonstration-sts-ct)"),
    (["score", "--image", "x", "--mask", "x", "--model", "s2_escc_ln_response", "--scaling", "a"], "takes no scaling"),
    (["score", "--image", "x", "--mask", "x", *S1, "--covariate", "n_stage"], "form NAME=VALUE"),
    (["score", "--image", "x", "--mask", "x", *S1, "--covariate", "n_stage=N9"], "allowed: N0 (0)"),
    (["models", "show", "s9"], "There is no model 's9'"),
    (["models", "check", "none.json"], "does not exist"),
    (["extract", "--cohort", "none.csv", "--protocol", "ct-original-raw", "--out", "x.csv"], "Cohort 'none.csv'"),
    (["extract", "--cohort", "none.csv", "--protocol", "nonsense", "--out", "x.csv"], "no protocol 'nonsense'"),
    (["scaling", "--features", "x.csv", "--model", "s1_escc_lpfs_radscore", "--name", "a/b"], "plain name"),
])
def test_wrong_input_is_one_line_on_stderr_and_exit_2(arguments: list[str], message: str,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert message in captured.err


def test_wrong_input_with_json_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--image", "none", "--mask", "x", "--model", "s2_escc_ln_response", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "file"


def test_a_fault_of_ours_is_exit_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(scoring, "load_model", broken)
    assert run(["score", "--image", "x", "--mask", "x", "--model", "s2_escc_ln_response"]) == 1
    assert "fault of the software" in capsys.readouterr().err


def test_models_list_show_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert {model["id"]: model["needs_scaling"] for model in models}.items() >= {
        "s1_escc_lpfs_radscore": True, "s2_escc_ln_control_2y": False, "s2_escc_ln_response": False}.items()
    assert run(["models", "show", "s1_escc_lpfs_radscore"]) == 0
    card = capsys.readouterr().out
    for text in ("+0.157807433", "survival reconstructed", "0.745 (0.7 - 0.79)", "oesophageal squamous cell carcinoma",
                 "demonstration-sts-ct (20 cases, soft-tissue sarcoma; 20 public CTs"):
        assert text in card


def test_models_check_recomputes_a_reconstruction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from RadiomicsPrognosisLib.resources import shipped_folder

    values = json.loads((shipped_folder() / "Models" / "s1_escc_lpfs_radscore.json").read_text(encoding="utf-8"))
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    assert run(["models", "check", str(path)]) == 0
    assert "is valid" in capsys.readouterr().out
    values["survival"]["baseline_cumulative_hazard"]["values"][0] += 1e-4
    path.write_text(json.dumps(values), encoding="utf-8")
    assert run(["models", "check", str(path)]) == 2
    assert "its published tables give 0.405426" in capsys.readouterr().err


def test_demo_on_the_sample_ct(lung: Callable[[str], tuple[Path, Path]], tmp_path: Path,
                               monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = lung("lung2")[0].parent
    monkeypatch.setattr(scoring, "sample_case", lambda: scoring_sample(folder))
    assert run(["demo", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    for text in ("not a patient the models were made for", "Rad-score", "risk", "Probability of response",
                 "36-month LPFS", "DEMONSTRATION"):
        assert text in out
    assert (tmp_path / "s1_escc_lpfs_radscore" / "prediction.json").is_file()


def scoring_sample(folder: Path) -> object:
    from RadiomicsPrognosisLib.sample import sample_case

    return sample_case(folder=folder)


def test_demo_without_network_names_the_phantom_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("RadiomicsPrognosisLib.sample.ensure_sample", lambda folder: "no network")
    assert run(["demo", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "could not be fetched (no network)" in out
    assert out.count(PHANTOM_NAME) >= 4
    for path in tmp_path.glob("*/prediction.json"):
        assert PHANTOM_NAME in json.loads(path.read_text(encoding="utf-8"))["vois"]["image"]["segment"]


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "RadiomicsPrognosisLib", "score"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("radiomics-prognosis: the following arguments are required")
