"""Neighbourhoods: how far a voxel's grey level is from the mean of its neighbours (Amadasun and King, 1989).

Reference: Amadasun and King, IEEE Trans Syst Man Cybern 1989;19:1264; IBSI reference manual, section 3.10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .directions import Offset
from .lattice import Lattice


@dataclass(frozen=True)
class ToneDifferences:
    """Per grey level that occurs, ``levels`` (m,): its ``counts`` (m,) of voxels and the sum of their ``differences``
    (m,) from the mean level of their neighbours. A voxel without neighbours counts, with a difference of 0."""

    counts: np.ndarray
    differences: np.ndarray
    levels: np.ndarray


def tone_differences(lattice: Lattice, offsets: tuple[Offset, ...]) -> ToneDifferences | None:
    """Return the differences of all voxels from their neighbours at ``offsets`` and opposite; None without offsets."""
    if not offsets:
        return None
    place = lattice.positions
    sums = _box_sums(lattice.flat.astype(np.int32), lattice, offsets)[place] - lattice.levels
    numbers = _box_sums((lattice.flat > 0).astype(np.int8), lattice, offsets)[place] - 1
    differences = np.abs(lattice.levels - sums / np.maximum(numbers, 1))
    differences[numbers == 0] = 0.0
    counts = np.bincount(lattice.levels)
    totals = np.bincount(lattice.levels, weights=differences)
    levels = np.flatnonzero(counts)
    return ToneDifferences(counts[levels].astype(np.float64), totals[levels], levels.astype(np.float64))


def _box_sums(cells: np.ndarray, lattice: Lattice, offsets: tuple[Offset, ...]) -> np.ndarray:
    """Return, for each element of the lattice, the sum of ``cells`` (N,) over it and its neighbours.

    The neighbours fill a box of three voxels along each axis that any of ``offsets`` moves along, so that one sum along
    each of these axes gives it.
    """
    for axis, stride in enumerate(lattice.strides):
        if any(offset[axis] for offset in offsets):
            summed = cells.copy()
            summed[stride:] += cells[:-stride]
            summed[:-stride] += cells[stride:]
            cells = summed
    return cells
