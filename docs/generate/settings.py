"""The keys of recipes and protocols, as the reader of these files asks for them."""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from RadiomicsPrognosisLib.checked import Table
from RadiomicsPrognosisLib.files import read_toml
from RadiomicsPrognosisLib.protocol import parse_protocol
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe

from .markdown import code, escape, table
from .sentences import sentences

FOLDER = Path(__file__).resolve().parent

#: What a reading method of :class:`Table` returns, in a writer's words.
KINDS = {"text": "text", "number": "number", "integer": "whole number", "flag": "true or false", "numbers": "numbers",
         "triple": "three numbers", "texts": "list of texts", "bounds": "two bounds", "table": "table",
         "tables": "list of tables"}


@dataclass
class Key:
    """A key that a reader asked for: its dotted ``path``, ``kind``, whether required, its default and what limits it.

    ``choices`` are the texts allowed, ``limits`` the bounds of numbers by their name in :class:`Table`.
    """

    path: str
    kind: str
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)

    def allowed(self) -> str:
        """Return what the key may hold."""
        if self.choices:
            return ("several of " if self.kind == "texts" else "") + ", ".join(code(item) for item in self.choices)
        lower = f"> {self.limits['above']:g}" if "above" in self.limits else ""
        lower = lower or (f">= {_number(self.limits['low'])}" if "low" in self.limits else "")
        upper = f"<= {_number(self.limits['high'])}" if "high" in self.limits else ""
        return ", ".join(filter(None, (KINDS[self.kind], escape(lower), escape(upper))))

    def absent(self) -> str:
        """Return what an absent key means."""
        if self.required:
            return "required"
        if self.default in (None, (), "", (None, None)):
            return ""
        if isinstance(self.default, bool):
            return code(str(self.default).lower())
        values = self.default if isinstance(self.default, tuple) else (self.default,)
        return ", ".join(code(str(item)) for item in values)


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"


@contextlib.contextmanager
def recording(files: Iterable[Path]) -> Iterator[dict[str, Key]]:
    """Yield the keys that readers of ``files`` ask for, by path without the numbers of list entries."""
    keys: dict[str, Key] = {}
    optional: set[str] = set()
    names = {path.name for path in files}

    def path_of(table: Table, key: str) -> str:
        return re.sub(r"\[\d+\]", "", f"{table.path}.{key}".lstrip("."))

    def recorded(kind: str, read: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(read)

        @functools.wraps(read)
        def wrapper(self: Table, *arguments: Any, **options: Any) -> Any:
            given = signature.bind(self, *arguments, **options).arguments
            path = path_of(self, given["key"])
            if self.source in names and path not in keys:
                limits = {name: given[name] for name in ("low", "above", "high") if name in given
                          and abs(given[name]) != float("inf")}
                keys[path] = Key(path, kind, "default" not in given and path not in optional, given.get("default"),
                                 tuple(given.get("choices", ())), limits)
            return read(self, *arguments, **options)

        return wrapper

    has = Table.has

    def asked(self: Table, key: str) -> bool:
        optional.add(path_of(self, key))
        return has(self, key)

    with contextlib.ExitStack() as stack:
        stack.enter_context(patch.object(Table, "has", asked))
        for kind in KINDS:
            stack.enter_context(patch.object(Table, kind, recorded(kind, getattr(Table, kind))))
        yield keys


def recipe_keys() -> dict[str, Key]:
    """Return the keys of recipes: those asked for while every_key.toml and the shipped recipes are read."""
    files = [FOLDER / "every_key.toml", *shipped("Recipes")]
    with recording(files) as keys:
        for path in files:
            parse_recipe(read_toml(path, "Recipe"), path.name)
    return keys


def protocol_keys() -> dict[str, Key]:
    """Return the keys of protocols: those asked for while the files of every key and the shipped ones are read."""
    files = [FOLDER / "every_protocol_key.toml", FOLDER / "every_deep_key.toml", *shipped("Protocols")]
    with recording(files) as keys:
        for path in files:
            parse_protocol(read_toml(path, "Protocol"), path.name)
    return keys


def shipped(kind: str) -> list[Path]:
    """Return the files that ship of ``kind``, 'Recipes' or 'Protocols'."""
    return sorted((shipped_folder() / kind).glob("*.toml"))


def key_sections(kind: str, keys: dict[str, Key]) -> str:
    """Return the keys as tables, one per top-level table of the file, each key with its sentence of keys.toml.

    Raises ValueError when a key has no sentence, or a sentence no key.
    """
    meanings = sentences(kind)
    silent, gone = sorted(set(keys) - set(meanings)), sorted(set(meanings) - set(keys))
    if silent or gone:
        raise ValueError(f"docs/generate/keys.toml, [{kind}]: no sentence for {silent}; no such key: {gone}")
    tables = [path for path in meanings if any(other.startswith(f"{path}.") for other in meanings) and "." not in path]
    top = [path for path in meanings if "." not in path and path not in tables]
    pieces = [f"### At the top\n\n{_rows(keys, meanings, top)}"]
    for name in tables:
        brackets = f"`[[{name}]]`" if keys[name].kind == "tables" else f"`[{name}]`"
        inner = [path for path in meanings if path.startswith(f"{name}.")]
        pieces.append(f"### {brackets}\n\n{meanings[name]}\n\n{_rows(keys, meanings, inner, f'{name}.')}")
    return "\n".join(pieces)


def _rows(keys: dict[str, Key], meanings: dict[str, str], paths: Iterable[str], prefix: str = "") -> str:
    return table(("key", "holds", "when absent", "meaning"),
                 [(code(path.removeprefix(prefix)), keys[path].allowed(), keys[path].absent(), meanings[path])
                  for path in paths])
