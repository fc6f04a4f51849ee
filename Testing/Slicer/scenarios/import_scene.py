"""Add a saved scene to the present one, in sight and out of sight: its result takes the place of the old one."""

from __future__ import annotations

import slicer

from .hands import S1, Hands

_KINDS = ("vtkMRMLTextNode", "vtkMRMLTableNode", "vtkMRMLPlotSeriesNode", "vtkMRMLPlotChartNode")


def run(hands: Hands) -> None:
    first = hands.start(model=S1)
    path = str(hands.folder / "case.mrb")
    hands.expect(slicer.util.saveScene(path), "the scene was not saved")
    before = _nodes()
    slicer.util.loadScene(path)
    hands.expect(hands.result(30).score == first.score, "the scene that was added does not show its result")
    hands.expect(_nodes() == before, f"{_nodes()} nodes of results instead of {before}")
    hands.leave()
    slicer.util.loadScene(path)
    hands.look()
    hands.expect(_nodes() == before, f"{_nodes()} nodes of results instead of {before}, added out of sight")
    hands.come_back()
    hands.expect(hands.result(30).score == first.score, "the result is gone after coming back")


def _nodes() -> list[int]:
    """Return how many nodes there are of each kind that holds a result."""
    return [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in _KINDS]
