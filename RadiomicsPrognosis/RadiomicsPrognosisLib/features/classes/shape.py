"""The class ``shape``: pyradiomics' size and form of a contour, from its voxels, their mesh and their axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np

from ...catalogue import Direction
from ..geometry.axes import axis_length, axis_ratio, axis_variances
from ..geometry.diameters import Diameters, diameters
from ..geometry.mesh import Mesh, mesh
from ..region import Region


class Solid:
    """What is measured of a region's mask, each on demand: its mesh, diameters, axes and voxels."""

    def __init__(self, region: Region) -> None:
        self._mask, self._spacing = region.mask, region.spacing

    @cached_property
    def mesh(self) -> Mesh:
        """Volume (mm3) and area (mm2) of the mesh."""
        return mesh(self._mask, self._spacing)

    @cached_property
    def diameters(self) -> Diameters:
        """The largest distances (mm) between vertices of the mesh."""
        return diameters(self._mask, self._spacing)

    @cached_property
    def variances(self) -> np.ndarray:
        """The variances (3,) of the voxel centres along the axes (mm2), ascending."""
        return axis_variances(self._mask, self._spacing)

    @property
    def voxel_volume(self) -> float:
        """The volume of the mask's voxels (mm3)."""
        return int(np.count_nonzero(self._mask)) * math.prod(self._spacing)

    @property
    def sphericity(self) -> float:
        """The area of a sphere of the mesh's volume over the mesh's area."""
        return math.cbrt(36 * math.pi * self.mesh.volume**2) / self.mesh.area

    @property
    def surface_volume_ratio(self) -> float:
        """Area over volume of the mesh (1/mm), NaN for a mesh that encloses nothing."""
        return self.mesh.area / self.mesh.volume if self.mesh.volume else math.nan


_FEATURES: dict[str, Callable[[Solid], float]] = {
    "Elongation": lambda solid: axis_ratio(solid.variances[1], solid.variances[2]),
    "Flatness": lambda solid: axis_ratio(solid.variances[0], solid.variances[2]),
    "LeastAxisLength": lambda solid: axis_length(solid.variances[0]),
    "MajorAxisLength": lambda solid: axis_length(solid.variances[2]),
    "Maximum2DDiameterColumn": lambda solid: solid.diameters.column,
    "Maximum2DDiameterRow": lambda solid: solid.diameters.row,
    "Maximum2DDiameterSlice": lambda solid: solid.diameters.slice,
    "Maximum3DDiameter": lambda solid: solid.diameters.space,
    "MeshVolume": lambda solid: solid.mesh.volume,
    "MinorAxisLength": lambda solid: axis_length(solid.variances[1]),
    "Sphericity": lambda solid: solid.sphericity,
    "SurfaceArea": lambda solid: solid.mesh.area,
    "SurfaceVolumeRatio": lambda solid: solid.surface_volume_ratio,
    "VoxelVolume": lambda solid: solid.voxel_volume,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features`` of the region's mask, NaN where pyradiomics gives none.

    References: the definitions of Zwanenburg et al., Radiology 2020;295:328 (morphological features), as pyradiomics 3
    computes them (van Griethuysen et al., Cancer Research 2017;77:e104).
    """
    solid = Solid(region)
    return {name: float(_FEATURES[name](solid)) for name in features}
