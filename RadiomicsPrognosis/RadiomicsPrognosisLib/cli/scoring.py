"""The commands that score: ``score``, of one case or a table of them, and ``demo``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..answer import answer_of
from ..errors import InputError
from ..models.model import Model
from ..models.scaling import Scaling, scalings_for
from ..models.store import load_model
from ..prediction import Prediction, score_vois
from ..prediction.redaction import without_names
from ..sample import sample_case
from ..voi import Voi, make_voi, read_image, read_mask
from ..voi.voi import identity_of_vois
from .all_segments import asks_for_all, score_all
from .case import add_case_options, choose_scaling, dicom_source, read_case, refuse_images
from .cohort_scores import add_cohort_options, check_cohort_options, score_table
from .engine_option import add_engine_option, add_threads_option, chosen_engine
from .outputs import (
    PREDICTION_FILE,
    add_output_options,
    prediction_file,
    prediction_text,
    report_line,
    write_outputs,
)
from .overwriting import add_force_option, check_output

#: What ``demo`` shows: models, each with the covariates of an example patient.
_DEMO: tuple[tuple[str, dict[str, str]], ...] = (
    ("s1_escc_lpfs_radscore", {"n_stage": "N1", "complete_response": "no"}),
    ("s2_escc_ln_response", {}),
    ("s2_escc_ln_control_2y", {}),
)

_EITHER = "give either --image (one case) or --cohort (a table of cases)."

#: Where ``demo`` writes when nothing is said; a folder of its own, which it writes anew each time.
_DEMO_FOLDER = "out/demo"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``score`` and ``demo`` to the parser."""
    score = commands.add_parser("score", help="score one case, or a table of them", allow_abbrev=False)
    add_case_options(score)
    add_threads_option(score)
    score.add_argument("--out", metavar="DIR", help="folder for the prediction, the features and the report")
    score.add_argument("--json", action="store_true", help="print the prediction as one JSON object")
    score.add_argument("--dicom", action="store_true", help="with --out and a DICOM folder as --image: also write the "
                       "measurements as a DICOM SR and the contour as a DICOM SEG")
    add_cohort_options(score)
    add_output_options(score)
    add_force_option(score)
    score.set_defaults(run=run_score)
    demo = commands.add_parser("demo", help="score a sample CT with every model that ships", allow_abbrev=False)
    demo.add_argument("--out", metavar="DIR", default=_DEMO_FOLDER)
    add_engine_option(demo)
    add_threads_option(demo)
    add_output_options(demo)
    add_force_option(demo)
    demo.set_defaults(run=run_demo)


def run_score(options: argparse.Namespace) -> None:
    """Score one case and print the prediction, as text or JSON; write the files when ``--out`` is given."""
    _check_options(options)
    model = load_model(options.model)
    _check_case(options, model)
    scaling = choose_scaling(model, options.scaling)
    if options.cohort:
        score_table(options, model, scaling)
        return
    if asks_for_all(options):
        _score_all(options, model, scaling)
        return
    if options.out:
        check_output(options, options.out, (PREDICTION_FILE,))
    engine = chosen_engine(options, model.protocol)
    vois, covariates = read_case(options, model)
    prediction = score_vois(vois, model, scaling, covariates, engine, _progress)
    written: list[Path] = []
    if options.out:
        written = write_outputs(Path(options.out), prediction, model, vois, anonymous=options.anonymous,
                                reader=options.reader)
    if options.dicom:
        _write_dicom(options, prediction, model, vois, Path(options.out))
    if options.anonymous:
        prediction = without_names(prediction, identity_of_vois(vois))
    if options.json:
        print(json.dumps(prediction_file(prediction, answer_of(prediction, model)), ensure_ascii=False,
                         allow_nan=False))
    else:
        print(prediction_text(prediction, model) + report_line(written))


def _score_all(options: argparse.Namespace, model: Model, scaling: Scaling | None) -> None:
    """Score every segment of the reading, each into a folder of its own."""

    def write(folder: Path, prediction: Prediction, vois: dict[str, Voi]) -> None:
        write_outputs(folder, prediction, model, vois, anonymous=options.anonymous, reader=options.reader)
        if options.dicom:
            _write_dicom(options, prediction, model, vois, folder)

    score_all(options, model, scaling, write, _progress)


def _check_options(options: argparse.Namespace) -> None:
    if options.image and options.cohort:
        raise InputError(_EITHER)
    check_cohort_options(options)


def _check_case(options: argparse.Namespace, model: Model) -> None:
    """Raise InputError unless the options name what the model reads: an image or a table, or neither image nor contour
    for one whose covariates alone predict."""
    if model.is_clinical:
        refuse_images(options, model)
    elif not (options.image or options.cohort):
        raise InputError(_EITHER)
    if options.dicom and not (options.out and options.image and Path(options.image).is_dir()):
        raise InputError("--dicom needs --out DIR and a DICOM folder as --image: the objects refer to its series.")


def _write_dicom(options: argparse.Namespace, prediction: Prediction, model: Model, vois: dict[str, Voi],
                 folder: Path) -> None:
    from ..dicom import write_dicom

    name = model.inputs[0].name
    write_dicom(prediction, model, vois[name], dicom_source(options), folder, name, anonymous=options.anonymous)


def run_demo(options: argparse.Namespace) -> None:
    """Score the sample CT (or, without network, a phantom that says so) with every model that ships."""
    if options.out != _DEMO_FOLDER:
        check_output(options, options.out, [f"{identifier}/{PREDICTION_FILE}" for identifier, _ in _DEMO])
    engine, sample = chosen_engine(options), sample_case()
    print(sample.note or f"Sample: {sample.name}")
    print("It is not a patient the models were made for: the numbers show how the software works, nothing more.\n")
    image, (mask, name) = read_image(sample.image), read_mask(sample.mask)
    for identifier, covariates in _DEMO:
        model = load_model(identifier)
        scaling = next(iter(scalings_for(model)), None) if model.needs_scaling else None
        vois = {model.inputs[0].name: make_voi(image, mask, model.image_protocol(), f"{sample.name}, {name}")}
        prediction = score_vois(vois, model, scaling, covariates, engine, _progress)
        written = write_outputs(Path(options.out) / identifier, prediction, model, vois, anonymous=options.anonymous,
                                reader=options.reader)
        print(prediction_text(prediction, model) + report_line(written) + "\n")


def _progress(share: float, text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {text:<50}", end="\r", file=sys.stderr)
