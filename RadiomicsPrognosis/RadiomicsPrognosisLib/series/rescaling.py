"""How the stored values of each slice become HU: one rescaling for all slices, or one for each."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import SeriesError
from . import tags as dicom
from .headers import Header
from .tags import number, text


def is_one_rescaling(headers: Sequence[Header], name: str) -> bool:
    """Tell whether all slices are stored and rescaled alike, so that they can be read at one go.

    Slices of different slope or intercept are read one by one, each with its own. Raises SeriesError for a slope of 0,
    for slices of which only some state a rescaling, and for CT values that are said to be in another unit than HU.
    """
    stated = [bool(text(item.tags, dicom.RESCALE_SLOPE) or text(item.tags, dicom.RESCALE_INTERCEPT))
              for item in headers]
    if any(stated) and not all(stated):
        without = headers[stated.index(False)]
        raise SeriesError(f"{name}: {stated.count(False)} of {len(headers)} slices state no rescaling to HU "
                          f"('{without.name}' for one); export the series again.")
    for header in headers:
        slope = number(header.tags, dicom.RESCALE_SLOPE)
        if any(stated) and (slope is None or slope == 0 or number(header.tags, dicom.RESCALE_INTERCEPT) is None):
            raise SeriesError(f"{name}: the rescaling of '{header.name}' is no rescaling (slope "
                              f"'{text(header.tags, dicom.RESCALE_SLOPE)}', intercept "
                              f"'{text(header.tags, dicom.RESCALE_INTERCEPT)}'); export the series again.")
        unit = text(header.tags, dicom.RESCALE_TYPE).upper()
        if text(header.tags, dicom.MODALITY).upper() == "CT" and unit not in ("", "HU", "US"):
            raise SeriesError(f"{name}: its values are in the unit '{unit}' (RescaleType), not in HU; give a series of "
                              "attenuation.")
    kinds = {(number(item.tags, dicom.RESCALE_SLOPE), number(item.tags, dicom.RESCALE_INTERCEPT),
              text(item.tags, dicom.BITS_STORED), text(item.tags, dicom.PIXEL_REPRESENTATION)) for item in headers}
    return len(kinds) == 1
