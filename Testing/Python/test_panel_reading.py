# ruff: noqa: F811 - the fixtures are imported
"""The tab Read on the stand-in: a study read, left, gone on with; what is hidden meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import SimpleITK as sitk
import slicer
import vtk
from panel_bench import PanelBench, bench  # noqa: F401 - fixture
from reading_bench import on_disk, paint, round_of, study  # noqa: F401 - a fixture
from reading_cases import small_image, small_study

from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import ReadingState
from RadiomicsPrognosisLib.reading.schedule import cases_of
from RadiomicsPrognosisLib.voi.grid import Grid, place
from RadiomicsPrognosisLib.voi.segments import read_mask

DONE, OPEN, SKIPPED = ReadingState.DONE, ReadingState.OPEN, ReadingState.SKIPPED


def test_a_case_opens_empty_and_named_with_the_brush_in_hand(bench: PanelBench, study: StudyFolder) -> None:
    ui = bench.ui
    assert "3 cases: 3 to read" in ui.readQueueLabel.text and ui.readStartButton.text == "Start"
    ui.readStartButton.click()
    first = cases_of(study.design, "Anna", "first")[0]
    assert bench.node.volume.GetName() == first and "Case 1 of 3" in ui.readCaseLabel.text
    segment = bench.node.segmentation.GetSegmentation().GetSegment(bench.node.segmentID)
    assert bench.node.segmentation.GetName() == segment.GetName() == "Anna · first"
    assert bench.editor.node.GetActiveEffectName() == "Paint"
    assert bench.editor.node.GetSegmentationNode() is bench.node.segmentation
    display = bench.node.volume.GetDisplayNode()
    assert (display.GetLevel(), display.GetWindow()) == (40.0, 400.0)
    image = study.image(first)
    assert np.array_equal(slicer.util.arrayFromVolume(bench.node.volume), sitk.GetArrayFromImage(image))
    ui.readStopButton.click()


def test_what_is_drawn_is_on_disk_voxel_by_voxel_and_comes_back(bench: PanelBench, study: StudyFolder) -> None:
    ui = bench.ui
    ui.readStartButton.click()
    voxels = paint(bench)
    ui.readCommentEdit.text = ""
    ui.readCommentEdit.textEdited.emit("necrotic")
    ui.readNextButton.click()
    done = on_disk(study)
    assert done.usable and done.comment == "necrotic" and "Case 2 of 3" in ui.readCaseLabel.text
    placed = place(read_mask(done.path)[0], Grid.of(study.image(done.case)), "read")
    whole = np.zeros_like(voxels)
    k, j, i = placed.start[::-1]
    n, m, p = placed.voxels.shape
    whole[k:k + n, j:j + m, i:i + p] = placed.voxels
    assert np.array_equal(whole, voxels) and not placed.resampled
    assert bench.editor.node.GetActiveEffectName() == "Paint" and ui.readCommentEdit.text == ""
    index = ui.readBackSelector.findData(done.case)
    ui.readBackSelector.setCurrentIndex(index)
    ui.readBackButton.click()
    assert "Case 1 of 3" in ui.readCaseLabel.text and ui.readCommentEdit.text == "necrotic"
    assert np.array_equal(slicer.util.arrayFromSegmentBinaryLabelmap(
        bench.node.segmentation, bench.node.segmentID, bench.node.volume) > 0, voxels)
    ui.readStopButton.click()
    assert on_disk(study).state is DONE  # it was only looked at
    assert on_disk(study, 1).state is OPEN


def test_a_contour_that_is_taken_up_again_can_be_drawn_on(bench: PanelBench, study: StudyFolder) -> None:
    """The grid of what comes from the disk is the editor's own, so that a stroke adds to it and moves nothing."""
    ui = bench.ui
    ui.readStartButton.click()
    first = paint(bench, shrink=1)
    ui.readStopButton.click()
    ui.readStartButton.click()
    labelmap, (ours, theirs) = slicer.vtkOrientedImageData(), (vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4())
    bench.node.segmentation.GetBinaryLabelmapRepresentation(bench.node.segmentID, labelmap)
    labelmap.GetImageToWorldMatrix(ours)
    bench.node.volume.GetIJKToRASMatrix(theirs)
    for row in range(4):
        for column in range(4):
            assert ours.GetElement(row, column) == pytest.approx(theirs.GetElement(row, column), abs=1e-9)
    second = paint(bench)
    assert second.sum() > first.sum()
    ui.readNextButton.click()
    assert int((sitk.GetArrayFromImage(read_mask(on_disk(study).path)[0]) > 0).sum()) == second.sum()
    ui.readStopButton.click()


def test_a_session_leaves_no_node_behind(bench: PanelBench, study: StudyFolder) -> None:
    def nodes() -> list[str]:
        return sorted(f"{node.GetClassName()} {node.GetName()}" for node in (
            slicer.mrmlScene.GetNthNode(index) for index in range(slicer.mrmlScene.GetNumberOfNodes()))
            # slicer.util.updateSegmentBinaryLabelmapFromArray, by which the test draws, leaves one each time.
            if not node.IsA("vtkMRMLLabelMapVolumeDisplayNode"))

    bench.ui.readStartButton.click()
    bench.ui.readStopButton.click()
    before = nodes()
    bench.ui.readStartButton.click()
    for _ in range(3):
        paint(bench)
        bench.ui.readNextButton.click()
    assert nodes() == before


def test_an_empty_contour_is_not_done_and_may_be_skipped(bench: PanelBench, study: StudyFolder) -> None:
    ui = bench.ui
    ui.readStartButton.click()
    ui.readNextButton.click()
    assert "Nothing is drawn" in ui.readProblemLabel.text and "Case 1 of 3" in ui.readCaseLabel.text
    ui.readSkipButton.click()
    assert "Case 2 of 3" in ui.readCaseLabel.text and on_disk(study).state is SKIPPED and not ui.readProblemLabel.text
    for _ in range(2):
        paint(bench)
        ui.readNextButton.click()
    assert "Every case" in ui.readCaseLabel.text and "1 were skipped" in ui.readCaseLabel.text
    assert not ui.readStartButton.visible and bench.panel.readings.active is None
    ui.readBackSelector.setCurrentIndex(0)
    ui.readBackButton.click()
    paint(bench)
    ui.readNextButton.click()
    assert on_disk(study).state is DONE


def shown(node: Any) -> bool:
    return bool(node.GetDisplayNode().GetVisibility())


def test_everything_that_tells_is_hidden_and_comes_back(main_window: Any, bench: PanelBench, tmp_path: Path) -> None:
    """A result, the answer in the views, other contours: gone while a case is read, and there as before after it."""
    bench.small_case()
    other, _key = bench.add_reading(bench.volume, bench.mask, "Ben's reading")
    hidden, _key = bench.add_reading(bench.volume, bench.mask, "hidden by the user")
    hidden.GetDisplayNode().SetVisibility(False)
    slicer.util.setSliceViewerLayers(background=bench.volume, fit=True)
    view = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSliceNode")
    view.SetSliceOffset(3.25)
    position = [view.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
    bench.settle()
    score, node, ui = bench.result().score, bench.node, bench.ui
    before = node.volume, node.segmentation, node.segmentID
    bench.node.readingStudy = str(small_study(tmp_path / "study").path)
    jobs = bench.jobs
    ui.readStartButton.click()
    bench.settle()
    assert bench.session.shown is None and not ui.badgeLabel.visible and node.live
    sections = {section.ui_file: section.widget.visible for section in bench.panel.sections}
    assert not sections["ResultSection.ui"] and not sections["ModelSection.ui"] and sections["VoiSection.ui"]
    assert not ui.segmentationSelector.visible and not ui.newReadingButton.visible
    assert not shown(other) and not shown(bench.segmentation) and shown(node.segmentation)
    paint(bench)
    process_events(400)
    assert bench.jobs == jobs and bench.session.shown is None  # nothing is scored, though Live is on
    composite = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSliceCompositeNode")
    assert composite.GetBackgroundVolumeID() == node.volume.GetID()
    ui.readStopButton.click()
    bench.settle()
    assert (node.volume, node.segmentation, node.segmentID) == before
    assert bench.result().score == score and ui.badgeLabel.visible
    assert shown(other) and shown(bench.segmentation) and not shown(hidden)
    assert composite.GetBackgroundVolumeID() == bench.volume.GetID()
    assert [view.GetSliceToRAS().GetElement(row, 3) for row in range(3)] == pytest.approx(position)
    names = [slicer.mrmlScene.GetNthNodeByClass(index, "vtkMRMLSegmentationNode").GetName()
             for index in range(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"))]
    assert "Anna · first" not in names


def test_a_closed_scene_and_an_unloaded_module_keep_the_contour(bench: PanelBench, study: StudyFolder) -> None:
    bench.ui.readStartButton.click()
    voxels = paint(bench)
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert on_disk(study).state is OPEN and bench.panel.readings.folder is None
    bench.node.readingStudy = str(study.path)
    assert bench.ui.readStartButton.text == "Resume"
    bench.ui.readStartButton.click()
    assert (slicer.util.arrayFromSegmentBinaryLabelmap(
        bench.node.segmentation, bench.node.segmentID, bench.node.volume) > 0).sum() == voxels.sum()
    paint(bench, shrink=1)
    bench.reopen()
    assert bench.panel.readings.folder.path == study.path and bench.panel.readings.active is None
    assert 0 < (sitk.GetArrayFromImage(read_mask(on_disk(study).path)[0]) > 0).sum() < voxels.sum()


def test_a_scene_saved_while_reading_shows_everything_when_it_is_opened(bench: PanelBench, study: StudyFolder,
                                                                       tmp_path: Path) -> None:
    image, mask = small_image(7)
    volume = bench.add_volume(image, "Own CT")
    bench.add_reading(volume, sitk.GetArrayFromImage(mask), "Own reading")
    bench.ui.readStartButton.click()
    assert slicer.util.saveScene(str(tmp_path / "meanwhile.mrb"))
    bench.ui.readStopButton.click()
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "meanwhile.mrb"))
    bench.settle()
    own = slicer.util.getNode("Own reading")
    assert shown(own) and slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert bench.panel.readings.folder.path == study.path


def test_time_counts_while_the_case_is_worked_on(bench: PanelBench, study: StudyFolder) -> None:
    clock = [100.0]
    bench.panel.readings._clock = lambda: clock[0]
    bench.ui.readStartButton.click()
    round_ = round_of(bench)
    clock[0] += 20
    paint(bench)
    round_.tick()  # a stroke after 20 s
    clock[0] += 4000
    bench.representation.exit()  # lunch: a minute of it counts, and nothing in another module
    clock[0] += 500
    bench.representation.enter()
    clock[0] += 10
    paint(bench, shrink=1)
    round_.tick()
    bench.ui.readNextButton.click()
    bench.ui.readStopButton.click()
    assert on_disk(study).seconds == pytest.approx(20 + 60 + 10)
    assert on_disk(study, 1).seconds == 0


def test_several_segments_are_no_reading(bench: PanelBench, study: StudyFolder) -> None:
    bench.ui.readStartButton.click()
    voxels = paint(bench)
    segmentation = bench.node.segmentation
    more = bench.add_segment(segmentation, bench.node.volume, voxels, "more")
    bench.ui.readNextButton.click()
    assert "drawn in 2 segments" in bench.ui.readProblemLabel.text and bench.panel.readings.active is not None
    segmentation.GetSegmentation().RemoveSegment(more)
    bench.ui.readNextButton.click()
    assert on_disk(study).usable
    bench.ui.readStopButton.click()


def test_a_case_that_is_removed_from_the_scene_is_left(bench: PanelBench, study: StudyFolder) -> None:
    bench.ui.readStartButton.click()
    paint(bench)
    slicer.mrmlScene.RemoveNode(bench.node.volume)
    bench.wait(lambda: bench.panel.readings.active is None, 10)
    assert "was removed from the scene" in bench.ui.readProblemLabel.text
    assert on_disk(study).state is OPEN and on_disk(study).path.exists()


def test_what_cannot_be_opened_leaves_everything_as_it_was(bench: PanelBench, study: StudyFolder) -> None:
    study.image_path(on_disk(study).case).unlink()
    bench.ui.readStartButton.click()
    assert "does not exist" in bench.ui.readProblemLabel.text and bench.panel.readings.active is None
    assert bench.ui.readStartButton.visible and slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0


def test_a_wash_out_that_is_too_short_is_told_and_not_forced(bench: PanelBench, study: StudyFolder) -> None:
    ui = bench.ui
    ui.readStartButton.click()
    for _ in range(3):
        paint(bench)
        ui.readNextButton.click()
    ui.readSessionSelector.setCurrentIndex(ui.readSessionSelector.findData("second"))
    assert bench.node.readingSession == "second"
    assert "asks for 7 days" in ui.readWashoutLabel.text and "2 cases" in ui.readWashoutLabel.text
    ui.readStartButton.click()
    assert "Case 1 of 2" in ui.readCaseLabel.text
    ui.readStopButton.click()
    ui.readReaderSelector.setCurrentIndex(ui.readReaderSelector.findData("Ben"))
    assert "nothing to read" in ui.readQueueLabel.text and not ui.readWashoutLabel.text


def test_a_scene_added_while_reading_is_hidden_and_the_reading_goes_on(bench: PanelBench, study: StudyFolder,
                                                                       tmp_path: Path) -> None:
    image, mask = small_image(7)
    segmentation, _key = bench.add_reading(bench.add_volume(image, "Own CT"), sitk.GetArrayFromImage(mask), "Own")
    assert slicer.util.saveScene(str(tmp_path / "own.mrb"))
    slicer.mrmlScene.RemoveNode(segmentation)
    bench.ui.readStartButton.click()
    voxels = paint(bench)
    slicer.util.loadScene(str(tmp_path / "own.mrb"))
    bench.settle()
    assert not shown(slicer.util.getNode("Own")) and bench.node.segmentation.GetName() == "Anna · first"
    assert bench.panel.readings.active is not None and bench.session.shown is None
    bench.ui.readNextButton.click()
    assert (sitk.GetArrayFromImage(read_mask(on_disk(study).path)[0]) > 0).sum() == voxels.sum()
    bench.ui.readStopButton.click()
    assert shown(slicer.util.getNode("Own"))


def test_a_fault_while_a_case_is_opened_leaves_everything_as_it_was(bench: PanelBench, study: StudyFolder,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    image, mask = small_image(7)
    volume = bench.add_volume(image, "Own CT")
    segmentation, key = bench.add_reading(volume, sitk.GetArrayFromImage(mask), "Own")
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    bench.settle()

    def fail(_case: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("RadiomicsPrognosisPanel.drawn_case.DrawnCase.look", fail)
    round_ = next(section._round for section in bench.panel.sections if hasattr(section, "_round"))
    with pytest.raises(RuntimeError, match="a fault"):
        round_.open(on_disk(study))
    assert bench.panel.readings.active is None and shown(segmentation)
    assert (bench.node.volume, bench.node.segmentation) == (volume, segmentation)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1


def test_clinical_factors_stay_with_their_patient(bench: PanelBench, study: StudyFolder) -> None:
    bench.node.covariates = {"n_stage": "N1"}  # given before there is a CT
    bench.settle()
    bench.ui.readStartButton.click()
    paint(bench)
    bench.ui.readStopButton.click()
    bench.settle()
    assert dict(bench.node.covariates) == {"n_stage": "N1"}
