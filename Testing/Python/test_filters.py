"""Filtered images equal pyradiomics' to the last bit, wherever they are wanted and however small the image is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import pywt
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st
from radiomics import imageoperations

from RadiomicsPrognosisLib.catalogue import WAVELETS
from RadiomicsPrognosisLib.features.filters.filtered import filtered_values
from RadiomicsPrognosisLib.features.filters.wavelets import filter_bank
from RadiomicsPrognosisLib.features.plan import Plan
from RadiomicsPrognosisLib.protocol import Protocol, Wavelet


def volume(shape: tuple[int, int, int], kind: type = np.int16) -> sitk.Image:
    return sitk.GetImageFromArray(np.random.default_rng(0).normal(0, 300, shape).astype(kind))


def with_wavelet(name: str, levels: int = 1, force_2d: bool = False) -> Protocol:
    return replace(make_protocol(), wavelet=Wavelet(name, levels), force_2d=force_2d)


def pyradiomics_subbands(image: sitk.Image, protocol: Protocol) -> dict[str, np.ndarray]:
    assert protocol.wavelet is not None
    bands = imageoperations.getWaveletImage(image, None, wavelet=protocol.wavelet.name, level=protocol.wavelet.levels,
                                            force2D=protocol.force_2d)
    return {name: sitk.GetArrayFromImage(band) for band, name, _ in bands}


def plan_of(names: list[str]) -> Plan:
    return Plan({name: {"firstorder": ("Mean",)} for name in names})


def assert_same_bits(ours: np.ndarray, theirs: np.ndarray, name: str) -> None:
    assert ours.dtype == theirs.dtype, name
    np.testing.assert_array_equal(ours, theirs, err_msg=name)


@pytest.mark.parametrize("name", WAVELETS)
def test_filters_are_pywavelets(name: str) -> None:
    theirs, bank = pywt.Wavelet(name), filter_bank(name)
    assert (list(bank.low), list(bank.high)) == (theirs.dec_lo, theirs.dec_hi)


@pytest.mark.parametrize("name", WAVELETS)
@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_every_wavelet_gives_pyradiomics_subbands(name: str, kind: type) -> None:
    image, protocol = volume((7, 9, 6), kind), with_wavelet(name)
    theirs = pyradiomics_subbands(image, protocol)
    ours = dict(filtered_values(image, protocol, plan_of(list(theirs))))
    assert list(ours) == list(theirs)
    for band, values in theirs.items():
        assert_same_bits(ours[band], values, band)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_box_of_any_volume_has_the_bits_of_the_whole(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(*[st.integers(1, 34)] * 3))
    image = volume(shape, data.draw(st.sampled_from([np.int16, np.int32, np.float32, np.float64])))
    name, levels, force_2d = data.draw(st.tuples(st.sampled_from(WAVELETS), st.integers(1, 3), st.booleans()))
    protocol = with_wavelet(name, levels, force_2d)
    theirs = pyradiomics_subbands(image, protocol)
    names = [name for name in theirs if data.draw(st.booleans())]
    low = [data.draw(st.integers(0, n - 1)) for n in shape]
    high = [data.draw(st.integers(first + 1, n)) for first, n in zip(low, shape, strict=True)]
    size = tuple(b - a for a, b in zip(low, high, strict=True))
    ours = dict(filtered_values(image, protocol, plan_of(names), (tuple(low[::-1]), tuple(size[::-1]))))
    assert list(ours) == names
    inner = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    for band in names:
        assert_same_bits(ours[band], theirs[band][inner], band)


def test_detail_of_a_flat_region_is_the_same_rounding_noise() -> None:
    image = sitk.Image(9, 8, 7, sitk.sitkInt16) + 40
    protocol = with_wavelet("coif1")
    theirs = pyradiomics_subbands(image, protocol)
    assert 0 < np.abs(theirs["wavelet-HLL"]).max() < 1e-9
    for band, values in filtered_values(image, protocol, plan_of(list(theirs))):
        assert_same_bits(values, theirs[band], band)


@pytest.mark.parametrize("size", [(4, 4, 4), (6, 9, 5), (3, 9, 9), (12, 11, 10)])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 0.8, 2.5)])
def test_laplacian_of_gaussian_where_pyradiomics_makes_one(size: tuple[int, int, int],
                                                           spacing: tuple[float, float, float]) -> None:
    image, sigmas = volume(size[::-1]), (0.5, 1.5, 4.0, 9.0)
    image.SetSpacing(spacing)
    theirs = {name: sitk.GetArrayFromImage(item)
              for item, name, _ in imageoperations.getLoGImage(image, None, sigma=list(sigmas))}
    protocol = replace(make_protocol(), log_sigmas_mm=sigmas)
    ours = dict(filtered_values(image, protocol, plan_of(list(protocol.image_types))))
    assert {name for name in ours if name != "original"} == set(theirs)
    for name, values in theirs.items():
        assert_same_bits(ours[name], values, name)


def test_every_image_type_is_cut_to_the_box() -> None:
    image, _ = textured_volume()
    protocol = replace(with_wavelet("haar"), log_sigmas_mm=(2.0,))
    plan = plan_of(list(protocol.image_types))
    whole = {name: values.copy() for name, values in filtered_values(image, protocol, plan)}
    cut = dict(filtered_values(image, protocol, plan, ((3, 4, 5), (7, 6, 5))))
    assert list(cut) == list(whole) == list(protocol.image_types)
    np.testing.assert_array_equal(whole["original"], sitk.GetArrayFromImage(image))
    for name, values in cut.items():
        assert_same_bits(values, whole[name][5:10, 4:10, 3:10], name)
