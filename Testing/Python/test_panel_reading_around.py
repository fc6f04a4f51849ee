# ruff: noqa: F811 - the fixtures are imported
"""What is round about a case while it is read on the stand-in: the editor, what is loaded, the module itself."""

from __future__ import annotations

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import SimpleITK as sitk
import slicer
from panel_bench import PanelBench, bench  # noqa: F401 - fixture
from reading_bench import on_disk, paint, study  # noqa: F401 - fixture
from reading_cases import small_image

from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import ReadingState

OPEN = ReadingState.OPEN


def test_what_was_in_hand_before_a_reading_is_in_hand_again(bench: PanelBench, study: StudyFolder) -> None:
    ui = bench.ui
    ui.voiSection.collapsed = True
    width = bench.ui.RadiomicsPrognosis.minimumSizeHint.width()
    ui.readStartButton.click()
    assert bench.editor.effect == "Paint" and not ui.voiSection.collapsed
    paint(bench)
    ui.readNextButton.click()
    assert bench.editor.effect == "Paint"
    ui.readStopButton.click()
    bench.settle()
    assert bench.editor.effect == "" and ui.voiSection.collapsed
    assert bench.ui.RadiomicsPrognosis.minimumSizeHint.width() <= width
    bench.small_case()
    ui.voiSection.collapsed = False
    bench.editor.take_up("Erase")
    assert bench.editor.effect == "Erase"
    ui.readStartButton.click()
    ui.readSkipButton.click()
    paint(bench)
    ui.readNextButton.click()
    assert bench.panel.readings.active is None and bench.editor.effect == "Erase"


def test_what_is_loaded_while_reading_is_hidden_until_it_is_left(bench: PanelBench, study: StudyFolder) -> None:
    bench.small_case()
    bench.ui.readStartButton.click()
    segmentation, _key = bench.add_reading(bench.volume, bench.mask, "Loaded")
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", "Loaded model")
    model.CreateDefaultDisplayNodes()
    preview = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "an effect's preview")
    preview.CreateDefaultDisplayNodes()
    bench.editor.node.SetNodeReferenceID("SegmentationResultPreview", preview.GetID())
    bench.wait(lambda: not segmentation.GetDisplayNode().GetVisibility(), 2)
    assert not model.GetDisplayNode().GetVisibility() and preview.GetDisplayNode().GetVisibility()
    assert bench.node.segmentation.GetDisplayNode().GetVisibility()
    bench.ui.readStopButton.click()
    assert segmentation.GetDisplayNode().GetVisibility() and model.GetDisplayNode().GetVisibility()
    later, _key = bench.add_reading(bench.volume, bench.mask, "Later")
    bench.settle()
    assert later.GetDisplayNode().GetVisibility()


def test_a_module_reloaded_while_reading_chooses_the_former_case(bench: PanelBench, study: StudyFolder) -> None:
    bench.small_case()
    other = bench.add_volume(small_image()[0], "Another CT")  # so that the choice is not the only one there is
    bench.add_reading(other, sitk.GetArrayFromImage(small_image()[1]), "Another contour")
    before = bench.node.volume, bench.node.segmentation, bench.node.segmentID
    bench.ui.readStartButton.click()
    paint(bench)
    bench.reopen()
    assert (bench.node.volume, bench.node.segmentation, bench.node.segmentID) == before
    assert on_disk(study).state is OPEN and on_disk(study).path.is_file()
