"""Erase, paint and undo with the mouse: every stroke changes the result, and undo brings the first one back."""

from __future__ import annotations

from .hands import Hands


def run(hands: Hands) -> None:
    first = hands.start()
    drawn = hands.voxels().sum()
    edge = hands.edge()
    hands.stroke("Erase", edge)
    erased = hands.voxels().sum()
    hands.expect(erased < drawn, "Erase took nothing away")
    second = hands.result()
    hands.expect(second.score != first.score, "the score is the same after erasing")
    hands.undo()
    hands.expect(hands.voxels().sum() == drawn, "undo did not bring the contour back")
    hands.expect(hands.result().score == first.score, "undo did not bring the score back")
    inside = hands.centre()
    hands.stroke("Erase", inside)
    hollow = hands.voxels().sum()
    hands.result()
    hands.stroke("Paint", inside)
    hands.expect(hands.voxels().sum() > hollow, "Paint added nothing")
    hands.result()
    hands.activate("")
