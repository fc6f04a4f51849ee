"""What the inputs of a case with several images say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from ..models.model import Model
from ..voi.images import array_view
from ..voi.voi import Voi
from ..warning import ResultWarning

#: Words of an input's name or title that tell its phase after contrast agent, the earlier first.
_EARLY, _LATE = ("arterial",), ("venous", "portal", "delayed")

#: Attenuation (HU) of blood and soft tissue with and without contrast agent; bone and fat are the same in both phases.
_BLOOD_HU = (0.0, 600.0)

#: Share (0 - 1) of voxels that large arteries fill at least, and how much (HU) brighter they are in their own phase.
_ARTERY_SHARE, _CLEARLY_HU = 0.002, 30.0

#: Voxels looked at along each axis of the earlier image.
_STEPS = 64


def input_warnings(model: Model, vois: Mapping[str, Voi]) -> Iterator[ResultWarning]:
    """Yield warnings for one image given twice, and for phases that seem exchanged."""
    titles = {item.name: f"{item.name} {item.title}".lower() for item in model.inputs if item.name in vois}
    for first, second in combinations(titles, 2):
        if _same_voxels(vois[first], vois[second]):
            yield ResultWarning("same-image", f"The inputs '{first}' and '{second}' are the same image; give each "
                                              "phase its own series.")
            continue
        for early, late in ((first, second), (second, first)):
            if (any(word in titles[early] for word in _EARLY) and any(word in titles[late] for word in _LATE)
                    and _exchanged(vois[early], vois[late])):
                yield ResultWarning("phases", f"Vessels are brighter in '{late}' than in '{early}': the two phases "
                                              "seem to be exchanged. Check which series is which.")


def _same_voxels(first: Voi, second: Voi) -> bool:
    one, other = array_view(first.image), array_view(second.image)
    return one.shape == other.shape and bool(np.array_equal(one, other))


def _exchanged(early: Voi, late: Voi) -> bool:
    """Tell whether the brightest vessels of two images of one place are those of the one that is called later.

    In an arterial phase the arteries are brighter by a hundred HU and more than later; veins and organs gain less
    afterwards. The comparison takes the voxels that gain most either way.
    """
    steps = [np.linspace(0, count - 1, min(count, _STEPS)).round() for count in early.image.GetSize()]
    index = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    nearest = np.rint(late.grid.index(early.grid.position(index + np.array(early.image_start))))
    nearest = (nearest - np.array(late.image_start)).astype(int)
    held = ((nearest >= 0) & (nearest < np.array(late.image.GetSize()))).all(axis=1)
    own = array_view(early.image)[tuple(index[held].astype(int).T[::-1])].astype(float)
    other = array_view(late.image)[tuple(nearest[held].T[::-1])].astype(float)
    low, high = _BLOOD_HU
    blood = (own > low) & (own < high) & (other > low) & (other < high)
    if not blood.any():
        return False
    gain = own[blood] - other[blood]
    earlier, later = np.quantile(gain, 1 - _ARTERY_SHARE), -np.quantile(gain, _ARTERY_SHARE)
    return bool(later > earlier + _CLEARLY_HU)
