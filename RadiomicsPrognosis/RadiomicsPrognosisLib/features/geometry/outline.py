"""Area and perimeter of the outline around a mask in a plane, counted by configurations of marching squares."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

#: Number of a square's four corners (0, 0), (0, 1), (1, 0), (1, 1) that lie in the mask, by configuration: bit
#: 2 j + i of a configuration is set where the corner (j, i) does.
_CORNERS = np.array([bin(configuration).count("1") for configuration in range(16)])

#: Configurations with both corners of one row, of one column, and of one diagonal alone.
_ROWS, _COLUMNS, _DIAGONALS = [3, 12], [5, 10], [6, 9]


class Polygon(NamedTuple):
    """A polygon around a mask: the ``area`` it encloses (mm2) and its ``perimeter`` (mm)."""

    area: float
    perimeter: float


def outline(mask: np.ndarray, spacing: tuple[float, float]) -> Polygon:
    """Return area and perimeter of pyradiomics' polygon around ``mask`` (j, i), boolean, at ``spacing`` (x, y) in mm.

    A square of four neighbouring pixel centres is cut between the midpoints of edges that leave the mask; two corners
    on a diagonal are cut off one by one (Lorensen and Cline, Computer Graphics 1987;21:163-169, in a plane).
    """
    corners = np.pad(mask, 1).astype(np.uint8)
    edges = corners[:, :-1] | corners[:, 1:] << 1
    counts = np.bincount((edges[:-1] | edges[1:] << 2).ravel(), minlength=16)
    single, triple = counts[_CORNERS == 1].sum(), counts[_CORNERS == 3].sum()
    rows, columns, diagonals = (int(counts[configurations].sum()) for configurations in (_ROWS, _COLUMNS, _DIAGONALS))
    eighths = int(single + 4 * (rows + columns) + 2 * diagonals + 7 * triple + 8 * counts[15])
    cuts = int(single + triple + 2 * diagonals)
    return Polygon(eighths / 8 * math.prod(spacing),
                   cuts * math.hypot(*spacing) / 2 + rows * spacing[0] + columns * spacing[1])
