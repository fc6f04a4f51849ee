"""What the sections of reports are put together from: cleaned names and sentences, tables, facts and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..texts import clean
from .blocks import Block, DataTable, Facts, Link, Notice

#: Longest name and longest sentence from outside that is shown; the rest is an ellipsis.
_NAME, _SENTENCE = 200, 900


def name(text: object) -> str:
    """Return a name from outside, cleaned."""
    return clean(text, _NAME)


def sentence(text: object) -> str:
    """Return a sentence from outside, cleaned."""
    return clean(text, _SENTENCE)


def facts(rows: Iterable[tuple[str, str | Link | None]]) -> Facts:
    """Return the pairs whose value is there."""
    return Facts(tuple((label, value) for label, value in rows if value))


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], left: Iterable[int] = (0,)
          ) -> tuple[DataTable, ...]:
    """Return a table, columns ``left`` set to the left, or nothing for one without rows."""
    cells = tuple(tuple(row) for row in rows)
    return (DataTable(title, tuple(head), cells, frozenset(range(len(head))) - set(left)),) if cells else ()


def cohorts_table(title: str, head: Sequence[str], columns: Sequence[Mapping[str, str]]) -> tuple[DataTable, ...]:
    """Return a table with a column of texts by row name for every cohort; ``head`` begins with what the rows are."""
    names = dict.fromkeys(name for column in columns for name in column)
    return table(title, head, [(name, *(column.get(name, "") for column in columns)) for name in names],
                 range(1 + len(columns)))


def missing(what: str, reason: str) -> Notice:
    """Return a notice that something is not there, and why."""
    return Notice("missing", name(what), sentence(reason))


def all_blocks(*groups: Block | Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks and sequences of blocks as one tuple."""
    return tuple(block for group in groups for block in (group if isinstance(group, Sequence) else (group,)))
