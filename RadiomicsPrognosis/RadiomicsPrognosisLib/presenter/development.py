"""The Develop section without Qt: what is still to be chosen for a study, and its models once it is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..checked import Table
from ..errors import FileError, InputError
from ..files import read_text, read_toml, whole_file
from ..resources import find, listing, user_folder
from ..study.output.file_names import MODELS, REPORT_FILE, SCALINGS
from .problem import Problem

#: The tables that a cohort can be.
SUFFIXES = (".csv", ".parquet")

#: Keys under which a recipe's endpoint names the columns that hold it.
_OUTCOMES = ("time_column", "event_column", "outcome_column")


@dataclass(frozen=True)
class StudyChoices:
    """A recipe (identifier or path), and the paths of the cohort's table, of repeated readings, and of the results."""

    recipe: str = ""
    cohort: str = ""
    readings: str = ""
    folder: str = ""

    def command(self) -> list[str]:
        """Return the arguments of the command that runs the study."""
        readings = ["--readings", self.readings] if self.readings else []
        return ["study", "run", self.recipe, "--cohort", self.cohort, *readings, "--out", self.folder]


@dataclass(frozen=True)
class RecipeCard:
    """What the panel shows of a recipe: the study it follows, the ``columns`` that a cohort must have, and the names
    of its ``inputs`` where there are several."""

    name: str
    title: str
    citation: str
    columns: tuple[str, ...]
    inputs: tuple[str, ...] = ()


def recipe_card(name: str) -> RecipeCard:
    """Return the card of a recipe (identifier or path). Raises FileError or SchemaError.

    Only what is shown is read: checking a whole recipe needs packages that 3D Slicer does not bundle, and the command
    does it.
    """
    path = find("Recipes", ".toml", name, "Recipe")
    table = Table(read_toml(path, "Recipe"), path.name)
    split, columns = table.table("split"), ["case"]
    if split.text("kind") == "column":
        columns.append(split.text("column", "cohort"))
    for endpoint in table.tables("endpoints"):
        columns += [endpoint.text(key) for key in _OUTCOMES if endpoint.has(key)]
    columns += [covariate.text("name") for covariate in table.tables("covariates", ())]
    inputs = tuple(item.text("name") for item in table.tables("inputs", ()))
    return RecipeCard(name, table.text("title"), table.table("source").text("citation"), tuple(dict.fromkeys(columns)),
                      inputs if len(inputs) > 1 else ())


def recipe_cards() -> tuple[list[RecipeCard], list[InputError]]:
    """Return the cards of the recipes at hand, and the errors of those that cannot be read."""
    cards, errors = [], []
    for name in listing("Recipes", ".toml"):
        try:
            cards.append(recipe_card(name))
        except InputError as error:
            errors.append(error)
    return cards, errors


def obstacle(choices: StudyChoices) -> Problem | None:
    """Return what is missing or wrong in the choices, the first in the order in which they stand, or None."""
    if not choices.recipe:
        return Problem("recipe")
    if not choices.cohort:
        return Problem("cohort")
    for path in filter(None, (choices.cohort, choices.readings)):
        if not Path(path).is_absolute() or not is_file(Path(path)):
            return Problem("no-file", values={"path": path})
        if Path(path).suffix.lower() not in SUFFIXES:
            return Problem("no-table", values={"path": path})
    if not choices.folder:
        return Problem("folder")
    if not Path(choices.folder).is_absolute():
        return Problem("relative-folder", values={"path": choices.folder})
    return None


def report_of(folder: str) -> Path | None:
    """Return the path of the report in a study's folder, or None."""
    path = Path(folder) / REPORT_FILE
    return path if folder and is_file(path) else None


def models_of(folder: str) -> tuple[Path, ...]:
    """Return the paths of the models and scalings in a study's folder."""
    kinds = (MODELS, SCALINGS) if report_of(folder) else ()
    return tuple(path for kind in kinds for path in sorted((Path(folder) / kind).glob("*.json")))


def is_file(path: Path) -> bool:
    """Whether there is a file; what cannot be looked at (a name too long, a folder without permission) is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def add_models(folder: str) -> int:
    """Copy a study's models and scalings into the user's folder, where the panel finds them; return how many are new.

    Raises FileError when another file of the same name is there already; then nothing is copied.
    """
    copies = [(path, user_folder() / path.parent.name / path.name) for path in models_of(folder)]
    if not copies:
        raise FileError(f"There is no model in '{folder}'; run a study first.")
    texts = {target: read_text(path, "Model") for path, target in copies}
    present = [target for target in texts if target.exists()]
    for target in present:
        if read_text(target, "Model") != texts[target]:
            raise FileError(f"'{target}' exists with another content; move it away first.")
    for target, text in texts.items():
        if target not in present:
            with whole_file(target) as f:
                f.write(text)
    return len(texts) - len(present)
