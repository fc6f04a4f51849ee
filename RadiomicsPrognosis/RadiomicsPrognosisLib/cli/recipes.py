"""The command ``recipes``: list and show the recipes of studies, and begin one of your own."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FileError, InputError
from ..files import read_text, whole_file
from ..resources import find, listing, shipped_folder
from ..texts import percent
from .overwriting import add_force_option, check_output
from .packages import need_study_packages

if TYPE_CHECKING:
    from ..study.recipe.recipe import Recipe, SignatureSpec

#: The file that ``recipes new`` begins with where no recipe is named.
_SKELETON = Path("Skeletons") / "recipe.toml"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``recipes list | show | new`` to the parser."""
    recipes = commands.add_parser("recipes", help="list and show recipes, begin one of your own", allow_abbrev=False)
    actions = recipes.add_subparsers(dest="action", required=True, metavar="ACTION")
    known = actions.add_parser("list", help="list the recipes at hand", allow_abbrev=False)
    known.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show what a recipe does and which columns it needs", allow_abbrev=False)
    show.add_argument("recipe", metavar="ID|FILE", help="identifier or TOML file")
    show.set_defaults(run=run_show)
    new = actions.add_parser("new", help="write a recipe to edit: a commented skeleton, or a copy of one at hand",
                             allow_abbrev=False)
    new.add_argument("file", metavar="FILE", help="the recipe to write, ending in .toml; its name becomes the id")
    new.add_argument("--from", dest="origin_recipe", metavar="ID|FILE", help="the recipe to copy (default: a skeleton)")
    add_force_option(new)
    new.set_defaults(run=run_new)


def run_list(_options: argparse.Namespace) -> None:
    """Print the recipes at hand; one that cannot be read is named on stderr and hides no other."""
    need_study_packages()
    from ..study.recipe.parsing import load_recipe

    for name in listing("Recipes", ".toml"):
        try:
            recipe = load_recipe(name)
        except InputError as error:
            print(f"radiomics-prognosis: {error}", file=sys.stderr)
            continue
        kinds = ", ".join(dict.fromkeys(item.kind for item in recipe.endpoints))
        print(f"{name:<28} {recipe.version:<8} {kinds:<24} {recipe.title}")


def run_show(options: argparse.Namespace) -> None:
    """Print what a recipe does, from which columns, and where its file is."""
    need_study_packages()
    from ..study.recipe.parsing import load_recipe

    path = find("Recipes", ".toml", options.recipe, "Recipe")
    print(recipe_text(load_recipe(options.recipe), path))


def recipe_text(recipe: Recipe, path: Path) -> str:
    """Return what a recipe does as lines a person reads."""
    rows = [("Population", recipe.population), ("Follows", recipe.citation),
            ("Protocol", recipe.protocol_name or "none: the features come with the table"),
            ("Split", f"by the column '{recipe.split.column}'" if recipe.split.kind == "column"
             else f"at random, {percent(recipe.split.fraction)} of the patients train")]
    rows += [("Endpoint", f"{item.id}: {item.name} ({item.kind})") for item in recipe.endpoints]
    rows += [("Covariate", f"{item.name}: {item.title} ({item.kind})") for item in recipe.covariates]
    if recipe.reproducibility is not None:
        rule = recipe.reproducibility
        rows.append(("Readings", f"features with {rule.form} of at least {rule.threshold:g}, given --readings"))
    rows += [("Signature", f"{item.id}: {_steps(item)}") for item in recipe.signatures]
    rows += [("Model", f"{item.id}: {item.title}") for item in recipe.models]
    rows.append(("File", str(path)))
    return "\n".join([f"{recipe.id} {recipe.version}", recipe.title, "",
                      *(f"{title:<11} {text}" for title, text in rows)])


def _steps(signature: SignatureSpec) -> str:
    """Return how a signature's features are chosen, in the order of the steps."""
    steps = []
    if signature.univariate is not None:
        steps.append(f"univariate p <= {signature.univariate.p_at_most:g}")
    if signature.redundancy is not None:
        steps.append(f"of features with |rho| >= {signature.redundancy.threshold:g} one")
    if signature.penalised is not None:
        steps.append(f"LASSO at {signature.penalised.rule} of {signature.penalised.folds} folds")
    if signature.forest is not None:
        steps.append(f"the {signature.forest.select} most important of a random forest")
    return f"{signature.title}; {', then '.join(steps) or 'every feature named'}; score {signature.score}"


def run_new(options: argparse.Namespace) -> None:
    """Write a recipe of the user's own and say what to do with it."""
    path = Path(options.file)
    if path.suffix != ".toml" or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", path.stem):
        raise InputError(f"'{path}' must end in .toml and be called by letters, digits, '.', '_' and '-': its name "
                         "becomes the recipe's id.")
    check_output(options, path)
    origin = find("Recipes", ".toml", options.origin_recipe, "Recipe") if options.origin_recipe \
        else shipped_folder() / _SKELETON
    text, count = re.subn(r'^id = ".*"$', f'id = "{path.stem}"', read_text(origin, "Recipe"), count=1, flags=re.M)
    if not count:
        raise FileError(f"Recipe '{origin}' has no line id = \"...\" to put the new name in.")
    with whole_file(path) as f:
        f.write(text)
    print(f"{path} written" + (f" from {options.origin_recipe}" if options.origin_recipe else " from the skeleton")
          + f". Edit it, then run 'study run {path} --cohort features.csv --out result'; a key that is wrong is named.")
