"""Grids that are turned and shifted, contours that grow, shrink and follow supervoxels, and noise."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from RadiomicsPrognosisLib.errors import EmptyVoi, FlatVoi
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.grids.placement import Placement, placed_grid
from RadiomicsPrognosisLib.features.grids.turned_grid import interpolate
from RadiomicsPrognosisLib.features.preparation import prepare
from RadiomicsPrognosisLib.stability.noise import add_noise, noise_level
from RadiomicsPrognosisLib.stability.redrawing import ContouredBox, dice, randomised
from RadiomicsPrognosisLib.stability.settings import load_settings
from RadiomicsPrognosisLib.voi import Grid, Voi, make_voi
from RadiomicsPrognosisLib.voi.images import array_view, inside
from RadiomicsPrognosisLib.voi.voi import redrawn

RESAMPLED = make_protocol(resampling={"spacing_mm": [0.8, 1.1, 1.5]}, hu_range={"min": -150},
                          image_types={"original": True, "wavelet": {"name": "coif1", "levels": 1}})
NATIVE = make_protocol(feature_classes=["shape", "firstorder", "glcm"])

SHIFTS = st.tuples(*[st.floats(-1, 1)] * 3)


@pytest.fixture(scope="module")
def voi() -> Voi:
    image, mask = textured_volume((40, 38, 24), (0.9, 1.0, 2.5))
    return make_voi(image, mask, RESAMPLED)


@pytest.mark.parametrize("protocol", [RESAMPLED, NATIVE], ids=["resampled", "native"])
@pytest.mark.parametrize("placement", [Placement(), Placement(360.0), Placement(-720.0)], ids=str)
def test_a_placement_that_moves_nothing_changes_no_bit(voi: Voi, protocol: object, placement: Placement) -> None:
    image, mask = textured_volume((40, 38, 24), (0.9, 1.0, 2.5))
    own = make_voi(image, mask, protocol)
    assert extract(own, protocol, placement=placement) == extract(own, protocol)


@pytest.mark.parametrize("shift", [(1, 0, 0), (0, -1, 0), (0, 0, 1), (1, -1, 1), (3, 2, -2)])
def test_a_shift_by_whole_voxels_reproduces_the_values(voi: Voi, shift: tuple[float, float, float]) -> None:
    """The points are the same, by another path of computing: an integer may be cut off elsewhere by rounding."""
    own = prepare(voi, RESAMPLED)
    placed = prepare(voi, RESAMPLED, Placement(0.0, shift))
    assert placed.voxels == own.voxels
    values, others = (array_view(item.image)[inside(item.mask)] for item in (own, placed))
    assert np.abs(values.astype(int) - others).max() <= 1 and (values != others).mean() < 1e-3
    first, second = (extract(voi, RESAMPLED, placement=item).values for item in (None, Placement(0.0, shift)))
    assert first.keys() == second.keys()
    np.testing.assert_allclose([second[name] for name in first], list(first.values()), rtol=2e-2, atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(degrees=st.floats(-180, 180), shift=SHIFTS)
def test_the_placed_grid_holds_the_whole_lesion(voi: Voi, degrees: float, shift: tuple[float, float, float]) -> None:
    """Every kept voxel's centre lies inside the grid without its padding, and the grid's points are rigidly moved."""
    grid = placed_grid(voi, np.array([0.8, 1.1, 1.5]), np.zeros(3), Placement(degrees, shift))
    centres = voi.grid.position(np.argwhere(voi.kept)[:, ::-1] + np.array(voi.start))
    index = grid.index(centres)
    assert (index > -1 - 1e-6).all() and (index < np.array(grid.size) + 1e-6).all()
    direction = np.array(grid.direction).reshape(3, 3)
    np.testing.assert_allclose(direction @ direction.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(direction[:, 2], np.array(voi.grid.direction).reshape(3, 3)[:, 2], atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(degrees=st.floats(-180, 180), shift=SHIFTS)
def test_turning_and_shifting_keep_volume_and_place(voi: Voi, degrees: float,
                                                    shift: tuple[float, float, float]) -> None:
    placed = prepare(voi, RESAMPLED, Placement(degrees, shift))
    volume = placed.voxels * 0.8 * 1.1 * 1.5
    assert volume == pytest.approx(voi.statistics.kept_volume_mm3, rel=0.03)
    grid, own = Grid.of(placed.mask), voi.grid.position(np.argwhere(voi.kept)[:, ::-1] + np.array(voi.start))
    centroid = grid.position(np.argwhere(inside(placed.mask))[:, ::-1]).mean(axis=0)
    # Nearest neighbours take whole voxels, of 0.9 x 1.0 x 2.5 mm: the place is known to a quarter of one.
    assert (np.abs(centroid - own.mean(axis=0)) < [0.25, 0.25, 0.6]).all()


@settings(max_examples=15, deadline=None)
@given(degrees=st.floats(-180, 180), shift=SHIFTS, seed=st.integers(0, 99))
def test_interpolation_gives_itks_values(degrees: float, shift: tuple[float, float, float], seed: int) -> None:
    """On points between voxels of the image: what lies beyond its border, ITK extrapolates otherwise."""
    values = np.random.default_rng(seed).normal(0, 300, (14, 17, 19))
    grid = Grid((19, 17, 14), (0.7, 0.9, 3.0), (5.0, -3.0, 11.0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    origin = grid.position(np.array([[9.0, 8.0, 2.0]]))[0] + turn @ np.array([-1.5, -1.5, 0.0]) + np.array(shift)
    target = Grid((4, 4, 9), (0.8, 0.8, 3.1), tuple(origin), tuple(turn.ravel()))
    itk = sitk.Resample(grid.image(values), target.size, sitk.Transform(), sitk.sitkBSpline, target.origin,
                        target.spacing, target.direction, 0.0, sitk.sitkFloat64)
    np.testing.assert_allclose(interpolate(values, grid, target), sitk.GetArrayFromImage(itk), atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_image_of_few_slices_is_interpolated_up_to_its_last(count: int) -> None:
    values = np.random.default_rng(count).normal(0, 300, (count, 9, 8))
    grid = Grid((8, 9, count), (1.0, 1.0, 3.0), (0.0, 0.0, 0.0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    np.testing.assert_allclose(interpolate(values, grid, grid), values, atol=1e-4)


def test_a_protocol_without_resampling_keeps_its_integers_unbiased() -> None:
    """Interpolated integers are rounded, not cut off towards 0: the mean of a placed image is not lower."""
    image, mask = textured_volume((40, 38, 24), (0.9, 1.0, 1.0), seed=3)
    own = make_voi(sitk.Cast(image + 1000, sitk.sitkInt16), mask, NATIVE)
    means = [extract(own, NATIVE, ["original_firstorder_Mean"], placement=Placement(0, (shift, shift, shift)))
             .values["original_firstorder_Mean"] for shift in (0.0, 0.25, 0.5, 0.75)]
    assert np.abs(np.array(means[1:]) - means[0]).max() < 2.0
    assert array_view(prepare(own, NATIVE, Placement(5.0)).image).dtype == np.int16


# Contours ------------------------------------------------------------------------------------------------------------


def ball(radius: float = 12.0, spacing: tuple[float, float, float] = (0.8, 0.8, 3.0)) -> ContouredBox:
    """Return a ball of ``radius`` mm at 60 HU in a surrounding of -80 HU, with some texture."""
    size = [round(2 * (radius + 14) / step) for step in spacing]
    k, j, i = (axis * step - (n - 1) * step / 2
               for axis, step, n in zip(np.indices(size[::-1]), spacing[::-1], size[::-1], strict=True))
    voxels = k**2 + j**2 + i**2 < radius**2
    noise = gaussian_filter(np.random.default_rng(0).normal(size=voxels.shape), 1.0)
    return ContouredBox(voxels, np.rint(np.where(voxels, 60, -80) + 150 * noise).astype(np.int16), spacing)


@settings(max_examples=30, deadline=None)
@given(change=st.floats(-0.5, 1.0), seed=st.integers(0, 9))
def test_growth_hits_its_target_to_half_a_voxel(change: float, seed: int) -> None:
    around = ball(8.0)
    count = around.voxels.sum()
    resized = around.resized(change, np.random.default_rng(seed))
    assert abs(resized.sum() - count * (1 + change)) <= 0.5 + 1e-9
    grown, kept = (resized, around.voxels) if resized.sum() >= count else (around.voxels, resized)
    assert not (kept & ~grown).any()


def test_growth_takes_the_nearest_voxels_in_mm() -> None:
    around = ball(9.0, (1.0, 1.0, 5.0))
    grown = around.resized(0.2, np.random.default_rng(0)) & ~around.voxels
    assert around.distances[grown].max() <= np.sort(around.distances[around.distances > 0])[grown.sum() - 1]
    shrunk = around.voxels & ~around.resized(-0.2, np.random.default_rng(0))
    assert (-around.distances[shrunk]).max() < 5.0


def test_a_contour_that_shrinks_to_nothing_is_refused() -> None:
    around = ContouredBox(np.pad(np.ones((1, 1, 1), bool), 3), np.zeros((7, 7, 7), np.int16), (1.0, 1.0, 1.0))
    with pytest.raises(EmptyVoi):
        around.resized(-0.6, np.random.default_rng(0))


def test_a_contour_that_fills_its_box_grows_no_further() -> None:
    around = ContouredBox(np.ones((3, 4, 5), bool), np.zeros((3, 4, 5), np.int16), (1.0, 1.0, 1.0))
    assert around.resized(0.15, np.random.default_rng(0)).all()


def test_supervoxels_have_their_size_and_follow_the_image() -> None:
    around, contour = ball(), load_settings().contour
    assert contour is not None
    supervoxels = around.supervoxels(contour)
    sizes = np.bincount(supervoxels.ravel()) * 0.8 * 0.8 * 3.0
    assert sizes.min() > 0 and 250 < np.median(sizes) < 1000
    shares = np.bincount(supervoxels.ravel(), weights=around.voxels.ravel()) / np.bincount(supervoxels.ravel())
    mixed = ((shares > 0.1) & (shares < 0.9)).sum()
    assert mixed < 0.35 * (shares > 0.1).sum()  # their borders lie along the lesion's
    np.testing.assert_array_equal(supervoxels, around.supervoxels(contour))


def test_contours_along_supervoxels_differ_and_agree_with_the_contour_as_drawn() -> None:
    around, contour = ball(), load_settings().contour
    assert contour is not None
    supervoxels = around.supervoxels(contour)
    others = [randomised(around.voxels, supervoxels, contour, np.random.default_rng(seed)) for seed in range(20)]
    overlaps = [dice(other, around.voxels) for other in others]
    assert min(overlaps) > 0.75 and max(overlaps) < 1.0 and np.std(overlaps) > 0
    assert 0.8 < np.mean([other.sum() for other in others]) / around.voxels.sum() < 1.2
    core = np.bincount(supervoxels.ravel(), weights=~around.voxels.ravel()) == 0
    assert all(other[core[supervoxels]].all() for other in others)  # what lies wholly inside stays


def test_a_contour_at_the_border_of_the_image_keeps_its_border() -> None:
    contour = load_settings().contour
    assert contour is not None
    voxels = np.zeros((6, 8, 8), bool)
    voxels[:4, :5, :5] = True
    supervoxels = np.where(voxels, 0, 1)
    np.testing.assert_array_equal(randomised(voxels, supervoxels, contour, np.random.default_rng(0)), voxels)


def test_a_redrawn_voi_is_the_one_made_from_that_contour() -> None:
    image, mask = textured_volume()
    voi = make_voi(image, mask, RESAMPLED)
    voxels = np.zeros(image.GetSize()[::-1], bool)
    voxels[5:12, 6:15, 7:17] = True
    changed = redrawn(voi, voxels[2:, 1:, 3:], (3, 1, 2), RESAMPLED)
    expected = make_voi(image, Grid.of(image).image(voxels.astype(np.uint8)), RESAMPLED)
    assert changed.content_hash() == expected.content_hash() and changed.statistics == expected.statistics
    with pytest.raises(EmptyVoi):
        redrawn(voi, np.zeros((3, 3, 3), bool), (0, 0, 0), RESAMPLED)
    with pytest.raises(FlatVoi):
        redrawn(voi, np.ones((1, 6, 6), bool), (8, 8, 8), RESAMPLED)


# Noise ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sd", [2.0, 12.0, 40.0])
def test_the_level_of_noise_is_estimated_within_sampling_error(sd: float) -> None:
    """On noise alone, and where edges and slow changes lie under it."""
    generator = np.random.default_rng(5)
    noise = sd * generator.standard_normal((20, 96, 96))
    assert noise_level(noise) == pytest.approx(sd, rel=0.02)
    k, j, i = np.indices(noise.shape)
    scene = 3.0 * i - 2.0 * j + 200.0 * ((i - 48) ** 2 + (j - 48) ** 2 < 30**2) + 5 * k
    assert noise_level(noise + scene) == pytest.approx(sd, rel=0.08)
    assert noise_level(np.zeros((4, 16, 16))) == 0


def test_noise_has_its_level_and_keeps_the_images_type() -> None:
    values = np.full((30, 40, 50), 100, np.int16)
    noisy = add_noise(values, 15.0, np.random.default_rng(0))
    assert noisy.dtype == np.int16 and noisy.std() == pytest.approx(15.0, rel=0.02)
    assert noisy.mean() == pytest.approx(100, abs=0.3)
    limited = add_noise(np.full((9, 9, 9), 32767, np.int16), 15.0, np.random.default_rng(0))
    assert limited.max() == 32767 and limited.min() > 32600
    assert add_noise(values.astype(np.float32), 15.0, np.random.default_rng(0)).dtype == np.float32
