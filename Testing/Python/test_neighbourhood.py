"""What is kept of a contour's surroundings gives the values of an extraction that keeps nothing, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume

from RadiomicsPrognosisLib.features import neighbourhood, preparation
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.neighbourhood import Neighbourhood
from RadiomicsPrognosisLib.protocol import Protocol
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.voi import Voi

RESAMPLED = {"spacing_mm": [1.0, 1.0, 1.0]}


def protocol(resampling: dict[str, Any] | None = RESAMPLED, **image_types: Any) -> Protocol:
    """Return a protocol of two classes on these image types, the first order's values telling of every voxel."""
    changes = {"resampling": resampling} if resampling else {}
    return make_protocol(feature_classes=["shape", "firstorder", "glcm"],
                         image_types={"original": True, **image_types}, **changes)


PROTOCOLS = {
    "sub-bands, resampled": protocol(wavelet={"name": "coif1"}),
    "sub-bands, native": protocol(None, wavelet={"name": "coif1"}),
    "two levels": protocol(wavelet={"name": "haar", "levels": 2}),
    "a filter longer than the padding": protocol(wavelet={"name": "coif3"}),
    "Laplacian": protocol(wavelet={"name": "haar"}, log_sigmas_mm=[1.0]),
    "points on voxels": protocol({"spacing_mm": [0.8, 0.8, 1.0]}, wavelet={"name": "haar"}),
    "linear": protocol({"spacing_mm": [1.0, 1.0, 1.0], "interpolator": "linear"}, wavelet={"name": "haar"}),
    "same spacing": protocol({"spacing_mm": [0.8, 0.8, 2.0]}, wavelet={"name": "haar"}),
}


@pytest.fixture(scope="module")
def volume() -> tuple[sitk.Image, np.ndarray]:
    """A CT-like image and the contour (k, j, i) of a lesion in it, near enough to a border for a filter to reach it."""
    image, mask = textured_volume((40, 36, 30), (0.8, 0.8, 2.0))
    return image, sitk.GetArrayFromImage(mask) != 0


def edits(image: sitk.Image, contour: np.ndarray, settings: Protocol, count: int = 4) -> list[Voi]:
    """Return VOIs on one image: the contour with a ball erased, with one added outside of it, and so on."""
    drawn, vois = contour.copy(), []
    for seed in range(count):
        border = np.argwhere(drawn)
        centre = border[np.random.default_rng(seed).integers(len(border))]
        k, j, i = (axis - at for axis, at in zip(np.ogrid[tuple(map(slice, drawn.shape))], centre, strict=True))
        drawn = drawn.copy()
        drawn[2 * k**2 + j**2 + i**2 < 20] = seed % 2
        mask = sitk.GetImageFromArray(drawn.astype(np.uint8))
        mask.CopyInformation(image)
        vois.append(make_voi(image, mask, settings))
    return vois


@pytest.mark.parametrize("name", PROTOCOLS)
def test_edits_have_the_values_of_extractions_of_their_own(name: str, volume: tuple[sitk.Image, np.ndarray]) -> None:
    settings, kept = PROTOCOLS[name], Neighbourhood()
    for voi in edits(*volume, settings):
        ours, alone = extract(voi, settings, neighbourhood=kept), extract(voi, settings)
        assert ours == alone and list(ours.values) == list(alone.values)


def test_a_float_image_has_its_own_values_to_the_last_bit(volume: tuple[sitk.Image, np.ndarray]) -> None:
    settings, kept = PROTOCOLS["sub-bands, resampled"], Neighbourhood()
    image = sitk.Cast(volume[0], sitk.sitkFloat64) / 3
    for voi in edits(image, volume[1], settings, 3):
        assert extract(voi, settings, neighbourhood=kept) == extract(voi, settings)


class Calls:
    """Takes down the arguments of a function's calls, and makes them."""

    def __init__(self, function: Any):
        self._function, self.arguments = function, []

    def __call__(self, *arguments: Any) -> Any:
        self.arguments.append(arguments)
        return self._function(*arguments)


def test_an_edit_neither_resamples_nor_filters(volume: tuple[sitk.Image, np.ndarray],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    settings, kept = PROTOCOLS["sub-bands, resampled"], Neighbourhood()
    resampling, filtering = Calls(neighbourhood.resampled), Calls(neighbourhood.filtered_values)
    monkeypatch.setattr(neighbourhood, "resampled", resampling)
    monkeypatch.setattr(neighbourhood, "filtered_values", filtering)
    monkeypatch.setattr(preparation, "resampled", None)
    monkeypatch.setattr(preparation, "filtered_values", None)
    for voi in edits(*volume, settings):
        extract(voi, settings, ("original_firstorder_Mean", "wavelet-HLL_firstorder_Mean"), neighbourhood=kept)
    assert len(resampling.arguments) == 1
    filtered = [name for _, _, plan, _ in filtering.arguments for name in plan.work if name != "original"]
    assert filtered == ["wavelet-HLL"]


def test_another_image_or_protocol_is_another_neighbourhood(volume: tuple[sitk.Image, np.ndarray]) -> None:
    settings, kept = PROTOCOLS["sub-bands, resampled"], Neighbourhood()
    finer = protocol({"spacing_mm": [0.9, 0.9, 1.0]}, wavelet={"name": "coif1"})
    (voi,) = edits(*volume, settings, 1)
    brighter = replace(voi, image=voi.image + 7)
    for item, used in ((voi, settings), (brighter, settings), (brighter, finer), (voi, settings)):
        assert extract(item, used, neighbourhood=kept) == extract(item, used)


def test_more_than_the_memory_set_aside_is_not_kept(volume: tuple[sitk.Image, np.ndarray],
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    settings, kept = PROTOCOLS["sub-bands, resampled"], Neighbourhood()
    (voi,) = edits(*volume, settings, 1)
    assert preparation.prepare(voi, settings, None, kept).filters is not None
    monkeypatch.setattr(neighbourhood, "_MOST_BYTES", 1000)
    assert extract(voi, settings, neighbourhood=kept) == extract(voi, settings)
    filters = preparation.prepare(voi, settings, None, kept).filters
    assert filters is not None and not filters.kept._bands


def test_a_number_that_is_none_beyond_what_is_read_does_not_spread(volume: tuple[sitk.Image, np.ndarray]) -> None:
    image = sitk.Cast(volume[0], sitk.sitkFloat32)
    values = np.pad(sitk.GetArrayFromImage(image), ((0, 0), (0, 0), (0, 90)), "edge")
    values[:, :, -1] = np.nan
    wide = sitk.GetImageFromArray(values)
    wide.SetSpacing(image.GetSpacing())
    contour = np.pad(volume[1], ((0, 0), (0, 0), (0, 90)))
    settings, kept = PROTOCOLS["sub-bands, resampled"], Neighbourhood()
    (voi,) = edits(wide, contour, settings, 1)
    assert extract(voi, settings, neighbourhood=kept) == extract(voi, settings)
