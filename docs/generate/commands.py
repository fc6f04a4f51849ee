"""The commands with all their options, as the command line's own parser has them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from RadiomicsPrognosisLib.cli.examples import EXAMPLES
from RadiomicsPrognosisLib.cli.main import make_parser
from RadiomicsPrognosisLib.cli.parser import PROGRAM

from .markdown import code, escape, table
from .sentences import sentences


def commands() -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield (command, what it does, its parser), e.g. ``study run``, in the parser's order."""
    yield from _leaves(make_parser(), "")


def _leaves(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    for choices in _subcommands(parser):
        helps = {item.dest: item.help or "" for item in choices._choices_actions}
        for word, inner in choices.choices.items():
            whole = f"{name} {word}".strip()
            if list(_subcommands(inner)):
                yield from _leaves(inner, whole)
            else:
                yield whole, helps.get(word, ""), inner


def _subcommands(parser: argparse.ArgumentParser) -> Iterator[argparse._SubParsersAction]:
    yield from (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))


def options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return a command's arguments and options without ``--help``."""
    return [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]


def commands_page() -> str:
    """Return every command with what it does, its usage, a table of its options and an example."""
    pieces = []
    for name, text, parser in commands():
        usage = " ".join(parser.format_usage().removeprefix("usage:").split())
        pieces.append(f"## `{name}`\n\n{escape(text[:1].upper() + text[1:])}.\n\n```text\n{_wrapped(usage)}\n```\n")
        rows = [(_written(action), _needed(action), escape(_meaning(action))) for action in options(parser)]
        if rows:
            pieces.append(table(("option", "", "meaning"), rows))
        pieces.append(f"Example:\n\n```sh\n{PROGRAM} {name} {EXAMPLES[name]}".rstrip() + "\n```\n")
    return "\n".join(pieces)


def _written(action: argparse.Action) -> str:
    metavar = action.metavar or action.dest.upper()
    if not action.option_strings:
        return code(str(metavar))
    if action.nargs == 0:
        return code(action.option_strings[0])
    many = " ..." if action.nargs == "+" else ""
    return code(f"{action.option_strings[0]} {metavar}{many}")


def _meaning(action: argparse.Action) -> str:
    """Return the parser's own words, or those of keys.toml where it has none."""
    return action.help or sentences("options")[(action.option_strings or [action.dest])[0]]


def _needed(action: argparse.Action) -> str:
    if action.required:
        return "required"
    if isinstance(action, argparse._AppendAction):
        return "repeatable"
    if action.default in (None, False, "", []) or action.nargs == 0:
        return ""
    return f"default {code(str(action.default))}"


def _wrapped(usage: str, width: int = 96) -> str:
    """Return a usage line broken between its options."""
    lines, line = [], ""
    for word in usage.replace(" [", "\n[").replace(" --", "\n--").replace("[\n--", "[--").split("\n"):
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = "    " + word
        else:
            line = f"{line} {word}".strip() if not line.startswith("    ") else f"{line} {word}"
    return "\n".join([*lines, line])
