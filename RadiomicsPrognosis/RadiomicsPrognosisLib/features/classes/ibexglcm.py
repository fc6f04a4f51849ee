"""IBEX's co-occurrence features along a direction, from the class ``glcm``, whose formulas they share but one.

Definitions: IBEX (Zhang et al., Med Phys 2015;42:1341), category GrayLevelCooccurenceMatrix25; pairs count both ways.
"""

from __future__ import annotations

from ...catalogue import Direction
from ..region import Region
from . import glcm
from .mean_over import mean_over

#: IBEX's names and the catalogue's of the same formula. IBEX's entropies leave empty cells out where pyradiomics adds
#: 2e-16 to every cell, which changes no value by more than rounding.
SAME_AS = {
    "AutoCorrelation": "Autocorrelation", "ClusterProminence": "ClusterProminence", "ClusterShade": "ClusterShade",
    "ClusterTendency": "ClusterTendency", "Contrast": "Contrast", "Correlation": "Correlation",
    "DifferenceEntropy": "DifferenceEntropy", "Dissimilarity": "DifferenceAverage", "Energy": "JointEnergy",
    "Entropy": "JointEntropy", "Homogeneity": "Id", "Homogeneity2": "Idm", "InformationMeasureCorr1": "Imc1",
    "InformationMeasureCorr2": "Imc2", "InverseDiffMomentNorm": "Idmn", "InverseDiffNorm": "Idn",
    "InverseVariance": "InverseVariance", "MaxProbability": "MaximumProbability", "SumAverage": "SumAverage",
    "SumEntropy": "SumEntropy", "Variance": "ClusterTendency",
}

#: What ``SumVariance`` is made of.
_SUM_VARIANCE = ("ClusterTendency", "SumAverage", "SumEntropy")

_DIRECTIONS = tuple(Direction(degrees) for degrees in (0, 45, 90, 135))


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features`` along ``direction``, without one their mean over four; NaN without a pair."""
    return mean_over(_DIRECTIONS if direction is None else (direction,),
                     lambda along: _along(region, features, along))


def _along(region: Region, features: tuple[str, ...], direction: Direction) -> dict[str, float]:
    needed = [SAME_AS[name] for name in features if name in SAME_AS]
    needed += _SUM_VARIANCE if "SumVariance" in features else ()
    values = glcm.compute(region, tuple(dict.fromkeys(needed)), direction)
    return {name: values[SAME_AS[name]] if name in SAME_AS else _sum_variance(values) for name in features}


def _sum_variance(values: dict[str, float]) -> float:
    """Return the mean of (s - SumEntropy)^2 with s = i + j: the variance of s, and its mean's distance squared."""
    return values["ClusterTendency"] + (values["SumAverage"] - values["SumEntropy"]) ** 2
