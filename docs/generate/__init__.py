"""Writes the pages of the documentation that follow from the product itself: commands, models, protocols, features."""

from __future__ import annotations

from pathlib import Path

from .api import api_pages
from .commands import commands_page
from .features import features_page, protocols_page, recipes_page
from .house import DOCS, decisions_page, errors_page, floors_page
from .models import calculators, model_file_page, models_page
from .samples import SAMPLE_LINKS, sample_pages
from .settings import key_sections, protocol_keys, recipe_keys

#: Where the pages are written; git ignores it.
GENERATED = DOCS / "_generated"


def pages() -> dict[str, str]:
    """Return the generated pages by file name."""
    return {
        "commands.md": commands_page(), "models.md": models_page(), "model_file.md": model_file_page(),
        "protocols.md": protocols_page(), "protocol_keys.md": key_sections("protocol", protocol_keys()),
        "recipes.md": recipes_page(), "recipe_keys.md": key_sections("recipe", recipe_keys()),
        "features.md": features_page(), "floors.md": floors_page("floors"), "rooms.md": floors_page("study"),
        "decisions.md": decisions_page(), "errors.md": errors_page(),
        **{f"api/{name}": text for name, text in api_pages().items()},
        **{f"pages/{name}": text for name, text in calculators().items()},
        **{f"pages/{name}": text for name, text in sample_pages().items()},
        "samples.md": SAMPLE_LINKS,
    }


def write_pages(folder: Path = GENERATED) -> None:
    """Write the generated pages into ``folder``, leaving alone those that have not changed: Sphinx rereads the rest."""
    written = pages()
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.rglob("*.*"):
        if path.relative_to(folder).as_posix() not in written:
            path.unlink()
