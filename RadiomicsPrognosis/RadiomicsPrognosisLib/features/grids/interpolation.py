"""An image interpolated onto another grid by SimpleITK."""

from __future__ import annotations

import SimpleITK as sitk

from ...voi.grid import Grid

_INTERPOLATORS = {"bspline": sitk.sitkBSpline, "linear": sitk.sitkLinear, "nearest": sitk.sitkNearestNeighbor}


def onto(image: sitk.Image, target: Grid, interpolator: str, extend: bool = False) -> sitk.Image:
    """Return ``image``, of its own type, at the points of ``target``.

    ``interpolator`` is bspline (cubic), linear or nearest. Beyond the image's border there is 0, or, to ``extend`` it,
    its nearest voxel.
    """
    return sitk.Resample(image, target.size, sitk.Transform(), _INTERPOLATORS[interpolator], target.origin,
                         target.spacing, target.direction, 0.0, image.GetPixelID(), extend)
