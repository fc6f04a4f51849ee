"""A multi-frame image (enhanced CT or MR): the place of each frame, which GDCM's list of attributes does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PackageMissing, SeriesError
from . import tags as dicom
from .headers import Header

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: What a frame states in sequences of its own or shared by all (PS3.3 C.7.6.16.2): sequence, attribute, tag here.
_STATED = (
    ("PlanePositionSequence", "ImagePositionPatient", dicom.POSITION),
    ("PlaneOrientationSequence", "ImageOrientationPatient", dicom.ORIENTATION),
    ("PixelMeasuresSequence", "PixelSpacing", dicom.PIXEL_SPACING),
    ("PixelMeasuresSequence", "SliceThickness", dicom.SLICE_THICKNESS),
    ("PixelValueTransformationSequence", "RescaleSlope", dicom.RESCALE_SLOPE),
    ("PixelValueTransformationSequence", "RescaleIntercept", dicom.RESCALE_INTERCEPT),
    ("PixelValueTransformationSequence", "RescaleType", dicom.RESCALE_TYPE),
    ("FrameContentSequence", "FrameAcquisitionNumber", dicom.ACQUISITION_NUMBER),
    ("FrameContentSequence", "TemporalPositionIndex", dicom.TEMPORAL_POSITION),
    ("CTReconstructionSequence", "ConvolutionKernel", dicom.KERNEL),
    ("CTXRayDetailsSequence", "KVP", dicom.KVP),
    ("CTGeometrySequence", "GantryDetectorTilt", dicom.GANTRY_TILT),
)


def frame_headers(header: Header) -> tuple[Header, ...]:
    """Return a header for each frame of a multi-frame image, in the order of its file.

    Raises PackageMissing without pydicom, SeriesError where frames do not state what they are.
    """
    try:
        import pydicom
    except ImportError:
        raise PackageMissing(f"'{header.name}' is a multi-frame image; checking where its frames lie needs the package "
                             "pydicom ('pip install pydicom'). Or export it as single-frame slices.") from None
    dataset = pydicom.dcmread(header.path, stop_before_pixels=True)
    each = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = next(iter(dataset.get("SharedFunctionalGroupsSequence") or []), None)
    count = int(dataset.get("NumberOfFrames") or 0)
    if shared is None or len(each) != count:
        raise SeriesError(f"'{header.name}' has {count} frames and states the place of {len(each)}; export it as "
                          "single-frame slices.")
    return tuple(Header(f"frame {index + 1} of {header.name}", {**header.tags, **_values(shared), **_values(frame)},
                        Path(header.path)) for index, frame in enumerate(each))


def _values(groups: Dataset) -> dict[str, str]:
    """Return what the functional groups of a frame state, by tag."""
    values = {}
    for sequence, attribute, tag in _STATED:
        items = groups.get(sequence)
        value = items[0].get(attribute) if items else None
        if value not in (None, ""):
            values[tag] = value if isinstance(value, str) else _joined(value)
    return values


def _joined(value: object) -> str:
    """Return a value of one or more numbers as DICOM writes it."""
    return "\\".join(str(item) for item in value) if hasattr(value, "__iter__") else str(value)
