"""Set an intensity mask of one's own while the panel limits painting: it stays, and what was before comes back."""

from __future__ import annotations

from typing import Any

import slicer

from .hands import S1, Hands

#: What a person sets with Threshold > Use for masking (HU).
_OWN = (20.0, 80.0)


def run(hands: Hands) -> None:
    hands.start(model=S1)
    box = slicer.util.findChild(hands.frame, "limitPaintingCheckBox")
    limited = _mask(hands)
    hands.expect(box.checked and limited[0] and limited[1] == -50, f"painting has no limit of the model's: {limited}")
    hands.leave()
    hands.expect(not _mask(hands)[0], "the mask that was off before stays on after the module is left")
    hands.come_back()
    hands.result()
    hands.expect(_mask(hands) == limited, "the mask is not back with the module")
    _set(hands, True, _OWN)
    _stroke(hands)
    hands.expect(_mask(hands) == (True, *_OWN), f"the user's own mask became {_mask(hands)}")
    _set(hands, False, _OWN)
    _stroke(hands)
    hands.expect(not _mask(hands)[0], f"the mask that the user switched off became {_mask(hands)}")
    box.click()
    hands.settle()
    box.click()
    hands.settle()
    hands.expect(box.checked and _mask(hands) == limited, f"ticking the box anew gives {_mask(hands)}")


def _node(hands: Hands) -> Any:
    return hands.editor.mrmlSegmentEditorNode()


def _mask(hands: Hands) -> tuple[bool, float, float]:
    return bool(_node(hands).GetSourceVolumeIntensityMask()), *_node(hands).GetSourceVolumeIntensityMaskRange()


def _set(hands: Hands, on: bool, hu: tuple[float, float]) -> None:
    _node(hands).SetSourceVolumeIntensityMaskRange(*hu)
    _node(hands).SetSourceVolumeIntensityMask(on)
    hands.look()


def _stroke(hands: Hands) -> None:
    before = hands.voxels().sum()
    hands.stroke("Erase", hands.inside())
    hands.expect(hands.voxels().sum() < before, "the stroke erased nothing")
    hands.result()
