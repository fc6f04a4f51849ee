"""The attributes of a DICOM data set that are read before its voxels, as texts by tag."""

from __future__ import annotations

import math
from collections.abc import Mapping

#: Values by tag, written as SimpleITK writes it: ``0008|0060``. A tag that is absent is not stated.
Tags = Mapping[str, str]

SPECIFIC_CHARACTER_SET = "0008|0005"
IMAGE_TYPE = "0008|0008"
SOP_INSTANCE_UID = "0008|0018"
STUDY_DATE = "0008|0020"
ACCESSION_NUMBER = "0008|0050"
MODALITY = "0008|0060"
MANUFACTURER = "0008|0070"
INSTITUTION_NAME = "0008|0080"
STUDY_DESCRIPTION = "0008|1030"
SERIES_DESCRIPTION = "0008|103e"
SCANNER_MODEL = "0008|1090"
PATIENT_NAME = "0010|0010"
PATIENT_ID = "0010|0020"
PATIENT_BIRTH_DATE = "0010|0030"
PATIENT_SEX = "0010|0040"
PATIENT_AGE = "0010|1010"
CONTRAST_AGENT = "0018|0010"
SLICE_THICKNESS = "0018|0050"
KVP = "0018|0060"
FIELD_STRENGTH = "0018|0087"
SLICE_SPACING = "0018|0088"
PROTOCOL_NAME = "0018|1030"
GANTRY_TILT = "0018|1120"
KERNEL = "0018|1210"
STUDY_UID = "0020|000d"
SERIES_UID = "0020|000e"
SERIES_NUMBER = "0020|0011"
ACQUISITION_NUMBER = "0020|0012"
INSTANCE_NUMBER = "0020|0013"
POSITION = "0020|0032"
ORIENTATION = "0020|0037"
FRAME_OF_REFERENCE_UID = "0020|0052"
TEMPORAL_POSITION = "0020|0100"
FRAMES = "0028|0008"
ROWS = "0028|0010"
COLUMNS = "0028|0011"
PIXEL_SPACING = "0028|0030"
BITS_STORED = "0028|0101"
PIXEL_REPRESENTATION = "0028|0103"
RESCALE_INTERCEPT = "0028|1052"
RESCALE_SLOPE = "0028|1053"
RESCALE_TYPE = "0028|1054"


def text(tags: Tags, tag: str) -> str:
    """Return the value of ``tag`` without the padding that DICOM adds; empty where it is not stated."""
    return tags.get(tag, "").strip(" \0\t\r\n")


def numbers(tags: Tags, tag: str) -> tuple[float, ...]:
    """Return the finite numbers that ``tag`` holds; empty where it is not stated or one is no number."""
    try:
        values = tuple(float(item) for item in text(tags, tag).split("\\"))
    except ValueError:
        return ()
    return values if all(math.isfinite(value) for value in values) else ()


def number(tags: Tags, tag: str) -> float | None:
    """Return the first number of ``tag``, None where it is not stated or is no number."""
    return next(iter(numbers(tags, tag)), None)
