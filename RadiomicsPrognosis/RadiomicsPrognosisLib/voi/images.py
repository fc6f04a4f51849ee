"""Read a scalar CT volume from a file or a DICOM folder; the voxels of an image as an array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import FileError, InvalidImage


def read_image(path: str | Path) -> sitk.Image:
    """Return the 3-D scalar image in ``path``: any file SimpleITK reads, or a folder holding one DICOM series.

    Raises FileError for what cannot be read, InvalidImage for what is not a scalar volume.
    """
    path = Path(path)
    if path.is_dir():
        return check_scalar(_read_dicom_folder(path), str(path))
    return check_scalar(read_any(path, "Image"), str(path))


def read_any(path: Path, what: str) -> sitk.Image:
    """Return whatever image SimpleITK reads from ``path``; raises FileError naming ``what`` it was to be."""
    if not path.is_file():
        raise FileError(f"{what} '{path}' does not exist; check the path.")
    try:
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


def _read_dicom_folder(folder: Path) -> sitk.Image:
    series = sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder))
    if not series:
        raise FileError(f"Folder '{folder}' holds no DICOM series; give the folder with the CT's slices.")
    if len(series) > 1:
        raise FileError(f"Folder '{folder}' holds {len(series)} DICOM series; give each its own folder, or one file.")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder), series[0]))
    try:
        volume: sitk.Image = reader.Execute()
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise FileError(f"The DICOM series in '{folder}' cannot be read ({reason}).") from None
    return volume
