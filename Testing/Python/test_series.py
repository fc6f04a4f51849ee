"""A DICOM series is checked before it is read: what is no single evenly spaced volume is refused in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from conftest import shared_case
from dicom_cases import write_series

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.errors import FileError, SeriesError
from RadiomicsPrognosisLib.voi.images import read_acquired, read_image

#: A real CT, and its slices that are written, with voxels of the tumour in each.
CASE, FIRST, LAST = "sts_ct/STS_001", 20, 44


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real CT around its tumour as a DICOM series of 24 slices 3.27 mm apart."""
    image = sitk.ReadImage(str(shared_case(CASE)[0]))[:, :, FIRST:LAST]
    folder = tmp_path_factory.mktemp("scan") / "series"
    write_series(sitk.Cast(image, sitk.sitkInt32), folder)
    return folder


@pytest.fixture
def series(scan: Path, tmp_path: Path) -> Path:
    """A copy of the series that a test may spoil."""
    return Path(shutil.copytree(scan, tmp_path / "ct"))


def slices(folder: Path) -> list[Path]:
    """Return the files of a series in the order of their slices."""
    return sorted(folder.glob("*.dcm"), key=lambda path: float(
        pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]))


def change(paths: Sequence[Path], **values: object) -> None:
    """Set attributes of DICOM files; None takes them out."""
    for path in paths:
        slice_ = pydicom.dcmread(path)
        for name, value in values.items():
            if value is None:
                delattr(slice_, name)
            else:
                setattr(slice_, name, value)
        slice_.file_meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID
        slice_.save_as(path)


def refusal(folder: Path, wanted: str | None = None) -> SeriesError:
    """Return the error with which a series is refused."""
    with pytest.raises(SeriesError) as caught:
        read_image(folder, wanted)
    return caught.value


def test_a_slice_missing_inside_the_tumour_is_refused(scan: Path, series: Path, tmp_path: Path,
                                                      capfd: pytest.CaptureFixture[str]) -> None:
    """One slice less changed score and group of a real case, with exit code 0 and a raw warning of ITK."""
    mask = sitk.ReadImage(str(shared_case(CASE)[1]))[:, :, FIRST:LAST]
    inside = np.flatnonzero(sitk.GetArrayFromImage(mask).any(axis=(1, 2)))
    sitk.WriteImage(mask, str(tmp_path / "mask.nrrd"))
    removed = slices(series)[int(inside[len(inside) // 2])]
    removed.unlink()
    arguments = ["score", "--image", str(series), "--mask", str(tmp_path / "mask.nrrd"), "--model",
                 "s2_escc_ln_response"]
    assert run(arguments) == 2
    told = capfd.readouterr().err
    assert "1 slice is missing there" in told and "3.27 mm apart" in told and "(6.54 mm)" in told
    assert "Warning" not in told and len(told.strip().splitlines()) == 1
    depth = float(pydicom.dcmread(scan / removed.name).ImagePositionPatient[2])
    np.testing.assert_allclose(refusal(series).positions_mm, (depth - 3.27, depth + 3.27), atol=1e-3)
