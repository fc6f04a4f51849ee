"""``score --label all``: every segment of a reading with one model, a folder for each, and a patient-level summary."""

from __future__ import annotations

import argparse
import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..answer.segment_table import CAVEATS, band_of, outcome_title, segment_row, summary_sentences, table_text
from ..errors import InputError, SegmentNotFound
from ..files import whole_file, write_json
from ..models.model import Model
from ..models.scaling import Scaling
from ..prediction import Prediction, score_vois
from ..prediction.all_segments import SCHEMA, PatientSummary, SegmentResult, score_each, summarise
from ..prediction.redaction import names_somebody, without_names
from ..progress import Progress, portion
from ..series.identity import Identity
from ..voi import Voi, read_segments
from ..voi.voi import identity_of_vois
from .case import FilesRead, read_case, scene_segments, shows_scene
from .engine_option import chosen_engine
from .overwriting import check_output

#: What ``--label`` says for all segments.
ALL = "all"

#: Files in the folder of ``--out``: one row a segment, and everything as one JSON object.
TABLE_FILE, JSON_FILE = "nodes.csv", "nodes.json"

#: Writes what is known of one segment into its folder.
Writer = Callable[[Path, Prediction, dict[str, Voi]], None]


def asks_for_all(options: argparse.Namespace) -> bool:
    """Whether the command line asks for all segments."""
    return bool(options.label is not None and str(options.label).lower() == ALL)


def score_all(options: argparse.Namespace, model: Model, scaling: Scaling | None, write: Writer,
              progress: Progress | None = None) -> None:
    """Score every segment of the reading and print the summary, or one JSON object; write the files with ``--out``.

    A segment that cannot be scored costs only its row. Raises InputError when none can be.
    """
    if options.out:
        check_output(options, options.out, (TABLE_FILE, JSON_FILE))
    engine, kept = chosen_engine(options, model.image_protocol()), FilesRead()
    segments = _segments(options, kept)
    folders = _folders(segments, options.anonymous)
    vois: dict[str, Voi] = {}

    def predict(number: int, segment: SegmentResult) -> Prediction:
        own = copy.copy(options)
        own.label = segment.label
        read, covariates = read_case(own, model, kept)
        vois.clear()
        vois.update(read)
        return score_vois(read, model, scaling, covariates, engine,
                          portion(progress, number, len(segments), segment.name))

    def keep(number: int, result: SegmentResult) -> None:
        if options.out and result.prediction is not None:
            write(Path(options.out) / folders[number], result.prediction, vois)

    results = score_each(segments, predict, keep)
    if all(item.prediction is None for item in results):
        raise InputError(f"None of the {len(results)} segments could be scored; the first says: {results[0].error}")
    _put_out(_without_names(results, identity_of_vois(vois)) if options.anonymous else results, options, model)


def _put_out(results: list[SegmentResult], options: argparse.Namespace, model: Model) -> None:
    """Write the table and the JSON file with ``--out``, and print the summary or one JSON object."""
    summary = summarise(results, model)
    whole = {"schema": SCHEMA, "segments": [item.to_dict() for item in results], "patient": summary.to_dict(),
             "caveats": list(CAVEATS)}
    if options.out:
        with whole_file(Path(options.out) / TABLE_FILE) as f:
            f.write(table_text(results))
        write_json(Path(options.out) / JSON_FILE, whole)
    if options.json:
        print(json.dumps(whole, ensure_ascii=False, allow_nan=False))
    else:
        print(_text(results, summary, model))


def _segments(options: argparse.Namespace, kept: FilesRead) -> list[SegmentResult]:
    """Return the segments of the reading, none of them scored. Raises SegmentNotFound where there is none."""
    if shows_scene(options):
        listed = [SegmentResult(label=key, name=name) for key, name in scene_segments(options, kept)]
        where = f"scene '{options.image}'"
    else:
        if not options.mask:
            raise InputError("--mask is missing: give the label file or .seg.nrrd that holds the contours.")
        listed = [SegmentResult(label=item.name or str(item.value), name=item.name or f"label {item.value}",
                                volume_mm3=volume) for item, volume in read_segments(options.mask)]
        where = f"mask '{options.mask}'"
    if not listed:
        raise SegmentNotFound(f"The {where} holds no segment at all; draw the contours first.")
    if any(item.name.lower() == ALL for item in listed):
        raise SegmentNotFound(f"The {where} has a segment called '{ALL}', which --label {ALL} cannot tell from all "
                              "segments: rename it, or give its number.")
    return listed


def _numbered(number: int, item: SegmentResult) -> SegmentResult:
    """Return a segment called by its number."""
    return replace(item, label=f"segment {number}", name=f"segment {number}",
                   error=item.error.replace(f"'{item.name}'", f"'segment {number}'"))


def _without_names(results: list[SegmentResult], identity: Identity) -> list[SegmentResult]:
    """Return ``results`` with the segments numbered that are called after the patient or the series."""
    nameless = [item if item.prediction is None else replace(item, prediction=without_names(item.prediction, identity))
                for item in results]
    return [_numbered(number, item) if names_somebody(item.name, identity) else item
            for number, item in enumerate(nameless, 1)]


def _folders(segments: list[SegmentResult], anonymous: bool) -> list[str]:
    """Return a folder name for each segment, led by its number, so that no two are the same; ``anonymous``: no more."""
    width = len(str(len(segments)))
    if anonymous:
        return [f"{number:0{width}}_segment" for number in range(1, len(segments) + 1)]
    plain = [re.sub(r"[^\w.-]+", "-", item.name).strip("-.")[:40] for item in segments]
    return [f"{number:0{width}}_{name}".rstrip("_") for number, name in enumerate(plain, 1)]


def _text(results: list[SegmentResult], summary: PatientSummary, model: Model) -> str:
    """Return segments and summary as lines a person reads."""
    lines = [f"{model.id} {model.version}: {model.title}", *filter(None, [band_of(results, model)])]
    for result in results:
        row = segment_row(result, model)
        facts = (f"{model.score_name} {row.score}" if row.score else "", row.group,
                 f"{outcome_title(model)} {row.outcome}" if row.outcome else "",
                 "unreliable for this case" if row.questioned else "",
                 f"{row.volume} cm3" if row.volume else "", row.reason)
        lines.append(f"  {row.name}: {'; '.join(filter(None, facts))}")
        lines += [f"    Warning: {text}" for text in row.limits]
    lines.append("Patient:")
    lines += [f"  {sentence}" for sentence in (*summary_sentences(summary), *CAVEATS)]
    return "\n".join([*lines, f"  {model.intended_use}"])
