"""The panel's real code on real MRML and Qt widgets: choosing, drawing, live scoring."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient, own_model  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.answer import answer_of
from RadiomicsPrognosisLib.resources import shipped_folder


def plain(label: qt.QLabel) -> str:
    """Return a label's rich text without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", label.text))


# Opening and choosing


def test_an_empty_panel_says_where_to_begin_and_offers_nothing_else(bench: PanelBench) -> None:  # noqa: F811
    assert "Choose the CT" in bench.problem
    for button in (bench.ui.scoreButton, bench.ui.reportButton, bench.ui.exportButton, bench.ui.newReadingButton):
        assert not button.enabled
    assert not bench.ui.progressBar.visible and not bench.ui.badgeLabel.visible
    assert bench.ui.liveCheckBox.checked and bench.ui.limitPaintingCheckBox.checked
    assert bench.editor.widget.segmentationNodeSelectorVisible is False


def test_each_missing_choice_is_named_in_turn(bench: PanelBench) -> None:  # noqa: F811
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
    assert bench.result().scaling.name == SCALING


def test_the_result_is_what_the_logic_gives_and_is_kept_in_the_scene(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N2", "complete_response": "no"}
    result = bench.result()
    assert result == bench.widget.logic.score(bench.volume, bench.segmentation, bench.key, S1,
                                             {"n_stage": "N2", "complete_response": "no"}, SCALING)
    node, ui = bench.node, bench.ui
    assert json.loads(node.resultText.GetText())["score"] == result.score
    assert node.resultTable.GetNumberOfRows() == len(result.contributions)
    assert node.curveChart.GetNthPlotSeriesNode(0) is node.curveSeries
    told = answer_of(result, bench.panel.choices.model)
    assert bench.panel.answer.told == told
    for text in (told.headline, told.score, told.cutoff):
        assert html.escape(text, quote=False) in ui.badgeLabel.text
    assert ("▲" if result.group.worse else "●") in ui.badgeLabel.text  # never by colour alone
    assert html.escape(told.band, quote=False) in ui.bandLabel.text and "DEMONSTRATION" in ui.bandLabel.text
    for item in told.outcomes:
        assert item.text in plain(ui.horizonsLabel) and item.text in plain(ui.outcomeLabel)
        assert html.escape(item.note, quote=False) in ui.captionLabel.text
    assert all(html.escape(text, quote=False) in ui.captionLabel.text for text in told.sentences)
    assert html.escape(told.uncertainty, quote=False) in ui.outcomeLabel.text
    for tab, labels in ((ui.outcomeArea, (ui.scaleLabel, ui.curveLabel)), (ui.featuresArea, (ui.contributionsLabel,))):
        ui.detailsTabs.setCurrentWidget(tab)
        assert all(label.visible and not label.pixmap.isNull() for label in labels)
    ui.detailsTabs.setCurrentWidget(ui.featuresArea)
    assert "Total" in ui.pointsLabel.text
    ui.attentionLabel.linkActivated.emit("limits")
    assert ui.detailsTabs.currentWidget() is ui.limitsArea and all(
        html.escape(item.text, quote=False) in ui.warningsLabel.text.replace("\u200b", "") for item in told.limits)
    ui.detailsTabs.setCurrentWidget(ui.cardArea)
    assert "oesophageal" in ui.cardLabel.text.lower() and SCALING in ui.madeLabel.text
    kept = result.vois["image"]
    assert f"{kept.kept_voxels:,}".replace(",", "\u202f") in ui.keptLabel.text
    assert f"{kept.kept_volume_mm3 / 1000:.1f} cm³" in ui.keptLabel.text
    assert ui.exportButton.enabled and ui.reportButton.enabled and not bench.problem


def test_a_probability_is_shown_without_a_curve(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID = "s2_escc_ln_control_2y"
    bench.result()
    for label in (bench.ui.horizonsLabel, bench.ui.outcomeLabel):
        assert bench.panel.answer.told.outcomes[0].text in plain(label)
    assert not bench.ui.curveLabel.visible and bench.node.curveChart is None


def test_text_from_outside_is_shown_as_text(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    bench.close()
    own_model(user_home, title="<img src=x onerror=alert(1)>", population="<b>all</b>")
    bench.open()
    bench.small_case()
    bench.node.modelID = "own"
    bench.segmentation.GetSegmentation().GetSegment(bench.key).SetName("<script>x</script>")
    bench.draw(bench.segmentation, bench.key, bench.volume, np.zeros_like(bench.mask))
    bench.settle()
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.cardArea)
    assert "&lt;b&gt;all&lt;/b&gt;" in bench.ui.cardLabel.text
    assert "<script>" not in bench.problem and "&lt;script&gt;" in bench.problem


def test_a_combo_box_choice_reaches_the_parameter_node_and_back(bench: PanelBench) -> None:  # noqa: F811
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
    assert bench.editor.node.GetSelectedSegmentID() == other
    bench.editor.widget.setCurrentSegmentID(bench.key)  # a click in the editor's table
    assert bench.node.segmentID == bench.key
    assert bench.ui.segmentSelector.itemData(bench.ui.segmentSelector.currentIndex) == bench.key


def test_a_model_file_that_cannot_be_read_is_named_and_a_new_one_is_found(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    (user_home / "Models").mkdir(parents=True)
    (user_home / "Models" / "broken.json").write_text("{")
    bench.representation.exit()
    own_model(user_home)
    bench.representation.enter()
    assert "broken.json" in bench.ui.needsLabel.text and bench.ui.modelSelector.findData("own") > 0


# Live


def test_an_edit_is_scored_by_itself_and_undo_brings_the_old_result_back_without_extraction(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    bench.erase()
    assert "updating" in bench.ui.freshnessLabel.text and not bench.ui.exportButton.enabled
    second = bench.result()
    assert second.score != first.score
    assert second.vois["image"].contoured_voxels == bench.mask.sum()
    assert second == bench.widget.logic.score(bench.volume, bench.segmentation, bench.key, S2)
    jobs = bench.jobs
    bench.editor.widget.undo()
    bench.wait(lambda: bench.panel.prediction.score == first.score)
    assert bench.result() == first and bench.jobs == jobs


def test_without_live_an_edit_waits_for_the_button(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    bench.ui.liveCheckBox.checked = False
    jobs = bench.jobs
    bench.erase()
    bench.settle()
    assert "press Score" in bench.ui.freshnessLabel.text and bench.panel.prediction == first
    assert f"of {bench.mask.sum()}" in bench.ui.keptLabel.text.replace("\u202f", "")
    assert bench.jobs == jobs and not bench.ui.reportButton.enabled
    bench.ui.scoreButton.click()
    assert bench.result().score != first.score


def test_switching_live_on_takes_up_what_has_changed(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    bench.ui.liveCheckBox.checked = False
    bench.erase()
    bench.settle()
    bench.ui.liveCheckBox.checked = True
    assert bench.result().score != first.score


def test_voxels_of_the_image_and_its_transform_count_too(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    slicer.util.arrayFromVolume(bench.volume)[:] += 7
    slicer.util.arrayFromVolumeModified(bench.volume)
    bench.wait(lambda: bench.panel.prediction != first)
    assert bench.result().vois["image"].mean_hu == pytest.approx(first.vois["image"].mean_hu + 7)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = slicer.util.vtkMatrixFromArray(np.array([[1, 0, 0, 500.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    transform.SetMatrixTransformToParent(matrix)
    bench.segmentation.SetAndObserveTransformNodeID(transform.GetID())
    bench.settle()
    assert "do not overlap" in bench.problem and bench.panel.prediction is None


# Clinical form


def test_covariates_are_scored_without_extraction_and_may_stay_unknown(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    assert bench.result().survival is None and "complete_response" in bench.ui.outcomeLabel.text
    jobs = bench.jobs
    stage, response = (bench.representation.findChild(qt.QWidget, f"covariate_{name}")
                       for name in ("n_stage", "complete_response"))
    stage.setCurrentIndex(stage.findData("N1"))
    assert response.currentText == "not given" and bench.node.covariates == {"n_stage": "N1"}
    response.setCurrentIndex(response.findData("yes"))
    assert bench.node.covariates["complete_response"] == "yes"
    assert bench.result().survival is not None and bench.jobs == jobs
    bench.node.covariates = {}
    assert stage.currentIndex == 0 and response.currentText == "not given"
    assert bench.result().survival is None


def test_what_is_not_yet_known_is_averaged_and_said_so(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    response = bench.representation.findChild(qt.QWidget, "covariate_complete_response")
    assert "143" in response.toolTip and "221 patients" in response.toolTip
    response.setCurrentIndex(response.findText("not yet known"))
    assert bench.node.covariates["complete_response"] == "unknown"
    result, ui = bench.result(), bench.ui
    assert len(result.survival.alternatives) == 2 and result.averaged
    assert "averaged over 143 without and 78 with" in ui.captionLabel.text
    for item in result.survival.alternatives:
        assert item.label in ui.curveNoteLabel.text
    bench.wait(lambda: bench.panel.folded)
    assert "CR not yet known" in ui.chosenButton.toolTip


def test_a_number_has_unit_and_range_and_can_be_left_out(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    bench.close()
    values = json.loads((shipped_folder() / "Models" / f"{S1}.json").read_text(encoding="utf-8"))
    age = {"name": "age", "title": "Age", "kind": "continuous", "unit": "years", "range": [18, 95]}
    survival = {key: value for key, value in values["survival"].items() if key != "reconstruction"}
    survival["coefficients"] = {**survival["coefficients"], "age": 0.01}
    own_model(user_home, covariates=[*values["covariates"], age], survival=survival, uncertainty=None)
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
