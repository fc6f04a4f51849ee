"""IBSI-1: the feature values of the digital phantom and of configurations A to E of the lung cancer CT."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from ibsi_configurations import images, protocol_of, pyradiomics_settings
from ibsi_manual import CHAPTER, Reference, references
from ibsi_table import Section

from RadiomicsPrognosisLib.catalogue import CLASSES
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi

_HISTOGRAM, _VOLUMES = "Intensity histogram features", "Intensity-volume histogram features"

#: What the manual's identifiers do not say: they name no fraction of an intensity-volume histogram, misname the
#: percentiles of a histogram, lack that of small zones; two features are pyradiomics' under another name.
_BY_TITLE = {
    (_HISTOGRAM, "10th percentile"): "histogram_10Percentile",
    (_HISTOGRAM, "90th percentile"): "histogram_90Percentile",
    (_VOLUMES, "volume fraction at 10% intensity"): "ivh_V10",
    (_VOLUMES, "volume fraction at 90% intensity"): "ivh_V90",
    (_VOLUMES, "intensity at 10% volume"): "ivh_I10",
    (_VOLUMES, "intensity at 90% volume"): "ivh_I90",
    ("Morphological features", "major axis length"): "morphology_MajorAxisLength",
    ("Morphological features", "minor axis length"): "morphology_MinorAxisLength",
    ("Morphological features", "least axis length"): "morphology_LeastAxisLength",
    ("Grey level size zone based features", "Small zone emphasis"): "glszm_SmallAreaEmphasis",
    ("Grey level co-occurrence based features", "Sum variance"): "glcm_ClusterTendency",
    ("Grey level co-occurrence based features", "Dissimilarity"): "glcm_DifferenceAverage",
}

_BY_CODE = {feature.ibsi: f"{name}_{feature.name}" for name, entry in CLASSES.items() for feature in entry.features
            if feature.ibsi}

#: What pyradiomics calls a feature of ours whose definition differs from the IBSI's in its version alone.
_THEIRS = {f"morphology_{axis}AxisLength": f"shape_{axis}AxisLength" for axis in ("Major", "Minor", "Least")}

_TEXT = """Consensus values: Zwanenburg et al., Radiology 2020;295:328, read from the reference manual's tables
(repository `ibsi-doc`), images from `data_sets`: the digital phantom, and configurations A to E of the lung cancer CT
under every aggregation that the manual tabulates. A value counts when it is, to the three digits that the manual
prints, within the manual's tolerance. Ours: the engine `native` with the settings of each configuration as a protocol.
pyradiomics: its own extractor with the nearest settings it has; what it does not have counts as not within tolerance.
{outside}"""


def feature_of(reference: Reference) -> str:
    """Return class and name of the feature that a consensus value is of."""
    return _BY_TITLE.get((reference.family, reference.title)) or _BY_CODE[reference.code]


def sections(folder: Path) -> list[Section]:
    """Return how many consensus values are met, by class and by data set; nothing where manual or images are absent."""
    if not (folder / CHAPTER).is_file() or not (folder / "data_sets").is_dir():
        return []
    values = references(folder)
    ours, theirs = _native(folder, values), _pyradiomics(folder, values)
    missed = [item for item in values if item not in ours or not item.met_by(ours[item])]
    outside = "" if not missed else "Outside tolerance: " + "; ".join(
        f"{item.title} ({feature_of(item)}), {item.data}{', ' * bool(item.aggregation)}{item.aggregation}: "
        f"{ours.get(item, math.nan):.4g} for {item.value:g} ± {item.tolerance:g}" for item in missed) + "."
    return [_section("IBSI-1, by class", _TEXT.format(outside=outside), values, [item.family for item in values], ours,
                     theirs),
            _section("IBSI-1, by data set", "The same values by data set and aggregation.", values,
                     [", ".join(filter(None, (item.data, item.aggregation))) for item in values], ours, theirs)]


def _section(title: str, text: str, values: list[Reference], groups: list[str], ours: dict[Reference, float],
             theirs: dict[Reference, float]) -> Section:
    """Return the table of how many of ``values`` are met in each of ``groups`` (one a value), and in all."""
    counts = {"values": Counter(groups)}
    for name, computed in (("native", ours), ("pyradiomics", theirs)):
        met = [group for item, group in zip(values, groups, strict=True)
               if item in computed and item.met_by(computed[item])]
        counts[name] = Counter(met)
    rows = [(group, *(str(count[group]) for count in counts.values())) for group in counts["values"]]
    rows.append(("all", *(str(count.total()) for count in counts.values())))
    return Section(title, text, ("", "consensus values", "native within tolerance", "pyradiomics within tolerance"),
                   tuple(rows))


def _by_run(values: Iterable[Reference]) -> Iterable[tuple[str, str, list[Reference]]]:
    """Yield data set, aggregation and values of each extraction."""
    def run(item: Reference) -> tuple[str, str]:
        return item.data, item.aggregation

    for (data, aggregation), group in groupby(sorted(values, key=run), run):
        yield data, aggregation, list(group)


def _native(folder: Path, values: list[Reference]) -> dict[Reference, float]:
    """Return what this library computes, by consensus value."""
    result = {}
    engine = get_engine("native")
    for data, aggregation, wanted in _by_run(values):
        image, mask = images(folder, data)
        protocol = protocol_of(data, aggregation)
        names = {item: f"original_{feature_of(item)}" for item in wanted}
        computed = extract(make_voi(image, mask, protocol), protocol, set(names.values()), engine).values
        result.update({item: computed[name] for item, name in names.items() if name in computed})
    return result


def _pyradiomics(folder: Path, values: list[Reference]) -> dict[Reference, float]:
    """Return what pyradiomics' own extractor computes, by consensus value."""
    from radiomics import featureextractor, logger

    logger.setLevel(logging.CRITICAL)
    result = {}
    for data, aggregation, wanted in _by_run(values):
        settings = pyradiomics_settings(data, aggregation)
        if settings is None:
            continue
        image, mask = images(folder, data)
        features = {item: feature_of(item) for item in wanted}
        names = {item: f"original_{_THEIRS.get(feature, feature)}" for item, feature in features.items()}
        extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
        extractor.disableAllFeatures()
        for name in {name.split("_")[1] for name in names.values()}:
            if CLASSES[name].pyradiomics:
                extractor.enableFeatureClassByName(name)
        computed = extractor.execute(image, mask)
        result.update({item: float(computed[name]) for item, name in names.items() if name in computed})
    return result
