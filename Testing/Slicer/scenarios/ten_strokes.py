"""Erase ten times and wait for each result, then do the same in Slicer's own Segment Editor: how long it took."""

from __future__ import annotations

import time

import slicer

from . import cases
from .hands import COVARIATES, S1, SCALING, Hands

_STROKES = 10

#: What our editor's release handler may take longer than the plain editor's (s).
_MORE = 0.02


def run(hands: Hands) -> None:
    taken = hands.latencies.seconds
    _start(hands)
    drawn, strokes = hands.voxels().copy(), []
    with hands.watch() as watch:
        for number in range(_STROKES):
            strokes.append(hands.inside(number))
            before = hands.panel.prediction.score
            taken["release handler, this panel"].append(hands.stroke("Erase", strokes[-1]))
            began = time.perf_counter()
            after = hands.result()
            taken["release to result"].append(time.perf_counter() - began + taken["release handler, this panel"][-1])
            hands.expect(after.score != before, f"stroke {number + 1} did not change the score")
    taken["longest hold of the main thread, ten strokes"].append(watch.longest)
    hands.leave("SegmentEditor")
    slicer.util.updateSegmentBinaryLabelmapFromArray(drawn, hands.segmentation, hands.key, hands.volume)
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(hands.segmentation)
    editor.setSourceVolumeNode(hands.volume)
    editor.setCurrentSegmentID(hands.key)
    for name in ("BrushSphere", "BrushRelativeDiameter"):  # the same brush, or the comparison is of brushes
        editor.mrmlSegmentEditorNode().SetAttribute(name, hands.editor.mrmlSegmentEditorNode().GetAttribute(name))
    for stroke in strokes:
        before = hands.voxels().sum()
        taken["release handler, Segment Editor"].append(hands.stroke("Erase", stroke, editor=editor))
        hands.expect(hands.voxels().sum() < before, "the Segment Editor erased nothing")
    # The shortest, which other work on the computer prolongs least.
    ours, plain = (min(taken[f"release handler, {name}"]) for name in ("this panel", "Segment Editor"))
    hands.expect(ours <= plain + _MORE, f"a release takes {1000 * ours:.0f} ms, {1000 * plain:.0f} ms without us")


def _start(hands: Hands) -> None:
    """Come to the first result, and take down how it held the main thread."""
    hands.open_module()
    hands.add_case("lung2" if cases.has("lung2") else "phantom")
    hands.choose_case()
    hands.choose(S1, SCALING)
    with hands.watch() as watch:
        for name, value in COVARIATES.items():
            hands.give(name, value)
        hands.result()
    hands.latencies.seconds["longest hold of the main thread, first result"].append(watch.longest)
