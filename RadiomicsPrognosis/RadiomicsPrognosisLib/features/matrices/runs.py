"""Runs: voxels of one grey level in a row (Galloway, Comput Graph Image Process 1975).

As in pyradiomics, a direction counts only if a line along it holds two or more voxels of the VOI.
"""

from __future__ import annotations

import numpy as np

from .directions import Offset
from .lattice import Lattice
from .sizes import SizeMatrix


def run_lengths(lattice: Lattice, offsets: tuple[Offset, ...]) -> SizeMatrix | None:
    """Return the grey levels and lengths of the runs along ``offsets``, one direction each; None without offsets.

    Directions in which no line holds two voxels are left out; of several none may remain, an only one stays, without
    any count.
    """
    along = [offset for offset in offsets if _has_line(lattice, offset)]
    if not along:
        return SizeMatrix(np.zeros((1 if len(offsets) == 1 else 0, 1, 0)), np.ones(1), np.zeros(0)) if offsets else None
    tables = [_runs(lattice, abs(lattice.step(offset))) for offset in along]
    longest = max(table.shape[1] for table in tables)
    counts = np.zeros((len(tables), lattice.highest, longest))
    for direction, table in enumerate(tables):
        counts[direction, :, :table.shape[1]] = table
    return SizeMatrix(counts, np.arange(1.0, lattice.highest + 1), np.arange(1.0, longest + 1))


def _runs(lattice: Lattice, step: int) -> np.ndarray:
    """Return how many runs of voxels ``step`` elements apart there are, by level and length, both from 1.

    Elements ``step`` apart are neighbours in the columns of a table ``step`` wide. Lines follow one another in a column
    with a zero between them, because a step out of the box leads to a zero, and the table ends with zeros.
    """
    lattice.pulse()
    flat = lattice.flat
    rows = int(lattice.positions[-1]) // step + 2
    cells = flat[:rows * step] if rows * step <= len(flat) else np.pad(flat, (0, rows * step - len(flat)))
    chain = np.ascontiguousarray(cells.reshape(rows, step).T).ravel()
    last = np.flatnonzero(chain[1:] != chain[:-1])
    levels = chain.take(last)
    lengths = np.empty_like(last)
    lengths[0] = last[0] + 1
    np.subtract(last[1:], last[:-1], out=lengths[1:])
    lengths *= levels > 0  # the zeros between
    width = int(lengths.max()) + 1
    codes = levels.astype(np.intp)
    codes *= width
    codes += lengths
    table = np.bincount(codes, minlength=(lattice.highest + 1) * width).reshape(-1, width)
    return np.asarray(table[1:, 1:])


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
