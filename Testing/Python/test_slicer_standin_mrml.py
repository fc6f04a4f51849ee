# ruff: noqa: F811 - the fixture `scene` is imported
"""The stand-in's node and segment widgets, scene bundles and module life on real MRML."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest
import vtk
from slicer_standin import load_module, unload_module
from slicer_standin.testing import process_events, qt, scene, slicer  # noqa: F401
from vtk.util import numpy_support


def test_scene_close_tells_start_and_end(scene) -> None:
    events = []
    tags = [scene.AddObserver(getattr(scene, name), lambda caller, event, name=name: events.append(name))
            for name in ("StartCloseEvent", "EndCloseEvent")]
    scene.Clear(0)
    for tag in tags:
        scene.RemoveObserver(tag)
    assert events == ["StartCloseEvent", "EndCloseEvent"]


def test_the_node_combo_box_follows_the_scene(scene) -> None:
    heard, box = [], slicer.qMRMLNodeComboBox()
    box.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    box.noneEnabled = True
    assert not box.enabled  # without a scene there is nothing to choose
    box.setMRMLScene(scene)
    box.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: heard.append(node and node.GetName()))
    first, second = (scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in ("A", "B"))
    scene.AddNewNodeByClass("vtkMRMLTextNode", "T")
    labels = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "L")
    assert box.enabled and box.nodeCount() == 3 and box.currentNode() is None
    box.showChildNodeTypes = False
    assert box.nodeCount() == 2
    box.setCurrentNode(second)
    box.setCurrentNode(labels)  # not in the list
    box.setCurrentNode(first)
    scene.RemoveNode(first)
    assert heard == ["B", None, "A", None]
    box.noneEnabled = False
    assert box.currentNode() is None  # nothing is selected by itself
    third = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "C")
    box.setCurrentNode(third)
    scene.RemoveNode(third)
    assert box.currentNode() is second  # the one before, as QComboBox does
    second.SetName("Renamed")
    assert box.children()[1].currentText == "Renamed"
    with pytest.raises(ValueError, match="wrong arguments"):
        box.setCurrentNode(scene)
    scene.Clear(0)
    assert box.currentNode() is None and box.nodeCount() == 0


def test_a_deleted_node_combo_box_listens_no_more(scene) -> None:
    node, box = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "A"), slicer.qMRMLNodeComboBox()
    box.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    box.setMRMLScene(scene)
    box.deleteLater()
    process_events()
    node.SetName("B")
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "C")


@pytest.fixture
def contour(scene):
    """A volume and a segmentation on its grid with two empty segments."""
    volume = slicer.util.addVolumeFromArray(np.zeros((4, 6, 8), np.int16), name="CT")
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Reading")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in ("Tumour", "Node"):
        segmentation.GetSegmentation().AddEmptySegment(name, name)
    return volume, segmentation


def _events_of(segmentation) -> list[str]:
    events: list[str] = []
    for name in ("SourceRepresentationModified", "SegmentModified", "SegmentAdded", "SegmentRemoved"):
        segmentation.AddObserver(getattr(slicer.vtkSegmentation, name),
                                 lambda caller, event, name=name: events.append(name))
    return events


def test_a_segment_set_from_an_array_tells_the_segmentation(contour) -> None:
    volume, segmentation = contour
    mask = np.zeros((4, 6, 8), np.uint8)
    mask[1:3, 2:4, 2:5] = 1
    events = _events_of(segmentation)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "Tumour", volume)
    assert "SourceRepresentationModified" in events or "SegmentModified" in events
    assert np.array_equal(slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "Tumour", volume), mask)
    events.clear()
    segmentation.GetSegmentation().GetSegment("Tumour").SetName("GTV")
    assert "SegmentModified" in events


def test_painting_through_the_editor_logic_obeys_the_intensity_mask_and_can_be_undone(scene, contour) -> None:
    volume, segmentation = contour
    hu = np.full((4, 6, 8), -500, np.int16)
    hu[:, :, 4:] = 40
    slicer.util.updateVolumeFromArray(volume, hu)
    editor, node = slicer.qMRMLSegmentEditorWidget(), scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    editor.setMRMLSegmentEditorNode(node)
    editor.setMRMLScene(scene)
    editor.setSegmentationNode(segmentation)
    editor.setMaximumNumberOfUndoStates(10)
    assert editor.sourceVolumeNode() is volume and editor.currentSegmentID() == "Tumour"
    node.SetSourceVolumeIntensityMaskRange(-50, 300)
    node.SetSourceVolumeIntensityMask(True)
    logic = slicer.vtkSlicerSegmentEditorLogic()
    logic.SetMRMLScene(scene)
    logic.SetSegmentEditorNode(node)
    logic.SetMaximumNumberOfUndoStates(10)
    logic.ResetModifierLabelmapToDefault()
    brush = logic.GetModifierLabelmap()
    slicer.vtkOrientedImageDataResample.FillImage(brush, 1.0)
    events = _events_of(segmentation)
    logic.SaveStateForUndo()
    logic.ModifySegmentByLabelmap(segmentation, "Tumour", brush, logic.ModificationModeAdd, False, False)
    assert "SourceRepresentationModified" in events
    painted = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "Tumour", volume)
    assert np.array_equal(painted, hu > -50)
    logic.Undo()
    assert not slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "Tumour", volume).any()


def test_the_segment_editor_widget_writes_its_node(scene, contour) -> None:
    segmentation = contour[1]
    heard, editor = [], slicer.qMRMLSegmentEditorWidget()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    editor.connect("currentSegmentIDChanged(QString)", heard.append)
    editor.setMRMLSegmentEditorNode(node)
    editor.setMRMLScene(scene)
    editor.setSegmentationNodeSelectorVisible(False)
    editor.setSegmentationNode(segmentation)
    editor.setActiveEffectByName("Threshold")
    assert node.GetActiveEffectName() == "Threshold" and editor.activeEffect() is editor.effectByName("Threshold")
    editor.setCurrentSegmentID("Node")
    assert (node.GetSelectedSegmentID(), heard) == ("Node", ["Tumour", "Node"])
    other = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Second reading")
    editor.setSegmentationNode(other)
    assert editor.activeEffect() is None and node.GetSegmentationNode() is other
    editor.setActiveEffect(None)
    editor.setSegmentationNode(None)
    editor.removeViewObservations()
    assert editor.segmentationNode() is None and not editor.segmentationNodeSelectorVisible
    with pytest.raises(ValueError, match="wrong arguments"):
        editor.setMRMLSegmentEditorNode(segmentation)


def test_effects_registered_later_are_announced(scene) -> None:
    heard, factory = [], slicer.qSlicerSegmentEditorEffectFactory.instance()
    factory.connect("effectRegistered(QString)", heard.append)
    effect, editor = slicer.qSlicerSegmentEditorAbstractEffect("Adaptive Brush"), slicer.qMRMLSegmentEditorWidget()
    factory.registerEffect(effect)
    assert heard == ["Adaptive Brush"] and "Adaptive Brush" not in editor.availableEffectNames()
    editor.updateEffectList()
    assert editor.effectByName("Adaptive Brush") not in (None, effect)  # every editor has copies of its own
    factory.disconnect("effectRegistered(QString)", heard.append)
    factory._si_effects.remove(effect)


def test_a_bundle_brings_everything_back(scene, contour, tmp_path) -> None:
    volume, segmentation = contour
    mask = np.zeros((4, 6, 8), np.uint8)
    mask[1, 2, 3] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "Tumour", volume)
    choices = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "Choices")
    choices.SetParameter("mode", "NATIVE")
    choices.SetNodeReferenceID("volume", volume.GetID())
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    scene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    again = slicer.util.getNode("Choices")
    volume = again.GetNodeReference("volume")
    assert volume.GetName() == "CT" and again.GetParameter("mode") == "NATIVE"
    assert np.array_equal(
        slicer.util.arrayFromSegmentBinaryLabelmap(slicer.util.getNode("Reading"), "Tumour", volume), mask)
    with pytest.raises(NotImplementedError, match="VolumeFile"):
        slicer.util.loadVolume(str(tmp_path / "case.nrrd"))


MODULE = '''
    import slicer
    from slicer.ScriptedLoadableModule import *

    class Tiny(ScriptedLoadableModule):
        def __init__(self, parent):
            ScriptedLoadableModule.__init__(self, parent)
            self.parent.title = "Tiny"
            self.parent.categories = ["Informatics"]
            slicer.app.connect("startupCompleted()", lambda: events.append("started"))

    events = []

    class TinyWidget(ScriptedLoadableModuleWidget):
        def setup(self):
            ScriptedLoadableModuleWidget.setup(self)
            self.logic = TinyLogic()
            events.append("setup")
        def enter(self):
            events.append("enter")
        def exit(self):
            events.append("exit")
        def cleanup(self):
            events.append("cleanup")

    class TinyLogic(ScriptedLoadableModuleLogic):
        pass

    class TinyTest(ScriptedLoadableModuleTest):
        def setUp(self):
            slicer.mrmlScene.Clear(0)
        def test_one(self):
            self.assertIs(TinyLogic().getParameterNode(), TinyLogic().getParameterNode())
            events.append("tested")
'''


def test_a_module_lives_as_in_slicer(scene, tmp_path) -> None:
    file = tmp_path / "Tiny.py"
    file.write_text(textwrap.dedent(MODULE), encoding="utf-8")
    module = load_module(file)
    events = sys.modules["Tiny"].events
    assert (module.title, slicer.modules.tiny.path) == ("Tiny", str(file)) and events == ["started"]
    widget = module.widgetRepresentation()
    assert widget is module.widgetRepresentation() and widget.self() is slicer.modules.TinyWidget
    widget.enter()
    widget.exit()
    slicer.selfTests["Tiny"]()
    assert slicer.modules.TinyWidget.logic.getParameterNode().GetSingletonTag() == "Tiny"
    assert events == ["started", "setup", "enter", "exit", "tested"]
    old = slicer.modules.TinyWidget
    old.onReload()
    assert slicer.modules.TinyWidget is not old and events[-1] == "cleanup"
    again = sys.modules["Tiny"].events
    unload_module("Tiny")
    process_events()
    assert again == ["setup", "cleanup"] and not hasattr(slicer.modules, "tiny")
    with pytest.raises(AttributeError, match="'titel' does not exist"):
        module.titel = "typo"


def test_sample_data_is_registered_once(scene) -> None:
    from SampleData import SampleDataLogic

    for _ in range(2):
        SampleDataLogic.registerCustomSampleDataCategory("Cat", title="Title")
        SampleDataLogic.registerCustomSampleDataSource(category="Cat", sampleName="S", uris=["u"], fileNames=["f"])
    assert slicer.modules.sampleDataSourceCategories["Cat"] == {"title": "Title"}
    assert len(slicer.modules.sampleDataSources["Cat"]) == 1
    with pytest.raises(TypeError):
        SampleDataLogic.registerCustomSampleDataSource(category="Cat", sampleNam="S")
    del slicer.modules.sampleDataSources["Cat"], slicer.modules.sampleDataSourceCategories["Cat"]


def test_a_picture_of_qts_becomes_one_of_vtks_with_the_lowest_row_first(scene) -> None:
    pixmap, data = qt.QPixmap(3, 2), vtk.vtkImageData()
    pixmap.fill(qt.QColor(200, 100, 50, 255))
    painter = qt.QPainter()
    painter.begin(pixmap)
    painter.fillRect(qt.QRect(0, 1, 3, 1), qt.QBrush(qt.QColor(10, 20, 30)))
    painter.end()
    assert slicer.qMRMLUtils().qImageToVtkImageData(pixmap.toImage(), data)
    pixels = numpy_support.vtk_to_numpy(data.GetPointData().GetScalars())
    assert data.GetDimensions() == (3, 2, 1)
    assert pixels.tolist() == 3 * [[10, 20, 30, 255]] + 3 * [[200, 100, 50, 255]]
    assert not slicer.qMRMLUtils().qImageToVtkImageData(qt.QPixmap().toImage(), data)
    with pytest.raises(ValueError, match="wrong arguments"):
        slicer.qMRMLUtils().qImageToVtkImageData(pixmap.toImage(), vtk.vtkPolyData())
