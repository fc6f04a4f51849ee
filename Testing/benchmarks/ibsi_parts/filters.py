"""IBSI-2: the response maps and feature values of convolutional filters."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.catalogue import image_type_words
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.response_maps import response_map
from RadiomicsPrognosisLib.protocol import GaussianLaplacian
from RadiomicsPrognosisLib.voi import make_voi

from .filter_cases import maps, values_protocol
from .table import Section

#: A voxel of a response map may differ by this share of the reference's range.
MAP_TOLERANCE = 0.01

#: The IBSI's tags of phase 2's features: the class and name of ours.
FEATURES = {
    "stat_mean": "firstorder_Mean", "stat_var": "firstorder_Variance", "stat_skew": "firstorder_Skewness",
    "stat_kurt": "intensity_ExcessKurtosis", "stat_median": "firstorder_Median", "stat_min": "firstorder_Minimum",
    "stat_p10": "firstorder_10Percentile", "stat_p90": "firstorder_90Percentile", "stat_max": "firstorder_Maximum",
    "stat_iqr": "firstorder_InterquartileRange", "stat_range": "firstorder_Range",
    "stat_mad": "firstorder_MeanAbsoluteDeviation", "stat_rmad": "firstorder_RobustMeanAbsoluteDeviation",
    "stat_medad": "intensity_MedianAbsoluteDeviation", "stat_cov": "intensity_CoefficientOfVariation",
    "stat_qcod": "intensity_QuartileCoefficientOfDispersion", "stat_energy": "firstorder_Energy",
    "stat_rms": "firstorder_RootMeanSquared",
}


class Consensus(NamedTuple):
    """The reference for one feature of one configuration: its name, consensus value and tolerance."""

    feature: str
    value: float
    tolerance: float


def sections(folder: Path) -> list[Section]:
    """Return the tables of phase 1 (33 response maps) and phase 2 (324 feature values)."""
    if not all((folder / name).is_dir() for name in ("data_sets", "ibsi_2_reference_data")):
        return []
    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    references = _consensus(folder)
    image, mask = (sitk.ReadImage(str(folder / "data_sets" / "ibsi_2_ct_radiomics_phantom" / "nifti" / name))
                   for name in ("image/phantom.nii.gz", "mask/mask.nii.gz"))
    ours = {**_our_values(image, mask, "A"), **_our_values(image, mask, "B")}
    peer = _peer_values(image, mask)
    return [_map_section(folder), _value_section(references, ours, peer), _feature_section(references, ours, peer)]


def _map_section(folder: Path) -> Section:
    rows, met = [], [0, 0]
    for number, (phantom, settings) in maps().items():
        path = folder / "data_sets" / "ibsi_2_digital_phantom" / "nifti" / phantom / "image" / f"{phantom}.nii.gz"
        image = sitk.ReadImage(str(path), sitk.sitkFloat64)
        stem = number.replace(".", "_")
        reference = sitk.GetArrayFromImage(sitk.ReadImage(
            str(folder / "ibsi_2_reference_data" / "reference_response_maps" / f"{stem}-ValidCRM.nii")))
        cells, peer = [], _peer_map(number, image)
        ours = response_map(sitk.GetArrayFromImage(image), image.GetSpacing(), settings)
        for at, response in enumerate((ours, peer)):
            cells.append("-" if response is None else _verdict(response, reference))
            met[at] += response is not None and bool(_errors(response, reference).max() <= MAP_TOLERANCE)
        if peer is not None and isinstance(settings, GaussianLaplacian):
            scale = (settings.sigma_mm / image.GetSpacing()[0]) ** 2
            cells[1] += f"; divided by {scale:g}: {_verdict(peer / scale, reference)}"
        rows.append((number, image_type_words(settings.image_type).removeprefix("IBSI "), phantom, *cells))
    rows.append(("in all", "", "", *(f"{count} of {len(rows)}" for count in met)))
    text = ("Largest difference from the reference response map, in percent of the map's range; the IBSI allows 1 % at "
            "every voxel. pyradiomics has wavelets without pooling and a Laplacian of Gaussian; '-' is a filter that "
            "it lacks. It multiplies the Laplacian by the square of sigma in voxels, which is nearly all of the "
            "difference; what is left of it is ITK's recursive approximation of the Gaussian, which shows at the "
            "impulse of map 2.a, where sigma is 1.5 voxels. The border and where the kernel is cut off matter less.")
    return Section("IBSI-2, phase 1: response maps", text, ("map", "filter", "phantom", "native", "pyradiomics"),
                   tuple(rows))


def _errors(response: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return the voxels' distances from the reference as shares of its range."""
    errors: np.ndarray = np.abs(response - reference) / np.ptp(reference)
    return errors


def _verdict(response: np.ndarray, reference: np.ndarray) -> str:
    errors = _errors(response, reference)
    beyond = np.count_nonzero(errors > MAP_TOLERANCE)
    return f"{100 * errors.max():.2f} %" + (f" ({beyond} of {errors.size} voxels beyond 1 %)" if beyond else "")


def _peer_map(number: str, image: sitk.Image) -> np.ndarray | None:
    """Return pyradiomics' image of the same filter, None where it has none."""
    from radiomics import imageoperations

    whole = sitk.Cast(image * 0 + 1, sitk.sitkUInt8)
    runs: dict[str, tuple[Callable[..., object], dict[str, object], str]] = {
        "2.a": (imageoperations.getLoGImage, {"sigma": [3.0]}, "log-sigma-3-0-mm-3D"),
        "2.b": (imageoperations.getLoGImage, {"sigma": [5.0]}, "log-sigma-5-0-mm-3D"),
        "5.a.1": (imageoperations.getWaveletImage, {"wavelet": "db2"}, "wavelet-LHL"),
        "6.a.1": (imageoperations.getWaveletImage, {"wavelet": "coif1"}, "wavelet-HHL"),
    }
    if number not in runs:
        return None
    run, settings, wanted = runs[number]
    result: np.ndarray = next(sitk.GetArrayFromImage(filtered) for filtered, name, _ in run(image, whole, **settings)
                              if name == wanted)
    return result


def _consensus(folder: Path) -> dict[str, list[Consensus]]:
    """Return the reference values by configuration, e.g. ``3.B``; 8.B has no consensus on one feature."""
    path = folder / "ibsi_2_reference_data" / "reference_feature_values" / "reference_values.csv"
    references: dict[str, list[Consensus]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["consensus_value"]:
                references.setdefault(row["filter_id"], []).append(
                    Consensus(FEATURES[row["feature_tag"]], float(row["consensus_value"]), float(row["tolerance"])))
    return references


def _our_values(image: sitk.Image, mask: sitk.Image, letter: str) -> dict[str, dict[str, float]]:
    """Return the values of the native engine by configuration and feature."""
    protocol, types = values_protocol(letter)
    names = [f"{image_type}_{feature}" for image_type in types.values() for feature in FEATURES.values()]
    values = extract(make_voi(image, mask, protocol), protocol, names, get_engine("native")).values
    return {number: {feature: values[f"{image_type}_{feature}"] for feature in FEATURES.values()}
            for number, image_type in types.items()}


def _peer_values(image: sitk.Image, mask: sitk.Image) -> dict[str, dict[str, float]]:
    """Return pyradiomics' values of the configurations whose filter it has, with its nearest settings."""
    from radiomics import featureextractor

    cases: dict[str, tuple[str, dict[str, object], dict[str, object]]] = {
        "1.A": ("Original", {}, {}), "1.B": ("Original", {}, {"resampledPixelSpacing": [1, 1, 1]}),
        "3.B": ("LoG", {"sigma": [1.5]}, {"resampledPixelSpacing": [1, 1, 1]}),
    }
    result = {}
    for number, (kind, custom, settings) in cases.items():
        extractor = featureextractor.RadiomicsFeatureExtractor(resegmentRange=[-1000, 400], **settings)
        extractor.disableAllImageTypes()
        extractor.enableImageTypeByName(kind, customArgs=custom)
        extractor.disableAllFeatures()
        extractor.enableFeatureClassByName("firstorder")
        values = {"_".join(key.split("_")[-2:]): float(value) for key, value in extractor.execute(image, mask).items()
                  if not key.startswith("diagnostics")}
        result[number] = {**values, "intensity_ExcessKurtosis": values["firstorder_Kurtosis"] - 3}
    return result


def _met(references: list[Consensus], values: Mapping[str, float]) -> list[bool]:
    """Tell for each reference whether its value is within tolerance; what lacks is not."""
    return [abs(values.get(item.feature, np.nan) - item.value) <= item.tolerance for item in references]


def _value_section(references: dict[str, list[Consensus]], ours: dict[str, dict[str, float]],
                   peer: dict[str, dict[str, float]]) -> Section:
    types = values_protocol("A")[1] | values_protocol("B")[1]
    rows, counts = [], []
    for number, items in references.items():
        met, theirs = sum(_met(items, ours[number])), sum(_met(items, peer[number])) if number in peer else None
        counts.append((met, theirs or 0, len(items)))
        rows.append((number, image_type_words(types[number]).removeprefix("IBSI ") or "none",
                     f"{met} of {len(items)}", "-" if theirs is None else f"{theirs} of {len(items)}"))
    met, theirs, total = (sum(column) for column in zip(*counts, strict=True))
    rows.append(("in all", "", f"{met} of {total}", f"{theirs} of {total}"))
    text = ("Statistics of the CT phantom's tumour under each filter, within the IBSI's tolerance of the consensus. A: "
            "native voxels, filters in the plane; B: resampled to 1 mm, filters in the volume; -1000 to 400 HU. There "
            f"are 18 configurations of 18 features; {18 * 18 - total} of these 324 has no consensus value. '-': "
            "pyradiomics lacks the filter. It lacks three of the features too, and resamples another way.")
    return Section("IBSI-2, phase 2: feature values by filter", text,
                   ("configuration", "filter", "native", "pyradiomics"), tuple(rows))


def _feature_section(references: dict[str, list[Consensus]], ours: dict[str, dict[str, float]],
                     peer: dict[str, dict[str, float]]) -> Section:
    rows = []
    for feature in FEATURES.values():
        single = {number: [item for item in items if item.feature == feature] for number, items in references.items()}
        cells = []
        for values in (ours, peer):
            met = [verdict for number, items in single.items() if number in values
                   for verdict in _met(items, values[number])]
            cells.append(f"{sum(met)} of {len(met)}")
        rows.append((feature, *cells))
    text = ("The same values by feature; pyradiomics' under configurations 1.A, 1.B and 3.B. The excess kurtosis is "
            "pyradiomics' kurtosis less 3.")
    return Section("IBSI-2, phase 2: feature values by feature", text,
                   ("feature", "native", "pyradiomics"), tuple(rows))
