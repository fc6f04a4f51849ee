"""The house stays one to live in: words that explain themselves, rooms of a size, nothing that stands twice."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from RadiomicsPrognosisLib.models.store import model_schema

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "RadiomicsPrognosis"
LIBRARY = MODULE / "RadiomicsPrognosisLib"
PRODUCT = sorted(MODULE.rglob("*.py"))
EVERYTHING = sorted([*PRODUCT, *(ROOT / "Testing").rglob("*.py"), *(ROOT / "docs").rglob("*.py")])

#: Names that say how a value came about and not what it is.
EMPTY_WORDS = {"found", "made", "part", "parts", "said", "seen", "doubts", "apart"}

MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_LINES_OF_STUDY = 400, 40, 6600

#: So many equal lines in a row are a block that stands twice.
BLOCK = 6


def names_given(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of everything a file names: variables, parameters, attributes, functions, classes."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not name.startswith("test_"):  # a test's name is a sentence
                    yield node.lineno, name
            case ast.ClassDef(name=name) | ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_names_say_what_things_are() -> None:
    empty = [f"{place(path, line)} {name}" for path in EVERYTHING for line, name in names_given(parsed(path))
             if EMPTY_WORDS & set(name.lower().split("_"))]
    assert empty == []


def test_no_class_has_the_name_of_another() -> None:
    places = defaultdict(list)
    for path in PRODUCT:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(place(path, node.lineno))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_file_name_stands_three_times() -> None:
    places = defaultdict(list)
    for path in PRODUCT:
        if path.name != "__init__.py":
            places[path.name].append(str(path.relative_to(MODULE)))
    assert {name: where for name, where in places.items() if len(where) > 2} == {}


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_read_at_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_functions_fit_on_a_page() -> None:
    long = [f"{place(path, node.lineno)} {node.name}" for path in PRODUCT for node in ast.walk(parsed(path))
            if isinstance(node, ast.FunctionDef)
            and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION]
    assert long == []


def test_the_study_is_one_room_of_many() -> None:
    assert sum(len(path.read_text(encoding="utf-8").splitlines())
               for path in (LIBRARY / "study").rglob("*.py")) < MOST_LINES_OF_STUDY


def public(tree: ast.Module) -> Iterator[ast.Module | ast.FunctionDef | ast.ClassDef]:
    """Yield the module, its public functions and classes, and public methods of those that inherit from nothing."""
    yield tree
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    yield from classes
    for body in (tree.body, *(node.body for node in classes if not node.bases)):
        yield from (node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
                    and "overload" not in map(ast.unparse, node.decorator_list))


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_everything_public_says_what_it_is(path: Path) -> None:
    if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
        return
    silent = [getattr(node, "name", "module") for node in public(parsed(path)) if not ast.get_docstring(node)]
    assert silent == []


def test_records_of_many_fields_are_built_by_keyword() -> None:
    by_place = []
    for path in PRODUCT:
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ClassDef):
                continue
            marks = [ast.unparse(mark) for mark in node.decorator_list if "dataclass" in ast.unparse(mark)]
            fields = [item for item in node.body
                      if isinstance(item, ast.AnnAssign) and "ClassVar" not in ast.unparse(item.annotation)]
            if marks and len(fields) > 5 and "kw_only=True" not in marks[0]:
                by_place.append(f"{place(path, node.lineno)} {node.name}")
    assert by_place == []


def lines_of_code(path: Path) -> list[tuple[int, str]]:
    """Return (number, text) of the lines that do something: no imports, docstrings, comments, lone brackets."""
    text = path.read_text(encoding="utf-8")
    passed_over: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            passed_over |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)
            if number not in passed_over and re.search(r"\w", line) and not line.strip().startswith(("#", "@"))]


def test_no_block_stands_twice() -> None:
    """Whole runs of equal lines, whatever their indentation."""
    places = defaultdict(list)
    for path in PRODUCT:
        lines = lines_of_code(path)
        for start in range(len(lines) - BLOCK + 1):
            block = "\n".join(text for _, text in lines[start: start + BLOCK])
            places[block].append(place(path, lines[start][0]))
    assert [where for where in places.values() if len(where) > 1] == []


def test_the_schema_of_models_follows_from_their_contract() -> None:
    path = MODULE / "Resources" / "Models" / "model.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == model_schema()
