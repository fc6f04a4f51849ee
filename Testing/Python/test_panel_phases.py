"""A model that reads two phases: each has its own volume and its own contour, or the first one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import SimpleITK as sitk
import slicer
from conftest import textured_volume
from panel_bench import PanelBench, bench, impatient  # noqa: F401 - fixtures
from phase_cases import two_phase_model

from RadiomicsPrognosisLib.errors import InputError


@pytest.fixture
def phases(bench: PanelBench, user_home: Path) -> PanelBench:  # noqa: F811
    """The panel with both volumes of a model with two phases, contoured on the first."""
    bench.close()
    model = two_phase_model(user_home)
    bench.open()
    bench.small_case()
    assert not any(widget.visible for widget in (bench.ui.secondVolumeSelector, bench.ui.phaseSelector,
                                                 bench.ui.secondSegmentationSelector, bench.ui.phasesLabel))
    bench.node.modelID = model
    bench.settle()
    assert bench.ui.secondVolumeSelector.visible and "Venous phase" in bench.problem
    return bench


def venous(phases: PanelBench) -> Any:
    """Choose a second volume of the case."""
    image = sitk.ShiftScale(textured_volume((24, 22, 20))[0], 5.0)
    phases.node.secondVolume = volume = phases.add_volume(image, "Venous CT")
    return volume


def drawn_phase(phases: PanelBench, index: int) -> None:
    """Choose which phase is drawn, as the user does."""
    phases.ui.phaseSelector.setCurrentIndex(index)
    phases.settle()


def test_one_contour_may_be_used_on_both_phases_and_the_panel_says_so(phases: PanelBench) -> None:
    second, ui = venous(phases), phases.ui
    result = phases.result()
    assert set(result.vois) == {"arterial", "venous"}
    assert result == phases.widget.logic.score({"arterial": phases.volume, "venous": second}, phases.segmentation,
                                               phases.key, "phases")
    assert ui.volumeLabel.text == "Arterial phase:" and ui.secondVolumeLabel.text == "Venous phase:"
    assert ui.phasesLabel.visible and "the contour of the first phase" in ui.phasesLabel.text
    assert "Registering" in ui.phasesLabel.text and "docs/panel.md#two-phases" in ui.phasesLabel.text
    assert "Venous CT" in ui.seriesLabel.text


def test_each_phase_has_a_contour_of_its_own(phases: PanelBench) -> None:
    second, ui = venous(phases), phases.ui
    shared = phases.result()
    smaller = phases.mask.copy()
    smaller[:, :, :10] = 0
    own, key = phases.add_reading(second, smaller, "Venous reading", "Venous tumour")
    phases.node.secondSegmentation = own
    result = phases.result()
    assert phases.node.secondSegmentID == key  # its first segment, as in the Segment Editor
    assert result.vois["arterial"] == shared.vois["arterial"]
    assert result.vois["venous"].segment == "Venous tumour"
    assert result.vois["venous"].contoured_voxels == smaller.sum() < shared.vois["venous"].contoured_voxels
    assert result == phases.widget.logic.score(
        {"arterial": phases.volume, "venous": second}, {"arterial": phases.segmentation, "venous": own},
        {"arterial": phases.key, "venous": key}, "phases")
    assert "Venous tumour of Venous reading" in ui.phasesLabel.text
    with pytest.raises(InputError, match="No segmentation is given for the input 'venous'"):
        phases.widget.logic.score({"arterial": phases.volume, "venous": second}, {"arterial": phases.segmentation},
                                  phases.key, "phases")


def test_live_follows_the_contour_of_either_phase(phases: PanelBench) -> None:
    second = venous(phases)
    own, key = phases.add_reading(second, phases.mask, "Venous reading")
    phases.node.secondSegmentation = own
    first = phases.result()
    phases.erase()
    changed = phases.result()
    assert changed.vois["arterial"] != first.vois["arterial"] and changed.vois["venous"] == first.vois["venous"]
    phases.draw(own, key, second, phases.mask)
    process_events(30)
    assert phases.result().vois["venous"] != first.vois["venous"]


def test_the_editor_draws_on_the_phase_that_is_chosen(phases: PanelBench) -> None:
    second, ui = venous(phases), phases.ui
    phases.result()
    drawn_phase(phases, 1)
    node = phases.editor.node
    assert node.GetSourceVolumeNode() is second and node.GetSegmentationNode() is phases.segmentation
    assert ui.sharedContourCheckBox.visible and ui.sharedContourCheckBox.checked
    assert not any(widget.visible for widget in (ui.segmentationSelector, ui.segmentSelector,
                                                 ui.secondSegmentationSelector))
    ui.newReadingButton.click()
    process_events(30)
    own = phases.node.secondSegmentation
    assert own is not phases.segmentation and phases.node.segmentation is phases.segmentation
    role = own.GetReferenceImageGeometryReferenceRole()
    assert own.GetNodeReference(role) is second and node.GetSegmentationNode() is own
    assert phases.editor.effect == "Paint" and not ui.sharedContourCheckBox.checked
    assert ui.segmentSelector.visible and ui.secondSegmentationSelector.visible
    phases.wait(lambda: bool(phases.problem))  # there is nothing in it yet
    phases.draw(own, phases.node.secondSegmentID, second, phases.mask)
    assert phases.result().vois["venous"].contoured_voxels == phases.mask.sum()
    other = phases.add_segment(own, second, phases.mask, "Other")
    ui.segmentSelector.setCurrentIndex(ui.segmentSelector.findData(other))
    assert phases.node.secondSegmentID == other and phases.node.segmentID == phases.key
    drawn_phase(phases, 0)
    assert node.GetSourceVolumeNode() is phases.volume and node.GetSegmentationNode() is phases.segmentation
    assert node.GetSelectedSegmentID() == phases.key and phases.node.secondSegmentID == other


def test_one_volume_is_not_taken_for_both_phases(phases: PanelBench) -> None:
    phases.node.secondVolume = phases.volume
    phases.settle()
    assert phases.panel.prediction is None and "the same volume is chosen for both" in phases.problem


def test_a_deleted_contour_of_the_second_phase_is_not_replaced_in_silence(phases: PanelBench) -> None:
    second = venous(phases)
    own, _key = phases.add_reading(second, phases.mask, "Venous reading")
    phases.node.secondSegmentation = own
    phases.result()
    slicer.mrmlScene.RemoveNode(own)
    phases.settle()
    assert phases.node.secondSegmentation is None
    assert phases.panel.prediction is None and "Venous phase" in phases.problem
    phases.node.sharedContour = True  # by choice
    assert phases.result().vois["venous"].contoured_voxels == phases.mask.sum()


def test_a_scene_saved_with_one_contour_for_both_phases_opens_with_its_result(phases: PanelBench) -> None:
    """Such scenes have no parameter for the second contour at all."""
    venous(phases)
    result = phases.result()
    parameters = phases.node.parameterNode
    for name in ("secondSegmentID", "sharedContour"):
        parameters.UnsetParameter(name)
    parameters.RemoveNodeReferenceIDs("secondSegmentation")
    phases.widget.onSceneEndImport()
    phases.settle()
    assert phases.panel.prediction == result and phases.panel.current
