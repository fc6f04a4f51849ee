"""The commands that score one case: ``score`` and ``demo``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..errors import InputError
from ..models.model import Model
from ..models.scaling import Scaling, scalings_for
from ..models.store import load_model
from ..prediction import Prediction, score_vois
from ..sample import sample_case
from ..voi import Voi, make_voi, read_image, read_mask
from .case import add_case_options, choose_scaling, read_case
from .outputs import PREDICTION_FILE, prediction_text, write_outputs
from .overwriting import add_force_option, check_output
from .tables import cohort_modules, print_progress

#: What ``demo`` shows: models, each with the covariates of an example patient.
_DEMO: tuple[tuple[str, dict[str, str]], ...] = (
    ("s1_escc_lpfs_radscore", {"n_stage": "N1", "complete_response": "no"}),
    ("s2_escc_ln_response", {}),
    ("s2_escc_ln_control_2y", {}),
)


#: Where ``demo`` writes when nothing is said; a folder of its own, which it writes anew each time.
_DEMO_FOLDER = "out/demo"

#: The table of a scored cohort, written when all its rows are done.
SCORES_FILE = "scores.csv"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``score`` and ``demo`` to the parser."""
    score = commands.add_parser("score", help="score one contoured case", allow_abbrev=False)
    add_case_options(score)
    score.add_argument("--out", metavar="DIR", help="folder for the prediction, the features and the report")
    score.add_argument("--json", action="store_true", help="print the prediction as one JSON object")
    score.add_argument("--dicom", action="store_true", help="with --out and a DICOM folder as --image: also write the "
                       "measurements as a DICOM SR and the contour as a DICOM SEG")
    score.add_argument("--cohort", metavar="F", help="instead of --image: score every row, write DIR/scores.csv")
    score.add_argument("--reports", action="store_true", help="with --cohort: also write every row's report")
    add_force_option(score)
    score.set_defaults(run=run_score)
    demo = commands.add_parser("demo", help="score a sample CT with every model that ships", allow_abbrev=False)
    demo.add_argument("--out", metavar="DIR", default=_DEMO_FOLDER)
    add_force_option(demo)
    demo.set_defaults(run=run_demo)


def run_score(options: argparse.Namespace) -> None:
    """Score one case and print the prediction, as text or JSON; write the files when ``--out`` is given."""
    _check_options(options)
    model = load_model(options.model)
    scaling = choose_scaling(model, options.scaling)
    if options.cohort:
        _score_rows(options, model, scaling)
        return
    if options.out:
        check_output(options, options.out, (PREDICTION_FILE,))
    vois, covariates = read_case(options, model)
    prediction = score_vois(vois, model, scaling, covariates, progress=_progress)
    if options.out:
        write_outputs(Path(options.out), prediction, model, vois)
    if options.dicom:
        _write_dicom(options, prediction, model, vois)
    if options.json:
        print(json.dumps(prediction.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        print(prediction_text(prediction))


def _check_options(options: argparse.Namespace) -> None:
    if bool(options.image) == bool(options.cohort):
        raise InputError("give either --image (one case) or --cohort (a table of cases).")
    if options.cohort and not options.out:
        raise InputError("--cohort needs --out DIR, the folder for scores.csv.")
    if options.cohort and options.json:
        raise InputError("--json prints one case; with --cohort the results are in DIR/scores.csv.")
    if options.reports and not options.cohort:
        raise InputError("--reports belongs to --cohort; a single case writes its report with --out.")
    if options.dicom and not (options.out and options.image and Path(options.image).is_dir()):
        raise InputError("--dicom needs --out DIR and a DICOM folder as --image: the objects refer to its series.")


def _score_rows(options: argparse.Namespace, model: Model, scaling: Scaling | None) -> None:
    """Score a cohort's rows into ``scores.csv``, with a folder per row when reports are asked for."""
    table, _ = cohort_modules()
    if model.features_from == "table":
        _score_features(options, model, scaling)
        return
    check_output(options, options.out, (SCORES_FILE,))
    from ..cohort.scoring import score_cohort

    cohort, out = table.read_cohort(options.cohort), Path(options.out)
    names = table.row_names(cohort)

    def report(number: int, prediction: Prediction, vois: dict[str, Voi]) -> None:
        write_outputs(out / names[number], prediction, model, vois)

    scored = score_cohort(cohort, model, scaling, report if options.reports else None, print_progress)
    table.write_table(scored, out / SCORES_FILE)
    failed = int(scored["error"].notna().sum())
    print(f"{len(scored) - failed} of {len(scored)} rows scored to {out / SCORES_FILE}"
          + (f"; {failed} failed, see the column 'error'." if failed else "."))


def _score_features(options: argparse.Namespace, model: Model, scaling: Scaling | None) -> None:
    """Score a table of features, which other software made, into ``scores.csv``."""
    if options.reports:
        raise InputError(f"--reports needs images; model '{model.id}' scores the columns of a table.")
    table, _ = cohort_modules()
    from ..cohort.scoring import score_features

    check_output(options, options.out, (SCORES_FILE,))
    out = Path(options.out) / SCORES_FILE
    scored = score_features(model, table.read_table(options.cohort, "Cohort"), scaling)
    table.write_table(scored, out)
    withheld = int((scored["withheld"] != "").sum())
    print(f"{len(scored)} rows scored to {out}"
          + (f"; of {withheld} something is missing, see the column 'withheld'." if withheld else "."))


def _write_dicom(options: argparse.Namespace, prediction: Prediction, model: Model, vois: dict[str, Voi]) -> None:
    from ..dicom import write_dicom

    name = model.inputs[0].name
    write_dicom(prediction, model, vois[name], options.image, options.out, name)


def run_demo(options: argparse.Namespace) -> None:
    """Score the sample CT (or, without network, a phantom that says so) with every model that ships."""
    if options.out != _DEMO_FOLDER:
        check_output(options, options.out, [f"{identifier}/{PREDICTION_FILE}" for identifier, _ in _DEMO])
    sample = sample_case()
    print(sample.note or f"Sample: {sample.name}")
    print("It is not a patient the models were made for: the numbers show how the software works, nothing more.\n")
    image, (mask, name) = read_image(sample.image), read_mask(sample.mask)
    for identifier, covariates in _DEMO:
        model = load_model(identifier)
        scaling = next(iter(scalings_for(model)), None) if model.needs_scaling else None
        vois = {model.inputs[0].name: make_voi(image, mask, model.image_protocol(), f"{sample.name}, {name}")}
        prediction = score_vois(vois, model, scaling, covariates, progress=_progress)
        written = write_outputs(Path(options.out) / identifier, prediction, model, vois)
        report = next((path for path in written if path.suffix == ".html"), None)
        print(f"{prediction_text(prediction)}\n  Report: {report or 'not written'}\n")


def _progress(share: float, text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {text:<50}", end="\r", file=sys.stderr)
