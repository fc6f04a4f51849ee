"""Features of the grey level run length matrix, pyradiomics' class ``glrlm``: a mean over directions.

Reference: Galloway, Comput Graph Image Process 1975; IBSI reference manual, section 3.7.
"""

from __future__ import annotations

from ...catalogue import Direction
from ..matrices.runs import run_lengths
from ..matrices.sizes import SizeMatrix, values_of
from ..region import Region

_DEFINITIONS = {
    "GrayLevelNonUniformity": SizeMatrix.level_non_uniformity,
    "GrayLevelNonUniformityNormalized": SizeMatrix.level_non_uniformity_normalised,
    "GrayLevelVariance": SizeMatrix.level_variance,
    "HighGrayLevelRunEmphasis": SizeMatrix.high,
    "LongRunEmphasis": SizeMatrix.large,
    "LongRunHighGrayLevelEmphasis": SizeMatrix.large_high,
    "LongRunLowGrayLevelEmphasis": SizeMatrix.large_low,
    "LowGrayLevelRunEmphasis": SizeMatrix.low,
    "RunEntropy": SizeMatrix.entropy,
    "RunLengthNonUniformity": SizeMatrix.size_non_uniformity,
    "RunLengthNonUniformityNormalized": SizeMatrix.size_non_uniformity_normalised,
    "RunPercentage": SizeMatrix.percentage,
    "RunVariance": SizeMatrix.size_variance,
    "ShortRunEmphasis": SizeMatrix.small,
    "ShortRunHighGrayLevelEmphasis": SizeMatrix.small_high,
    "ShortRunLowGrayLevelEmphasis": SizeMatrix.small_low,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name, of the runs along all directions or along ``direction`` alone."""
    runs = run_lengths(region.lattice_along(direction), region.offsets(direction))
    if runs is not None and region.protocol.aggregation.directions == "merged":
        runs = runs.merged()
    return values_of(runs, _DEFINITIONS, features)
