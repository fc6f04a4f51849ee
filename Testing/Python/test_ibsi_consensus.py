"""The native engine against the IBSI-1 consensus: the digital phantom whole, configurations of the lung CT in samples.

All 1803 values of the reference manual are compared by ``Testing/benchmarks/ibsi.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, shared_case
from ibsi_consensus import AGGREGATIONS, DIRECTED, TEXTURES, WHOLE
from test_ibsi import half_digit, phantom_volume

from RadiomicsPrognosisLib.catalogue import CLASSES
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi

_CLASSES = sorted({name.split("_")[0] for table in (WHOLE, TEXTURES, DIRECTED) for name in table})

#: How configurations that resample do it.
_CENTRED = {"interpolator": "linear", "grid": "centre", "mask_interpolator": "linear", "round_hu": True}
_CONFIGURATIONS: dict[str, dict[str, object]] = {
    "B": {"hu_range": [-500, 400], "hu_range_on": "resampled", "force_2d": True, "discretisation": {"bin_count": 32},
          "resampling": {"spacing_mm": [2, 2, 0], **_CENTRED}},
    "C": {"hu_range": [-1000, 400], "hu_range_on": "resampled", "discretisation": {"bin_width": 25, "minimum": -1000},
          "volume_histogram": {"bin_width": 2.5}, "resampling": {"spacing_mm": [2, 2, 2], **_CENTRED}},
    "E": {"hu_range": [-1000, 400], "hu_range_on": "resampled", "outlier_sd": 3, "discretisation": {"bin_count": 32},
          "resampling": {"spacing_mm": [2, 2, 2], **_CENTRED, "interpolator": "bspline"},
          "volume_histogram": {"bin_count": 1000}},
}

#: Value and tolerance of the manual by configuration: of each step, one feature that it changes.
_VALUES = {
    "B": {"shape_MeshVolume": (3.58e5, 5e3), "firstorder_Mean": (11.5, 1.1), "firstorder_Variance": (1.44e4, 400),
          "histogram_Mode": (20, 0.3), "glcm_JointEntropy": (5.45, 0.01), "glszm_ZoneVariance": (429, 8)},
    "C": {"shape_SurfaceArea": (3.43e4, 400), "firstorder_Mean": (-49, 2.9), "histogram_Median": (42, 0),
          "ivh_I10": (88.8, 0.2), "ivh_V90": (0.000152, 2e-05), "ngldm_DependenceEnergy": (0.00789, 0.00011)},
    "E": {"shape_VoxelVolume": (3.68e5, 6e3), "firstorder_Mean": (-22.6, 4.1), "localintensity_GlobalPeak": (181, 5),
          "ivh_I10": (770, 5), "gldzm_ZoneDistanceEntropy": (7.06, 0.01), "gldm_DependenceEntropy": (7.06, 0.02)},
}


@pytest.fixture(scope="module")
def values() -> Callable[[int], dict[str, float]]:
    """Return a function giving the phantom's features by aggregation."""
    cache: dict[int, dict[str, float]] = {}

    def by_aggregation(at: int) -> dict[str, float]:
        if at not in cache:
            protocol = make_protocol(feature_classes=_CLASSES, discretisation={"bin_width": 1, "minimum": 1},
                                     **AGGREGATIONS[at])
            voi = make_voi(*whole_phantom(), protocol)
            computed = extract(voi, protocol, engine=get_engine("native")).values
            cache[at] = {name.removeprefix("original_"): value for name, value in computed.items()}
        return cache[at]

    return by_aggregation


def whole_phantom() -> tuple[sitk.Image, sitk.Image]:
    """Return the phantom with the intensities of voxels outside its VOI, which local intensities see."""
    image, mask = phantom_volume()
    array = np.where(sitk.GetArrayViewFromImage(mask), sitk.GetArrayViewFromImage(image), 1)
    array[2, 2, 2] = 9
    whole = sitk.GetImageFromArray(array)
    whole.CopyInformation(image)
    return whole, mask


def check(values: dict[str, float], expected: dict[str, float]) -> None:
    """Fail with every value that is not the expected one to three digits."""
    wrong = {name: (values.get(name, math.nan), value) for name, value in expected.items()
             if not abs(values.get(name, math.nan) - value) <= (half_digit(value) if value else 1e-12)}
    assert not wrong


def test_features_that_are_not_aggregated(values: Callable[[int], dict[str, float]]) -> None:
    check(values(4), WHOLE)


@pytest.mark.parametrize("at", range(6))
def test_textures_by_aggregation(values: Callable[[int], dict[str, float]], at: int) -> None:
    check(values(at), {name: expected[at] for name, expected in DIRECTED.items()})
    check(values(at), {name: expected[at // 2] for name, expected in TEXTURES.items()})


def test_every_feature_with_an_identifier_is_compared() -> None:
    """``morphology`` measures axes, as the IBSI does, whose identifiers ``shape`` bears."""
    known = {f"{name}_{feature.name}" for name, entry in CLASSES.items() for feature in entry.features if feature.ibsi}
    axes = {f"shape_{axis}AxisLength" for axis in ("Major", "Minor", "Least")}
    assert known - axes <= {*WHOLE, *TEXTURES, *DIRECTED}


@pytest.fixture(scope="module")
def scan() -> tuple[sitk.Image, sitk.Image]:
    image, mask = map(sitk.ReadImage, map(str, shared_case("ibsi1_ct_phantom")))
    return sitk.Cast(sitk.Round(image), sitk.sitkInt16), mask


@pytest.mark.parametrize("name", _CONFIGURATIONS)
def test_configuration_of_the_lung_ct(scan: tuple[sitk.Image, sitk.Image], name: str) -> None:
    expected = _VALUES[name]
    protocol = make_protocol(feature_classes=_CLASSES, **_CONFIGURATIONS[name])
    features = [f"original_{feature}" for feature in expected]
    computed = extract(make_voi(*scan, protocol), protocol, features, get_engine("native")).values
    for feature, (value, tolerance) in expected.items():
        assert abs(float(f"{computed[f'original_{feature}']:.2e}") - value) <= tolerance + 1e-9 * abs(value), feature
