"""A CT-like thorax with a textured lesion, made in code: a stand-in for the sample CT that says what it is."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

#: The name under which every output made from the phantom shows.
PHANTOM_NAME = "synthetic thorax phantom (no patient)"

_SIZE = (128, 128, 40)
_SPACING_MM = (0.9, 0.9, 5.0)

#: Ground-glass opacity around the lesion and its width: the wavelets of an edge to air would be all that is measured.
_MARGIN_HU, _MARGIN_MM = -300.0, 16.0

#: SD of the attenuation within the lesion.
_TEXTURE_HU = 20.0


def ct_phantom(seed: int = 1, lesion_radius_mm: float = 22.0) -> tuple[sitk.Image, sitk.Image]:
    """Return (image in HU, mask 0/1) of a thorax: air, soft tissue, two lungs, spine, and a heterogeneous lesion.

    The lesion is a sphere of ``lesion_radius_mm`` in the right lung, within consolidated lung of :data:`_MARGIN_HU`, so
    that a HU range removes part of a generous contour. Its attenuation and margin give features as tumours have them,
    and so scores near those of patients. Same seed, same image.
    """
    generator = np.random.default_rng(seed)
    k, j, i = np.indices(_SIZE[::-1], dtype=float)
    x = (i - _SIZE[0] / 2) * _SPACING_MM[0]
    y = (j - _SIZE[1] / 2) * _SPACING_MM[1]
    z = (k - _SIZE[2] / 2) * _SPACING_MM[2]
    hu = np.full(x.shape, -1000.0)
    hu[(x / 55) ** 2 + (y / 45) ** 2 < 1] = 40.0
    for side in (-1, 1):
        hu[((x - side * 26) / 23) ** 2 + (y / 34) ** 2 + (z / 95) ** 2 < 1] = -820.0
    hu[(x / 9) ** 2 + ((y - 34) / 8) ** 2 < 1] = 350.0
    distance = np.sqrt((x + 24) ** 2 + y**2 + z**2)
    lesion = distance < lesion_radius_mm
    hu[distance < lesion_radius_mm + _MARGIN_MM] = _MARGIN_HU
    spread = [4.0 / spacing for spacing in _SPACING_MM[::-1]]
    texture = ndimage.gaussian_filter(generator.normal(size=x.shape), spread)
    hu[lesion] = 45.0 + _TEXTURE_HU * (texture / texture.std())[lesion]
    hu[lesion & (distance < 0.35 * lesion_radius_mm)] -= 35.0
    hu += generator.normal(scale=12.0, size=hu.shape)
    image = sitk.GetImageFromArray(np.rint(np.clip(hu, -1024, 3071)).astype(np.int16))
    mask = sitk.GetImageFromArray((distance < lesion_radius_mm + 2.0).astype(np.uint8))
    for volume in (image, mask):
        volume.SetSpacing(_SPACING_MM)
        volume.SetOrigin(tuple(-0.5 * n * spacing for n, spacing in zip(_SIZE, _SPACING_MM, strict=True)))
    return image, mask
