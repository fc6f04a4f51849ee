"""IBSI-1: the feature values of the digital phantom and of configurations A to E of the lung cancer CT."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from RadiomicsPrognosisLib.catalogue import CLASSES
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.plan import make_plan
from RadiomicsPrognosisLib.voi import make_voi

from .configurations import images, protocol_of, pyradiomics_settings
from .manual import CHAPTER, Reference, references
from .table import Section

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
prints, within the manual's tolerance. `native`: this library's engine with the settings of each configuration as a
protocol. `pyradiomics`: its own extractor with the nearest settings it has. Its grid starts at the image's corner, its
mask takes the nearest voxel, it averages no slices, and it has fewer classes; what it lacks counts as not within
tolerance. `pyradiomics here`: its classes as this library's engine `pyradiomics`, on the grid, mask and grey levels of
the configuration. For comparison, pictologics documents 675 values within tolerance, of the phantom and of
configurations C to E. {outside}"""

_COLUMNS = ("", "consensus values", "native", "pyradiomics", "pyradiomics here")


def feature_of(reference: Reference) -> str:
    """Return class and name of the feature that a consensus value is of."""
    return _BY_TITLE.get((reference.family, reference.title)) or _BY_CODE[reference.code]


def sections(folder: Path) -> list[Section]:
    """Return how many consensus values are met, by class and by data set; nothing where manual or images are absent."""
    if not (folder / CHAPTER).is_file() or not (folder / "data_sets").is_dir():
        return []
    values = references(folder)
    computed = (_engine(folder, values, "native"), _pyradiomics(folder, values), _engine(folder, values, "pyradiomics"))
    ours = computed[0]
    missed = [item for item in values if item not in ours or not item.met_by(ours[item])]
    outside = "None of `native`'s is outside tolerance." if not missed else "Outside tolerance: " + "; ".join(
        f"{item.title} ({feature_of(item)}), {item.data}{', ' * bool(item.aggregation)}{item.aggregation}: "
        f"{ours.get(item, math.nan):.4g} for {item.value:g} ± {item.tolerance:g}" for item in missed) + "."
    return [_section("IBSI-1, by class", _TEXT.format(outside=outside), values, [item.family for item in values],
                     computed),
            _section("IBSI-1, by data set", "The same values by data set and aggregation.", values,
                     [", ".join(filter(None, (item.data, item.aggregation))) for item in values], computed)]


def _section(title: str, text: str, values: list[Reference], groups: list[str],
             computed: Iterable[dict[Reference, float]]) -> Section:
    """Return the table of how many of ``values`` each has met in each of ``groups`` (one a value), and in all."""
    counts = [Counter(groups)]
    for result in computed:
        counts.append(Counter(group for item, group in zip(values, groups, strict=True)
                              if item in result and item.met_by(result[item])))
    rows = [(group, *(str(count[group]) for count in counts)) for group in counts[0]]
    rows.append(("all", *(str(count.total()) for count in counts)))
    return Section(title, text, _COLUMNS, tuple(rows))


def _by_run(values: Iterable[Reference]) -> Iterable[tuple[str, str, list[Reference]]]:
    """Yield data set, aggregation and values of each extraction."""
    def run(item: Reference) -> tuple[str, str]:
        return item.data, item.aggregation

    for (data, aggregation), group in groupby(sorted(values, key=run), run):
        yield data, aggregation, list(group)


def _engine(folder: Path, values: list[Reference], name: str) -> dict[Reference, float]:
    """Return what this library's engine of this name computes, by consensus value; what it lacks is left out."""
    result = {}
    engine = get_engine(name)
    for data, aggregation, wanted in _by_run(values):
        image, mask = images(folder, data)
        protocol = protocol_of(data, aggregation)
        names = {item: f"original_{feature_of(item) if name == 'native' else _their_name(item)}" for item in wanted}
        own = {feature for feature in names.values()
               if not engine.cannot_make(protocol, make_plan(protocol, [feature]))}
        computed = extract(make_voi(image, mask, protocol), protocol, own, engine).values if own else {}
        result.update({item: computed[feature] for item, feature in names.items() if feature in computed})
    return result


def _their_name(reference: Reference) -> str:
    """Return class and name of pyradiomics' feature that comes nearest to what a consensus value is of."""
    feature = feature_of(reference)
    return _THEIRS.get(feature, feature)


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
        names = {item: f"original_{_their_name(item)}" for item in wanted}
        extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
        extractor.disableAllFeatures()
        for name in {name.split("_")[1] for name in names.values()}:
            if CLASSES[name].pyradiomics:
                extractor.enableFeatureClassByName(name)
        computed = extractor.execute(image, mask)
        result.update({item: float(computed[name]) for item, name in names.items() if name in computed})
    return result
