"""IBSI-1's data sets as protocols: the digital phantom, and configurations A to E of the lung cancer CT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import SimpleITK as sitk

from RadiomicsPrognosisLib.catalogue import CLASSES
from RadiomicsPrognosisLib.protocol import Protocol, parse_protocol

_PHANTOM = "dig. phantom"

#: Classes of the IBSI's features, pyradiomics' own among them.
_CLASSES = ("shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "morphology", "localintensity",
            "intensity", "histogram", "ivh", "gldzm", "ngldm")


def _resampled(spacing: list[float], interpolator: str) -> dict[str, Any]:
    return {"spacing_mm": spacing, "interpolator": interpolator, "grid": "centre", "mask_interpolator": "linear",
            "round_hu": True}


#: Settings by data set, from the tables of chapter 5 of the reference manual.
_SETTINGS: dict[str, dict[str, Any]] = {
    _PHANTOM: {"discretisation": {"bin_width": 1, "minimum": 1}},
    "config. A": {"hu_range": [-500, 400], "discretisation": {"bin_width": 25, "minimum": -500}},
    "config. B": {"hu_range": [-500, 400], "discretisation": {"bin_count": 32},
                  "resampling": _resampled([2, 2, 0], "linear")},
    "config. C": {"hu_range": [-1000, 400], "discretisation": {"bin_width": 25, "minimum": -1000},
                  "volume_histogram": {"bin_width": 2.5}, "resampling": _resampled([2, 2, 2], "linear")},
    "config. D": {"outlier_sd": 3, "discretisation": {"bin_count": 32}, "resampling": _resampled([2, 2, 2], "linear")},
    "config. E": {"hu_range": [-1000, 400], "outlier_sd": 3, "discretisation": {"bin_count": 32},
                  "volume_histogram": {"bin_count": 1000}, "resampling": _resampled([2, 2, 2], "bspline")},
}

#: What the manual calls an aggregation, as settings; no word is what is not aggregated.
_AGGREGATIONS: dict[str, dict[str, Any]] = {
    "": {},
    "2D": {"force_2d": True, "aggregation": {"slices": "averaged"}},
    "2D, averaged": {"force_2d": True, "aggregation": {"slices": "averaged"}},
    "2D, slice-merged": {"force_2d": True, "aggregation": {"slices": "averaged", "directions": "merged"}},
    "2.5D": {"force_2d": True},
    "2.5D, direction-merged": {"force_2d": True},
    "2.5D, merged": {"force_2d": True, "aggregation": {"directions": "merged"}},
    "3D": {},
    "3D, averaged": {},
    "3D, merged": {"aggregation": {"directions": "merged"}},
}


def protocol_of(data: str, aggregation: str) -> Protocol:
    """Return the protocol of a data set under an aggregation, both as the manual calls them."""
    assert set(_CLASSES) <= set(CLASSES)
    table = {"id": "ibsi-1", "title": data, "modality": "CT", "hu_range_on": "resampled",
             "feature_classes": list(_CLASSES), "image_types": {"original": True},
             **_SETTINGS[data], **_AGGREGATIONS[aggregation]}
    return parse_protocol(table, data)


def pyradiomics_settings(data: str, aggregation: str) -> dict[str, Any] | None:
    """Return the settings of pyradiomics' own extractor that come nearest, None for an aggregation it does not have.

    It has neither the IBSI's grid nor its mask, and either a range or outliers.
    """
    protocol = protocol_of(data, aggregation)
    if protocol.aggregation.slices == "averaged":
        return None
    bins = {"binWidth": protocol.bin_width} if protocol.bin_width is not None else {"binCount": protocol.bin_count}
    settings: dict[str, Any] = {**bins, "force2D": protocol.force_2d, "force2Ddimension": 0, "minimumROISize": 1}
    if protocol.aggregation.directions == "merged":
        settings["weightingNorm"] = "no_weighting"
    if protocol.resampling is not None:
        settings["resampledPixelSpacing"] = list(protocol.resampling.spacing)
        settings["interpolator"] = {"linear": sitk.sitkLinear, "bspline": sitk.sitkBSpline}[
            protocol.resampling.interpolator]
    if protocol.hu_range != (None, None):
        settings |= {"resegmentRange": list(protocol.hu_range), "resegmentMode": "absolute"}
    elif protocol.outlier_sd is not None:
        settings |= {"resegmentRange": [-protocol.outlier_sd, protocol.outlier_sd], "resegmentMode": "sigma"}
    return settings


def images(folder: Path, data: str) -> tuple[sitk.Image, sitk.Image]:
    """Return image, rounded to whole HU as the manual asks, and 0/1 mask of a data set.

    ``folder`` holds the IBSI's repository data_sets.
    """
    name = "ibsi_1_digital_phantom" if data == _PHANTOM else "ibsi_1_ct_radiomics_phantom"
    path = folder / "data_sets" / name / "nifti"
    image, mask = (sitk.ReadImage(str(path / kind / f"{file}.nii.gz")) for kind, file in
                   (("image", "phantom"), ("mask", "mask")))
    rounded = sitk.Cast(sitk.Round(sitk.Cast(image, sitk.sitkFloat64)), sitk.sitkInt16)
    return rounded, sitk.Cast(mask > 0.5, sitk.sitkUInt8)
