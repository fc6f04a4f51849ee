# ruff: noqa: F811 - the fixtures are imported
"""The stand-in's main window, slice views, effects and error log do what Slicer's do.

What is expected was read in the sources that slicer_standin/README.md names.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import numpy as np
import pytest
from slicer_standin.testing import ctk, main_window, process_events, qt, scene, slicer  # noqa: F401

# isort: split

import vtk
from slicer_standin import close_main_window, load_module, open_main_window, unload_module

MODULE = """
import qt, slicer
from slicer.ScriptedLoadableModule import *
class Wide(ScriptedLoadableModule):
    pass
class WideWidget(ScriptedLoadableModuleWidget):
    heard = []
    def setup(self):
        self.label = qt.QLabel("wide")
        self.label.setMinimumWidth(300)
        self.layout.addWidget(self.label)
    def enter(self):
        self.heard.append("enter")
    def exit(self):
        self.heard.append("exit")
    def cleanup(self):
        self.heard.append("cleanup")
"""


@pytest.fixture
def wide(main_window: Any, tmp_path: Any) -> Any:
    """A module that takes down when it is entered and left."""
    (tmp_path / "Wide.py").write_text(MODULE, encoding="utf-8")
    yield load_module(tmp_path / "Wide.py")
    if hasattr(slicer.modules, "wide"):
        unload_module("Wide")


def errors() -> list[str]:
    model = slicer.app.errorLogModel()
    return [f"{model.data(model.index(row, 2))}: {model.logEntryDescription(row)}"
            for row in range(model.logEntryCount())]


# Window and modules


def test_a_module_is_entered_and_left_by_the_selector(wide: Any) -> None:
    frame = wide.widgetRepresentation()
    heard = frame.self().heard
    slicer.util.selectModule("Wide")
    assert slicer.util.selectedModule() == "Wide" and heard == ["enter"] and frame.visible
    slicer.util.selectModule(wide)  # the same again
    assert heard == ["enter"]
    slicer.util.selectModule("Data")
    assert heard == ["enter", "exit"] and not frame.visible and frame.parentWidget() is None
    assert slicer.util.getModuleWidget("Wide") is frame.self()
    with pytest.raises(RuntimeError, match="Could not find module with name 'Nowhere'"):
        slicer.util.getModule("Nowhere")
    slicer.util.selectModule("Nowhere")
    assert slicer.util.selectedModule() == "Data" and errors() == ["Warning: Unable to find module Nowhere"]


def test_the_dock_grows_with_the_least_width_of_the_module(wide: Any, main_window: Any) -> None:
    dock = slicer.util.findChild(main_window, "PanelDockWidget")
    slicer.util.selectModule("Wide")
    main_window.resizeDocks([dock], [200], qt.Qt.Horizontal)
    process_events(20)
    assert 300 < dock.width < 380
    wide.widgetRepresentation().self().label.setMinimumWidth(500)
    process_events(20)
    assert 500 < dock.width < 580


def test_reload_hides_the_old_widgets_and_enters_nothing(wide: Any) -> None:
    frame = wide.widgetRepresentation()
    slicer.util.selectModule("Wide")
    old = frame.self()
    slicer.util.reloadScriptedModule("Wide")
    assert frame.self() is not old and old.heard == ["enter", "cleanup"] and frame.self().heard == []
    assert old.label.parentWidget() is frame and not old.label.visible
    assert frame.layout().count() == 1


def test_the_status_bar_takes_messages(main_window: Any) -> None:
    assert slicer.util.showStatusMessage("Saved", 1000) and main_window.statusBar().currentMessage() == "Saved"


def test_without_a_window_there_is_no_selector_and_no_view_is_left(scene: Any) -> None:
    before = {scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())}
    open_main_window()
    assert scene.GetFirstNodeByClass("vtkMRMLSliceNode") is not None
    close_main_window()
    after = {scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())}
    assert {name for name in after - before if "Segment" not in name and "Hierarchy" not in name} == set()
    assert slicer.app.layoutManager() is None
    with pytest.raises(RuntimeError, match="Could not find main window"):
        slicer.util.selectModule("Data")


# Views


def test_the_views_are_those_of_the_conventional_layout(main_window: Any, scene: Any) -> None:
    manager = slicer.app.layoutManager()
    assert manager.sliceViewNames() == ("Red", "Green", "Yellow") and manager.sliceWidget("Blue") is None
    widget = manager.sliceWidget("Red")
    node = widget.mrmlSliceNode()
    assert node.GetID() == "vtkMRMLSliceNodeRed" and node.GetDimensions() == (420, 380, 1)
    assert widget.sliceLogic().GetSliceNode() is node and widget.sliceView().mrmlSliceNode() is node
    scene.Clear(0)
    assert node.GetScene() is scene and widget.mrmlSliceCompositeNode().GetScene() is scene
    with pytest.raises(AttributeError, match="threeDWidget"):
        manager.threeDWidget(0)


def test_a_view_has_renderers_and_an_annotation_but_draws_nothing(main_window: Any) -> None:
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    view.cornerAnnotation().SetText(vtk.vtkCornerAnnotation.UpperLeft, "low risk")
    renderer = view.renderWindow().GetRenderers().GetItemAsObject(0)
    assert renderer.HasViewProp(view.cornerAnnotation())
    view.scheduleRender()
    view.forceRender()
    assert view._si_rendered == 2
    with pytest.raises(AttributeError):
        view.renderWindow().Render()


def test_a_volume_is_fitted_and_jumped_to(main_window: Any, contour: Any) -> None:
    volume, _segmentation = contour
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, 10.0, 20.0, 30.0, 0)
    node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    assert node.GetSliceOffset() == pytest.approx(30.0)
    assert max(node.GetFieldOfView()[:2]) == pytest.approx(44.2, abs=0.5)  # 40 mm high in 420 x 380


# Effects


@pytest.fixture
def contour(scene: Any) -> Any:
    """A CT of 40 x 40 x 20 voxels of 1 x 1 x 2 mm at 0 HU, with 100 in its right half, and an empty segment."""
    array = np.zeros((20, 40, 40), np.int16)
    array[:, :, 20:] = 100
    volume = slicer.util.addVolumeFromArray(array, np.diag([1.0, 1.0, 2.0, 1.0]), "CT")
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Reading")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segmentation.GetSegmentation().AddEmptySegment("Tumour", "Tumour")
    return volume, segmentation


@pytest.fixture
def editor(main_window: Any, contour: Any) -> Any:
    """Slicer's Segment Editor on that case, the views at its middle."""
    volume, segmentation = contour
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, 20.0, 20.0, 20.0, 0)
    slicer.util.selectModule("SegmentEditor")
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(segmentation)
    editor.setSourceVolumeNode(volume)
    node = editor.mrmlSegmentEditorNode()
    for name, value in (("BrushDiameterIsRelative", "0"), ("BrushAbsoluteDiameter", "10")):
        node.SetAttribute(name, value)
    return editor


def stroke(*points: tuple[float, float, float], modifiers: tuple[str, ...] = ()) -> None:
    """Click and drag between RAS points in the red view, by Slicer's own function."""
    widget, to_view = slicer.app.layoutManager().sliceWidget("Red"), vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(widget.mrmlSliceNode().GetXYToRAS(), to_view)
    start, end = ([round(value) for value in to_view.MultiplyPoint([*point, 1.0])[:2]]
                  for point in (points[0], points[-1]))
    slicer.util.clickAndDrag(widget, start=start, end=end, steps=5, modifiers=list(modifiers))


def drawn(contour: Any) -> np.ndarray:
    volume, segmentation = contour
    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "Tumour", volume)


def test_paint_draws_a_disc_of_one_slice_or_a_sphere(editor: Any, contour: Any) -> None:
    editor.setActiveEffectByName("Paint")
    stroke((20, 20, 20))
    disc = drawn(contour)
    assert np.flatnonzero(disc.any(axis=(1, 2))).tolist() == [10] and disc.sum() == pytest.approx(np.pi * 25, rel=0.1)
    editor.mrmlSegmentEditorNode().SetAttribute("BrushSphere", "1")
    stroke((20, 20, 20))
    sphere = drawn(contour)
    assert np.flatnonzero(sphere.any(axis=(1, 2))).tolist() == [8, 9, 10, 11, 12]
    assert sphere.sum() * 2 == pytest.approx(4 / 3 * np.pi * 125, rel=0.15)


def test_a_stroke_joins_its_points_and_erase_and_undo_take_back(editor: Any, contour: Any) -> None:
    editor.setActiveEffectByName("Paint")
    stroke((8, 20, 20), (32, 20, 20))
    painted = drawn(contour).copy()
    assert painted[10, 20, 5:36].all() and not painted[10, 20, :2].any()
    editor.setActiveEffectByName("Erase")
    stroke((20, 20, 20))
    assert drawn(contour)[10, 20, 20] == 0 and drawn(contour)[10, 20, 8] == 1
    editor.undo()
    assert (drawn(contour) == painted).all()
    editor.redo()
    assert drawn(contour)[10, 20, 20] == 0


def test_drawing_keeps_to_the_editor_nodes_masks(editor: Any, contour: Any) -> None:
    node = editor.mrmlSegmentEditorNode()
    node.SetSourceVolumeIntensityMask(True)
    node.SetSourceVolumeIntensityMaskRange(50, 200)
    editor.setActiveEffectByName("Paint")
    stroke((20, 20, 20))
    columns = np.flatnonzero(drawn(contour).any(axis=(0, 1)))
    assert columns.min() == 20 and columns.max() in (24, 25)


def test_a_brush_is_a_share_of_the_screen_by_default(main_window: Any, editor: Any, contour: Any) -> None:
    node = editor.mrmlSegmentEditorNode()
    node.SetAttribute("BrushDiameterIsRelative", "1")
    editor.setActiveEffectByName("Paint")
    stroke((20, 20, 20))
    slice_node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    mm_per_pixel = slice_node.GetFieldOfView()[1] / slice_node.GetDimensions()[1]
    assert float(node.GetAttribute("BrushAbsoluteDiameter")) == pytest.approx(30 * mm_per_pixel, rel=0.01)


def test_only_the_active_effect_of_a_shown_editor_draws(editor: Any, contour: Any) -> None:
    stroke((20, 20, 20))
    editor.setActiveEffectByName("Threshold")  # a name only
    stroke((20, 20, 20))
    editor.setActiveEffectByName("Paint")
    stroke((20, 20, 20), modifiers=("Shift",))
    slicer.util.selectModule("Data")
    stroke((20, 20, 20))
    assert drawn(contour).sum() == 0


def test_an_effects_options_take_room_and_set_no_modified_event(main_window: Any, editor: Any) -> None:
    dock = slicer.util.findChild(main_window, "PanelDockWidget")
    widths = {}
    for effect in ("", "Erase", "Paint"):
        editor.setActiveEffectByName(effect)
        process_events(20)
        main_window.resizeDocks([dock], [300], qt.Qt.Horizontal)
        process_events(20)
        widths[effect] = dock.width
    assert widths[""] < 400 < 437 < widths["Erase"] < 549 < widths["Paint"]
    heard = []
    node = editor.mrmlSegmentEditorNode()
    tag = node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: heard.append(1))
    editor.effectByName("Paint").setCommonParameter("BrushSphere", 1)
    node.RemoveObserver(tag)
    assert heard == [] and editor.effectByName("Erase").integerParameter("BrushSphere") == 1


def test_a_closed_scene_gives_the_effects_their_defaults_again(editor: Any, scene: Any) -> None:
    scene.Clear(0)
    assert editor.mrmlSegmentEditorNode().GetAttribute("BrushRelativeDiameter") == "3"


def test_the_editors_keys_work_while_it_is_shown(main_window: Any, editor: Any) -> None:
    shortcuts = {item.key.toString(): item for item in main_window.children() if item.className() == "QShortcut"}
    shortcuts["1"].activated()
    assert editor.activeEffect().objectName == "Paint"
    shortcuts["Esc"].activated()
    assert editor.activeEffect() is None
    slicer.util.selectModule("Data")
    process_events(10)
    assert not [item for item in main_window.children() if item.className() == "QShortcut"]


# The error log and the subject hierarchy


def test_the_log_takes_in_what_qt_vtk_and_python_say(scene: Any) -> None:
    qt.QTimer().start(-1)  # Qt warns
    vtk.vtkImageData().GetScalarComponentAsDouble(99, 0, 0, 0)  # VTK complains
    logging.error("Python says so")
    kinds = {text.partition(":")[0] for text in errors()}
    assert kinds == {"Warning", "Error"} and any("Python says so" in text for text in errors())
    slicer.app.errorLogModel().clear()
    assert errors() == []


def test_a_traceback_in_a_slot_is_logged(scene: Any) -> None:
    from slicer_standin.testing import failing_on_errors

    button = qt.QPushButton()
    button.connect("clicked()", lambda: 1 / 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"), failing_on_errors():
        button.click()
        assert "ZeroDivisionError" in errors()[-1]
    assert sys.excepthook is not None


def test_nodes_get_an_item_in_the_subject_hierarchy(scene: Any) -> None:
    volume = slicer.util.addVolumeFromArray(np.zeros((2, 2, 2)), name="CT")
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = tree.GetItemByDataNode(volume)
    assert item and tree.GetItemName(item) == "CT"
    scene.RemoveNode(volume)
    assert "CT" not in [tree.GetItemName(index) for index in range(item + 1)]


def test_a_hidden_segmentation_is_an_error_as_soon_as_it_has_a_segment(scene: Any) -> None:
    node = slicer.vtkMRMLSegmentationNode()
    node.SetHideFromEditors(True)
    scene.AddNode(node)
    assert errors() == []
    node.GetSegmentation().AddEmptySegment("", "Excluded")
    assert any("subject hierarchy item for segmentation node" in text for text in errors())
    slicer.app.errorLogModel().clear()
    open_one = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Reading")
    open_one.GetSegmentation().AddEmptySegment("", "Tumour")
    assert errors() == []
