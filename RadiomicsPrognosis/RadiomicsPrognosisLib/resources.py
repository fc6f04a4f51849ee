"""Where protocols, models, scalings and recipes live: shipped in Resources, the user's own in a folder of theirs."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import FileError
from .suggestions import did_you_mean

_PACKAGE = Path(__file__).resolve().parent

#: Environment variable that moves the user's folder (models, scalings, caches).
HOME_VARIABLE = "RADIOMICS_PROGNOSIS_HOME"


def shipped_folder() -> Path:
    """Return the Resources folder: inside the package in a wheel, beside it in the Slicer extension."""
    inside = _PACKAGE / "Resources"
    return inside if inside.is_dir() else _PACKAGE.parent / "Resources"


def user_folder() -> Path:
    """Return the folder for the user's own models and scalings (``$RADIOMICS_PROGNOSIS_HOME`` or a folder in home)."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".radiomics-prognosis")


def cache_folder() -> Path:
    """Return the folder for what can be fetched or computed again."""
    return user_folder() / "cache"


def listing(kind: str, suffix: str) -> dict[str, Path]:
    """Return ``{name: path}`` of all files of ``kind`` ('Models', ...) that end with ``suffix``, shipped ones first.

    Names are the file names without the suffix; the user's files stand in for shipped ones of the same name.
    """
    paths: dict[str, Path] = {}
    for folder in (shipped_folder() / kind, user_folder() / kind):
        for path in sorted(folder.glob(f"*{suffix}")):
            if not path.name.endswith(".schema.json"):
                paths[path.name.removesuffix(suffix)] = path
    return paths


def find(kind: str, suffix: str, name: str, what: str) -> Path:
    """Return the path of ``name``: a file's path, or the name of a shipped or user file of ``kind``.

    ``what`` says in errors what is looked for ('Model', ...). Raises FileError with the names known.
    """
    if name.endswith(suffix) or os.sep in name or "/" in name:
        path = Path(name)
        if path.is_file():
            return path
        raise FileError(f"{what} '{name}' does not exist; check the path.")
    known = listing(kind, suffix)
    if name not in known:
        names = ", ".join(known) or "none"
        raise FileError(f"There is no {what.lower()} '{name}'; known: {names}. A file is given by its path."
                        + did_you_mean(name, known))
    return known[name]
