"""The commands that work on tables: ``extract`` features of a cohort, fit a ``scaling`` from them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..command_messages import ExtractionSummary, ScalingSummary
from ..errors import CohortError, FileError, InputError
from ..files import read_json
from ..models.model import Model
from ..models.scaling import fit_scaling, other_disease, parse_scaling, save_scaling
from ..models.store import load_model
from ..protocol import Protocol, load_protocol
from ..resources import listing
from .cohort_scores import check_jobs
from .engine_option import add_engine_option, add_threads_option
from .for_programs import add_program_options, cancel_when_ended
from .overwriting import add_force_option, check_output
from .packages import cohort_modules


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``extract`` and ``scaling`` to the parser."""
    extract = commands.add_parser("extract", help="extract the features of a cohort", allow_abbrev=False)
    extract.add_argument("--cohort", required=True, metavar="F", help="CSV or Parquet, one row per VOI (and input)")
    source = extract.add_mutually_exclusive_group(required=True)
    source.add_argument("--protocol", metavar="ID|FILE", help="all features of a protocol, or those of --features")
    source.add_argument("--model", metavar="ID|FILE", help="the features of a model, under its protocol")
    extract.add_argument("--out", required=True, metavar="F", help="feature table to write, .csv or .parquet")
    extract.add_argument("--jobs", type=int, default=1, metavar="N", help="processes on this machine (-1: all cores)")
    extract.add_argument("--dask", metavar="ADDRESS", help="run on an existing Dask cluster, e.g. tcp://host:8786")
    extract.add_argument("--features", nargs="+", metavar="NAME", help="only these features")
    add_engine_option(extract)
    add_threads_option(extract)
    add_force_option(extract)
    add_program_options(extract)
    extract.set_defaults(run=run_extract)
    scaling = commands.add_parser("scaling", help="fit a model's scaling from a feature table", allow_abbrev=False)
    scaling.add_argument("--features", required=True, metavar="F", help="what 'extract' wrote")
    scaling.add_argument("--model", required=True, metavar="ID|FILE")
    scaling.add_argument("--name", required=True, metavar="NAME")
    scaling.add_argument("--disease", default="", metavar="TEXT", help="what the patients have, in the model's words "
                         "('models show ID') where it is the same")
    scaling.add_argument("--origin", default="", metavar="TEXT", help="which patients these are: hospital, years")
    scaling.add_argument("--licence", default="", metavar="TEXT", help="licence note of the data it was made from")
    scaling.add_argument("--demonstration", action="store_true", help="mark it as made from another disease")
    scaling.add_argument("--out", metavar="DIR", help="folder to save it in (default: the user's Scalings)")
    add_force_option(scaling)
    add_program_options(scaling)
    scaling.set_defaults(run=run_scaling)


def run_extract(options: argparse.Namespace) -> None:
    """Extract a cohort's features and write the table; rows that failed carry their reason."""
    table_module, extraction = cohort_modules()
    model = load_model(options.model) if options.model else None
    protocol, features = _wanted(options, model)
    check_jobs(options.jobs)
    check_output(options, options.out)
    cancel_when_ended(options.end_with_input)
    cohort = table_module.read_cohort(options.cohort)
    if model is not None:
        from ..cohort.inputs import join_images

        join_images(cohort, model)  # refused before hours of work, not after
    # A person is told of every row, a program at a pace it can follow.
    progress = options.reporter.progress if options.json_lines else print_progress
    extracted = extraction.extract_cohort(cohort, protocol, features, options.jobs, options.dask, progress,
                                          engine=options.engine, threads=options.threads)
    errors = [str(text) for text in extracted["error"] if text is not None and text == text]
    if len(errors) == len(extracted):
        raise CohortError(f"None of the {len(errors)} rows could be extracted; the first says: {errors[0]}")
    table_module.write_table(extracted, options.out)
    summary = ExtractionSummary(rows=len(extracted), failed=len(errors), first_error=errors[0] if errors else "",
                                table=str(Path(options.out).resolve()))
    options.reporter.done(summary, f"{len(extracted) - len(errors)} of {len(extracted)} rows extracted to {options.out}"
                          + (f"; {len(errors)} failed, see the column 'error'." if errors else "."))


def _wanted(options: argparse.Namespace, model: Model | None) -> tuple[Protocol, list[str] | None]:
    """Return the protocol and the features (None: all of it) that are asked for. Raises InputError."""
    if model is None:
        return load_protocol(options.protocol), options.features
    if options.features:
        raise InputError("--features belongs to --protocol; with --model the features are those of the model.")
    return model.image_protocol(), list(dict.fromkeys(term.feature for term in model.terms))


def run_scaling(options: argparse.Namespace) -> None:
    """Fit and save a scaling."""
    cancel_when_ended(options.end_with_input)
    table_module, _ = cohort_modules()
    if not options.name.strip() or Path(options.name).name != options.name:
        raise InputError(f"--name '{options.name}' must be a plain name without folders.")
    model = load_model(options.model)
    model.check_scored("to scale")
    _check_told(options, model)
    _check_name(options)
    from ..cohort.inputs import Inputs, join_inputs

    table, joined = join_inputs(table_module.read_table(options.features, "Feature table"), Inputs.of_model(model))
    scaling = fit_scaling(table, model, options.name, disease=options.disease, origin=options.origin,
                          licence=options.licence, demonstration=options.demonstration)
    path = save_scaling(scaling, Path(options.out) if options.out else None)
    text = f"Scaling '{scaling.name}' of {scaling.cases} cases for model '{model.id}' saved to {path}."
    text = "\n".join([*joined, text])
    if scaling.demonstration and not options.demonstration:
        text += f"\nIt is one for demonstration only, which every result says: {scaling.origin}."
    elif other_disease(scaling, model):
        text += f"\nIts disease, {scaling.disease}, is warned about: model '{model.id}' is for {model.disease}."
    options.reporter.done(ScalingSummary(scaling.name, model.id, scaling.cases, str(path)), text)


def _check_told(options: argparse.Namespace, model: Model) -> None:
    """Raise InputError unless the command says whose cases these are."""
    if not options.disease.strip():
        same = f"; write '{model.disease}' if it is that of model '{model.id}'" if model.disease else ""
        raise InputError(f"--disease is missing: say what the patients have{same}.")
    if not options.origin.strip():
        raise InputError("--origin is missing: say which patients these are, for instance 'City Hospital, 2019 - 2023, "
                         "before chemoradiotherapy'.")


def _check_name(options: argparse.Namespace) -> None:
    """Raise FileError when there is a scaling of the name already, the user's or one that ships."""
    if options.out:
        check_output(options, Path(options.out) / f"{options.name}.json")
        return
    path = listing("Scalings", ".json").get(options.name)
    if path is not None and not options.force:
        earlier = parse_scaling(read_json(path, "Scaling"), path.name)
        raise FileError(f"There is a scaling '{options.name}' ({earlier.cases} cases for model '{earlier.model}': "
                        f"{earlier.origin}); choose another --name, or say --force to put this one in its place.")


def print_progress(share: float, text: str) -> None:
    """Say on stderr how far a run over a table's rows has come: ``text`` counts them."""
    print(text, file=sys.stderr)
