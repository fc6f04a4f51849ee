"""The command ``completion``: a script that completes commands, options, files and identifiers in the user's shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from ..errors import PackageMissing
from ..resources import listing
from .parser import PROGRAM, whole_commands

SHELLS = ("bash", "zsh", "fish")

#: What is completed by an option's metavar: files, folders, or the identifiers of a kind of resource and files.
_FILES, _FOLDERS = ("F", "FILE", "NAME=F[,MASK[,LABEL]]"), ("DIR", "FOLDER")
_RESOURCES = {"model": ("Models", ".json"), "protocol": ("Protocols", ".toml"), "recipe": ("Recipes", ".toml"),
              "origin_recipe": ("Recipes", ".toml"), "scaling": ("Scalings", ".json")}


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``completion`` to the parser."""
    completion = commands.add_parser("completion", help="print a script that completes commands in your shell",
                                     allow_abbrev=False)
    completion.add_argument("shell", choices=SHELLS, help="the shell to print it for")
    completion.set_defaults(run=run_completion)


def run_completion(options: argparse.Namespace) -> None:
    """Print the script; identifiers in it are those at hand when it is printed."""
    from .main import make_parser

    print(completion_script(make_parser(), options.shell))


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script for ``shell`` (one of :data:`SHELLS`). Raises PackageMissing without shtab."""
    try:
        import shtab
    except ImportError:
        raise PackageMissing("Shell completion needs the package shtab; run 'pip install shtab'.") from None
    for _, command in whole_commands(parser):
        for action in command._actions:
            if action.dest in _RESOURCES:
                action.complete = _names_and_files(action.dest)  # type: ignore[attr-defined]  # where shtab looks
            elif action.metavar in _FILES or action.metavar in _FOLDERS:
                files = action.metavar in _FILES
                action.complete = shtab.FILE if files else shtab.DIRECTORY  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell, root_prefix=PROGRAM.replace("-", "_")))


def _names_and_files(dest: str) -> dict[str, str | dict[str, str]]:
    """Return, in shtab's form, the completion by identifiers of a kind of resource and by files."""
    function, words = f"_radiomics_prognosis_{dest}", _words(listing(*_RESOURCES[dest]))
    return {"bash": function, "zsh": function, "fish": f"({function})", "preamble": {
        "bash": f'{function}() {{ compgen -W "{words}" -- "$1"; compgen -f -- "$1"; }}\n',
        "zsh": f"{function}() {{ _alternative 'names:identifier:({words})' 'files:file:_files' }}\n",
        "fish": f"function {function}\n  printf '%s\\n' {words}\n  __fish_complete_path (commandline -ct)\nend\n"}}


def _words(names: Iterable[str]) -> str:
    """Return names as words of a shell; one that a shell would read as something else is left out."""
    return " ".join(name for name in names if name.replace("-", "").replace("_", "").replace(".", "").isalnum())
