"""Leave the module and come back, also in the midst of an extraction: the result is that of the contour as it is."""

from __future__ import annotations

from .hands import Hands


def run(hands: Hands) -> None:
    first = hands.start()
    hands.activate("Paint")
    hands.leave()
    hands.expect(hands.editor.activeEffect() is None, "an effect is still active after the module was left")
    hands.come_back()
    hands.expect(hands.result(5).score == first.score, "the result is another after leaving and returning")
    hands.stroke("Erase", hands.edge())
    hands.wait(lambda: hands.panel.session.extracting, what="the extraction")
    hands.leave()
    hands.look(0.3)
    hands.come_back()
    second = hands.result(30)
    hands.expect(second.score != first.score, "the result is still that of the contour before the edit")
    hands.stroke("Erase", hands.edge())
    hands.leave()
    hands.come_back()
    hands.expect(hands.result(30).score != second.score, "the edit just before leaving shows in no result")
