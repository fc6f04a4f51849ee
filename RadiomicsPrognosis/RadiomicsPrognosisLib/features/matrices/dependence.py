"""Dependence: how many neighbours a voxel has of its own grey level (Sun and Wee, CVGIP 1983)."""

from __future__ import annotations

import numpy as np

from .directions import Offset
from .lattice import Lattice
from .sizes import SizeMatrix, size_matrix


def dependences(lattice: Lattice, offsets: tuple[Offset, ...]) -> SizeMatrix | None:
    """Return the grey levels and sizes of the dependences of all voxels; None without ``offsets``.

    A size is 1 for the voxel itself and 1 for each neighbour, at an offset or its opposite, of the same level
    (pyradiomics' ``gldm_a`` of 0).
    """
    if not offsets:
        return None
    sizes = np.ones(len(lattice.flat), np.uint8)
    for offset in offsets:
        lattice.pulse()
        step = lattice.step(offset)
        same = lattice.flat[step:] == lattice.flat[:-step]
        sizes[step:] += same
        sizes[:-step] += same
    return size_matrix(lattice.levels, sizes[lattice.positions].astype(np.intp))
