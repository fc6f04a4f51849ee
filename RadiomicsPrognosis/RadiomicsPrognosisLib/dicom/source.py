"""The DICOM series a volume came from: its headers, in the order of its slices, and its voxel grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from ..errors import FileError, GeometryMismatch, InvalidImage
from ..voi.grid import Grid, crop, place, xyz
from ..voi.voi import Voi

_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
           "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns")

#: Slices nearer to even spacing than this (mm) count as evenly spaced: headers round to 0.01 mm or worse.
_EVEN_MM = 0.02


@dataclass(frozen=True)
class SourceSeries:
    """Headers (one per slice, along the slice normal) and the grid (LPS mm) of a single-frame series."""

    headers: tuple[Dataset, ...]
    grid: Grid


def read_source(source: str | Path | Sequence[str | Path | Dataset]) -> SourceSeries:
    """Return the series in a folder, or in the files or pydicom datasets given.

    Raises FileError for files that are not DICOM, InvalidImage for what is not one evenly spaced single-frame series.
    """
    if isinstance(source, str | Path):
        folder = Path(source)
        if not folder.is_dir():
            raise FileError(f"'{folder}' is not a folder with the CT's DICOM files.")
        source = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "DICOMDIR")
    headers = [item if isinstance(item, Dataset) else _read(Path(item)) for item in source]
    if not headers:
        raise FileError("No DICOM file was given; a DICOM export needs the slices that the volume came from.")
    for header in headers:
        missing = [name for name in _NEEDED if header.get(name) in (None, "")]
        if missing:
            raise InvalidImage(f"DICOM slice {header.get('SOPInstanceUID', '?')} lacks {', '.join(missing)}; only "
                               "single-frame CT series with positions can be referred to.")
    series = {header.SeriesInstanceUID for header in headers}
    if len(series) > 1:
        raise InvalidImage(f"The DICOM files belong to {len(series)} series; give those of the CT alone.")
    return _ordered(headers)


def instance_uid(path: Path) -> str:
    """Return the SOP Instance UID of a DICOM file. Raises FileError."""
    return str(_read(path).SOPInstanceUID)


def _read(path: Path) -> Dataset:
    try:
        return pydicom.dcmread(path, stop_before_pixels=True)
    except (InvalidDicomError, OSError) as error:
        raise FileError(f"'{path}' is not a readable DICOM file ({error}); give the CT's slices.") from None


def _ordered(headers: list[Dataset]) -> SourceSeries:
    first = headers[0]
    cosines = np.array(first.ImageOrientationPatient, float)
    for header in headers:
        alike = np.allclose(np.array(header.ImageOrientationPatient, float), cosines, atol=1e-4)
        if not alike or (header.Rows, header.Columns) != (first.Rows, first.Columns):
            raise InvalidImage("The DICOM slices differ in orientation or size; they do not form one volume.")
    normal = np.cross(cosines[:3], cosines[3:])
    depths = np.array([normal @ np.array(header.ImagePositionPatient, float) for header in headers])
    order = np.argsort(depths)
    headers = [headers[index] for index in order]
    steps = np.diff(depths[order])
    if len(steps) == 0 or steps.min() <= 0 or np.ptp(steps) > _EVEN_MM:
        raise InvalidImage(f"The {len(headers)} DICOM slices are not evenly spaced; slices are missing or doubled.")
    rows_mm, columns_mm = (float(value) for value in first.PixelSpacing)
    direction = np.column_stack([cosines[:3], cosines[3:], normal])
    grid = Grid((int(first.Columns), int(first.Rows), len(headers)), (columns_mm, rows_mm, float(steps.mean())),
                xyz(headers[0].ImagePositionPatient), tuple(direction.ravel().tolist()))
    return SourceSeries(tuple(headers), grid)


def on_source(voi: Voi, mask: np.ndarray, source: SourceSeries) -> np.ndarray:
    """Return a mask of the VOI's box (``voi.contour`` or ``voi.kept``) as (slices, rows, columns) of the series.

    Raises GeometryMismatch when the VOI was not drawn on voxels of this series.
    """
    box = voi.grid.cropped(voi.start, mask.shape[::-1]).image(mask.astype(np.uint8))
    placed = place(box, source.grid, f"Segment '{voi.name}'")
    if placed.moved:
        raise GeometryMismatch(f"{placed.moved} voxels of segment '{voi.name}' do not lie on voxels of the DICOM "
                               "series; give the series that the volume was loaded from.")
    array = np.zeros(source.grid.size[::-1], bool)
    crop(array, placed.start, placed.voxels.shape[::-1])[placed.voxels] = True
    return array
