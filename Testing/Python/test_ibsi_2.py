"""IBSI-2: consensus values of features under each filter, on the CT phantom that the IBSI shares.

Values and tolerances: Whybra et al., Radiology 2024;310:e231319, reference feature values (github.com/theibsi,
ibsi_2_reference_data), configurations 2.A to 9.A: native voxels, filters in the plane. Volumes, the other features and
the response maps are scored by Testing/benchmarks/ibsi.py.
"""

from __future__ import annotations

import pytest
import SimpleITK as sitk
from conftest import make_protocol, shared_case

from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi

FEATURES = ("Mean", "Variance", "Skewness", "90Percentile", "Maximum", "InterquartileRange")

#: By filter: its table in a protocol, then value and tolerance of each of the features.
CONSENSUS: dict[str, tuple[dict[str, object], tuple[tuple[float, float], ...]]] = {
    "2.A": ({"kind": "mean", "support": 5, "in_plane": True},
            ((-49.9, 4.4), (46600, 1600), (-2.13, 0.07), (79.8, 0.1), (334, 7), (82, 10.5))),
    "3.A": ({"kind": "log", "sigma_mm": 1.5, "in_plane": True},
            ((-2.44, 0.12), (556, 24), (0.295, 0.027), (13.2, 1.3), (191, 1), (8.74, 0.19))),
    "4.A": ({"kind": "laws", "kernels": "L5E5", "pooling": "max", "energy_distance": 7},
            ((148, 3), (18000, 500), (0.877, 0.024), (347, 4), (672, 4), (219, 5))),
    "5.A": ({"kind": "gabor", "sigma_mm": 5, "wavelength_mm": 2, "aspect_ratio": 1.5, "step_degrees": 22.5},
            ((103, 1), (1040, 10), (1.31, 0.03), (145, 2), (354, 5), (37.2, 0.6))),
    "6.A": ({"kind": "wavelet", "wavelet": "db3", "band": "LH", "pooling": "average"},
            ((-0.185, 0.025), (427, 11), (0.0837, 0.0188), (17.7, 0.4), (202, 2), (15.8, 0.1))),
    "7.A": ({"kind": "wavelet", "wavelet": "db3", "band": "HH", "level": 2, "pooling": "average"},
            ((0.245, 0.03), (1910, 40), (0.0469, 0.0072), (40.5, 0.9), (352, 4), (28.8, 0.4))),
    "8.A": ({"kind": "simoncelli", "level": 1, "in_plane": True},
            ((0.248, 0.047), (1550, 50), (-0.0473, 0.0145), (34.4, 1), (408, 3), (24.8, 0.3))),
    "9.A": ({"kind": "simoncelli", "level": 2, "in_plane": True},
            ((2.08, 0.17), (4580, 170), (-0.0596, 0.0145), (71.5, 1.9), (470, 6), (34.2, 0.8))),
}


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    """The engine's values by configuration and feature."""
    image, mask = (sitk.ReadImage(str(path)) for path in shared_case("ibsi1_ct_phantom"))
    protocol = make_protocol(filters=[table for table, _ in CONSENSUS.values()], feature_classes=["firstorder"],
                             hu_range=[-1000, 400], hu_range_on="resampled")
    types = {number: settings.image_type for number, settings in zip(CONSENSUS, protocol.filters, strict=True)}
    names = [f"{image_type}_firstorder_{feature}" for image_type in types.values() for feature in FEATURES]
    computed = extract(make_voi(image, mask, protocol), protocol, names, get_engine("native")).values
    return {number: {feature: computed[f"{image_type}_firstorder_{feature}"] for feature in FEATURES}
            for number, image_type in types.items()}


@pytest.mark.parametrize("number", CONSENSUS)
def test_consensus_of_a_filter(values: dict[str, dict[str, float]], number: str) -> None:
    for feature, (value, tolerance) in zip(FEATURES, CONSENSUS[number][1], strict=True):
        assert values[number][feature] == pytest.approx(value, abs=tolerance), feature
