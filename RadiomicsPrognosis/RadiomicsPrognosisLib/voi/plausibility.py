"""Whether an image and a contour on it can be what they should be: a CT in HU, and someone's outline of a lesion on it.

Every check says what is seen and what to do. None of them fires on the real cases at hand but where it is true
(docs/wrong_inputs.md), and none replaces looking at the contour on the image.
"""

from __future__ import annotations

from ..texts import percent
from ..warning import ResultWarning
from .intensities import intensity_warnings
from .looks import ContouredImage
from .outline import outline_warnings
from .traces import trace_warnings

#: Warnings that leave no feature what it was in the model's patients: nothing is scored.
PROHIBITIVE = frozenset({"hu", "padding", "air", "empty-slices", "noise", "voxel-size"})

#: Warnings that speak against the numbers as a whole: they are shown, but in question.
QUESTIONING = frozenset({"cut-off", "fat-or-air", "dense", "metal", "removed", "repeated-slices", "smooth",
                         "interpolated", "few-levels", "compression", "no-geometry", "elsewhere", "gaps", "porous",
                         "placeholder", "lesion-size", "same-image", "phases"})

#: Share (0 - 1) of a contour that the HU range removes; 46 % at most in the real cases.
_REMOVED_SHARE = 0.5


def plausibility_warnings(look: ContouredImage) -> tuple[ResultWarning, ...]:
    """Return what speaks against a contour on an image, the contour's own place and shape first."""
    intensities = tuple(intensity_warnings(look))
    # Of what is not in HU, or in air, the finer traces say nothing.
    traces = () if any(item.code in ("hu", "air") for item in intensities) else tuple(trace_warnings(look))
    if any(item.code in ("empty-slices", "noise") for item in traces):
        intensities = ()
    return (*outline_warnings(look), *intensities, *traces)


def removed_warning(share: float, hu_range: str) -> tuple[ResultWarning, ...]:
    """Return the warning for a ``share`` (0 - 1) of the contour removed by the HU range, ``hu_range`` in words."""
    if share <= _REMOVED_SHARE:
        return ()
    return (ResultWarning("removed", f"The HU range ({hu_range}) removes {percent(share)} of the contour: most of it "
                                     "is not the tissue that the model was made on. Check the contour."),)
