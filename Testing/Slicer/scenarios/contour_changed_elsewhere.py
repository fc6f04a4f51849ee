"""Change the contour in Slicer's own Segment Editor and come back: the panel has noticed, Live or not."""

from __future__ import annotations

import slicer

from .hands import Hands


def run(hands: Hands) -> None:
    first = hands.start()
    _erase_in_segment_editor(hands)
    hands.come_back()
    second = hands.result(30)
    hands.expect(second.score != first.score, "the contour changed elsewhere, the score did not")
    live = slicer.util.findChild(hands.frame, "liveCheckBox")
    live.click()
    hands.look()
    hands.expect(not hands.node.live, "Live is still on")
    _erase_in_segment_editor(hands)
    hands.come_back()
    hands.settle()
    hands.expect("contour has changed" in hands.says(), "nothing says that the contour has changed")
    hands.expect(hands.panel.prediction.score == second.score, "scored although Live is off")
    slicer.util.findChild(hands.frame, "scoreButton").click()
    hands.expect(hands.result().score != second.score, "Score gives the old result")


def _erase_in_segment_editor(hands: Hands) -> None:
    hands.leave("SegmentEditor")
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(hands.segmentation)
    editor.setSourceVolumeNode(hands.volume)
    hands.look()
    editor.setCurrentSegmentID(hands.key)
    before = hands.voxels().sum()
    hands.stroke("Erase", hands.edge(), editor=editor)
    hands.expect(hands.voxels().sum() < before, "the Segment Editor erased nothing")
