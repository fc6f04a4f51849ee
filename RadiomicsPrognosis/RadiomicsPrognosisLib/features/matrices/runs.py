"""Runs: voxels of one grey level in a row (Galloway, Comput Graph Image Process 1975).

As in pyradiomics, a direction counts only if a line along it holds two or more voxels of the VOI.
"""

from __future__ import annotations

import numpy as np

from .directions import Offset
from .lattice import Lattice
from .sizes import SizeMatrix, size_matrix


def run_lengths(lattice: Lattice, offsets: tuple[Offset, ...]) -> SizeMatrix | None:
    """Return the grey levels and lengths of the runs along ``offsets``, one direction each; None without offsets.

    Directions in which no line holds two voxels are left out; if that are all, one without any count remains.
    """
    along = [offset for offset in offsets if _has_line(lattice, offset)]
    if not along:
        return SizeMatrix(np.zeros((1, 1, 1)), np.ones(1), np.ones(1)) if offsets else None
    runs = [_runs(lattice, abs(lattice.step(offset))) for offset in along]
    direction = np.repeat(np.arange(len(runs)), [len(levels) for levels, _ in runs])
    return size_matrix(np.concatenate([levels for levels, _ in runs]), np.concatenate([sizes for _, sizes in runs]),
                       direction, len(runs))


def _runs(lattice: Lattice, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels (r,) and lengths (r,) of the runs of voxels ``step`` elements apart.

    Elements ``step`` apart are neighbours in the columns of a table ``step`` wide. Lines follow one another in a column
    with a zero between them, because a step out of the box leads to a zero, and the table ends with zeros.
    """
    flat = lattice.flat
    rows = int(lattice.positions[-1]) // step + 2
    cells = flat[:rows * step] if rows * step <= len(flat) else np.pad(flat, (0, rows * step - len(flat)))
    chain = np.ascontiguousarray(cells.reshape(rows, step).T).ravel()
    last = np.flatnonzero(chain[1:] != chain[:-1])
    levels = chain[last]
    lengths = np.diff(last, prepend=-1)
    inside = levels > 0
    return levels[inside].astype(np.intp), lengths[inside]


def _has_line(lattice: Lattice, offset: Offset) -> bool:
    """Tell whether a line along ``offset`` holds two voxels of the VOI, adjacent or not."""
    step = abs(lattice.step(offset))
    if (lattice.flat[step:].astype(bool) & lattice.flat[:-step].astype(bool)).any():
        return True
    axis = next(axis for axis, move in enumerate(offset) if move)
    places = lattice.coordinates()
    steps = places[:, axis] // offset[axis]
    feet = places - steps[:, None] * np.array(offset)
    return len(np.unique(feet, axis=0)) < len(feet)
