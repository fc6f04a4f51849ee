"""The editor's own intensity mask is the user's: it stays as set, it wins, and the panel says so."""

from __future__ import annotations

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    node = hands.editor.mrmlSegmentEditorNode()
    hands.expect(not node.GetSourceVolumeIntensityMask(), "the panel has switched the editor's intensity mask on")
    hands.stroke("Paint", hands.edge())
    node.SetSourceVolumeIntensityMaskRange(-400, -200)  # as Threshold, Use for masking, does
    node.SetSourceVolumeIntensityMask(True)
    hands.look()
    label = hands.ui.ownRangeLabel
    hands.expect(label.visible and "-400 to -200 HU" in label.text, "the panel does not say whose range is in force")
    before = hands.voxels().copy()
    hands.stroke("Paint", hands.edge(-1))
    hands.result()
    _expect_mask(hands, node, True)
    added = hands.intensities()[(hands.voxels() > 0) & (before == 0)]
    hands.expect(added.size and added.min() >= -400 and added.max() <= -200, "the user's mask was not obeyed")
    hands.leave()
    hands.come_back()
    _expect_mask(hands, node, True)
    node.SetSourceVolumeIntensityMask(False)
    hands.look()
    hands.expect(not label.visible, "the panel still speaks of the editor's own range")
    hands.stroke("Erase", hands.edge())
    hands.result()
    _expect_mask(hands, node, False)


def _expect_mask(hands: Hands, node, enabled: bool) -> None:
    limits = tuple(node.GetSourceVolumeIntensityMaskRange())
    hands.expect(bool(node.GetSourceVolumeIntensityMask()) == enabled and limits == (-400, -200),
                 f"the user's mask has become {bool(node.GetSourceVolumeIntensityMask())}, {limits}")
