"""Save the scene, close it, open it again: choices and result are back, and no old result is left over."""

from __future__ import annotations

import slicer

from .hands import COVARIATES, S1, Hands


def run(hands: Hands) -> None:
    first = hands.start(model=S1)
    path = str(hands.folder / "case.mrb")
    hands.expect(slicer.util.saveScene(path), "the scene was not saved")
    hands.clear()
    hands.expect(hands.panel.prediction is None and not hands.ui.badgeLabel.visible, "a result without a scene")
    slicer.util.loadScene(path)
    again = hands.result(10)
    hands.expect(again.score == first.score and again.survival == first.survival, "the reopened result is another")
    hands.expect(dict(hands.node.covariates) == COVARIATES, f"the clinical factors are {dict(hands.node.covariates)}")
    texts = _texts()
    slicer.util.loadScene(path)  # added to the scene that is there
    hands.settle()
    hands.expect(_texts() == texts, f"adding the scene left {_texts() - texts} result of before in a text node")


def _texts() -> int:
    return slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTextNode")
