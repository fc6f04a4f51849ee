"""The IBSI's processing and classes against their definitions written out, or pyradiomics where it has them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.polynomial.legendre import legval
from radiomics import featureextractor
from scipy.ndimage import binary_erosion, generate_binary_structure

from RadiomicsPrognosisLib.catalogue import CLASSES
from RadiomicsPrognosisLib.catalogue.localintensity import RADIUS_MM
from RadiomicsPrognosisLib.errors import EngineUnfit, SchemaError
from RadiomicsPrognosisLib.features.autocorrelation import pair_sums
from RadiomicsPrognosisLib.features.classes.gldzm import border_distances
from RadiomicsPrognosisLib.features.classes.gldzm import compute as gldzm
from RadiomicsPrognosisLib.features.classes.ivh import compute as ivh
from RadiomicsPrognosisLib.features.classes.localintensity import compute as local_intensity
from RadiomicsPrognosisLib.features.classes.morphology import compute as morphology
from RadiomicsPrognosisLib.features.classes.morphology import ellipsoid_area
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.levels import fixed_number_levels, grey_levels
from RadiomicsPrognosisLib.features.preparation import prepare
from RadiomicsPrognosisLib.features.region import Region, Surroundings
from RadiomicsPrognosisLib.protocol import Protocol
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.worker.blocks import Blocks
from RadiomicsPrognosisLib.worker.jobs import blocks_of, decode_jobs, encode_jobs, make_job

_CENTRED = {"spacing_mm": [1.7, 1.3, 0], "grid": "centre", "interpolator": "linear", "mask_interpolator": "linear"}

#: Settings of the IBSI, each with what it is in a protocol's file.
_SETTINGS: list[dict[str, object]] = [
    {"discretisation": {"bin_width": 25, "minimum": -500}},
    {"outlier_sd": 3},
    {"aggregation": {"directions": "merged"}},
    {"force_2d": True, "aggregation": {"slices": "averaged"}},
    {"volume_histogram": {"bin_count": 1000}},
    {"resampling": {"spacing_mm": [2, 2, 2], "grid": "centre"}},
    {"resampling": {"spacing_mm": [2, 2, 2], "grid": "centre", "mask_interpolator": "linear"}},
    {"resampling": {"spacing_mm": [2, 2, 2], "grid": "centre", "round_hu": True}},
]


def test_each_setting_has_a_hash_of_its_own_and_reaches_the_worker() -> None:
    protocols = [make_protocol(), make_protocol(resampling={"spacing_mm": [2, 2, 2]}),
                 *(make_protocol(**table) for table in _SETTINGS)]
    assert len({protocol.hash for protocol in protocols}) == len(protocols)
    image, mask = textured_volume()
    for protocol in protocols:
        jobs, blocks = {"image": make_job(make_voi(image, mask, protocol), protocol, ())}, Blocks()
        blocks.replace(blocks_of(jobs))
        assert decode_jobs(*encode_jobs(jobs), blocks)["image"].protocol == protocol


@pytest.mark.parametrize(("table", "words"), [
    ({"discretisation": {"bin_count": 32, "minimum": 0}}, "minimum"),
    ({"aggregation": {"slices": "averaged"}}, "force_2d"),
    ({"volume_histogram": {}}, "exactly one"),
    ({"resampling": {"spacing_mm": [2, 2, 2], "round_hu": True}}, "centre"),
    ({"resampling": {"spacing_mm": [1, 1, 1]}, "feature_classes": ["localintensity"]}, "at least 7"),
])
def test_settings_that_contradict_each_other_are_refused(table: dict[str, object], words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        make_protocol(**table)


def test_the_grid_has_the_images_centre_and_a_ramp_stays_a_ramp() -> None:
    size, spacing = (30, 26, 11), (0.9, 1.1, 2.5)
    i, j, k = (axis.astype(float) for axis in np.meshgrid(*(np.arange(n) for n in size), indexing="ij"))
    image = sitk.GetImageFromArray((3 * i - 2 * j + 5 * k).T)
    mask = sitk.GetImageFromArray(np.pad(np.ones([n - 6 for n in size[::-1]], np.uint8), 3))
    for item in (image, mask):
        item.SetSpacing(spacing)
        item.SetOrigin((7.0, -3.0, 11.0))
    protocol = make_protocol(resampling={**_CENTRED, "pad_voxels": 2})
    prepared = prepare(make_voi(image, mask, protocol), protocol)
    centre = np.array(image.TransformContinuousIndexToPhysicalPoint([(n - 1) / 2 for n in size]))
    first = np.array(prepared.image.GetOrigin())
    extent = np.ceil(np.round(np.array(size) * spacing / (1.7, 1.3, 2.5), 6))
    steps = (centre - first) / prepared.image.GetSpacing() - (extent - 1) / 2
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    places = np.array([prepared.image.TransformIndexToPhysicalPoint(tuple(map(int, index[::-1])))
                       for index in np.argwhere(sitk.GetArrayViewFromImage(prepared.mask))])
    ramp = ((places - image.GetOrigin()) / spacing) @ (3, -2, 5)
    inside = sitk.GetArrayViewFromImage(prepared.image)[sitk.GetArrayViewFromImage(prepared.mask) != 0]
    np.testing.assert_allclose(inside, ramp, atol=1e-9)


def test_half_a_voxel_of_the_mask_is_kept_and_intensities_are_rounded() -> None:
    array = np.random.default_rng(0).normal(0, 50, (12, 12, 12)).round(3)
    box = np.zeros(array.shape, np.uint8)
    box[4:8, 4:8, 4:8] = 1
    image, mask = sitk.GetImageFromArray(array), sitk.GetImageFromArray(box)
    table = {"spacing_mm": [0.5, 0.5, 0.5], "grid": "centre", "round_hu": True}
    for interpolator in ("linear", "nearest"):
        protocol = make_protocol(resampling={**table, "mask_interpolator": interpolator})
        prepared = prepare(make_voi(image, mask, protocol), protocol)
        assert np.array_equal(np.rint(values := sitk.GetArrayFromImage(prepared.image)), values)
        # Points lie a quarter of a voxel off the centres: at the eight corners the mask is 0.75 ** 3, below a half.
        assert prepared.voxels == (8**3 - 8 if interpolator == "linear" else 8**3)


def test_outliers_are_left_out_of_intensities_and_not_of_shape() -> None:
    image, mask = textured_volume()
    image[12, 11, 10] = 3000
    protocol = make_protocol(outlier_sd=3)
    prepared = prepare(make_voi(image, mask, protocol), protocol)
    values = sitk.GetArrayFromImage(prepared.image)[sitk.GetArrayFromImage(prepared.shape_mask) != 0].astype(float)
    kept = np.abs(values - values.mean()) <= 3 * values.std()
    assert prepared.voxels == kept.sum() < len(values)


@given(hnp.arrays(np.float64, st.integers(2, 60), elements=st.integers(-1000, 400).map(float)), st.integers(2, 64))
@settings(max_examples=40, deadline=None)
def test_levels_are_those_of_the_manual(values: np.ndarray, count: int) -> None:
    protocol = make_protocol(discretisation={"bin_width": 25, "minimum": -500})
    expected = [max(math.floor((value + 500) / 25) + 1, 1) for value in values]
    assert grey_levels(values, protocol).tolist() == expected
    low, high = values.min(), values.max()
    if low < high:
        numbers = [min(math.floor(count * (value - low) / (high - low)) + 1, count) for value in values]
        assert fixed_number_levels(values, count).tolist() == numbers


def region_of(values: np.ndarray, mask: np.ndarray, protocol: Protocol) -> Region:
    return Region(values=values, mask=mask, spacing=(1.0, 1.0, 1.0), protocol=protocol,
                  around=Surroundings(values, mask, mask))


@given(hnp.arrays(np.float64, (3, 3, 3), elements=st.integers(-20, 20).map(float)))
@settings(max_examples=25, deadline=None)
def test_the_volume_histogram_counts_what_it_says(values: np.ndarray) -> None:
    protocol = replace(make_protocol(), hu_range=(-20.0, 20.0))
    computed = ivh(region_of(values, np.ones(values.shape, bool), protocol), ("V10", "V90", "I10", "I90"))
    for share in (10, 90):
        assert computed[f"V{share}"] == pytest.approx(np.mean(values >= math.ceil(-20 + share * 0.4)))
        reached = [step for step in range(-20, 21) if np.mean(values >= step) <= share / 100 + 1e-9]
        assert computed[f"I{share}"] == (reached[0] if reached else 21)


def test_local_peaks_are_means_of_spheres() -> None:
    values = np.random.default_rng(1).normal(size=(9, 12, 14))
    mask = np.zeros(values.shape, bool)
    mask[3:7, 0:5, 6:11] = True  # touches the border of the image
    spacing = (1.5, 2.0, 3.0)
    region = Region(values=values, mask=mask, spacing=spacing, protocol=make_protocol(),
                    around=Surroundings(values, mask, mask))
    places = np.argwhere(np.ones(values.shape, bool)) * spacing[::-1]
    means = {tuple(at): values.ravel()[np.sum((places - np.array(at) * spacing[::-1]) ** 2, 1) <= RADIUS_MM**2].mean()
             for at in np.argwhere(mask)}
    highest = np.unravel_index(np.where(mask, values, -np.inf).argmax(), values.shape)
    computed = local_intensity(region, ("LocalPeak", "GlobalPeak"))
    assert computed == pytest.approx({"LocalPeak": means[highest], "GlobalPeak": max(means.values())}, rel=1e-12)


@pytest.mark.parametrize("planes", [1, 2])
def test_a_flat_contour_has_no_ellipsoid_and_everything_else(planes: int) -> None:
    """In one slice distances stay in it, though the image goes on around it; constant intensities have no pattern."""
    values = np.full((5, 9, 9), 40.0)
    mask = np.zeros(values.shape, bool)
    mask[2:2 + planes, 2:7, 2:8] = True
    region = replace(Region.boxed(values, mask, region_of(values, mask, make_protocol())),
                     around=Surroundings(values, mask, mask))
    computed = morphology(region, tuple(CLASSES["morphology"].by_name))
    undefined = {"MoransI", "GearysC"} | ({"VolumeDensityEllipsoid", "AreaDensityEllipsoid"} if planes == 1 else set())
    assert {name for name, value in computed.items() if math.isnan(value)} == undefined
    assert computed["CentreOfMassShift"] == pytest.approx(0.0, abs=1e-12)
    assert border_distances(mask[2:2 + planes], force_2d=False).max() == (3 if planes == 1 else 1)
    assert gldzm(region, ("LargeDistanceEmphasis",)) == {"LargeDistanceEmphasis": 1.0}


def test_autocorrelation_is_the_sum_over_pairs() -> None:
    generator = np.random.default_rng(2)
    values, mask, spacing = generator.normal(40, 9, (5, 6, 7)), generator.random((5, 6, 7)) < 0.6, (0.8, 1.1, 2.5)
    places, x = np.argwhere(mask) * spacing[::-1], values[mask]
    pairs = [(a, b) for a, b in product(range(len(x)), repeat=2) if a != b]
    weights = np.array([1 / np.linalg.norm(places[a] - places[b]) for a, b in pairs])
    near = np.array([(x[a] - x.mean()) * (x[b] - x.mean()) for a, b in pairs])
    far = np.array([(x[a] - x[b]) ** 2 for a, b in pairs])
    squares, total = ((x - x.mean()) ** 2).sum(), weights.sum()
    sums = pair_sums(values, mask, spacing)
    assert sums.morans_i() == pytest.approx(len(x) / total * (weights @ near) / squares, rel=1e-9)
    assert sums.gearys_c() == pytest.approx((len(x) - 1) / (2 * total) * (weights @ far) / squares, rel=1e-9)


@pytest.mark.parametrize("axes", [(3.0, 2.5, 2.0), (5.0, 4.0, 4.0), (9.0, 7.0, 1.0)])
def test_the_area_of_an_ellipsoid_is_the_manuals_series(axes: tuple[float, float, float]) -> None:
    a, b, c = axes
    alpha, beta = math.sqrt(1 - (b / a) ** 2), math.sqrt(1 - (c / a) ** 2)
    weights = [(alpha * beta) ** n / (1 - 4 * n * n) for n in range(21)]
    series = legval((alpha**2 + beta**2) / (2 * alpha * beta), weights)
    assert ellipsoid_area(*axes) == pytest.approx(4 * math.pi * a * b * series, rel=1e-9)


def test_the_series_of_a_sphere_and_of_an_oblate_ellipsoid_is_its_limit() -> None:
    assert ellipsoid_area(2.0, 2.0, 2.0) == pytest.approx(16 * math.pi, rel=1e-12)
    assert ellipsoid_area(4.0, 4.0, 3.0) == pytest.approx(ellipsoid_area(4.0, 4.0 - 1e-7, 3.0), rel=1e-6)


@given(hnp.arrays(bool, (4, 5, 6)), st.booleans())
@settings(max_examples=25, deadline=None)
def test_distances_to_the_border_count_erosions(contour: np.ndarray, force_2d: bool) -> None:
    structure = generate_binary_structure(3, 1)
    structure[[0, 2]] &= not force_2d
    expected, left = np.zeros(contour.shape, int), contour
    while left.any():
        expected += left
        left = binary_erosion(left, structure)
    assert np.array_equal(border_distances(contour, force_2d), expected)


def test_merged_directions_are_pyradiomics_without_weighting() -> None:
    image, mask = textured_volume()
    for force_2d in (False, True):
        protocol = make_protocol(feature_classes=["glcm", "glrlm"], force_2d=force_2d,
                                 aggregation={"directions": "merged"})
        voi = make_voi(image, mask, protocol)
        extractor = featureextractor.RadiomicsFeatureExtractor(
            binWidth=25, weightingNorm="no_weighting", force2D=force_2d, force2Ddimension=0)
        extractor.disableAllFeatures()
        for name in protocol.feature_classes:
            extractor.enableFeatureClassByName(name)
        theirs = {key: float(value) for key, value in extractor.execute(image, mask).items() if "original" in key
                  and "diagnostics" not in key}
        for engine in ("native", "pyradiomics"):
            assert extract(voi, protocol, engine=get_engine(engine)).values == pytest.approx(theirs, rel=1e-9)


def test_pyradiomics_averages_no_slices() -> None:
    protocol = make_protocol(force_2d=True, aggregation={"slices": "averaged"}, feature_classes=["glcm"])
    voi = make_voi(*textured_volume(), protocol)
    with pytest.raises(EngineUnfit, match="averages slices"):
        extract(voi, protocol, engine=get_engine("pyradiomics"))
