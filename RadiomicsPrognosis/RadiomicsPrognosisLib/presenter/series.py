"""Patient and series of a volume, as far as the scene knows them (DICOM)."""

from __future__ import annotations

from dataclasses import dataclass

import vtk

from ..scene_series import modality
from .patient import ancestor

__all__ = ["SeriesInfo", "modality", "series_info"]


@dataclass(frozen=True, kw_only=True)
class SeriesInfo:
    """Names from the subject hierarchy (empty when the volume did not come from DICOM), size and spacing (mm).

    ``modality`` is DICOM's, such as 'CT', or empty where the scene does not know it.
    """

    patient: str
    study: str
    series: str
    modality: str
    size: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]


def series_info(volume: vtk.vtkObject | None) -> SeriesInfo:
    """Return what identifies ``volume`` (a scalar volume node in a scene); nothing does without one."""
    if volume is None:
        return SeriesInfo(patient="", study="", series="", modality="", size=(0, 0, 0), spacing_mm=(0.0, 0.0, 0.0))
    data = volume.GetImageData()
    size = tuple(data.GetDimensions()) if data is not None else (0, 0, 0)
    return SeriesInfo(patient=_name_above(volume, "Patient"), study=_name_above(volume, "Study"),
                      series=volume.GetName() or "", modality=modality(volume), size=size,
                      spacing_mm=tuple(volume.GetSpacing()))


def _name_above(volume: vtk.vtkObject, level: str) -> str:
    above = ancestor(volume, level)
    return above[0].GetItemName(above[1]) if above else ""
