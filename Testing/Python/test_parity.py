"""Every engine's values equal pyradiomics' own extractor on the same settings, on real CT and in every mode."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, shared_case, textured_volume
from pyradiomics_peer import featureextractor, logger

from RadiomicsPrognosisLib.features.engine import engines
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.protocol import Protocol, load_protocol
from RadiomicsPrognosisLib.voi import make_voi

logger.setLevel(logging.CRITICAL)

WAVELET = {"original": True, "wavelet": {"name": "coif1"}}
RESAMPLED = {"spacing_mm": [1.0, 1.0, 1.0]}


def peer(image: sitk.Image, mask: sitk.Image, image_types: dict[str, dict[str, Any]],
         **settings: Any) -> dict[str, float]:
    """Return pyradiomics' values for a 0/1 mask, with the whole image handed over."""
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False, **settings)
    extractor.disableAllImageTypes()
    for name, arguments in image_types.items():
        extractor.enableImageTypeByName(name, customArgs=arguments)
    return values_of(extractor, image, mask)


def values_of(extractor: featureextractor.RadiomicsFeatureExtractor, image: sitk.Image,
              mask: sitk.Image) -> dict[str, float]:
    """Run an extractor; its eigenvalue features may come as complex numbers without imaginary part."""
    return {name: float(np.real(value)) for name, value in extractor.execute(image, mask).items()}


def native_range(image: sitk.Image, mask: sitk.Image, low: float) -> sitk.Image:
    """Return the mask's voxels at or above ``low``, by numpy on whole arrays."""
    kept = (sitk.GetArrayFromImage(mask) == 1) & (sitk.GetArrayFromImage(image) >= low)
    limited = sitk.GetImageFromArray(kept.astype(np.uint8))
    limited.CopyInformation(image)
    return limited


def read(image: Path, mask: Path) -> tuple[sitk.Image, sitk.Image]:
    """Read a pair and bring the mask's header to the image's (they differ in the last digits of a float)."""
    pair = sitk.ReadImage(str(image)), sitk.ReadImage(str(mask))
    pair[1].CopyInformation(pair[0])
    return pair


def assert_engines_equal(image: sitk.Image, mask: sitk.Image, protocol: Protocol, theirs: dict[str, float],
                         count: int) -> None:
    """Assert that each engine makes ``count`` features, with the peer's values and undefined in the same cases.

    1e-9 relative is what is promised; beside 0, values are differences of numbers near 1, whence 1e-12 absolute.
    """
    assert len(theirs) == count
    for engine in engines():
        ours = extract(make_voi(image, mask, protocol), protocol, engine=engine)
        assert sorted([*ours.values, *ours.undefined]) == sorted(theirs), engine.name
        assert set(ours.undefined) == {name for name, value in theirs.items() if not math.isfinite(value)}, engine.name
        for name, value in ours.values.items():
            assert value == pytest.approx(theirs[name], rel=1e-9, abs=1e-12), f"{engine.name}: {name}"


def check_s1(image: sitk.Image, mask: sitk.Image) -> None:
    protocol = load_protocol("ct-hu50-1mm-wavelet")
    theirs = peer(image, native_range(image, mask, -50), {"Original": {}, "Wavelet": {}},
                  resampledPixelSpacing=[1, 1, 1], interpolator="sitkBSpline")
    assert_engines_equal(image, mask, protocol, theirs, 851)


@pytest.mark.parametrize("name", ["lung1", "lung2"])
def test_all_851_features_of_s1_on_chest_ct(name: str, lung: Callable[[str], tuple[Path, Path]]) -> None:
    check_s1(*read(*lung(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ibsi1_ct_phantom", *(f"sts_ct/STS_{n:03d}" for n in (2, 8, 12, 19, 25))])
def test_all_851_features_of_s1_on_shared_ct(name: str) -> None:
    check_s1(*read(*shared_case(name)))


@pytest.mark.parametrize("name", ["lung1", "lung2"])
def test_s2_without_resampling(name: str, lung: Callable[[str], tuple[Path, Path]]) -> None:
    image, mask = read(*lung(name))
    protocol = load_protocol("ct-original-raw")
    assert_engines_equal(image, mask, protocol, peer(image, mask, {"Original": {}}), 107)


def test_resampled_hu_range_is_pyradiomics_resegmentation(lung: Callable[[str], tuple[Path, Path]]) -> None:
    image, mask = read(*lung("lung1"))
    protocol = make_protocol(hu_range=[-50, 60], hu_range_on="resampled", resampling=RESAMPLED)
    theirs = peer(image, mask, {"Original": {}}, resampledPixelSpacing=[1, 1, 1], resegmentRange=[-50, 60])
    assert_engines_equal(image, mask, protocol, theirs, 107)


#: Image types as our table and as pyradiomics' names, with the number of features they give.
FILTERS = {
    "original": ({"original": True}, {"Original": {}}, 107),
    "wavelet": (WAVELET, {"Original": {}, "Wavelet": {}}, 851),
    "two-level wavelet": ({"wavelet": {"name": "haar", "levels": 2}},
                          {"Wavelet": {"wavelet": "haar", "level": 2}}, 14 + 15 * 93),
    "log": ({"original": True, "log_sigmas_mm": [1.5, 3]}, {"Original": {}, "LoG": {"sigma": [1.5, 3.0]}}, 293),
}


@pytest.mark.parametrize("filtered", FILTERS)
@pytest.mark.parametrize("resampling", [None, {"spacing_mm": [1.5, 1.5, 1.5]}, {"spacing_mm": [0, 0, 1.0]},
                                        {"spacing_mm": [1.0, 1.0, 2.0]}, {"spacing_mm": [2, 2, 2], "pad_voxels": 8,
                                                                          "interpolator": "linear"}])
def test_every_filter_with_every_resampling(filtered: str, resampling: dict[str, Any] | None) -> None:
    image_types, theirs, count = FILTERS[filtered]
    image, mask = textured_volume()
    protocol = make_protocol(image_types=image_types, **({"resampling": resampling} if resampling else {}))
    settings: dict[str, Any] = {}
    if resampling:
        settings = {"resampledPixelSpacing": resampling["spacing_mm"], "padDistance": resampling.get("pad_voxels", 5),
                    "interpolator": "sitkLinear" if "interpolator" in resampling else "sitkBSpline"}
    assert_engines_equal(image, mask, protocol, peer(image, mask, theirs, **settings), count)


@pytest.mark.parametrize("pixel", [sitk.sitkInt16, sitk.sitkInt32, sitk.sitkFloat32, sitk.sitkFloat64])
def test_every_pixel_type_in_a_large_oblique_volume(pixel: int) -> None:
    """A crop far from every border, in a rotated frame: the resampling grid must still be the whole image's."""
    image, mask = textured_volume(size=(96, 90, 84), spacing=(0.7, 0.8, 1.1), seed=3)
    inner = sitk.Image(mask.GetSize(), sitk.sitkUInt8)
    inner.CopyInformation(mask)
    inner[40:60, 41:58, 39:52] = mask[40:60, 41:58, 39:52]
    transform = sitk.Euler3DTransform((0, 0, 0), 0.3, -0.2, 0.5)
    direction = np.array(transform.GetMatrix()).reshape(3, 3)
    image = sitk.Cast(image, pixel)
    for item in (image, inner):
        item.SetDirection(direction.ravel().tolist())
    protocol = make_protocol(image_types=WAVELET, resampling=RESAMPLED)
    theirs = peer(image, inner, {"Original": {}, "Wavelet": {}}, resampledPixelSpacing=[1, 1, 1])
    assert_engines_equal(image, inner, protocol, theirs, 851)


def test_bin_count_instead_of_bin_width() -> None:
    image, mask = textured_volume()
    protocol = make_protocol(discretisation={"bin_count": 32})
    extractor = featureextractor.RadiomicsFeatureExtractor(binCount=32, additionalInfo=False)
    theirs = values_of(extractor, image, mask)
    assert_engines_equal(image, mask, protocol, theirs, 107)


def test_a_subset_has_the_values_of_the_whole(lung: Callable[[str], tuple[Path, Path]]) -> None:
    image, mask = read(*lung("lung1"))
    protocol: Protocol = load_protocol("ct-hu50-1mm-wavelet")
    voi = make_voi(image, mask, protocol)
    whole = extract(voi, protocol).values
    for names in (["wavelet-HHL_glcm_MCC"], ["original_shape_Sphericity", "wavelet-LLL_ngtdm_Strength"]):
        assert extract(voi, protocol, names).values == {name: whole[name] for name in names}


@pytest.mark.parametrize("original", [True, False])
def test_shape_needs_no_original_image_type(original: bool) -> None:
    image, mask = textured_volume()
    protocol = make_protocol(image_types={"original": original, "wavelet": {}})
    values = extract(make_voi(image, mask, protocol), protocol, ["original_shape_MeshVolume"]).values
    assert list(values) == ["original_shape_MeshVolume"]


@pytest.mark.parametrize("filtered", ["wavelet", "log"])
def test_filters_on_a_crop_of_a_large_native_volume(filtered: str) -> None:
    """Without resampling pyradiomics filters the whole volume; ours filters what the VOI can depend on."""
    image_types, theirs, count = FILTERS[filtered]
    image, mask = textured_volume(size=(140, 136, 130), spacing=(1.0, 1.0, 1.0), seed=5)
    inner = sitk.Image(mask.GetSize(), sitk.sitkUInt8)
    inner.CopyInformation(mask)
    inner[62:76, 60:75, 58:70] = mask[62:76, 60:75, 58:70]
    protocol = make_protocol(image_types=image_types)
    assert_engines_equal(image, inner, protocol, peer(image, inner, theirs), count)
