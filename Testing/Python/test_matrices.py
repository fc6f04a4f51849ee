"""Intensity and texture classes equal pyradiomics' own extractor, defined and undefined alike, however odd the VOI."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, shared_case
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from radiomics import cMatrices, logger
from radiomics.featureextractor import RadiomicsFeatureExtractor
from scipy import ndimage

from RadiomicsPrognosisLib.catalogue import CLASSES, Direction
from RadiomicsPrognosisLib.features.classes import compute_of
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.matrices import cooccurrence, information
from RadiomicsPrognosisLib.features.matrices.cooccurrence import cooccurrence as count_pairs
from RadiomicsPrognosisLib.features.matrices.directions import offsets
from RadiomicsPrognosisLib.features.matrices.lattice import Lattice
from RadiomicsPrognosisLib.features.matrices.runs import run_lengths
from RadiomicsPrognosisLib.features.matrices.zones import zones
from RadiomicsPrognosisLib.features.native_engine import NativeEngine
from RadiomicsPrognosisLib.features.pyradiomics_engine import PyradiomicsEngine
from RadiomicsPrognosisLib.features.region import Region
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.voi import make_voi

logger.setLevel(logging.CRITICAL)

TEXTURE = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")
SPACING = (0.7, 0.8, 2.5)


def native(values: np.ndarray, mask: np.ndarray, in_plane: bool = False, **discretisation: float) -> dict[str, float]:
    """Return our features of the mask's voxels, by class and name."""
    box = ndimage.find_objects(mask.astype(np.uint8))[0]
    protocol = make_protocol(discretisation=discretisation, force_2d=in_plane)
    region = Region(values=values[box], mask=mask[box], spacing=SPACING, protocol=protocol)
    return {f"{name}_{feature}": value for name in TEXTURE
            for feature, value in compute_of(CLASSES[name])(region, tuple(CLASSES[name].by_name), None).items()}


def peer(values: np.ndarray, mask: np.ndarray, in_plane: bool = False, **discretisation: float) -> dict[str, float]:
    """Return the same by pyradiomics' extractor; what a class cannot compute is not defined."""
    pair = [sitk.GetImageFromArray(array) for array in (values, mask.astype(np.uint8))]
    for image in pair:
        image.SetSpacing(SPACING)
    arguments: dict[str, Any] = {"".join(word.title() if place else word for place, word in enumerate(key.split("_"))):
                                 value for key, value in discretisation.items()}
    extractor = RadiomicsFeatureExtractor(additionalInfo=False, minimumROIDimensions=1, force2D=in_plane,
                                          force2Ddimension=0, **arguments)
    computed = {}
    for name in TEXTURE:
        extractor.disableAllFeatures()
        extractor.enableFeatureClassByName(name)
        try:
            computed.update({key.removeprefix("original_"): float(np.real(value))
                             for key, value in extractor.execute(*pair).items()})
        except RuntimeError:  # 'Error getting angle count': there is no direction
            computed.update({f"{name}_{feature}": math.nan for feature in CLASSES[name].by_name})
    return computed


def assert_equal(ours: dict[str, float], theirs: dict[str, float], tolerance: float = 1e-9) -> None:
    """Assert equal values, relative to their own size or to that of the terms that cancel in them.

    Entropies, correlations and skewness are sums of terms about 1; the cluster shade's are cubes, whose size the
    cluster prominence, of fourth powers, tells.
    """
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        terms = 1e-3
        if name.endswith("ClusterShade"):
            terms = max(1e-3, abs(ours[name.replace("Shade", "Prominence")])**0.75)
        assert value == pytest.approx(theirs[name], rel=tolerance, abs=tolerance * terms, nan_ok=True), name


@st.composite
def volumes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw intensities (k, j, i) of some pixel type and a mask of two voxels or more: thin, hollow or in crumbs."""
    shape = draw(array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6).filter(lambda sides: np.prod(sides) > 1))
    values = draw(arrays(draw(st.sampled_from((np.int16, np.float32, np.float64))), shape,
                         elements=st.integers(-700, 700), fill=st.just(40)))
    mask = draw(st.one_of(st.just(np.ones(shape, bool)), arrays(bool, shape)).filter(lambda chosen: chosen.sum() > 1))
    return values, mask


@settings(max_examples=30, deadline=None)
@given(volumes(), st.booleans(), st.sampled_from(({"bin_width": 25.0}, {"bin_width": 300.0}, {"bin_count": 6})))
def test_any_small_volume(volume: tuple[np.ndarray, np.ndarray], in_plane: bool, bins: dict[str, float]) -> None:
    assert_equal(native(*volume, in_plane, **bins), peer(*volume, in_plane, **bins))


def two_voxels(*places: tuple[int, int, int]) -> np.ndarray:
    mask = np.zeros((4, 5, 6), bool)
    mask[tuple(np.transpose(places))] = True
    return mask


#: Masks in which some direction, or every one, has nothing to count.
ODD_MASKS = {
    "two voxels of a row": two_voxels((0, 0, 0), (0, 0, 4)),
    "two voxels of no line": two_voxels((0, 0, 0), (1, 2, 0)),
    "opposite corners": two_voxels((0, 0, 0), (3, 4, 5)),
    "a column of slices": two_voxels((0, 2, 2), (1, 2, 2), (2, 2, 2)),
    "crumbs": np.indices((4, 5, 6)).sum(axis=0) % 2 == 0,
    "far crumbs": (np.indices((4, 5, 6)) % 2 == 0).all(axis=0),
    "hollow": np.pad(np.zeros((2, 3, 4), bool), 1, constant_values=True),
    "row": np.ones((1, 1, 6), bool),
    "slice": np.ones((1, 5, 6), bool),
}


@pytest.mark.parametrize("in_plane", [False, True])
@pytest.mark.parametrize("texture", ["flat", "two levels"])
@pytest.mark.parametrize("mask", ODD_MASKS.values(), ids=ODD_MASKS)
def test_undefined_in_the_same_cases(mask: np.ndarray, texture: str, in_plane: bool) -> None:
    values = np.full(mask.shape, 25.0)
    if texture == "two levels":
        values[np.indices(mask.shape).sum(axis=0) % 3 == 0] = 70.0
    assert_equal(native(values, mask, in_plane, bin_width=25.0), peer(values, mask, in_plane, bin_width=25.0))


def test_two_thousand_grey_levels() -> None:
    generator = np.random.default_rng(1)
    values = generator.uniform(-1000, 1000, (2, 3, 5))
    values[0, 0, :2] = -1000, 1000
    mask = np.ones(values.shape, bool)
    ours = native(values, mask, bin_width=1.0)
    assert ours["glcm_JointAverage"] > 500
    assert_equal(ours, peer(values, mask, bin_width=1.0), 1e-11)


@pytest.mark.parametrize("rounding", [0.0, 1e-5], ids=["unsymmetrical", "symmetrical"])
def test_coefficient_by_iteration_is_that_of_all_eigenvalues(rounding: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise, a chain of levels with eigenvalues close to 1, and a checkerboard, whose matrix falls apart."""
    generator = np.random.default_rng(4)
    noise = generator.integers(1, 60, (7, 8, 9))
    chain = np.arange(1, 7 * 8 * 9 + 1).reshape(noise.shape) // 3 + 1
    checkers = np.indices(noise.shape).sum(0) % 2 * 100 + noise
    monkeypatch.setattr(information, "_LITTLE_TAKEN", rounding)
    for levels in (noise, chain, checkers):
        pairs = count_pairs(Lattice.of(np.ones(noise.shape, bool), levels.ravel()), offsets(noise.shape))
        assert pairs is not None
        all_values = information.correlation_coefficient(pairs)
        with monkeypatch.context() as context:
            context.setattr(information, "_MANY_LEVELS", 1)
            assert information.correlation_coefficient(pairs) == pytest.approx(all_values, rel=1e-9)


def test_neighbours_all_but_independent() -> None:
    """Mutual information and eigenvalues near zero are rounding errors, whose roots pyradiomics makes features of."""
    values = 30.0 * np.random.default_rng(2).integers(0, 2, (16, 16, 16))
    mask = np.ones(values.shape, bool)
    ours = native(values, mask, bin_width=25.0)
    assert 0 < ours["glcm_MCC"] < 0.03
    assert_equal(ours, peer(values, mask, bin_width=25.0))


@pytest.fixture(scope="module")
def texture_names() -> list[str]:
    """All features of S1's protocol but shape."""
    return [name for name in load_protocol("ct-hu50-1mm-wavelet").feature_names() if "_shape_" not in name]


def check_case(image: Path, mask: Path, names: list[str]) -> None:
    """Assert equal features on a resampled CT and its wavelet sub-bands; pyradiomics' classes see the same images."""
    protocol = load_protocol("ct-hu50-1mm-wavelet")
    pair = sitk.ReadImage(str(image)), sitk.ReadImage(str(mask))
    pair[1].CopyInformation(pair[0])
    voi = make_voi(*pair, protocol)
    ours, theirs = (extract(voi, protocol, names, engine) for engine in (NativeEngine(), PyradiomicsEngine()))
    assert ours.undefined == theirs.undefined
    assert_equal(ours.values, theirs.values, 1e-11)


def test_chest_ct(lung: Callable[[str], tuple[Path, Path]], texture_names: list[str]) -> None:
    check_case(*lung("lung1"), texture_names)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ibsi1_ct_phantom", *(f"sts_ct/STS_{n:03d}" for n in (2, 8, 12, 19, 25))])
def test_shared_ct(name: str, texture_names: list[str]) -> None:
    check_case(*shared_case(name), texture_names)


@pytest.mark.parametrize("in_plane", [False, True])
def test_directions_are_pyradiomics_angles_in_its_order(in_plane: bool) -> None:
    for size in product((1, 2, 5), repeat=3):
        ours = [list(offset) for offset in offsets(size, in_plane)]
        if ours:
            theirs = cMatrices.generate_angles(np.array(size), np.array([1]), False, in_plane, 0).tolist()
            assert ours == theirs, size
        else:
            with pytest.raises(RuntimeError, match="angle count"):
                cMatrices.generate_angles(np.array(size), np.array([1]), False, in_plane, 0)


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    """Grey levels (k, j, i) of smooth noise, 0 outside an irregular mask."""
    generator = np.random.default_rng(3)
    smooth = ndimage.gaussian_filter(generator.normal(size=(9, 10, 11)), 0.8)
    return np.where(generator.random(smooth.shape) < 0.8, np.digitize(smooth, np.quantile(smooth, (0.3, 0.5, 0.7))) + 1,
                    0)


def lattice_of(levels: np.ndarray, margin: int = 1) -> Lattice:
    return Lattice.of(levels > 0, levels[levels > 0], margin)


@pytest.mark.parametrize("direction", [Direction(degrees, offset) for degrees in (0, 45, 90, 135)
                                       for offset in (1, 4, 7)])
def test_pairs_along_a_direction(levels: np.ndarray, direction: Direction) -> None:
    """Counted voxel by voxel: anticlockwise from the rows, as an axial slice is seen with its first row on top."""
    right = {0: 1, 45: 1, 90: 0, 135: -1}[direction.degrees] * direction.offset
    up = {0: 0, 45: 1, 90: 1, 135: 1}[direction.degrees] * direction.offset
    expected = np.zeros((5, 5))
    for k, j, i in np.argwhere(levels > 0):
        row, column = j - up, i + right
        if 0 <= row < levels.shape[1] and 0 <= column < levels.shape[2] and levels[k, row, column]:
            first, second = levels[k, j, i], levels[k, row, column]
            expected[first, second] += 1
            expected[second, first] += 1
    pairs = count_pairs(lattice_of(levels, direction.offset), offsets(levels.shape, direction=direction))
    assert pairs is not None
    counted = np.zeros((5, 5))
    counted[pairs.first, pairs.second] = pairs.counts
    np.testing.assert_array_equal(counted, expected)


@pytest.mark.parametrize(("degrees", "axis"), [(0, 2), (90, 1)])
def test_runs_along_a_direction(levels: np.ndarray, degrees: int, axis: int) -> None:
    expected: dict[tuple[int, int], int] = {}
    for line in np.moveaxis(levels, axis, 2).reshape(-1, levels.shape[axis]):
        for level, run in groupby(line):
            if level:
                key = int(level), len(list(run))
                expected[key] = expected.get(key, 0) + 1
    matrix = run_lengths(lattice_of(levels), offsets(levels.shape, direction=Direction(degrees)))
    assert matrix is not None
    counted = {(int(matrix.levels[row]), int(matrix.sizes[column])): int(matrix.counts[0, row, column])
               for row, column in np.argwhere(matrix.counts[0])}
    assert counted == expected


@pytest.mark.parametrize("in_plane", [False, True])
def test_zones_are_the_components_of_each_level(levels: np.ndarray, in_plane: bool) -> None:
    """Labelled level by level by scipy, in space and slice by slice."""
    structure = np.ones((3, 3, 3))
    if in_plane:
        structure[[0, 2]] = 0
    matrix = zones(lattice_of(levels), offsets(levels.shape, in_plane))
    assert matrix is not None
    for row, level in enumerate(matrix.levels):
        labels, _ = ndimage.label(levels == level, structure)
        expected = np.unique(np.bincount(labels.ravel())[1:], return_counts=True)
        counted = matrix.counts[0, row] > 0
        np.testing.assert_array_equal((matrix.sizes[counted], matrix.counts[0, row, counted]), expected)


def test_a_zone_may_wind_through_the_whole_volume() -> None:
    """One voxel wide, so that joining it takes as many contacts as it has voxels."""
    path = np.ones((9, 9, 9), int)
    path[:, 1::2, :] = 2
    path[:, 1::4, -1] = path[:, 3::4, 0] = 1
    path[1::2] = 2
    path[1::4, 0, 0] = path[3::4, -1, -1] = 1
    matrix = zones(lattice_of(path), offsets(path.shape))
    assert matrix is not None
    assert matrix.counts[0, 0].sum() == 1


def test_pairs_are_the_same_however_they_are_counted(levels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    lattice, along = lattice_of(levels), offsets(levels.shape)
    in_a_table = count_pairs(lattice, along)
    monkeypatch.setattr(cooccurrence, "_CELLS_PER_VOXEL", 0)
    sorted_out = count_pairs(lattice, along)
    assert in_a_table is not None and sorted_out is not None
    for field in ("counts", "direction", "first", "second", "occurring"):
        np.testing.assert_array_equal(getattr(in_a_table, field), getattr(sorted_out, field))
    at_once = information.correlation_coefficient(in_a_table)
    monkeypatch.setattr(information, "_CELLS_AT_ONCE", 1)
    np.testing.assert_array_equal(at_once, information.correlation_coefficient(in_a_table))
