"""Features of the grey level size zone matrix, pyradiomics' class ``glszm``.

Reference: Thibault et al., IEEE Trans Biomed Eng 2014; IBSI reference manual, section 3.8.
"""

from __future__ import annotations

from ...catalogue import Direction
from ..matrices.sizes import SizeMatrix, values_of
from ..matrices.zones import zones
from ..region import Region

_DEFINITIONS = {
    "GrayLevelNonUniformity": SizeMatrix.level_non_uniformity,
    "GrayLevelNonUniformityNormalized": SizeMatrix.level_non_uniformity_normalised,
    "GrayLevelVariance": SizeMatrix.level_variance,
    "HighGrayLevelZoneEmphasis": SizeMatrix.high,
    "LargeAreaEmphasis": SizeMatrix.large,
    "LargeAreaHighGrayLevelEmphasis": SizeMatrix.large_high,
    "LargeAreaLowGrayLevelEmphasis": SizeMatrix.large_low,
    "LowGrayLevelZoneEmphasis": SizeMatrix.low,
    "SizeZoneNonUniformity": SizeMatrix.size_non_uniformity,
    "SizeZoneNonUniformityNormalized": SizeMatrix.size_non_uniformity_normalised,
    "SmallAreaEmphasis": SizeMatrix.small,
    "SmallAreaHighGrayLevelEmphasis": SizeMatrix.small_high,
    "SmallAreaLowGrayLevelEmphasis": SizeMatrix.small_low,
    "ZoneEntropy": SizeMatrix.entropy,
    "ZonePercentage": SizeMatrix.percentage,
    "ZoneVariance": SizeMatrix.size_variance,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``."""
    return values_of(zones(region.lattice, region.offsets()), _DEFINITIONS, features)
