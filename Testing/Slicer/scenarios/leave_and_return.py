"""Leave the module and come back, also in the midst of an extraction: the result is that of the contour as it is."""

from __future__ import annotations

import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    first = hands.start(model=S1)
    hands.activate("Paint")
    hands.leave()
    hands.expect(hands.editor.activeEffect() is None, "an effect is still active after the module was left")
    hands.come_back()
    hands.expect(hands.result(5).score == first.score, "the result is another after leaving and returning")
    _stroke_until_extracting(hands)
    before = hands.panel.prediction
    hands.leave()
    hands.look(0.3)
    hands.come_back()
    second = hands.result(30)
    hands.expect(second.score != before.score, "the result is still that of the contour before the edit")
    hands.stroke("Erase", hands.inside(7))
    hands.leave()
    hands.come_back()
    third = hands.result(30)
    hands.expect(third.score != second.score, "the edit just before leaving shows in no result")
    slicer.util.findChild(hands.frame, "liveCheckBox").click()
    hands.stroke("Erase", hands.inside(6))
    hands.settle()
    slicer.util.findChild(hands.frame, "scoreButton").click()
    hands.leave()
    hands.come_back()
    hands.expect(hands.result(30).score != third.score, "the score asked for before leaving is lost")


def _stroke_until_extracting(hands: Hands) -> None:
    """Erase until an extraction is seen under way: on a fast computer one may be over before one looks."""
    for number in range(5):
        hands.stroke("Erase", hands.inside(number))
        hands.wait(lambda: hands.panel.session.extracting or hands.panel.current, what="the extraction")
        if hands.panel.session.extracting:
            return
    raise AssertionError("five edits, and no extraction was ever under way")
