"""Image and mask on the IBSI's resampling grid, whose centre is the image's centre.

Reference: Zwanenburg et al., IBSI reference manual, section 2.4 and 'Notes on interpolation' in chapter 5: the grid has
the image's extent divided by the spacing, rounded up, as its size; it is aligned to the image's centre; beyond the
image's border its nearest voxel counts; interpolation is done in floating point.
"""

from __future__ import annotations

import math

import numpy as np
import SimpleITK as sitk

from ...protocol import Resampling
from ...voi.grid import Grid, ijk, xyz
from ...voi.voi import Voi
from .interpolation import onto

#: Half a mask, less what rounding may take from it: 0.4999999 is a half.
_HALF = 0.5 - 1e-6


def on_ibsi_grid(voi: Voi, mask: sitk.Image, resampling: Resampling, pad: int) -> tuple[sitk.Image, sitk.Image]:
    """Return image (float64) and 0/1 mask (UInt8) of ``voi``, with its 0/1 ``mask``, around the VOI on the IBSI's grid.

    ``pad`` voxels of the grid are kept around what may become the mask.
    """
    target = ibsi_grid(voi, resampling, pad)
    image = onto(sitk.Cast(voi.image, sitk.sitkFloat64), target, resampling.interpolator, extend=True)
    if resampling.round_hu:
        image = target.image(np.rint(sitk.GetArrayViewFromImage(image)))
    share = onto(sitk.Cast(mask, sitk.sitkFloat64), target, resampling.mask, extend=True)
    return image, target.image((sitk.GetArrayViewFromImage(share) >= _HALF).astype(np.uint8))


def ibsi_grid(voi: Voi, resampling: Resampling, pad: int) -> Grid:
    """Return the part of the IBSI's grid that holds the kept voxels of ``voi`` and ``pad`` voxels around them.

    The part ends where the grid ends, which covers the image.
    """
    own = np.array(voi.grid.spacing)
    spacing = np.array(resampling.spacing_for(voi.grid.spacing))
    count = np.array(voi.grid.size)
    ratio = spacing / own
    size = np.array([math.ceil(round(extent, 6)) for extent in count / ratio])
    first = ((count - 1) - (size - 1) * ratio) / 2  # index, on the image's grid, of the grid's first point
    start, box = (np.array(corner, float) for corner in voi.kept_box())
    low = np.maximum(np.ceil((start - 1 - first) / ratio) - pad, 0)
    high = np.minimum(np.floor((start + box - first) / ratio) + pad, size - 1)
    origin = voi.grid.position((first + low * ratio)[np.newaxis])[0]
    return Grid(ijk((high - low + 1).astype(int)), xyz(spacing), xyz(origin), voi.grid.direction)


def without_outliers(image: sitk.Image, mask: sitk.Image, deviations: float) -> sitk.Image:
    """Return, as 0/1 UInt8, the voxels of ``mask`` within so many standard ``deviations`` of its mean intensity.

    Reference: Vallieres et al., Phys Med Biol 2015;60:5471; IBSI reference manual, 'Intensity outlier filtering'.
    """
    values, inside = sitk.GetArrayViewFromImage(image).astype(np.float64), sitk.GetArrayViewFromImage(mask) != 0
    mean, limit = values[inside].mean(), deviations * values[inside].std()
    return Grid.of(mask).image((inside & (np.abs(values - mean) <= limit)).astype(np.uint8))
