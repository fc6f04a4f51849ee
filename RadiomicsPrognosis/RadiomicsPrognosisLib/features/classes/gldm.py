"""Features of the grey level dependence matrix, pyradiomics' class ``gldm``.

Reference: Sun and Wee, Comput Vis Graph Image Process 1983; IBSI reference manual, section 3.11.
"""

from __future__ import annotations

from ...catalogue import Direction
from ..matrices.dependence import dependences
from ..matrices.sizes import SizeMatrix, values_of
from ..region import Region

_DEFINITIONS = {
    "DependenceEntropy": SizeMatrix.entropy,
    "DependenceNonUniformity": SizeMatrix.size_non_uniformity,
    "DependenceNonUniformityNormalized": SizeMatrix.size_non_uniformity_normalised,
    "DependenceVariance": SizeMatrix.size_variance,
    "GrayLevelNonUniformity": SizeMatrix.level_non_uniformity,
    "GrayLevelVariance": SizeMatrix.level_variance,
    "HighGrayLevelEmphasis": SizeMatrix.high,
    "LargeDependenceEmphasis": SizeMatrix.large,
    "LargeDependenceHighGrayLevelEmphasis": SizeMatrix.large_high,
    "LargeDependenceLowGrayLevelEmphasis": SizeMatrix.large_low,
    "LowGrayLevelEmphasis": SizeMatrix.low,
    "SmallDependenceEmphasis": SizeMatrix.small,
    "SmallDependenceHighGrayLevelEmphasis": SizeMatrix.small_high,
    "SmallDependenceLowGrayLevelEmphasis": SizeMatrix.small_low,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``."""
    return values_of(dependences(region.lattice, region.offsets()), _DEFINITIONS, features)
