# ruff: noqa: F811 - the fixtures are imported
"""The Compare tab: two readings chosen, compared live, shown in the views, and everything given back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import slicer
import vtk
from contour_edits import tight
from panel_bench import S1, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel import display_loan, reading_models
from RadiomicsPrognosisPanel.reading_views import COLOURS, common_voxels, rgb
from RadiomicsPrognosisPanel.view_sprites import overlay_renderer
from reading_cases import mask_of, small_study

from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.reading.overlap import contour_overlap
from RadiomicsPrognosisLib.reading.reading import ReadingState

DISPLAY = ("SegmentVisibility", "SegmentVisibility2DFill", "SegmentVisibility2DOutline", "SegmentOpacity2DOutline")


class CompareBench:
    """The panel with its Compare tab in sight, a CT and two readings of one lesion."""

    def __init__(self, panel: PanelBench):
        self.panel, self.ui, self.node = panel, panel.ui, panel.node
        panel.small_case()
        self.first, self.second = panel.mask > 0, tight(panel.mask > 0)
        self.one, self.one_key = panel.segmentation, panel.key
        self.other, self.other_key = panel.add_reading(panel.volume, self.second, "Second reading")
        self.ui.reproducibilitySection.collapsed = False
        self.show_tab("Compare")
        self.jobs: list[set[str]] = []
        submit = panel.comparer.submit
        panel.comparer.submit = lambda jobs: (self.jobs.append(set(jobs)), submit(jobs))[1]

    def show_tab(self, title: str) -> None:
        tabs = self.ui.reproducibilityTabs
        tabs.setCurrentIndex([tabs.tabText(number) for number in range(tabs.count)].index(title))
        process_events(30)

    @property
    def comparing(self) -> Any:
        return next(item for item in self.panel.panel.sections if item.ui_file == "CompareSection.ui")._comparing

    @property
    def session(self) -> Any:
        return self.comparing.session

    def choose(self) -> Any:
        """Choose both readings in the tab and return the comparison."""
        self.ui.compareSelectorA.setCurrentNode(self.one)
        self.ui.compareSelectorB.setCurrentNode(self.other)
        return self.result()

    def result(self) -> Any:
        self.panel.wait(lambda: self.session.freshness is Freshness.CURRENT and not self.session.active)
        return self.session.shown

    def settle(self) -> None:
        process_events(30)
        self.panel.wait(lambda: not self.session.active and not self.panel.session.active)

    def draw_second(self, mask: np.ndarray) -> None:
        self.panel.draw(self.other, self.other_key, self.panel.volume, mask)

    def looks(self) -> list[object]:
        """Return what the display nodes of both readings say."""
        looks: list[object] = []
        for node, key in ((self.one, self.one_key), (self.other, self.other_key)):
            display = node.GetDisplayNode()
            looks += [getattr(display, f"Get{name}")(key) for name in DISPLAY]
            looks += [tuple(round(value, 4) for value in display.GetSegmentColor(key)), display.GetVisibility(),
                      display.GetSliceIntersectionThickness(), display.GetAttribute("RadiomicsPrognosis.CompareLook")]
        return looks

    def helpers(self) -> dict[str, Any]:
        """Return the nodes in the scene that no scene saves, by name."""
        nodes = slicer.mrmlScene.GetNodes()
        listed = [nodes.GetItemAsObject(number) for number in range(nodes.GetNumberOfItems())]
        return {node.GetName(): node for node in listed if node.GetHideFromEditors() and not node.GetSaveWithScene()
                and (node.IsA("vtkMRMLSegmentationNode") or node.GetName() in ("Reading A", "Reading B"))}

    def sprites(self) -> int:
        """Return how many pictures of ours stand in the red view."""
        view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
        props = overlay_renderer(view.renderWindow()).GetViewProps()
        return sum(props.GetItemAsObject(number).IsA("vtkActor2D") for number in range(props.GetNumberOfItems()))


@pytest.fixture
def compare(main_window: Any, bench: PanelBench) -> CompareBench:
    return CompareBench(bench)


# Numbers


def image_of(compare: CompareBench, mask: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing((1.0, 1.0, 2.0))
    return image


def test_two_readings_are_compared(compare: CompareBench) -> None:
    comparison = compare.choose()
    ui = compare.ui
    assert (compare.node.compareSegmentA, compare.node.compareSegmentB) == (compare.one_key, compare.other_key)
    expected = contour_overlap(image_of(compare, compare.first), image_of(compare, compare.second))
    assert comparison.overlap.dice == expected.dice
    assert comparison.overlap.hausdorff_mm == pytest.approx(expected.hausdorff_mm, abs=1e-9)
    alone = compare.panel.result()
    assert comparison.a.score == alone.score and comparison.a.vois == alone.vois
    assert f"Dice <b>{expected.dice:.3f}</b>" in ui.compareContoursLabel.text
    assert f"{comparison.a.score:.2f}" in ui.compareVerdictLabel.text
    assert "Reading: " in ui.compareVerdictLabel.text and "Second reading: " in ui.compareVerdictLabel.text
    assert "the group stays the same" in ui.compareVerdictLabel.text
    assert f"{comparison.b.score:.4f}" in ui.compareScoresLabel.text
    assert "Moved most" in ui.compareFeaturesLabel.text and "Without a scaling" in ui.compareFeaturesLabel.text
    assert not ui.compareProblemLabel.visible and not ui.compareProgressBar.visible


def test_the_second_reading_alone_is_extracted_and_by_a_worker_of_its_own(compare: CompareBench) -> None:
    """The first one's features are at hand from the panel's own result."""
    before = compare.panel.jobs
    compare.choose()
    assert compare.jobs == [{"B image"}] and compare.panel.jobs == before


def test_an_edit_of_either_is_followed(compare: CompareBench) -> None:
    first = compare.choose()
    compare.draw_second(tight(compare.second))
    second = compare.result()
    assert second.overlap.dice < first.overlap.dice and second.b.score != first.b.score
    assert second.a.score == first.a.score and second.overlap.volume_a_mm3 == first.overlap.volume_a_mm3
    before = compare.panel.result()
    compare.panel.erase()
    third = compare.result()
    assert third.a.score == compare.panel.result().score != before.score
    assert third.b.score == second.b.score


def test_without_live_contours_follow_and_scores_wait(compare: CompareBench) -> None:
    first = compare.choose()
    compare.node.live = False
    compare.draw_second(tight(compare.second))
    compare.settle()
    assert compare.comparing.contours.overlap.dice < first.overlap.dice
    assert f"{compare.comparing.contours.overlap.dice:.3f}" in compare.ui.compareContoursLabel.text
    assert compare.session.shown is first and "has changed" in compare.ui.compareStateLabel.text
    assert not compare.ui.compareScoresLabel.enabled and compare.ui.compareScoreButton.visible
    compare.ui.compareScoreButton.click()
    assert compare.result().b.score != first.b.score and compare.ui.compareScoresLabel.enabled
    compare.draw_second(compare.second)
    compare.settle()
    compare.node.live = True
    assert compare.result().b.score == first.b.score


def test_what_is_missing_is_asked_for(compare: CompareBench) -> None:
    ui = compare.ui
    assert "Choose reading A" in ui.compareProblemLabel.text
    ui.compareSelectorA.setCurrentNode(compare.one)
    compare.settle()
    assert "Choose reading B" in ui.compareProblemLabel.text
    ui.compareSelectorB.setCurrentNode(compare.one)
    compare.settle()
    assert "the same segment" in ui.compareProblemLabel.text
    compare.choose()
    compare.draw_second(0 * compare.second)
    compare.settle()
    assert "Second reading: Segment 'Tumour' is empty" in ui.compareProblemLabel.text
    assert not ui.compareContoursLabel.visible and not ui.compareScoresLabel.visible
    compare.node.modelID = S1
    compare.draw_second(compare.second)
    compare.settle()
    assert ui.compareContoursLabel.visible and "choose a scaling" in ui.compareScoreProblemLabel.text
    assert not ui.compareScoresLabel.visible


def test_contours_are_compared_where_no_score_can_be(compare: CompareBench) -> None:
    """Of one slice, which the model's protocol refuses, and without any model."""
    flat = compare.second.copy()
    flat[: flat.shape[0] // 2] = flat[flat.shape[0] // 2 + 1:] = False
    compare.draw_second(flat)
    compare.ui.compareSelectorA.setCurrentNode(compare.one)
    compare.ui.compareSelectorB.setCurrentNode(compare.other)
    compare.settle()
    assert compare.comparing.contours.overlap.volume_b_mm3 == flat.sum() * 2.0
    assert "Second reading: Segment 'Tumour' is one voxel thick" in compare.ui.compareScoreProblemLabel.text
    compare.node.modelID = ""
    compare.settle()
    assert compare.comparing.contours is not None and compare.ui.compareContoursLabel.visible
    assert "Choose a model" in compare.ui.compareScoreProblemLabel.text


def test_two_segments_of_one_segmentation_are_named_by_themselves(compare: CompareBench) -> None:
    key = compare.panel.add_segment(compare.one, compare.panel.volume, compare.second, "Dr. <B>")
    compare.ui.compareSelectorA.setCurrentNode(compare.one)
    compare.ui.compareSelectorB.setCurrentNode(compare.one)
    compare.settle()
    selector = compare.ui.compareSegmentSelectorB
    selector.setCurrentIndex(selector.findData(key))
    assert compare.result().names == ("Tumour", "Dr. <B>")
    assert "Dr. &lt;B&gt;" in compare.ui.compareVerdictLabel.text
    display = compare.one.GetDisplayNode()
    assert [tuple(display.GetSegmentColor(item)) for item in (compare.one_key, key)] == [
        pytest.approx(rgb(colour)) for colour in COLOURS[:2]]


def test_a_reading_of_another_grid_is_said_to_be_resampled(compare: CompareBench) -> None:
    moved = vtk.vtkMatrix4x4()
    moved.SetElement(0, 3, 0.6)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(moved)
    compare.choose()
    compare.other.SetAndObserveTransformNodeID(transform.GetID())
    compare.result()
    assert "'Second reading' was drawn on another grid" in compare.ui.compareContoursLabel.text
    assert any(item.code == "resampled" for item in compare.session.shown.warnings)


def test_nothing_is_compared_while_a_reading_is_under_way(compare: CompareBench,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    compare.choose()
    desk = type(compare.panel.panel.readings)
    monkeypatch.setattr(desk, "blinded", property(lambda self: True))
    compare.panel.panel._on_readings()
    compare.settle()
    ui = compare.ui
    assert "A reading is under way" in ui.compareProblemLabel.text
    for label in (ui.compareContoursLabel, ui.compareVerdictLabel, ui.compareScoresLabel, ui.compareFeaturesLabel):
        assert not label.visible and not label.text
    assert not compare.helpers() and compare.session.shown is None
    count = len(compare.jobs)
    compare.draw_second(tight(compare.second))
    compare.settle()
    assert len(compare.jobs) == count
    monkeypatch.undo()
    compare.panel.panel._on_readings()
    assert compare.result().overlap.dice < 1


def test_the_worker_lost_is_said_where_the_scores_would_stand(compare: CompareBench) -> None:
    compare.panel.comparer._command = ["no such program"]
    compare.ui.compareSelectorA.setCurrentNode(compare.one)
    compare.ui.compareSelectorB.setCurrentNode(compare.other)
    compare.settle()
    assert compare.ui.compareContoursLabel.visible
    assert "could not be started" in compare.ui.compareScoreProblemLabel.text
    assert compare.panel.result().score is not None


# The views


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
    assert compare.one.GetDisplayNode().GetAttribute("RadiomicsPrognosis.CompareLook") is None


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
    text = display.GetAttribute("RadiomicsPrognosis.CompareLook")
    scene.Clear(0)
    scene.Import()
    display = scene.GetFirstNodeByName("odd").GetDisplayNode()
    assert display.GetAttribute("RadiomicsPrognosis.CompareLook") == text
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
    compare.draw_second(tight(compare.second))
    compare.result()
    assert compare.helpers()["Reading B"] is models[1]
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


# Readings of a study


def test_the_readings_of_a_study_are_loaded_and_compared(compare: CompareBench, tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    case = study.design.cases[0].name
    for reader, shrink in (("Anna", 0), ("Ben", 1)):
        begun = study.begin(study.reading(case, reader, "first"), "here")
        study.save(replace(begun, state=ReadingState.DONE), mask_of(study, case, shrink), "here")
    assert not compare.ui.compareLoadButton.visible
    compare.panel.panel.readings.open(study.path)
    compare.settle()
    selector = compare.ui.compareCaseSelector
    assert [selector.itemText(number) for number in range(selector.count)] == [case]
    compare.node.volume = compare.panel.add_volume(study.image(case), case)
    compare.ui.compareLoadButton.click()
    comparison = compare.result()
    assert comparison.names == ("Anna · first", "Ben · first")
    expected = contour_overlap(mask_of(study, case, 0), mask_of(study, case, 1))
    assert comparison.overlap.dice == expected.dice and comparison.overlap.volume_b_mm3 == pytest.approx(
        expected.volume_b_mm3)
    count = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    compare.ui.compareLoadButton.click()
    compare.settle()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == count
