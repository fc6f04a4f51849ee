"""Show the excluded voxels while drawing: they follow the contour, nothing is logged, saved, offered or left."""

from __future__ import annotations

from typing import Any

import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    before = _segmentations()
    box = slicer.util.findChild(hands.frame, "previewCheckBox")
    hands.expect(not box.checked, "the preview is on by itself")
    box.click()
    hands.settle()
    (preview,) = _segmentations() - before
    hands.expect(preview.GetDisplayNode().GetVisibility2D(), "the preview is not shown in the slice views")
    hands.expect(not preview.GetSaveWithScene(), "the preview would be saved with the scene")
    hands.expect(not _offered(hands, preview), "the preview is offered as a reading")
    for number in range(2):
        hands.stroke("Erase", hands.inside(number))
        hands.result()
        hands.expect(_segmentations() == before | {preview}, "the preview is another node after an edit")
        _expect_voxels(hands, preview)
    path = hands.folder / "scene.mrml"
    hands.expect(slicer.util.saveScene(str(path)), "the scene could not be saved")
    hands.expect(preview.GetName() not in path.read_text(encoding="utf-8"), "the preview is saved with the scene")
    hands.expect_no_errors()
    hands.leave()
    hands.expect(_segmentations() == before, "the preview is still there after the module was left")
    hands.come_back()
    hands.settle()
    box.click()
    hands.settle()
    hands.expect(_segmentations() == before, "the preview is still there after it was switched off")


def _segmentations() -> set[Any]:
    return set(slicer.util.getNodesByClass("vtkMRMLSegmentationNode"))


def _offered(hands: Hands, node: Any) -> bool:
    selector = hands.ui.segmentationSelector
    return any(selector.nodeFromIndex(index) is node for index in range(selector.nodeCount()))


def _expect_voxels(hands: Hands, preview: Any) -> None:
    key = preview.GetSegmentation().GetNthSegmentID(0)
    shown = slicer.util.arrayFromSegmentBinaryLabelmap(preview, key, hands.volume) > 0
    expected = (hands.voxels() > 0) & (hands.intensities() < -50)
    hands.expect(expected.any() and (shown == expected).all(), "the preview does not show what the range excludes")
