"""Images and contours of cases with two phases, by the commands: extracted, scaled, scored as a table, and compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from phase_cases import PHASES, rows_by_input, two_phase_cohort, two_phase_model

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort.scoring import score_cohort, score_features
from RadiomicsPrognosisLib.cohort.table import read_cohort, read_table
from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.scaling import fit_scaling, load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.reading.study_result import read_result
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask


@pytest.fixture
def model(user_home: Path) -> Model:
    """S2 with its features by turns from two phases, as a user's own."""
    return load_model(two_phase_model(user_home))


def alone(folder: Path, number: int, model: Model) -> Prediction:
    """Return the prediction of a case of :func:`two_phase_cohort`, scored by itself."""
    return score_vois({phase: make_voi(read_image(folder / f"{phase}{number}.nrrd"),
                                       read_mask(folder / f"{phase}{number}-mask.nrrd")[0], model.image_protocol())
                       for phase in PHASES}, model)


def test_every_case_of_a_table_is_scored_as_it_is_alone_and_a_missing_phase_fails_its_row(
        tmp_path: Path, model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    cohort, out = two_phase_cohort(tmp_path), tmp_path / "out"
    assert run(["score", "--cohort", str(cohort), "--model", model.id, "--out", str(out)]) == 0
    table = read_table(out / "scores.csv")
    assert table["case"].tolist() == ["00", "01", "02"]
    for number in range(2):
        assert table["score"][number] == alone(tmp_path, number, model).score
        assert table["venous:mask"][number] == str(tmp_path / f"venous{number}-mask.nrrd")
    assert table["error"][2] == "The table has no row of the input 'venous' for this case; add it."
    assert table["error"][:2].isna().all() and np.isnan(table["score"][2])
    assert "2 of 3 rows scored" in capsys.readouterr().out
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count("<img") == 2 and "no row of the input" in page


@pytest.mark.parametrize(("name", "words"), [
    ("arterial", "of the inputs arterial, venous, and model 'one' reads one ('arterial'); keep the rows of one input"),
    ("image", "of the inputs arterial, venous, and model 'one' reads one ('image'); keep the rows of one input")])
def test_a_model_of_one_input_scores_no_row_of_another(tmp_path: Path, user_home: Path, name: str, words: str,
                                                       capsys: pytest.CaptureFixture[str]) -> None:
    """Neither all phases alike nor a phase that it is not for."""
    cohort = two_phase_cohort(tmp_path)
    values = load_model("s2_escc_ln_response").to_dict()
    write_json(user_home / "Models" / "one.json", {**values, "id": "one", "inputs": [
        {**values["inputs"][0], "name": name}]})
    command = ["score", "--model", "one", "--out", str(tmp_path / "out"), "--cohort"]
    assert run([*command, str(cohort)]) == 2 and words in capsys.readouterr().err
    table = read_table(cohort)
    table[table["input"] == "venous"].to_csv(tmp_path / "venous.csv", index=False)
    code = run([*command, str(tmp_path / "venous.csv")])
    if name == "image":  # which any one input fits
        assert code == 0
    else:
        assert code == 2 and "of the input 'venous', and model 'one' reads 'arterial'" in capsys.readouterr().err


def test_an_anonymous_table_names_the_files_of_no_phase(tmp_path: Path, model: Model) -> None:
    cohort, out = two_phase_cohort(tmp_path), tmp_path / "out"
    (tmp_path / "venous1-mask.nrrd").unlink()
    assert run(["score", "--cohort", str(cohort), "--model", model.id, "--out", str(out), "--anonymous"]) == 0
    text = (out / "scores.csv").read_text(encoding="utf-8") + (out / "index.html").read_text(encoding="utf-8")
    assert "venous1-mask" not in text and "[mask]" in text and str(tmp_path) not in text
    assert "no row of the input 'venous' for this case" in text


def test_one_contour_of_two_patients_is_warned_about_in_whatever_phase(tmp_path: Path, model: Model) -> None:
    table = read_cohort(two_phase_cohort(tmp_path)).head(4)
    table.loc[3, ["image", "mask"]] = table.loc[1, ["image", "mask"]].tolist()
    scored = score_cohort(table, model)
    assert scored["warnings"].str.contains("shared-lesion").tolist() == [True, True]


def test_a_model_of_two_phases_extracts_and_is_told_which_rows_lack(tmp_path: Path, model: Model,
                                                                    capsys: pytest.CaptureFixture[str]) -> None:
    cohort, out = two_phase_cohort(tmp_path), tmp_path / "features.csv"
    command = ["extract", "--model", model.id, "--out", str(out), "--cohort"]
    assert run([*command, str(cohort)]) == 2
    assert "The cohort has no row of the input 'venous' for case 02" in capsys.readouterr().err
    rows = pd.read_csv(cohort, dtype=str)
    rows.drop(columns="input").drop_duplicates("case").to_csv(tmp_path / "none.csv", index=False)
    assert run([*command, str(tmp_path / "none.csv")]) == 2
    assert "reads 2 volumes; give a row for each of them, and a column 'input'" in capsys.readouterr().err
    rows.head(4).to_csv(cohort, index=False)
    assert run([*command, str(cohort)]) == 0
    table = read_table(out)
    assert table["input"].tolist() == [*PHASES] * 2 and table["error"].isna().all()
    for name in {term.feature for term in model.terms}:
        assert np.isfinite(table[name]).all()


def test_readings_of_two_phases_are_compared_feature_by_feature_and_contour_by_contour(tmp_path: Path,
                                                                                     model: Model) -> None:
    two_phase_cohort(tmp_path, cases=4)
    rows = [{"case": f"0{number}", "input": phase, "image": f"{phase}{number}.nrrd",
             "mask": f"{drawn}{number}-mask.nrrd", "reader": reader}
            for number in range(4) for phase in PHASES
            for reader, drawn in (("A", phase), ("B", PHASES[phase == "arterial"]))]
    pd.DataFrame(rows).to_csv(tmp_path / "readings.csv", index=False)
    command = ["reproducibility", "--model", model.id, "--jobs", "1", "--threshold", "-1"]
    assert run([*command, "--cohort", str(tmp_path / "readings.csv"), "--out", str(tmp_path / "one")]) == 0
    result = read_result(tmp_path / "one")
    assert {item.case for item in result.contours} == {
        f"0{number} / {phase}" for number in range(4) for phase in PHASES}
    assert all(item.overlap is not None for item in result.contours)
    assert set(model.term_keys) <= set(result.filter.features)
    assert [(item.case, item.score) for item in result.scores if item.reading.startswith("A")] == [
        (f"0{number}", alone(tmp_path, number, model).score) for number in range(4)]
    assert any("16 rows of the inputs arterial, venous were joined to 8" in note for note in result.notes)
    again = tmp_path / "one" / "features.csv"
    assert run([*command, "--features", str(again), "--out", str(tmp_path / "two")]) == 0
    assert read_result(tmp_path / "two").filter.features == result.filter.features


def test_a_scaling_is_fitted_from_rows_by_input(tmp_path: Path, user_home: Path) -> None:
    s1 = load_model("s1_escc_lpfs_radscore")
    values = s1.to_dict()
    values["inputs"] = [{**values["inputs"][0], "name": phase} for phase in PHASES]
    for number, term in enumerate(values["signature"]["terms"]):
        term["input"] = PHASES[number % 2]
    write_json(user_home / "Models" / "two.json", {**values, "id": "two"})
    model = load_model("two")
    generator, protocol = np.random.default_rng(2), model.image_protocol()
    wide = pd.DataFrame({"case": [f"P{number:02d}" for number in range(24)],
                         **{key: generator.normal(3, 1, 24) for key in model.term_keys}})
    maker = {"protocol": protocol.id, "protocol_hash": protocol.hash, "engine": "native", "engine_version": "1"}
    rows_by_input(wide).assign(**maker).to_csv(tmp_path / "rows.csv", index=False)
    assert run(["scaling", "--features", str(tmp_path / "rows.csv"), "--model", "two", "--name", "ours", "--disease",
                model.disease, "--origin", "simulated"]) == 0
    one = fit_scaling(wide.assign(**maker), model, "ours", disease=model.disease, origin="simulated")
    other = load_scaling("ours", model)
    assert other.cases == 24
    assert other.means == pytest.approx(one.means, rel=1e-14) and other.sds == pytest.approx(one.sds, rel=1e-14)


def test_deep_features_of_two_phases_give_the_score_that_the_images_give(tmp_path: Path, user_home: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime, which deep features need, is not installed")
    pytest.importorskip("onnx", reason="onnx, which checks a network's file, is not installed")
    from deep_use_cases import COEFFICIENTS, deep_model

    model = load_model(deep_model(user_home, PHASES))
    cohort, features, out = two_phase_cohort(tmp_path), tmp_path / "features.csv", tmp_path / "out"
    rows = pd.read_csv(cohort, dtype=str).head(4)
    rows.to_csv(cohort, index=False)
    assert run(["extract", "--cohort", str(cohort), "--model", model.id, "--out", str(features)]) == 0
    assert run(["score", "--cohort", str(cohort), "--model", model.id, "--out", str(out)]) == 0
    table, scores = read_table(features), read_table(out / "scores.csv")
    assert table["engine"].unique().tolist() == ["onnxruntime"] and scores["case"].tolist() == ["00", "01"]
    by_phase = {phase: table[table["input"] == phase].reset_index(drop=True) for phase in PHASES}
    expected = 0.5 + sum((1 + number) * coefficient * by_phase[phase][name]
                         for number, phase in enumerate(PHASES) for name, coefficient in COEFFICIENTS.items())
    np.testing.assert_allclose(scores["score"].fillna(scores["withheld_score"]), expected, rtol=1e-12)
    joined = score_features(model, table)
    np.testing.assert_array_equal(joined["score"].fillna(joined["withheld_score"]),
                                  scores["score"].fillna(scores["withheld_score"]))
