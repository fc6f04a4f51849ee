"""The patch a network reads: each setting worked out by hand, and against ITK; the same however the file is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from deep_cases import protocol_of, volume
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import InvalidImage
from RadiomicsPrognosisLib.features.deep.patch import network_input
from RadiomicsPrognosisLib.features.preparation import crop_to_block, crop_to_reach
from RadiomicsPrognosisLib.voi import make_voi

#: Where a point of the patient gives which HU: interpolation of degree one and more keeps it exactly.
SLOPE = np.array([1.5, -0.75, 2.25])


def patch(image: sitk.Image, mask: np.ndarray, deep: Mapping[str, Any], **others: Any) -> np.ndarray:
    protocol = protocol_of({"features": 1, **deep}, **others)
    like = sitk.GetImageFromArray(mask.astype(np.uint8))
    like.CopyInformation(image)
    return network_input(make_voi(image, like, protocol), protocol, protocol.deep)


def hu(values: np.ndarray) -> np.ndarray:
    """Return what a patch of the window -1000 to 1000 HU shows."""
    return values.astype(float) * 2000 - 1000


def box(shape: tuple[int, int, int], *corners: slice) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[corners] = True
    return mask


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(7).integers(-900, 900, (9, 40, 44)).astype(np.int16)


@pytest.fixture(scope="module")
def ball() -> np.ndarray:
    k, j, i = np.mgrid[:9, :40, :44]
    return ((k - 4) * 3) ** 2 + (j - 19) ** 2 + (i - 23) ** 2 < 64


def test_native_pixels_are_the_voxels_themselves(noise: np.ndarray, ball: np.ndarray) -> None:
    """The ball's box in its largest slice is columns 16 to 30 and rows 12 to 26; 10 pixels about its centre."""
    shown = patch(volume(noise, (0.7, 0.7, 3)), ball, {"size": 10, "channels": 1, "spacing_mm": [0, 0, 0]})
    assert shown.shape == (1, 1, 10, 10) and shown.dtype == np.float32
    # The centre is voxel (19, 23); an even number of pixels has the half voxel on its first side.
    expected = (noise[4, 14:24, 18:28].astype(float) + 1000) / 2000
    np.testing.assert_array_equal(shown[0, 0], expected.astype(np.float32))


def test_spacing_that_the_image_has_keeps_its_voxels(noise: np.ndarray, ball: np.ndarray) -> None:
    settings = {"size": 9, "channels": 1}
    kept = patch(volume(noise, (0.7, 0.7, 3)), ball, {**settings, "spacing_mm": [0, 0, 0]})
    asked = patch(volume(noise, (0.7, 0.7, 3)), ball, {**settings, "spacing_mm": [0.7, 0.7, 3]})
    np.testing.assert_array_equal(kept, asked)


def test_what_lies_beyond_the_image_is_filled() -> None:
    image = volume(np.arange(2 * 4 * 5, dtype=np.int16).reshape(2, 4, 5))
    mask = box((2, 4, 5), slice(0, 1), slice(0, 2), slice(0, 2))
    shown = patch(image, mask, {"size": 6, "channels": 1, "spacing_mm": [0, 0, 0], "fill_hu": -500})
    expected = np.full((6, 6), -500.0)
    expected[2:, 2:] = np.arange(20).reshape(4, 5)[:, :4]
    np.testing.assert_allclose(hu(shown[0, 0]), expected, atol=1e-4)


def test_outside_the_contour_the_fill_is_seen_when_masked(noise: np.ndarray, ball: np.ndarray) -> None:
    settings = {"size": 21, "channels": 1, "spacing_mm": [0, 0, 0], "masked": True}
    shown = patch(volume(noise), ball, settings, hu_range=[-100, None])
    slice_, kept = noise[4, 9:30, 13:34].astype(float), ball[4, 9:30, 13:34] & (noise[4, 9:30, 13:34] >= -100)
    np.testing.assert_allclose(hu(shown[0, 0]), np.where(kept, slice_, -1000), atol=1e-4)


def test_window_and_normalisation_are_applied_a_channel() -> None:
    image = volume(np.array([[[-400, -150, 0, 250, 900]] * 3] * 2, np.int16))
    mask = box((2, 3, 5), slice(0, 1), slice(None), slice(None))
    shown = patch(image, mask, {"crop": "box", "size": 0, "channels": 3, "window_hu": [-150, 250],
                                "mean": [0.0, 0.5, 0.25], "sd": [1.0, 0.5, 2.0]})
    share = np.array([0, 0, 0.375, 1, 1])
    for channel, (mean, sd) in enumerate(((0.0, 1.0), (0.5, 0.5), (0.25, 2.0))):
        np.testing.assert_allclose(shown[0, channel], np.tile((share - mean) / sd, (3, 1)), atol=1e-7)


def test_neighbouring_slices_are_channels_from_the_feet_up(noise: np.ndarray, ball: np.ndarray) -> None:
    """At the slices' own distance they are the image's; beyond its last one there is fill."""
    settings = {"slices": "2.5d", "size": 8, "spacing_mm": [0, 0, 0]}
    for channels, expected in ((1, [4]), (3, [3, 4, 5]), (5, [2, 3, 4, 5, 6])):
        shown = patch(volume(noise, (1, 1, 3)), ball, {**settings, "channels": channels})
        np.testing.assert_allclose(hu(shown[0]), noise[expected, 15:23, 19:27], atol=1e-4)
    many = patch(volume(noise, (1, 1, 3)), ball, {**settings, "channels": 13, "fill_hu": 77})
    np.testing.assert_allclose(hu(many[0, [0, 1, 11, 12]]), 77, atol=1e-4)
    np.testing.assert_allclose(hu(many[0, 2:11]), noise[:, 15:23, 19:27], atol=1e-4)


def test_a_contour_between_the_pixels_of_the_patch_is_refused_when_masked(noise: np.ndarray) -> None:
    """A ring around the one pixel of the patch: without its voxels every ring would give the same features."""
    ring = box(noise.shape, slice(4, 5), slice(10, 21), slice(10, 21))
    ring[4, 12:19, 12:19] = False
    coarse = {"size": 1, "spacing_mm": [20, 20, 0], "masked": True}
    with pytest.raises(InvalidImage, match=r"lies between the pixels of the network's patch.*a finer deep.spacing_mm"):
        patch(volume(noise), ring, coarse)
    assert patch(volume(noise), ring, {**coarse, "masked": False}).shape == (1, 3, 1, 1)


def test_neighbours_show_what_the_largest_slice_shows_when_masked(noise: np.ndarray, ball: np.ndarray) -> None:
    shown = patch(volume(noise, (1, 1, 3)), ball,
                  {"slices": "2.5d", "size": 21, "spacing_mm": [0, 0, 0], "masked": True, "channels": 3})
    expected = np.where(ball[4, 9:30, 13:34], noise[3:6, 9:30, 13:34], -1000.0)
    np.testing.assert_allclose(hu(shown[0]), expected, atol=1e-4)


def test_a_cube_has_the_slices_as_an_axis_of_its_own(noise: np.ndarray, ball: np.ndarray) -> None:
    shown = patch(volume(noise, (1, 1, 3)), ball, {"slices": "cube", "size": 4, "spacing_mm": [0, 0, 0], "channels": 2})
    assert shown.shape == (1, 2, 4, 4, 4)
    for channel in range(2):
        np.testing.assert_allclose(hu(shown[0, channel]), noise[2:6, 17:21, 21:25], atol=1e-4)


def test_a_box_has_the_contours_own_shape_and_margin(noise: np.ndarray, ball: np.ndarray) -> None:
    """15 x 15 voxels of 0.5 mm and 1.2 mm around: three voxels a side; in pixels of 1 mm 9.9 mm are ten."""
    image = volume(noise, (0.5, 0.5, 3))
    native = patch(image, ball, {"crop": "box", "margin_mm": 1.2, "size": 0, "spacing_mm": [0, 0, 0], "channels": 1})
    np.testing.assert_allclose(hu(native[0, 0]), noise[4, 9:30, 13:34], atol=1e-4)
    assert patch(image, ball, {"crop": "box", "margin_mm": 1.2, "size": 0}).shape == (1, 3, 10, 10)


def test_a_box_is_spread_over_the_pixels_asked_for() -> None:
    """A contour of 9 x 5 mm with 1.5 mm around it: a square of 12 mm about its centre over 24 pixels of half a mm."""
    j, i = np.mgrid[:40, :44]
    image = volume(np.stack([2.0 * i - 3.0 * j] * 3))
    mask = box((3, 40, 44), slice(1, 2), slice(18, 23), slice(20, 29))
    shown = patch(image, mask, {"crop": "box", "margin_mm": 1.5, "size": 24, "channels": 1, "interpolator": "linear"})
    at = (np.arange(24) - 11.5) * 0.5
    np.testing.assert_allclose(hu(shown[0, 0]), 2.0 * (24 + at) - 3.0 * (20 + at[:, np.newaxis]), atol=2e-4)


@pytest.mark.parametrize(("interpolator", "itk"), [("bspline", sitk.sitkBSpline), ("linear", sitk.sitkLinear),
                                                   ("nearest", sitk.sitkNearestNeighbor)])
def test_a_slice_is_interpolated_within_itself_as_itk_does(noise: np.ndarray, ball: np.ndarray, interpolator: str,
                                                           itk: int) -> None:
    """ITK given the slice alone, a two-dimensional image, and points 1 mm apart about the box's centre (23, 19)."""
    spacing = (0.8, 0.65, 5.0)
    flat = sitk.GetImageFromArray(noise[4].astype(np.float64))
    flat.SetSpacing(spacing[:2])
    origin = 23 * spacing[0] - 7.5, 19 * spacing[1] - 7.5
    expected = sitk.GetArrayFromImage(sitk.Resample(flat, (16, 16), sitk.Transform(), itk, origin, (1.0, 1.0)))
    shown = patch(volume(noise, spacing), ball, {"size": 16, "channels": 1, "interpolator": interpolator,
                                                 "window_hu": [-4000, 4000]})
    np.testing.assert_allclose(shown[0, 0].astype(float) * 8000 - 4000, expected, atol=1e-3)


def test_a_cube_is_interpolated_as_itk_does(noise: np.ndarray, ball: np.ndarray) -> None:
    spacing = (0.8, 0.65, 2.5)
    image = volume(noise.astype(np.float64), spacing, (-40.0, 12.5, 300.0))
    centre = np.array(image.TransformContinuousIndexToPhysicalPoint((23.0, 19.0, 4.0)))
    expected = sitk.GetArrayFromImage(sitk.Resample(image, (10, 10, 10), sitk.Transform(), sitk.sitkBSpline,
                                                    (centre - 4.5).tolist(), (1.0, 1.0, 1.0)))
    shown = patch(image, ball, {"slices": "cube", "size": 10, "channels": 1, "window_hu": [-4000, 4000]})
    np.testing.assert_allclose(shown[0, 0].astype(float) * 8000 - 4000, expected, atol=1e-3)


@pytest.mark.parametrize("stored", ["LPS", "RAS", "LAI", "RPI", "PLS", "ASR"])
def test_a_patch_is_seen_as_an_axial_ct_is_however_the_file_is_stored(noise: np.ndarray, ball: np.ndarray,
                                                                      stored: str) -> None:
    """The same patient in axes of other directions gives the same voxels in the same order.

    Of the sagittal slices of ASR a patch has those from right to left, rows to the feet and columns to the back. Even
    sides have the half voxel where the patch begins: rows of an axial slice in front, those of a sagittal at the head.
    """
    image, mask = volume(noise, (0.9, 0.9, 0.9)), volume(ball.astype(np.uint8), (0.9, 0.9, 0.9))
    turned, contour = sitk.DICOMOrient(image, stored), sitk.GetArrayFromImage(sitk.DICOMOrient(mask, stored))
    shown = patch(turned, contour != 0, {"slices": "cube", "size": 6, "spacing_mm": [0, 0, 0], "channels": 1})
    expected = noise[1:7, 16:22, 20:26]
    if stored == "ASR":
        expected = noise[2:8, 16:22, 20:26][::-1].transpose(2, 0, 1)
    np.testing.assert_allclose(hu(shown[0, 0]), expected, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(degrees=st.tuples(*[st.integers(-30, 30)] * 3), spacing=st.tuples(*[st.floats(0.9, 1.4)] * 2),
       mm=st.sampled_from([0.5, 0.75, 1.75]), slices=st.sampled_from(["largest", "2.5d", "cube"]),
       interpolator=st.sampled_from(["bspline", "linear"]))
def test_a_ramp_in_the_patient_is_the_ramp_at_every_pixel(degrees: tuple[int, int, int], spacing: tuple[float, float],
                                                          mm: float, slices: str, interpolator: str) -> None:
    """Closed form: HU that grow linearly through the patient, read where each pixel lies along the image's axes."""
    turn = sitk.Euler3DTransform()
    turn.SetRotation(*np.radians(degrees).tolist())
    direction = np.array(turn.GetMatrix()).reshape(3, 3)
    origin, own = np.array([-30.0, 14.0, 250.0]), np.array([spacing[0], spacing[1], 2.0])
    k, j, i = np.mgrid[:15, :48, :48]
    index = np.stack([i, j, k], axis=-1)
    values = (index * own) @ direction.T @ SLOPE + origin @ SLOPE
    mask = box((15, 48, 48), slice(7, 8) if slices != "cube" else slice(6, 9), slice(22, 27), slice(20, 27))
    shown = patch(volume(values, own, origin, direction.ravel()), mask,
                  {"slices": slices, "size": 6, "spacing_mm": [mm, mm, mm], "channels": 3,
                   "interpolator": interpolator, "window_hu": [-2000, 2000]})
    centre = np.array([23, 24, 7]) * own
    at = (np.arange(6) - 2.5) * mm
    z = np.array([0.0]) if slices == "largest" else (np.arange(3) - 1) * mm if slices == "2.5d" else at
    points = np.stack(np.broadcast_arrays(at, at[:, np.newaxis], z[:, np.newaxis, np.newaxis]), axis=-1) + centre
    expected = points @ direction.T @ SLOPE + origin @ SLOPE
    if slices == "largest":
        expected = np.repeat(expected, 3, axis=0)
    elif slices == "cube":
        expected = np.repeat(expected[np.newaxis], 3, axis=0)
    np.testing.assert_allclose(shown[0].astype(float) * 4000 - 2000, expected, atol=2e-3)


@pytest.mark.parametrize("deep", [
    {"size": 16}, {"size": 16, "interpolator": "linear", "spacing_mm": [0.6, 1.3, 0]},
    {"slices": "2.5d", "size": 12, "spacing_mm": [1, 1, 1.1]}, {"slices": "cube", "size": 7},
    {"slices": "cube", "size": 5, "spacing_mm": [0, 0, 1]}, {"slices": "2.5d", "size": 9, "spacing_mm": [0, 0, 0]},
], ids=str)
def test_an_image_cut_to_what_is_read_gives_the_same_bits(deep: dict[str, Any]) -> None:
    values = np.random.default_rng(3).integers(-900, 900, (60, 130, 130)).astype(np.int16)
    mask = box(values.shape, slice(28, 33), slice(60, 71), slice(58, 70))
    image, protocol = volume(values, (0.8, 0.8, 1.5)), protocol_of({"features": 1, **deep})
    voi = make_voi(image, volume(mask.astype(np.uint8), (0.8, 0.8, 1.5)), protocol)
    whole = network_input(voi, protocol, protocol.deep)
    for cut in (crop_to_reach(voi, protocol), crop_to_block(voi, protocol)):
        assert np.prod(cut.image.GetSize()) < values.size
        np.testing.assert_array_equal(network_input(cut, protocol, protocol.deep), whole)


def test_a_patch_without_end_and_an_image_that_is_not_finite_are_refused(noise: np.ndarray, ball: np.ndarray) -> None:
    with pytest.raises(InvalidImage, match="gives the network a patch of"):
        patch(volume(noise), ball, {"crop": "box", "size": 0, "slices": "cube", "spacing_mm": [0.02, 0.02, 0.02]})
    broken = noise.astype(np.float32)
    broken[4, 30, 30] = np.nan
    with pytest.raises(InvalidImage, match="not finite numbers"):
        patch(volume(broken), ball, {"size": 32})


def test_the_contours_place_counts_and_its_shape_only_when_masked(noise: np.ndarray, ball: np.ndarray) -> None:
    """Two contours of one box: the same patch, but for a mask."""
    square = box(ball.shape, slice(4, 5), slice(12, 27), slice(16, 31))
    same, shaped = {"size": 16}, {"size": 16, "masked": True}
    np.testing.assert_array_equal(patch(volume(noise), ball, same), patch(volume(noise), square, same))
    assert (patch(volume(noise), ball, shaped) != patch(volume(noise), square, shaped)).any()


def test_windows_of_one_voi_differ_in_nothing_but_the_window(noise: np.ndarray, ball: np.ndarray) -> None:
    protocol = protocol_of({"features": 1, "size": 12, "channels": 1})
    voi = make_voi(volume(noise), volume(ball.astype(np.uint8)), protocol)
    wide = replace(protocol.deep, window_hu=(-3000.0, 3000.0), fill_hu=-3000.0)
    np.testing.assert_allclose(network_input(voi, protocol, wide) * 6000 - 3000,
                               hu(network_input(voi, protocol, protocol.deep)), atol=2e-3)
