"""Where the grid that features are computed on lies: turned and shifted, so that one interpolation does all of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from ...voi.grid import Grid, Index, ijk, xyz
from ...voi.voi import Voi


@dataclass(frozen=True)
class Placement:
    """A turn and a shift of the grid that features are computed on; all zero is the grid as the protocol has it.

    The grid is turned by ``degrees`` about the image's third axis through the centre of the VOI's box, after it was
    shifted along its axes x, y, z by ``shift``, in voxels of its own (sub-voxel shares, usually).
    """

    degrees: float = 0.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def is_identity(self) -> bool:
        """Whether the grid stays where it is, so that nothing is interpolated that would not be without a placement."""
        return self.degrees % 360 == 0 and not any(self.shift)


#: The points of the protocol's own grid, interpolated as those of other placements are: in a third of the time.
ON_OWN_POINTS = Placement(shift=(1.0, 1.0, 1.0))


def placed_grid(voi: Voi, spacing: np.ndarray, pad: np.ndarray, placement: Placement) -> Grid:
    """Return the grid of ``spacing`` (x, y, z in mm) around the VOI's kept voxels and ``pad`` (3,) voxels of its own.

    Without a turn and with whole voxels as shift its points are those of the protocol's grid, which is aligned to the
    corner of the whole image (as pyradiomics' ``imageoperations.resampleImage`` has it).
    """
    own = voi.grid
    ratio = spacing / np.array(own.spacing)
    centre = _centre(voi)
    turn = _rotation(placement.degrees)
    corners = _corners(voi) * np.array(own.spacing)
    # Native index x = centre + turn (lattice point - centre) in mm, turned back here to see which points lie inside.
    lattice = ((corners - centre) @ turn + centre) / np.array(own.spacing)
    indices = (lattice + 0.5) / ratio - 0.5 - np.array(placement.shift)
    low = np.ceil(indices.min(axis=0) - 1e-9) - pad
    high = np.floor(indices.max(axis=0) + 1e-9) + pad
    first = ((low + np.array(placement.shift) + 0.5) * ratio - 0.5) * np.array(own.spacing)
    origin = own.position((((first - centre) @ turn.T + centre) / np.array(own.spacing))[np.newaxis])[0]
    direction = np.array(own.direction).reshape(3, 3) @ turn
    return Grid(ijk((high - low + 1).astype(int)), xyz(spacing), xyz(origin),
                tuple(float(value) for value in direction.ravel()))


def reached(grid: Grid, placed: Grid, support: int) -> tuple[Index, Index]:
    """Return (first, last) voxel (i, j, k) of ``grid`` that interpolation onto ``placed`` reads.

    ``support`` is the number of voxels of ``grid`` around a point that its value depends on; the voxels may lie outside
    ``grid``.
    """
    ends = np.array(list(product(*((0, n - 1) for n in placed.size))))
    indices = grid.index(placed.position(ends))
    low, high = np.floor(indices.min(axis=0)) - support, np.ceil(indices.max(axis=0)) + support
    return ijk(low.astype(int)), ijk(high.astype(int))


def _centre(voi: Voi) -> np.ndarray:
    """Return the centre (3,) of the kept voxels' box, in mm along the image's axes from its first voxel."""
    start, size = (np.array(corner, float) for corner in voi.kept_box())
    centre: np.ndarray = (start + (size - 1) / 2) * np.array(voi.grid.spacing)
    return centre


def _rotation(degrees: float) -> np.ndarray:
    """Return the matrix (3, 3) that turns about the third axis."""
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _corners(voi: Voi) -> np.ndarray:
    """Return native indices (n, 3) of corners of kept voxels beyond which no kept voxel lies, however it is turned."""
    slices, plane = np.flatnonzero(voi.kept.any(axis=(1, 2))), np.asarray(voi.kept.any(axis=0))
    rows = np.flatnonzero(plane.any(axis=1))
    ends = np.concatenate([plane.argmax(axis=1)[rows], plane.shape[1] - 1 - plane[:, ::-1].argmax(axis=1)[rows]])
    in_plane = np.column_stack([ends, np.tile(rows, 2)]) + np.array(voi.start[:2])
    points = np.concatenate([in_plane + np.array(corner) for corner in product((-0.5, 0.5), repeat=2)])
    heights = voi.start[2] + slices[0] - 0.5, voi.start[2] + slices[-1] + 0.5
    return np.concatenate([np.column_stack([points, np.full(len(points), height)]) for height in heights])
