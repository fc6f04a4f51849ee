"""How an image was acquired, as far as its file or its scene states it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import tags as dicom
from .tags import Tags, number, numbers, text

#: Where a statement about the acquisition comes from.
DICOM, SCENE, FILE = "DICOM", "Slicer scene", "file"

#: What is written where a contrast agent is asked for and none was given (0018,0010 is free text).
_NO_AGENT = re.compile(r"(no|none|non|n/?a|nil|without|ohne|sans|unenhanced|plain|native|no contrast|0)[.\s]*",
                       re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """What is stated of an image's acquisition; an empty text, None or () is not stated.

    ``source`` is where it is stated: DICOM, Slicer scene or file (NRRD, NIfTI: nothing but the voxels' size).
    ``contrast`` tells whether a contrast agent was given, None where nothing is stated, and ``contrast_agent`` is the
    text that says so. ``kv`` is the tube voltage (kV), ``field_strength_t`` that of MR (tesla).
    ``slice_thickness_mm`` is what a slice averages over, ``slice_spacing_mm`` the distance of slices' centres (from
    their positions), ``pixel_spacing_mm`` that of columns and of rows (x, y).
    """

    source: str
    modality: str = ""
    contrast: bool | None = None
    contrast_agent: str = ""
    kv: float | None = None
    kernel: str = ""
    slice_thickness_mm: float | None = None
    slice_spacing_mm: float | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    field_strength_t: float | None = None
    manufacturer: str = ""
    scanner: str = ""
    series_description: str = ""
    protocol_name: str = ""


def acquisition_of(tags: Tags, spacing_mm: tuple[float, float, float] | None = None,
                   source: str = DICOM) -> Acquisition:
    """Return what the attributes of a DICOM image state; ``spacing_mm`` (x, y, z) is that of the volume's voxels."""
    agent = text(tags, dicom.CONTRAST_AGENT)
    spacing = spacing_mm[:2] if spacing_mm else _pixel_spacing(tags)
    return Acquisition(
        source=source, modality=text(tags, dicom.MODALITY).upper(),
        contrast=not _NO_AGENT.fullmatch(agent) if agent else None, contrast_agent=agent,
        kv=_positive(number(tags, dicom.KVP)), kernel=" ".join(text(tags, dicom.KERNEL).split("\\")),
        slice_thickness_mm=_positive(number(tags, dicom.SLICE_THICKNESS)),
        slice_spacing_mm=spacing_mm[2] if spacing_mm else _positive(number(tags, dicom.SLICE_SPACING)),
        pixel_spacing_mm=spacing, field_strength_t=_positive(number(tags, dicom.FIELD_STRENGTH)),
        manufacturer=text(tags, dicom.MANUFACTURER), scanner=text(tags, dicom.SCANNER_MODEL),
        series_description=text(tags, dicom.SERIES_DESCRIPTION), protocol_name=text(tags, dicom.PROTOCOL_NAME))


def file_acquisition(spacing_mm: tuple[float, float, float], source: str = FILE) -> Acquisition:
    """Return what a file without attributes of its acquisition states: the size (mm; x, y, z) of its voxels."""
    return Acquisition(source=source, slice_spacing_mm=spacing_mm[2], pixel_spacing_mm=spacing_mm[:2])


def _pixel_spacing(tags: Tags) -> tuple[float, float] | None:
    """Return the spacing (mm) of columns and of rows; DICOM names that of rows first (PS3.3 C.7.6.3.1.3)."""
    values = numbers(tags, dicom.PIXEL_SPACING)
    return (values[1], values[0]) if len(values) == 2 and min(values) > 0 else None


def _positive(value: float | None) -> float | None:
    """Return ``value`` unless it is 0 or less, which scanners write for what they do not know."""
    return value if value is not None and value > 0 else None
