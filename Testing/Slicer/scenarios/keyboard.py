"""Score with Ctrl+Return, wherever the focus is, and draw with the editor's keys; other modules get the keys back."""

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
    view = slicer.app.layoutManager().sliceWidget("Red")
    places = [(hands.frame, "Ctrl+Return"), (hands.editor, "Ctrl+Enter")]
    if view.visible:  # in a real Slicer
        places.append((view, "Ctrl+Return"))
    for place, key in places:
        focus = keys.focus_in(place)
        before = hands.panel.prediction.score
        keys.press(key, focus)
        hands.expect(hands.result(30).score != before, f"{key} in {focus.className()} does not score")
        hands.stroke("Erase", hands.edge())
        hands.settle()
    contour = hands.voxels().sum()
    keys.press("Z", keys.focus_in(hands.frame))
    hands.look()
    hands.expect(hands.voxels().sum() > contour, "Z does not undo")
    keys.press("Esc", keys.focus_in(hands.frame))
    hands.look()
    hands.expect(hands.editor.activeEffect() is None, "Esc does not end drawing")
    hands.leave()
    hands.expect(not keys.is_taken("Ctrl+Return") and not keys.is_taken("Ctrl+Enter"), "the keys are not given back")
    hands.come_back()
