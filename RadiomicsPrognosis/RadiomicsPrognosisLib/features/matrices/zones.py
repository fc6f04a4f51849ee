"""Zones: connected voxels of one grey level (Thibault et al., IEEE Trans Biomed Eng 2014).

Voxels connect across faces, edges and corners. All levels are labelled at once, as the components of a graph whose
nodes are runs along i and whose edges are contacts between runs; a contact that follows from others is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from .directions import Offset
from .lattice import Lattice
from .sizes import SizeMatrix, size_matrix


def zones(lattice: Lattice, offsets: tuple[Offset, ...]) -> SizeMatrix | None:
    """Return the grey levels and sizes, in voxels, of the zones that ``offsets`` connect; None without offsets."""
    if not offsets:
        return None
    levels, zone = zones_of_voxels(lattice, offsets)
    return size_matrix(levels, np.bincount(zone, minlength=len(levels)))


def zones_of_voxels(lattice: Lattice, offsets: tuple[Offset, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the grey level (z,) of each zone that ``offsets``, at least one, connect and the zone (n,) of each voxel.

    Voxels are in the lattice's order.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    begins = lattice.flat > 0
    if (0, 0, 1) in offsets:
        begins[1:] &= lattice.flat[1:] != lattice.flat[:-1]
    starts = np.flatnonzero(begins)
    run = np.cumsum(begins, dtype=np.int32) - 1
    near, far = (run[np.concatenate(ends)] for ends in zip(*_contacts(lattice, offsets), strict=True))
    graph = coo_array((np.ones(len(near), np.int8), (near, far)), shape=(len(starts), len(starts)))
    count, zone = connected_components(graph, directed=False)
    levels = np.empty(count, np.intp)
    levels[zone] = lattice.flat[starts]
    return levels, zone[run[lattice.positions]]


def _contacts(lattice: Lattice, offsets: tuple[Offset, ...]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two ends (c,), as elements of the lattice, of contacts between runs of one level."""
    flat = lattice.flat
    edge, length = sum(lattice.strides), len(flat)
    cells = np.pad(flat, edge)

    def same(step: int) -> np.ndarray:
        alike: np.ndarray = cells[edge + step:edge + step + length] == flat
        return alike

    yield np.zeros(0, np.intp), np.zeros(0, np.intp)
    occupied = flat > 0
    for offset in offsets:
        if offset == (0, 0, 1):  # inside a run
            continue
        step = lattice.step(offset)
        touching = same(step) & occupied
        for between in _between(offset):  # both ends touch a voxel of their level between them
            touching &= ~same(lattice.step(between))
        if offset[2] == 0 and (0, 0, 1) in offsets:  # the voxels before both ends belong to the same two runs
            touching &= ~(same(-1) & same(step - 1))
        place = np.flatnonzero(touching)
        yield place, place + step


def _between(offset: Offset) -> list[Offset]:
    """Return the voxels that touch both the voxel itself and the one at ``offset``, as offsets."""
    k, j, i = offset
    inner = {(k * x, j * y, i * z) for x, y, z in product((0, 1), repeat=3)}
    return sorted(inner - {(0, 0, 0), offset})
