"""Press Reload three times: the panel works at once, with its result, and no hidden panel is left behind."""

from __future__ import annotations

from .hands import Hands


def run(hands: Hands) -> None:
    first = hands.start()
    children = len(_widgets(hands))
    for _time in range(3):
        hands.widget.onReload()
        hands.look(0.2)
        hands.expect(hands.ui.scoreButton.visible and hands.panel.entered, "the panel is blank after Reload")
        again = hands.result(30)
        hands.expect(again.score == first.score, "the result after Reload is another")
    hands.expect(len(_widgets(hands)) == children, f"{len(_widgets(hands)) - children} old panels are left behind")
    hands.stroke("Erase", hands.edge())
    hands.expect(hands.result().score != first.score, "an edit after Reload is not scored")


def _widgets(hands: Hands) -> list[object]:
    return [child for child in hands.frame.children() if child.isWidgetType()]
