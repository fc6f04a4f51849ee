"""The VOI as a DICOM Segmentation on the slices it was drawn on: the voxels measured, and the contour as drawn."""

from __future__ import annotations

import highdicom
import numpy as np
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from highdicom.sr import CodedConcept
from pydicom.sr.codedict import codes

from ..version import __version__
from ..voi.voi import Voi
from .codes import short_text
from .source import SourceSeries, on_source

MANUFACTURER = "RadiomicsPrognosis"

#: Number of the segment that holds the measured voxels.
MEASURED = 1


def make_segmentation(voi: Voi, source: SourceSeries, series_number: int = 9001) -> Segmentation:
    """Return the segmentation: segment 1 the measured (kept) voxels, segment 2 the contour as drawn if it differs.

    Raises GeometryMismatch when the VOI does not lie on the series.
    """
    masks = [on_source(voi, voi.kept, source)]
    descriptions = [_description(MEASURED, f"{voi.name}: measured voxels", True)]
    if voi.statistics.kept_voxels < voi.statistics.contoured_voxels:
        masks.append(on_source(voi, voi.contour, source))
        descriptions.append(_description(2, f"{voi.name}: contour as drawn", False))
    return Segmentation(
        source_images=list(source.headers),
        pixel_array=np.stack(masks, axis=-1).astype(np.uint8),
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=descriptions,
        series_instance_uid=highdicom.UID(),
        series_number=series_number,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=__version__,
        device_serial_number="none",
        content_label="VOI",
        content_description=short_text(voi.name, 60),
        series_description="RadiomicsPrognosis VOI",
        omit_empty_frames=True,
    )


def algorithm() -> highdicom.AlgorithmIdentificationSequence:
    """Return what identifies this software as the algorithm that left voxels out."""
    return highdicom.AlgorithmIdentificationSequence(
        name="RadiomicsPrognosis HU range", version=__version__,
        family=CodedConcept("123109", "DCM", "Manual Processing"))


def _description(number: int, label: str, measured: bool) -> SegmentDescription:
    kind = SegmentAlgorithmTypeValues.SEMIAUTOMATIC if measured else SegmentAlgorithmTypeValues.MANUAL
    return SegmentDescription(
        segment_number=number,
        segment_label=short_text(label, 64),
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Mass,
        algorithm_type=kind,
        algorithm_identification=algorithm() if measured else None,
        tracking_uid=highdicom.UID(),
        tracking_id=short_text(label, 64),
    )
