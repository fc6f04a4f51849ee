"""Volume and surface area of the mesh around a mask, counted by configurations of marching cubes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .cubes import cube_surfaces


class Mesh(NamedTuple):
    """A mesh around a mask: the ``volume`` it encloses (mm3) and its ``area`` (mm2)."""

    volume: float
    area: float


def mesh(mask: np.ndarray, spacing: tuple[float, float, float]) -> Mesh:
    """Return volume and area of pyradiomics' mesh around ``mask`` (k, j, i), boolean, at ``spacing`` (x, y, z) in mm.

    The volume is the sum of the signed tetrahedra between triangles and the corner of the array padded by a voxel (the
    IBSI's RNU0, Zwanenburg et al., Radiology 2020;295:328). Two neighbouring cubes whose shared face has set corners on
    one diagonal only may cut it along different diagonals; as the mesh is open there, the corner is part of the
    definition. The volume is exact but for a last multiplication.
    """
    surfaces = cube_surfaces()
    configurations = _configurations(mask)
    cubes = np.flatnonzero((configurations != 0) & (configurations != 255))
    each = configurations.ravel()[cubes]
    corners = np.stack(np.unravel_index(cubes, configurations.shape), axis=-1)
    # A tetrahedron from the array's corner is that from the cube's and a prism over the way between the two.
    eighths = surfaces.corner[each].sum() + 2 * (surfaces.normal[each] * corners).sum()
    size = np.array(spacing[::-1])
    faces = np.array([size[1] * size[2], size[0] * size[2], size[0] * size[1]])
    areas = np.linalg.norm(surfaces.normals * faces, axis=1) / 8
    counts = np.bincount(each, minlength=256)
    return Mesh(float(eighths) / 48 * math.prod(spacing), float(areas @ counts[surfaces.configuration]))


def _configurations(mask: np.ndarray) -> np.ndarray:
    """Return the configuration (0 - 255) of every cube of ``mask`` padded by a voxel: bit 4 k + 2 j + i per corner."""
    corners = np.pad(mask, 1).astype(np.uint8)
    edges = corners[:, :, :-1] | corners[:, :, 1:] << 1
    faces = edges[:, :-1] | edges[:, 1:] << 2
    configurations: np.ndarray = faces[:-1] | faces[1:] << 4
    return configurations
