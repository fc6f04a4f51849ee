"""The commands that develop and validate models: ``study run`` a recipe, ``study validate`` a stored model."""

from __future__ import annotations

import _thread
import argparse
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, PackageMissing
from ..files import sha256_file
from ..progress import Stages
from ..resources import find
from ..study.output.file_names import PROTOCOL_FILE, RECIPE_FILE, REPORT_FILE, STUDY_FILE, VALIDATION_FILE

if TYPE_CHECKING:
    from ..study.results import StudyResult, ValidationResult


#: How long computing a study and drawing its report take in proportion to each other.
_STAGES = Stages(study=85, report=15)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``study run`` and ``study validate`` to the parser."""
    study = commands.add_parser("study", help="develop a model by a recipe, or validate one", allow_abbrev=False)
    actions = study.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="run a recipe on a cohort of features", allow_abbrev=False)
    run.add_argument("recipe", metavar="RECIPE", help="identifier or TOML file")
    run.add_argument("--cohort", required=True, metavar="F", help="CSV or Parquet: features, covariates and outcomes")
    run.add_argument("--out", required=True, metavar="DIR", help="folder for report, figures, models and tables")
    run.add_argument("--readings", metavar="F", help="features of repeated contours, with reader or session")
    run.add_argument("--seed", type=int, metavar="N", help="another seed than the recipe's")
    run.add_argument("--nested", action="store_true", help="resample the whole selection, too")
    run.add_argument("--permutations", type=int, default=0, metavar="N",
                     help="repeat the selection on shuffled outcomes")
    run.add_argument("--end-with-input", action="store_true",
                     help="cancel when standard input ends, as it does with the program that started this one")
    run.set_defaults(run=run_study_command)
    validate = actions.add_parser("validate", help="validate a stored model on a cohort of features",
                                  allow_abbrev=False)
    validate.add_argument("model", metavar="MODEL", help="identifier or JSON file")
    validate.add_argument("--cohort", required=True, metavar="F", help="CSV or Parquet: features, covariates, outcome")
    validate.add_argument("--out", required=True, metavar="DIR")
    validate.add_argument("--scaling", metavar="NAME|FILE", help="means and SDs for a model with z-scored features")
    validate.add_argument("--time", default="time", metavar="COLUMN", help="months to event or censoring")
    validate.add_argument("--event", default="event", metavar="COLUMN", help="1 for an event, 0 for censoring")
    validate.add_argument("--outcome", default="outcome", metavar="COLUMN", help="0 or 1, for a binary endpoint")
    validate.set_defaults(run=run_validate_command)


def run_study_command(options: argparse.Namespace) -> None:
    """Run a recipe and write its folder: models, tables, figures, report, and the recipe as it was run."""
    _need_packages()
    from ..cohort.table import read_table
    from ..study.output.study_folder import whole_folder, write_study
    from ..study.recipe.parsing import load_recipe
    from ..study.report import write_study_report
    from ..study.run import Options, run_study

    if options.permutations < 0 or (options.seed is not None and not 0 <= options.seed < 2**32):
        raise InputError("--permutations must not be negative, and --seed lies between 0 and 4294967295.")
    recipe, progress = load_recipe(options.recipe), _Progress()
    _cancel_when_ended(options.end_with_input)
    with whole_folder(Path(options.out), STUDY_FILE) as folder:
        shutil.copyfile(find("Recipes", ".toml", options.recipe, "Recipe"), folder / RECIPE_FILE)
        if recipe.protocol:
            shutil.copyfile(find("Protocols", ".toml", recipe.protocol_name, "Protocol"), folder / PROTOCOL_FILE)
        table = read_table(options.cohort, "Cohort")
        readings = read_table(options.readings, "Readings") if options.readings else None
        study = run_study(recipe, table, readings, Options(options.seed, options.nested, options.permutations),
                          _source(options), _STAGES.within(progress, "study"))
        write_study(study, folder)
        write_study_report(study.result, folder, study.stored_models(), _STAGES.within(progress, "report"))
    print(study_text(study.result, options.out))


def run_validate_command(options: argparse.Namespace) -> None:
    """Validate a stored model and write its folder."""
    _need_packages()
    from ..cohort.table import read_table
    from ..models.scaling import load_scaling
    from ..models.store import load_model
    from ..study.output.study_folder import whole_folder, write_validation
    from ..study.report import write_validation_report
    from ..study.steps.validate import model_endpoint, validate_model

    model = load_model(options.model)
    _cancel_when_ended()
    scaling = load_scaling(options.scaling, model) if options.scaling else None
    with whole_folder(Path(options.out), VALIDATION_FILE) as folder:
        table = read_table(options.cohort, "Cohort")
        found = validate_model(model, table, scaling,
                               model_endpoint(model, options.time, options.event, options.outcome),
                               source=_source(options))
        write_validation(found, folder)
        write_validation_report(found, folder, _Progress())
    print(validation_text(found, options.out))


def _cancel_when_ended(with_input: bool = False) -> None:
    """Let whoever started this process end it: that cancels as Ctrl-C does, and leaves no half-written folder."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if with_input:
        threading.Thread(target=_interrupt_at_end_of_input, daemon=True).start()


def _interrupt_at_end_of_input() -> None:
    """Windows has no SIGTERM to send, and a launcher may not pass one on; a closed pipe reaches this process."""
    # Not by sys.stdin, whose lock a thread still reading would hold while the interpreter ends.
    while os.read(0, 4096):
        pass
    # SIGTERM has a handler for certain: SIGINT may be ignored, as what a script starts in the background inherits it.
    _thread.interrupt_main(signal.SIGTERM)


def _need_packages() -> None:
    try:
        import joblib  # noqa: F401
        import matplotlib  # noqa: F401
        import pandas  # noqa: F401
        import sklearn  # noqa: F401
        import threadpoolctl  # noqa: F401
    except ImportError as error:
        raise PackageMissing(f"Studies need packages that scoring does not ({error}); run 'pip install -r "
                             "requirements.txt' with the file in Resources.") from None


def _source(options: argparse.Namespace) -> dict[str, Any]:
    """Return the names and hashes of the tables; a missing file is left to its reader's message."""
    named = {"cohort": options.cohort, "readings": getattr(options, "readings", None)}
    return {key: {"file": Path(name).name, "sha256": sha256_file(name)} for key, name in named.items()
            if name and Path(name).is_file()}


class _Progress:
    """Print progress to stderr: a line that changes on a terminal, else a line per step of five per cent."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, share: float, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{share:4.0%} {text:<70.70}", end="\r" if share < 1 else "\n", file=sys.stderr, flush=True)
        elif int(share * 20) > self._last:
            self._last = int(share * 20)
            print(f"{share:4.0%} {text}", file=sys.stderr, flush=True)


def study_text(found: StudyResult, out: str) -> str:
    """Return a study's main figures as lines a person reads."""
    lines = [f"{found.recipe['id']} {found.recipe['version']}: {found.recipe['title']}"]
    lines += [f"  Cohort {item.name}: {item.rows} rows of {item.patients} patients" for item in found.cohorts]
    for made in found.signatures:
        lines.append(f"  Signature {made.id}: {len(made.terms)} of {made.steps[0].before if made.steps else 0} features"
                     + (f" - {made.reason}" if made.reason else ""))
    for model in found.models:
        if model.reason:
            lines.append(f"  Model {model.id}: none - {model.reason}")
            continue
        main = [(cohort.cohort, item) for cohort in model.cohorts for item in cohort.discrimination()[:1]]
        figures = ", ".join(f"{cohort} {item.value:.3f} ({item.lower:.3f} - {item.upper:.3f})" for cohort, item in main)
        lines.append(f"  Model {model.id}: {main[0][1].name if main else 'discrimination'} {figures}"
                     + (f"; file {model.model_file}" if model.model_file else "; no file"))
    lines += [f"  Note: {text}" for text in found.findings]
    return "\n".join([*lines, _where(out)])


def _where(out: str) -> str:
    return f"  Report: {Path(out) / REPORT_FILE}\n  Everything is in {out}."


def validation_text(found: ValidationResult, out: str) -> str:
    """Return a validation's main figures as lines a person reads."""
    from ..study.output.tables import performance_table

    lines = [f"{found.model['id']} {found.model['version']}: {found.model['title']}"]
    for cohort in found.performance:
        lines.append(f"  Cohort {cohort.cohort}: {cohort.n} rows, {cohort.events} events, {cohort.excluded} left out")
        for row in performance_table(cohort):
            ends = ["not reached" if row[key] is None else f"{row[key]:.3f}" for key in ("lower", "upper")]
            bounds = "" if row["lower"] is None and row["upper"] is None else f" ({' - '.join(ends)})"
            p = f", p = {row['p']:.3g}" if row["p"] is not None else ""
            lines.append(f"    {row['measure']}: {row['value']:.4g}{bounds}{p}")
        lines += [f"    No {item.what}: {item.reason}" for item in cohort.unavailable]
    lines += [f"  Note: {text}" for text in found.findings]
    return "\n".join([*lines, _where(out)])
