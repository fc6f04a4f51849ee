"""Jump to lesion and Window: the slices at the contour, the CT in a window for it, and the former window back."""

from __future__ import annotations

import math

import numpy as np
import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    _expect_jump(hands)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    place = [[0.0, -1.0, 0.0, 30.0], [1.0, 0.0, 0.0, -20.0], [0.0, 0.0, 1.0, 12.0], [0.0, 0.0, 0.0, 1.0]]
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(np.array(place)))
    for node in (hands.volume, hands.segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    hands.settle()
    _expect_jump(hands)
    _expect_window(hands)


def _expect_jump(hands: Hands) -> None:
    centre = hands.centre()
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, 0, 0, 0, slicer.vtkMRMLSliceNode.CenteredJumpSlice)
    hands.expect(hands.ui.jumpButton.enabled, "no jump to a contour")
    hands.ui.jumpButton.click()
    hands.look()
    for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        place = [node.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
        hands.expect(math.dist(place, centre) < 6, f"{node.GetName()} is at {place}, the contour's centre at {centre}")


def _expect_window(hands: Hands) -> None:
    display, button = hands.volume.GetDisplayNode(), hands.ui.windowButton
    display.SetAutoWindowLevel(0)
    display.SetWindowLevel(1500, -600)
    button.click()
    inside = hands.intensities()[hands.voxels() > 0]
    scored = inside[inside >= -50]
    low, high = display.GetLevel() - display.GetWindow() / 2, display.GetLevel() + display.GetWindow() / 2
    share = ((scored >= low) & (scored <= high)).mean()
    hands.expect(share > 0.95 and 150 <= display.GetWindow() < 1000,
                 f"the window {low:g} to {high:g} HU shows {share:.2f}")
    button.click()
    hands.expect((display.GetWindow(), display.GetLevel()) == (1500, -600), "the former window has not come back")
    button.click()
    display.SetWindowLevel(400, 40)
    button.click()
    hands.expect((display.GetWindow(), display.GetLevel()) == (400, 40), "the user's window has been replaced")
    display.SetAutoWindowLevel(1)
    button.click()
    hands.expect(not display.GetAutoWindowLevel(), "Slicer's automatic window would replace ours")
    hands.leave()
    hands.expect(display.GetAutoWindowLevel() and not button.checked, "the window stays after leaving the module")
