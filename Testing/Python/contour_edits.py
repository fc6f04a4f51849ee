"""Second contours of a lesion that nobody drew: what a reader may do otherwise, as edits of voxels from fixed seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

#: A voxel and its four neighbours in the slice, as a brush is: readers contour slice by slice.
_IN_SLICE = np.zeros((3, 3, 3), bool)
_IN_SLICE[1] = ndimage.generate_binary_structure(2, 1)


def generous(mask: np.ndarray) -> np.ndarray:
    """Add two voxels all round in every slice."""
    return ndimage.binary_dilation(mask, _IN_SLICE, 2)


def tight(mask: np.ndarray) -> np.ndarray:
    """Take one voxel all round in every slice away."""
    return ndimage.binary_erosion(mask, _IN_SLICE)


def shifted(mask: np.ndarray) -> np.ndarray:
    """Move the contour by 3 columns, -2 rows and 1 slice."""
    return np.roll(mask, (1, -2, 3), (0, 1, 2))


def half(mask: np.ndarray) -> np.ndarray:
    """Leave the columns beyond the middle out."""
    columns = np.flatnonzero(mask.any(axis=(0, 1)))
    kept = mask.copy()
    kept[:, :, int(columns.mean()) + 1:] = False
    return kept


def shaky(mask: np.ndarray) -> np.ndarray:
    """Move the border to and fro by smooth noise, about 2 voxels deep."""
    noise = ndimage.gaussian_filter(np.random.default_rng(11).standard_normal(mask.shape), (0.5, 3, 3))
    depth = 2 * noise / noise.std()
    reach = int(depth.max()) + 1  # beyond it the noise draws nothing: distances are needed no farther out
    box = tuple(slice(max(int(places.min()) - reach, 0), int(places.max()) + reach + 1) for places in np.nonzero(mask))
    inside, outside = (ndimage.distance_transform_edt(item, (9, 1, 1)) for item in (mask[box], ~mask[box]))
    moved = np.zeros_like(mask)
    moved[box] = inside - outside + depth[box] > 0
    return moved


EDITS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    edit.__name__: edit for edit in (generous, tight, shifted, half, shaky)}
