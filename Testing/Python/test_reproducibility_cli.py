"""``reproducibility`` as a user types it: from images to report, the same from features, and a study that uses it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import SimpleITK as sitk
from conftest import textured_volume
from study_cases import cohort_table, protocol_features, readings_table

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort import extraction
from RadiomicsPrognosisLib.cohort.table import read_table
from RadiomicsPrognosisLib.command_messages import CommandError, ReproducibilitySummary, from_line
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.reading.overlap import contour_overlap
from RadiomicsPrognosisLib.reading.study_result import read_result
from RadiomicsPrognosisLib.resources import find
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe
from RadiomicsPrognosisLib.study.run import run_study
from RadiomicsPrognosisLib.voi import read_mask

MODEL, RECIPE, CASES = "s2_escc_ln_response", "s1_escc_lpfs_radscore", 5


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with five cases read by two readers; B copies A's contour of the last, and misses the first."""
    folder = tmp_path_factory.mktemp("study")
    rows = []
    for number in range(CASES):
        image, mask = textured_volume(seed=number)
        image = image + 10 * number
        sitk.WriteImage(image, str(folder / f"ct{number}.nrrd"))
        other = sitk.BinaryDilate(mask, [1, 1, 0] if number < CASES - 1 else [0, 0, 0])
        for reader, drawn in (("A", mask), ("B", other)):
            sitk.WriteImage(drawn, str(folder / f"{reader}{number}.nrrd"))
            if (reader, number) != ("B", 0):
                rows.append({"case": f"00{number}", "image": f"ct{number}.nrrd", "mask": f"{reader}{number}.nrrd",
                             "reader": reader})
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def finished(study: Path) -> Path:
    """The command's folder for that cohort."""
    out = study / "out"
    assert run(["reproducibility", "--cohort", str(study / "cohort.csv"), "--model", MODEL, "--out", str(out),
                "--threshold", "0.8", "--jobs", "2"]) == 0
    return out


def test_a_cohort_ends_in_a_report_tables_and_figures(finished: Path, study: Path) -> None:
    assert {path.name for path in finished.iterdir()} == {
        "reproducibility.json", "icc.csv", "filter.csv", "scores.csv", "agreement.csv", "contours.csv", "features.csv",
        "reproducibility.html", "figures"}
    result = read_result(finished)
    protocol = load_model(MODEL).image_protocol()
    assert set(result.filter.features) == set(protocol.feature_names())
    assert (result.protocol.id, result.protocol.title) == (protocol.id, protocol.title)
    assert result.source[0].file == "cohort.csv" and len(result.source[0].sha256) == 64
    assert [item.case for item in result.plan.missing] == ["000"]
    assert [item.code for item in result.warnings] == ["copied-reading"]
    assert "004 (A · 1, B · 1)" in result.warnings[0].message
    contours = read_table(finished / "contours.csv").set_index("case")
    for number in range(1, CASES):
        expected = contour_overlap(*(read_mask(study / f"{reader}{number}.nrrd")[0] for reader in "AB"))
        assert contours.loc[f"00{number}", "dice"] == expected.dice
        assert contours.loc[f"00{number}", "hausdorff95_mm"] == expected.hausdorff95_mm
    assert contours["identical"].tolist() == ["no", "no", "no", "yes"]
    scores = read_table(finished / "scores.csv")
    assert len(scores) == 2 * CASES - 1 and scores["score"].notna().all()


def test_features_extracted_before_give_the_same_numbers(finished: Path, study: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    table = shutil.copy(finished / "features.csv", study / "features.csv")
    assert run(["reproducibility", "--features", str(table), "--model", MODEL, "--out", str(out), "--threshold", "0.8",
                "--jobs", "1"]) == 0
    for name in ("icc.csv", "filter.csv", "scores.csv", "agreement.csv", "contours.csv"):
        assert (out / name).read_bytes() == (finished / name).read_bytes(), name
    assert not (out / "features.csv").exists()


def test_images_that_are_not_at_hand_are_noted(finished: Path, tmp_path: Path) -> None:
    table = read_table(finished / "features.csv")
    table.assign(mask="gone.nrrd").to_csv(tmp_path / "features.csv", index=False)
    assert run(["reproducibility", "--features", str(tmp_path / "features.csv"), "--out", str(tmp_path / "out")]) == 0
    result = read_result(tmp_path / "out")
    assert result.contours == () and any("contours were not compared" in note for note in result.notes)
    assert result.model is None and not (tmp_path / "out" / "scores.csv").exists()


def test_a_second_run_extracts_nothing_and_gives_the_same_bytes(finished: Path, study: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["reproducibility", "--cohort", str(study / "cohort.csv"), "--model", MODEL, "--out", str(finished),
                "--threshold", "0.8", "--jobs", "1", "--force"]) == 0
    before = {path.relative_to(finished): path.read_bytes() for path in finished.rglob("*") if path.is_file()}
    monkeypatch.setattr(extraction, "extract", lambda *_: pytest.fail("a row was extracted again"))
    assert run(["reproducibility", "--cohort", str(study / "cohort.csv"), "--model", MODEL, "--out", str(finished),
                "--threshold", "0.8", "--jobs", "1", "--force"]) == 0
    after = {path.relative_to(finished): path.read_bytes() for path in finished.rglob("*") if path.is_file()}
    assert after == before


def test_a_protocol_stands_in_for_a_model(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reproducibility", "--cohort", str(study / "cohort.csv"), "--protocol", "ct-original-raw", "--out",
                str(tmp_path / "out"), "--on", "lower", "--form", "ICC(3,1)", "--threshold", "0.5"]) == 0
    result = read_result(tmp_path / "out")
    assert (result.form, result.filter.on, result.filter.threshold) == ("ICC(3,1)", "lower", 0.5)
    assert "Filter ICC(3,1), lower bound of the 95 % interval ≥ 0.5" in capsys.readouterr().out


def test_programs_get_the_summary_as_the_last_line(finished: Path, tmp_path: Path,
                                                   capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["reproducibility", "--features", str(finished / "features.csv"), "--model", MODEL, "--out", str(out),
                "--json-lines"]) == 0
    summary = from_line(capfd.readouterr().out.splitlines()[-1])
    assert isinstance(summary, ReproducibilitySummary)
    result = read_result(summary.json)
    assert (summary.cases, summary.readings, summary.readers) == (CASES, 2, 2)
    assert summary.kept == len(result.filter.kept) and Path(summary.report).is_file()
    assert summary.score_icc == result.comparisons[0].score.icc.forms["ICC(2,1)"].icc[0]
    assert set(summary.failing) == {item.feature for item in result.filter.failed}
    assert run(["reproducibility", "--features", "absent.csv", "--out", str(out), "--json-lines"]) == 2
    assert isinstance(from_line(capfd.readouterr().out.splitlines()[-1]), CommandError)


@pytest.mark.parametrize(("options", "message"), [
    (["--features", "absent.csv"], "does not exist"),
    (["--cohort", "absent.csv", "--protocol", "ct-original-raw"], "does not exist"),
    (["--cohort", "COHORT"], "needs --protocol or --model"),
    (["--cohort", "COHORT", "--model", MODEL, "--protocol", "ct-original-raw"], "--protocol belongs to"),
    (["--features", "F", "--cohort", "COHORT"], "not allowed with"), ([], "required"),
    (["--features", "F", "--scaling", "x"], "--scaling belongs to --model"),
    (["--features", "F", "--model", MODEL, "--scaling", "x"], "takes no scaling"),
    (["--features", "F", "--threshold", "1.5"], "between -1 and 1"),
    (["--features", "F", "--jobs", "0"], "--jobs is 0"),
    (["--features", "F", "--form", "ICC(4,1)"], "invalid choice"), (["--features", "COHORT"], "no column of features"),
    (["--features", "SINGLE"], "one reading of 5 cases"), (["--cohort", "PLAIN", "--model", MODEL], "neither a column"),
])
def test_wrong_input_exits_with_2_and_leaves_nothing(study: Path, finished: Path, tmp_path: Path, options: list[str],
                                                     message: str, capsys: pytest.CaptureFixture[str]) -> None:
    table, cohort = read_table(finished / "features.csv"), read_table(study / "cohort.csv")
    paths = {name: tmp_path / f"{name}.csv" for name in ("F", "COHORT", "SINGLE", "PLAIN")}
    table.to_csv(paths["F"], index=False)
    table[table["reader"] == "A"].to_csv(paths["SINGLE"], index=False)
    cohort.to_csv(paths["COHORT"], index=False)
    cohort[cohort["reader"] == "A"].drop(columns="reader").to_csv(paths["PLAIN"], index=False)
    before = sorted(tmp_path.iterdir())
    given = [str(paths.get(item, item)) for item in options]
    assert run(["reproducibility", *given, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert message in error[-1] and error[-1].startswith("radiomics-prognosis:")
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_of_the_users_is_not_replaced(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    assert run(["reproducibility", "--features", str(finished / "features.csv"), "--out", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


# A study that uses exactly these features

@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    """A folder with S1's recipe on forty features, their readings, a cohort, and the filter's results; both tables."""
    folder = tmp_path_factory.mktemp("filtered")
    names = protocol_features(load_recipe(RECIPE), 40)
    text = find("Recipes", ".toml", RECIPE, "Recipe").read_text(encoding="utf-8")
    text = text.replace("features = { protocol = true }", f"features = {{ names = {json.dumps(names)} }}")
    (folder / "small.toml").write_text(text.replace("bootstrap = 200", "bootstrap = 2"), encoding="utf-8")
    recipe = load_recipe(folder / "small.toml")
    cohort = cohort_table(recipe, 180, 3, names)
    readings = readings_table(cohort, names, 30, 1, names[:15]).assign(protocol=recipe.protocol.id,
                                                                        protocol_hash=recipe.protocol.hash)
    cohort.to_csv(folder / "cohort.csv", index=False)
    readings.to_csv(folder / "readings.csv", index=False)
    assert run(["reproducibility", "--features", str(folder / "readings.csv"), "--out", str(folder / "out")]) == 0
    return folder, readings, cohort


def test_a_filter_keeps_what_the_study_would_keep_itself(
        filtered: tuple[Path, pd.DataFrame, pd.DataFrame]) -> None:
    folder, readings, cohort = filtered
    recipe = load_recipe(folder / "small.toml")
    own = run_study(recipe, cohort, readings).result
    source = {"readings": {"file": "filter.csv", "sha256": "0" * 64}}
    used = run_study(recipe, cohort, read_table(folder / "out" / "filter.csv"), source=source).result
    assert set(used.reproducibility.kept) == set(own.reproducibility.kept)
    assert set(used.reproducibility.kept) == set(read_result(folder / "out").filter.kept)
    assert used.signatures[0].to_dict() == own.signatures[0].to_dict()
    assert used.reproducibility.table.file == "filter.csv"
    notes = [note for note in used.findings if "filter.csv" in note]
    assert len(notes) == 1 and "ICC(2,1), estimate ≥ 0.9" in notes[0]


def test_a_filter_by_another_rule_is_used_and_noted(filtered: tuple[Path, pd.DataFrame, pd.DataFrame],
                                                    tmp_path: Path) -> None:
    folder, readings, cohort = filtered
    readings[readings["session"] == "1"].to_csv(tmp_path / "readings.csv", index=False)
    assert run(["reproducibility", "--features", str(tmp_path / "readings.csv"), "--out", str(tmp_path / "out"),
                "--threshold", "0.75"]) == 0
    result = run_study(load_recipe(folder / "small.toml"), cohort,
                       read_table(tmp_path / "out" / "filter.csv")).result
    notes = " ".join(result.findings)
    assert "another one: ICC(2,1), estimate ≥ 0.9" in notes and "judges the intra-reader comparison, too" in notes


@pytest.mark.slow
def test_the_command_runs_on_a_filter_and_its_report_says_so(filtered: tuple[Path, pd.DataFrame, pd.DataFrame],
                                                             tmp_path: Path) -> None:
    folder = filtered[0]
    assert run(["study", "run", str(folder / "small.toml"), "--cohort", str(folder / "cohort.csv"), "--readings",
                str(folder / "out" / "filter.csv"), "--out", str(tmp_path / "study")]) == 0
    result = json.loads((tmp_path / "study" / "study.json").read_text(encoding="utf-8"))
    assert result["reproducibility"]["table"]["sha256"] == result["data"]["readings"]["sha256"]
    page = (tmp_path / "study" / "report.html").read_text(encoding="utf-8")
    assert result["reproducibility"]["table"]["sha256"] in page and "exactly those that the table keeps" in page


@pytest.mark.parametrize(("change", "message"), [
    (lambda table: table.assign(kept="maybe"), "holds 'maybe'; allowed: yes, no"),
    (lambda table: table.assign(kept="no"), "keeps none of the"),
    (lambda table: table.iloc[1:], "does not say whether 1 of"),
    (lambda table: pd.concat([table, table.head(1)]), "twice"),
    (lambda table: table.assign(form="ICC(9,9)"), "is no rule"),
    (lambda table: table.assign(threshold="high"), "must be a number"),
    (lambda table: table.assign(threshold=5), "must be a number from -1 to 1"),
    (lambda table: table.assign(threshold="nan"), "must be a number from -1 to 1"),
    (lambda table: table.assign(kept="yes"), "the table was edited"),
    (lambda table: table.assign(kept=table["kept"].mask(table.index == (table["kept"] == "yes").idxmax(), "no")),
     "is not what the values and the threshold 0.9 say"),
    (lambda table: table.assign(threshold=0.2), "the table was edited"),
    (lambda table: table.assign(**{"inter-reader": "high"}), "holds something that is not a number"),
    (lambda table: table.drop(columns="on"), "must hold one value; it holds none"),
    (lambda table: table.assign(protocol_hash="1" * 64), "judged features of protocol hash 111111111111"),
])
def test_a_damaged_filter_is_refused(filtered: tuple[Path, pd.DataFrame, pd.DataFrame], change: object, message: str,
                                     tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = filtered[0]
    change(read_table(folder / "out" / "filter.csv")).to_csv(tmp_path / "filter.csv", index=False)
    assert run(["study", "run", str(folder / "small.toml"), "--cohort", str(folder / "cohort.csv"), "--readings",
                str(tmp_path / "filter.csv"), "--out", str(tmp_path / "study")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "study").exists()
