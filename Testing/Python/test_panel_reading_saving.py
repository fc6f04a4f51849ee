# ruff: noqa: F811 - the fixtures are imported
"""What is drawn of a reading is on disk: beside the drawing, again after a failure, whatever ends the case."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import SimpleITK as sitk
import slicer
from panel_bench import PanelBench, bench  # noqa: F401 - fixture
from reading_bench import on_disk, paint, round_of, study  # noqa: F401 - a fixture

from RadiomicsPrognosisLib.errors import FileError
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState
from RadiomicsPrognosisLib.voi.segments import read_mask

DONE, OPEN = ReadingState.DONE, ReadingState.OPEN


def test_the_contour_is_saved_while_it_is_drawn(bench: PanelBench, study: StudyFolder,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("RadiomicsPrognosisPanel.reading_round._SAVE_TICKS", 1)
    bench.ui.readStartButton.click()
    assert on_disk(study).state is OPEN and not on_disk(study).path.exists()
    voxels = paint(bench)
    bench.wait(lambda: on_disk(study).path.exists(), 10)
    saved = on_disk(study)  # what a crash would leave
    assert saved.state is OPEN and (sitk.GetArrayFromImage(read_mask(saved.path)[0]) > 0).sum() == voxels.sum()
    stamp = saved.path.stat().st_mtime_ns
    process_events(2500)
    assert saved.path.stat().st_mtime_ns == stamp  # nothing was drawn since


def test_drawing_goes_on_while_a_slow_folder_saves(bench: PanelBench, study: StudyFolder,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    bench.ui.readStartButton.click()
    write, written = StudyFolder.save, threading.Event()

    def save(*facts: Any) -> Reading:
        time.sleep(0.4)
        written.set()
        return write(*facts)

    monkeypatch.setattr(StudyFolder, "save", save)
    voxels, round_ = paint(bench), round_of(bench)
    start = time.monotonic()
    for _ in range(3):
        round_.tick()
    assert time.monotonic() - start < 0.3 and not written.is_set()
    bench.ui.readStopButton.click()  # what is under way is awaited
    assert written.is_set()
    assert (sitk.GetArrayFromImage(read_mask(on_disk(study).path)[0]) > 0).sum() == voxels.sum()


def test_what_could_not_be_saved_is_told_and_tried_again(bench: PanelBench, study: StudyFolder,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_facts: Any) -> Reading:
        raise FileError("The disk is full.")

    bench.ui.readStartButton.click()
    paint(bench)
    with monkeypatch.context() as context:
        context.setattr(StudyFolder, "save", fail)
        round_of(bench).pause()
        assert "The disk is full." in round_of(bench).problem.message and not on_disk(study).path.exists()
    round_of(bench).resume()
    round_of(bench).pause()
    assert round_of(bench).problem is None and on_disk(study).path.exists()
    round_of(bench).resume()
    bench.ui.readStopButton.click()


def test_a_case_that_was_done_stays_done_when_it_is_only_looked_at(bench: PanelBench, study: StudyFolder) -> None:
    bench.ui.readStartButton.click()
    paint(bench)
    bench.ui.readNextButton.click()
    bench.ui.readBackSelector.setCurrentIndex(0)
    bench.ui.readBackButton.click()
    segment = bench.node.segmentation.GetSegmentation().GetSegment(bench.node.segmentID)
    segment.SetColor(0.1, 0.2, 0.3)
    round_of(bench).pause()
    assert on_disk(study).state is DONE
    round_of(bench).resume()
    bench.ui.readStopButton.click()
    assert on_disk(study).state is DONE and on_disk(study).usable


def test_of_several_segments_the_readers_own_is_kept_when_the_scene_is_closed(bench: PanelBench,
                                                                              study: StudyFolder) -> None:
    bench.ui.readStartButton.click()
    voxels = paint(bench)
    bench.add_segment(bench.node.segmentation, bench.node.volume, ~voxels, "more")
    slicer.mrmlScene.Clear(0)
    bench.settle()
    saved = on_disk(study)
    assert saved.state is OPEN and (sitk.GetArrayFromImage(read_mask(saved.path)[0]) > 0).sum() == voxels.sum()
