"""Where things stand in a figure: places in cm, panels, legends in rows under them, texts cut to their room."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.typing import LineStyleType

from ..texts import clean
from .theme import Theme, font_families, new_figure

#: Below this width (cm) panels stand one under the other.
NARROW_CM = 12.0

#: Sizes in points: titles, axis names and panel titles, legends and remarks.
_TITLE_PT, NAME_PT, SMALL_PT = 9.0, 8.5, 7.5

_CM_PER_POINT = 2.54 / 72

#: Margins of a panel in cm: axis names and tick labels at the left and below, its title above, gap to the next.
_LEFT, _BELOW, _ABOVE, _GAP, _RIGHT = 1.5, 1.15, 0.6, 0.55, 0.35

#: Gap in cm between rows of panels, which holds their tick labels.
_ROW_GAP = 0.75

_LEGEND_ROW = 0.45

#: Width in cm of a legend's line sample with its gaps.
_HANDLE = 1.55

#: Room in cm for a legend's text, with which it fits the narrowest figure.
_KEY_CM = 6.0

#: Largest width of a panel in cm: wider, a curve says no more.
_LARGEST = 7.5

#: Most panels side by side.
_MOST_COLUMNS = 3

#: Told apart by colour and by line style: fields of Theme with dashes.
_SERIES: tuple[tuple[str, LineStyleType], ...] = (
    ("patient", "-"), ("better", (0, (5, 2))), ("worse", (0, (1.2, 1.2))), ("ink", (0, (6, 1.5, 1.2, 1.5))))


class Look(TypedDict, total=False):
    """How a line is drawn: matplotlib's keywords."""

    color: str
    linestyle: LineStyleType
    linewidth: float
    marker: str
    markersize: float
    markeredgecolor: str


class TextLook(TypedDict, total=False):
    """How a text stands at its place: matplotlib's keywords."""

    ha: Literal["left", "center", "right"]
    va: Literal["bottom", "baseline", "center", "top"]
    fontweight: str
    rotation: float


def series(theme: Theme, index: int, linewidth: float) -> Look:
    """Return the look of the ``index``-th (from 0) of several series; colour and line style repeat after twelve."""
    colour, _ = _SERIES[index % len(_SERIES)]
    _, dashes = _SERIES[(index + index // len(_SERIES)) % len(_SERIES)]
    return {"color": getattr(theme, colour), "linestyle": dashes, "linewidth": linewidth}


def threshold_line(theme: Theme) -> Look:
    """Return the look of the line at a cut-off or threshold."""
    return {"color": theme.ink, "linestyle": (0, (4, 2)), "linewidth": 1.0}


def key(label: str, **look: Unpack[Look]) -> Line2D:
    """Return a legend's entry."""
    return Line2D([], [], label=fitted(label, _KEY_CM, SMALL_PT), **look)


@functools.lru_cache(maxsize=4096)
def text_cm(text: str, size: float, bold: bool = False) -> float:
    """Return the width in cm of a line of text of ``size`` points."""
    font = FontProperties(family=font_families(), size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, False)[0] * _CM_PER_POINT


def fitted(text: object, width_cm: float, size: float, bold: bool = False, lines: int = 1) -> str:
    """Return cleaned ``text`` in at most ``lines`` lines of that width, what has no room as an ellipsis."""
    words = clean(text, 400).split()
    written: list[str] = []
    while words and len(written) < lines:
        count = 1
        while count < len(words) and text_cm(" ".join(words[:count + 1]), size, bold) <= width_cm:
            count += 1
        line, words = " ".join(words[:count]), words[count:]
        last = bool(words) and len(written) == lines - 1
        if last or text_cm(line, size, bold) > width_cm:
            line = _cut(line, width_cm, size, bold)
        written.append(line)
    return "\n".join(written)


def _cut(line: str, width_cm: float, size: float, bold: bool) -> str:
    """Return as many characters as fit with an ellipsis."""
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_cm(line[:middle].rstrip() + "…", size, bold) <= width_cm
        low, high = (middle, high) if fits else (low, middle - 1)
    return line[:low].rstrip() + "…"


def fitted_heading(title: object, width_cm: float, lines: int = 1) -> str:
    """Return a title in at most ``lines`` lines for a figure of that width."""
    # On a screen's pixels letters run some percent wider.
    return fitted(title, 0.96 * width_cm - 0.4, _TITLE_PT, True, lines)


def heading_cm(heading: str) -> float:
    """Return the height of a figure's title."""
    return 0.5 * (heading.count("\n") + 1) if heading else 0.0


@dataclass(frozen=True)
class Sheet:
    """A ``figure`` of ``width`` and ``height`` in cm, on which places are given in cm from its lower left corner."""

    figure: Figure
    width: float
    height: float

    @classmethod
    def blank(cls, width: float, height: float, theme: Theme) -> Sheet:
        """Return an empty figure of that size."""
        return cls(new_figure(width, height, theme), width, height)

    def plot(self, left: float, below: float, width: float, height: float) -> Axes:
        """Return axes with their lower left corner at (``left``, ``below``)."""
        return self.figure.add_axes((left / self.width, below / self.height, width / self.width, height / self.height))

    def write(self, x: float, y: float, text: str, size: float = NAME_PT, **look: Unpack[TextLook]) -> None:
        """Write ``text`` of ``size`` points at (``x``, ``y``)."""
        self.figure.text(x / self.width, y / self.height, text, fontsize=size, **look)

    def write_heading(self, heading: str) -> None:
        """Write the figure's title at its upper left."""
        self.write(0.2, self.height - 0.15, heading, _TITLE_PT, va="top", fontweight="bold")

    def draw_sample(self, x: float, y: float, length: float, **look: Unpack[Look]) -> None:
        """Draw a level line of ``length`` from (``x``, ``y``)."""
        self.figure.add_artist(Line2D([x / self.width, (x + length) / self.width], [y / self.height] * 2, **look))

    def add_legend(self, keys: Sequence[Line2D], columns: int) -> None:
        """Set the ``keys`` in rows at the lower edge."""
        self.figure.legend(
            handles=list(keys), loc="lower left", ncols=columns, bbox_to_anchor=(0.1 / self.width, 0.0), frameon=False,
            fontsize=SMALL_PT, handlelength=2.6, columnspacing=1.2, borderpad=0.3, labelspacing=0.45,
            handletextpad=0.6)


def legend_shape(keys: Sequence[Line2D], width_cm: float) -> tuple[int, int]:
    """Return numbers of columns and rows of a legend that fits ``width_cm``."""
    if not keys:
        return 1, 0
    widest = max(text_cm(str(item.get_label()), SMALL_PT) for item in keys) + _HANDLE
    columns = max(1, min(len(keys), int((width_cm - 0.2) / widest)))
    return columns, -(-len(keys) // columns)


@dataclass(frozen=True)
class Panels:
    """A figure with its panels; ``columns`` stand side by side."""

    figure: Figure
    axes: tuple[Axes, ...]
    columns: int

    def is_left(self, index: int) -> bool:
        """Whether a panel is the first of its row, which carries the vertical axis' name."""
        return index % self.columns == 0


def make_panels(titles: Sequence[str], title: str, names: tuple[str, str], keys: Sequence[Line2D], theme: Theme,
                width_cm: float, shape: float = 1.0, left: float = _LEFT) -> Panels:
    """Return a figure at most ``width_cm`` wide with a panel per title, of height ``shape`` x width.

    ``title`` stands above all, ``names`` of the (horizontal, vertical) axis once, and the legend of ``keys`` below.
    ``left`` (cm) is the room for the vertical axis' name and numbers.
    """
    columns = 1 if width_cm < NARROW_CM else min(len(titles), _MOST_COLUMNS)
    rows = -(-len(titles) // columns)
    side = min((width_cm - left - _RIGHT - _GAP * (columns - 1)) / columns, _LARGEST)
    width_cm = left + _RIGHT + _GAP * (columns - 1) + side * columns
    heading = fitted_heading(title, width_cm, 3)
    top = heading_cm(heading) + (0.3 if heading else 0.15)
    legend_columns, legend_rows = legend_shape(keys, width_cm)
    above, height, bottom = _ABOVE if any(titles) else 0.2, side * shape, _LEGEND_ROW * legend_rows + 0.1
    sheet = Sheet.blank(width_cm, top + rows * (above + height) + (rows - 1) * _ROW_GAP + _BELOW + bottom, theme)
    axes = []
    for index, name in enumerate(titles):
        row, column = divmod(index, columns)
        panel = sheet.plot(left + column * (side + _GAP),
                           sheet.height - top - (row + 1) * (above + height) - row * _ROW_GAP, side, height)
        panel.set_title(fitted(name, side, NAME_PT), loc="left", fontsize=NAME_PT, pad=4)
        if column:
            panel.tick_params(labelleft=False)
        axes.append(panel)
    sheet.write_heading(heading)
    middle = (left + (width_cm - _RIGHT)) / 2
    room = min(width_cm - 1.0, 1.9 * (width_cm - middle))  # on a screen's pixels letters run some percent wider
    sheet.write(middle, bottom + 0.12, fitted(names[0], room, NAME_PT), ha="center", va="bottom")
    # Centred on the panels, a long name reaches into the room above them, which a title leaves.
    height_cm = sheet.height - top - bottom if heading else 0.95 * (sheet.height - top - bottom - _BELOW)
    sheet.write(0.12, (bottom + _BELOW + sheet.height - top) / 2, fitted(names[1], height_cm, NAME_PT), rotation=90,
                va="center")
    if keys:
        sheet.add_legend(keys, legend_columns)
    return Panels(sheet.figure, tuple(axes), columns)


def add_grid(axes: Axes, theme: Theme, axis: Literal["both", "x", "y"] = "both") -> None:
    """Draw thin lines at the ticks of an ``axis``, behind what is plotted."""
    axes.grid(axis=axis, color=theme.line, linewidth=0.5)
    axes.set_axisbelow(True)


def percent_axes(axes: Axes, theme: Theme) -> None:
    """Make both axes run over shares 0 - 1, written in percent."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    add_grid(axes, theme)
