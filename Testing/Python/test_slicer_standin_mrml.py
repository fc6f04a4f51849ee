# ruff: noqa: F811 - the fixture `scene` is imported
"""The stand-in's node and segment widgets, scene bundles and module life on real MRML."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest
from slicer_standin import load_module, unload_module
from slicer_standin.testing import process_events, scene, slicer  # noqa: F401


def test_scene_close_tells_start_and_end(scene) -> None:
    seen = []
    tags = [scene.AddObserver(getattr(scene, name), lambda caller, event, name=name: seen.append(name))
            for name in ("StartCloseEvent", "EndCloseEvent")]
    scene.Clear(0)
    for tag in tags:
        scene.RemoveObserver(tag)
    assert seen == ["StartCloseEvent", "EndCloseEvent"]


def test_the_node_combo_box_follows_the_scene(scene) -> None:
    heard, valid, box = [], [], slicer.qMRMLNodeComboBox()
    box.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    box.noneEnabled = True
    box.setMRMLScene(scene)
    box.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: heard.append(node and node.GetName()))
    box.connect("currentNodeChanged(bool)", valid.append)
    first, second = (scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in ("A", "B"))
    scene.AddNewNodeByClass("vtkMRMLTextNode", "T")
    hidden = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "L")
    assert box.nodeCount() == 3 and box.currentNode() is None
    box.showChildNodeTypes = False
    assert box.nodeCount() == 2
    box.setCurrentNode(second)
    box.setCurrentNode(hidden)  # not in the list
    box.currentNodeID = first.GetID()
    scene.RemoveNode(first)
    assert heard == ["B", None, "A", None] and valid == [True, False, True, False]
    box.noneEnabled = False
    assert box.currentNode() is None  # nothing is selected by itself
    box.setCurrentNodeIndex(0)
    third = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "C")
    box.setCurrentNode(third)
    scene.RemoveNode(third)
    assert box.currentNode() is second  # the one before, as QComboBox does
    with pytest.raises(ValueError, match="wrong arguments"):
        box.setCurrentNode(scene)
    scene.Clear(0)
    assert box.currentNode() is None and box.nodeCount() == 0


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
    seen: list[str] = []
    for name in ("SourceRepresentationModified", "SegmentModified", "SegmentAdded", "SegmentRemoved"):
        segmentation.AddObserver(getattr(slicer.vtkSegmentation, name),
                                 lambda caller, event, name=name: seen.append(name))
    return seen


def test_a_segment_set_from_an_array_tells_the_segmentation(contour) -> None:
    volume, segmentation = contour
    mask = np.zeros((4, 6, 8), np.uint8)
    mask[1:3, 2:4, 2:5] = 1
    seen = _events_of(segmentation)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "Tumour", volume)
    assert "SourceRepresentationModified" in seen or "SegmentModified" in seen
    found = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "Tumour", volume)
    assert np.array_equal(found, mask)
    seen.clear()
    segmentation.GetSegmentation().GetSegment("Tumour").SetName("GTV")
    assert "SegmentModified" in seen


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
    seen = _events_of(segmentation)
    logic.SaveStateForUndo()
    logic.ModifySegmentByLabelmap(segmentation, "Tumour", brush, logic.ModificationModeAdd, False, False)
    assert "SourceRepresentationModified" in seen
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
    assert editor.segmentationNodeID() == "" and not editor.segmentationNodeSelectorVisible
    with pytest.raises(ValueError, match="wrong arguments"):
        editor.setMRMLSegmentEditorNode(segmentation)


def test_effects_registered_later_are_announced(scene) -> None:
    heard, factory = [], slicer.qSlicerSegmentEditorEffectFactory.instance()
    factory.connect("effectRegistered(QString)", heard.append)
    effect = slicer.qSlicerSegmentEditorAbstractEffect("Adaptive Brush")
    factory.registerEffect(effect)
    editor = slicer.qMRMLSegmentEditorWidget()
    assert heard == ["Adaptive Brush"] and "Adaptive Brush" in editor.availableEffectNames()
    editor.setEffectNameOrder(["Paint", "Erase"])
    editor.unorderedEffectsVisible = False
    editor.updateEffectList()
    assert [editor.effectByIndex(index).name for index in range(editor.effectCount())] == ["Paint", "Erase"]
    factory.disconnect("effectRegistered(QString)", heard.append)
    factory._si_effects.remove(effect)


def test_the_segment_selector_follows_the_segmentation(scene, contour) -> None:
    _, segmentation = contour
    heard, selector = [], slicer.qMRMLSegmentSelectorWidget()
    selector.connect("currentSegmentChanged(QString)", heard.append)
    selector.setMRMLScene(scene)
    selector.setCurrentNode(segmentation)
    assert selector.currentNode() is segmentation and selector.currentSegmentID() == "Tumour"
    selector.setCurrentSegmentID("Node")
    selector.setCurrentSegmentID("no such segment")
    assert selector.currentSegmentID() == "Node"
    segmentation.GetSegmentation().RemoveSegment("Node")
    assert selector.segmentIDs() == ("Tumour",)
    assert heard == ["Tumour", "Node", "Tumour"]


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
    found = slicer.util.arrayFromSegmentBinaryLabelmap(slicer.util.getNode("Reading"), "Tumour", volume)
    assert np.array_equal(found, mask)


MODULE = '''
    import slicer
    from slicer.ScriptedLoadableModule import *

    class Tiny(ScriptedLoadableModule):
        def __init__(self, parent):
            ScriptedLoadableModule.__init__(self, parent)
            self.parent.title = "Tiny"
            self.parent.categories = ["Informatics"]
            slicer.app.connect("startupCompleted()", lambda: seen.append("started"))

    seen = []

    class TinyWidget(ScriptedLoadableModuleWidget):
        def setup(self):
            ScriptedLoadableModuleWidget.setup(self)
            self.logic = TinyLogic()
            seen.append("setup")
        def enter(self):
            seen.append("enter")
        def exit(self):
            seen.append("exit")
        def cleanup(self):
            seen.append("cleanup")

    class TinyLogic(ScriptedLoadableModuleLogic):
        pass

    class TinyTest(ScriptedLoadableModuleTest):
        def setUp(self):
            slicer.mrmlScene.Clear(0)
        def test_one(self):
            self.assertIs(TinyLogic().getParameterNode(), TinyLogic().getParameterNode())
            seen.append("tested")
'''


def test_a_module_lives_as_in_slicer(scene, tmp_path) -> None:
    file = tmp_path / "Tiny.py"
    file.write_text(textwrap.dedent(MODULE), encoding="utf-8")
    module = load_module(file)
    seen = sys.modules["Tiny"].seen
    assert (module.title, slicer.modules.tiny.path) == ("Tiny", str(file)) and seen == ["started"]
    widget = module.widgetRepresentation()
    assert widget is module.widgetRepresentation() and widget.self() is slicer.modules.TinyWidget
    widget.enter()
    assert widget.isEntered
    widget.exit()
    slicer.selfTests["Tiny"]()
    assert slicer.modules.TinyWidget.logic.getParameterNode().GetSingletonTag() == "Tiny"
    assert seen == ["started", "setup", "enter", "exit", "tested"]
    old = slicer.modules.TinyWidget
    old.onReload()
    assert slicer.modules.TinyWidget is not old and seen[-1] == "cleanup"
    again = sys.modules["Tiny"].seen
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
