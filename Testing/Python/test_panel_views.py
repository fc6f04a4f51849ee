# ruff: noqa: F811 - the fixtures are imported
"""The answer in the slice views: where it stands, when it changes, and that nothing of it stays."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import slicer
import vtk
from answer_cases import ANSWER
from panel_bench import S1, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel import view_pictures
from RadiomicsPrognosisPanel.view_overlay import Content, ViewOverlay
from RadiomicsPrognosisPanel.view_pictures import Pictures
from RadiomicsPrognosisPanel.view_sprites import overlay_renderer
from test_contract_panel import calls
from test_view_pictures import pixels

from RadiomicsPrognosisLib.presenter.cross_section import Outline
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer

VIEWS = ("Red", "Green", "Yellow")


# Where it stands


class View:
    """A slice view of 500 x 400 pixels, 1 mm each, in the patient's axial plane, as a ViewOverlay knows one."""

    def __init__(self) -> None:
        self.widget = slicer.app.layoutManager().sliceWidget("Red")
        self.view, self.node = self.widget.sliceView(), self.widget.mrmlSliceNode()
        self.rendered = 0
        self.resize(500, 400)
        self.node.SetSliceOffset(0)
        self.volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode").GetID()
        self.layers = self.widget.mrmlSliceCompositeNode()
        self.layers.SetBackgroundVolumeID(self.volume)
        self.overlay = ViewOverlay(self.widget, self._count)

    def _count(self) -> None:
        self.rendered += 1

    def resize(self, width: int, height: int) -> None:
        self.node.SetDimensions(width, height, 1)
        self.node.SetFieldOfView(width, height, 1)

    def show(self, outline: Outline | None = None, item: ShownAnswer = ANSWER, in_corner: bool = True) -> None:
        self.overlay.show(Content(pictures=Pictures(item), volumes=(self.volume,), in_corner=in_corner,
                                  outline=outline))

    @property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        """Left, bottom, right, top of each picture in the view, the corner's first."""
        boxes = []
        for actor in props(self.view):
            wide, high, _depth = actor.GetMapper().GetInput().GetDimensions()
            left, bottom = actor.GetPosition()
            boxes.append((round(left), round(bottom), round(left) + wide, round(bottom) + high))
        return boxes


def props(view: Any) -> list[Any]:
    """Return the pictures over a slice view."""
    items = overlay_renderer(view.renderWindow()).GetViewProps()
    return [items.GetItemAsObject(index) for index in range(items.GetNumberOfItems())]


def shown(name: str = "Red") -> list[Any]:
    """Return the pictures over the slice view of that name."""
    return props(slicer.app.layoutManager().sliceWidget(name).sliceView())


@pytest.fixture
def view(main_window: Any) -> Iterator[View]:
    """The red view with an overlay of its own."""
    item = View()
    yield item
    item.overlay.remove()
    assert not props(item.view)


def block(right: float = 60.0, up: float = -30.0, size: float = 40.0) -> Outline:
    """Return the outline of a cube whose centre is so many mm right of the view's middle and above it."""
    steps = np.arange(-size / 2, size / 2) + 0.5
    points = np.stack([axis.ravel() for axis in np.meshgrid(steps, steps, steps)], axis=1)
    return Outline(points + np.array([-right, up, 0]), np.eye(3))  # the patient's right is at the view's left


def test_the_block_is_in_the_upper_right_corner_and_follows_the_views_size(view: View) -> None:
    view.show()
    ((left, bottom, right, top),) = view.boxes
    assert (right, top) == (494, 394) and left > 250 and bottom > 200
    rendered = view.rendered
    view.resize(250, 200)
    ((left, bottom, right, top),) = view.boxes
    assert (right, top) == (244, 194) and left > 60 and bottom > 60 and view.rendered > rendered


def test_it_is_drawn_above_the_image_and_picks_nothing(view: View) -> None:
    view.show()
    (actor,) = props(view.view)
    assert not actor.GetPickable()
    first = view.view.renderWindow().GetRenderers().GetItemAsObject(0)
    assert first.GetLayer() == 0 and not first.HasViewProp(actor)
    assert overlay_renderer(view.view.renderWindow()).GetLayer() == 1


@pytest.mark.parametrize("corner", [2, 3])
def test_it_makes_way_for_what_slicer_writes_in_the_upper_corners(view: View, corner: int) -> None:
    texts = view.view.cornerAnnotation()
    texts.SetMaximumFontSize(14)
    view.show()
    ((_, _, _, top),) = view.boxes
    texts.SetText(corner, "Doe^Jane\nID: 0815\n1961-03-04 F")
    ((_, _, _, below),) = view.boxes
    assert top - below >= 3 * 14 and [texts.GetText(at) for at in (2, 3)].count("Doe^Jane\nID: 0815\n1961-03-04 F") == 1
    texts.SetText(corner, "")
    assert view.boxes[0][3] == top


def test_it_is_over_no_other_image(view: View) -> None:
    other = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode").GetID()
    view.show()
    assert len(view.boxes) == 1
    view.layers.SetBackgroundVolumeID(other)
    assert view.boxes == []
    view.layers.SetForegroundVolumeID(view.volume)
    assert len(view.boxes) == 1
    view.layers.SetForegroundVolumeID(None)
    view.layers.SetBackgroundVolumeID(None)
    assert view.boxes == []


def test_the_label_stands_at_the_right_hand_edge_of_the_contour(view: View) -> None:
    view.show(block())
    _corner, (left, bottom, right, top) = view.boxes
    assert left == pytest.approx(250 + 60 + 20 + 8, abs=1.5) and right <= 494
    assert (bottom + top) / 2 == pytest.approx(200 - 30, abs=3)


def test_the_label_follows_the_slice_and_is_away_where_it_misses_the_contour(view: View) -> None:
    view.show(block())
    assert len(view.boxes) == 2
    before = view.boxes[1][0]
    view.node.SetSliceOffset(20.6)
    assert len(view.boxes) == 1
    view.node.SetSliceOffset(19.0)
    assert len(view.boxes) == 2
    view.node.SetXYZOrigin(30, 0, 0)  # pan
    assert view.boxes[1][0] == before - 30
    view.node.SetXYZOrigin(400, 0, 0)
    assert len(view.boxes) == 1


@pytest.mark.parametrize("size", [(500, 400), (250, 200), (160, 120), (1200, 900)])
@pytest.mark.parametrize("place", [(0, 0), (60, -30), (-90, 50), (100, 80), (90, 95), (-110, -90)])
def test_the_label_hides_neither_the_block_nor_the_contour_and_leaves_no_view(view: View, size: tuple[int, int],
                                                                              place: tuple[int, int]) -> None:
    view.resize(*size)
    right, up = place[0] * size[0] / 500, place[1] * size[1] / 400
    view.show(block(right, up, 24))
    boxes = view.boxes
    assert all(left >= 0 and bottom >= 0 and end <= size[0] and top <= size[1] for left, bottom, end, top in boxes)
    if len(boxes) == 2:
        assert not overlap(*boxes)
        contour = (size[0] / 2 + right - 12, size[1] / 2 + up - 12, size[0] / 2 + right + 12, size[1] / 2 + up + 12)
        assert min(size) < 200 or not overlap(boxes[1], contour)


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two boxes (left, bottom, right, top) have a pixel in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_the_label_leaves_the_names_in_the_lower_corner_alone(view: View) -> None:
    texts = view.view.cornerAnnotation()
    texts.SetMaximumFontSize(14)
    texts.SetText(0, "B: CT\nF: PET\nL: labels")
    view.show(block(-200, -190))
    assert view.boxes[1][1] >= 3 * 14


def test_the_label_can_be_shown_without_the_block(view: View) -> None:
    view.show(block(), in_corner=False)
    ((left, *_),) = view.boxes
    assert left == pytest.approx(338, abs=1.5)


def test_the_density_of_the_screen_makes_it_larger(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    view.resize(1000, 800)
    monkeypatch.setattr(type(view.view.renderWindow()), "GetDPI", lambda _window: 144)
    view.show()
    ((left, _bottom, right, top),) = view.boxes
    assert (right, top) == (988, 788) and right - left > 300


def test_nothing_is_drawn_again_when_nothing_has_moved(view: View) -> None:
    view.show(block())
    rendered = view.rendered
    view.node.Modified()
    view.view.cornerAnnotation().Modified()
    assert view.rendered == rendered


# In the panel


def choose_nomogram(bench: PanelBench) -> Any:
    """Score the small case with all of the nomogram and return the result."""
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    return bench.result()


def test_every_slice_view_shows_the_answer_until_the_module_is_left(main_window: Any, bench: PanelBench) -> None:
    assert [len(shown(name)) for name in VIEWS] == [0, 0, 0]
    bench.small_case()
    assert [len(shown(name)) for name in VIEWS] == [1, 1, 1]
    bench.representation.exit()
    assert [len(shown(name)) for name in VIEWS] == [0, 0, 0]
    bench.representation.enter()
    bench.result()
    assert [len(shown(name)) for name in VIEWS] == [1, 1, 1]
    bench.close()
    assert [len(shown(name)) for name in VIEWS] == [0, 0, 0]


def test_it_is_gone_with_the_scene_and_follows_no_view_any_more(main_window: Any, bench: PanelBench) -> None:
    bench.small_case()
    node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    observed = node.HasObserver(vtk.vtkCommand.ModifiedEvent)
    slicer.mrmlScene.Clear(0)
    process_events()
    assert observed and not shown()
    views = next(section._views for section in bench.panel.sections if hasattr(section, "_views"))
    assert not views._overlays


def test_the_answer_changes_while_the_contour_does(main_window: Any, bench: PanelBench) -> None:
    bench.small_case()
    (before,) = shown()
    first = before.GetMapper().GetInput()
    bench.erase()
    bench.wait(lambda: bench.session.freshness is Freshness.UPDATING)
    updating = shown()[0].GetMapper().GetInput()
    assert updating is not first
    bench.result()
    process_events()
    second = shown()[0].GetMapper().GetInput()
    assert second is not updating and pixels(second)[1, 1].tolist() == pixels(first)[1, 1].tolist()


def test_an_answer_to_another_contour_is_grey(main_window: Any, bench: PanelBench) -> None:
    bench.small_case()
    bench.ui.liveCheckBox.checked = False
    bench.erase()
    bench.wait(lambda: bench.session.freshness is Freshness.CONTOUR_CHANGED)
    assert pixels(shown()[0].GetMapper().GetInput())[1, 1, :3].tolist() == [0x5A] * 3


def test_the_check_boxes_switch_block_and_label(main_window: Any, bench: PanelBench) -> None:
    bench.small_case()
    assert bench.ui.showInViewsCheckBox.checked and not bench.ui.labelAtSegmentCheckBox.checked
    centre = bench.panel.choices.segmentation
    bounds = [0.0] * 6
    centre.GetRASBounds(bounds)
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *[sum(bounds[at:at + 2]) / 2 for at in (0, 2, 4)],
                                          slicer.vtkMRMLSliceNode.OffsetJumpSlice)
    bench.ui.labelAtSegmentCheckBox.checked = True
    process_events()
    assert [len(shown(name)) for name in VIEWS] == [2, 2, 2]
    bench.ui.showInViewsCheckBox.checked = False
    process_events()
    assert [len(shown(name)) for name in VIEWS] == [1, 1, 1]
    bench.ui.labelAtSegmentCheckBox.checked = False
    process_events()
    assert [len(shown(name)) for name in VIEWS] == [0, 0, 0]


def test_the_choices_are_saved_with_the_scene_and_nothing_else_of_it(main_window: Any, bench: PanelBench,
                                                                     tmp_path: Path) -> None:
    bench.ui.showInViewsCheckBox.checked = False
    bench.small_case()
    nodes = slicer.mrmlScene.GetNumberOfNodes()
    bench.ui.showInViewsCheckBox.checked = bench.ui.labelAtSegmentCheckBox.checked = True
    process_events()
    assert shown() and slicer.mrmlScene.GetNumberOfNodes() == nodes
    bench.ui.showInViewsCheckBox.checked = False
    path = tmp_path / "case.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    process_events()
    assert bench.ui.showInViewsCheckBox.checked and not bench.ui.labelAtSegmentCheckBox.checked
    slicer.util.loadScene(str(path))
    bench.settle()
    assert not bench.ui.showInViewsCheckBox.checked and bench.ui.labelAtSegmentCheckBox.checked


def test_a_view_that_a_layout_makes_or_replaces_shows_it_too(main_window: Any, bench: PanelBench) -> None:
    from slicer_standin.views import qMRMLSliceWidget

    bench.small_case()
    manager = slicer.app.layoutManager()
    old = manager.sliceWidget("Red")
    for name in ("Red", "Slice4"):
        node = old.mrmlSliceNode()
        if name != "Red":
            node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", name)
            node.SetLayoutName(name)
        widget = manager._si_widgets[name] = qMRMLSliceWidget()
        widget.sliceLogic().SetMRMLScene(slicer.mrmlScene)
        widget.setMRMLSliceNode(node)
        widget.mrmlSliceCompositeNode().SetBackgroundVolumeID(bench.volume.GetID())
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutTwoOverTwoView)
    assert len(shown("Red")) == len(shown("Slice4")) == 1 and not props(old.sliceView())
    extra = manager._si_widgets.pop("Slice4")
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
    assert not props(extra.sliceView()) and shown("Red")


def test_it_needs_no_main_window(bench: PanelBench) -> None:
    assert slicer.app.layoutManager() is None
    choose_nomogram(bench)
    assert bench.panel.current


def test_what_is_connected_to_the_layout_is_disconnected() -> None:
    """The layout manager outlives the panel."""
    source = Path(view_pictures.__file__).with_name("views.py")
    tree = ast.parse(source.read_text(encoding="utf-8"))
    signals = {name: [ast.unparse(call.args[0]) for call in calls(tree, name)] for name in ("connect", "disconnect")}
    assert signals["connect"] == signals["disconnect"] == ["'layoutChanged(int)'"]
