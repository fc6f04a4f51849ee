"""The class ``shape2D``: pyradiomics' size and form of a contour in one slice."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np

from ...catalogue import Direction
from ..geometry.axes import axis_length, axis_ratio, axis_variances
from ..geometry.diameters import planar_diameter
from ..geometry.outline import Polygon, outline
from ..region import Region


class Area:
    """What is measured of a mask (j, i) at ``spacing`` (x, y) in mm, each on demand."""

    def __init__(self, mask: np.ndarray, spacing: tuple[float, float]) -> None:
        self._mask, self._spacing = mask, spacing

    @cached_property
    def outline(self) -> Polygon:
        """Area (mm2) and perimeter (mm) of the outline."""
        return outline(self._mask, self._spacing)

    @cached_property
    def variances(self) -> np.ndarray:
        """The variances (2,) of the pixel centres along the axes (mm2), ascending."""
        return axis_variances(self._mask, self._spacing)

    @property
    def diameter(self) -> float:
        """The largest distance (mm) between vertices of the outline."""
        return planar_diameter(self._mask, self._spacing)

    @property
    def pixel_surface(self) -> float:
        """The area of the mask's pixels (mm2)."""
        return int(np.count_nonzero(self._mask)) * math.prod(self._spacing)

    @property
    def sphericity(self) -> float:
        """The circumference of a circle of the outline's area over the outline's perimeter."""
        return 2 * math.sqrt(math.pi * self.outline.area) / self.outline.perimeter


_FEATURES: dict[str, Callable[[Area], float]] = {
    "Elongation": lambda area: axis_ratio(area.variances[0], area.variances[1]),
    "MajorAxisLength": lambda area: axis_length(area.variances[1]),
    "MaximumDiameter": lambda area: area.diameter,
    "MeshSurface": lambda area: area.outline.area,
    "MinorAxisLength": lambda area: axis_length(area.variances[0]),
    "Perimeter": lambda area: area.outline.perimeter,
    "PerimeterSurfaceRatio": lambda area: area.outline.perimeter / area.outline.area,
    "PixelSurface": lambda area: area.pixel_surface,
    "Sphericity": lambda area: area.sphericity,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features`` of the region's mask, NaN for a mask of several slices, as it has no outline.

    Reference: pyradiomics 3's class ``shape2D`` (van Griethuysen et al., Cancer Research 2017;77:e104).
    """
    if len(region.mask) != 1:
        return dict.fromkeys(features, math.nan)
    area = Area(region.mask[0], region.spacing[:2])
    return {name: float(_FEATURES[name](area)) for name in features}
