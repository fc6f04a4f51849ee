"""What an image is, whatever file holds it: no contour is measured on another image than it was drawn on."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..files import sha256_file
from ..voi.grid import Grid
from ..voi.images import array_view

#: A NRRD file says in its first bytes that the voxels are in another file.
_HEADER_BYTES = 65536


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


def file_hash(path: Path) -> str:
    """Return the SHA-256 of an image's file, or '' for an image that is not all in this one file.

    The same file is the same image, which is told without decoding it. Raises OSError.
    """
    if not path.is_file() or path.name.lower().endswith((".nhdr", ".mhd")):
        return ""
    with path.open("rb") as f:
        header = f.read(_HEADER_BYTES).lower()
    is_detached = header.startswith(b"nrrd") and (b"\ndata file:" in header or b"\ndatafile:" in header)
    return "" if is_detached else sha256_file(path)
