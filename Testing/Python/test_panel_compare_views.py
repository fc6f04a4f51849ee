# ruff: noqa: F811 - the fixtures are imported
"""Two readings in the views: outlines, what they have in common, legend and surfaces, and everything given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import slicer
import vtk
from compare_bench import LOAN, CompareBench, compare  # noqa: F401 - a fixture
from contour_edits import tight
from panel_bench import bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel import display_loan, reading_models
from RadiomicsPrognosisPanel.reading_views import COLOURS, common_voxels, rgb


def test_outlines_agreement_and_legend_are_shown_and_given_back(compare: CompareBench) -> None:
    looks, sprites = compare.looks(), compare.sprites()
    compare.choose()
    one, other = compare.one.GetDisplayNode(), compare.other.GetDisplayNode()
    assert tuple(one.GetSegmentColor(compare.one_key)) == pytest.approx(rgb(COLOURS[0]))
    assert tuple(other.GetSegmentColor(compare.other_key)) == pytest.approx(rgb(COLOURS[1]))
    assert one.GetSliceIntersectionThickness() > other.GetSliceIntersectionThickness() > 1
    assert not one.GetSegmentVisibility2DFill(compare.one_key) and one.GetSegmentVisibility2DOutline(compare.one_key)
    (agreement,) = compare.helpers().values()
    assert agreement.GetDisplayNode().GetVisibility2D() and not agreement.GetDisplayNode().GetVisibility2DOutline()
    shown = slicer.util.arrayFromSegmentBinaryLabelmap(agreement, agreement.GetSegmentation().GetNthSegmentID(0),
                                                       compare.panel.volume)
    assert np.array_equal(shown > 0, compare.first & compare.second)
    assert compare.sprites() == sprites + 1
    smaller = tight(compare.second)
    compare.draw_second(smaller)
    compare.result()
    assert compare.helpers() == {agreement.GetName(): agreement}
    shown = slicer.util.arrayFromSegmentBinaryLabelmap(agreement, agreement.GetSegmentation().GetNthSegmentID(0),
                                                       compare.panel.volume)
    assert np.array_equal(shown > 0, smaller)
    compare.ui.compareInViewsCheckBox.click()
    assert compare.looks() == looks and not compare.helpers() and compare.sprites() == sprites
    compare.ui.compareInViewsCheckBox.click()
    assert compare.helpers() and compare.looks() != looks


@pytest.mark.parametrize("leave", ["collapse", "exit", "other reading", "unload"])
def test_nothing_stays_when_the_comparison_is_left(compare: CompareBench, leave: str) -> None:
    looks = compare.looks()
    compare.choose()
    if leave == "collapse":
        compare.ui.reproducibilitySection.collapsed = True
        process_events(50)
    elif leave == "exit":
        compare.panel.representation.exit()
    elif leave == "other reading":
        compare.ui.compareSelectorB.setCurrentNode(None)
        compare.settle()
    else:
        compare.panel.close()
    assert compare.looks() == looks and not compare.helpers()


def test_what_the_user_changes_meanwhile_is_the_users(compare: CompareBench) -> None:
    compare.choose()
    compare.one.GetDisplayNode().SetSegmentVisibility2DOutline(compare.one_key, False)
    compare.ui.compareInViewsCheckBox.click()
    display = compare.one.GetDisplayNode()
    assert not display.GetSegmentVisibility2DOutline(compare.one_key)
    assert display.GetSegmentVisibility2DFill(compare.one_key)


def test_a_reading_deleted_while_compared_leaves_nothing(compare: CompareBench) -> None:
    compare.choose()
    slicer.mrmlScene.RemoveNode(compare.other)
    compare.settle()
    assert "Choose reading B" in compare.ui.compareProblemLabel.text and not compare.helpers()
    assert compare.one.GetDisplayNode().GetAttribute(LOAN) is None


def test_a_scene_saved_in_the_midst_gives_the_looks_back_when_it_is_opened(compare: CompareBench,
                                                                             tmp_path: Path) -> None:
    compare.one.GetDisplayNode().SetSegmentOpacity2DOutline(compare.one_key, 0.6)
    looks = compare.looks()
    compare.choose()
    compare.node.compareInViews = False
    compare.node.compareInViews = True
    path = str(tmp_path / "scene.mrb")
    assert slicer.util.saveScene(path)
    slicer.mrmlScene.Clear(0)
    process_events(50)
    assert not compare.helpers()
    slicer.util.loadScene(path)
    process_events(50)
    scene = slicer.mrmlScene
    compare.one, compare.other = (scene.GetFirstNodeByName(name) for name in ("Reading", "Second reading"))
    compare.node, compare.ui = compare.panel.node, compare.panel.ui
    assert compare.node.compareSegmentationA is compare.one
    assert compare.result().names == ("Reading", "Second reading")
    compare.ui.compareInViewsCheckBox.click()
    process_events(50)
    assert compare.looks() == looks


def test_a_look_of_an_odd_segment_id_survives_a_scene_file(scene: Any, tmp_path: Path) -> None:
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "odd")
    node.CreateDefaultDisplayNodes()
    key = node.GetSegmentation().AddEmptySegment('a;b:"c" %', "Tumour")
    display = node.GetDisplayNode()
    display_loan.borrow(display, (display_loan.BorrowedLook(key, rgb(COLOURS[1]), 3),))
    path = str(tmp_path / "scene.mrml")
    scene.SetURL(path)
    scene.Commit()
    text = display.GetAttribute(LOAN)
    scene.Clear(0)
    scene.Import()
    display = scene.GetFirstNodeByName("odd").GetDisplayNode()
    assert display.GetAttribute(LOAN) == text
    display_loan.give_back_all()
    assert display.GetSliceIntersectionThickness() == 1


def test_surfaces_are_shown_in_3d_in_the_place_of_the_lesion(compare: CompareBench) -> None:
    comparison = compare.choose()
    manager = slicer.app.layoutManager()
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    compare.ui.compareIn3DCheckBox.click()
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView
    models = [compare.helpers()[name] for name in ("Reading A", "Reading B")]
    for model, volume in zip(models, (comparison.overlap.volume_a_mm3, comparison.overlap.volume_b_mm3), strict=True):
        mass = vtk.vtkMassProperties()
        mass.SetInputData(model.GetPolyData())
        assert mass.GetVolume() == pytest.approx(volume, rel=0.12)
        assert 0 < model.GetDisplayNode().GetOpacity() < 1 and not model.GetDisplayNode().GetVisibility2D()
    bounds = np.array(models[0].GetPolyData().GetBounds()).reshape(3, 2)
    matrix = vtk.vtkMatrix4x4()
    compare.panel.volume.GetIJKToRASMatrix(matrix)
    centre = np.argwhere(compare.first)[:, ::-1].mean(axis=0)
    np.testing.assert_allclose(bounds.mean(axis=1), matrix.MultiplyPoint([*centre, 1.0])[:3], atol=0.5)
    surfaces = [model.GetPolyData() for model in models]
    compare.draw_second(tight(compare.second))
    compare.result()
    assert compare.helpers()["Reading B"] is models[1]
    assert models[0].GetPolyData() is surfaces[0], "the surface of a contour that nobody edited is built anew"
    assert models[1].GetPolyData() is not surfaces[1]
    mass = vtk.vtkMassProperties()
    mass.SetInputData(models[1].GetPolyData())
    assert mass.GetVolume() == pytest.approx(compare.comparing.contours.overlap.volume_b_mm3, rel=0.2)
    compare.ui.compareIn3DCheckBox.click()
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
    assert not {"Reading A", "Reading B"} & set(compare.helpers())


def test_disjoint_contours_have_nothing_in_common(compare: CompareBench) -> None:
    corner = np.zeros_like(compare.first)
    corner[2:6, 1:4, 1:5] = True
    compare.draw_second(corner & ~compare.first)
    compare.choose()
    contours = compare.comparing.contours
    voxels, start = common_voxels(contours)
    assert not voxels.any() and start == contours.a.start and contours.overlap.dice == 0
    assert reading_models.surface(contours.b, contours.grid).GetNumberOfPoints() > 0
