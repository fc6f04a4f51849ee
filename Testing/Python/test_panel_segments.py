"""The tab of all segments: a row for each, what they say together, how old they are, and what the table is good for."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S1, S2, PanelBench, bench, impatient  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.session import Freshness


def scoring(bench: PanelBench) -> Any:  # noqa: F811
    """Return what scores the segments."""
    return next(section._scoring for section in bench.panel.sections if hasattr(section, "_scoring"))


def texts(bench: PanelBench) -> list[list[str]]:  # noqa: F811
    """Return the table's cells."""
    table = bench.ui.segmentsTable
    return [[table.item(row, column).text() for column in range(table.columnCount)] for row in range(table.rowCount)]


def names(rows: list[list[str]]) -> list[str]:
    """Return the first line of each row."""
    return [row[0].partition("\n")[0] for row in rows]


def score_all(bench: PanelBench) -> list[list[str]]:  # noqa: F811
    """Press the button, wait, and return the table's cells."""
    bench.ui.segmentsScoreButton.click()
    assert scoring(bench).active
    bench.wait(lambda: not scoring(bench).active)
    process_events(20)
    return texts(bench)


@pytest.fixture
def reading(bench: PanelBench) -> PanelBench:  # noqa: F811
    """The panel with a reading of three segments, one of them of a single voxel, and its tab in sight."""
    image, mask = textured_volume((30, 24, 20))
    bench.volume = bench.add_volume(image)
    whole = sitk.GetArrayFromImage(mask).astype(bool)
    columns = np.flatnonzero(whole.any(axis=(0, 1)))
    first, second, speck = (np.zeros_like(whole) for _ in range(3))
    middle = columns[len(columns) // 2] + 2
    first[..., :middle], second[..., middle:] = whole[..., :middle], whole[..., middle:]
    speck[1, 1, 1] = True
    bench.masks = [first, second]
    bench.segmentation, bench.key = bench.add_reading(bench.volume, first, "Nodes", "Node 1")
    bench.second = bench.add_segment(bench.segmentation, bench.volume, second, "Node 2")
    bench.speck = bench.add_segment(bench.segmentation, bench.volume, speck, "Speck")
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = bench.volume, bench.segmentation, bench.key
    bench.node.modelID = S2
    bench.result()
    tabs = bench.ui.detailsTabs
    tabs.setCurrentWidget(slicer.util.findChildren(tabs, name="SegmentsSection")[0])
    return bench


def test_every_segment_has_a_row_and_the_patient_a_summary(reading: PanelBench) -> None:
    rows = score_all(reading)
    assert names(rows) == ["Node 1", "Node 2", "Speck"] and "cm³" in rows[0][0]
    single = reading.panel.prediction
    assert rows[0][1] == single.group.label and rows[0][2].startswith(f"{single.score:.3f}"[:4])
    assert "1 voxel" in rows[2][1] and rows[2][2] == ""
    assert scoring(reading).entries[2].result.volume_mm3 == pytest.approx(np.prod(reading.volume.GetSpacing()))
    assert "Largest contour: 'Node 1'" in reading.ui.segmentsSummaryLabel.text
    assert "2 of 3 segments scored (1 failed" in reading.ui.segmentsSummaryLabel.text
    assert "not independent" in reading.ui.segmentsCaveatsLabel.text
    assert reading.ui.segmentsTable.item(0, 0).icon().isNull() is False
    # The live answer is the row's.
    assert scoring(reading).entries[0].result.prediction == single


def test_a_click_on_a_row_chooses_the_segment_and_shows_its_result_at_once(
        reading: PanelBench, monkeypatch: pytest.MonkeyPatch) -> None:
    score_all(reading)
    before, jumps = reading.jobs, []
    monkeypatch.setattr("RadiomicsPrognosisPanel.sections.segments.jump_to", lambda *arguments: jumps.append(arguments))
    reading.ui.segmentsTable.cellClicked(1, 2)
    prediction = reading.result()
    assert reading.node.segmentID == reading.second and jumps == [
        (reading.segmentation, reading.second, reading.volume)]
    assert prediction == scoring(reading).entries[1].result.prediction and reading.jobs == before
    assert reading.ui.segmentsTable.currentRow() == 1
    # The other way round, too.
    reading.node.segmentID = reading.key
    reading.result()
    assert reading.ui.segmentsTable.currentRow() == 0


def test_a_row_whose_contour_changed_is_marked_and_the_summary_goes(reading: PanelBench) -> None:
    score_all(reading)
    assert reading.ui.segmentsSaveButton.enabled
    mask = reading.masks[1].copy()
    mask[:, :, np.flatnonzero(mask.any(axis=(0, 1)))[-1]] = False
    reading.draw(reading.segmentation, reading.second, reading.volume, mask)
    reading.wait(lambda: texts(reading)[1][0].startswith("(old)"))
    assert names(texts(reading)) == ["Node 1", "(old) Node 2", "Speck"]
    assert "1 row (old)" in reading.ui.segmentsStepLabel.text and not reading.ui.segmentsSummaryLabel.visible
    assert not reading.ui.segmentsSaveButton.enabled
    reading.draw(reading.segmentation, reading.second, reading.volume, reading.masks[1])  # undone
    reading.wait(lambda: not texts(reading)[1][0].startswith("(old)"))
    assert reading.ui.segmentsSaveButton.enabled and reading.ui.segmentsSummaryLabel.visible


def test_other_choices_age_all_rows(reading: PanelBench) -> None:
    score_all(reading)
    reading.node.modelID = S1
    reading.settle()
    assert all(item.freshness is Freshness.CHOICES_CHANGED for item in scoring(reading).entries)
    assert all(row[0].startswith("(old)") for row in texts(reading))
    reading.node.modelID = S2
    reading.result()
    assert all(item.freshness is Freshness.CURRENT for item in scoring(reading).entries)


def test_segments_added_removed_and_renamed(reading: PanelBench) -> None:
    score_all(reading)
    content = reading.segmentation.GetSegmentation()
    content.GetSegment(reading.key).SetName("Station 4R")
    reading.wait(lambda: names(texts(reading))[0] == "Station 4R")
    assert scoring(reading).is_current
    content.RemoveSegment(reading.speck)
    reading.wait(lambda: names(texts(reading))[2] == "(old) Speck")
    reading.add_segment(reading.segmentation, reading.volume, reading.masks[0], "Node 3")
    reading.wait(lambda: "1 segments were added" in reading.ui.segmentsStepLabel.text)
    assert names(score_all(reading)) == ["Station 4R", "Node 2", "Node 3"]
    assert "have exactly the same contour" in reading.ui.segmentsSummaryLabel.text


def test_it_can_be_cancelled(reading: PanelBench) -> None:
    reading.ui.segmentsScoreButton.click()
    assert reading.ui.segmentsCancelButton.visible and not reading.ui.segmentsScoreButton.visible
    reading.wait(lambda: bool(scoring(reading).results))
    reading.ui.segmentsCancelButton.click()
    assert scoring(reading).stage is Stage.CANCELLED and not reading.ui.segmentsCancelButton.visible
    assert "Cancelled: 1 of 3" in reading.ui.segmentsStepLabel.text and not reading.ui.segmentsSummaryLabel.visible
    assert len(score_all(reading)) == 3


def test_the_table_is_copied_and_saved_in_full(reading: PanelBench, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    score_all(reading)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_arguments: str(tmp_path))
    reading.ui.segmentsSaveButton.click()
    (path,) = tmp_path.glob("*segments*.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert [row["segment"] for row in rows] == ["Node 1", "Node 2", "Speck"]
    assert float(rows[0]["score"]) == reading.panel.prediction.score
    reading.ui.segmentsCopyButton.click()
    copied = list(csv.DictReader(io.StringIO(slicer.app.clipboard().text()), delimiter="\t"))
    assert copied == rows and "clipboard" in reading.ui.noticeLabel.text


def test_what_is_missing_is_said(bench: PanelBench) -> None:  # noqa: F811
    assert not bench.ui.segmentsScoreButton.enabled
    bench.small_case()
    assert bench.ui.segmentsScoreButton.enabled
    bench.node.modelID = S1
    bench.settle()
    assert not bench.ui.segmentsScoreButton.enabled and "scaling" in bench.ui.segmentsStepLabel.text


def test_another_segmentation_and_a_closed_scene_leave_no_row(reading: PanelBench) -> None:
    score_all(reading)
    other, key = reading.add_reading(reading.volume, reading.masks[0], "Other")
    reading.node.segmentation, reading.node.segmentID = other, key
    reading.result()
    assert reading.ui.segmentsTable.rowCount == 0 and not reading.ui.segmentsTable.visible
    score_all(reading)
    slicer.mrmlScene.Clear(0)
    process_events(30)
    assert reading.ui.segmentsTable.rowCount == 0
