"""The VOI section: painting within the model's HU range, the user's own mask, new readings, preview, buttons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import slicer
import vtk
from panel_bench import S1, S2, PanelBench, bench, impatient  # noqa: F401 - fixtures
from vtk.util import numpy_support

#: Where the HU range of S1 begins.
LOW = -50


@pytest.fixture
def drawing(bench: PanelBench) -> PanelBench:  # noqa: F811
    """A contour, a model with a HU range, and the brush in hand."""
    bench.small_case()
    bench.node.modelID = S1
    bench.settle()
    bench.editor.widget.setActiveEffectByName("Paint")
    return bench


def voxels(bench: PanelBench) -> np.ndarray:  # noqa: F811
    """Return the scored segment on the CT's grid."""
    return slicer.util.arrayFromSegmentBinaryLabelmap(bench.node.segmentation, bench.node.segmentID, bench.volume) > 0


def outside(bench: PanelBench) -> np.ndarray:  # noqa: F811
    """Return where the CT is outside the model's HU range."""
    return slicer.util.arrayFromVolume(bench.volume) < LOW


def stroke(bench: PanelBench, where: np.ndarray, erase: bool = False) -> None:  # noqa: F811
    """Add ``where`` (k, j, i on the modifier's grid), or take it away, as an effect of our editor does."""
    widget, node = bench.editor.widget, bench.editor.node
    logic = widget._si_logic
    logic.ResetModifierLabelmapToDefault()
    modifier = logic.GetModifierLabelmap()
    scalars = numpy_support.vtk_to_numpy(modifier.GetPointData().GetScalars())
    scalars.reshape(modifier.GetDimensions()[::-1])[:] = where
    modifier.Modified()
    widget.saveStateForUndo()
    mode = logic.ModificationModeRemove if erase else logic.ModificationModeAdd
    logic.ModifySegmentByLabelmap(node.GetSegmentationNode(), node.GetSelectedSegmentID(), modifier, mode, True, False)


def grown(contour: np.ndarray) -> np.ndarray:
    """Return a contour with a margin of two voxels in its slices."""
    result = contour.copy()
    for axis in (1, 2):
        for step in (-2, -1, 1, 2):
            result |= np.roll(contour, step, axis)
    return result


# Painting within the model's range


def test_what_a_stroke_adds_outside_the_range_is_taken_out_before_the_case_is_read(drawing: PanelBench) -> None:
    before = voxels(drawing)
    where = grown(before)
    added, kept = where & ~before & outside(drawing), where & ~(~before & outside(drawing))
    assert added.any() and (before & outside(drawing)).any()
    reads: list[int] = []
    read = drawing.panel._reader.read
    drawing.panel._reader.read = lambda choices: reads.append(voxels(drawing).sum()) or read(choices)
    stroke(drawing, where)
    np.testing.assert_array_equal(voxels(drawing), where)  # not in the handler of the mouse button
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), kept)
    assert reads == [kept.sum()]  # read once, and as corrected
    assert not drawing.editor.node.GetSourceVolumeIntensityMask()


def test_a_case_that_is_read_at_once_is_read_as_corrected(drawing: PanelBench) -> None:
    where = grown(voxels(drawing))
    stroke(drawing, where)
    drawing.session.refresh()
    assert drawing.session.poll()
    contoured = drawing.session.case.vois["image"].statistics.contoured_voxels
    assert contoured == voxels(drawing).sum() < where.sum()


def test_an_effect_that_ends_itself_is_limited_too(drawing: PanelBench) -> None:
    first = voxels(drawing)
    where = grown(first)
    stroke(drawing, where)
    drawing.editor.widget.setActiveEffectByName("")  # as Threshold does when it is applied
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), where & ~(~first & outside(drawing)))


def test_undo_and_redo_bring_back_exactly_what_was_there(drawing: PanelBench) -> None:
    first = voxels(drawing)
    stroke(drawing, first & outside(drawing), erase=True)
    drawing.settle()
    second = voxels(drawing)
    stroke(drawing, grown(first))
    drawing.settle()
    third = voxels(drawing)
    assert (third & outside(drawing)).sum() == (first & outside(drawing)).sum()  # painted over anew: it may be there
    for step, expected in (("undo", second), ("undo", first), ("redo", second), ("redo", third), ("undo", second)):
        getattr(drawing.editor.widget, step)()
        drawing.settle()
        np.testing.assert_array_equal(voxels(drawing), expected)


def test_what_undo_brings_from_before_the_limit_stays(drawing: PanelBench) -> None:
    drawing.ui.limitPaintingCheckBox.checked = False
    stroke(drawing, grown(voxels(drawing)))
    drawing.settle()
    free = voxels(drawing)
    stroke(drawing, outside(drawing), erase=True)
    drawing.settle()
    drawing.ui.limitPaintingCheckBox.checked = True
    drawing.editor.widget.undo()
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), free)
    stroke(drawing, free)  # a stroke over it changes nothing
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), free)


@pytest.mark.parametrize("change", ["off", "no effect", "model", "own mask"])
def test_only_strokes_of_our_effects_are_limited_while_the_limit_is_on(drawing: PanelBench, change: str) -> None:
    first = voxels(drawing)
    where = grown(first)
    if change == "off":
        drawing.ui.limitPaintingCheckBox.checked = False
    elif change == "no effect":
        drawing.editor.widget.setActiveEffectByName("")
    elif change == "model":
        drawing.node.modelID = S2  # without a HU range
    else:
        drawing.editor.node.SetSourceVolumeIntensityMaskRange(-2000, 3000)
        drawing.editor.node.SetSourceVolumeIntensityMask(True)
    stroke(drawing, where)
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), where)
    drawing.ui.limitPaintingCheckBox.checked, drawing.node.modelID = True, S1
    drawing.editor.node.SetSourceVolumeIntensityMask(False)
    drawing.editor.widget.setActiveEffectByName("Paint")
    stroke(drawing, grown(where))
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), grown(where) & ~(outside(drawing) & ~where))


def test_the_first_stroke_of_a_new_reading_is_limited_too(drawing: PanelBench) -> None:
    drawing.ui.newReadingButton.click()
    drawing.settle()
    stroke(drawing, drawing.mask)
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), (drawing.mask > 0) & ~outside(drawing))


def test_an_oversampled_segmentation_is_limited_by_its_voxels_centres(drawing: PanelBench) -> None:
    geometry = slicer.vtkOrientedImageData()
    converter = slicer.vtkSegmentationConverter
    content = drawing.segmentation.GetSegmentation()
    name = converter.GetReferenceImageGeometryParameterName()
    converter.DeserializeImageGeometry(content.GetConversionParameter(name), geometry)
    fine = slicer.vtkOrientedImageData()
    slicer.vtkCalculateOversamplingFactor.ApplyOversamplingOnImageGeometry(geometry, 2.0)
    fine.DeepCopy(geometry)
    content.SetConversionParameter(name, converter.SerializeImageGeometry(fine))
    before = drawing.mask > 0
    for coarse in (before, grown(before)):  # the first stroke takes the contour to the new grid
        where = np.repeat(np.repeat(np.repeat(coarse, 2, 0), 2, 1), 2, 2)
        assert where.shape == fine.GetDimensions()[::-1]
        stroke(drawing, where)
        drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), grown(before) & ~(outside(drawing) & ~before))


def test_a_volume_and_a_contour_that_are_moved_together_are_limited_as_before(drawing: PanelBench) -> None:
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy((0, -1, 0, 10, 1, 0, 0, 5, 0, 0, 1, -7, 0, 0, 0, 1))
    transform.SetMatrixTransformToParent(matrix)
    before = voxels(drawing)
    for node in (drawing.volume, drawing.segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    drawing.settle()
    stroke(drawing, grown(before))
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), grown(before) & ~(outside(drawing) & ~before))


def test_other_segments_of_a_shared_labelmap_stay(drawing: PanelBench) -> None:
    key = drawing.add_segment(drawing.segmentation, drawing.volume, np.roll(drawing.mask, 3, 0) & ~drawing.mask, "Node")
    drawing.segmentation.GetSegmentation().CollapseBinaryLabelmaps(False)
    drawing.settle()
    assert len({id(drawing.segmentation.GetSegmentation().GetNthSegment(index).GetRepresentation("Binary labelmap"))
                for index in range(2)}) == 1
    other = slicer.util.arrayFromSegmentBinaryLabelmap(drawing.segmentation, key, drawing.volume).copy()
    before = voxels(drawing)
    stroke(drawing, grown(before) & ~(other > 0))
    drawing.settle()
    np.testing.assert_array_equal(voxels(drawing), grown(before) & ~(other > 0) & ~(outside(drawing) & ~before))
    np.testing.assert_array_equal(
        slicer.util.arrayFromSegmentBinaryLabelmap(drawing.segmentation, key, drawing.volume), other)


# The user's own mask, and the editor's node


def test_the_editors_own_mask_is_the_users_and_the_panel_says_that_it_is_in_force(drawing: PanelBench) -> None:
    node, label = drawing.editor.node, drawing.ui.ownRangeLabel
    assert not label.visible
    node.SetSourceVolumeIntensityMaskRange(20, 80)
    node.SetSourceVolumeIntensityMask(True)
    assert label.visible and "20 to 80 HU, is in force instead of the model's" in label.text
    drawing.node.modelID = S2  # without a range: there is nothing to be instead of
    assert not label.visible
    drawing.node.modelID = S1
    drawing.ui.limitPaintingCheckBox.checked = False
    assert not label.visible
    drawing.ui.limitPaintingCheckBox.checked = True
    assert label.visible
    drawing.erase()
    drawing.representation.exit()
    drawing.representation.enter()
    drawing.settle()
    assert node.GetSourceVolumeIntensityMask() and node.GetSourceVolumeIntensityMaskRange() == (20.0, 80.0)
    assert not node.GetSaveWithScene()
    node.SetSourceVolumeIntensityMask(False)
    assert not label.visible


def test_an_event_of_the_editors_node_costs_next_to_nothing(drawing: PanelBench, monkeypatch: Any) -> None:
    changes: list[str] = []
    monkeypatch.setattr(type(drawing.node), "__setattr__", lambda _node, name, _value: changes.append(name))
    monkeypatch.setattr(drawing.panel, "_update", lambda: changes.append("update"))
    for value in range(50):
        drawing.editor.node.SetAttribute("BrushAbsoluteDiameter", str(value))
    assert changes == []


def test_the_brush_is_a_sphere_of_three_percent_until_the_user_takes_another(bench: PanelBench) -> None:  # noqa: F811
    names = ("BrushSphere", "BrushDiameterIsRelative", "BrushRelativeDiameter")
    assert [bench.editor.node.GetAttribute(name) for name in names] == ["1", "1", "3"]
    bench.editor.widget.effectByName("Paint").setCommonParameter("BrushRelativeDiameter", 8)
    bench.representation.exit()
    bench.representation.enter()
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert [bench.editor.node.GetAttribute(name) for name in names] == ["1", "1", "8"]


def test_a_new_reading_is_a_segmentation_of_its_own_on_the_grid_of_the_ct(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    bench.volume.SetAndObserveTransformNodeID(transform.GetID())
    bench.ui.newReadingButton.click()
    bench.settle()
    reading = bench.node.segmentation
    assert reading is not bench.segmentation and "is empty" in bench.problem
    assert reading.GetTransformNodeID() == transform.GetID()
    assert bench.editor.node.GetSegmentationNode() is reading
    assert bench.editor.node.GetOverwriteMode() == slicer.vtkMRMLSegmentEditorNode.OverwriteNone
    assert bench.editor.node.GetActiveEffectName() == "Paint"
    bench.draw(reading, bench.node.segmentID, bench.volume, bench.mask)
    assert bench.result().score == pytest.approx(first.score)
    assert slicer.util.arrayFromSegmentBinaryLabelmap(bench.segmentation, bench.key, bench.volume).sum() == (
        bench.mask.sum())


# The preview


def test_excluded_voxels_are_previewed_by_a_node_that_is_not_kept(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID = S1
    bench.settle()
    count = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    bench.ui.previewCheckBox.checked = True
    shown = slicer.mrmlScene.GetNthNodeByClass(count, "vtkMRMLSegmentationNode")
    key = shown.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(shown, key, bench.volume)
    np.testing.assert_array_equal(array, (bench.mask != 0) & outside(bench))
    assert array.any() and not shown.GetSaveWithScene() and shown.GetHideFromEditors()
    assert not shown.GetDisplayNode().GetSaveWithScene() and shown.GetDisplayNode().GetVisibility2D()
    bench.erase(4)
    bench.settle()
    assert slicer.mrmlScene.GetNthNodeByClass(count, "vtkMRMLSegmentationNode") is shown
    array = slicer.util.arrayFromSegmentBinaryLabelmap(shown, key, bench.volume)
    np.testing.assert_array_equal(array, (bench.mask != 0) & outside(bench))
    assert slicer.util.saveScene(str(tmp_path / "case.mrml"))
    assert shown.GetName() not in (tmp_path / "case.mrml").read_text(encoding="utf-8")
    bench.representation.exit()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == count
    bench.representation.enter()
    bench.settle()
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0


def test_the_preview_gives_slicer_no_cause_to_look_for_its_item(bench: PanelBench) -> None:  # noqa: F811
    """Slicer logs an error at each of these events of a segmentation without an item in the subject hierarchy."""
    bench.small_case()
    bench.node.modelID = S1
    bench.settle()
    told: list[int] = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def watch(_caller: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLSegmentationNode"):
            for event in (slicer.vtkSegmentation.SegmentAdded, slicer.vtkSegmentation.SegmentRemoved,
                          slicer.vtkSegmentation.SegmentModified, slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent):
                node.AddObserver(event, lambda _caller, _event, event=event: told.append(event))

    tag = slicer.mrmlScene.AddObserver(slicer.mrmlScene.NodeAddedEvent, watch)
    bench.ui.previewCheckBox.checked = True
    bench.erase(2)
    bench.settle()
    bench.ui.previewCheckBox.checked = False
    slicer.mrmlScene.RemoveObserver(tag)
    assert told == []


# The buttons


def test_jump_needs_a_contour_and_puts_all_slices_at_it(bench: PanelBench) -> None:  # noqa: F811
    assert not bench.ui.jumpButton.enabled
    views = [slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", name) for name in ("R", "G")]
    bench.small_case()
    bench.node.modelID = ""
    bench.settle()
    assert bench.ui.jumpButton.enabled  # no model is needed
    bench.ui.jumpButton.click()
    middle = np.argwhere(bench.mask).mean(axis=0).round()[::-1]
    matrix = vtk.vtkMatrix4x4()
    bench.volume.GetIJKToRASMatrix(matrix)
    expected = matrix.MultiplyPoint((*middle, 1))[:3]
    for view in views:
        place = [view.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
        np.testing.assert_allclose(place, expected, atol=1.01 * max(bench.volume.GetSpacing()))
    bench.draw(bench.segmentation, bench.key, bench.volume, np.zeros_like(bench.mask))
    bench.settle()
    assert not bench.ui.jumpButton.enabled


def test_the_window_is_given_back_unless_somebody_has_changed_it(bench: PanelBench) -> None:  # noqa: F811
    assert not bench.ui.windowButton.enabled
    bench.small_case()
    display, button = bench.volume.GetDisplayNode(), bench.ui.windowButton
    display.SetAutoWindowLevel(0)
    display.SetWindowLevel(1500, -600)
    button.click()
    ours = display.GetWindow(), display.GetLevel()
    assert ours != (1500, -600) and ours[0] >= 150
    button.click()
    assert (display.GetWindow(), display.GetLevel()) == (1500, -600)
    button.click()
    display.SetWindowLevel(300, 30)
    button.click()
    assert (display.GetWindow(), display.GetLevel()) == (300, 30)
    button.click()
    assert (display.GetWindow(), display.GetLevel()) == ours
    bench.node.volume = bench.add_volume(textured_volume()[0], "Other")  # which leaves the first as it was
    assert not button.checked and (display.GetWindow(), display.GetLevel()) == (300, 30)


def test_the_section_fits_into_350_pixels(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID = S1
    bench.editor.node.SetSourceVolumeIntensityMask(True)
    bench.ui.editorFrame.visible = False  # Slicer's own editor decides on its width itself
    bench.representation.resize(350, 900)
    process_events(50)
    assert bench.ui.voiSection.width <= 350
    for name in ("newReadingButton", "jumpButton", "windowButton", "limitPaintingCheckBox", "previewCheckBox",
                 "segmentationSelector", "segmentSelector", "ownRangeLabel", "keptLabel"):
        widget = getattr(bench.ui, name)
        needed = widget.minimumSizeHint if not callable(widget.minimumSizeHint) else widget.minimumSizeHint()
        right = widget.mapTo(bench.ui.voiSection, widget.rect.bottomRight()).x()
        assert widget.visible and widget.toolTip and widget.width >= needed.width() and right < 340, name
    for name in ("newReadingButton", "jumpButton", "windowButton"):
        assert getattr(bench.ui, name).accessibleName
