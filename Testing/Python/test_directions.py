"""Textures along directions, within slices and of one slice: against pyradiomics' matrices, under turns, on stripes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st
from pyradiomics_peer import cMatrices, featureextractor, logger

from RadiomicsPrognosisLib.catalogue import Direction, parse_name
from RadiomicsPrognosisLib.errors import EngineUnfit, FlatVoi, SchemaError
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.matrices.directions import offsets
from RadiomicsPrognosisLib.features.neighbourhood import Neighbourhood
from RadiomicsPrognosisLib.texts import feature_label
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.voi import redrawn
from RadiomicsPrognosisLib.worker.blocks import Blocks
from RadiomicsPrognosisLib.worker.jobs import blocks_of, decode_jobs, encode_jobs, make_job

logger.setLevel(logging.CRITICAL)

DEGREES = (0, 45, 90, 135)
TEXTURES = ("glcm", "gldm", "glrlm", "glszm", "ngtdm")
NATIVE = get_engine("native")


def native(image: sitk.Image, mask: sitk.Image, **changes: object) -> dict[str, float]:
    """Return the native engine's values under a protocol with ``changes``."""
    protocol = make_protocol(**changes)
    return extract(make_voi(image, mask, protocol), protocol, engine=NATIVE).values


def peer(image: sitk.Image, mask: sitk.Image, classes: tuple[str, ...], wavelet: str = "",
         **changes: object) -> dict[str, float]:
    """Return the values of pyradiomics' own extractor with ``force2D``."""
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False, force2D=True, **changes)
    extractor.disableAllFeatures()
    for name in classes:
        extractor.enableFeatureClassByName(name)
    if wavelet:
        extractor.enableImageTypeByName("Wavelet", customArgs={"wavelet": wavelet})
    return {name: float(np.real(value)) for name, value in extractor.execute(image, mask).items()}


def volume(array: np.ndarray) -> tuple[sitk.Image, sitk.Image]:
    """Return an image of ``array`` (k, j, i) and a mask of all of it but one plane on every side."""
    mask = np.zeros(array.shape, np.uint8)
    mask[1:-1, 1:-1, 1:-1] = 1
    return sitk.GetImageFromArray(array.astype(np.int16)), sitk.GetImageFromArray(mask)


def all_along(name: str, image: sitk.Image, mask: sitk.Image) -> dict[str, float]:
    return native(image, mask, feature_classes=[name], discretisation={"bin_width": 1})


# Within slices


@pytest.mark.parametrize("engine", ["native", "pyradiomics"])
@pytest.mark.parametrize(("spacing", "slices"), [(None, "all"), ([1.5, 1.5, 0], "all"), ([1.2, 1.2, 1.5], "all"),
                                                 ([1.2, 1.2, 1.5], "one")])
def test_textures_within_slices_are_pyradiomics_force2d(engine: str, spacing: list[float] | None, slices: str) -> None:
    """An axis along which the contour is one voxel thick is not resampled."""
    image, mask = textured_volume()
    if slices == "one":
        middle = mask.GetSize()[2] // 2
        mask[:, :, :middle] = 0
        mask[:, :, middle + 1:] = 0
    classes = ("shape", "firstorder", *TEXTURES)
    protocol = make_protocol(force_2d=True, image_types={"original": True, "wavelet": {"name": "haar"}},
                             **({"resampling": {"spacing_mm": spacing}} if spacing else {}))
    voi = make_voi(image, mask, protocol)
    ours = extract(voi, protocol, engine=get_engine(engine))
    assert extract(voi, protocol, engine=get_engine(engine), neighbourhood=Neighbourhood()).values == ours.values
    theirs = peer(image, mask, classes, "haar", **({"resampledPixelSpacing": spacing, "interpolator": "sitkBSpline"}
                                                   if spacing else {}))
    assert ours.undefined == ()
    assert set(ours.values) == set(theirs) == set(protocol.feature_names())
    assert {parse_name(name).image_type for name in theirs} == {
        "original", "wavelet-LH", "wavelet-HL", "wavelet-HH", "wavelet-LL"}
    for name, value in ours.values.items():
        assert value == pytest.approx(theirs[name], rel=1e-9, abs=1e-12), name


def test_textures_within_slices_on_chest_ct(lung: Callable[[str], tuple[Path, Path]]) -> None:
    image, mask = (sitk.ReadImage(str(path)) for path in lung("lung1"))
    mask.CopyInformation(image)
    ours = native(image, mask, force_2d=True, feature_classes=list(TEXTURES))
    theirs = peer(image, mask, TEXTURES)
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        assert value == pytest.approx(theirs[name], rel=1e-9), name


# Along one direction


@pytest.mark.parametrize("offset", [1, 4, 7])
def test_pairs_along_a_direction_are_those_of_pyradiomics_matrix(offset: int) -> None:
    """pyradiomics counts every direction of a distance; the matrix of ours is among them."""
    levels = np.random.default_rng(offset).integers(1, 6, (4, 18, 16))
    inside = np.random.default_rng(9).random(levels.shape) < 0.8
    inside[:, 2:-2, 2:-2] = True
    matrices, angles = cMatrices.calculate_glcm(levels.astype(np.int32), inside, np.array([offset]), 5, True, 0)
    image, mask = (sitk.GetImageFromArray(np.where(inside, levels, 0).astype(np.int16)),
                   sitk.GetImageFromArray(inside.astype(np.uint8)))
    i, j = np.indices((5, 5)) + 1
    for degrees in DEGREES:
        along = offsets(levels.shape, direction=Direction(degrees, offset))[0]
        row = next(n for n, angle in enumerate(angles) if tuple(angle) in (along, tuple(-step for step in along)))
        matrix = matrices[0, :, :, row] + matrices[0, :, :, row].T
        shares = matrix / matrix.sum()
        values = all_along(f"glcm-{degrees}-{offset}", image, mask)
        head = f"original_glcm-{degrees}-{offset}_"
        assert values[f"{head}Contrast"] == pytest.approx((shares * (i - j)**2).sum(), rel=1e-12)
        assert values[f"{head}Autocorrelation"] == pytest.approx((shares * i * j).sum(), rel=1e-12)
        assert values[f"{head}JointEnergy"] == pytest.approx((shares**2).sum(), rel=1e-12)
        assert values[f"{head}MaximumProbability"] == pytest.approx(shares.max(), rel=1e-12)


@pytest.mark.parametrize(("name", "suffix"), [("glcm", "-1"), ("glrlm", "")])
def test_mean_over_directions_is_pyradiomics_value_within_slices(name: str, suffix: str) -> None:
    image, mask = textured_volume()
    classes = [f"{name}-{degrees}{suffix}" for degrees in DEGREES]
    ours = native(image, mask, feature_classes=classes)
    for feature, value in peer(image, mask, (name,)).items():
        key = feature.rpartition("_")[2]
        mean = np.mean([ours[f"original_{item}_{key}"] for item in classes])
        assert mean == pytest.approx(value, rel=1e-9), feature


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 4, 7]))
def test_a_quarter_turn_maps_0_to_90_exactly(seed: int, offset: int) -> None:
    array = np.random.default_rng(seed).integers(0, 6, (5, 15, 13))
    image, mask = volume(array)
    turned, turned_mask = volume(np.rot90(array, axes=(1, 2)))
    for before, after in ((0, 90), (90, 0), (45, 135), (135, 45)):
        for name, suffix in (("glcm", f"-{offset}"), ("glrlm", "")):
            first = all_along(f"{name}-{before}{suffix}", image, mask)
            second = all_along(f"{name}-{after}{suffix}", turned, turned_mask)
            assert list(first.values()) == list(second.values()), (name, before)


@pytest.mark.parametrize(("degrees", "pattern"), [(0, "j"), (45, "i + j"), (90, "i"), (135, "i - j")])
def test_stripes_are_uniform_along_themselves_alone(degrees: int, pattern: str) -> None:
    """Angles are as a slice is seen: columns run to the right, rows downwards, so that i + j is constant at 45."""
    _, j, i = np.indices((4, 14, 14))
    stripes = {"j": j, "i + j": i + j, "i": i, "i - j": i - j}[pattern] // 2 % 2
    image, mask = volume(stripes)
    for other in DEGREES:
        values = all_along(f"glcm-{other}-1", image, mask) | all_along(f"glrlm-{other}", image, mask)
        contrast = values[f"original_glcm-{other}-1_Contrast"]
        long_runs = values[f"original_glrlm-{other}_LongRunEmphasis"]
        assert (contrast == 0) == (other == degrees)
        assert (long_runs > 12) == (other == degrees)


def test_a_direction_without_a_pair_has_no_value() -> None:
    image, mask = volume(np.random.default_rng(0).integers(0, 9, (4, 7, 14)))
    protocol = make_protocol(feature_classes=["glcm-0-7", "glcm-90-7"], discretisation={"bin_width": 1})
    values = extract(make_voi(image, mask, protocol), protocol, engine=NATIVE)
    assert {parse_name(name).feature_class for name in values.undefined} == {"glcm-90-7"}
    assert {parse_name(name).feature_class for name in values.values} == {"glcm-0-7"}


def test_names_and_labels_of_directions() -> None:
    assert feature_label("original_glcm-45-7_DifferenceEntropy") == "GLCM 45°/7 difference entropy"
    assert feature_label("wavelet-LH_glrlm-90_RunEntropy") == "GLRLM 90° run entropy · LH"
    assert parse_name("original_glcm-135-12_Idn").described.ibsi == "NDRX"
    for name in ("glcm-30-1", "glcm-45", "glcm-45-0", "glrlm-90-1", "glszm-0", "glcm-"):
        with pytest.raises(SchemaError, match=name):
            make_protocol(feature_classes=[name])


def test_pyradiomics_has_no_single_directions() -> None:
    image, mask = textured_volume()
    protocol = make_protocol(feature_classes=["glcm-0-1"])
    with pytest.raises(EngineUnfit, match="use the engine native"):
        extract(make_voi(image, mask, protocol), protocol, engine=get_engine("pyradiomics"))


# The largest slice


def only_slice(mask: sitk.Image, k: int) -> sitk.Image:
    array = sitk.GetArrayFromImage(mask)
    array[np.arange(len(array)) != k] = 0
    result = sitk.GetImageFromArray(array)
    result.CopyInformation(mask)
    return result


def without_slices(mask: sitk.Image, first: int) -> sitk.Image:
    """Return ``mask`` without its slices before ``first``, so that this is the largest of what remains."""
    array = sitk.GetArrayFromImage(mask)
    array[:first] = 0
    result = sitk.GetImageFromArray(array)
    result.CopyInformation(mask)
    return result


@pytest.mark.parametrize("engine", ["native", "pyradiomics"])
def test_largest_slice_equals_a_contour_of_that_slice(engine: str) -> None:
    image, mask = textured_volume()
    classes = ["firstorder", *TEXTURES]
    protocol = make_protocol(slice="largest", force_2d=True, feature_classes=classes, hu_range=[0, None],
                             resampling={"spacing_mm": [1.5, 1.5, 0]})
    areas = np.count_nonzero(sitk.GetArrayFromImage(mask), axis=(1, 2))
    largest = int(areas.argmax())
    kept = only_slice(mask, largest)
    limited = sitk.And(kept, sitk.Cast(image >= 0, sitk.sitkUInt8))
    voi = make_voi(image, mask, protocol)
    assert voi.slice_voxels == areas[largest]
    assert voi.statistics.contoured_voxels == areas.sum()
    assert voi.statistics.kept_voxels == np.count_nonzero(sitk.GetArrayFromImage(limited))
    assert voi.statistics.removed_share == pytest.approx(1 - voi.statistics.kept_voxels / areas[largest])
    ours = extract(voi, protocol, engine=get_engine(engine))
    theirs = peer(image, limited, tuple(classes), resampledPixelSpacing=[1.5, 1.5, 0], interpolator="sitkBSpline")
    assert set(ours.values) == set(theirs)
    for name, value in ours.values.items():
        assert value == pytest.approx(theirs[name], rel=1e-9, abs=1e-12), name


def test_every_phase_has_its_own_largest_slice() -> None:
    image, arterial = textured_volume()
    venous = without_slices(arterial, 13)
    protocol = make_protocol(slice="largest", feature_classes=["firstorder"])
    slices = []
    for mask in (arterial, venous):
        voi = make_voi(image, mask, protocol)
        slices.append(voi.kept_box()[0][2])
        expected = sitk.GetArrayFromImage(image)[slices[-1]][sitk.GetArrayFromImage(mask)[slices[-1]] == 1].mean()
        assert extract(voi, protocol).values["original_firstorder_Mean"] == pytest.approx(expected)
    assert slices == [8, 13]


def test_an_edit_chooses_the_slice_anew() -> None:
    image, mask = textured_volume()
    protocol = make_protocol(slice="largest", feature_classes=["firstorder"])
    voi = make_voi(image, mask, protocol)
    edited = redrawn(voi, voi.contour[4:], (voi.start[0], voi.start[1], voi.start[2] + 4), protocol)
    assert voi.contour.sum() == np.count_nonzero(sitk.GetArrayFromImage(mask))
    assert edited.kept.any(axis=(1, 2)).sum() == 1
    assert redrawn(edited, voi.contour, voi.start, protocol).kept_box() == voi.kept_box()


def test_a_slice_must_have_an_area() -> None:
    image, mask = textured_volume()
    line = sitk.Image(mask.GetSize(), sitk.sitkUInt8)
    line.CopyInformation(mask)
    line[2:22, 10, 5] = line[2:12, 12, 6] = 1
    protocol = make_protocol(slice="largest", minimum_voxels=4)
    with pytest.raises(FlatVoi, match=r"along image axis j in its largest slice.*draw it wider"):
        make_voi(image, line, protocol)


def test_one_slice_is_enough_within_slices() -> None:
    image, mask = textured_volume()
    values = native(image, only_slice(mask, 9), force_2d=True)
    theirs = peer(image, only_slice(mask, 9), TEXTURES)
    assert all(values[name] == pytest.approx(value, rel=1e-9, abs=1e-12) for name, value in theirs.items())


def test_largest_slice_is_not_resampled_into_several() -> None:
    with pytest.raises(SchemaError, match="spacing_mm be 0 along z"):
        make_protocol(slice="largest", resampling={"spacing_mm": [1, 1, 1]})


def test_settings_are_part_of_the_hash_and_survive_the_pipe() -> None:
    plain = make_protocol()
    image, mask = textured_volume()
    others = [make_protocol(slice="largest"), make_protocol(force_2d=True),
              make_protocol(slice="largest", force_2d=True), make_protocol(feature_classes=["glcm-0-1"])]
    assert len({protocol.hash for protocol in (plain, *others)}) == 5
    for protocol in others:
        jobs = {"CT": make_job(make_voi(image, mask, protocol), protocol, protocol.feature_names()[:1])}
        blocks = Blocks()
        blocks.replace(blocks_of(jobs))
        assert decode_jobs(*encode_jobs(jobs), blocks)["CT"].protocol == protocol
