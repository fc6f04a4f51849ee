# ruff: noqa: F811 - the fixtures are imported
"""The Compare tab: two readings chosen in the scene or in a study, compared live, or why they are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, scene  # noqa: F401 - before qt is imported

# isort: split

import slicer
import vtk
from compare_bench import CompareBench, compare  # noqa: F401 - a fixture
from contour_edits import tight
from panel_bench import S1, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel.reading_views import COLOURS, rgb
from reading_cases import mask_of, small_study

from RadiomicsPrognosisLib.reading.overlap import contour_overlap
from RadiomicsPrognosisLib.reading.reading import ReadingState


def image_of(compare: CompareBench, mask: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing((1.0, 1.0, 2.0))
    return image


def test_two_readings_are_compared(compare: CompareBench) -> None:
    comparison = compare.choose()
    ui = compare.ui
    assert (compare.node.compareSegmentA, compare.node.compareSegmentB) == (compare.one_key, compare.other_key)
    expected = contour_overlap(image_of(compare, compare.first), image_of(compare, compare.second))
    assert comparison.overlap.dice == expected.dice
    assert comparison.overlap.hausdorff_mm == pytest.approx(expected.hausdorff_mm, abs=1e-9)
    alone = compare.panel.result()
    assert comparison.a.score == alone.score and comparison.a.vois == alone.vois
    assert f"Dice <b>{expected.dice:.3f}</b>" in ui.compareContoursLabel.text
    assert f"{comparison.a.score:.2f}" in ui.compareVerdictLabel.text
    assert "Reading: " in ui.compareVerdictLabel.text and "Second reading: " in ui.compareVerdictLabel.text
    assert "the group stays the same" in ui.compareVerdictLabel.text
    assert f"{comparison.b.score:.4f}" in ui.compareScoresLabel.text
    assert "Moved most" in ui.compareFeaturesLabel.text and "Without a scaling" in ui.compareFeaturesLabel.text
    assert not ui.compareProblemLabel.visible and not ui.compareProgressBar.visible


def test_the_second_reading_alone_is_extracted_and_by_a_worker_of_its_own(compare: CompareBench) -> None:
    """The first one's features are at hand from the panel's own result."""
    before = compare.panel.jobs
    compare.choose()
    assert compare.jobs == [{"B image"}] and compare.panel.jobs == before


def test_an_edit_of_either_is_followed(compare: CompareBench) -> None:
    first = compare.choose()
    compare.draw_second(tight(compare.second))
    second = compare.result()
    assert second.overlap.dice < first.overlap.dice and second.b.score != first.b.score
    assert second.a.score == first.a.score and second.overlap.volume_a_mm3 == first.overlap.volume_a_mm3
    before = compare.panel.result()
    compare.panel.erase()
    third = compare.result()
    assert third.a.score == compare.panel.result().score != before.score
    assert third.b.score == second.b.score


def test_without_live_contours_follow_and_scores_wait(compare: CompareBench) -> None:
    first = compare.choose()
    compare.node.live = False
    compare.draw_second(tight(compare.second))
    compare.settle()
    assert compare.comparing.contours.overlap.dice < first.overlap.dice
    assert f"{compare.comparing.contours.overlap.dice:.3f}" in compare.ui.compareContoursLabel.text
    assert compare.session.shown is first and "has changed" in compare.ui.compareStateLabel.text
    assert not compare.ui.compareScoresLabel.enabled and compare.ui.compareScoreButton.visible
    compare.ui.compareScoreButton.click()
    assert compare.result().b.score != first.b.score and compare.ui.compareScoresLabel.enabled
    compare.draw_second(compare.second)
    compare.settle()
    compare.node.live = True
    assert compare.result().b.score == first.b.score


def test_what_is_missing_is_asked_for(compare: CompareBench) -> None:
    ui = compare.ui
    assert "Choose reading A" in ui.compareProblemLabel.text
    ui.compareSelectorA.setCurrentNode(compare.one)
    compare.settle()
    assert "Choose reading B" in ui.compareProblemLabel.text
    ui.compareSelectorB.setCurrentNode(compare.one)
    compare.settle()
    assert "the same segment" in ui.compareProblemLabel.text
    compare.choose()
    compare.draw_second(0 * compare.second)
    compare.settle()
    assert "Second reading: Segment 'Tumour' is empty" in ui.compareProblemLabel.text
    assert not ui.compareContoursLabel.visible and not ui.compareScoresLabel.visible
    compare.node.modelID = S1
    compare.draw_second(compare.second)
    compare.settle()
    assert ui.compareContoursLabel.visible and "choose a scaling" in ui.compareScoreProblemLabel.text
    assert not ui.compareScoresLabel.visible


def test_contours_are_compared_where_no_score_can_be(compare: CompareBench) -> None:
    """Of one slice, which the model's protocol refuses, and without any model."""
    flat = compare.second.copy()
    flat[: flat.shape[0] // 2] = flat[flat.shape[0] // 2 + 1:] = False
    compare.draw_second(flat)
    compare.ui.compareSelectorA.setCurrentNode(compare.one)
    compare.ui.compareSelectorB.setCurrentNode(compare.other)
    compare.settle()
    assert compare.comparing.contours.overlap.volume_b_mm3 == flat.sum() * 2.0
    assert "Second reading: Segment 'Tumour' is one voxel thick" in compare.ui.compareScoreProblemLabel.text
    compare.node.modelID = ""
    compare.settle()
    assert compare.comparing.contours is not None and compare.ui.compareContoursLabel.visible
    assert "Choose a model" in compare.ui.compareScoreProblemLabel.text


def test_two_segments_of_one_segmentation_are_named_by_themselves(compare: CompareBench) -> None:
    key = compare.panel.add_segment(compare.one, compare.panel.volume, compare.second, "Dr. <B>")
    compare.ui.compareSelectorA.setCurrentNode(compare.one)
    compare.ui.compareSelectorB.setCurrentNode(compare.one)
    compare.settle()
    selector = compare.ui.compareSegmentSelectorB
    selector.setCurrentIndex(selector.findData(key))
    assert compare.result().names == ("Tumour", "Dr. <B>")
    assert "Dr. &lt;B&gt;" in compare.ui.compareVerdictLabel.text
    display = compare.one.GetDisplayNode()
    assert [tuple(display.GetSegmentColor(item)) for item in (compare.one_key, key)] == [
        pytest.approx(rgb(colour)) for colour in COLOURS[:2]]


def test_a_reading_of_another_grid_is_said_to_be_resampled(compare: CompareBench) -> None:
    moved = vtk.vtkMatrix4x4()
    moved.SetElement(0, 3, 0.6)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(moved)
    compare.choose()
    compare.other.SetAndObserveTransformNodeID(transform.GetID())
    compare.result()
    assert "'Second reading' was drawn on another grid" in compare.ui.compareContoursLabel.text
    assert any(item.code == "resampled" for item in compare.session.shown.warnings)


def test_nothing_is_compared_while_a_reading_is_under_way(compare: CompareBench,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    compare.choose()
    desk = type(compare.panel.panel.readings)
    monkeypatch.setattr(desk, "blinded", property(lambda self: True))
    compare.panel.panel._on_readings()
    compare.settle()
    ui = compare.ui
    assert "A reading is under way" in ui.compareProblemLabel.text
    for label in (ui.compareContoursLabel, ui.compareVerdictLabel, ui.compareScoresLabel, ui.compareFeaturesLabel):
        assert not label.visible and not label.text
    assert not compare.helpers() and compare.session.shown is None
    count = len(compare.jobs)
    compare.draw_second(tight(compare.second))
    compare.settle()
    assert len(compare.jobs) == count
    monkeypatch.undo()
    compare.panel.panel._on_readings()
    compare.show_tab("Compare")  # the tab Read alone was at hand
    assert compare.result().overlap.dice < 1


def test_the_worker_lost_is_said_where_the_scores_would_stand(compare: CompareBench) -> None:
    compare.panel.comparer._command = ["no such program"]
    compare.ui.compareSelectorA.setCurrentNode(compare.one)
    compare.ui.compareSelectorB.setCurrentNode(compare.other)
    compare.settle()
    assert compare.ui.compareContoursLabel.visible
    assert "could not be started" in compare.ui.compareScoreProblemLabel.text
    assert compare.panel.result().score is not None


# Readings of a study


def test_the_readings_of_a_study_are_loaded_and_compared(compare: CompareBench, tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    case = study.design.cases[0].name
    for reader, shrink in (("Anna", 0), ("Ben", 1)):
        begun = study.begin(study.reading(case, reader, "first"), "here")
        study.save(replace(begun, state=ReadingState.DONE), mask_of(study, case, shrink), "here")
    assert not compare.ui.compareLoadButton.visible
    compare.panel.panel.readings.open(study.path)
    compare.settle()
    selector = compare.ui.compareCaseSelector
    assert [selector.itemText(number) for number in range(selector.count)] == [case]
    compare.ui.compareLoadButton.click()
    comparison = compare.result()
    assert compare.node.volume.GetName() == case, "the readings' own CT is loaded and chosen"
    assert compare.node.segmentation is compare.node.compareSegmentationA
    assert comparison.names == ("Anna · first", "Ben · first")
    expected = contour_overlap(mask_of(study, case, 0), mask_of(study, case, 1))
    assert comparison.overlap.dice == expected.dice and comparison.overlap.volume_b_mm3 == pytest.approx(
        expected.volume_b_mm3)
    kinds = ("vtkMRMLSegmentationNode", "vtkMRMLScalarVolumeNode")
    counts = [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in kinds]
    compare.ui.compareLoadButton.click()
    compare.settle()
    assert [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in kinds] == counts
    # An edited contour is the user's, and a reading that was drawn again another: both are read from the file anew.
    first = compare.node.compareSegmentationA
    assert first.GetStorageNode() is None  # saving the scene writes into no reader's file
    compare.panel.draw(first, compare.node.compareSegmentA, compare.node.volume,
                       sitk.GetArrayFromImage(mask_of(study, case, 2)))
    begun = study.begin(study.reading(case, "Ben", "first"), "there")
    study.save(replace(begun, state=ReadingState.DONE), mask_of(study, case, 2), "there")
    compare.ui.compareLoadButton.click()
    compare.settle()
    assert compare.node.compareSegmentationA is not first
    expected = contour_overlap(mask_of(study, case, 0), mask_of(study, case, 2))
    assert compare.result().overlap.dice == expected.dice
