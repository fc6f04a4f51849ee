"""Whether the intensities on which a contour lies can be a CT's in HU, and those of a solid lesion.

The bounds were set on 23 real CTs with contours (two lung tumours, 20 soft-tissue sarcomas, the CT phantom of IBSI 1)
between what these hold and what goes wrong; docs/wrong_inputs.md states both. A CT is about -1000 HU in air, -100 in
fat, 20 - 80 in soft tissue, and above 250 in cortical bone and dense contrast agent.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..texts import percent
from ..warning import ResultWarning
from .looks import ContouredImage

#: Attenuation that scanners and 12-bit storage produce; a VOI outside it is not in HU.
_LOWEST_HU, _HIGHEST_HU = -1100.0, 4000.0

#: Below: fat, lung or air. Above: bone, calcification, dense contrast agent. Far above: metal.
_FAT_HU, _DENSE_HU, _METAL_HU = -50.0, 250.0, 2500.0

#: Shares (0 - 1) of a contour that may be so: 20 % and 1 % at most in the real cases, one loose contour of 46 % apart.
_FAT_SHARE, _DENSE_SHARE = 0.25, 0.03

#: The median of a solid lesion is far from these; of enhanced vessels and bone it is above, of lung below.
_MEDIAN_HU = (-200.0, 180.0)

#: No whole CT is so dense in so large a share (2 % at most in the real cases), and none spans so little.
_BONE_HU, _BONE_SHARE, _LEAST_SPAN_HU = 600.0, 0.15, 100.0

#: Scanners store nothing of a patient below this; lower values are padding, one value throughout, or a wrong intercept.
_PADDING_HU, _PADDING_VALUES = -1100.0, 3

#: Share (0 - 1) of an image at its very lowest or highest value that tells it is cut off there.
_CUT_SHARE, _CUT_LOW_HU, _CUT_HIGH_HU = 0.05, -900.0, 1000.0


def intensity_warnings(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield what speaks against CT in HU, or else against a solid lesion inside the contour."""
    message = _not_hu(look)
    if message:
        yield ResultWarning("hu", message)
        return
    yield from _cut_off(look)
    padding = int((look.inside < _PADDING_HU).sum())
    if padding:
        yield ResultWarning("padding", f"{padding} of {look.inside.size} voxels inside the contour hold a filling "
                                       f"value ({look.inside.min():g}), not a measured attenuation: they lie outside "
                                       "the scanner's field of view. Leave them out of the contour.")
    yield from _tissue(look)


def _not_hu(look: ContouredImage) -> str:
    """Return why the intensities are not HU, or an empty text."""
    low, high = float(look.inside.min()), float(look.inside.max())
    lowest, highest = float(look.sample.min()), float(look.sample.max())
    below = look.sample[look.sample < _PADDING_HU]
    filled = np.unique(below).size <= _PADDING_VALUES and np.unique(look.inside[look.inside < _PADDING_HU]).size <= 1
    if high > _HIGHEST_HU or (low < _LOWEST_HU and not filled):
        return f"Intensities from {low:g} to {high:g} inside the contour do not look like HU. {_ORIGINAL}"
    if not filled and below.size > 0.01 * look.sample.size:
        return (f"The image's air lies near {np.median(below):.0f}, and air is -1000 HU: was the rescale intercept "
                f"applied twice? {_ORIGINAL}")
    if low >= 0 and lowest >= 0 and float(look.image.min()) >= 0:
        return ("The image has no negative intensity, so it does not look like CT in HU (rescale intercept not "
                f"applied? MR, PET, or a window of grey levels?). {_ORIGINAL}")
    if highest - lowest < _LEAST_SPAN_HU and lowest < 0:
        return (f"The whole image spans {highest - lowest:.3g} units, less than fat and muscle differ in HU: its "
                f"intensities were normalised. {_ORIGINAL}")
    dense = float((look.sample > _BONE_HU).mean())
    if dense > _BONE_SHARE:
        return (f"{percent(dense)} of the image is denser than {_BONE_HU:g} HU, which no patient is: the intensities "
                f"are inverted, or the rescale intercept was not applied. {_ORIGINAL}")
    return ""


_ORIGINAL = "Load the original CT series from the PACS."


def _cut_off(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield a warning for an image that a grey-level window has cut off."""
    low, high = float(look.sample.min()), float(look.sample.max())
    ends = [f"below {low:g} HU"] if low > _CUT_LOW_HU and (look.sample == low).mean() > _CUT_SHARE else []
    if high < _CUT_HIGH_HU and (look.sample == high).mean() > _CUT_SHARE / 5:
        ends.append(f"above {high:g} HU")
    if ends:
        yield ResultWarning("cut-off", f"All intensities {' and '.join(ends)} are cut off: the image was stored with a "
                                       f"grey-level window, and texture at its ends is lost. {_ORIGINAL}")


def _tissue(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield warnings for a contour that is not on solid tissue, or holds much that is none."""
    values = look.inside
    median = float(np.median(values))
    fat, dense = float((values < _FAT_HU).mean()), float((values > _DENSE_HU).mean())
    if median < _MEDIAN_HU[0]:
        yield ResultWarning("air", f"The contour lies on lung or air: half of its voxels are below {median:.0f} HU. "
                                   "Check that contour and image belong together (patient, series, side).")
    elif fat > _FAT_SHARE:
        yield ResultWarning("fat-or-air", f"{percent(fat)} of the contour is fat, lung or air (below {_FAT_HU:g} HU). "
                                          "Check that it belongs to this image and follows the lesion's edge.")
    if median > _MEDIAN_HU[1]:
        yield ResultWarning("dense", f"Half of the contour is above {median:.0f} HU, as enhanced vessels and bone are "
                                     "and tumours are not. Check that the contour lies on the lesion.")
    elif dense > _DENSE_SHARE:
        yield ResultWarning("dense", f"{percent(dense)} of the contour is above {_DENSE_HU:g} HU: bone, calcification "
                                     "or dense contrast agent. Leave it out of the contour.")
    metal = int((values > _METAL_HU).sum())
    if metal:
        yield ResultWarning("metal", f"{metal} voxels inside the contour are above {_METAL_HU:g} HU: metal, whose "
                                     "streaks change texture all around it. Contour another lesion or series.")
