"""Reload while the module is shown: the panel comes up entered, and nothing of the one before stays in memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import PanelBench, bench, impatient  # noqa: F401 - fixtures


def reload_module(bench: PanelBench) -> None:  # noqa: F811
    """Press Reload, as a developer does while the module is shown."""
    bench.widget.onReload()
    process_events(50)
    bench.representation = slicer.modules.radiomicsprognosis.widgetRepresentation()


def frames(bench: PanelBench) -> list[Any]:  # noqa: F811
    """Return the widgets that stand in the module's panel."""
    return [child for child in bench.representation.children() if isinstance(child, qt.QWidget)]


def test_the_panel_comes_up_entered_after_a_reload(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    reload_module(bench)
    assert bench.panel.entered
    assert bench.result().to_dict() == first.to_dict()
    assert bench.editor.node.GetSegmentationNode() is bench.segmentation


def test_a_module_reloaded_out_of_sight_stays_out_of_sight(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.representation.exit()
    reload_module(bench)
    assert not bench.panel.entered
    bench.representation.enter()
    assert bench.result().score is not None


def test_a_reload_leaves_nothing_of_the_panel_before_it(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    old = [weakref.ref(item) for item in (bench.widget, bench.panel, bench.session, *bench.panel.sections)]
    for _ in range(2):
        reload_module(bench)
        assert len(frames(bench)) == 1
    gc.collect()
    left = [reference() for reference in old]
    assert left == [None] * len(old)
