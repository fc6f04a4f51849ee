"""The command ``stability``: how far one answer holds when image and contour are a little different."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from ..answer import answer_of
from ..command_messages import StabilitySummary
from ..errors import InputError, ModelMismatch
from ..features.engine import get_engine
from ..features.maker import check_maker
from ..files import write_json
from ..models.model import Model
from ..models.scaling import Scaling
from ..models.store import load_model
from ..prediction.redaction import without_names
from ..reading.study_result import read_result
from ..stability.assess import DEFAULT_COUNT, assess_stability
from ..stability.record import KINDS, ReadersAgreement, Stability
from ..stability.settings import DEFAULT_SETTINGS, PerturbationSettings, load_settings
from ..stability.words import headline, stability_text
from ..voi.voi import identity_of_vois
from .case import add_case_options, choose_scaling, read_case
from .for_programs import JSON_LINES, add_program_options, cancel_when_ended
from .outputs import PREDICTION_FILE, add_output_options, write_outputs
from .overwriting import add_force_option, check_output
from .reporting import Reporter

#: The result's file in the folder of ``--out``.
RESULT_FILE = "stability.json"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``stability`` to the parser."""
    parser = commands.add_parser("stability", help="how far one answer holds when image and contour change a little",
                                 allow_abbrev=False)
    add_case_options(parser)
    parser.add_argument("--perturbations", type=int, default=DEFAULT_COUNT, metavar="N",
                        help=f"how many times the case is perturbed ({DEFAULT_COUNT})")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same result (0)")
    parser.add_argument("--settings", default=DEFAULT_SETTINGS, metavar="ID|FILE",
                        help=f"what is perturbed and how far ({DEFAULT_SETTINGS})")
    parser.add_argument("--kinds", nargs="+", metavar="KIND", choices=KINDS,
                        help=f"only these kinds of perturbation: {', '.join(KINDS)}")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes at work; all cores without it")
    parser.add_argument("--agreement", metavar="DIR|F", help="result of 'reproducibility' with the same model, whose "
                        "limits of agreement are set beside the spread")
    parser.add_argument("--out", metavar="DIR", help=f"folder for {RESULT_FILE}, the prediction and the report")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    add_output_options(parser)
    add_force_option(parser)
    add_program_options(parser)
    parser.set_defaults(run=run_stability)


def run_stability(options: argparse.Namespace) -> None:
    """Perturb one case and print how far its answer holds, as text or JSON; write the file with ``--out``."""
    reporter: Reporter = options.reporter
    if not options.image:
        raise InputError("--image is missing: give the CT, or the scene, of the case.")
    if options.json_lines and (options.json or not options.out):
        raise InputError(f"{JSON_LINES} needs --out DIR for the result and excludes --json.")
    model = load_model(options.model)
    scaling = choose_scaling(model, options.scaling)
    settings = _settings(options)
    if options.out:
        check_output(options, options.out, (RESULT_FILE, PREDICTION_FILE))
    agreement = readers_agreement(options.agreement, model, scaling) if options.agreement else None
    cancel_when_ended(options.end_with_input)
    check_maker(model.image_protocol(), options.engine)
    vois, covariates = read_case(options, model)
    stability = assess_stability(vois, model, scaling, covariates, settings=settings, count=options.perturbations,
                                 seed=options.seed, jobs=options.jobs, engine=get_engine(options.engine),
                                 agreement=agreement, progress=reporter.progress)
    if options.anonymous:
        unperturbed = without_names(stability.unperturbed, identity_of_vois(vois))
        stability = replace(stability, unperturbed=unperturbed)
    file = Path(options.out) / RESULT_FILE if options.out else None
    if file is not None:
        write_json(file, stability.to_dict())
        if not options.json_lines:  # a program has the panel's report, or its own
            write_outputs(file.parent, stability.unperturbed, model, vois, stability, options.anonymous,
                          options.reader)
    if options.json:
        print(json.dumps(stability.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        band = answer_of(stability.unperturbed, model, stability).band
        reporter.done(_summary(stability, str(file or "")), (f"{band}\n" if band else "") + stability_text(stability))


def _settings(options: argparse.Namespace) -> PerturbationSettings:
    settings = load_settings(options.settings)
    return settings.only(options.kinds) if options.kinds else settings


def _summary(stability: Stability, file: str) -> StabilitySummary:
    group = stability.group
    return StabilitySummary(
        model=stability.unperturbed.model.id, group=group.label if group else None, perturbations=stability.count,
        scored=stability.scored, agreeing=group.same if group else 0, headline=headline(stability), json=file,
        report=None)


def readers_agreement(path: str | Path, model: Model, scaling: Scaling | None) -> ReadersAgreement:
    """Return the widest limits of agreement of the score in the result of a reading study, a file or its folder.

    Raises FileError or SchemaError for what is no such result, ModelMismatch when it has no limits for ``model`` with
    this ``scaling``.
    """
    result = read_result(path)
    if result.model is None or result.model.hash != model.hash:
        scored = f"was made with '{result.model.id}' ({result.model.hash[:12]})" if result.model else "scored no model"
        raise ModelMismatch(f"The reading study in '{path}' {scored}; its limits of agreement hold for no other than "
                            f"'{model.id}' ({model.hash[:12]}). Run 'reproducibility --model {model.id}' on it.")
    known = result.model.scaling
    if (known.hash if known else None) != (scaling.hash if scaling else None):
        names = [item.name if item else "none" for item in (known, scaling)]
        raise ModelMismatch(f"The reading study in '{path}' was scored with the scaling '{names[0]}', not with "
                            f"'{names[1]}': its scores are on another scale. Run 'reproducibility' with this scaling.")
    widest = result.widest_limits()
    if widest is None:
        raise ModelMismatch(f"The reading study in '{path}' has no limits of agreement of the score: it needs two "
                            "readings of the same cases, both with a score.")
    comparison, limits = widest
    return ReadersAgreement(comparison=comparison.title, source=Path(path).name, pairs=limits.n, bias=limits.bias,
                            sd=limits.sd, lower=limits.lower, upper=limits.upper)
