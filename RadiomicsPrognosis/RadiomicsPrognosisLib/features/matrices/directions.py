"""The directions along which voxels are neighbours, as offsets between them.

Reference: pyradiomics' ``cMatrices.generate_angles`` (van Griethuysen et al., Cancer Research 2017); Zwanenburg et
al., IBSI reference manual, section 3.6.
"""

from __future__ import annotations

from itertools import product

from ...catalogue import Direction

#: A step from a voxel to a neighbour, in voxels along k, j, i.
Offset = tuple[int, int, int]

#: Half of the 26 neighbours of a voxel, in pyradiomics' order; the other half are their opposites.
_HALF: tuple[Offset, ...] = tuple(
    step for step in product((1, 0, -1), (1, 0, -1), (1, 0, -1)) if step > (0, 0, 0))

#: One step anticlockwise from the rows, as an axial slice is seen: rows run to the right, columns downwards.
_IN_PLANE: dict[int, Offset] = {0: (0, 0, 1), 45: (0, -1, 1), 90: (0, -1, 0), 135: (0, -1, -1)}


def offsets(size: tuple[int, ...], in_plane: bool = False, direction: Direction | None = None) -> tuple[Offset, ...]:
    """Return the offsets (k, j, i) of neighbours inside a box of ``size`` (k, j, i) voxels, one of each opposite pair.

    These are up to 13 in space and up to 4 ``in_plane`` (pyradiomics' ``force2D`` across k), in pyradiomics' order;
    none leaves a plane in which the box is one voxel thick, so that a box of one voxel has none. A ``direction`` has
    one offset, whatever the size.
    """
    if direction is not None:
        k, j, i = _IN_PLANE[direction.degrees]
        return ((k, j * direction.offset, i * direction.offset),)
    open_axes = tuple(length > 1 and not (in_plane and axis == 0) for axis, length in enumerate(size))
    return tuple(step for step in _HALF if all(open_ or not move for open_, move in zip(open_axes, step, strict=True)))
