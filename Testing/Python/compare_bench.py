"""The panel with its Compare tab in sight, a CT and two readings of one lesion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer
from contour_edits import tight
from panel_bench import PanelBench
from RadiomicsPrognosisPanel.view_sprites import overlay_renderer
from slicer_standin.testing import process_events

from RadiomicsPrognosisLib.presenter.session import Freshness

DISPLAY = ("SegmentVisibility", "SegmentVisibility2DFill", "SegmentVisibility2DOutline", "SegmentOpacity2DOutline")

LOAN = "RadiomicsPrognosis.CompareLook"


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
        process_events(150)

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
        self.panel.wait(lambda: self.session.freshness is Freshness.CURRENT and not self.comparing.active)
        return self.session.shown

    def settle(self) -> None:
        process_events(30)
        self.panel.wait(lambda: not self.comparing.active and not self.panel.session.active)

    def draw_second(self, mask: np.ndarray) -> None:
        self.panel.draw(self.other, self.other_key, self.panel.volume, mask)

    def looks(self) -> list[object]:
        """Return what the display nodes of both readings say."""
        looks: list[object] = []
        for node, key in ((self.one, self.one_key), (self.other, self.other_key)):
            display = node.GetDisplayNode()
            looks += [getattr(display, f"Get{name}")(key) for name in DISPLAY]
            looks += [tuple(round(value, 4) for value in display.GetSegmentColor(key)), display.GetVisibility(),
                      display.GetSliceIntersectionThickness(), display.GetAttribute(LOAN)]
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
