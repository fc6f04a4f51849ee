"""What an image is, whatever file holds it: no contour is measured on another image than it was drawn on."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import SimpleITK as sitk

from ..voi.grid import Grid
from ..voi.images import array_view


def image_hash(image: sitk.Image) -> str:
    """Return the SHA-256 of a volume's grid and intensities.

    It survives saving in another format and loading: positions count to a thousandth of a millimetre, intensities as
    32-bit floats, which hold HU exactly.
    """
    grid = Grid.of(image)
    digest = hashlib.sha256(repr((
        grid.size, _steps(grid.spacing, 1e-5), _steps(grid.origin, 1e-3), _steps(grid.direction, 1e-5))).encode())
    for plane in array_view(image):  # one by one: a CT as floats is twice its size
        digest.update(np.ascontiguousarray(plane, dtype="<f4").tobytes())
    return digest.hexdigest()


def _steps(values: tuple[float, ...], step: float) -> tuple[int, ...]:
    """Return which step each value falls into; the steps' ends lie where no decimal or binary fraction does."""
    return tuple(math.floor(value / step + 1 / math.pi) for value in values)
