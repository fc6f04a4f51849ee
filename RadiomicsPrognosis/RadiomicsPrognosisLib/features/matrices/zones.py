"""Zones: connected voxels of one grey level (Thibault et al., IEEE Trans Biomed Eng 2014).

Voxels connect across faces, edges and corners. All levels are labelled at once, as the components of a graph whose
nodes are runs along i and whose edges are contacts between runs; contacts that follow from others are left out.
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
    starts, node = _nodes(lattice, offsets)
    sizes = np.bincount(node, minlength=len(starts))
    root = np.flatnonzero(sizes)
    return size_matrix(lattice.flat[starts[root]].astype(np.intp), sizes[root])


def zones_of_voxels(lattice: Lattice, offsets: tuple[Offset, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the grey level (z,) of each zone that ``offsets``, at least one, connect and the zone (n,) of each voxel.

    Zones count from 0; voxels are in the lattice's order.
    """
    starts, node = _nodes(lattice, offsets)
    root, zone = np.unique(node, return_inverse=True)
    return lattice.flat[starts[root]].astype(np.intp), zone


def _nodes(lattice: Lattice, offsets: tuple[Offset, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the elements (r,) of the lattice at which runs start and the first run (n,) of each voxel's zone."""
    begins = lattice.flat > 0
    if (0, 0, 1) in offsets:
        begins[1:] &= lattice.flat[1:] != lattice.flat[:-1]
    starts = np.flatnonzero(begins)
    run = np.cumsum(begins, dtype=np.int32) - 1
    near, far = (run[np.concatenate(ends)] for ends in zip(*_contacts(lattice, offsets), strict=True))
    return starts, _components(len(starts), near, far).take(run.take(lattice.positions))


def _components(number: int, near: np.ndarray, far: np.ndarray) -> np.ndarray:
    """Return for each of ``number`` nodes the lowest node of its component, ``near`` and ``far`` (c,) being edges.

    Roots that an edge joins hang on to the lower of the two, all at once, until no edge joins two roots; each time no
    two joined roots remain, so that their number falls by half or more (Shiloach and Vishkin, J Algorithms 1982).
    """
    root = np.arange(number, dtype=np.int32)
    while True:
        near, far = root.take(near), root.take(far)
        open_edges = np.flatnonzero(near != far)
        if not len(open_edges):
            return root
        near, far = near.take(open_edges), far.take(open_edges)
        root[np.maximum(near, far)] = np.minimum(near, far)
        while not np.array_equal(root, above := root.take(root)):
            root = above


def _contacts(lattice: Lattice, offsets: tuple[Offset, ...]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two ends (c,), as elements of the lattice, of contacts between runs of one level."""
    flat = lattice.flat
    edge, length = sum(lattice.strides), len(flat)
    cells = np.pad(flat, edge)

    def other(step: int) -> np.ndarray:
        differing: np.ndarray = cells[edge + step:edge + step + length] != flat
        return differing

    yield np.zeros(0, np.intp), np.zeros(0, np.intp)
    occupied = flat > 0
    for offset in offsets:
        if offset == (0, 0, 1):  # inside a run
            continue
        lattice.pulse()
        step = lattice.step(offset)
        touching = occupied & (cells[edge + step:edge + step + length] == flat)
        for between in _between(offset):  # both ends touch a voxel of their level between them
            touching &= other(lattice.step(between))
        if offset[2] == 0 and (0, 0, 1) in offsets:  # the voxels before both ends belong to the same two runs
            touching &= other(-1) | other(step - 1)
        place = np.flatnonzero(touching)
        yield place, place + step


def _between(offset: Offset) -> list[Offset]:
    """Return the voxels that touch both the voxel itself and the one at ``offset``, as offsets."""
    k, j, i = offset
    inner = {(k * x, j * y, i * z) for x, y, z in product((0, 1), repeat=3)}
    return sorted(inner - {(0, 0, 0), offset})
