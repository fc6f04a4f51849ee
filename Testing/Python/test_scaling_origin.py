"""Whose cases a scaling is from: disease, origin, scanners, and the demonstration's cases under another name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import papers
import pytest
from test_prediction import unit_scaling, warned, with_score
from test_scaling import S1, WHAT

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.errors import CohortError, SchemaError
from RadiomicsPrognosisLib.models.scaling import fit_scaling, load_scaling, parse_scaling, save_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import predict


@pytest.fixture()
def sarcomas() -> pd.DataFrame:
    """Return the feature table of the 20 cases that the demonstration scaling is made from."""
    scaling = load_scaling("demonstration-sts-ct", S1)
    return pd.DataFrame({"case": [f"P{number}" for number in range(20)], **scaling.values}).assign(
        protocol_hash=scaling.protocol_hash, engine=scaling.engine, engine_version=scaling.engine_version, error=None)


def others(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return ``count`` other cases whose features are of the same sizes."""
    generator = np.random.default_rng(8)
    values = {name: generator.normal(table[name].mean(), table[name].std(), count) for name in papers.S1_BETAS}
    return pd.DataFrame({"case": [f"Q{number}" for number in range(count)], **values}).assign(
        **{name: table[name].iloc[0] for name in ("protocol_hash", "engine", "engine_version", "error")})


def test_the_demonstrations_cases_under_another_name_keep_their_warning(sarcomas: pd.DataFrame,
                                                                        user_home: Path) -> None:
    scaling = fit_scaling(sarcomas, S1, "our-oesophagus", disease=S1.disease, origin="our hospital, 2020 - 2023")
    assert scaling.demonstration and scaling.disease == "soft-tissue sarcoma"
    save_scaling(scaling)
    prediction = predict(S1, with_score(0.2), {}, load_scaling("our-oesophagus", S1))
    (message,) = [item.message for item in prediction.warnings if item.code == "demonstration-scaling"]
    assert "our-oesophagus" in message and "20 of its cases are those of 'demonstration-sts-ct'" in message
    assert prediction.scaling.demonstration


def test_some_of_the_demonstrations_cases_among_others_are_told(sarcomas: pd.DataFrame) -> None:
    """Reordered, rounded as a table may round them, and with twice as many other cases."""
    rounded = sarcomas.sample(frac=1, random_state=1).head(12)
    rounded = rounded.assign(**{name: rounded[name].map(lambda value: float(f"{value:.5g}"))
                                for name in papers.S1_BETAS})
    mixed = fit_scaling(pd.concat([others(sarcomas, 24), rounded]), S1, "mixed", **WHAT)
    assert mixed.demonstration and "12 of its cases" in mixed.origin
    assert mixed.disease.endswith(", 12 of them of soft-tissue sarcoma")
    assert parse_scaling(mixed.to_dict(), "x").origin == mixed.origin


def test_a_file_without_the_values_is_told_by_its_means_and_sds() -> None:
    values = load_scaling("demonstration-sts-ct", S1).to_dict()
    earlier = {key: item for key, item in values.items() if key not in ("disease", "scanners")}
    earlier |= {"schema": "radiomics-prognosis/scaling/1", "name": "mine", "origin": "mine", "demonstration": False,
                "features": {key: {"mean": item["mean"], "sd": item["sd"]} for key, item in values["features"].items()}}
    scaling = parse_scaling(earlier, "mine.json")
    assert scaling.demonstration and scaling.values == {} and scaling.cases == 20
    earlier["features"]["wavelet-HLL_glcm_Idn"]["mean"] += 0.2 * earlier["features"]["wavelet-HLL_glcm_Idn"]["sd"]
    assert not parse_scaling(earlier, "mine.json").demonstration


def test_other_cases_are_no_demonstration(sarcomas: pd.DataFrame) -> None:
    scaling = fit_scaling(others(sarcomas, 40), S1, "mine", **WHAT)
    assert not scaling.demonstration
    assert warned(predict(S1, with_score(0.2), {}, scaling))[0] != "demonstration-scaling"


@pytest.mark.parametrize(("disease", "codes"), [
    (S1.disease, []), ("Esophageal Squamous-Cell carcinoma", []), ("", ["scaling-disease-unknown"]),
    ("squamous cell carcinoma of the lung", ["scaling-disease"])])
def test_a_scaling_of_another_disease_is_warned_about(disease: str, codes: list[str]) -> None:
    prediction = predict(S1, with_score(0.2), {}, unit_scaling(disease=disease))
    assert warned(prediction) == codes and prediction.scaling.other_disease == ("scaling-disease" in codes)
    for item in prediction.warnings:
        assert S1.disease in item.message and disease in item.message
        assert item.code != "scaling-disease" or "mean nothing for a patient" in item.message


def test_values_scanners_and_disease_are_kept_without_naming_a_case(sarcomas: pd.DataFrame, user_home: Path) -> None:
    table = others(sarcomas, 30).assign(manufacturer=["SIEMENS"] * 20 + ["GE"] * 6 + [None] * 4,
                                        scanner=["Sensation 64"] * 20 + ["Discovery"] * 6 + [None] * 4)
    scaling = load_scaling(save_scaling(fit_scaling(table, S1, "mine", **WHAT)), S1)
    assert scaling.scanners == {"SIEMENS Sensation 64": 20, "GE Discovery": 6, "not stated": 4}
    assert scaling.disease == S1.disease
    rows = np.array([scaling.values[key] for key in S1.term_keys]).T
    expected = table[S1.term_keys].to_numpy(float)
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, expected.tolist()))
    assert rows[:, 0].tolist() == sorted(rows[:, 0].tolist()) and rows.tolist() != expected.tolist()
    assert not any(case in json.dumps(scaling.to_dict()) for case in table["case"])
    assert fit_scaling(table.drop(columns=["manufacturer", "scanner"]), S1, "mine", **WHAT).scanners == {
        "not stated": 30}


@pytest.mark.parametrize(("change", "message"), [
    (lambda values: values["scanners"].update(A=1), r"'scanners' must be numbers of cases that add up to 30"),
    (lambda values: values["features"]["wavelet-HLL_glcm_Idn"]["values"].pop(), "a list of 30 numbers"),
    (lambda values: values["features"]["wavelet-HLL_glcm_Idn"].pop("values"), "'values' in all features or in none"),
])
def test_files_whose_cases_do_not_fit_each_other(sarcomas: pd.DataFrame, change: object, message: str) -> None:
    values = fit_scaling(others(sarcomas, 30), S1, "mine", **WHAT).to_dict()
    change(values)
    with pytest.raises(SchemaError, match=message):
        parse_scaling(values, "mine.json")


def test_disease_and_origin_are_asked_for(sarcomas: pd.DataFrame, tmp_path: Path, user_home: Path,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    for missing in ("disease", "origin"):
        with pytest.raises(CohortError, match=f"{missing} is not given"):
            fit_scaling(sarcomas, S1, "mine", **{**WHAT, missing: " "})
    path = tmp_path / "features.csv"
    others(sarcomas, 30).to_csv(path, index=False)
    command = ["scaling", "--features", str(path), "--model", S1.id, "--name", "ours"]
    assert run([*command, "--origin", "our hospital"]) == 2
    error = capsys.readouterr().err
    assert "--disease" in error and f"'{S1.disease}'" in error
    assert run([*command, "--disease", S1.disease]) == 2
    assert "--origin" in capsys.readouterr().err
    assert run([*command, "--disease", "gastric cancer", "--origin", "our hospital"]) == 0
    assert f"warned about: model '{S1.id}' is for {S1.disease}" in capsys.readouterr().out


def test_a_second_scaling_of_the_name_needs_force(sarcomas: pd.DataFrame, tmp_path: Path, user_home: Path,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "features.csv"
    others(sarcomas, 30).to_csv(path, index=False)
    command = ["scaling", "--features", str(path), "--model", S1.id, "--name", "ours", "--disease", S1.disease,
               "--origin", "first"]
    assert run(command) == 0
    assert run([*command[:-1], "second"]) == 2
    error = capsys.readouterr().err
    assert "'ours'" in error and "first" in error and "--force" in error
    assert load_scaling("ours", S1).origin == "first"
    assert run([*command[:-1], "second", "--force"]) == 0
    assert load_scaling("ours", S1).origin == "second"


def test_a_shipped_scalings_name_is_taken(sarcomas: pd.DataFrame, tmp_path: Path, user_home: Path,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    """A user's file of the name would stand in for the one that ships."""
    path = tmp_path / "features.csv"
    others(sarcomas, 30).to_csv(path, index=False)
    assert run(["scaling", "--features", str(path), "--model", S1.id, "--name", "demonstration-sts-ct", "--disease",
                S1.disease, "--origin", "x"]) == 2
    assert "--force" in capsys.readouterr().err
    assert load_model(S1.id).hash == S1.hash
