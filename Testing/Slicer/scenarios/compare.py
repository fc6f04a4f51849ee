"""Compare two readings: numbers and views follow an edit of either, nothing is logged, and every look comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from . import cases
from .hands import COVARIATES, S1, SCALING, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    first = hands.voxels().copy()
    second, key = cases.add_contour(hands.volume, _smaller(first), "Reading of Dr. B")
    hands.look()
    looks, nodes = _looks(hands, second, key), _nodes()
    hands.open_tab("Compare")
    hands.expect("Choose reading A" in hands.ui.compareProblemLabel.text, "reading A is not asked for")
    with hands.time("readings chosen to both scores"):
        hands.ui.compareSelectorA.setCurrentNode(hands.segmentation)
        hands.ui.compareSelectorB.setCurrentNode(second)
        _await(hands)
    expected = hands.widget.logic.score(hands.volume, second, key, S1, COVARIATES, SCALING)
    hands.expect(f"{expected.score:.4f}" in hands.ui.compareScoresLabel.text, "B's score is not that of the logic")
    hands.expect(_looks(hands, second, key) != looks and _nodes() - nodes, "the readings are not shown in the views")
    before = hands.ui.compareContoursLabel.text
    with hands.time("stroke to both scores"):
        hands.stroke("Erase", hands.inside())
        _await(hands)
    hands.expect(hands.ui.compareContoursLabel.text != before, "the contours' numbers do not follow the edit")
    hands.result()
    path = hands.folder / "scene.mrml"
    hands.expect(slicer.util.saveScene(str(path)), "the scene could not be saved")
    hands.expect("Agreement of two readings" not in path.read_text(encoding="utf-8"), "a helper's node is saved")
    hands.ui.compareIn3DCheckBox.click()
    hands.look(0.3)
    models = [node for node in slicer.util.getNodesByClass("vtkMRMLModelNode") if node.GetName().startswith("Reading ")]
    hands.expect(len(models) == 2 and all(node.GetPolyData().GetNumberOfPoints() for node in models),
                 "there are not two surfaces in 3-D")
    hands.leave()
    hands.expect(_looks(hands, second, key) == looks, "a segment's look is not what it was before")
    hands.expect(_nodes() == nodes, "a helper is still there after the module was left")
    hands.come_back()
    _await(hands)
    hands.clear()
    hands.look()
    hands.expect(not _nodes(), "a helper has outlived its scene")


def _smaller(voxels: np.ndarray) -> np.ndarray:
    """Return a contour without the last rows of another, as a hasty reader leaves them out."""
    rows = np.flatnonzero(voxels.any(axis=(0, 2)))
    smaller = voxels.copy()
    smaller[:, rows[-3:]] = 0
    return smaller


def _await(hands: Hands) -> None:
    """Wait until the contours as they are have been compared and scored."""
    hands.look()
    hands.wait(lambda: hands.ui.compareScoresLabel.text and not hands.ui.compareStateLabel.text, 120.0,
               "a comparison of both readings")


def _looks(hands: Hands, second: Any, key: str) -> list[object]:
    looks: list[object] = []
    for node, segment in ((hands.segmentation, hands.key), (second, key)):
        display = node.GetDisplayNode()
        looks += [tuple(display.GetSegmentColor(segment)), display.GetSegmentVisibility2DFill(segment),
                  display.GetSliceIntersectionThickness(), display.GetVisibility()]
    return looks


def _nodes() -> set[Any]:
    """Return the segmentations and the models that no application shows by itself."""
    models = {node for node in slicer.util.getNodesByClass("vtkMRMLModelNode") if node.GetName().startswith("Reading ")}
    return set(slicer.util.getNodesByClass("vtkMRMLSegmentationNode")) | models
