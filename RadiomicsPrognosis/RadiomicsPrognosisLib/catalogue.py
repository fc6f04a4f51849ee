"""The features that exist: pyradiomics' names by class, image-type names, and the unit of each value.

References: van Griethuysen et al., Cancer Research 2017 (pyradiomics); Zwanenburg et al., Radiology 2020 (IBSI).
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from .errors import SchemaError

#: pyradiomics 3's default (not deprecated) features: 18 + 14 + 24 + 14 + 16 + 16 + 5 = 107 on the original image.
FEATURES: dict[str, tuple[str, ...]] = {
    "shape": (
        "Elongation", "Flatness", "LeastAxisLength", "MajorAxisLength", "Maximum2DDiameterColumn",
        "Maximum2DDiameterRow", "Maximum2DDiameterSlice", "Maximum3DDiameter", "MeshVolume", "MinorAxisLength",
        "Sphericity", "SurfaceArea", "SurfaceVolumeRatio", "VoxelVolume",
    ),
    "firstorder": (
        "10Percentile", "90Percentile", "Energy", "Entropy", "InterquartileRange", "Kurtosis", "Maximum",
        "MeanAbsoluteDeviation", "Mean", "Median", "Minimum", "Range", "RobustMeanAbsoluteDeviation",
        "RootMeanSquared", "Skewness", "TotalEnergy", "Uniformity", "Variance",
    ),
    "glcm": (
        "Autocorrelation", "ClusterProminence", "ClusterShade", "ClusterTendency", "Contrast", "Correlation",
        "DifferenceAverage", "DifferenceEntropy", "DifferenceVariance", "Id", "Idm", "Idmn", "Idn", "Imc1", "Imc2",
        "InverseVariance", "JointAverage", "JointEnergy", "JointEntropy", "MCC", "MaximumProbability", "SumAverage",
        "SumEntropy", "SumSquares",
    ),
    "gldm": (
        "DependenceEntropy", "DependenceNonUniformity", "DependenceNonUniformityNormalized", "DependenceVariance",
        "GrayLevelNonUniformity", "GrayLevelVariance", "HighGrayLevelEmphasis", "LargeDependenceEmphasis",
        "LargeDependenceHighGrayLevelEmphasis", "LargeDependenceLowGrayLevelEmphasis", "LowGrayLevelEmphasis",
        "SmallDependenceEmphasis", "SmallDependenceHighGrayLevelEmphasis", "SmallDependenceLowGrayLevelEmphasis",
    ),
    "glrlm": (
        "GrayLevelNonUniformity", "GrayLevelNonUniformityNormalized", "GrayLevelVariance", "HighGrayLevelRunEmphasis",
        "LongRunEmphasis", "LongRunHighGrayLevelEmphasis", "LongRunLowGrayLevelEmphasis", "LowGrayLevelRunEmphasis",
        "RunEntropy", "RunLengthNonUniformity", "RunLengthNonUniformityNormalized", "RunPercentage", "RunVariance",
        "ShortRunEmphasis", "ShortRunHighGrayLevelEmphasis", "ShortRunLowGrayLevelEmphasis",
    ),
    "glszm": (
        "GrayLevelNonUniformity", "GrayLevelNonUniformityNormalized", "GrayLevelVariance", "HighGrayLevelZoneEmphasis",
        "LargeAreaEmphasis", "LargeAreaHighGrayLevelEmphasis", "LargeAreaLowGrayLevelEmphasis",
        "LowGrayLevelZoneEmphasis", "SizeZoneNonUniformity", "SizeZoneNonUniformityNormalized", "SmallAreaEmphasis",
        "SmallAreaHighGrayLevelEmphasis", "SmallAreaLowGrayLevelEmphasis", "ZoneEntropy", "ZonePercentage",
        "ZoneVariance",
    ),
    "ngtdm": ("Busyness", "Coarseness", "Complexity", "Contrast", "Strength"),
}

#: The eight sub-bands of a one-level 3-D wavelet, letters for x, y and z as pyradiomics writes them.
SUBBANDS = ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")

#: pywt's orthogonal and biorthogonal wavelets with at most 20 taps: what extraction keeps around a VOI covers them.
WAVELETS = ("haar", *(f"db{n}" for n in range(1, 11)), *(f"sym{n}" for n in range(2, 11)),
            *(f"coif{n}" for n in range(1, 4)),
            *(f"{kind}{n}" for kind in ("bior", "rbio")
              for n in ("1.1", "1.3", "1.5", "2.2", "2.4", "2.6", "2.8", "3.1", "3.3", "3.5", "3.7", "3.9", "4.4",
                        "5.5", "6.8")))

_IMAGE_TYPE = re.compile(r"original|wavelet(?P<level>[2-9])?-(?P<band>[LH]{3})|log-sigma-(?P<sigma>\d+-\d+)-mm-3D")

_UNITS = {
    **dict.fromkeys(("LeastAxisLength", "MajorAxisLength", "MinorAxisLength", "Maximum2DDiameterColumn",
                     "Maximum2DDiameterRow", "Maximum2DDiameterSlice", "Maximum3DDiameter"), "mm"),
    **dict.fromkeys(("MeshVolume", "VoxelVolume"), "mm3"),
    "SurfaceArea": "mm2",
    "SurfaceVolumeRatio": "1/mm",
    **dict.fromkeys(("10Percentile", "90Percentile", "InterquartileRange", "Maximum", "MeanAbsoluteDeviation", "Mean",
                     "Median", "Minimum", "Range", "RobustMeanAbsoluteDeviation", "RootMeanSquared"), "HU"),
    "Variance": "HU2",
    "Energy": "HU2",
    "TotalEnergy": "HU2 mm3",
}


#: Features that are shares or normalised, from 0 to 1, by class.
_SHARES = {
    "shape": ("Elongation", "Flatness", "Sphericity"),
    "firstorder": ("Uniformity",),
    "glcm": ("Id", "Idm", "Idmn", "Idn", "Imc2", "InverseVariance", "JointEnergy", "MCC", "MaximumProbability"),
    "gldm": ("DependenceNonUniformityNormalized", "LowGrayLevelEmphasis", "SmallDependenceEmphasis",
             "SmallDependenceLowGrayLevelEmphasis"),
    "glrlm": ("GrayLevelNonUniformityNormalized", "LowGrayLevelRunEmphasis", "RunLengthNonUniformityNormalized",
              "RunPercentage", "ShortRunEmphasis", "ShortRunLowGrayLevelEmphasis"),
    "glszm": ("GrayLevelNonUniformityNormalized", "LowGrayLevelZoneEmphasis", "SizeZoneNonUniformityNormalized",
              "SmallAreaEmphasis", "SmallAreaLowGrayLevelEmphasis", "ZonePercentage"),
}

#: Features that may be negative: the others are sizes, spreads, sums of squares or of probabilities.
_SIGNED = {("firstorder", name) for name in ("10Percentile", "90Percentile", "Maximum", "Mean", "Median", "Minimum",
                                             "Skewness")} | {("glcm", "ClusterShade")}

_BOUNDS: dict[tuple[str, str], tuple[float, float]] = {
    **{(kind, name): (0.0, 1.0) for kind, names in _SHARES.items() for name in names},
    ("glcm", "Correlation"): (-1.0, 1.0), ("glcm", "Imc1"): (-1.0, 0.0), ("firstorder", "Kurtosis"): (1.0, math.inf),
    **dict.fromkeys((("glrlm", "LongRunEmphasis"), ("glszm", "LargeAreaEmphasis")), (1.0, math.inf)),
}


class FeatureName(NamedTuple):
    """A feature's name in its three parts, e.g. ``wavelet-HLL``, ``glcm``, ``Idn``."""

    image_type: str
    feature_class: str
    feature: str

    def __str__(self) -> str:
        return "_".join(self)

    @property
    def unit(self) -> str:
        """The unit of the value, empty for a dimensionless one; sub-band intensities keep the image's HU scale."""
        return _UNITS.get(self.feature, "") if self.feature_class in ("shape", "firstorder") else ""

    @property
    def bounds(self) -> tuple[float, float]:
        """The closed range outside which the feature's definition allows no value."""
        key = self.feature_class, self.feature
        return _BOUNDS.get(key, (-math.inf if key in _SIGNED else 0.0, math.inf))


def parse_name(name: str, source: str = "feature list") -> FeatureName:
    """Split ``<image type>_<class>_<feature>``; raises SchemaError for a name pyradiomics does not have."""
    words = name.split("_")
    if len(words) != 3:
        raise SchemaError(f"{source}: '{name}' is not a feature name of the form imagetype_class_Feature.")
    parsed = FeatureName(*words)
    if not _IMAGE_TYPE.fullmatch(parsed.image_type):
        raise SchemaError(f"{source}: '{name}' has the unknown image type '{parsed.image_type}'; "
                          "allowed: original, wavelet-XYZ with X, Y, Z of L and H, log-sigma-S-mm-3D.")
    if parsed.feature_class not in FEATURES:
        raise SchemaError(f"{source}: '{name}' has the unknown class '{parsed.feature_class}'; "
                          f"allowed: {', '.join(FEATURES)}.")
    if parsed.feature not in FEATURES[parsed.feature_class]:
        raise SchemaError(f"{source}: '{name}' is not a feature of class {parsed.feature_class}; "
                          f"allowed: {', '.join(FEATURES[parsed.feature_class])}.")
    if parsed.feature_class == "shape" and parsed.image_type != "original":
        raise SchemaError(f"{source}: '{name}' is a shape feature of a filtered image; shape exists as original_ only.")
    return parsed
