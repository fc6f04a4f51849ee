"""Grey levels laid out so that a neighbour is a fixed number of elements away, which makes counting one pass each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...progress import Pulse, no_pulse
from .directions import Offset


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """The grey levels of a VOI's box in one flat array, with zeros between rows, between slices and behind the end.

    ``flat`` (N,) holds the levels, 0 outside the VOI, in the smallest unsigned type that fits; ``positions`` (n,) says
    where in it the VOI's voxels are and ``levels`` (n,) which levels they have, in the order of the box. ``shape`` (k,
    j, i) is the box' size, ``highest`` the highest grey level of the VOI. A step of at most the margin along each axis
    leads to the neighbour or to a zero. ``pulse`` is called in between by what counts for long.
    """

    flat: np.ndarray
    positions: np.ndarray
    levels: np.ndarray
    shape: tuple[int, int, int]
    strides: tuple[int, int, int]
    highest: int
    pulse: Pulse = no_pulse

    @classmethod
    def of(cls, mask: np.ndarray, levels: np.ndarray, margin: int = 1, highest: int = 0,
           pulse: Pulse = no_pulse) -> Lattice:
        """Lay out ``levels`` (n,), integers from 1, of the voxels of ``mask`` (k, j, i).

        ``highest`` is the highest level of the VOI where the mask is a piece of it.
        """
        planes, rows, columns = mask.shape
        width, height = columns + margin, rows + margin
        grid = np.zeros((planes + margin + 1, height, width), np.min_scalar_type(int(levels.max())))
        grid[:planes, :rows, :columns][mask] = levels
        flat = grid.ravel()
        return cls(flat=flat, positions=np.flatnonzero(flat), levels=levels.astype(np.intp, copy=False),
                   shape=(planes, rows, columns), strides=(height * width, width, 1),
                   highest=max(highest, int(levels.max())), pulse=pulse)

    @cached_property
    def wide(self) -> np.ndarray:
        """The levels of ``flat`` in the type that numpy counts in."""
        return self.flat.astype(np.intp)

    def step(self, offset: Offset) -> int:
        """Return by how many elements of ``flat`` a neighbour at ``offset`` (k, j, i) is away."""
        return sum(stride * move for stride, move in zip(self.strides, offset, strict=True))

    def coordinates(self) -> np.ndarray:
        """Return k, j, i (n, 3) of the VOI's voxels."""
        plane, row, _ = self.strides
        k, rest = np.divmod(self.positions, plane)
        return np.column_stack((k, *np.divmod(rest, row)))
