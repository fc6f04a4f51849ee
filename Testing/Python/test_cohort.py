"""Cohort tables: reading, parallel and resumed extraction, failing rows, and the way to a scaling."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pydicom
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from dicom_cases import write_series

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort import extraction
from RadiomicsPrognosisLib.cohort.extraction import extract_cohort
from RadiomicsPrognosisLib.cohort.scoring import score_cohort
from RadiomicsPrognosisLib.cohort.table import read_cohort, read_table, row_names, write_table
from RadiomicsPrognosisLib.errors import CohortError, FileError, PackageMissing
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask

PROTOCOL = load_protocol("ct-original-raw")


@pytest.fixture()
def cohort_file(tmp_path: Path) -> Path:
    """Three cases with relative paths; the third has an empty mask."""
    rows = []
    for number in range(3):
        image, mask = textured_volume(seed=number)
        sitk.WriteImage(image, str(tmp_path / f"ct{number}.nrrd"))
        sitk.WriteImage(mask * int(number < 2), str(tmp_path / f"mask{number}.nrrd"))
        rows.append({"case": f"00{number}", "image": f"ct{number}.nrrd", "mask": f"mask{number}.nrrd", "time": 10.5})
    path = tmp_path / "cohort.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_rows_hold_the_features_of_a_single_extraction(cohort_file: Path) -> None:
    table = extract_cohort(read_cohort(cohort_file), PROTOCOL)
    assert list(table["case"]) == ["000", "001", "002"]
    assert list(table["time"]) == [10.5] * 3
    for number in range(2):
        folder = cohort_file.parent
        voi = make_voi(read_image(folder / f"ct{number}.nrrd"), read_mask(folder / f"mask{number}.nrrd")[0], PROTOCOL)
        expected = extract(voi, PROTOCOL)
        assert {name: table[name].iloc[number] for name in expected.values} == expected.values
        assert table["protocol_hash"].iloc[number] == PROTOCOL.hash
        assert table["voi_hash"].iloc[number] == voi.content_hash()


def test_a_failing_row_carries_its_reason_and_stops_no_other(cohort_file: Path) -> None:
    table = extract_cohort(read_cohort(cohort_file), PROTOCOL, ["original_firstorder_Mean"])
    assert table["error"].isna().tolist() == [True, True, False]
    assert "holds no label at all" in table["error"].iloc[2]
    assert pd.isna(table["original_firstorder_Mean"].iloc[2])


def test_a_row_tells_the_scanner_of_its_series_and_keeps_what_the_cohort_says_of_a_file(tmp_path: Path) -> None:
    image, mask = textured_volume(seed=1)
    sitk.WriteImage(image, str(tmp_path / "ct.nrrd"))
    sitk.WriteImage(mask, str(tmp_path / "mask.nrrd"))
    for path in write_series(sitk.Cast(image, sitk.sitkInt16), tmp_path / "series"):
        slice_ = pydicom.dcmread(path)
        slice_.Manufacturer, slice_.ManufacturerModelName = "SIEMENS", "Force"
        slice_.save_as(path)
    cohort = pd.DataFrame({"case": ["file", "series"], "image": [str(tmp_path / "ct.nrrd"), str(tmp_path / "series")],
                           "mask": [str(tmp_path / "mask.nrrd")] * 2, "scanner": ["Discovery 750", "left to be asked"]})
    table = extract_cohort(cohort, PROTOCOL, ["original_firstorder_Mean"], cache=tmp_path / "cache")
    assert table["error"].isna().all()
    assert table["scanner"].tolist() == ["Discovery 750", "Force"]
    assert table["manufacturer"].fillna("").tolist() == ["", "SIEMENS"]
    assert table["modality"].fillna("").tolist() == ["", "CT"]


def test_processes_give_the_same_table_as_one(cohort_file: Path, tmp_path: Path) -> None:
    cohort = read_cohort(cohort_file)
    alone = extract_cohort(cohort, PROTOCOL, cache=tmp_path / "a")
    pd.testing.assert_frame_equal(extract_cohort(cohort, PROTOCOL, jobs=2, cache=tmp_path / "b"), alone)


def test_a_killed_run_resumes_and_recomputes_nothing(cohort_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = read_cohort(cohort_file)
    whole = extract_cohort(cohort.head(2), PROTOCOL)

    def forbidden(*_: object) -> None:
        raise AssertionError("a cached row was computed again")

    monkeypatch.setattr(extraction, "_extract_row", forbidden)
    pd.testing.assert_frame_equal(extract_cohort(cohort.head(2), PROTOCOL), whole)


def test_changed_content_is_computed_again(cohort_file: Path) -> None:
    cohort = read_cohort(cohort_file).head(1)
    before = extract_cohort(cohort, PROTOCOL, ["original_firstorder_Mean"])
    shutil.copy(cohort_file.parent / "ct1.nrrd", cohort_file.parent / "ct0.nrrd")
    after = extract_cohort(cohort, PROTOCOL, ["original_firstorder_Mean"])
    assert before["original_firstorder_Mean"].iloc[0] != after["original_firstorder_Mean"].iloc[0]
    other = make_protocol(hu_range=[0, None])
    assert extract_cohort(cohort, other, ["original_firstorder_Mean"])["removed_share"].iloc[0] > 0


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_keep_every_digit_and_leading_zeros(cohort_file: Path, tmp_path: Path, suffix: str) -> None:
    table = extract_cohort(read_cohort(cohort_file).head(2), PROTOCOL)
    path = tmp_path / f"features{suffix}"
    write_table(table, path)
    again = read_table(path)
    assert list(again["case"]) == ["000", "001"]
    for name in PROTOCOL.feature_names():
        assert again[name].tolist() == table[name].tolist()


@pytest.mark.parametrize(("text", "message"), [
    ("case,image\na,b\n", "no column mask; needed: case, image, mask; found: case, image"),
    ("case,image,mask\n", "has no rows"),
    ("case,image,mask\na,b,c\n,b,c\n", "row 3 has no case"),
    ("case,image,mask\na,b,c\na,b,c\n", r"row 3 repeats an earlier one \(case a\)"),
])
def test_cohorts_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(text)
    with pytest.raises(CohortError, match=message):
        read_cohort(path)


def test_rows_of_one_case_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text("case,image,mask,reader,label\na,b,c,A,1\na,b,c,B,1\na,b,c,B,2\n")
    assert list(read_cohort(path)["label"]) == ["1", "1", "2"]


def test_other_endings_and_missing_dask(cohort_file: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"must end in .csv or .parquet"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "x.xlsx")
    try:
        import distributed  # noqa: F401
    except ImportError:
        with pytest.raises(PackageMissing, match="pip install distributed"):
            extract_cohort(read_cohort(cohort_file), PROTOCOL, dask="tcp://127.0.0.1:1")


def test_from_cohort_to_scaling_to_score_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a hospital does with its own cases: extract, fit a scaling, score with it."""
    rows = []
    for number in range(20):
        image, mask = textured_volume(seed=number)
        sitk.WriteImage(image, str(tmp_path / f"ct{number}.nrrd"))
        sitk.WriteImage(mask, str(tmp_path / f"mask{number}.nrrd"))
        rows.append(f"P{number},ct{number}.nrrd,mask{number}.nrrd")
    (tmp_path / "cohort.csv").write_text("case,image,mask\n" + "\n".join(rows))
    features = tmp_path / "features.csv"
    assert run(["extract", "--cohort", str(tmp_path / "cohort.csv"), "--protocol", "ct-hu50-1mm-wavelet",
                "--out", str(features), "--jobs", "2"]) == 0
    assert "20 of 20 rows extracted" in capsys.readouterr().out
    assert run(["scaling", "--features", str(features), "--model", "s1_escc_lpfs_radscore", "--name", "ours",
                "--disease", "oesophageal squamous cell carcinoma", "--origin", "simulated"]) == 0
    assert "of 20 cases" in capsys.readouterr().out
    assert run(["score", "--image", str(tmp_path / "ct3.nrrd"), "--mask", str(tmp_path / "mask3.nrrd"), "--model",
                "s1_escc_lpfs_radscore", "--scaling", "ours"]) == 0
    out = capsys.readouterr().out
    assert "Scaling ours, 20 cases" in out
    assert "Demonstration" not in out


def test_a_cohort_is_scored_row_by_row_with_reports(cohort_file: Path, tmp_path: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    """The rows' scores are those of the single command; a failing row says why; each scored row has its report."""
    out = tmp_path / "scores"
    options = ["--model", "s2_escc_ln_response"]
    assert run(["score", "--cohort", str(cohort_file), *options, "--out", str(out), "--reports"]) == 0
    assert "2 of 3 rows scored" in capsys.readouterr().out
    table = read_table(out / "scores.csv")
    assert list(table["case"]) == ["000", "001", "002"]
    assert "holds no label at all" in table["error"].iloc[2]
    for number in range(2):
        case = ["--image", str(tmp_path / f"ct{number}.nrrd"), "--mask", str(tmp_path / f"mask{number}.nrrd")]
        assert run(["score", *case, *options, "--json"]) == 0
        single = json.loads(capsys.readouterr().out)
        assert table["score"].iloc[number] == single["score"]
        assert table["group"].iloc[number] == single["group"]["label"]
        assert table["probability"].iloc[number] == single["probability"]
        stored = json.loads((out / f"00{number}" / "prediction.json").read_text(encoding="utf-8"))
        assert stored["score"] == single["score"]
        assert (out / f"00{number}" / "report.html").is_file()
        assert f'<a href="00{number}/report.html">' in (out / "index.html").read_text(encoding="utf-8")
    assert not (out / "002").exists()


def test_covariates_of_a_cohort_come_from_its_columns(cohort_file: Path) -> None:
    model = load_model("s1_escc_lpfs_radscore")
    cohort = read_cohort(cohort_file).assign(n_stage=["N1", None, "N1"], complete_response=[0, 1, 0])
    scored = score_cohort(cohort, model, load_scaling("demonstration-sts-ct", model))
    assert 0 < scored["survival_36m"].iloc[0] < scored["survival_12m"].iloc[0] < 1
    assert pd.isna(scored["survival_12m"].iloc[1])
    assert "n_stage" in scored["withheld"].iloc[1]
    assert scored["score"].notna().tolist() == [True, True, False]


def test_a_row_whose_report_fails_keeps_its_score_and_says_so_once(cohort_file: Path) -> None:
    model = load_model("s2_escc_ln_response")

    def fail(number: int, *_: object) -> None:
        if number == 0:
            raise FileError("the report cannot be written")

    scored = score_cohort(read_cohort(cohort_file), model, scored=fail)
    assert len(scored) == 3
    assert scored["score"].notna().tolist() == [True, True, False]
    assert scored["error"].iloc[0] == "the report cannot be written"
    assert pd.isna(scored["error"].iloc[1])


@pytest.mark.parametrize(("options", "message"), [
    (["--cohort", "c.csv", "--image", "x"], "either --image"),
    (["--cohort", "c.csv"], "--cohort needs --out"),
    (["--image", "x", "--reports"], "--reports belongs to --cohort"),
    (["--image", "x", "--jobs", "2"], "--jobs belongs to --cohort"),
    (["--cohort", "c.csv", "--out", "o", "--jobs", "0"], "give a number of processes"),
    (["--image", "x", "--dicom"], "a DICOM folder as --image"),
    (["--cohort", "c.csv", "--out", "o", "--json"], "--json prints one case"),
])
def test_options_that_exclude_each_other(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--model", "s2_escc_ln_response", *options]) == 2
    assert message in capsys.readouterr().err


def test_folder_names_of_rows_are_distinct_and_stay_inside() -> None:
    table = pd.DataFrame({"case": ["P1", "P1", "../x", "P1_A", ".."], "reader": ["A", "B", None, None, None]})
    assert row_names(table) == ["P1_A", "P1_B", "-x", "P1_A-4", "row"]
