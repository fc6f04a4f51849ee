"""Shared fixtures: real CT where it can be had, a user folder of its own for every test, small volumes made in code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from RadiomicsPrognosisLib import resources
from RadiomicsPrognosisLib.features.engine import engines
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.protocol import Protocol, parse_protocol
from RadiomicsPrognosisLib.sample import ensure_sample

#: Larger real data kept beside the checkout; tests that need it skip without it.
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

#: Resolved before the tests move the user's folder, so that the sample is fetched once per machine.
_SAMPLE_FOLDER = resources.cache_folder() / "sample"


@pytest.fixture(autouse=True)
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a user folder of its own."""
    home = tmp_path / "user"
    monkeypatch.setenv(resources.HOME_VARIABLE, str(home))
    return home


@pytest.fixture(autouse=True)
def same_library() -> Iterator[None]:
    """Put the library's modules back after a test that reloads them: other tests hold classes of the first import."""
    packages = ("RadiomicsPrognosisLib", "RadiomicsPrognosisPanel")
    before = {name: module for name, module in sys.modules.items() if name.startswith(packages)}
    yield
    if any(sys.modules.get(name) is not module for name, module in before.items()):
        for name in [name for name in sys.modules if name.startswith(packages)]:
            del sys.modules[name]
            package, _, own_name = name.rpartition(".")
            if package in before and name not in before:  # which 'from package import name' would find there
                vars(before[package]).pop(own_name, None)
        sys.modules.update(before)


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    """The folder with pyradiomics' lung1 and lung2, fetched once with pip; skips without network."""
    problem = ensure_sample(_SAMPLE_FOLDER)
    if problem:
        pytest.skip(f"the sample CT could not be fetched: {problem}")
    return _SAMPLE_FOLDER


@pytest.fixture(scope="session")
def lung(sample_folder: Path) -> Callable[[str], tuple[Path, Path]]:
    """Return a function giving the paths of image and mask of ``lung1`` or ``lung2``."""
    return lambda name: (sample_folder / f"{name}_image.nrrd", sample_folder / f"{name}_label.nrrd")


def shared_case(name: str) -> tuple[Path, Path]:
    """Return the paths of a case in the shared data, or skip the test."""
    image, mask = SHARED / name / "image.nii.gz", SHARED / name / "mask.nii.gz"
    if not image.is_file():
        pytest.skip(f"shared data '{name}' is not beside this checkout")
    return image, mask


@pytest.fixture(scope="session")
def phantom() -> tuple[sitk.Image, sitk.Image]:
    """The synthetic thorax: image in HU and mask."""
    return ct_phantom()


def installed_engines() -> list[str]:
    """Return the names of the engines that can run here, the preferred first: pyradiomics may not be installed."""
    return [engine.name for engine in engines() if not engine.unavailable_because()]


def make_protocol(**changes: object) -> Protocol:
    """Return a protocol with all classes on the original image at bin width 25, with ``changes`` to its table."""
    table = {
        "id": "test", "title": "test", "modality": "CT",
        "feature_classes": ["shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"],
        "discretisation": {"bin_width": 25}, "image_types": {"original": True},
    }
    return parse_protocol({**table, **changes}, "test.toml")


def textured_volume(size: tuple[int, int, int] = (24, 22, 20), spacing: tuple[float, float, float] = (1.0, 1.0, 2.0),
                    seed: int = 0) -> tuple[sitk.Image, sitk.Image]:
    """Return a small CT-like image of smooth noise around 40 HU and an ellipsoid mask inside it.

    Its texture gives scores among those of the shipped models' patients, S1's with the demonstration scaling.
    """
    generator = np.random.default_rng(seed)
    noise = sitk.GetImageFromArray(generator.normal(size=size[::-1]))
    array = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(noise, 0.6))
    image = sitk.GetImageFromArray(np.rint(40 + 35 * array / array.std()).astype(np.int16))
    axes = np.indices(size[::-1], dtype=float)
    centred = [(axis - (n - 1) / 2) / (0.33 * n) for axis, n in zip(axes, size[::-1], strict=True)]
    mask = sitk.GetImageFromArray((sum(axis**2 for axis in centred) < 1).astype(np.uint8))
    for item in (image, mask):
        item.SetSpacing(spacing)
        item.SetOrigin((-11.5, 7.25, 100.0))
    return image, mask
