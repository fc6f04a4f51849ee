"""The stand-in's parameter nodes, node and segment widgets, and module life on real MRML.

The strings expected in a parameter node are those Slicer's own parameterNodeWrapper (5.13) writes for the same class.
"""

from __future__ import annotations

import enum
import pathlib
import sys
import textwrap
from typing import Annotated, Optional

import numpy as np
import pytest
import vtk
from slicer_standin import load_module, unload_module
from slicer_standin.helpers import ctk, process_events, qt, slicer

# isort: split
from slicer.parameterNodeWrapper import (
    Choice,
    Decimals,
    Default,
    FloatRange,
    Minimum,
    RangeBounds,
    WithinRange,
    parameterNodeWrapper,
    parameterPack,
)

pytest_plugins = ["slicer_fixtures"]


class Mode(enum.Enum):
    NATIVE = 1
    RESAMPLED = 2


@parameterPack
class Point:
    x: float
    y: float = 2.5


@parameterNodeWrapper
class Parameters:
    count: int
    bins: Annotated[int, WithinRange(1, 256)] = 32
    width: Annotated[float, Minimum(0), Decimals(3)] = 0.5
    text: str = "abc"
    live: bool = True
    mode: Mode = Mode.RESAMPLED
    choice: Annotated[str, Choice(["one", "two"])] = "two"
    volume: slicer.vtkMRMLScalarVolumeNode
    covariates: dict[str, str]
    values: list[int]
    pair: tuple[int, str]
    maybe: Optional[float]  # noqa: UP045 - both spellings exist in modules
    either: int | str = "text"
    folder: pathlib.Path
    point: Point
    hu: Annotated[FloatRange, RangeBounds(-1000, 1000), Default(FloatRange(-50, 300))]


#: What Slicer's own wrapper leaves in the node for these parameters.
WRITTEN = {
    "count": "7", "bins": "32", "width": "0.25", "text": "abc", "live": "False", "mode": "NATIVE", "choice": "two",
    "volume": "", "covariates.len": "2", "covariates.0.0": "n", "covariates.0.1": "N1", "covariates.1.0": "t",
    "covariates.1.1": "T3", "values.len": "2", "values.0": "5", "values.1": "6", "pair.0": "3", "pair.1": "c",
    "maybe.0": "1.5", "either.1": "text", "folder": "a/b", "point.x": "4.0", "point.y": "2.5", "hu._minimum": "-50",
    "hu._maximum": "300",
}


@pytest.fixture
def parameters(scene) -> Parameters:
    return Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


def fill(parameters: Parameters) -> None:
    parameters.count, parameters.width, parameters.live, parameters.mode = 7, 0.25, False, Mode.NATIVE
    parameters.covariates = {"n": "N1"}
    parameters.covariates["t"] = "T3"
    parameters.values = [5, 4]
    parameters.values[1] = 6
    parameters.pair, parameters.maybe, parameters.folder = (3, "c"), 1.5, pathlib.Path("a/b")
    parameters.point.x = 4.0


def test_values_are_stored_as_slicer_stores_them(scene, parameters) -> None:
    fill(parameters)
    node = parameters.parameterNode
    assert {name: node.GetParameter(name) for name in node.GetParameterNames()} == WRITTEN
    again = Parameters(node)
    for name in Parameters.allParameters:
        assert getattr(again, name) == getattr(parameters, name)
    assert again.mode is Mode.NATIVE and again.hu == FloatRange(-50, 300) and again.point.getValue("y") == 2.5


def test_nodes_are_references_and_go_with_the_node(scene, parameters) -> None:
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    parameters.volume = volume
    assert parameters.parameterNode.GetNodeReferenceID("volume") == volume.GetID()
    scene.RemoveNode(volume)
    assert parameters.volume is None


@pytest.mark.parametrize(("name", "value", "error"), [
    ("bins", 0, ValueError), ("bins", 1.5, TypeError), ("width", -1.0, ValueError), ("text", None, ValueError),
    ("text", 3, TypeError), ("live", "yes", TypeError), ("mode", "NATIVE", TypeError), ("choice", "three", ValueError),
    ("volume", slicer.vtkMRMLTextNode(), TypeError), ("values", ["a"], TypeError), ("covariates", {"n": 1}, TypeError),
    ("maybe", "x", TypeError), ("hu", FloatRange(-2000, 0), ValueError), ("pair", (1,), ValueError),
])
def test_values_of_another_kind_are_refused_and_change_nothing(parameters, name: str, value, error) -> None:
    before = getattr(parameters, name)
    with pytest.raises(error):
        setattr(parameters, name, value)
    assert getattr(parameters, name) == before


def test_one_modified_event_for_a_bundle_of_changes(parameters) -> None:
    seen = []
    parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: seen.append(parameters.count))
    parameters.count = 1
    with slicer.util.NodeModify(parameters):
        parameters.count = 2
        parameters.text = "two"
    parameters.count = 2
    assert seen == [1, 2]


def test_observed_containers_keep_slicers_narrow_interface(parameters) -> None:
    parameters.values = [3, 1]
    parameters.values.sort()
    parameters.values += [9]
    assert parameters.values == [1, 3, 9] and list(Parameters(parameters.parameterNode).values) == [1, 3, 9]
    with pytest.raises(NotImplementedError):
        parameters.values + [1]  # noqa: RUF005
    with pytest.raises(TypeError):
        parameters.covariates.get("n", "default")


def test_a_type_without_serializer_is_refused() -> None:
    with pytest.raises(TypeError, match="member thing"):
        @parameterNodeWrapper
        class Wrong:
            thing: set[str]


class Gui:
    """One widget per parameter, as childWidgetVariables gives them."""

    def __init__(self) -> None:
        made = {
            "count": qt.QSpinBox(), "bins": qt.QSlider(), "width": qt.QDoubleSpinBox(), "text": qt.QLineEdit(),
            "live": qt.QCheckBox(), "mode": qt.QComboBox(), "choice": ctk.ctkComboBox(),
            "volume": slicer.qMRMLNodeComboBox(), "folder": ctk.ctkPathLineEdit(), "hu": ctk.ctkRangeWidget(),
            "point.x": qt.QDoubleSpinBox(),
        }
        for name, widget in made.items():
            widget.setProperty("SlicerParameterName", name)
            setattr(self, name.replace(".", "_"), widget)
        self.volume.noneEnabled = True
        self.volume.setMRMLScene(slicer.mrmlScene)


def test_widgets_follow_the_parameters(scene, parameters) -> None:
    gui = Gui()
    parameters.connectGui(gui)
    fill(parameters)
    parameters.volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    parameters.hu = FloatRange(-100, 200)
    assert (gui.count.value, gui.bins.value, gui.width.value, gui.width.decimals) == (7, 32, 0.25, 3)
    assert (gui.text.text, gui.live.checked, gui.mode.currentText, gui.choice.currentText) == (
        "abc", False, "NATIVE", "two")
    assert gui.volume.currentNode() is parameters.volume and gui.folder.currentPath == "a/b"
    assert (gui.hu.minimumValue, gui.hu.maximumValue, gui.point_x.value) == (-100, 200, 4)
    assert (gui.bins.minimum, gui.bins.maximum) == (1, 256)


def test_parameters_follow_the_widgets_until_disconnected(scene, parameters) -> None:
    volume, gui = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT"), Gui()
    tag = parameters.connectGui(gui)
    gui.count.value = 11
    gui.text.text = "typed"
    gui.live.click()
    gui.mode.currentIndex = 0
    gui.choice.setCurrentIndex(0)
    gui.volume.setCurrentNode(volume)
    gui.hu.setValues(-10, 20)
    gui.folder.currentPath = "x"
    assert (parameters.count, parameters.text, parameters.live, parameters.mode) == (11, "typed", False, Mode.NATIVE)
    assert parameters.choice == "one" and parameters.volume is volume and parameters.folder == pathlib.Path("x")
    assert parameters.hu == FloatRange(-10, 20)
    parameters.disconnectGui(tag)
    gui.count.value = 12
    assert parameters.count == 11


@pytest.mark.parametrize(("widget", "name"), [
    (slicer.qMRMLSegmentSelectorWidget, "text"), (qt.QComboBox, "text"), (qt.QSlider, "count"), (qt.QSpinBox, "width"),
    (qt.QProgressBar, "bins"), (qt.QLabel, "nosuch"),
])
def test_pairs_without_connector_are_refused(parameters, widget, name: str) -> None:
    made = widget()
    made.setProperty("SlicerParameterName", name)
    with pytest.raises((RuntimeError, ValueError)):
        parameters.connectGui(_holder(made))


def _holder(widget):
    holder = type("", (), {})()
    holder.widget = widget
    return holder


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
    assert box.currentNode() is second  # without None there always is one
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
    assert selector.currentNode() is segmentation and selector.currentSegmentID() == "Tumour"
    selector.setCurrentSegmentID("Node")
    selector.setCurrentSegmentID("no such segment")
    assert selector.currentSegmentID() == "Node"
    segmentation.GetSegmentation().RemoveSegment("Node")
    assert selector.segmentIDs() == ["Tumour"]
    assert heard == ["Tumour", "Node", "Tumour"]


def test_a_bundle_brings_everything_back(scene, contour, tmp_path) -> None:
    volume, segmentation = contour
    mask = np.zeros((4, 6, 8), np.uint8)
    mask[1, 2, 3] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "Tumour", volume)
    parameters = Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "Choices"))
    parameters.volume, parameters.mode = volume, Mode.NATIVE
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    scene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    again = Parameters(slicer.util.getNode("Choices"))
    assert again.volume.GetName() == "CT" and again.mode is Mode.NATIVE
    found = slicer.util.arrayFromSegmentBinaryLabelmap(slicer.util.getNode("Reading"), "Tumour", again.volume)
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
