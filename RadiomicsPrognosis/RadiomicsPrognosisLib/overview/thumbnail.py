"""A small picture of a contour for a table of many: the axial slice of largest area, in few grey levels, as PNG."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from ..figures.planes import planes
from ..figures.slices import WINDOW_HU
from ..statistics.arrays import Floats, Mask
from ..voi.voi import Voi

#: Width and height in pixels: enough to tell that the contour lies on a tumour, little enough for a thousand of them.
SIDE = 72

#: Grey levels, and the index after them for the outline, which is yellow as in the report's pictures.
_GREYS, _YELLOW = 31, (255, 221, 0)

#: Shown around the contour.
_MARGIN_MM = 15.0

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def thumbnail(voi: Voi) -> bytes:
    """Return the picture, :data:`SIDE` pixels wide and high, as a PNG of palette colours; the same VOI, the same bytes.
    """
    plane = planes(voi, _MARGIN_MM)[0]
    rows, columns = _samples(plane.hu.shape[0]), _samples(plane.hu.shape[1])
    hu: Floats = plane.hu[np.ix_(rows, columns)]
    contour: Mask = plane.contour[np.ix_(rows, columns)]
    level, width = WINDOW_HU
    # Beyond the image there is black.
    scaled = (np.nan_to_num(hu, nan=-np.inf) - level) / width + 0.5
    indices = np.rint(np.clip(scaled, 0.0, 1.0) * (_GREYS - 1)).astype(np.uint8)
    indices[_outline(contour)] = _GREYS
    return _png(indices)


def _samples(count: int) -> np.ndarray:
    """Return which of ``count`` pixels stand in the picture's :data:`SIDE` (nearest neighbours)."""
    places: np.ndarray = np.minimum(((np.arange(SIDE) + 0.5) * count / SIDE).astype(int), count - 1)
    return places


def _outline(contour: Mask) -> Mask:
    """Return the contour's own pixels that have a neighbour outside it."""
    padded = np.pad(contour, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return contour & ~inner


def _png(indices: np.ndarray) -> bytes:
    """Return palette indices (rows, columns) as a PNG file (ISO/IEC 15948): colour type 3, eight bits, no filter."""
    greys = np.rint(np.linspace(0, 255, _GREYS)).astype(np.uint8)
    palette = np.repeat(greys, 3).tobytes() + bytes(_YELLOW)
    height, width = indices.shape
    lines = np.hstack([np.zeros((height, 1), np.uint8), indices]).tobytes()
    return _SIGNATURE + b"".join((
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), _chunk(b"PLTE", palette),
        _chunk(b"IDAT", zlib.compress(lines, 9)), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
