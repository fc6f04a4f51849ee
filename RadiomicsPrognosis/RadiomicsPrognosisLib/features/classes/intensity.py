"""The IBSI's statistics of intensities that pyradiomics' first order lacks.

Reference: Zwanenburg et al., IBSI reference manual, section 3.3.
"""

from __future__ import annotations

from ...catalogue import Direction
from ..distribution import Distribution
from ..region import Region

_DEFINITIONS = {
    "ExcessKurtosis": Distribution.excess_kurtosis,
    "MedianAbsoluteDeviation": Distribution.median_absolute_deviation,
    "CoefficientOfVariation": Distribution.coefficient_of_variation,
    "QuartileCoefficientOfDispersion": Distribution.quartile_coefficient_of_dispersion,
}


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``."""
    distribution = Distribution(region.inside)
    return {name: _DEFINITIONS[name](distribution) for name in features}
