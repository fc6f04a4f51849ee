"""Move CT and contour with a transform: the score stays; move one alone: the old score does not."""

from __future__ import annotations

import slicer
import vtk

from .hands import Hands

#: A registration's shift (mm, RAS).
_SHIFT = (12.0, -30.0, 45.0)


def run(hands: Hands) -> None:
    first = hands.start()
    transform = _shift()
    for node in (hands.volume, hands.segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    hands.settle()
    moved = hands.result()
    hands.expect(abs(moved.score - first.score) < 1e-9, f"moving both changed the score: {first.score}, {moved.score}")
    hands.stroke("Erase", hands.edge())
    erased = hands.result()
    hands.expect(erased.score != moved.score, "a stroke on the moved contour did not change the score")
    hands.undo()
    hands.expect(abs(hands.result().score - first.score) < 1e-9, "undo of that stroke did not bring the score back")
    hands.segmentation.SetAndObserveTransformNodeID(None)
    hands.settle()
    alone = hands.panel.prediction if hands.panel.current else None
    hands.expect(alone is None or alone.score != first.score, "the contour lies elsewhere, the score is the same")
    hands.segmentation.SetAndObserveTransformNodeID(transform.GetID())
    for node in (hands.volume, hands.segmentation):
        slicer.vtkSlicerTransformLogic.hardenTransform(node)
    hands.settle()
    hardened = hands.result()
    hands.expect(abs(hardened.score - first.score) < 1e-9, f"hardening changed the score to {hardened.score}")


def _shift() -> object:
    matrix = vtk.vtkMatrix4x4()
    for axis, value in enumerate(_SHIFT):
        matrix.SetElement(axis, 3, value)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Registration")
    node.SetMatrixTransformToParent(matrix)
    return node
