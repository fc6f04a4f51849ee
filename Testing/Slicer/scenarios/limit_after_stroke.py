"""Paint within the model's HU range: what a stroke adds outside is gone before the result; undo is faithful."""

from __future__ import annotations

import numpy as np

from .hands import S1, Hands

#: Where the range of the model begins (HU).
_LOW = -50


def run(hands: Hands) -> None:
    hands.start(model=S1)
    node, first = hands.editor.mrmlSegmentEditorNode(), hands.voxels().copy()
    outside = hands.intensities() < _LOW
    hands.expect((outside & (first > 0)).any(), "the contour has no voxel outside the range to be kept")
    # Erase in the lesion and in its margin of lung, then paint over it and beyond.
    hands.stroke("Erase", hands.edge(), hands.centre())
    hands.result()
    erased = hands.voxels().copy()
    edge = hands.edge(-1)
    seconds = hands.stroke("Paint", edge, hands.centre())
    hands.latencies.seconds["release handler of Paint, limit on"].append(seconds)
    hands.result()
    painted = hands.voxels().copy()
    hands.expect(not node.GetSourceVolumeIntensityMask(), "the panel uses the editor's intensity mask")
    hands.expect((painted > erased).any(), "Paint added nothing")
    hands.expect(not (outside & (painted > first)).any(), "voxels outside the model's range were added")
    counted = hands.result().vois["image"].contoured_voxels
    hands.expect(counted == painted.sum(), "the result is not that of the corrected contour")
    hands.undo()
    hands.result()
    hands.expect(np.array_equal(hands.voxels(), erased), "undo gives another contour than before the stroke")
    hands.editor.redo()
    hands.result()
    hands.expect(np.array_equal(hands.voxels(), painted), "redo gives another contour than after the stroke")
    hands.ui.limitPaintingCheckBox.checked = False
    hands.stroke("Paint", edge, _beyond(hands, edge))
    hands.result()
    free = hands.voxels().copy()
    hands.expect((outside & (free > first)).any(), "painting is limited with the limit off")
    hands.ui.limitPaintingCheckBox.checked = True
    hands.stroke("Paint", hands.centre())
    hands.result()
    hands.expect((hands.voxels() == free).all(), "what was there when the limit was switched on is gone")
    hands.activate("")


def _beyond(hands: Hands, point: list[float]) -> list[float]:
    """Return a point 10 mm further away from the contour's centre."""
    centre = np.array(hands.centre())
    step = np.array(point) - centre
    return (np.array(point) + 10 * step / np.linalg.norm(step)).tolist()
