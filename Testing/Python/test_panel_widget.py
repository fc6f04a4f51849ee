"""The panel's real code on real MRML and Qt widgets: choosing, drawing, live scoring, and whatever can go away."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_fixtures import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S1, S2, SCALING, PanelBench
from slicer_standin import calls, set_testing

from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.resources import shipped_folder


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for further edits than a person needs; the pause itself is tested with the session."""
    monkeypatch.setattr("RadiomicsPrognosisLib.panel.session.DELAY_S", 0.05)


@pytest.fixture
def bench(scene: Any) -> Iterator[PanelBench]:  # noqa: F811
    """The panel, open in an empty scene."""
    made = PanelBench()
    yield made
    made.close()


def own_model(user_home: Path, **changes: Any) -> str:
    """Write a model of the user's own, S1 with changes, and return its id."""
    values = json.loads((shipped_folder() / "Models" / f"{S1}.json").read_text(encoding="utf-8"))
    write_json(user_home / "Models" / "own.json", {**values, "id": "own", **changes})
    return "own"


# Opening and choosing


def test_an_empty_panel_says_where_to_begin_and_offers_nothing_else(bench: PanelBench) -> None:
    assert "Choose the CT" in bench.problem
    for button in (bench.ui.scoreButton, bench.ui.reportButton, bench.ui.exportButton, bench.ui.newReadingButton):
        assert not button.enabled
    assert not bench.ui.progressBar.visible and not bench.ui.badgeLabel.visible
    assert bench.ui.liveCheckBox.checked and bench.ui.limitPaintingCheckBox.checked
    assert bench.widget.panel._editor.widget.segmentationNodeSelectorVisible is False


def test_each_missing_choice_is_named_in_turn(bench: PanelBench) -> None:
    image, mask = textured_volume()
    volume = bench.add_volume(image, "Thorax")
    for change, text in (
            (lambda: setattr(bench.node, "volume", volume), "Choose a model"),
            (lambda: setattr(bench.node, "modelID", S1), "New reading"),
            (lambda: bench.ui.newReadingButton.click(), "is empty"),
            (lambda: bench.draw(bench.node.segmentation, bench.node.segmentID, volume,
                                   sitk.GetArrayFromImage(mask)), "choose a scaling"),
            (lambda: setattr(bench.node, "scaling", SCALING), "")):
        change()
        bench.settle()
        assert text in bench.problem
    assert "Thorax" in bench.ui.seriesLabel.text
    assert bench.result().scaling["name"] == SCALING


def test_the_result_is_what_the_logic_gives_and_is_kept_in_the_scene(bench: PanelBench) -> None:
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N2", "complete_response": "no"}
    found = bench.result()
    assert found == bench.widget.logic.score(bench.volume, bench.segmentation, bench.key, S1,
                                             {"n_stage": "N2", "complete_response": "no"}, SCALING)
    node, ui = bench.node, bench.ui
    assert json.loads(node.resultText.GetText())["score"] == found.score
    assert node.resultTable.GetNumberOfRows() == len(found.contributions)
    assert node.curveChart.GetNthPlotSeriesNode(0) is node.curveSeries
    assert found.group.label in ui.badgeLabel.text and f"{found.score:.4f}" in ui.badgeLabel.text
    assert ("▲" if found.group.worse else "●") in ui.badgeLabel.text  # never by colour alone
    for share in found.survival.at_horizons:
        assert f"{100 * share:.1f} %" in ui.outcomeLabel.text
    for label in (ui.scaleLabel, ui.curveLabel, ui.contributionsLabel):
        assert label.visible and not label.pixmap.isNull()
    assert "Total" in ui.pointsLabel.text and "Demonstration" in ui.warningsLabel.text
    kept = found.vois["image"]
    assert f"{kept['kept_voxels']:,}".replace(",", "\u202f") in ui.keptLabel.text
    assert f"{kept['kept_volume_mm3'] / 1000:.1f} cm³" in ui.keptLabel.text
    assert ui.exportButton.enabled and ui.reportButton.enabled and not bench.problem


def test_a_probability_is_shown_without_a_curve(bench: PanelBench) -> None:
    bench.small_case()
    bench.node.modelID = "s2_escc_ln_control_2y"
    found = bench.result()
    assert f"{100 * found.probability:.1f} %" in bench.ui.outcomeLabel.text
    assert not bench.ui.curveLabel.visible and bench.node.curveChart is None


def test_text_from_outside_is_shown_as_text(bench: PanelBench, user_home: Path) -> None:
    bench.close()
    own_model(user_home, title="<img src=x onerror=alert(1)>", population="<b>all</b>")
    bench.open()
    bench.small_case()
    bench.node.modelID = "own"
    bench.segmentation.GetSegmentation().GetSegment(bench.key).SetName("<script>x</script>")
    bench.draw(bench.segmentation, bench.key, bench.volume, np.zeros_like(bench.mask))
    bench.settle()
    assert "&lt;b&gt;all&lt;/b&gt;" in bench.ui.cardLabel.text
    assert "<script>" not in bench.problem and "&lt;script&gt;" in bench.problem


def test_a_combo_box_choice_reaches_the_parameter_node_and_back(bench: PanelBench) -> None:
    bench.small_case()
    selector = bench.ui.modelSelector
    selector.setCurrentIndex(selector.findData(S1))
    assert bench.node.modelID == S1 and bench.ui.scalingSelector.visible
    bench.ui.scalingSelector.setCurrentIndex(bench.ui.scalingSelector.findData(SCALING))
    assert bench.node.scaling == SCALING
    bench.node.modelID = S2
    assert selector.itemData(selector.currentIndex) == S2 and not bench.ui.scalingSelector.visible
    other = bench.add_segment(bench.segmentation, bench.volume, bench.mask[::-1], "Node")
    bench.ui.segmentSelector.setCurrentIndex(bench.ui.segmentSelector.findData(other))
    assert bench.node.segmentID == other
    assert bench.widget.panel._editor.node.GetSelectedSegmentID() == other
    bench.widget.panel._editor.widget.setCurrentSegmentID(bench.key)  # a click in the editor's table
    assert bench.node.segmentID == bench.key
    assert bench.ui.segmentSelector.itemData(bench.ui.segmentSelector.currentIndex) == bench.key


def test_a_model_file_that_cannot_be_read_is_named_and_a_new_one_is_found(bench: PanelBench, user_home: Path) -> None:
    (user_home / "Models").mkdir(parents=True)
    (user_home / "Models" / "broken.json").write_text("{")
    bench.representation.exit()
    own_model(user_home)
    bench.representation.enter()
    assert "broken.json" in bench.ui.needsLabel.text and bench.ui.modelSelector.findData("own") > 0


# Live


def test_an_edit_is_scored_by_itself_and_undo_brings_the_old_result_back_without_extraction(bench: PanelBench) -> None:
    first = bench.small_case()
    bench.erase()
    assert "updating" in bench.ui.freshnessLabel.text and not bench.ui.exportButton.enabled
    second = bench.result()
    assert second.score != first.score
    assert second.vois["image"]["contoured_voxels"] == bench.mask.sum()
    assert second == bench.widget.logic.score(bench.volume, bench.segmentation, bench.key, S2)
    jobs = bench.jobs
    bench.widget.panel._editor.widget.undo()
    bench.wait(lambda: bench.widget.panel.prediction.score == first.score)
    assert bench.result() == first and bench.jobs == jobs


def test_without_live_an_edit_waits_for_the_button(bench: PanelBench) -> None:
    first = bench.small_case()
    bench.ui.liveCheckBox.checked = False
    jobs = bench.jobs
    bench.erase()
    bench.settle()
    assert "press Score" in bench.ui.freshnessLabel.text and bench.widget.panel.prediction == first
    assert f"of {bench.mask.sum()}" in bench.ui.keptLabel.text.replace("\u202f", "")
    assert bench.jobs == jobs and not bench.ui.reportButton.enabled
    bench.ui.scoreButton.click()
    assert bench.result().score != first.score


def test_switching_live_on_takes_up_what_has_changed(bench: PanelBench) -> None:
    first = bench.small_case()
    bench.ui.liveCheckBox.checked = False
    bench.erase()
    bench.settle()
    bench.ui.liveCheckBox.checked = True
    assert bench.result().score != first.score


def test_voxels_of_the_image_and_its_transform_count_too(bench: PanelBench) -> None:
    first = bench.small_case()
    slicer.util.arrayFromVolume(bench.volume)[:] += 7
    slicer.util.arrayFromVolumeModified(bench.volume)
    bench.wait(lambda: bench.widget.panel.prediction != first)
    assert bench.result().vois["image"]["mean_hu"] == pytest.approx(first.vois["image"]["mean_hu"] + 7)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = slicer.util.vtkMatrixFromArray(np.array([[1, 0, 0, 500.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    transform.SetMatrixTransformToParent(matrix)
    bench.segmentation.SetAndObserveTransformNodeID(transform.GetID())
    bench.settle()
    assert "do not overlap" in bench.problem and bench.widget.panel.prediction is None


# Clinical form


def test_covariates_are_scored_without_extraction_and_may_stay_unknown(bench: PanelBench) -> None:
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    assert bench.result().survival is None and "complete_response" in bench.ui.outcomeLabel.text
    jobs = bench.jobs
    stage, response = (bench.representation.findChild(qt.QWidget, f"covariate_{name}")
                       for name in ("n_stage", "complete_response"))
    stage.setCurrentIndex(stage.findData("N1"))
    assert response.text == "not given" and bench.node.covariates == {"n_stage": "N1"}
    response.click()
    assert response.text in ("yes", "no") and bench.node.covariates["complete_response"] == response.text
    assert bench.result().survival is not None and bench.jobs == jobs
    bench.node.covariates = {}
    assert stage.currentIndex == 0 and response.text == "not given"
    assert bench.result().survival is None


def test_a_number_has_unit_and_range_and_can_be_left_out(bench: PanelBench, user_home: Path) -> None:
    bench.close()
    values = json.loads((shipped_folder() / "Models" / f"{S1}.json").read_text(encoding="utf-8"))
    age = {"name": "age", "title": "Age", "kind": "continuous", "unit": "years", "range": [18, 95]}
    survival = {key: value for key, value in values["survival"].items() if key != "reconstruction"}
    survival["coefficients"] = {**survival["coefficients"], "age": 0.01}
    own_model(user_home, covariates=[*values["covariates"], age], survival=survival)
    bench.open()
    bench.small_case()
    bench.node.modelID = "own"
    bench.settle()
    spin = bench.representation.findChild(qt.QWidget, "covariate_age")
    assert spin.text == "not given" and spin.suffix == " years" and "18" in spin.toolTip and "95" in spin.toolTip
    spin.value = 61
    assert bench.node.covariates == {"age": "61.0"}
    spin.value = spin.minimum
    assert bench.node.covariates == {}
    bench.node.covariates = {"age": "40"}
    assert spin.value == 40


# Drawing


def test_painting_is_limited_to_the_hu_range_and_given_back(bench: PanelBench) -> None:
    bench.small_case()
    bench.node.modelID = S1  # from -50 HU
    editor = bench.widget.panel._editor.node
    assert editor.GetSourceVolumeIntensityMask() and editor.GetSourceVolumeIntensityMaskRange() == (-50.0, 32767.0)
    bench.ui.limitPaintingCheckBox.checked = False
    assert not editor.GetSourceVolumeIntensityMask()
    bench.ui.limitPaintingCheckBox.checked = True
    assert editor.GetSourceVolumeIntensityMask()
    bench.representation.exit()
    assert not editor.GetSourceVolumeIntensityMask()
    bench.representation.enter()
    assert editor.GetSourceVolumeIntensityMask()
    bench.node.modelID = S2  # no HU range
    assert not editor.GetSourceVolumeIntensityMask() and not editor.GetSaveWithScene()


def test_a_mask_the_user_had_set_is_given_back_as_it_was(bench: PanelBench) -> None:
    bench.small_case()
    editor = bench.widget.panel._editor.node
    editor.SetSourceVolumeIntensityMaskRange(10, 90)
    editor.SetSourceVolumeIntensityMask(True)
    bench.node.modelID = S1
    assert editor.GetSourceVolumeIntensityMaskRange() == (-50.0, 32767.0)
    bench.ui.limitPaintingCheckBox.checked = False
    assert editor.GetSourceVolumeIntensityMask() and editor.GetSourceVolumeIntensityMaskRange() == (10.0, 90.0)


def test_excluded_voxels_are_previewed_by_a_node_that_is_not_kept(bench: PanelBench) -> None:
    bench.small_case()
    bench.node.modelID = S1
    bench.settle()
    count = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    bench.ui.previewCheckBox.checked = True
    shown = slicer.mrmlScene.GetNthNodeByClass(count, "vtkMRMLSegmentationNode")
    key = shown.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(shown, key, bench.volume)
    np.testing.assert_array_equal(array, (bench.mask != 0) & (slicer.util.arrayFromVolume(bench.volume) < -50))
    assert array.any() and not shown.GetSaveWithScene() and shown.GetHideFromEditors()
    assert not shown.GetDisplayNode().GetSaveWithScene()
    bench.ui.limitPaintingCheckBox.checked = False  # the editor's mask limits erasing, too
    bench.erase(4)
    bench.settle()
    shown = slicer.mrmlScene.GetNthNodeByClass(count, "vtkMRMLSegmentationNode")
    array = slicer.util.arrayFromSegmentBinaryLabelmap(shown, shown.GetSegmentation().GetNthSegmentID(0), bench.volume)
    assert array.sum() == (bench.mask & (slicer.util.arrayFromVolume(bench.volume) < -50)).sum()
    bench.representation.exit()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == count


def test_a_new_reading_is_a_segmentation_of_its_own_on_the_grid_of_the_ct(bench: PanelBench) -> None:
    first = bench.small_case()
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    bench.volume.SetAndObserveTransformNodeID(transform.GetID())
    bench.ui.newReadingButton.click()
    bench.settle()
    reading = bench.node.segmentation
    assert reading is not bench.segmentation and "is empty" in bench.problem
    assert reading.GetTransformNodeID() == transform.GetID()
    assert bench.widget.panel._editor.node.GetSegmentationNode() is reading
    assert bench.widget.panel._editor.node.GetOverwriteMode() == slicer.vtkMRMLSegmentEditorNode.OverwriteNone
    bench.draw(reading, bench.node.segmentID, bench.volume, bench.mask)
    assert bench.result().score == pytest.approx(first.score)
    assert slicer.util.arrayFromSegmentBinaryLabelmap(bench.segmentation, bench.key, bench.volume).sum() == (
        bench.mask.sum())


# What can go away


def test_a_renamed_segment_keeps_its_result_under_the_new_name(bench: PanelBench) -> None:
    first = bench.small_case()
    jobs = bench.jobs
    bench.segmentation.GetSegmentation().GetSegment(bench.key).SetName("Primary")
    bench.settle()
    found = bench.result()
    assert found.vois["image"]["segment"] == "Primary" and found.score == first.score and bench.jobs == jobs
    assert bench.ui.segmentSelector.itemText(bench.ui.segmentSelector.currentIndex) == "Primary"


def test_a_deleted_segment_takes_its_result_along(bench: PanelBench) -> None:
    bench.small_case()
    bench.segmentation.GetSegmentation().RemoveSegment(bench.key)
    bench.settle()
    assert "Choose the segment" in bench.problem and bench.widget.panel.prediction is None
    assert not bench.ui.badgeLabel.visible and not bench.ui.exportButton.enabled
    assert bench.ui.segmentSelector.currentIndex == 0


@pytest.mark.parametrize(("name", "text"), [("volume", "Choose the CT"), ("segmentation", "New reading")])
def test_a_deleted_node_takes_the_result_along(bench: PanelBench, name: str, text: str) -> None:
    bench.small_case()
    slicer.mrmlScene.RemoveNode(getattr(bench, name))
    bench.settle()
    assert text in bench.problem and bench.widget.panel.prediction is None
    assert getattr(bench.node, name) is None


def test_deleting_while_features_are_extracted_shows_no_late_result(bench: PanelBench) -> None:
    bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    slicer.mrmlScene.RemoveNode(bench.segmentation)
    bench.settle()
    process_events(300)
    assert bench.widget.panel.prediction is None and "New reading" in bench.problem


def test_two_segmentations_do_not_mix(bench: PanelBench) -> None:
    first = bench.small_case()
    smaller = bench.mask.copy()
    smaller[:6] = 0
    other, key = bench.add_reading(bench.volume, smaller)
    bench.node.segmentation = other
    assert bench.node.segmentID == key  # its first segment
    second = bench.result()
    assert second.score != first.score
    bench.erase()  # in the one that is not chosen
    process_events(400)
    assert bench.widget.panel.prediction == second
    bench.node.segmentation = bench.segmentation
    assert bench.result().vois["image"]["contoured_voxels"] == bench.mask.sum()


def test_closing_the_scene_in_the_midst_of_work_leaves_an_empty_panel(bench: PanelBench) -> None:
    bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    slicer.mrmlScene.Clear(0)
    bench.settle()
    process_events(300)
    assert "Choose the CT" in bench.problem and bench.widget.panel.prediction is None
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTextNode") == 0
    assert bench.small_case().score is not None  # and works again


def test_a_reopened_scene_shows_its_result_without_any_work(bench: PanelBench, tmp_path: Path) -> None:
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N2", "complete_response": "yes"}
    bench.ui.previewCheckBox.checked = True
    made = bench.result()
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    bench.close()
    slicer.mrmlScene.Clear(0)
    bench.open()
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    assert bench.result() == made and bench.jobs == 0
    assert bench.node.covariates == {"n_stage": "N2", "complete_response": "yes"} and bench.ui.previewCheckBox.checked
    assert "as it is drawn" in bench.ui.freshnessLabel.text and made.group.label in bench.ui.badgeLabel.text
    assert not bench.widget.panel._editor._masked_before[0]  # our painting limit was not saved with the scene


def test_a_reopened_scene_says_when_its_contour_is_another(bench: PanelBench, tmp_path: Path) -> None:
    made = bench.small_case()
    bench.representation.exit()
    bench.node.live = False
    bench.mask[:, :, :12] = 0
    bench.draw(bench.segmentation, bench.key, bench.volume, bench.mask)
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    bench.representation.enter()
    bench.settle()
    assert bench.widget.panel.prediction == made and not bench.widget.panel.current
    assert "contour has changed" in bench.ui.freshnessLabel.text and not bench.ui.reportButton.enabled


def test_a_damaged_result_is_named(bench: PanelBench) -> None:
    bench.small_case()
    bench.representation.exit()
    bench.node.resultText.SetText("{}")
    bench.widget.setParameterNode(None)
    bench.representation.enter()
    bench.settle()
    assert bench.widget.panel.prediction is None and "cannot be read" in bench.problem
    bench.ui.scoreButton.click()
    assert bench.result().score is not None and not bench.problem


def test_edits_made_elsewhere_are_taken_up_on_coming_back(bench: PanelBench) -> None:
    first = bench.small_case()
    bench.representation.exit()
    bench.mask[:, :, :10] = 0
    bench.draw(bench.segmentation, bench.key, bench.volume, bench.mask)
    jobs = bench.jobs
    process_events(500)
    assert bench.jobs == jobs and not bench.widget.panel._timer.isActive()  # out of sight nothing is computed
    bench.representation.enter()
    assert bench.result().score != first.score


def test_a_model_of_another_computer_is_named(bench: PanelBench) -> None:
    bench.small_case()
    bench.node.modelID = "somebody_elses"
    bench.settle()
    assert "somebody_elses" in bench.problem and bench.widget.panel.prediction is None


def test_a_model_with_two_phases_asks_for_the_second(bench: PanelBench, user_home: Path) -> None:
    bench.close()
    values = json.loads((shipped_folder() / "Models" / f"{S2}.json").read_text(encoding="utf-8"))
    values["inputs"] = [{"name": "arterial", "title": "Arterial phase"}, {"name": "venous", "title": "Venous phase"}]
    for number, term in enumerate(values["signature"]["terms"]):
        term["input"] = ("arterial", "venous")[number % 2]
    write_json(user_home / "Models" / "own.json", {**values, "id": "own"})
    bench.open()
    bench.small_case()
    assert not bench.ui.secondVolumeSelector.visible
    bench.node.modelID = "own"
    bench.settle()
    assert bench.ui.secondVolumeSelector.visible and "Venous phase" in bench.problem
    second = bench.add_volume(sitk.ShiftScale(textured_volume()[0], 5.0), "Venous CT")
    bench.node.secondVolume = second
    found = bench.result()
    assert set(found.vois) == {"arterial", "venous"}
    assert found == bench.widget.logic.score({"arterial": bench.volume, "venous": second}, bench.segmentation,
                                             bench.key, "own")


# The worker


def test_a_killed_worker_is_reported_and_the_next_score_works(bench: PanelBench) -> None:
    first = bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    os.kill(bench.session._worker.pid, 9)
    bench.wait(lambda: "ended unexpectedly" in bench.problem or bench.widget.panel.current)
    assert "ended unexpectedly" in bench.problem and bench.widget.panel.prediction == first
    assert bench.ui.scoreButton.enabled
    bench.ui.scoreButton.click()
    assert bench.result().score != first.score and not bench.problem


def test_cancel_stops_the_extraction(bench: PanelBench) -> None:
    first = bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    assert bench.ui.cancelButton.visible and bench.ui.progressBar.visible
    bench.ui.cancelButton.click()
    assert not bench.ui.cancelButton.visible and bench.widget.panel.prediction == first
    assert "contour has changed" in bench.ui.freshnessLabel.text


def test_without_pyradiomics_the_panel_says_what_to_install_and_opens_the_manager(bench: PanelBench) -> None:
    worker = bench.session._worker
    worker.stop()
    worker._command = [sys.executable, "-c", "import sys; sys.modules['radiomics'] = None\n"
                       "from RadiomicsPrognosisLib.worker.server import main; main()"]
    image, mask = textured_volume()
    volume = bench.add_volume(image)
    segmentation, key = bench.add_reading(volume, sitk.GetArrayFromImage(mask))
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    bench.node.modelID = S2
    bench.wait(lambda: "SlicerRadiomics" in bench.problem)
    bench.settle()
    assert "SlicerRadiomics" in bench.problem and bench.ui.scoreButton.enabled
    bench.ui.problemLabel.linkActivated.emit("extensions-manager")
    assert ("openExtensionsManagerDialog",) in calls()
    worker.stop()
    worker._command = None  # as if it had been installed and Slicer restarted
    bench.ui.scoreButton.click()
    assert bench.result().score is not None and not bench.problem


# Files


def test_the_table_is_exported_where_the_user_says(bench: PanelBench, tmp_path: Path, monkeypatch) -> None:
    made = bench.small_case()
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(tmp_path / "table.csv"))
    bench.ui.exportButton.click()
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("feature,input,value,unit") and len(lines) == 1 + len(made.contributions)
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: "")
    bench.ui.exportButton.click()
    assert list(tmp_path.glob("*.csv")) == [tmp_path / "table.csv"]


def test_the_report_is_written_into_the_folder_chosen(bench: PanelBench, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("fpdf", reason="the report's PDF library is not installed")
    bench.small_case()
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    bench.ui.reportButton.click()
    assert "Tumour" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_declining_the_packages_of_the_report_is_no_error(bench: PanelBench, tmp_path: Path, monkeypatch) -> None:
    bench.small_case()

    def decline(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("User declined")

    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    bench.ui.reportButton.click()
    assert list(tmp_path.iterdir()) == []


# The module's life


def test_reloading_gives_a_fresh_panel_and_ends_the_old_worker(bench: PanelBench) -> None:
    made = bench.small_case()
    old, pid = bench.widget, bench.session._worker.pid
    bench.widget.onReload()
    process_events()
    bench.representation = slicer.modules.radiomicsprognosis.widgetRepresentation()
    bench.representation.enter()
    assert bench.widget is not old and bench.result().to_dict() == made.to_dict()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_closing_leaves_no_process_observer_or_node_behind(scene: Any) -> None:  # noqa: F811
    bench = PanelBench()
    bench.small_case()
    bench.ui.previewCheckBox.checked = True
    bench.settle()
    pid, editor = bench.session._worker.pid, bench.widget.panel._editor.node
    bench.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not editor.GetSourceVolumeIntensityMask()
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert not bench.segmentation.HasObserver(slicer.vtkSegmentation.SegmentModified)
    bench.draw(bench.segmentation, bench.key, bench.volume, bench.mask)  # nobody listens any more
    slicer.mrmlScene.Clear(0)
    process_events(100)


def test_the_panel_can_be_opened_outside_testing_mode(scene: Any) -> None:  # noqa: F811
    set_testing(False)
    bench = PanelBench()
    assert "Choose the CT" in bench.problem
    bench.close()


def test_the_self_test_passes(bench: PanelBench) -> None:
    slicer.selfTests["RadiomicsPrognosis"]()
    bench.representation.enter()


def test_sample_data_is_registered_with_the_digests_the_library_checks(bench: PanelBench) -> None:
    from RadiomicsPrognosisLib.sample import _SHA256

    sources = slicer.modules.sampleDataSources["RadiomicsPrognosis"]
    assert len(sources) == 1
    for name, checksum, uri in zip(sources[0]["fileNames"], sources[0]["checksums"], sources[0]["uris"], strict=True):
        assert checksum == f"SHA256:{_SHA256[name]}" and uri.endswith(f"/{name}")
    assert Path(sources[0]["thumbnailFileName"]).is_file()
