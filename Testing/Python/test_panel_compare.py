# ruff: noqa: F811 - the fixtures are imported
"""The Compare tab: two readings chosen, compared live, shown in the views, and given back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import slicer
from contour_edits import tight
from panel_bench import PanelBench, bench, impatient  # noqa: F401 - fixtures


class CompareBench:
    """The panel with its Compare tab in sight, a CT and two readings of one lesion."""

    def __init__(self, panel: PanelBench):
        self.panel = panel
        panel.small_case()
        self.second = panel.mask & tight(panel.mask > 0)
        self.other, self.other_key = panel.add_reading(panel.volume, self.second, "Second reading", "Tumour")
        self.ui, self.node = panel.ui, panel.node
        self.ui.reproducibilitySection.collapsed = False
        tabs = self.ui.reproducibilityTabs
        titles = [tabs.tabText(number) for number in range(tabs.count)]
        tabs.setCurrentIndex(titles.index("Compare"))

    @property
    def section(self) -> Any:
        return next(item for item in self.panel.panel.sections if item.ui_file == "CompareSection.ui")

    @property
    def session(self) -> Any:
        return self.section._comparing.session

    def choose(self) -> Any:
        """Choose both readings in the tab and return the comparison."""
        self.ui.compareSelectorA.setCurrentNode(self.panel.segmentation)
        self.ui.compareSelectorB.setCurrentNode(self.other)
        return self.result()

    def result(self) -> Any:
        self.panel.wait(lambda: self.session.freshness.name == "CURRENT" and not self.session.active)
        return self.session.shown


@pytest.fixture
def compare(main_window: Any, bench: PanelBench) -> CompareBench:
    return CompareBench(bench)


def test_two_readings_are_compared(compare: CompareBench) -> None:
    comparison = compare.choose()
    print(compare.ui.compareVerdictLabel.text, compare.ui.compareScoresLabel.text)
    assert comparison.overlap.dice == pytest.approx(
        2 * (compare.panel.mask & compare.second).sum() / (compare.panel.mask.sum() + compare.second.sum()))
