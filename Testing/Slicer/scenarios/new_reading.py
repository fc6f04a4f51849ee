"""New reading: an empty contour of its own with the brush in hand, a sphere of 3 %, or what the user has made of it."""

from __future__ import annotations

import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    hands.leave()
    hands.clear()  # while another module is shown; the Segment Editor then gives the brush Slicer's defaults
    hands.start(model=S1)
    first, mine, middle = hands.segmentation, hands.voxels().copy(), hands.centre()
    _press(hands)
    node = hands.editor.mrmlSegmentEditorNode()
    hands.expect(node.GetActiveEffectName() == "Paint", f"the active effect is '{node.GetActiveEffectName()}'")
    brush = [node.GetAttribute(name) for name in ("BrushSphere", "BrushDiameterIsRelative", "BrushRelativeDiameter")]
    hands.expect(brush == ["1", "1", "3"], f"the brush is {brush}")
    hands.expect(not hands.ui.jumpButton.enabled, "there is nothing to jump to in an empty contour")
    hands.stroke("Paint", middle)
    hands.settle()
    drawn = hands.voxels()
    hands.expect(drawn.sum() > 0 and (hands.intensities()[drawn > 0] >= -50).all(),
                 "the first stroke added nothing, or voxels outside the model's range")
    hands.expect(hands.ui.jumpButton.enabled, "no jump to a contour that was drawn")
    key = first.GetSegmentation().GetNthSegmentID(0)
    hands.expect((slicer.util.arrayFromSegmentBinaryLabelmap(first, key, hands.volume) == mine).all(),
                 "the second reading has changed the first")
    hands.editor.activeEffect().setCommonParameter("BrushSphere", 0)
    hands.clear()
    hands.add_case()
    hands.choose_case()
    _press(hands)
    node = hands.editor.mrmlSegmentEditorNode()
    hands.expect(node.GetAttribute("BrushSphere") == "0", "the user's choice of brush is forgotten with the scene")


def _press(hands: Hands) -> None:
    hands.ui.newReadingButton.click()
    hands.look()
    hands.segmentation, hands.key = hands.node.segmentation, hands.node.segmentID
