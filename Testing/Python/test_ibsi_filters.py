"""The IBSI's filters as settings of a protocol: read, named, sent to the worker, and seen by features."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume

from RadiomicsPrognosisLib.dicom.codes import image_code
from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.grids.placement import Placement
from RadiomicsPrognosisLib.features.preparation import prepare
from RadiomicsPrognosisLib.features.response_maps import response_map
from RadiomicsPrognosisLib.protocol import GaussianLaplacian, SimoncelliWavelet
from RadiomicsPrognosisLib.texts import feature_label
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.images import array_view, inside
from RadiomicsPrognosisLib.worker.blocks import Blocks
from RadiomicsPrognosisLib.worker.jobs import blocks_of, decode_jobs, encode_jobs, make_job

TABLES: list[dict[str, object]] = [
    {"kind": "mean", "support": 3},
    {"kind": "log", "sigma_mm": 0.6, "boundary": "nearest"},
    {"kind": "log", "sigma_mm": 1, "cutoff_sigmas": 3, "riesz": [1, 0, 0], "in_plane": True},
    {"kind": "laws", "kernels": "L5E5", "pooling": "max", "energy_distance": 1, "boundary": "zero"},
    {"kind": "gabor", "sigma_mm": 0.5, "wavelength_mm": 2.5, "aspect_ratio": 0.8, "step_degrees": 45,
     "orthogonal": True},
    {"kind": "wavelet", "wavelet": "bior1.3", "band": "LLH", "level": 2, "pooling": "average"},
    {"kind": "wavelet", "wavelet": "haar", "band": "HL", "boundary": "periodic"},
    {"kind": "simoncelli", "level": 2},
]

NAMES = ("ibsi-mean-3-3D", "ibsi-log-0-6-mm-3D-nearest", "ibsi-log-1-0-mm-cutoff-3-0-riesz-100-2D",
         "ibsi-laws-L5E5-max-energy-1-zero", "ibsi-gabor-0-5-mm-wave-2-5-mm-ratio-0-8-step-45-0-3D",
         "ibsi-wavelet-bior1-3-LLH-level-2-average", "ibsi-wavelet-haar-HL-level-1-periodic",
         "ibsi-simoncelli-level-2-3D")

PROTOCOL = make_protocol(filters=TABLES, feature_classes=["firstorder"])


def test_every_filter_makes_an_image_named_by_its_settings() -> None:
    assert PROTOCOL.image_types == ("original", *NAMES)
    PROTOCOL.check_features([f"{name}_firstorder_Mean" for name in NAMES], "test")


@pytest.mark.parametrize(("name", "words"), [
    (NAMES[0], "IBSI mean 3 3D"), (NAMES[1], "IBSI LoG 0.6 mm 3D nearest"),
    (NAMES[3], "IBSI Laws L5E5 max energy 1 zero"),
    (NAMES[5], "IBSI bior1.3 LLH level 2 average"), (NAMES[7], "IBSI Simoncelli level 2 3D")])
def test_a_feature_of_a_filtered_image_is_readable(name: str, words: str) -> None:
    assert feature_label(f"{name}_firstorder_Variance") == f"Intensity: variance · {words}"


def test_every_setting_of_a_filter_changes_the_hash_and_no_filter_leaves_it() -> None:
    plain = make_protocol(feature_classes=["firstorder"])
    assert plain.hash == make_protocol(feature_classes=["firstorder"], filters=[]).hash
    changes = ({"in_plane": True}, {"boundary": "zero"}, {"sigma_mm": 2.5}, {"cutoff_sigmas": 5}, {"riesz": [0, 0, 1]})
    protocols = [make_protocol(feature_classes=["firstorder"], filters=[{"kind": "log", "sigma_mm": 2, **change}])
                 for change in ({}, *changes)]
    assert len({item.hash for item in (plain, *protocols)}) == len(changes) + 2
    assert len({item.image_types for item in protocols}) == len(changes) + 1


@pytest.mark.parametrize(("table", "message"), [
    ({"kind": "median", "support": 3}, r"'filters\[1\].kind' is 'median'; allowed: mean, log.*Did you mean 'mean'"),
    ({"kind": "mean", "support": 4}, "'filters.1..support' is 4; allowed: odd numbers"),
    ({"kind": "mean"}, "support' is missing"),
    ({"kind": "mean", "support": 3, "sigma_mm": 1}, "sigma_mm' is not a known key"),
    ({"kind": "log", "sigma_mm": 0}, "sigma_mm' is 0; allowed: > 0"),
    ({"kind": "log", "sigma_mm": 1, "riesz": [1, 0.5, 0]}, "whole numbers whose sum is from 1 to 4"),
    ({"kind": "log", "sigma_mm": 1, "riesz": [0, 0, 0]}, "whole numbers whose sum is from 1 to 4"),
    ({"kind": "log", "sigma_mm": 1, "in_plane": True, "riesz": [0, 0, 1]}, "along z, but the filter works in"),
    ({"kind": "laws", "kernels": "L5"}, "two or three of L3, E3"),
    ({"kind": "laws", "kernels": "L5E5X5"}, "two or three of L3, E3"),
    ({"kind": "laws", "kernels": "L5E5", "pooling": "median"}, "pooling' is 'median'; allowed: average, max, min"),
    ({"kind": "gabor", "sigma_mm": 1, "wavelength_mm": 2, "step_degrees": 50}, "what divides a turn of 360"),
    ({"kind": "wavelet", "wavelet": "db3", "band": "LX"}, "two or three of the letters L and H"),
    ({"kind": "wavelet", "wavelet": "db33", "band": "LH"}, "wavelet' is 'db33'; allowed: haar"),
    ({"kind": "simoncelli", "boundary": "mirror"}, "boundary' is not a known key"),
])
def test_a_wrong_filter_is_refused_in_words(table: dict[str, object], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        make_protocol(filters=[table])


def test_a_filter_stands_once_and_not_beside_pyradiomics_on_a_resampled_grid() -> None:
    with pytest.raises(SchemaError, match=r"filters\[2\]' is the filter 'ibsi-mean-3-3D' a second time"):
        make_protocol(filters=[TABLES[0], TABLES[0]])
    wavelet = {"original": True, "wavelet": {}}
    make_protocol(filters=TABLES, image_types=wavelet)
    with pytest.raises(SchemaError, match=r"cannot stand beside image_types\.wavelet"):
        make_protocol(filters=TABLES, image_types=wavelet, resampling={"spacing_mm": [1, 1, 1]})


def test_filters_reach_the_worker_as_they_are() -> None:
    image, mask = textured_volume()
    names = (f"{NAMES[0]}_firstorder_Mean",)
    jobs = {"ct": make_job(make_voi(image, mask, PROTOCOL), PROTOCOL, names)}
    header, arrays = encode_jobs(jobs)
    blocks = Blocks()
    blocks.replace(blocks_of(jobs))
    assert decode_jobs(json.loads(json.dumps(header)), arrays, blocks)["ct"].protocol == PROTOCOL


@pytest.fixture(scope="module", params=["inside", "at the corner"])
def case(request: pytest.FixtureRequest) -> tuple[sitk.Image, sitk.Image]:
    """A volume much larger than its VOI, which lies inside it or at its corner."""
    image, _ = textured_volume(size=(40, 38, 30), spacing=(0.9, 0.9, 1.4))
    voxels = np.zeros(image.GetSize()[::-1], np.uint8)
    start = 12 if request.param == "inside" else 0
    voxels[start:start + 5, start:start + 6, start:start + 4] = 1
    mask = sitk.GetImageFromArray(voxels)
    mask.CopyInformation(image)
    return image, mask


@pytest.mark.parametrize("engine", ["native", "pyradiomics"])
def test_features_see_the_response_of_the_whole_image(case: tuple[sitk.Image, sitk.Image], engine: str) -> None:
    image, mask = case
    names = [f"{name}_firstorder_{feature}" for name in NAMES for feature in ("Mean", "Maximum")]
    values = extract(make_voi(image, mask, PROTOCOL), PROTOCOL, names, get_engine(engine)).values
    for settings in PROTOCOL.filters:
        response = response_map(array_view(image), image.GetSpacing(), settings)[inside(mask)]
        assert values[f"{settings.image_type}_firstorder_Mean"] == pytest.approx(response.mean(), rel=1e-9, abs=1e-11)
        assert values[f"{settings.image_type}_firstorder_Maximum"] == pytest.approx(response.max(), rel=1e-9)


def test_a_resampled_grid_reaches_as_far_as_the_filters_read(case: tuple[sitk.Image, sitk.Image]) -> None:
    """The response on a grid padded by what the filters read is the response on the whole resampled image."""
    image, mask = case
    grid = {"spacing_mm": [1.1, 1.1, 1.3], "grid": "centre", "pad_voxels": 0}
    protocol = make_protocol(filters=TABLES, feature_classes=["firstorder"], resampling=grid)
    whole = replace(protocol, resampling=replace(protocol.resampling, pad=50))
    near, far = (extract(make_voi(image, mask, item), item, engine=get_engine("native")).values
                 for item in (protocol, whole))
    assert near.keys() == far.keys()
    for name, value in near.items():
        assert value == pytest.approx(far[name], rel=1e-7, abs=1e-8), name


def test_a_grid_placed_under_the_contour_takes_filters_that_end(case: tuple[sitk.Image, sitk.Image]) -> None:
    image, mask = case
    protocol = replace(PROTOCOL, filters=(GaussianLaplacian(sigma_mm=1.0),))
    voi = make_voi(image, mask, protocol)
    placed = prepare(voi, protocol, Placement(degrees=4.0, shift=(0.25, 0.0, 0.5)))
    start, size = placed.box
    assert all(low >= 4 and low + count + 4 <= length
               for low, count, length in zip(start[:2], size[:2], placed.image.GetSize()[:2], strict=True))
    whole = replace(PROTOCOL, filters=(SimoncelliWavelet(level=1),))
    with pytest.raises(SchemaError, match="reads the whole image"):
        prepare(voi, whole, Placement(degrees=4.0))


@pytest.mark.parametrize("name", NAMES)
def test_dicom_says_which_filter_an_image_had_in_its_64_characters(name: str) -> None:
    code = image_code(f"{name}_firstorder_Mean")
    assert code is not None
    assert (code.value, code.meaning) == (name, feature_label(f"{name}_firstorder_Mean").split(" · ")[1])
