"""Edit while a long extraction is under way, or take its contour back: neither waits for it, and it does not go on."""

from __future__ import annotations

import numpy as np
import slicer

from .hands import S1, Hands

#: What taking up an edit may last (s): the worker's patience, another process, and the edit's own extraction.
_BAR_S = 6.0


def run(hands: Hands) -> None:
    first = hands.start(model=S1)
    contour = hands.voxels().copy()
    _begin_long_extraction(hands)
    with hands.time("long extraction given up: contour taken back to result"):
        _draw(hands, contour)
        hands.expect(hands.result(_BAR_S).score == first.score, "the contour taken back has another score")
    hands.wait(lambda: not hands.panel.session.needs_polling, _BAR_S, "the end of the extraction given up")
    _begin_long_extraction(hands)
    contour[np.argwhere(contour)[0][0]] = 0
    with hands.time("long extraction given up: edit to result"):
        _draw(hands, contour)
        hands.expect(hands.result(_BAR_S).score != first.score, "the edit shows in no result")
    hands.expect(not hands.ui.problemLabel.visible, "the extraction given up is said to have failed")


def _begin_long_extraction(hands: Hands) -> None:
    everything = np.ones_like(hands.voxels())
    _draw(hands, everything)
    hands.wait(lambda: hands.panel.session.extracting, what="the long extraction")
    hands.look(0.5)
    hands.expect(hands.panel.session.extracting, "the long extraction is over already")


def _draw(hands: Hands, voxels: np.ndarray) -> None:
    slicer.util.updateSegmentBinaryLabelmapFromArray(voxels, hands.segmentation, hands.key, hands.volume)
