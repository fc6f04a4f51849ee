"""Score with Ctrl+Return, also while the focus is in the Segment Editor, and draw with the editor's keys."""

from __future__ import annotations

import slicer

from . import keys
from .hands import Hands


def run(hands: Hands) -> None:
    first = hands.start()
    slicer.util.findChild(hands.frame, "liveCheckBox").click()
    hands.stroke("Erase", hands.edge())
    hands.settle()
    hands.expect(hands.panel.prediction.score == first.score, "scored although Live is off")
    for place in (hands.frame, hands.editor):
        focus = keys.focus_in(place)
        before = hands.panel.prediction.score
        keys.press("Ctrl+Return", focus)
        hands.expect(hands.result(30).score != before, f"Ctrl+Return in {focus.className()} does not score")
        hands.stroke("Erase", hands.edge())
        hands.settle()
    contour = hands.voxels().sum()
    keys.press("Z", keys.focus_in(hands.frame))
    hands.look()
    hands.expect(hands.voxels().sum() > contour, "Z does not undo")
    keys.press("Esc", keys.focus_in(hands.frame))
    hands.look()
    hands.expect(hands.editor.activeEffect() is None, "Esc does not end drawing")
