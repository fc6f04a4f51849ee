"""The parser of the command line: errors in one line that suggest what was meant, and an example with each command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import NoReturn

from ..errors import InputError
from ..suggestions import did_you_mean
from .examples import EXAMPLES

PROGRAM = "radiomics-prognosis"


class UsageError(InputError):
    """The command line itself is wrong."""

    code = "usage"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours: one line that says what may have been meant, exit code 2."""

    def error(self, message: str, advice: str = "") -> NoReturn:
        """Raise UsageError instead of printing the usage and leaving; ``advice`` comes last."""
        raise UsageError(f"{message}; see '{self.prog} --help'.{advice}")

    def parse_known_args(self, args: Sequence[str] | None = None,  # type: ignore[override]  # without its overloads
                         namespace: argparse.Namespace | None = None) -> tuple[argparse.Namespace, list[str]]:
        """Parse as argparse does, but refuse an unknown option first: else a misspelt one is called a missing one."""
        if args is not None and not subcommands(self):
            for word in args[:args.index("--")] if "--" in args else args:
                name = word.partition("=")[0]
                if name.startswith("--") and " " not in name and name not in self._option_string_actions:
                    self.error(f"unknown option '{name}'", did_you_mean(name, self._option_string_actions))
        return super().parse_known_args(args, namespace)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse a value that is no choice, as a misspelt command is none."""
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            name = action.option_strings[0] if action.option_strings else action.metavar or action.dest
            self.error(f"argument {name}: invalid choice: '{value}' (choose from {', '.join(known)})",
                       did_you_mean(str(value), known))


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the words that may follow a command, in their order; empty for a whole command."""
    return {word: inner for action in parser._actions if isinstance(action, argparse._SubParsersAction)
            for word, inner in action.choices.items()}


def whole_commands(parser: argparse.ArgumentParser, lead: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield (command, its parser) of every command that can be run, e.g. ``study run``, in the parser's order."""
    for word, inner in subcommands(parser).items():
        name = f"{lead} {word}".strip()
        if subcommands(inner):
            yield from whole_commands(inner, name)
        else:
            yield name, inner


def add_examples(parser: argparse.ArgumentParser) -> None:
    """End the help of every command with an example of it."""
    for name, inner in whole_commands(parser):
        inner.formatter_class = argparse.RawDescriptionHelpFormatter
        inner.epilog = f"example:\n  {PROGRAM} {name} {EXAMPLES[name]}".rstrip()
