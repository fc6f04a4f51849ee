"""Every import points down: docs/floors.toml lists the library's floors, and docs/architecture.md draws them."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from generate.house import Floor, floors, floors_page, floors_svg, floors_text

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "RadiomicsPrognosis" / "RadiomicsPrognosisLib"

#: The packages with floors of their own: the array in floors.toml and the package's folder.
HOUSES = {"floors": LIBRARY, "study": LIBRARY / "study"}


def rooms(package: Path) -> list[str]:
    """Return the names of the modules and packages directly in ``package``."""
    return sorted(path.stem for path in package.iterdir() if path.name != "__init__.py" and (
        path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py")))))


def room(name: str, package: Path) -> str:
    """Return the room of ``package`` that the module ``name`` is in, '' where it is elsewhere or the package itself."""
    inside = ".".join(package.relative_to(LIBRARY.parent).parts) + "."
    return name.removeprefix(inside).split(".")[0] if name.startswith(inside) else ""


def is_module(name: str) -> bool:
    path = LIBRARY.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def imported(source: str, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Yield (line, module) of every import of a file, those inside functions and for type checkers included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = module.split(".")[:len(module.split(".")) + is_package - node.level] if node.level else []
            base = ".".join([*up, *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield node.lineno, whole if is_module(whole) else base
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0]
            if [ast.unparse(argument) for argument in node.args[1:]] == ["__name__"]:
                assert is_package and ast.unparse(first).startswith("f'.{"), f"{module}:{node.lineno}"
                continue  # a module of the package itself
            assert isinstance(first, ast.Constant) and not first.value.startswith("."), f"{module}:{node.lineno}"
            yield node.lineno, first.value


@functools.cache
def crossings(package: Path) -> list[tuple[str, str, str]]:
    """Return (place, room, imported room) of every import that leads from one room of ``package`` to another."""
    listed = []
    for path in sorted(package.rglob("*.py")):
        names = path.relative_to(LIBRARY.parent).with_suffix("").parts
        module = ".".join(names[:-1] if names[-1] == "__init__" else names)
        own = room(module, package)
        for line, name in imported(path.read_text(encoding="utf-8"), module, names[-1] == "__init__"):
            other = room(name, package)
            if own and other and own != other:
                listed.append((f"{path.relative_to(LIBRARY.parent)}:{line}", own, other))
    return listed


def upward(listed: list[Floor], package: Path) -> list[str]:
    """Return the imports that the floors do not allow, in words; what is on no floor is another test's."""
    level = {name: number for number, floor in enumerate(listed) for name in floor["modules"]}
    return [f"{place}: {own} imports {other}" for place, own, other in crossings(package)
            if {own, other} <= set(level) and level[other] >= level[own]]


@pytest.mark.parametrize("house", HOUSES)
def test_every_module_is_on_one_floor(house: str) -> None:
    named = [name for floor in floors(house) for name in floor["modules"]]
    assert sorted(named) == rooms(HOUSES[house])
    assert all(floor["name"] and floor["sentence"].endswith(".") for floor in floors(house))


@pytest.mark.parametrize("house", HOUSES)
def test_imports_point_down(house: str) -> None:
    drawing = floors_text(floors(house))
    print(drawing)
    assert upward(floors(house), HOUSES[house]) == [], drawing


def test_an_import_upwards_is_noticed() -> None:
    """The house turned over: what imported downwards now points up."""
    assert upward(floors()[::-1], LIBRARY)


@pytest.mark.parametrize(("line", "name"), [
    ("from ..files import read_json", "files"), ("from .. import files", "files"), ("from . import model", "models"),
    ("import RadiomicsPrognosisLib.study.run", "study"), ("from RadiomicsPrognosisLib import cli", "cli"),
    ("def f():\n    from ..voi.voi import Voi", "voi"), ("import importlib\nimportlib.import_module('json')", ""),
    ("if TYPE_CHECKING:\n    from ..prediction import Prediction", "prediction"), ("import numpy as np", ""),
])
def test_every_way_to_import_is_read(line: str, name: str) -> None:
    *_, (_, last) = imported(line, "RadiomicsPrognosisLib.models.store", False)
    assert room(last, LIBRARY) == name


@pytest.mark.parametrize("house", HOUSES)
def test_the_architecture_page_draws_the_same_floors(house: str) -> None:
    drawn = floors_svg(floors(house))
    assert drawn in floors_page(house)
    assert all(f">{name}<" in drawn for name in rooms(HOUSES[house]))
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert {"floors": "_generated/floors.md", "study": "_generated/rooms.md"}[house] in page
