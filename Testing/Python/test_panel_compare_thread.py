# ruff: noqa: F811 - the fixtures are imported
"""The Compare tab measures contours in a thread: what is shown meanwhile, and what becomes of it when it is left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

from compare_bench import CompareBench, compare  # noqa: F401 - a fixture
from contour_edits import tight
from panel_bench import bench, impatient  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.errors import EmptyVoi
from RadiomicsPrognosisLib.presenter import comparing
from RadiomicsPrognosisLib.reading import comparison
from RadiomicsPrognosisLib.reading.overlap import Overlap, placed_overlap


class Gate:
    """Stands before the measurement: lets it through while open, and knows which threads came."""

    def __init__(self) -> None:
        self.open, self.threads = threading.Event(), list[threading.Thread]()
        self.error: Exception | None = None
        self.open.set()

    def measure(self, *masks: Any) -> Overlap:
        self.threads.append(threading.current_thread())
        assert self.open.wait(60)
        if self.error is not None:
            raise self.error
        return placed_overlap(*masks)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    for module in (comparing, comparison):
        monkeypatch.setattr(module, "placed_overlap", gate.measure)
    yield gate
    gate.open.set()


def begin_edit(compare: CompareBench, gate: Gate) -> None:
    """Draw the second reading smaller and wait until its measurement is under way, which the shut gate holds up."""
    gate.open.clear()
    count = len(gate.threads)
    compare.draw_second(tight(compare.second))
    compare.panel.wait(lambda: len(gate.threads) > count)


def test_the_main_thread_does_not_measure_and_each_contour_is_measured_once(compare: CompareBench, gate: Gate) -> None:
    compare.choose()
    compare.draw_second(tight(compare.second))
    compare.result()
    assert gate.threads and threading.main_thread() not in gate.threads
    count = len(gate.threads)
    compare.draw_second(compare.second)
    shown = compare.result()
    assert len(gate.threads) == count + 1 and shown.overlap is compare.comparing.contours.overlap


def test_the_numbers_of_before_are_grey_until_those_of_the_newest_contour_come(compare: CompareBench,
                                                                             gate: Gate) -> None:
    first, label = compare.choose(), compare.ui.compareContoursLabel
    text = label.text
    assert label.enabled
    begin_edit(compare, gate)
    process_events(30)
    assert label.visible and label.text == text and not label.enabled
    newest = tight(tight(compare.second))
    compare.draw_second(newest)
    process_events(400)
    assert compare.session.shown is first and compare.comparing.measuring, "the main thread went on meanwhile"
    gate.open.set()
    compare.settle()
    assert label.enabled and label.text != text
    assert compare.comparing.contours.b.voxels.sum() == newest.sum()
    assert compare.result().overlap.dice == compare.comparing.contours.overlap.dice < first.overlap.dice


@pytest.mark.parametrize("leave", ["collapse", "other reading"])
def test_a_measurement_of_what_was_left_is_dropped(compare: CompareBench, gate: Gate, leave: str) -> None:
    compare.choose()
    begin_edit(compare, gate)
    if leave == "collapse":
        compare.ui.reproducibilitySection.collapsed = True
    else:
        compare.ui.compareSelectorB.setCurrentNode(None)
    process_events(50)
    gate.open.set()
    gate.threads[-1].join()
    process_events(50)
    assert compare.comparing.contours is None and not compare.comparing.measuring and not compare.helpers()
    assert not compare.ui.compareContoursLabel.visible


def test_no_thread_outlives_the_module(compare: CompareBench, gate: Gate) -> None:
    compare.choose()
    begin_edit(compare, gate)
    threading.Timer(0.2, gate.open.set).start()
    compare.panel.close()
    assert not any(thread.is_alive() for thread in gate.threads)


@pytest.mark.parametrize(("error", "text"), [(EmptyVoi("The second contour is empty.", "contour"), "is empty"),
                                             (MemoryError(), "MemoryError")])
def test_why_contours_cannot_be_measured_is_said(compare: CompareBench, gate: Gate, error: Exception,
                                                 text: str) -> None:
    compare.choose()
    gate.error = error
    compare.draw_second(tight(compare.second))
    compare.settle()
    problem = compare.comparing.problem
    assert compare.comparing.contours is None and text in f"{problem.message} {problem.details}"
    assert compare.ui.compareProblemLabel.visible and not compare.ui.compareContoursLabel.visible
    gate.error = None
    compare.draw_second(compare.second)
    compare.result()
    assert compare.ui.compareContoursLabel.visible and not compare.ui.compareProblemLabel.visible
