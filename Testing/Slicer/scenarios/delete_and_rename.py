"""Rename segment and CT, then delete the CT: names follow, and no other CT is scored in its place."""

from __future__ import annotations

import slicer

from .hands import Hands


def run(hands: Hands) -> None:
    first = hands.start()
    hands.segmentation.GetSegmentation().GetSegment(hands.key).SetName("Primary")
    hands.settle()
    selector = hands.ui.segmentSelector
    hands.expect(selector.itemText(selector.currentIndex) == "Primary", "the segment keeps its old name in the panel")
    hands.expect(hands.result().score == first.score, "renaming the segment changed the score")
    hands.volume.SetName("CT of May")
    hands.settle()
    hands.expect("CT of May" in hands.ui.seriesLabel.text, f"the renamed CT is still '{hands.ui.seriesLabel.text}'")
    chosen = hands.volume
    hands.add_case(title="Another patient's CT")
    hands.settle()
    hands.expect(hands.node.volume is chosen, "a CT that was added took the place of the one chosen")
    slicer.mrmlScene.RemoveNode(chosen)
    hands.settle()
    hands.look(0.5)
    hands.expect(hands.node.volume is None, f"instead of the deleted CT '{_name(hands.node.volume)}' is chosen")
    hands.expect(hands.ui.volumeSelector.currentNode() is None, "the selector shows another CT than the deleted one")
    hands.expect(hands.panel.prediction is None and hands.ui.problemLabel.visible, "a result is shown without a CT")


def _name(node: object) -> str:
    return node.GetName() if node is not None else ""
