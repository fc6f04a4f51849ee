"""The floors of the library drawn from floors.toml, the list of decisions, and the errors a user can meet."""

from __future__ import annotations

import tomllib
from html import escape as escape_html
from pathlib import Path
from typing import TypedDict

from RadiomicsPrognosisLib import errors

from .markdown import code, escape, table

DOCS = Path(__file__).resolve().parents[1]

#: Sizes of the drawing in pixels: width, a floor's height, the column of names.
_WIDTH, _HEIGHT, _NAMES = 760, 44, 130


class Floor(TypedDict):
    """A floor of floors.toml: its name, a sentence and its modules."""

    name: str
    sentence: str
    modules: list[str]


def floors(kind: str = "floors") -> list[Floor]:
    """Return the floors of the library, or with ``study`` those of its package study, from the ground up."""
    listed: list[Floor] = tomllib.loads((DOCS / "floors.toml").read_text(encoding="utf-8"))[kind]
    return listed


def floors_page(kind: str) -> str:
    """Return the floors as a picture and as a table, the highest first."""
    rows = [(escape(floor["name"]), ", ".join(map(code, floor["modules"])), floor["sentence"])
            for floor in reversed(floors(kind))]
    return f"```{{raw}} html\n{floors_svg(floors(kind))}\n```\n\n{table(('floor', 'modules', ''), rows)}"


def floors_svg(listed: list[Floor]) -> str:
    """Return the floors as an inline picture: a block per module, the ground at the bottom, imports downward."""
    height = _HEIGHT * len(listed)
    shapes = []
    for number, floor in enumerate(reversed(listed)):
        top = number * _HEIGHT
        shapes.append(f'<rect class="floor" x="0" y="{top + 2}" width="{_WIDTH - 30}" height="{_HEIGHT - 4}" rx="4"/>')
        shapes.append(f'<text class="name" x="10" y="{top + 27}">{escape_html(floor["name"])}</text>')
        room = (_WIDTH - 40 - _NAMES) / len(floor["modules"])
        for place, module in enumerate(sorted(floor["modules"])):
            width = min(room - 6, 116)
            left = _NAMES + place * min(room, 122)
            shapes.append(f'<rect class="room" x="{left:.1f}" y="{top + 8}" width="{width:.1f}" '
                          f'height="{_HEIGHT - 16}" rx="3"/>')
            shapes.append(f'<text class="module" x="{left + width / 2:.1f}" y="{top + 26}">'
                          f"{escape_html(module)}</text>")
    x, bottom = _WIDTH - 15, height - 8
    shapes.append(f'<path class="arrow" d="M{x} 8 V{bottom} m-5 -9 l5 9 l5 -9"/>')
    title = "Floors of the library; imports point down."
    return (f'<svg class="diagram" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}">'
            f"<title>{title}</title>{''.join(shapes)}</svg>")


def floors_text(listed: list[Floor]) -> str:
    """Return the floors as a drawing in text, the highest first; imports point down."""
    width = max(len(floor["name"]) for floor in listed)
    lines = [f"| {floor['name']:<{width}} | {'  '.join(sorted(floor['modules']))}" for floor in reversed(listed)]
    longest = max(map(len, lines)) + 1
    rule = "+" + "-" * (longest - 1) + "+"
    return "\n".join([rule, *(f"{line:<{longest}}|" for line in lines), rule])


def decisions_page() -> str:
    """Return a list of the decision records, each by its title."""
    lines = []
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"* [{escape(title)}](decisions/{path.name})")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """Return every kind of error that a user's input can raise, with the code that programs see."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.InputError)]
    rows = [(code(kind.code), code(kind.__name__), escape((kind.__doc__ or "").split("\n\n")[0])) for kind in kinds]
    return table(("code", "class", "meaning"), rows)
