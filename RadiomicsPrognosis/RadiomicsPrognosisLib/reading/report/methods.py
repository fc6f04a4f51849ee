"""The text of a Methods section: what was really done, with the publications of every method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...catalogue import CLASSES, image_type_words
from ...errors import InputError
from ...protocol import Protocol, Resampling, load_protocol
from ...report.blocks import Block, Paragraph, Section
from ...report.elements import name, sentence
from ...statistics.bland_altman import EXACT
from ...statistics.kappa import COHEN
from ...texts import number
from ...voi.voi import describe_range
from ..rule import INTER, INTRA
from ..study_result import ReadingComparison, ReproducibilityResult
from .circumstances import Circumstances
from .references import References
from .words import cases, listed, main_comparisons, per_cent

METHODS = "Methods"


def methods_section(result: ReproducibilityResult, known: Circumstances) -> Section:
    """Return the text, paragraph by paragraph, and the publications it cites."""
    cite = References()
    paragraphs = [_readings(result, known), _features(result, cite), _agreement(result, cite), _score(result, cite),
                  _contours(result, cite), _software(result)]
    blocks: list[Block] = [Paragraph(text) for text in paragraphs if text]
    return Section(METHODS, (*blocks, cite.listed()))


def _readings(result: ReproducibilityResult, known: Circumstances) -> str:
    plan = result.plan
    per_reading = "; ".join(f"{name(item.label)}: {cases(item.cases)}" for item in plan.readings)
    readers = f"{len(plan.readers)} reader{'s' if len(plan.readers) > 1 else ''} ({name(listed(plan.readers))})"
    sessions = f"{len(plan.sessions)} session{'s' if len(plan.sessions) > 1 else ''} ({name(listed(plan.sessions))})"
    text = [f"{readers} contoured {cases(len(plan.cases))} in {sessions}, {plan.rows} readings in all "
            f"(reader · session: {per_reading})."]
    text += [sentence(item) for item in (*known.notes, known.design, known.sampling, _washout(known), known.blinding)
             if item]
    unknown = [what for what, there in (("how the cases were sampled", known.sampling), ("the time between sessions",
               known.intervals or len(plan.sessions) < 2), ("whether readers were blinded", known.blinding))
               if not there]
    if unknown:
        text.append(f"To be stated by the authors: {listed(unknown)}.")
    if known.first_day:
        text.append(f"Readings were made from {known.first_day} to {known.last_day}.")
    if known.seconds is not None:
        text.append(f"The median time of a reading was {known.seconds / 60:.1f} minutes.")
    if plan.missing:
        text.append(f"Not every case is in every reading ({len(plan.missing)} of "
                    f"{len(plan.cases) * len(plan.readings)} are absent); a case is left out of the comparisons with "
                    "a reading that it lacks.")
    return " ".join(text)


def _washout(known: Circumstances) -> str:
    kept = [f"{_days(item.shortest_days)} to {_days(item.longest_days)} days by reader {name(item.reader)} before "
            f"session {name(item.session)} ({cases(item.cases)})" for item in known.intervals]
    text = [f"A wash-out of {known.washout_days:g} days between sessions was asked for."] if known.washout_days else []
    text += [f"The wash-out kept was {listed(kept)}."] if kept else []
    return " ".join(text)


def _days(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _features(result: ReproducibilityResult, cite: References) -> str:
    features = result.filter.features
    if not features:
        return ""
    types = Counter(feature.partition("_")[0] for feature in features)
    counted = f" ({listed([f'{count} {kind}' for kind, count in types.items()], 12)})" if len(types) > 1 else ""
    text = [f"{len(features)} features{counted} were compared."]
    protocol, engine = result.protocol, result.engine
    if protocol is not None:
        text.append(f"They were extracted by the protocol {name(protocol.id)} ({name(protocol.title)}; SHA-256 "
                    f"{protocol.hash[:12]}…), with pyradiomics' names and definitions {cite('pyradiomics', 'ibsi')}.")
        text += _other_definitions(features)
        text.append(_protocol(protocol.id, protocol.hash))
    else:
        text.append("The table does not say by which protocol they were extracted.")
    if engine is not None:
        text.append(f"Feature engine: {name(engine.name)} {name(engine.version)}.")
    return " ".join(filter(None, text))


def _other_definitions(features: Sequence[str]) -> list[str]:
    """Return a sentence for each software whose definitions some of the features follow in place of pyradiomics'."""
    classes = {name.split("_")[1] for name in features if name.count("_") == 2}
    titles: dict[str, dict[str, None]] = {}
    for entry in (CLASSES[head] for head in sorted({item.partition("-")[0] for item in classes}) if head in CLASSES):
        if entry.source:
            titles.setdefault(entry.source, {})[entry.title] = None
    return [f"{listed(list(names), 12)} follow{'s' if len(names) == 1 else ''} {source}."
            for source, names in titles.items()]


def _protocol(identifier: str, digest: str) -> str:
    """Return the settings of a protocol in words, nothing where its file is not at hand or is another one."""
    try:
        protocol = load_protocol(identifier)
    except InputError:
        return ""
    return f"{_settings(protocol)}." if protocol.hash == digest else ""


def _settings(protocol: Protocol) -> str:
    resampling, wavelet = protocol.resampling, protocol.wavelet
    words = []
    if resampling is not None:
        spacing = " × ".join("unchanged" if side == 0 else f"{side:g}" for side in resampling.spacing)
        words.append(f"images were resampled to {spacing} mm ({resampling.interpolator}{_grid(resampling)})")
    if protocol.hu_range != (None, None):
        words.append(f"voxels {_hu_range(protocol)} were kept ({protocol.hu_range_on} mask)")
    if protocol.deep is not None:
        words.append(name(protocol.deep.words()))
        return _sentence(words)
    if protocol.outlier_sd is not None:
        words.append(f"intensities beyond {protocol.outlier_sd:g} standard deviations from the mean were left out")
    start = "" if protocol.bin_minimum is None else f" from {protocol.bin_minimum:g} HU".replace("-", "−")
    words.append(f"intensities were binned by {protocol.bin_width:g} HU{start}" if protocol.bin_width else
                 f"intensities were binned into {protocol.bin_count} levels")
    if protocol.slice == "largest":
        words.append("of each contour only the slice of largest area counted")
    if protocol.force_2d:
        averaged = " and averaged over them" if protocol.aggregation.slices == "averaged" else ""
        words.append(f"textures were counted within slices{averaged}")
    if protocol.aggregation.directions == "merged":
        words.append("directions were merged into one matrix")
    if wavelet is not None:
        words.append(f"wavelet {wavelet.name} of {wavelet.levels} level{'s' if wavelet.levels > 1 else ''}")
    if protocol.log_sigmas_mm:
        words.append(f"Laplacian of Gaussian of {listed([f'{item:g}' for item in protocol.log_sigmas_mm])} mm")
    if protocol.filters:
        filters = [image_type_words(item.image_type).removeprefix("IBSI ") for item in protocol.filters]
        words.append(f"filters of the IBSI: {listed(filters)}")
    return _sentence(words)


def _sentence(words: list[str]) -> str:
    text = "; ".join(words)
    return text[:1].upper() + text[1:]


def _grid(resampling: Resampling) -> str:
    """Return what of a grid that is aligned as the IBSI has it differs from pyradiomics', nothing for pyradiomics'."""
    if resampling.grid == "corner":
        return ""
    mask = ", half a mask's voxel or more kept" if resampling.mask == "linear" else ""
    return f", centres aligned{mask}{', whole HU' if resampling.round_hu else ''}"


def _hu_range(protocol: Protocol) -> str:
    return describe_range(protocol.hu_range).replace("-", "−")


def _agreement(result: ReproducibilityResult, cite: References) -> str:
    level, rule = per_cent(result.confidence), result.filter
    on = "estimate" if rule.on == "estimate" else f"lower bound of the {level} confidence interval"
    where = listed([_described(item) for item in main_comparisons(result)])
    verb = "both comparisons" if len(rule.comparisons) == 2 else \
        "the comparison" if len(rule.comparisons) < 2 else "every comparison"
    return (f"Agreement of each feature was measured by the intraclass correlation coefficient (ICC) "
            f"{cite('shrout', 'mcgraw')}, reported as Koo and Li ask {cite('koo')}. Form used: "
            f"{sentence(result.form_sentence)} Intervals are {level} confidence intervals (F distribution"
            f"{', McGraw and Wong for ICC(2,1) and ICC(2,k)' if result.form.startswith('ICC(2') else ''}). Compared "
            f"were {where}. A feature counted as reproducible if the {on} of its {result.form} was at least "
            f"{rule.threshold:g} in {verb}; a feature without a value did not.")


def _described(item: ReadingComparison) -> str:
    kind = f"{item.kind}, " if item.kind in (INTRA, INTER) else ""
    return f"{name(item.title)} ({kind}{cases(len(item.cases))})"


def _score(result: ReproducibilityResult, cite: References) -> str:
    model = result.model
    scored = [item.score for item in result.comparisons if item.score is not None]
    if model is None or not scored:
        return ""
    scaling = f" with {_scaling(result)}" if model.scaling is not None else ""
    text = [f"The {name(model.score_name)} of model {name(model.id)}, version {name(model.version)}, was computed from "
            f"every reading{scaling}. Its agreement was measured by {result.form}"]
    limits = next((item.limits for item in scored if item.limits is not None), None)
    if limits is not None:
        text[0] += (f", and in two readings by bias and {per_cent(limits.agreement)} limits of agreement "
                    f"{cite('bland1986', 'bland1999')} with ")
        text[0] += f"exact intervals {cite('carkeet')}" if limits.method == EXACT else "approximate intervals"
    if any(item.repeatability is not None for item in scored):
        text[0] += f", and by the repeatability coefficient {cite('bland1999')}"
    text[0] += "."
    kappas = [item.kappa for item in scored if item.kappa is not None]
    if kappas and model.cutoff is not None:
        text.append(f"Groups ({name(listed(model.groups))}; cut-off {number(model.cutoff, 4)}) were compared by")
        methods = [f"Cohen's kappa {cite('cohen')} with the standard errors of {cite('fleiss1969')}"] if any(
            item.method == COHEN for item in kappas) else []
        methods += [f"Fleiss' kappa {cite('fleiss1971')} with the standard error of {cite('gwet')}"] if any(
            item.method != COHEN for item in kappas) else []
        text[-1] += f" {' and '.join(methods)}, unweighted; the share of cases whose group changes has an "
        text[-1] += f"exact interval {cite('clopper')}."
    return " ".join(text)


def _scaling(result: ReproducibilityResult) -> str:
    scaling = result.model.scaling if result.model else None
    if scaling is None:
        return ""
    kind = ", a demonstration scaling made from another disease" if scaling.demonstration else ""
    return f"the scaling {name(scaling.name)} ({scaling.cases} cases{kind})"


def _contours(result: ReproducibilityResult, cite: References) -> str:
    if not any(item.overlap is not None for item in result.contours):
        return ""
    return (f"Contours were compared on the image's grid by the Dice coefficient 2|A ∩ B| / (|A| + |B|) {cite('dice')} "
            "and the Jaccard index |A ∩ B| / |A ∪ B|, and by distances in mm from each surface voxel's centre (a voxel "
            "with a face towards the outside) to the nearest surface voxel of the other contour: their mean over both "
            "surfaces, the larger of the two 95th percentiles (HD95), and the maximum (Hausdorff distance) "
            f"{cite('taha')}. Volumes were compared as second − first over first.")


def _software(result: ReproducibilityResult) -> str:
    versions = ", ".join(f"{name(key)} {name(version)}" for key, version in result.software.items())
    return f"Software: {versions}." if versions else ""
