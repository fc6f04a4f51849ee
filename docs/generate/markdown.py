"""Pieces of Markdown: tables, code, and texts that must not be taken for markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, on one line."""
    line = " ".join(text.split())
    for sign in "\\`*_[]<>|$":
        line = line.replace(sign, f"\\{sign}")
    return line


def code(text: str) -> str:
    """Return ``text`` in the font of code; inside a table, too."""
    return f"`{text}`".replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
