"""All segments of a reading at once: each in its own row, and what they say of the patient, with nothing made up."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.answer.segment_table import segment_row, summary_sentences, table_columns
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.errors import EmptyVoi, InputError, PackageMissing
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.prediction.all_segments import SegmentResult, score_each, summarise, with_prediction
from RadiomicsPrognosisLib.prediction.record import Group, Withheld
from RadiomicsPrognosisLib.voi import make_voi

S2 = "s2_escc_ln_response"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CT, and a .seg.nrrd with two nodes of different size and one of a single voxel."""
    path = tmp_path_factory.mktemp("reading")
    image, mask = textured_volume((30, 24, 20))
    whole = sitk.GetArrayFromImage(mask).astype(bool)
    columns = np.flatnonzero(whole.any(axis=(0, 1)))
    middle = columns[len(columns) // 2 + 2]
    labels = np.zeros(whole.shape, np.uint8)
    labels[..., :middle][whole[..., :middle]] = 1
    labels[..., middle:][whole[..., middle:]] = 2
    labels[1, 1, 1] = 3
    segments = sitk.GetImageFromArray(labels)
    segments.CopyInformation(image)
    sitk.WriteImage(image, str(path / "ct.nrrd"))
    sitk.WriteImage(segments, str(path / "labels.nrrd"))
    for number, name in enumerate(("Node 1", "Node 2", "Speck")):
        for key, text in (("ID", f"S{number}"), ("Name", name), ("LabelValue", str(number + 1)), ("Layer", "0")):
            segments.SetMetaData(f"Segment{number}_{key}", text)
    sitk.WriteImage(segments, str(path / "nodes.seg.nrrd"))
    return path


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    """A real prediction to vary."""
    model = load_model(S2)
    image, mask = textured_volume((24, 22, 20))
    return score_vois({"image": make_voi(image, mask, model.image_protocol(), "Node")}, model)


def varied(prediction: Prediction, name: str, score: float | None, volume: float = 1.0) -> SegmentResult:
    """Return a segment with this score, group and volume (of 1000 voxels' grid) by the cut-off 0.961 of S2."""
    above = score is not None and score > 0.961
    group = None if score is None else Group("predicted responder" if above else "predicted non-responder", above,
                                             not above)
    voi = replace(prediction.vois["image"], hash=name, contoured_voxels=round(1000 * volume),
                  spacing_mm=(1.0, 1.0, 1.0))
    changed = replace(prediction, score=score, group=group, vois={"image": voi},
                      distance=None if score is None else score - 0.961,
                      withheld=() if score is not None else (Withheld("score", "It is undefined."),))
    return with_prediction(SegmentResult(label=name, name=name), changed)


def test_every_segment_gets_a_row_and_a_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    def no_report(*_arguments: Any, **_options: Any) -> None:
        raise PackageMissing("The packages for reports are not installed.")

    monkeypatch.setattr("RadiomicsPrognosisLib.cli.outputs.write_report", no_report)  # which takes seconds each
    options = ["score", "--image", str(folder / "ct.nrrd"), "--model", S2]
    mask = ["--mask", str(folder / "nodes.seg.nrrd")]
    assert run([*options, *mask, "--label", "all", "--out", str(tmp_path), "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert [item["label"] for item in whole["segments"]] == ["Node 1", "Node 2", "Speck"]
    assert json.loads((tmp_path / "nodes.json").read_text(encoding="utf-8")) == whole
    with (tmp_path / "nodes.csv").open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert [row["segment"] for row in rows] == ["Node 1", "Node 2", "Speck"]
    assert rows[2]["score"] == "" and "1 voxel" in rows[2]["error"] and not rows[0]["error"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["1_Node-1", "2_Node-2"]
    own = json.loads((tmp_path / "2_Node-2" / "prediction.json").read_text(encoding="utf-8"))
    numbers = {name: value for name, value in own.items() if name != "answer"}
    assert own["answer"]["headline"] and numbers == whole["segments"][1]["prediction"]
    assert float(rows[1]["score"]) == own["score"]
    # One at a time gives the same.
    assert run([*options, *mask, "--label", "Node 2", "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert alone == own
    patient = whole["patient"]
    assert (patient["segments"], patient["scored"], patient["failed"]) == (3, 2, 1)
    scores = [item["prediction"]["score"] for item in whole["segments"][:2]]
    assert patient["highest"]["score"] == max(scores) and patient["mean"] == pytest.approx(sum(scores) / 2, abs=1e-15)
    volumes = [item["volume_mm3"] for item in whole["segments"]]
    assert volumes[2] == 2.0 and patient["largest_name"] == f"Node {1 + int(volumes[1] > volumes[0])}"


def test_a_plain_label_file_is_told_by_numbers_and_people_read_the_summary(
        folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--image", str(folder / "ct.nrrd"), "--mask", str(folder / "labels.nrrd"), "--model", S2,
                "--label", "all"]) == 0
    out = capsys.readouterr().out
    for text in ("label 1: Rad-score", "Segment 'label 3' has 1 voxel", "2 of 3 segments scored (1 failed",
                 "not independent", "The mean has no interval", "Worst prognosis: 'label"):
        assert text in out


def test_a_reading_without_a_segment_that_can_be_scored_is_refused(folder: Path, tmp_path: Path,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    labels = sitk.ReadImage(str(folder / "labels.nrrd"))
    sitk.WriteImage(sitk.Cast(labels == 3, sitk.sitkUInt8), str(tmp_path / "speck.nrrd"))
    options = ["score", "--image", str(folder / "ct.nrrd"), "--model", S2, "--label", "all", "--mask"]
    assert run([*options, str(tmp_path / "speck.nrrd")]) == 2
    assert "None of the 1 segments could be scored" in capsys.readouterr().err
    sitk.WriteImage(sitk.Cast(labels == 9, sitk.sitkUInt8), str(tmp_path / "none.nrrd"))
    assert run([*options, str(tmp_path / "none.nrrd")]) == 2
    assert "no segment at all" in capsys.readouterr().err


def test_a_segment_called_all_is_not_taken_for_all(folder: Path, tmp_path: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    segments = sitk.ReadImage(str(folder / "nodes.seg.nrrd"))
    segments.SetMetaData("Segment1_Name", "All")
    sitk.WriteImage(segments, str(tmp_path / "named.seg.nrrd"))
    options = ["score", "--image", str(folder / "ct.nrrd"), "--model", S2, "--mask", str(tmp_path / "named.seg.nrrd")]
    assert run([*options, "--label", "all"]) == 2
    assert "segment called 'all'" in capsys.readouterr().err
    assert run([*options, "--label", "2"]) == 0


def test_an_error_costs_only_its_own_segment(prediction: Prediction) -> None:
    def predict(number: int, _segment: SegmentResult) -> Prediction:
        if number == 1:
            raise EmptyVoi("Segment 'b' is empty: it has no voxel.", "contour")
        return prediction

    heard: list[int] = []
    results = score_each([SegmentResult(label=name, name=name) for name in "abc"], predict,
                         lambda number, _result: heard.append(number))
    assert [item.prediction is None for item in results] == [False, True, False] and heard == [0, 1, 2]
    assert results[1].error.startswith("Segment 'b' is empty")
    assert segment_row(results[1], load_model(S2)).reason == results[1].error


def test_a_fault_is_not_taken_for_a_bad_segment(prediction: Prediction) -> None:
    def predict(_number: int, _segment: SegmentResult) -> Prediction:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        score_each([SegmentResult(label="a", name="a")], predict)
    assert not issubclass(RuntimeError, InputError)


def test_worst_is_on_the_side_of_the_worse_prognosis(prediction: Prediction) -> None:
    """For S2 a high score is the better one: the highest score of several nodes is the best of them, not the worst."""
    results = [varied(prediction, "a", 1.2), varied(prediction, "b", 0.4, volume=3.0), varied(prediction, "c", 0.9)]
    summary = summarise(results, load_model(S2))
    assert summary.worst is not None and summary.worst.name == "b" == summary.lowest.name
    assert summary.highest.name == "a" and summary.largest.name == "b" and summary.mean == pytest.approx(2.5 / 3)
    assert (summary.above, summary.grouped, summary.any_above, summary.above_is_worse) == (1, 3, True, False)
    text = " ".join(summary_sentences(summary))
    assert "Worst prognosis: 'b' with 0.4, predicted non-responder." in text
    assert "1 of 3 in the group 'predicted responder' (above the cut-off, the better prognosis)" in text


def test_whether_any_is_positive_is_not_known_while_one_is_unknown(prediction: Prediction) -> None:
    model = load_model(S2)
    low = [varied(prediction, "a", 0.4), varied(prediction, "b", 0.5)]
    assert summarise(low, model).any_above is False
    unknown = summarise([*low, varied(prediction, "c", None, volume=5.0)], model)
    assert unknown.any_above is None and unknown.withheld == 1
    assert any("is not known: 1 of 3" in reason for reason in unknown.reasons)
    unmeasured = summarise([*low, SegmentResult(label="c", name="c", error="It has no place.")], model)
    assert unmeasured.largest is None and any("largest is not known" in reason for reason in unmeasured.reasons)
    # The largest is the one without a score: no other takes its place.
    assert unknown.largest is None and unknown.largest_name == "c"
    assert any("largest segment, 'c', has no score" in reason for reason in unknown.reasons)
    assert summarise([*low, varied(prediction, "c", 1.5), varied(prediction, "d", None)], model).any_above is True


def test_the_same_contour_twice_is_said(prediction: Prediction) -> None:
    results = [varied(prediction, "a", 1.2), varied(prediction, "b", 0.4)]
    twin = replace(results[0], name="copy of a", label="x")
    assert summarise(results, load_model(S2)).repeated == ()
    summary = summarise([*results, twin], load_model(S2))
    assert summary.repeated == (("a", "copy of a"),)
    assert "'a' and 'copy of a' have exactly the same contour" in " ".join(summary_sentences(summary))


def test_a_questioned_score_is_marked_in_row_and_summary(prediction: Prediction) -> None:
    result = varied(prediction, "a", 1.2)
    assert result.prediction is not None
    doubtful = replace(result, prediction=replace(result.prediction, questioned=("score", "probability")))
    assert segment_row(doubtful, load_model(S2)).questioned == ("score", "outcome")
    summary = summarise([doubtful, varied(prediction, "b", 0.4)], load_model(S2))
    assert summary.questioned == 1 and summary.highest.questioned
    assert "(questioned)" in " ".join(summary_sentences(summary))


def test_the_table_has_a_column_for_every_number_and_no_none(prediction: Prediction) -> None:
    results = [varied(prediction, "a", 1.2), SegmentResult(label="b", name="b", error="It is empty.")]
    names, rows = table_columns(results)
    assert names[:3] == ["label", "segment", "volume_mm3"] and names[-1] == "error"
    assert all(len(row) == len(names) and None not in row for row in rows)
    assert dict(zip(names, rows[0], strict=True))["score"] == 1.2
