"""What a report is made of, said once: the HTML page and the PDF are two renderings of these blocks."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from matplotlib.figure import Figure

from ..figures.theme import svg_text
from ..palette import LIGHT

#: Most tiles in a row.
_WIDEST = 4


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
class Headline:
    """The result in a line: ``tone`` is ``better``, ``worse`` or empty, ``remark`` what stands under it; one that is
    ``questioned`` is greyed."""

    text: str
    remark: str = ""
    tone: str = ""
    questioned: bool = False


@dataclass(frozen=True)
class Tile:
    """One number of the result: what it is, its value, a remark; ``tone`` is ``better``, ``worse``, ``questioned`` or
    empty."""

    label: str
    value: str
    remark: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Tiles:
    """The numbers that a reader looks for first."""

    items: tuple[Tile, ...]

    @property
    def columns(self) -> int:
        """How many stand side by side, so that no row is left with a single one; 1 is a list."""
        count = len(self.items)
        if count <= _WIDEST:
            return max(count, 1)
        return next((columns for columns in (_WIDEST, 3, 2) if count % columns != 1), 1)


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

    @functools.cached_property
    def svg(self) -> str:
        """The figure as an SVG file in light colours, drawn once for the page and the PDF."""
        return svg_text(self.figure, LIGHT)


@dataclass(frozen=True, kw_only=True)
class ReflowingPicture(Picture):
    """A figure that is drawn a second time, ``narrow``, for a phone's column, where it would have to be clipped."""

    narrow: Figure


@dataclass(frozen=True)
class Pair:
    """Two pictures side by side, each half a page wide; one under the other where there is no room."""

    left: Picture
    right: Picture


Block = Paragraph | Notice | Headline | Tiles | Facts | DataTable | Picture | Pair


@dataclass(frozen=True)
class Section:
    """A titled section of the report; with ``own_page`` it begins a page."""

    title: str
    blocks: tuple[Block, ...]
    own_page: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report; ``disclaimer`` stands at its head and on every page.

    ``band`` stands above every page of a report that means nothing for a patient, with a ``badge`` at every title;
    ``identity`` names patient and series on every page's foot. With ``contents`` a page begins with a list of its
    sections.
    """

    title: str
    subtitle: str
    disclaimer: str
    footer: str
    sections: tuple[Section, ...]
    contents: bool = False
    band: str = ""
    badge: str = ""
    identity: str = ""
