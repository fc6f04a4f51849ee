"""IBEX's shape features, in IBEX's units (cm, g): from counts of voxels, convex hulls and slices' ellipses.

Definitions: IBEX (Zhang et al., Med Phys 2015;42:1341), category Shape; ratios after Aerts et al., Nat Commun 2014;
ellipses as MATLAB's ``regionprops`` has them, in voxels.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from scipy.ndimage import binary_erosion, generate_binary_structure, label
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from ...catalogue import Direction
from ..geometry.minkowski import mean_breadth, perimeter, surface_area
from ..region import Region

#: IBEX's table of density (g/cm3) by CT number (HU + 1000).
_CT_NUMBERS = (0, 294, 898, 1000, 1056, 1198, 1644, 1872, 2470)
_DENSITIES = (0.0, 0.291, 0.927, 1.0, 1.047, 1.1, 1.337, 1.427, 1.75)

_MM_PER_CM = 10.0


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features`` of the contour that ``region.mask`` is."""
    shape = _Shape(region)
    return {name: float(getattr(shape, _NAMES[name])) for name in features}


class _Shape:
    """A contour's measures in cm, each computed when it is asked for."""

    def __init__(self, region: Region):
        self._region, self._mask = region, region.mask
        x, y, z = (side / _MM_PER_CM for side in region.spacing)
        self._spacing = (x, y, z)
        self._voxel = x * y * z
        self._slices = [plane for plane in region.mask if plane.any()]

    @cached_property
    def voxels(self) -> float:
        return sum(_half_counted(plane) for plane in self._slices)

    @cached_property
    def volume(self) -> float:
        return self.voxels * self._voxel

    @cached_property
    def surface(self) -> float:
        if len(self._mask) == 1:
            return perimeter(self._mask[0], self._spacing[:2])
        return surface_area(self._mask, self._spacing)

    @property
    def surface_density(self) -> float:
        return self.surface / self.volume

    @property
    def compactness_1(self) -> float:
        return self.volume / (math.sqrt(math.pi) * math.pow(self.surface, 2 / 3))

    @property
    def compactness_2(self) -> float:
        return 36 * math.pi * self.volume**2 / self.surface**3

    @property
    def sphericity(self) -> float:
        return math.pow(math.pi, 1 / 3) * math.pow(6 * self.volume, 2 / 3) / self.surface

    @property
    def disproportion(self) -> float:
        return 1 / self.sphericity

    @property
    def mean_breadth(self) -> float:
        return mean_breadth(self._mask, self._spacing)

    @property
    def pieces(self) -> int:
        return int(label(self._mask, generate_binary_structure(3, 3))[1])

    @property
    def mass(self) -> float:
        densities = np.interp(self._region.inside + 1000, _CT_NUMBERS, _DENSITIES)
        return float(densities.sum()) * self._voxel

    @cached_property
    def _hulls(self) -> list[np.ndarray]:
        return [_convex(plane) for plane in self._slices]

    @property
    def convexity(self) -> float:
        return float(np.mean([plane.sum() / hull.sum() for plane, hull in zip(self._slices, self._hulls, strict=True)]))

    @property
    def hull_volume(self) -> float:
        return sum(_half_counted(hull) for hull in self._hulls) * self._voxel

    @cached_property
    def _corners(self) -> tuple[np.ndarray, float]:
        """The voxels (n, 3) among which the most distant are, and the volume of their hull in voxels."""
        ends = _row_ends(self._mask)
        try:
            hull = ConvexHull(ends)
        except (QhullError, ValueError):  # all in one plane, or too few: MATLAB's convhull fails, and IBEX has 0
            return ends, 0.0
        return ends[hull.vertices], float(hull.volume)

    @property
    def hull_volume_3d(self) -> float:
        return self._corners[1] * self._voxel

    @property
    def diameter(self) -> float:
        return float(pdist(self._corners[0] * np.array(self._spacing[::-1])).max(initial=0.0))

    @cached_property
    def _ellipses(self) -> list[tuple[float, float]]:
        return [_ellipse(plane) for plane in self._slices]

    @property
    def orientation(self) -> float:
        return float(np.mean([degrees for degrees, _ in self._ellipses]))

    @property
    def roundness(self) -> float:
        return float(np.mean([1 - eccentricity for _, eccentricity in self._ellipses]))


#: IBEX's names of the measures.
_NAMES = {
    "Compactness1": "compactness_1", "Compactness2": "compactness_2", "Convex": "convexity",
    "ConvexHullVolume": "hull_volume", "ConvexHullVolume3D": "hull_volume_3d", "Mass": "mass",
    "Max3DDiameter": "diameter", "MeanBreadth": "mean_breadth", "NumberOfObjects": "pieces", "NumberOfVoxel": "voxels",
    "Orientation": "orientation", "Roundness": "roundness", "SphericalDisproportion": "disproportion",
    "Sphericity": "sphericity", "SurfaceArea": "surface", "SurfaceAreaDensity": "surface_density", "Volume": "volume",
}


def _half_counted(plane: np.ndarray) -> float:
    """Return the number of pixels of ``plane`` (j, i), those with a side on the outside counted half."""
    return 0.5 * (int(plane.sum()) + int(binary_erosion(plane).sum()))


def _row_ends(mask: np.ndarray) -> np.ndarray:
    """Return the first and last voxel (k, j, i) of each row of ``mask`` that has one: no others span its hull."""
    k, j = np.nonzero(mask.any(axis=2))
    rows = mask[k, j]
    first, last = rows.argmax(axis=1), rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)
    return np.concatenate([np.column_stack([k, j, first]), np.column_stack([k, j, last])])


def _convex(plane: np.ndarray) -> np.ndarray:
    """Return the pixels (j, i) whose centres lie in the convex hull of the middles of the sides of those of ``plane``.

    That is ``ConvexImage`` of MATLAB's ``regionprops``.
    """
    ends = _row_ends(plane[np.newaxis])[:, 1:]
    sides = np.array([(-0.5, 0.0), (0.5, 0.0), (0.0, -0.5), (0.0, 0.5)])
    hull = ConvexHull((ends[:, np.newaxis] + sides).reshape(-1, 2))
    pixels = np.indices(plane.shape).reshape(2, -1)
    within = (hull.equations[:, :2] @ pixels + hull.equations[:, 2:] <= 1e-9).all(axis=0)
    filled: np.ndarray = within.reshape(plane.shape)
    return filled


def _ellipse(plane: np.ndarray) -> tuple[float, float]:
    """Return orientation (degrees, -90 to 90, anticlockwise from the rows) and eccentricity of a slice's ellipse.

    It has the second moments of the pixels, each a square of variance 1/12 along both sides. Sums are whole numbers, so
    that a symmetrical slice is one to the last bit.
    """
    rows, columns = (axis.astype(np.int64) for axis in np.nonzero(plane))
    n = len(rows)

    def moment(first: np.ndarray, second: np.ndarray) -> int:
        return int(n * (first * second).sum() - first.sum() * second.sum())

    xx, yy, xy = moment(columns, columns), moment(rows, rows), -moment(rows, columns)
    common = math.hypot(xx - yy, 2 * xy)
    if common == 0:
        return 0.0, 0.0
    numerator, denominator = (yy - xx + common, 2 * xy) if yy > xx else (2 * xy, xx - yy + common)
    total = xx + yy + n * n / 6
    eccentricity = math.sqrt(2 * common / (total + common))
    degrees = math.copysign(90.0, numerator) if denominator == 0 else math.degrees(math.atan(numerator / denominator))
    return degrees, eccentricity
