"""Show the excluded voxels: they follow the contour without an error in the log, in no list and no saved scene."""

from __future__ import annotations

import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    readings = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    hands.ui.previewCheckBox.checked = True
    hands.settle()
    hands.expect_no_errors()
    shown = [node for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode") if node not in readings]
    hands.expect(len(shown) == 1, f"{len(shown)} nodes show the excluded voxels")
    _expect_voxels(hands, shown[0])
    selector = hands.ui.segmentationSelector
    offered = [selector.nodeFromIndex(index) for index in range(selector.nodeCount())]
    hands.expect(offered == readings, "the preview is offered as a reading")
    for _ in range(2):
        hands.stroke("Erase", hands.edge())
        hands.result()
        _expect_voxels(hands, shown[0])
    hands.expect_no_errors()
    path = hands.folder / "scene.mrml"
    hands.expect(slicer.util.saveScene(str(path)), "the scene could not be saved")
    hands.expect(shown[0].GetName() not in path.read_text(encoding="utf-8"), "the preview is saved with the scene")
    hands.leave()
    hands.expect(slicer.util.getNodesByClass("vtkMRMLSegmentationNode") == readings, "the preview stays after leaving")


def _expect_voxels(hands: Hands, node) -> None:
    key = node.GetSegmentation().GetNthSegmentID(0)
    array = slicer.util.arrayFromSegmentBinaryLabelmap(node, key, hands.volume)
    expected = (hands.voxels() > 0) & (hands.intensities() < -50)
    hands.expect((array > 0).sum() == expected.sum() and ((array > 0) == expected).all(),
                 "the preview does not show the voxels that the range excludes")
