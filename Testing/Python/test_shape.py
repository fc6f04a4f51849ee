"""Shape features equal pyradiomics': in every configuration of the mesh, on real contours and on the oddest masks."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, shared_case, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pyradiomics_peer import cShape, featureextractor, logger

from RadiomicsPrognosisLib.catalogue import FEATURES
from RadiomicsPrognosisLib.features.classes import shape, shape2d
from RadiomicsPrognosisLib.features.engine import Engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.geometry.cubes import cube_surfaces
from RadiomicsPrognosisLib.features.geometry.diameters import diameters
from RadiomicsPrognosisLib.features.geometry.mesh import mesh
from RadiomicsPrognosisLib.features.native_engine import NativeEngine
from RadiomicsPrognosisLib.features.plan import make_plan
from RadiomicsPrognosisLib.features.preparation import Prepared
from RadiomicsPrognosisLib.features.pyradiomics_engine import PyradiomicsEngine
from RadiomicsPrognosisLib.features.region import Region
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.grid import bounding_box, crop

logger.setLevel(logging.CRITICAL)

#: No two sides alike, so that no axis can stand for another.
SPACING = (0.9, 1.3, 1.7)

#: pyradiomics adds thousands of tetrahedra far from its corner; what rounding leaves of that is its own error.
CLOSE = 1e-11

#: Masks that a contour hardly is: all of the array, a row, a slice, a column, a shell, crumbs that touch at
#: edges only, and a shape whose faces are cut along two different diagonals.
ODD_MASKS = {
    "full": np.ones((3, 4, 5), bool),
    "row": np.ones((1, 1, 6), bool),
    "slice": np.ones((1, 5, 4), bool),
    "column": np.ones((7, 1, 1), bool),
    "shell": np.pad(np.zeros((2, 3, 2), bool), 1, constant_values=True),
    "crumbs": np.indices((4, 4, 4)).sum(axis=0) % 2 == 0,
    "diagonal": np.eye(5, dtype=bool)[np.newaxis].repeat(2, axis=0),
}

#: The extractor takes two voxels and more.
masks = arrays(bool, array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)).filter(lambda mask: mask.sum() > 1)
planes = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8)).filter(lambda mask: mask.sum() > 1)
spacings = st.tuples(*[st.floats(0.3, 6.0)] * 3)


def extracted(mask: np.ndarray, spacing: tuple[float, ...], feature_class: str) -> dict[str, float]:
    """Return pyradiomics' features of a mask of three or two dimensions, by its own extractor, without prefix."""
    pair = [sitk.GetImageFromArray(array) for array in (np.zeros(mask.shape), mask.astype(np.uint8))]
    for image in pair:
        image.SetSpacing(spacing)
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, minimumROIDimensions=1)
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName(feature_class)
    return {name.rpartition("_")[2]: float(np.real(value)) for name, value in extractor.execute(*pair).items()}


def computed(mask: np.ndarray, spacing: tuple[float, float, float]) -> dict[str, float]:
    """Return our features of the class ``shape``."""
    return shape.compute(region_of(mask, spacing), FEATURES["shape"])


def region_of(mask: np.ndarray, spacing: tuple[float, float, float]) -> Region:
    return Region(values=np.zeros(mask.shape), mask=mask, spacing=spacing, protocol=make_protocol())


def assert_same(ours: dict[str, float], theirs: dict[str, float]) -> None:
    assert set(ours) == set(theirs)
    for name, value in theirs.items():
        assert ours[name] == pytest.approx(value, rel=CLOSE, abs=0.0, nan_ok=True), name


def test_the_triangles_of_every_configuration() -> None:
    surfaces, spacing = cube_surfaces(), np.array(SPACING[::-1])
    for configuration in range(1, 255):
        corners = np.array([configuration >> bit & 1 for bit in range(8)], bool).reshape(2, 2, 2)
        area, volume, _ = cShape.calculate_coefficients(corners, spacing)  # of this one cube alone
        normals = surfaces.normals[surfaces.configuration == configuration] * math.prod(SPACING) / spacing
        assert np.linalg.norm(normals, axis=1).sum() / 8 == pytest.approx(area, rel=1e-14), configuration
        own_volume = surfaces.corner[configuration] * math.prod(SPACING) / 48
        assert own_volume == pytest.approx(volume, rel=1e-13, abs=1e-16), configuration

        # Away from the corner of the array, where it counts in which direction a triangle looks.
        surrounded = np.pad(corners, 1)
        area, volume, _ = cShape.calculate_coefficients(np.pad(surrounded, 1), spacing)
        assert mesh(surrounded, SPACING) == pytest.approx((volume, area), rel=1e-13), configuration


@pytest.mark.parametrize("name", ODD_MASKS)
def test_odd_masks(name: str) -> None:
    with np.errstate(invalid="ignore"):  # of pyradiomics' 0 / 0 for a mask without an axis
        assert_same(computed(ODD_MASKS[name], SPACING), extracted(ODD_MASKS[name], SPACING, "shape"))


@settings(max_examples=40, deadline=None)
@given(masks, spacings)
def test_any_mask(mask: np.ndarray, spacing: tuple[float, float, float]) -> None:
    mask = crop(mask, *bounding_box(mask))  # as the extractor crops it
    with np.errstate(invalid="ignore", divide="ignore"):
        ours, theirs = computed(mask, spacing), extracted(mask, spacing, "shape")
    if ours["MeshVolume"] == 0:  # an open mesh: pyradiomics divides by what rounding left of its volume
        assert abs(theirs["MeshVolume"]) < 1e-12 * theirs["SurfaceArea"] ** 1.5
        assert math.isnan(ours["SurfaceVolumeRatio"])
        for values in (ours, theirs):
            for name in ("MeshVolume", "Sphericity", "SurfaceVolumeRatio"):
                del values[name]
    assert_same(ours, theirs)


def test_a_mesh_may_enclose_nothing() -> None:
    """Of two voxels that touch at an edge: pyradiomics' sum of tetrahedra is rounding there, ours a plain 0."""
    mask = np.zeros((2, 3, 2), bool)
    mask[0, 2, 1] = mask[1, 2, 0] = True
    area, volume, _ = cShape.calculate_coefficients(np.pad(mask, 1), np.array(SPACING[::-1]))
    assert abs(volume) < 1e-14
    assert mesh(mask, SPACING) == (0, pytest.approx(area))
    assert math.isnan(computed(mask, SPACING)["SurfaceVolumeRatio"])


def test_a_single_voxel_is_an_octahedron() -> None:
    """pyradiomics' extractor refuses it; its diameters are the voxel's sides and it has no axis."""
    values = computed(np.ones((1, 1, 1), bool), SPACING)
    assert values["MeshVolume"] == pytest.approx(math.prod(SPACING) / 6, rel=1e-15)
    assert values["VoxelVolume"] == pytest.approx(math.prod(SPACING), rel=1e-15)
    diameter_names = ("Maximum2DDiameterSlice", "Maximum2DDiameterColumn", "Maximum2DDiameterRow", "Maximum3DDiameter")
    assert [values[name] for name in diameter_names] == pytest.approx([SPACING[1], *[SPACING[2]] * 3], rel=1e-15)
    assert values["MajorAxisLength"] == 0
    assert math.isnan(values["Elongation"])


@pytest.mark.parametrize("name", ["lung1", "lung2"])
def test_chest_ct(name: str, lung: Callable[[str], tuple[Path, Path]]) -> None:
    check_case(lung(name)[1])


@pytest.mark.parametrize("number", [2, 19])
def test_sarcoma_ct(number: int) -> None:
    check_case(shared_case(f"sts_ct/STS_{number:03d}")[1])


def check_case(path: Path) -> None:
    """Compare the mask in the file with pyradiomics."""
    image = sitk.ReadImage(str(path))
    voxels = sitk.GetArrayFromImage(image) == 1
    mask = crop(voxels, *bounding_box(voxels))
    assert_same(computed(mask, image.GetSpacing()), extracted(mask, image.GetSpacing(), "shape"))


def test_a_long_oblique_contour_has_pyradiomics_diameters() -> None:
    """Its hull has corners far apart in every plane, of which few are the ends of a row."""
    k, j, i = np.indices((40, 48, 56)) - np.array([20, 24, 28]).reshape(3, 1, 1, 1)
    along, across = (k + j + i) / math.sqrt(3), np.array([k - j, j - i, i - k])
    mask = (along / 24) ** 2 + (across**2).sum(axis=0) / 150 < 1
    theirs = cShape.calculate_coefficients(np.pad(mask, 1), np.array(SPACING[::-1]))[2]
    assert diameters(mask, SPACING) == pytest.approx(theirs, rel=1e-15)


def test_an_oblique_image_and_a_contour_beyond_the_box() -> None:
    """Shape sees the whole contour inside the box of what the HU range on the resampled grid has left."""
    image, mask = textured_volume()
    turned = sitk.VersorTransform((1.0, 2.0, 0.5), 0.4).GetMatrix()
    for item in (image, mask):
        item.SetDirection(turned)
    protocol = make_protocol(hu_range=[55, 90], hu_range_on="resampled", feature_classes=["shape"])
    ours = extract(make_voi(image, mask, protocol), protocol, engine=NativeEngine())
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False, resegmentRange=[55, 90])
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName("shape")
    assert_same(ours.values, {name: float(np.real(value)) for name, value in extractor.execute(image, mask).items()})


@settings(max_examples=40, deadline=None)
@given(planes, spacings)
def test_any_slice(mask: np.ndarray, spacing: tuple[float, float, float]) -> None:
    mask = mask[np.ix_(mask.any(axis=1), mask.any(axis=0))]
    with np.errstate(invalid="ignore"):
        ours = shape2d.compute(region_of(mask[np.newaxis], spacing), FEATURES["shape2D"])
        assert_same(ours, extracted(mask, spacing[:2], "shape2D"))


def test_the_largest_slice_of_a_chest_ct(lung: Callable[[str], tuple[Path, Path]]) -> None:
    image = sitk.ReadImage(str(lung("lung2")[1]))
    voxels = sitk.GetArrayFromImage(image) == 1
    largest = voxels[voxels.sum(axis=(1, 2)).argmax()]
    ours = shape2d.compute(region_of(largest[np.newaxis], image.GetSpacing()), FEATURES["shape2D"])
    assert_same(ours, extracted(largest, image.GetSpacing()[:2], "shape2D"))


@pytest.mark.parametrize("engine", [NativeEngine(), PyradiomicsEngine()])
def test_one_slice_has_an_outline_in_either_engine_and_several_have_none(engine: Engine) -> None:
    protocol = make_protocol(feature_classes=["shape2D"])
    for slices, defined in ((1, True), (2, False)):
        mask = ODD_MASKS["slice"].repeat(slices, axis=0)
        image = sitk.GetImageFromArray(mask.astype(np.uint8))
        image.SetSpacing(SPACING)
        prepared = Prepared(image=image, mask=image, shape_mask=image, box=bounding_box(mask), voxels=int(mask.sum()),
                            removed_share=0.0)
        values = engine.extract(prepared, protocol, make_plan(protocol))
        assert len(values) == len(FEATURES["shape2D"])
        assert all(math.isfinite(value) is defined for value in values.values())
        if defined:
            assert_same({name.rpartition("_")[2]: value for name, value in values.items()},
                        extracted(mask[0], SPACING[:2], "shape2D"))


def test_only_what_is_asked_for_is_computed() -> None:
    assert shape.compute(region_of(np.ones((1, 1, 1), bool), SPACING), ("VoxelVolume",)) == {
        "VoxelVolume": pytest.approx(math.prod(SPACING))}
