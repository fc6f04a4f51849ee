"""A checked DICOM series as a volume in HU, with what its headers state of acquisition and patient."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import SeriesError
from ..warning import ResultWarning
from . import tags as dicom
from .acquisition import Acquisition, acquisition_of, file_acquisition
from .gaps import gap_warnings
from .geometry import in_order
from .headers import Header, read_header, without_itk_warnings
from .identity import NOBODY, Identity, identity_of
from .listing import DicomSeries, choose_series, frames, refuse_single
from .multiframe import frame_headers
from .rescaling import is_one_rescaling
from .tags import numbers


@dataclass(frozen=True, kw_only=True)
class AcquiredImage:
    """A volume (HU for CT), its acquisition, whose it is, and its files, those of a series in the slices' order.

    ``warnings`` are what a reader of a result must know of it.
    """

    image: sitk.Image
    acquisition: Acquisition
    identity: Identity = NOBODY
    files: tuple[Path, ...] = ()
    warnings: tuple[ResultWarning, ...] = ()

    @classmethod
    def of(cls, image: sitk.Image, files: tuple[Path, ...] = ()) -> AcquiredImage:
        """Return an image of which nothing is stated but the size of its voxels."""
        x, y, z = image.GetSpacing()[:3]
        return cls(image=image, acquisition=file_acquisition((x, y, z)), files=files)


def read_series(folder: Path, wanted: str | None = None) -> AcquiredImage:
    """Return the series ``wanted`` (number or UID) in ``folder``, the only one when None, checked before it is read.

    Raises SeriesError for a series that is no single evenly spaced volume and for a choice that is none, FileError for
    a folder without DICOM images.
    """
    return _read(choose_series(folder, wanted))


def read_dicom_file(path: Path, header: Header) -> AcquiredImage:
    """Return the volume of a multi-frame file. Raises SeriesError, naming the folder, for a slice of a series."""
    if frames(header) < 2:
        raise refuse_single(path, header)
    return _read_frames(header, f"'{path}'")


def dicom_header(path: Path) -> Header | None:
    """Return the header of a DICOM image, None for a file of another format. Raises SeriesError for a damaged one."""
    with path.open("rb") as file:
        start = file.read(132)
    return read_header(path) if start[128:] == b"DICM" or path.suffix.lower() in (".dcm", ".ima") else None


def _read(series: DicomSeries) -> AcquiredImage:
    name = f"Series {series} in '{series.folder}'"
    several = [header for header in series.headers if frames(header) > 1]
    if several:
        if len(series.headers) > 1:
            raise SeriesError(f"{name} holds {len(series.headers)} files, of which {len(several)} have several frames; "
                              "give one multi-frame file, or export single-frame slices.")
        return _read_frames(several[0], name)
    if series.is_localiser:
        raise SeriesError(f"{name} is a localiser for planning a scan, no volume; give the series that was planned "
                          "with it.")
    ordered = in_order(series.headers, name)
    return _volume(_read_slices(ordered, name), ordered, name)


def _volume(image: sitk.Image, ordered: tuple[Header, ...], name: str) -> AcquiredImage:
    x, y, z = image.GetSpacing()
    middle = ordered[len(ordered) // 2].tags
    return AcquiredImage(image=image, acquisition=acquisition_of(middle, (x, y, z)), identity=identity_of(middle),
                         files=tuple(dict.fromkeys(header.path for header in ordered)),
                         warnings=gap_warnings(ordered, z, name))


def _read_slices(ordered: tuple[Header, ...], name: str) -> sitk.Image:
    """Return the voxels of slices in order, each rescaled by its own slope and intercept."""
    reader = sitk.ImageSeriesReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileNames([str(header.path) for header in ordered])
    if not is_one_rescaling(ordered, name):
        # ITK gives all slices the type of the first, which cuts the values of the others to whole numbers.
        reader.SetOutputPixelType(sitk.sitkFloat32)
    try:
        with without_itk_warnings():
            volume: sitk.Image = reader.Execute()
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].removeprefix("ITK ERROR: ")
        raise SeriesError(f"{name} cannot be read ({reason}); export it again.") from None
    return volume


def _read_frames(header: Header, name: str) -> AcquiredImage:
    """Return a multi-frame image on the grid of its frames' own positions."""
    listed = frame_headers(header)
    ordered = in_order(listed, name)
    if not is_one_rescaling(listed, name):
        raise SeriesError(f"{name} rescales its frames to HU each in its own way, which cannot be read; export it as "
                          "single-frame slices.")
    with without_itk_warnings():
        stored = sitk.ReadImage(str(header.path), imageIO="GDCMImageIO")
    index = {item.name: number for number, item in enumerate(listed)}
    image = sitk.GetImageFromArray(sitk.GetArrayViewFromImage(stored)[[index[item.name] for item in ordered]])
    rows_mm, columns_mm = numbers(ordered[0].tags, dicom.PIXEL_SPACING)
    cosines = np.array(numbers(ordered[0].tags, dicom.ORIENTATION))
    normal = np.cross(cosines[:3], cosines[3:])
    positions = np.array([numbers(item.tags, dicom.POSITION) for item in (ordered[0], ordered[-1])])
    step = float((positions[1] - positions[0]) @ normal) / (len(ordered) - 1)
    image.SetSpacing((columns_mm, rows_mm, step))
    image.SetOrigin(positions[0].tolist())
    image.SetDirection(np.column_stack([cosines[:3], cosines[3:], normal]).ravel().tolist())
    return _volume(image, ordered, name)
