"""The IBSI's filters have the responses that follow from their definitions, at the border and under rotation too."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import pywt

from RadiomicsPrognosisLib.features.response_maps import response_inside, response_map
from RadiomicsPrognosisLib.protocol import (
    Filter,
    GaborFilter,
    GaussianLaplacian,
    LawsFilter,
    MeanFilter,
    SeparableWavelet,
    SimoncelliWavelet,
)

UNIT = (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """A volume whose axes have even and odd lengths."""
    return np.random.default_rng(3).normal(size=(12, 15, 14))


def impulse(size: int) -> np.ndarray:
    values = np.zeros((size, size, size))
    values[(size // 2,) * 3] = 1
    return values


@pytest.mark.parametrize(("boundary", "before", "after"), [
    ("zero", (0, 0), (0, 0)), ("nearest", (1, 1), (5, 5)), ("periodic", (4, 5), (1, 2)), ("mirror", (2, 1), (5, 4))])
def test_what_stands_beyond_the_border(boundary: str, before: tuple[float, ...], after: tuple[float, ...]) -> None:
    row = (1.0, 2.0, 3.0, 4.0, 5.0)
    values = np.broadcast_to(np.array(row), (5, 5, 5))
    response = response_map(values, UNIT, MeanFilter(support=5, in_plane=True, boundary=boundary))
    expected = np.convolve((*before, *row, *after), np.full(5, 0.2), "valid")
    np.testing.assert_allclose(response[2, 2], expected, rtol=1e-14)


def test_a_laplacian_is_the_formula_of_the_ibsi() -> None:
    size, sigma = 33, 3.0 / 2
    response = response_map(impulse(size), (2.0, 2.0, 2.0), GaussianLaplacian(sigma_mm=3.0))
    squared = sum(axis**2 for axis in np.indices(response.shape) - size // 2)
    expected = -((2 * math.pi * sigma**2) ** -1.5) / sigma**2 * (3 - squared / sigma**2) * np.exp(
        -squared / (2 * sigma**2))
    reach = np.abs(np.indices(response.shape) - size // 2).max(axis=0) <= 6  # 4 sigma
    np.testing.assert_allclose(response, np.where(reach, expected, 0), atol=1e-16)


def test_a_laplacian_in_the_plane_leaves_the_slices_to_themselves() -> None:
    response = response_map(impulse(15), UNIT, GaussianLaplacian(sigma_mm=1.0, in_plane=True))
    assert response[7, 7, 7] == pytest.approx(-2 / (2 * math.pi), rel=1e-12)
    assert np.count_nonzero(response.any(axis=(1, 2))) == 1


def test_a_laplacian_counts_millimetres_where_the_spacing_differs() -> None:
    """x^2 + y^2 + z^2 in mm has the Laplacian 6 per mm^2, which is 6 times the squared spacing of x per voxel^2."""
    spacing = (0.8, 0.8, 1.1)
    z, y, x = (axis * step for axis, step in zip(np.indices((25, 33, 33)), spacing[::-1], strict=True))
    response = response_map(x**2 + y**2 + z**2, spacing, GaussianLaplacian(sigma_mm=1.6, cutoff_sigmas=6))
    assert response[12, 16, 16] == pytest.approx(6 * 0.8**2, rel=1e-4)


def turned(function: Callable[[np.ndarray], np.ndarray], values: np.ndarray) -> list[np.ndarray]:
    """Return what ``function`` makes of the volume in each of its 24 positions, turned back."""
    results = []
    for first, second, third in product(range(4), range(4), range(4)):
        moves = ((first, (0, 1)), (second, (0, 2)), (third, (1, 2)))
        position = values
        for times, axes in moves:
            position = np.rot90(position, times, axes)
        result = function(position)
        for times, axes in reversed(moves):
            result = np.rot90(result, -times, axes)
        results.append(result)
    return results


@pytest.mark.parametrize(("pooling", "combine"), [("average", np.mean), ("max", np.max), ("min", np.min)])
@pytest.mark.parametrize("settings", [
    LawsFilter(kernels=("E5", "L5", "S5"), boundary="mirror"), LawsFilter(kernels=("L5", "L5", "E3"), boundary="zero"),
    SeparableWavelet(wavelet="db3", band="LHL", boundary="nearest"),
    SeparableWavelet(wavelet="db2", band="LLH", level=2, boundary="periodic")])
def test_pooling_turns_the_filter_as_if_the_image_were_turned(
        noise: np.ndarray, settings: LawsFilter | SeparableWavelet, pooling: str,
        combine: Callable[..., np.ndarray]) -> None:
    """64 ways of three quarter turns reach each of the 24 positions; some more often, none of them unevenly."""
    small = noise[:7, :6, :5]
    every = turned(lambda position: response_map(position, UNIT, settings), small)
    distinct = {np.round(response, 9).tobytes(): response for response in every}
    assert len(distinct) == (24 if isinstance(settings, SeparableWavelet) else 12 if "S5" in settings.kernels else 6)
    pooled = response_map(small, UNIT, replace(settings, pooling=pooling))
    np.testing.assert_allclose(pooled, combine(list(distinct.values()), axis=0), atol=1e-12)


def test_pooling_in_the_plane_makes_four_quarter_turns(noise: np.ndarray) -> None:
    settings = SeparableWavelet(wavelet="db2", band="LH")
    every = [np.rot90(response_map(np.rot90(noise, times, (1, 2)), UNIT, settings), -times, (1, 2))
             for times in range(4)]
    pooled = response_map(noise, UNIT, replace(settings, pooling="max"))
    np.testing.assert_allclose(pooled, np.max(every, axis=0), atol=1e-12)


def test_energy_is_the_mean_of_absolute_responses_around(noise: np.ndarray) -> None:
    settings = LawsFilter(kernels=("L5", "S5"), energy_distance=2)
    response = response_map(noise, UNIT, replace(settings, energy_distance=0))
    energy = response_map(noise, UNIT, settings)
    assert energy[4, 7, 6] == pytest.approx(np.abs(response[4, 5:10, 4:9]).mean(), rel=1e-12)


@pytest.mark.parametrize("name", ["haar", "db3", "coif1", "sym5", "bior2.2", "rbio3.1"])
@pytest.mark.parametrize("band", ["LHL", "HHL", "LLH"])
def test_periodic_sub_bands_are_pywavelets(name: str, band: str) -> None:
    values = np.random.default_rng(5).normal(size=(12, 14, 16))
    expected = values
    for axis, letter in zip((2, 1, 0), band, strict=True):
        expected = pywt.swt(expected, name, level=1, axis=axis)[0]["LH".index(letter)]
    response = response_map(values, UNIT, SeparableWavelet(wavelet=name, band=band, boundary="periodic"))
    np.testing.assert_allclose(response, expected, atol=1e-13)


def test_a_second_level_spreads_its_kernels() -> None:
    """Haar's first level averages two neighbours, the second two of these averages that do not overlap."""
    response = response_map(impulse(15), UNIT, SeparableWavelet(wavelet="haar", band="LL", level=2, boundary="zero"))
    expected = np.zeros((15, 15, 15))
    expected[7, 4:8, 4:8] = 0.25
    np.testing.assert_allclose(response, expected, atol=1e-15)


def test_a_gabor_filter_hears_its_own_wave_and_direction() -> None:
    """A wave of the filter's own gives the integral of the Gaussian over 2; one at a right angle next to nothing."""
    settings = GaborFilter(sigma_mm=6.0, wavelength_mm=8.0, aspect_ratio=1.5, angle_degrees=30.0, boundary="zero")
    _, y, x = np.indices((1, 121, 121)) * 2.0
    along = x * math.cos(math.pi / 6) + y * math.sin(math.pi / 6)
    across = -x * math.sin(math.pi / 6) + y * math.cos(math.pi / 6)
    own, other = (response_map(np.cos(2 * math.pi * wave / 8), (2.0, 2.0, 2.0), settings)[0, 60, 60]
                  for wave in (along, across))
    assert own == pytest.approx(math.pi * (6.0 / 2) ** 2 / 1.5, rel=1e-6)
    assert other < 1e-4 * own
    everywhere = replace(settings, angle_degrees=0.0, step_degrees=30.0)
    assert response_map(np.cos(2 * math.pi * across / 8), (2.0, 2.0, 2.0), everywhere)[0, 60, 60] > own / 12


@pytest.mark.parametrize(("boundary", "mode"), [("zero", "constant"), ("nearest", "edge"), ("periodic", "wrap"),
                                                ("mirror", "symmetric")])
def test_a_gabor_filter_sees_the_image_continued(noise: np.ndarray, boundary: str, mode: str) -> None:
    settings = GaborFilter(sigma_mm=1.0, wavelength_mm=2.0, angle_degrees=20.0, boundary=boundary)
    continued = np.pad(noise, [(0, 0), (20, 20), (20, 20)], mode)
    expected = response_map(continued, UNIT, replace(settings, boundary="zero"))[:, 20:-20, 20:-20]
    np.testing.assert_allclose(response_map(noise, UNIT, settings), expected, atol=1e-13)


def test_an_orthogonal_gabor_filter_is_the_mean_of_three_planes(noise: np.ndarray) -> None:
    settings = GaborFilter(sigma_mm=1.5, wavelength_mm=3.0, step_degrees=45.0)
    planes = [np.transpose(response_map(np.transpose(noise, order), UNIT, settings), np.argsort(order))
              for order in ((0, 1, 2), (1, 0, 2), (2, 0, 1))]
    response = response_map(noise, UNIT, replace(settings, orthogonal=True))
    np.testing.assert_allclose(response, np.mean(planes, axis=0), rtol=1e-12)


def test_simoncellis_bands_add_up_to_the_whole_where_they_meet() -> None:
    """cos^2 + sin^2: between a quarter and half of Nyquist's frequency the first two levels share all of an impulse."""
    spectra = [np.abs(np.fft.fftn(response_map(impulse(33), UNIT, SimoncelliWavelet(level=level)))) for level in (1, 2)]
    frequency = np.fft.fftfreq(33) * 33 / 16
    radius = np.sqrt(sum(axis**2 for axis in np.meshgrid(*[frequency] * 3, indexing="ij")))
    shared = (radius >= 0.25) & (radius <= 0.5)
    np.testing.assert_allclose((spectra[0] ** 2 + spectra[1] ** 2)[shared], 1, atol=1e-12)
    assert np.abs(spectra[0][(radius < 0.25) | (radius > 1)]).max() < 1e-12


@pytest.mark.parametrize(("level", "cycles", "size"), [(1, 6, 17), (1, 5, 16), (2, 2, 16)])
def test_simoncellis_gain_of_a_wave_and_its_riesz_transform(level: int, cycles: int, size: int) -> None:
    """A cosine becomes a sine under the Riesz transform along it, -i sgn(nu).

    The frequencies are the reference maps': from -1 to 1, half a step aside for an even number of them.
    """
    wave = 2 * math.pi * cycles / size * np.broadcast_to(np.arange(size), (3, size, size))
    aside = 0.0 if size % 2 else 1.0
    radii = [math.hypot(2 * sign * cycles + aside, aside) / (size - 1) for sign in (1, -1)]
    gain = np.mean([math.cos(math.pi / 2 * math.log2(2 * radius * 2 ** (level - 1))) for radius in radii])
    settings = SimoncelliWavelet(level=level, in_plane=True)
    assert gain > 0.3
    np.testing.assert_allclose(response_map(np.cos(wave), UNIT, settings), gain * np.cos(wave), atol=1e-12)
    turned_wave = response_map(np.cos(wave), UNIT, replace(settings, riesz=(1, 0, 0)))
    np.testing.assert_allclose(turned_wave, gain * np.sin(wave), atol=1e-12)


def test_the_squares_of_a_riesz_transform_are_the_image_turned_over(noise: np.ndarray) -> None:
    """The sum over the axes of applying it twice is minus the image without its mean: -nu_x^2/|nu|^2 and so on."""
    values = noise[:11, :13, :9]  # odd lengths have no Nyquist frequency, whose sign is undefined
    settings = SimoncelliWavelet(level=1)
    band = response_map(values, UNIT, settings)
    second = [response_map(values, UNIT, replace(settings, riesz=orders))
              for orders in ((2, 0, 0), (0, 2, 0), (0, 0, 2))]
    np.testing.assert_allclose(sum(second), -band, atol=1e-12)
    mixed = response_map(values, UNIT, replace(settings, riesz=(1, 1, 0)))
    assert np.square(mixed).sum() > 0.01 * np.square(band).sum()


def test_a_first_riesz_transform_is_odd_along_its_axis_x() -> None:
    response = response_map(impulse(33), UNIT, GaussianLaplacian(sigma_mm=2.0, riesz=(1, 0, 0)))
    np.testing.assert_allclose(response, -response[:, :, ::-1], atol=1e-15)
    np.testing.assert_allclose(response, response[:, ::-1], atol=1e-15)
    assert np.abs(response[16, 16, 17:]).max() > 0.001


FILTERS: tuple[Filter, ...] = (
    MeanFilter(support=3), MeanFilter(support=5, in_plane=True, boundary="periodic"),
    GaussianLaplacian(sigma_mm=0.7, boundary="nearest"), GaussianLaplacian(sigma_mm=0.7, riesz=(0, 1, 0)),
    LawsFilter(kernels=("L5", "E3", "R5"), pooling="max", energy_distance=1, boundary="zero"),
    GaborFilter(sigma_mm=0.4, wavelength_mm=2.0, aspect_ratio=0.8, angle_degrees=10.0),
    GaborFilter(sigma_mm=0.4, wavelength_mm=2.0, step_degrees=60.0, orthogonal=True),
    SeparableWavelet(wavelet="db2", band="HL", level=2, pooling="average"),
    SeparableWavelet(wavelet="coif1", band="LLH", boundary="nearest"),
    SimoncelliWavelet(level=1), SimoncelliWavelet(level=2, in_plane=True),
)


@pytest.mark.parametrize("settings", FILTERS, ids=lambda settings: settings.image_type)
@pytest.mark.parametrize("start", [(0, 2, 5), (8, 7, 9)])
def test_a_box_has_the_response_of_the_whole(settings: Filter, start: tuple[int, int, int]) -> None:
    values = np.random.default_rng(8).normal(size=(16, 22, 21))
    spacing, (i, j, k) = (0.9, 0.9, 1.2), start
    whole = response_map(values, spacing, settings)
    inside = response_inside(values, spacing, settings, start, (4, 5, 3))
    np.testing.assert_allclose(inside, whole[k:k + 3, j:j + 5, i:i + 4], atol=1e-12)
