"""The pages of the Python API: one per package or module that a program may build on."""

from __future__ import annotations

from pathlib import Path

import RadiomicsPrognosisLib

LIBRARY = Path(RadiomicsPrognosisLib.__file__).parent
PACKAGE = RadiomicsPrognosisLib.__name__

#: The public rooms, from the ground up, with what they are for.
ROOMS = {
    "errors": "Errors", "warning": "Warnings", "files": "Files", "checked": "Checked tables", "palette": "Colours",
    "catalogue": "The catalogue of features", "protocol": "Protocols",
    "statistics": "Statistics", "characteristics": "Tables of characteristics",
    "estimates": "Reported estimates", "series": "DICOM series",
    "voi": "Volumes of interest",
    "features": "Features", "models": "Models and scalings",
    "prediction": "Prediction", "stability": "Stability of an answer", "answer": "Answers",
    "cohort": "Cohorts",
    "figures": "Figures", "report": "Reports", "dicom": "DICOM export",
    "reading": "Readers' studies", "study": "Studies", "phantom": "The phantom",
}


def modules(room: str) -> list[str]:
    """Return the names of a room's modules, packages before what is in them."""
    path = LIBRARY / room
    if not path.is_dir():
        return [f"{PACKAGE}.{room}"]
    names = []
    for item in sorted(path.rglob("*.py")):
        steps = item.relative_to(LIBRARY).with_suffix("").parts
        names.append(".".join([PACKAGE, *(step for step in steps if step != "__init__")]))
    return sorted(names)


def api_pages() -> dict[str, str]:
    """Return the pages of the API by file name, with an index."""
    pages = {f"{room}.md": _page(room, title) for room, title in ROOMS.items()}
    listed = "\n".join(ROOMS)
    pages["index.md"] = ("# Modules\n\nEvery public class and function, with types, units, errors and sources.\n\n"
                         f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n")
    return pages


def _page(room: str, title: str) -> str:
    pieces = [f"# {title}: `{room}`\n"]
    for name in modules(room):
        source = (LIBRARY / Path(*name.split(".")[1:])).with_suffix(".py")
        if source.is_file():
            pieces.append(f"## `{name.removeprefix(f'{PACKAGE}.')}`\n" if name != f"{PACKAGE}.{room}" else "")
            pieces.append(f"```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :member-order: bysource\n```\n")
        else:
            pieces.append(f"```{{eval-rst}}\n.. automodule:: {name}\n```\n")
    return "\n".join(pieces)
