"""Read a scalar CT volume from a file or a DICOM folder; the voxels of an image as an array."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import FileError, InvalidImage, SeriesError
from ..series.headers import without_itk_warnings
from ..series.voxels import AcquiredImage, dicom_header, read_dicom_file, read_series


def read_image(path: str | Path, series: str | None = None) -> sitk.Image:
    """Return the 3-D scalar image in ``path``, as :func:`read_acquired` does, without what is stated of it."""
    return read_acquired(path, series).image


def read_acquired(path: str | Path, series: str | None = None) -> AcquiredImage:
    """Return the 3-D scalar image in ``path``, how it was acquired and whose it is.

    ``path`` is any file SimpleITK reads, or a folder with a DICOM series, which is checked before it is read;
    ``series`` is the number or UID of the one to read, None where there is one alone.

    Raises FileError for what cannot be read, SeriesError for a series that is no single evenly spaced volume, for one
    slice of a series and for a choice that is none, InvalidImage for what is not a scalar volume.
    """
    path = Path(path)
    if path.is_dir():
        return _checked(read_series(path, series), path)
    if series is not None:
        raise SeriesError(f"'{path}' is a file, so there is no series '{series}' to choose; leave out --series, or "
                          "give a folder with DICOM series.")
    header = dicom_header(path) if path.is_file() else None
    if header is not None:
        return _checked(read_dicom_file(path, header), path)
    return AcquiredImage.of(check_scalar(read_any(path, "Image"), str(path)), (path,))


def _checked(acquired: AcquiredImage, path: Path) -> AcquiredImage:
    return replace(acquired, image=check_scalar(acquired.image, str(path)))


def read_any(path: Path, what: str) -> sitk.Image:
    """Return whatever image SimpleITK reads from ``path``; raises FileError naming ``what`` it was to be."""
    if not path.is_file():
        raise FileError(f"{what} '{path}' does not exist; check the path.")
    try:
        with without_itk_warnings():
            return sitk.ReadImage(str(path))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].removeprefix("ITK ERROR: ")
        raise FileError(f"{what} '{path}' cannot be read ({reason}); use NRRD, NIfTI, MHA or a DICOM folder.") from None


def check_scalar(image: sitk.Image, name: str) -> sitk.Image:
    """Return ``image`` if it is a 3-D scalar volume of real numbers, ``name`` naming it in errors.

    A fourth axis of length 1 is dropped. Raises InvalidImage.
    """
    image = without_single_time(image)
    if image.GetDimension() != 3:
        raise InvalidImage(f"Image '{name}' has {image.GetDimension()} dimensions; a single 3-D volume is needed.")
    if image.GetNumberOfComponentsPerPixel() != 1 or "complex" in image.GetPixelIDTypeAsString():
        raise InvalidImage(f"Image '{name}' is not a scalar volume ({image.GetPixelIDTypeAsString()}, "
                           f"{image.GetNumberOfComponentsPerPixel()} components per voxel); choose the CT itself.")
    return image


def without_single_time(image: sitk.Image) -> sitk.Image:
    """Return the volume in a 4-D image of a single one; any other image as it is."""
    if image.GetDimension() == 4 and image.GetSize()[3] == 1:
        volume: sitk.Image = image[:, :, :, 0]
        return volume
    return image


def array_view(image: sitk.Image) -> np.ndarray:
    """Return the voxels (k, j, i) of a scalar image as a read-only view, which is valid while ``image`` exists."""
    array: np.ndarray = sitk.GetArrayViewFromImage(image)
    return array


def inside(mask: sitk.Image) -> np.ndarray:
    """Return where ``mask`` is not 0, as a boolean array (k, j, i) of its own."""
    voxels: np.ndarray = array_view(mask) != 0
    return voxels
