"""The commands that develop and validate models: ``study run`` a recipe, ``study validate`` a stored model."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..files import sha256_file, whole_file
from ..progress import Stages
from ..resources import find
from ..study.output.file_names import PROTOCOL_FILE, RECIPE_FILE, STUDY_FILE, TABLES, VALIDATION_FILE
from .for_programs import add_program_options, cancel_when_ended
from .overwriting import add_force_option, check_output
from .packages import need_study_packages
from .reporting import Reporter
from .study_cohort import add_image_options, wanted_by_model, wanted_by_recipe, with_features
from .study_texts import study_summary, study_text, validation_text

if TYPE_CHECKING:
    from ..study.recipe.recipe import Recipe

#: How long computing a study and drawing its report take in proportion to each other.
_STAGES = Stages(study=85, report=15)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``study run`` and ``study validate`` to the parser."""
    study = commands.add_parser("study", help="develop a model by a recipe, or validate one", allow_abbrev=False)
    actions = study.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="run a recipe on a cohort", allow_abbrev=False)
    run.add_argument("recipe", metavar="RECIPE", help="identifier or TOML file")
    run.add_argument("--cohort", required=True, metavar="F",
                     help="CSV or Parquet: images and contours, or features; covariates and outcomes")
    run.add_argument("--out", required=True, metavar="DIR", help="folder for report, figures, models and tables")
    run.add_argument("--readings", metavar="F", help="repeated contours or their features, with reader or session; "
                     "or filter.csv of 'reproducibility', to use exactly the features that it keeps")
    run.add_argument("--protocol", metavar="ID|FILE",
                     help="make the features by this protocol, in place of the recipe's")
    run.add_argument("--seed", type=int, metavar="N", help="another seed than the recipe's")
    run.add_argument("--nested", action="store_true", help="resample the whole selection, too")
    run.add_argument("--permutations", type=int, default=0, metavar="N",
                     help="repeat the selection on shuffled outcomes")
    add_image_options(run)
    add_force_option(run)
    add_program_options(run)
    run.set_defaults(run=run_study_command)
    validate = actions.add_parser("validate", help="validate a stored model on a cohort", allow_abbrev=False)
    validate.add_argument("model", metavar="MODEL", help="identifier or JSON file")
    validate.add_argument("--cohort", required=True, metavar="F",
                          help="CSV or Parquet: images and contours, or features; covariates, outcome")
    validate.add_argument("--out", required=True, metavar="DIR")
    validate.add_argument("--scaling", metavar="NAME|FILE", help="means and SDs for a model with z-scored features")
    validate.add_argument("--time", default="time", metavar="COLUMN", help="months to event or censoring")
    validate.add_argument("--event", default="event", metavar="COLUMN", help="1 for an event, 0 for censoring")
    validate.add_argument("--outcome", default="outcome", metavar="COLUMN", help="0 or 1, for a binary endpoint")
    add_image_options(validate)
    add_force_option(validate)
    validate.set_defaults(run=run_validate_command)


def run_study_command(options: argparse.Namespace) -> None:
    """Run a recipe and write its folder: models, tables, figures, report, and the recipe as it was run."""
    need_study_packages()
    from ..study.output.study_folder import whole_folder, write_study
    from ..study.recipe.parsing import load_recipe
    from ..study.report import write_study_report
    from ..study.run import Options, run_study

    if options.permutations < 0 or (options.seed is not None and not 0 <= options.seed < 2**32):
        raise InputError("--permutations must not be negative, and --seed lies between 0 and 4294967295.")
    reporter: Reporter = options.reporter
    recipe = load_recipe(options.recipe, _own_protocol(options.protocol))
    check_output(options, options.out, (STUDY_FILE,))
    cancel_when_ended(options.end_with_input)
    with whole_folder(Path(options.out), STUDY_FILE) as folder:
        _write_sources(options, recipe, folder)
        files = {"Cohort": options.cohort, "Readings": options.readings}
        tables, rest = with_features(options, files, wanted_by_recipe(recipe), folder / TABLES, reporter.progress)
        study = run_study(recipe, tables["Cohort"], tables.get("Readings"),
                          Options(options.seed, options.nested, options.permutations), _source(options),
                          _STAGES.within(rest, "study"))
        write_study(study, folder)
        write_study_report(study.result, folder, study.stored_models(), _STAGES.within(rest, "report"))
    summary = study_summary(study.result, options.out)
    reporter.done(summary, study_text(summary))


def _write_sources(options: argparse.Namespace, recipe: Recipe, folder: Path) -> None:
    """Write the recipe as it is run, and its protocol. Raises FileError."""
    from ..study.recipe.parsing import recipe_text

    if options.protocol:
        with whole_file(folder / RECIPE_FILE) as f:
            f.write(recipe_text(options.recipe, recipe.protocol_name))
    else:
        shutil.copyfile(find("Recipes", ".toml", options.recipe, "Recipe"), folder / RECIPE_FILE)
    if recipe.protocol:
        shutil.copyfile(find("Protocols", ".toml", recipe.protocol_name, "Protocol"), folder / PROTOCOL_FILE)


def run_validate_command(options: argparse.Namespace) -> None:
    """Validate a stored model and write its folder."""
    need_study_packages()
    from ..models.scaling import load_scaling
    from ..models.store import load_model
    from ..study.output.study_folder import whole_folder, write_validation
    from ..study.report import write_validation_report
    from ..study.steps.validate import model_endpoint, validate_model

    model = load_model(options.model)
    check_output(options, options.out, (VALIDATION_FILE,))
    cancel_when_ended()
    scaling = load_scaling(options.scaling, model) if options.scaling else None
    with whole_folder(Path(options.out), VALIDATION_FILE) as folder:
        tables, rest = with_features(options, {"Cohort": options.cohort}, wanted_by_model(model), folder / TABLES,
                                     options.reporter.progress)
        result = validate_model(model, tables["Cohort"], scaling,
                                model_endpoint(model, options.time, options.event, options.outcome),
                                source=_source(options))
        write_validation(result, folder)
        write_validation_report(result, folder, rest)
    print(validation_text(result, options.out))


def _own_protocol(name: str | None) -> str:
    """Return ``--protocol`` so that stored models find the file of a path, from wherever they are used."""
    if not name:
        return ""
    path = Path(name)
    return str(path.resolve()) if name.endswith(".toml") and path.is_file() else name


def _source(options: argparse.Namespace) -> dict[str, Any]:
    """Return the names and hashes of the tables; a missing file is left to its reader's message."""
    named = {"cohort": options.cohort, "readings": getattr(options, "readings", None)}
    return {key: {"file": Path(name).name, "sha256": sha256_file(name)} for key, name in named.items()
            if name and Path(name).is_file()}
