"""How to look at a contour: its central voxel, and the window in which the attenuation of its voxels is told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..voi import Voi
from ..voi.grid import Grid, between, crop, xyz
from ..voi.images import array_view, inside

#: The share of the kept voxels (%) below and above which a value does not widen the window.
_TAILS = (2.0, 98.0)

#: A window's margin on each side, as a share of the distance between the tails, and its least width in HU: noise of a
#: homogeneous lesion must not be blown up to the full range of greys, and its surroundings must stay in sight.
_MARGIN, _LEAST_WIDTH_HU = 0.5, 150.0


@dataclass(frozen=True)
class Window:
    """Width and level (HU) of the greys that an image is shown in."""

    width: float
    level: float


def window_of(voi: Voi) -> Window:
    """Return the window for the voxels that ``voi``'s HU range keeps."""
    box = crop(array_view(voi.image), between(voi.image_start, voi.start), voi.kept.shape[::-1])
    low, high = (float(value) for value in np.percentile(box[voi.kept], _TAILS))
    return Window(max((1 + 2 * _MARGIN) * (high - low), _LEAST_WIDTH_HU), (low + high) / 2)


def central_position(mask: sitk.Image) -> tuple[float, float, float]:
    """Return the centre (LPS mm) of the voxel of ``mask`` (0/1, not empty) that is nearest its centre of mass."""
    indices = np.argwhere(inside(mask))[:, ::-1]
    steps = (indices - indices.mean(axis=0)) @ Grid.of(mask).index_to_mm.T
    nearest = indices[[np.argmin((steps**2).sum(axis=1))]]
    return xyz(Grid.of(mask).position(nearest)[0])
