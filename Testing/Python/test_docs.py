"""The documentation says what the product does: its examples run, its commands parse, its links lead somewhere."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from RadiomicsPrognosisLib.catalogue import FEATURES
from RadiomicsPrognosisLib.cli.main import make_parser

sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

import examples
import generate
from generate.api import ROOMS, modules
from generate.commands import commands, options
from generate.models import shipped_models

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
                *(path for path in DOCS.rglob("*.md") if not path.relative_to(DOCS).parts[0].startswith("_"))])

#: Words after ./run that are its own and no commands of the parser.
OF_RUN = {"test", "bench", "docs"}

#: Options on the pages that are other programs'.
OF_OTHERS = {"--help", "--only-binary"}

FEWEST_EXAMPLES = 50


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, language: str) -> Iterator[str]:
    """Yield the code blocks of a page, those inside lists too, without their indentation."""
    for match in re.finditer(rf"^( *)```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
        yield re.sub(rf"^{match[1]}", "", match[2], flags=re.MULTILINE)


def prose(text: str) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


def written_commands(text: str) -> Iterator[list[str]]:
    """Yield the words after ./run of every command in a page's shell blocks."""
    for block in blocks(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("./run "):
                yield shlex.split(line, comments=True)[1:]


@pytest.mark.parametrize("page", examples.pages(), ids=named)
def test_examples_run(page: Path) -> None:
    results = examples.run(page)
    assert results.attempted > 0
    assert results.failed == 0


def test_there_are_enough_examples() -> None:
    counts = {named(page): len(examples.examples(page).examples) for page in examples.pages()}
    print(f"{sum(counts.values())} examples: {counts}")
    assert sum(counts.values()) >= FEWEST_EXAMPLES


def test_a_wrong_example_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("```pycon\n>>> 1 + 1\n3\n```\n", encoding="utf-8")
    assert examples.run(page).failed == 1
    assert 'line 2, in page.md' in capsys.readouterr().out


@pytest.mark.parametrize("page", [page for page in PAGES if any(written_commands(page.read_text(encoding="utf-8")))],
                         ids=named)
def test_commands_are_as_the_parser_wants_them(page: Path) -> None:
    for words in written_commands(page.read_text(encoding="utf-8")):
        if words[0] not in OF_RUN:
            make_parser().parse_args(words)  # ends the test with the parser's own words


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_options_and_commands_in_sentences_exist(page: Path) -> None:
    known = {word for _, _, parser in commands() for action in options(parser) for word in action.option_strings}
    first = {name.split()[0] for name, _, _ in commands()} | OF_RUN | {"WORD"}
    for code in re.findall(r"`([^`]+)`", prose(page.read_text(encoding="utf-8"))):
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)) <= known | OF_OTHERS, code
        if match := re.match(r"\./run (\S+)", code):
            assert match[1] in first, code


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_files(page: Path) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_contents_and_clone_of_the_readme_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    heads = {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in re.findall(r"^## (.+)$", text, re.M)}
    targets = re.findall(r"\]\(#([^)]+)\)", text)
    assert set(targets) == heads - {"citation-and-licence"}
    described = (ROOT / "RadiomicsPrognosis.s4ext").read_text(encoding="utf-8")
    clone = re.search(r"^git clone (\S+)$", text, re.M)[1]
    assert f"scmurl {clone}\n" in described
    assert f"cd {clone.rpartition('/')[2].removesuffix('.git')}\n" in text


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_named_in_sentences_exist(page: Path) -> None:
    """A name in code that begins like a folder of the repository is a file of it."""
    places = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for name in re.findall(rf"`((?:{'|'.join(places)})/[\w./*-]+)`", prose(page.read_text(encoding="utf-8"))):
        if not name.startswith("docs/_build"):
            assert any(ROOT.glob(name.rstrip("/"))), name


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_lines_can_be_read_in_an_editor(page: Path) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")] == []
    if page.name == "README.md":
        assert max(map(len, page.read_text(encoding="utf-8").splitlines())) < 120


def test_generated_pages_hold_every_feature_coefficient_and_command() -> None:
    pages = generate.pages()
    assert [f"{kind}_{name}" for kind, names in FEATURES.items() for name in names
            if f"`{kind}_{name}`" not in pages["features.md"]] == []
    for model in shipped_models():
        for term in model.terms:
            assert f"| `{model.term_key(term)}` | {term.coefficient!r} |".replace("-0", "−0") in \
                pages["models.md"].replace("| -", "| −"), term
    for name, _, parser in commands():
        section = pages["commands.md"].split(f"## `{name}`\n")[1].split("\n## ")[0]
        assert all(action.option_strings[0] in section for action in options(parser) if action.option_strings)


@pytest.mark.parametrize("room", ROOMS)
def test_the_records_of_a_public_room_hold_what_has_a_page_itself(room: str) -> None:
    """What Sphinx would warn about: a field whose class is in no room of the pages of the Python API."""
    for name in modules(room):
        module = importlib.import_module(name)
        for record in vars(module).values():
            if not (inspect.isclass(record) and dataclasses.is_dataclass(record) and record.__module__ == name):
                continue
            words = {word for field in dataclasses.fields(record) for word in re.findall(r"\w+", str(field.type))}
            homes = [vars(module)[word].__module__.split(".") for word in words if inspect.isclass(
                vars(module).get(word)) and vars(module)[word].__module__.startswith("RadiomicsPrognosisLib.")]
            assert {home[1] for home in homes} <= set(ROOMS), (record, homes)
