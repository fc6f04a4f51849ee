"""Cohort tables: reading, parallel and resumed extraction, failing rows, and the way to a scaling."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort import extraction
from RadiomicsPrognosisLib.cohort.extraction import extract_cohort
from RadiomicsPrognosisLib.cohort.table import read_cohort, read_table, write_table
from RadiomicsPrognosisLib.errors import CohortError, FileError, PackageMissing
from RadiomicsPrognosisLib.features.extraction import extract
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
    found = extract_cohort(read_cohort(cohort_file), PROTOCOL)
    assert list(found["case"]) == ["000", "001", "002"]
    assert list(found["time"]) == [10.5] * 3
    for number in range(2):
        folder = cohort_file.parent
        voi = make_voi(read_image(folder / f"ct{number}.nrrd"), read_mask(folder / f"mask{number}.nrrd")[0], PROTOCOL)
        expected = extract(voi, PROTOCOL)
        assert {name: found[name].iloc[number] for name in expected.values} == expected.values
        assert found["protocol_hash"].iloc[number] == PROTOCOL.hash
        assert found["voi_hash"].iloc[number] == voi.content_hash()


def test_a_failing_row_carries_its_reason_and_stops_no_other(cohort_file: Path) -> None:
    found = extract_cohort(read_cohort(cohort_file), PROTOCOL, ["original_firstorder_Mean"])
    assert found["error"].isna().tolist() == [True, True, False]
    assert "holds no label at all" in found["error"].iloc[2]
    assert pd.isna(found["original_firstorder_Mean"].iloc[2])


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
    found = extract_cohort(read_cohort(cohort_file).head(2), PROTOCOL)
    path = tmp_path / f"features{suffix}"
    write_table(found, path)
    again = read_table(path)
    assert list(again["case"]) == ["000", "001"]
    for name in PROTOCOL.feature_names():
        assert again[name].tolist() == found[name].tolist()


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
    assert run(["scaling", "--features", str(features), "--model", "s1_escc_lpfs_radscore", "--name", "ours"]) == 0
    assert "of 20 cases" in capsys.readouterr().out
    assert run(["score", "--image", str(tmp_path / "ct3.nrrd"), "--mask", str(tmp_path / "mask3.nrrd"), "--model",
                "s1_escc_lpfs_radscore", "--scaling", "ours"]) == 0
    out = capsys.readouterr().out
    assert "scaling ours (20 cases)" in out
    assert "Demonstration" not in out
