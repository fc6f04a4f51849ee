"""What a report is made of, said once: the HTML page and the PDF are two renderings of these blocks."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Link:
    """Text that leads to ``url`` (the only addresses a report holds are those of publications)."""

    text: str
    url: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text."""

    text: str


@dataclass(frozen=True)
class Notice:
    """A statement that must not be overlooked: ``kind`` is ``warning``, ``missing`` or ``note``; ``title`` leads it."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True)
class Answer:
    """One number of the result: what it is, its value, a remark; ``tone`` is ``better``, ``worse`` or empty."""

    label: str
    value: str
    remark: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Answers:
    """The numbers that a reader looks for first."""

    items: tuple[Answer, ...]


@dataclass(frozen=True)
class Facts:
    """Pairs of a label and a value."""

    rows: tuple[tuple[str, str | Link], ...]


@dataclass(frozen=True)
class DataTable:
    """A table; columns in ``numbers`` (by index) are set to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A figure: ``name`` is unique in the report, ``vector`` tells that it holds no pixels and no patterns."""

    name: str
    title: str
    caption: str
    figure: Figure
    vector: bool = True


Block = Paragraph | Notice | Answers | Facts | DataTable | Picture


@dataclass(frozen=True)
class Section:
    """A titled part of the report."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report; ``disclaimer`` stands at its head and on every page.

    With ``contents`` a page begins with a list of its sections.
    """

    title: str
    subtitle: str
    disclaimer: str
    footer: str
    sections: tuple[Section, ...]
    contents: bool = False
