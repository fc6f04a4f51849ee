"""The IBSI-1 digital phantom: published consensus values for every feature pyradiomics shares with IBSI.

Values: Zwanenburg et al., Radiology 2020;295:328, reference manual chapter 'Benchmarks', column 'digital phantom', 3-D
averaged aggregation for GLCM and GLRLM. The manual prints three significant digits, which is the tolerance here.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol

from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi

#: The phantom of the manual, slices along z: intensities, 0 where the voxel lies outside the VOI.
PHANTOM = [
    ["14411", "14611", "41641", "44641"],
    ["14411", "11611", "01311", "44611"],
    ["14400", "11111", "11011", "11611"],
    ["14400", "11111", "11111", "11611"],
]

CONSENSUS = {
    "shape": {
        "MeshVolume": 556, "VoxelVolume": 592, "SurfaceArea": 388, "SurfaceVolumeRatio": 0.698, "Sphericity": 0.843,
        "Maximum3DDiameter": 13.1, "Elongation": 0.816, "Flatness": 0.749,
    },
    "firstorder": {
        "Mean": 2.15, "Variance": 3.05, "Skewness": 1.08, "Median": 1, "Minimum": 1, "10Percentile": 1,
        "90Percentile": 4, "Maximum": 6, "InterquartileRange": 3, "Range": 5, "MeanAbsoluteDeviation": 1.55,
        "RobustMeanAbsoluteDeviation": 1.11, "Energy": 567, "RootMeanSquared": 2.77, "Entropy": 1.27,
        "Uniformity": 0.512,
    },
    "glcm": {
        "MaximumProbability": 0.503, "JointAverage": 2.14, "SumSquares": 3.10, "JointEntropy": 2.40,
        "DifferenceAverage": 1.43, "DifferenceVariance": 3.06, "DifferenceEntropy": 1.56, "SumAverage": 4.29,
        "SumEntropy": 1.92, "JointEnergy": 0.303, "Contrast": 5.32, "Id": 0.677, "Idn": 0.851, "Idm": 0.618,
        "Idmn": 0.898, "InverseVariance": 0.0604, "Correlation": 0.157, "Autocorrelation": 5.06,
        "ClusterTendency": 7.07, "ClusterShade": 16.6, "ClusterProminence": 145, "Imc1": -0.157, "Imc2": 0.520,
    },
    "glrlm": {
        "ShortRunEmphasis": 0.705, "LongRunEmphasis": 3.06, "LowGrayLevelRunEmphasis": 0.603,
        "HighGrayLevelRunEmphasis": 9.70, "ShortRunLowGrayLevelEmphasis": 0.352, "ShortRunHighGrayLevelEmphasis": 8.54,
        "LongRunLowGrayLevelEmphasis": 2.39, "LongRunHighGrayLevelEmphasis": 17.6, "GrayLevelNonUniformity": 21.8,
        "GrayLevelNonUniformityNormalized": 0.430, "RunLengthNonUniformity": 26.9,
        "RunLengthNonUniformityNormalized": 0.513, "RunPercentage": 0.680, "GrayLevelVariance": 3.46,
        "RunVariance": 0.574, "RunEntropy": 2.43,
    },
    "glszm": {
        "SmallAreaEmphasis": 0.255, "LargeAreaEmphasis": 550, "LowGrayLevelZoneEmphasis": 0.253,
        "HighGrayLevelZoneEmphasis": 15.6, "SmallAreaLowGrayLevelEmphasis": 0.0256,
        "SmallAreaHighGrayLevelEmphasis": 2.76, "LargeAreaLowGrayLevelEmphasis": 503,
        "LargeAreaHighGrayLevelEmphasis": 1490, "GrayLevelNonUniformity": 1.40,
        "GrayLevelNonUniformityNormalized": 0.280, "SizeZoneNonUniformity": 1.00,
        "SizeZoneNonUniformityNormalized": 0.200, "ZonePercentage": 0.0676, "GrayLevelVariance": 2.64,
        "ZoneVariance": 331, "ZoneEntropy": 2.32,
    },
    "ngtdm": {"Coarseness": 0.0296, "Contrast": 0.584, "Busyness": 6.54, "Complexity": 13.5, "Strength": 0.763},
    "gldm": {
        "SmallDependenceEmphasis": 0.0450, "LargeDependenceEmphasis": 109, "LowGrayLevelEmphasis": 0.693,
        "HighGrayLevelEmphasis": 7.66, "SmallDependenceLowGrayLevelEmphasis": 0.00963,
        "SmallDependenceHighGrayLevelEmphasis": 0.736, "LargeDependenceLowGrayLevelEmphasis": 102,
        "LargeDependenceHighGrayLevelEmphasis": 235, "GrayLevelNonUniformity": 37.9, "DependenceNonUniformity": 4.86,
        "DependenceNonUniformityNormalized": 0.0657, "GrayLevelVariance": 3.05, "DependenceVariance": 22.1,
        "DependenceEntropy": 4.40,
    },
}

#: pyradiomics' known deviations: IBSI's value as a function of pyradiomics'.
DEVIATIONS = {
    # pyradiomics' kurtosis is not the excess over a normal distribution.
    "original_firstorder_Kurtosis": (lambda value: value - 3, -0.355),
    # pyradiomics' principal components divide by n, IBSI's by n - 1 (74 voxels).
    "original_shape_MajorAxisLength": (lambda value: value * math.sqrt(74 / 73), 11.4),
    "original_shape_MinorAxisLength": (lambda value: value * math.sqrt(74 / 73), 9.31),
    "original_shape_LeastAxisLength": (lambda value: value * math.sqrt(74 / 73), 8.54),
    # Total energy is energy times the voxel volume (8 mm3); IBSI has energy only.
    "original_firstorder_TotalEnergy": (lambda value: value / 8, 567),
}

#: pyradiomics' features without a counterpart in IBSI.
NOT_IN_IBSI = {"original_glcm_MCC", "original_shape_Maximum2DDiameterColumn", "original_shape_Maximum2DDiameterRow",
               "original_shape_Maximum2DDiameterSlice"}


def phantom_volume() -> tuple[sitk.Image, sitk.Image]:
    """Return the phantom's image and mask, voxels of 2 mm."""
    array = np.array([[[int(voxel) for voxel in row] for row in plane] for plane in PHANTOM], np.int16)
    image, mask = sitk.GetImageFromArray(array), sitk.GetImageFromArray((array > 0).astype(np.uint8))
    for item in (image, mask):
        item.SetSpacing((2.0, 2.0, 2.0))
    return image, mask


@pytest.fixture(scope="module")
def values() -> dict[str, float]:
    protocol = make_protocol(feature_classes=list(CONSENSUS), discretisation={"bin_width": 1})
    return extract(make_voi(*phantom_volume(), protocol), protocol).values


def half_digit(value: float) -> float:
    """Return half a unit of the third significant digit: what printing three digits loses."""
    return 0.5000001 * 10 ** (math.floor(math.log10(abs(value))) - 2)


@pytest.mark.parametrize(("feature_class", "feature"),
                         [(key, name) for key, features in CONSENSUS.items() for name in features])
def test_consensus_value(values: dict[str, float], feature_class: str, feature: str) -> None:
    expected = CONSENSUS[feature_class][feature]
    assert abs(values[f"original_{feature_class}_{feature}"] - expected) <= half_digit(expected)


@pytest.mark.parametrize("name", DEVIATIONS)
def test_known_deviation(values: dict[str, float], name: str) -> None:
    convert, expected = DEVIATIONS[name]
    assert abs(convert(values[name]) - expected) <= half_digit(expected)


def test_every_feature_is_compared_or_listed(values: dict[str, float]) -> None:
    compared = {f"original_{key}_{name}" for key, features in CONSENSUS.items() for name in features}
    assert compared | set(DEVIATIONS) | NOT_IN_IBSI == set(values)
