"""Co-occurrence: how often two grey levels are neighbours (Haralick et al., IEEE Trans Syst Man Cybern 1973).

Counts are symmetrical: each pair of voxels is seen from either of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...progress import Pulse, no_pulse
from .directions import Offset
from .lattice import Lattice

#: A table of all pairs of levels is counted into where it has at most this many cells for each voxel.
_CELLS_PER_VOXEL = 16


@dataclass(frozen=True, kw_only=True)
class Cooccurrence:
    """The pairs of grey levels that occur, and what features need of them, in ``directions`` directions.

    ``direction``, ``first`` and ``second`` (c,) say for each of the ``counts`` (c,) which levels, from 1 to
    ``highest``, are neighbours along which direction; they are sorted in this order. ``occurring`` (m,) are the levels
    in the VOI, with or without a neighbour. In the tables a row is a direction and shares add up to 1 in it; they are
    NaN in a direction without a pair, which exists only where there is no other. ``pulse`` is called in between by what
    computes for long.
    """

    counts: np.ndarray
    direction: np.ndarray
    first: np.ndarray
    second: np.ndarray
    directions: int
    highest: int
    occurring: np.ndarray
    pulse: Pulse = no_pulse

    @cached_property
    def total(self) -> np.ndarray:
        """The number of pairs (d,), NaN where there is none."""
        total = np.bincount(self.direction, weights=self.counts, minlength=self.directions)
        return np.where(total == 0, np.nan, total)

    @cached_property
    def shares(self) -> np.ndarray:
        """The share (c,) of each pair of levels among those along its direction."""
        shares: np.ndarray = self.counts / self.total[self.direction]
        return shares

    @cached_property
    def by_level(self) -> np.ndarray:
        """The share (d, highest) of each level, from 1, among the neighbours."""
        return self._table(self.first - 1, self.highest)

    @cached_property
    def by_difference(self) -> np.ndarray:
        """The share (d, highest) of each absolute difference of levels, from 0."""
        return self._table(np.abs(self.first - self.second), self.highest)

    @cached_property
    def by_sum(self) -> np.ndarray:
        """The share (d, 2 highest - 1) of each sum of levels, from 2."""
        return self._table(self.first + self.second - 2, 2 * self.highest - 1)

    def merged(self) -> Cooccurrence:
        """Return the pairs of all directions together."""
        codes, place = np.unique(self.first * (self.highest + 1) + self.second, return_inverse=True)
        first, second = np.divmod(codes, self.highest + 1)
        return Cooccurrence(counts=np.bincount(place, weights=self.counts, minlength=len(codes)),
                            direction=np.zeros(len(codes), np.intp), first=first, second=second, directions=1,
                            highest=self.highest, occurring=self.occurring, pulse=self.pulse)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Return the sums (d,) of ``values`` (c,) along each direction, NaN where there is no pair."""
        sums = np.bincount(self.direction, weights=values, minlength=self.directions)
        return np.where(np.isnan(self.total), np.nan, sums)

    def dense(self) -> np.ndarray:
        """Return the shares as pyradiomics arranges them: (1, m, m, d), levels that occur in the VOI only."""
        size = len(self.occurring)
        matrix = np.zeros((1, size, size, self.directions))
        place = np.zeros(self.highest + 1, np.intp)
        place[self.occurring] = np.arange(size)
        matrix[0, place[self.first], place[self.second], self.direction] = self.counts
        return np.asarray(matrix / self.total)

    def _table(self, column: np.ndarray, width: int) -> np.ndarray:
        cells = np.bincount(self.direction * width + column, weights=self.counts, minlength=self.directions * width)
        return np.asarray(cells.reshape(self.directions, width) / self.total[:, None])


def cooccurrence(lattice: Lattice, offsets: tuple[Offset, ...]) -> Cooccurrence | None:
    """Count neighbours at ``offsets``, one direction each; None without offsets.

    As in pyradiomics, directions without any pair are left out; of several, none may remain.
    """
    if not offsets:
        return None
    highest = lattice.highest
    rows = lattice.levels * (highest + 1)
    pairs = [_pairs(lattice, rows, abs(lattice.step(offset)), highest + 1) for offset in offsets]
    if len(pairs) > 1:
        pairs = [(codes, counts) for codes, counts in pairs if len(codes)]
    empty = np.zeros(0, np.intp)
    codes = np.concatenate([empty, *(codes for codes, _ in pairs)])
    first, second = np.divmod(codes, highest + 1)
    return Cooccurrence(
        counts=np.concatenate([empty, *(counts for _, counts in pairs)]).astype(np.float64),
        direction=np.repeat(np.arange(len(pairs)), [len(codes) for codes, _ in pairs]),
        first=first, second=second, directions=len(pairs), highest=highest,
        occurring=np.flatnonzero(np.bincount(lattice.levels)), pulse=lattice.pulse)


def _pairs(lattice: Lattice, rows: np.ndarray, step: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of levels of voxels ``step`` elements apart, as first * ``width`` + second, and their counts.

    ``rows`` (n,) is first * ``width`` of the VOI's voxels.
    """
    lattice.pulse()
    neighbours = lattice.wide[step:].take(lattice.positions)
    codes = rows + neighbours
    if width * width <= _CELLS_PER_VOXEL * len(codes):
        table = np.bincount(codes, minlength=width * width).reshape(width, width)
        table[:, 0] = 0  # outside the VOI
        cells = (table + table.T).ravel()
        occurring = np.flatnonzero(cells)
        return occurring, cells[occurring]
    inside = neighbours > 0
    mirrored = neighbours[inside] * width + lattice.levels[inside]
    return np.unique(np.concatenate((codes[inside], mirrored)), return_counts=True)
