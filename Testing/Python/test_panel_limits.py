"""Which painted voxels a HU range takes out again, and how a contour is looked at: numbers without MRML or Qt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.presenter.limits import Excess, GridArray, PaintLimit
from RadiomicsPrognosisLib.presenter.sight import central_position, window_of
from RadiomicsPrognosisLib.voi import Grid, make_voi
from RadiomicsPrognosisLib.voi.grid import crop, ijk

RANGE = (-50.0, 200.0)

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

GRID = Grid((12, 10, 6), (0.8, 0.8, 5.0), (-30.0, 12.0, 7.0), IDENTITY)


@pytest.fixture
def image() -> GridArray:
    """Intensities from -100 to 300 HU, with ends of the range and one that is no number among them."""
    values = np.random.default_rng(3).integers(-100, 300, GRID.size[::-1]).astype(float)
    values[2, 3, 4:8] = -50, 200, 201, np.nan
    return GridArray(values, GRID)


def out_of_range(image: GridArray) -> np.ndarray:
    """Return which intensities are not within the closed range."""
    return ~((image.values >= RANGE[0]) & (image.values <= RANGE[1]))


def box(start: tuple[int, int, int], size: tuple[int, int, int]) -> GridArray:
    """Return a contour that fills the box of ``size`` from ``start`` (both i, j, k) of the grid, and holds it alone."""
    return GridArray(np.ones(size[::-1], bool), GRID.cropped(start, size))


def taken_out(excess: Excess, contour: GridArray) -> np.ndarray:
    """Return the excess as an array of the contour's box."""
    result = np.zeros_like(contour.values)
    crop(result, excess.start, excess.voxels.shape[::-1])[...] = excess.voxels
    return result


def test_a_first_stroke_keeps_what_the_native_range_keeps(image: GridArray) -> None:
    limit, contour = PaintLimit(), box((2, 1, 1), (8, 8, 4))
    excess = limit.excess(contour, image, RANGE)
    assert excess is not None
    expected = crop(out_of_range(image), (2, 1, 1), (8, 8, 4))
    np.testing.assert_array_equal(taken_out(excess, contour), expected)
    assert expected[1, 2, 4:6].all() and not expected[1, 2, 2:4].any()  # closed, and NaN is outside


def test_what_is_left_is_kept_whole_by_the_protocol() -> None:
    volume, mask = textured_volume()
    protocol = replace(load_model("s1_escc_lpfs_radscore").image_protocol(), minimum_voxels=1)
    contour = GridArray(sitk.GetArrayFromImage(mask) > 0, Grid.of(volume))
    excess = PaintLimit().excess(contour, GridArray(sitk.GetArrayFromImage(volume), Grid.of(volume)), protocol.hu_range)
    assert excess is not None
    left = contour.grid.image((contour.values & ~taken_out(excess, contour)).astype(np.uint8))
    voi = make_voi(volume, left, protocol)
    np.testing.assert_array_equal(voi.kept, voi.contour)
    assert voi.statistics.kept_voxels == make_voi(volume, mask, protocol).statistics.kept_voxels


def test_the_accepted_contour_stays_and_may_be_painted_again(image: GridArray) -> None:
    limit, first, larger = PaintLimit(), box((3, 3, 2), (3, 3, 2)), box((1, 2, 1), (7, 6, 4))
    limit.accept(first)
    excess = limit.excess(larger, image, RANGE)
    assert excess is not None
    gone = taken_out(excess, larger)
    own = np.zeros_like(gone)
    crop(own, (2, 1, 1), (3, 3, 2))[...] = True
    np.testing.assert_array_equal(gone, crop(out_of_range(image), (1, 2, 1), (7, 6, 4)) & ~own)
    corrected = GridArray(larger.values & ~gone, larger.grid)
    assert limit.excess(corrected, image, RANGE) is None  # nothing is added any more
    assert limit.excess(None, image, RANGE) is None  # all erased
    again = limit.excess(larger, image, RANGE)
    assert again is not None
    np.testing.assert_array_equal(taken_out(again, larger), gone)
    limit.accept(larger)
    assert limit.excess(larger, image, RANGE) is None


def test_contours_that_move_their_box_are_compared_where_they_overlap(image: GridArray) -> None:
    limit, first, second = PaintLimit(), box((0, 0, 0), (6, 6, 3)), box((3, 2, 1), (9, 8, 5))
    limit.accept(first)
    excess = limit.excess(second, image, RANGE)
    assert excess is not None
    common = np.zeros_like(second.values)
    common[:2, :4, :3] = True
    np.testing.assert_array_equal(taken_out(excess, second),
                                  crop(out_of_range(image), (3, 2, 1), (9, 8, 5)) & ~common)


@pytest.mark.parametrize("turned", [False, True])
def test_another_grid_takes_the_intensity_of_the_voxel_that_holds_the_centre(image: GridArray, turned: bool) -> None:
    direction = tuple(np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], float).ravel()) if turned else IDENTITY
    fine = Grid((20, 26, 18), (0.41, 0.37, 1.9), tuple(GRID.position(np.array([[8.2, 1.3, 0.4]]))[0]), direction)
    contour = GridArray(np.random.default_rng(5).random(fine.size[::-1]) < 0.5, fine)
    excess = PaintLimit().excess(contour, image, RANGE)
    assert excess is not None
    gone, outside = taken_out(excess, contour), out_of_range(image)
    for index in np.argwhere(contour.values):
        i, j, k = np.rint(GRID.index(fine.position(index[None, ::-1]))[0]).astype(int)
        held = 0 <= i < 12 and 0 <= j < 10 and 0 <= k < 6
        assert gone[tuple(index)] == (held and outside[k, j, i])
    assert gone.any()


def test_voxels_beyond_the_image_are_let_be_and_a_contour_on_a_new_grid_is_accepted(image: GridArray) -> None:
    limit, beyond = PaintLimit(), box((-3, 0, 0), (2, 10, 6))
    assert limit.excess(beyond, image, RANGE) is None
    reaching = box((-3, 0, 0), (6, 10, 6))
    excess = limit.excess(reaching, image, RANGE)
    assert excess is not None and not taken_out(excess, reaching)[:, :, :3].any()
    other = GridArray(np.ones((3, 3, 3), bool), Grid((3, 3, 3), (1.0, 1.0, 1.0), (-28.3, 13.1, 8.0), IDENTITY))
    assert limit.excess(other, image, RANGE) is None and limit.excess(other, image, RANGE) is None


def test_the_centre_of_a_contour_is_one_of_its_voxels() -> None:
    voxels = np.ones((5, 9, 9), np.uint8)
    voxels[:, 2:7, 2:] = 0  # a C, whose centre of mass is not in it
    mask = GRID.cropped((0, 0, 0), (9, 9, 5)).image(voxels)
    index = mask.TransformPhysicalPointToIndex(central_position(mask))
    assert mask[index] == 1
    i, j, k = ijk(index)
    assert k == 2 and (i == 1 or j in (1, 7))


def test_a_window_holds_the_kept_voxels_and_is_not_too_narrow() -> None:
    volume, mask = textured_volume()
    voi = make_voi(volume, mask, load_model("s1_escc_lpfs_radscore").image_protocol())
    window = window_of(voi)
    values = sitk.GetArrayFromImage(volume)[sitk.GetArrayFromImage(mask) > 0]
    low, high = np.percentile(values[values >= -50], (2, 98))
    assert window.width == pytest.approx(2 * (high - low)) and window.level == pytest.approx((low + high) / 2)
    even = window_of(make_voi(sitk.Cast(volume * 0, sitk.sitkFloat32) + 40, mask, voi_protocol()))
    assert even.width == 150 and even.level == 40


def voi_protocol():
    """Return the protocol of the model with a HU range."""
    return load_model("s1_escc_lpfs_radscore").image_protocol()
