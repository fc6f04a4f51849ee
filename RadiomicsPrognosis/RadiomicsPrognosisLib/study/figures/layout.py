"""Where things stand in a study's figures: panels in cm, legends in rows under them, and how series are told apart."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

from ...figures.theme import Theme, font_families, new_figure
from ...texts import clean

#: Below this width (cm) panels stand one under the other.
NARROW_CM = 12.0

#: Sizes in points: titles, axis names and panel titles, legends and remarks.
TITLE_PT, NAME_PT, SMALL_PT = 9.0, 8.5, 7.5

_CM_PER_POINT = 2.54 / 72

#: Margins of a panel in cm: axis names and tick labels at the left and below, its title above, gap to the next.
_LEFT, _BELOW, _ABOVE, _GAP, _RIGHT = 1.5, 1.15, 0.6, 0.55, 0.35

_LEGEND_ROW = 0.45

#: Width in cm of a legend's line sample with its gaps.
_HANDLE = 1.55

#: Room in cm for a legend's text, with which it fits the narrowest figure.
_KEY_CM = 6.0

#: Largest width of a panel in cm: wider, a curve says no more.
_LARGEST = 7.5

#: Told apart by colour and by line style: fields of Theme with dashes.
_SERIES = (("patient", "-"), ("better", (0, (5, 2))), ("worse", (0, (1.2, 1.2))), ("ink", (0, (6, 1.5, 1.2, 1.5))))


def series(theme: Theme, index: int) -> dict[str, Any]:
    """Return colour and line style of the ``index``-th (from 0) of several series; they repeat after twelve."""
    colour, _ = _SERIES[index % len(_SERIES)]
    _, dashes = _SERIES[(index + index // len(_SERIES)) % len(_SERIES)]
    return {"color": getattr(theme, colour), "linestyle": dashes}


def key(label: str, **line: Any) -> Line2D:
    """Return a legend's entry."""
    return Line2D([], [], label=fitted(label, _KEY_CM, SMALL_PT), **line)


@functools.lru_cache(maxsize=4096)
def text_cm(text: str, size: float, bold: bool = False) -> float:
    """Return the width in cm of a line of text of ``size`` points."""
    font = FontProperties(family=font_families(), size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, False)[0] * _CM_PER_POINT


def fitted(text: object, width_cm: float, size: float, bold: bool = False, lines: int = 1) -> str:
    """Return cleaned ``text`` in at most ``lines`` lines of that width, what has no room as an ellipsis."""
    words, made = clean(text, 400).split(), []
    while words and len(made) < lines:
        count = 1
        while count < len(words) and text_cm(" ".join(words[:count + 1]), size, bold) <= width_cm:
            count += 1
        line, words = " ".join(words[:count]), words[count:]
        last = bool(words) and len(made) == lines - 1
        if last or text_cm(line, size, bold) > width_cm:
            line = _cut(line, width_cm, size, bold)
        made.append(line)
    return "\n".join(made)


def _cut(line: str, width_cm: float, size: float, bold: bool) -> str:
    """Return as many characters as fit with an ellipsis."""
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_cm(line[:middle].rstrip() + "…", size, bold) <= width_cm
        low, high = (middle, high) if fits else (low, middle - 1)
    return line[:low].rstrip() + "…"


def heading_cm(heading: str) -> float:
    """Return the height of a figure's title."""
    return 0.5 * (heading.count("\n") + 1) if heading else 0.0


def write_heading(figure: Figure, heading: str) -> None:
    """Write a figure's title at its upper left."""
    width_cm, height_cm = figure.get_size_inches() * 2.54
    figure.text(0.2 / width_cm, 1 - 0.15 / height_cm, heading, va="top", fontsize=TITLE_PT, fontweight="bold")


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
                width_cm: float, shape: float = 1.0) -> Panels:
    """Return a figure at most ``width_cm`` wide with a panel per title, of height ``shape`` x width.

    ``title`` stands above all, ``names`` of the (horizontal, vertical) axis once, and the legend of ``keys`` below.
    """
    columns = 1 if width_cm < NARROW_CM else min(len(titles), 3)
    rows = -(-len(titles) // columns)
    side = min((width_cm - _LEFT - _RIGHT - _GAP * (columns - 1)) / columns, _LARGEST)
    width_cm = _LEFT + _RIGHT + _GAP * (columns - 1) + side * columns
    heading = fitted(title, width_cm - 0.4, TITLE_PT, True, 3)
    top = heading_cm(heading) + (0.3 if heading else 0.15)
    legend_columns, legend_rows = legend_shape([item.get_label() for item in keys], width_cm)
    above = _ABOVE if any(titles) else 0.2
    height = side * shape
    bottom = _LEGEND_ROW * legend_rows + 0.1
    total = top + rows * (above + height) + (rows - 1) * 0.75 + _BELOW + bottom
    figure = new_figure(width_cm, total, theme)
    axes = []
    for index, name in enumerate(titles):
        row, column = divmod(index, columns)
        x = _LEFT + column * (side + _GAP)
        y = total - top - (row + 1) * (above + height) - row * 0.75
        panel = figure.add_axes((x / width_cm, y / total, side / width_cm, height / total))
        panel.set_title(fitted(name, side, NAME_PT), loc="left", fontsize=NAME_PT, pad=4)
        if column:
            panel.tick_params(labelleft=False)
        axes.append(panel)
    write_heading(figure, heading)
    centre = (_LEFT + (width_cm - _RIGHT)) / 2
    figure.text(centre / width_cm, (bottom + 0.12) / total, fitted(names[0], width_cm - 1.0, NAME_PT), ha="center",
                va="bottom")
    figure.text(0.12 / width_cm, (bottom + _BELOW + total - top) / 2 / total,
                fitted(names[1], total - top - bottom, NAME_PT), rotation=90, va="center")
    if keys:
        figure.legend(handles=list(keys), loc="lower left", ncols=legend_columns, bbox_to_anchor=(0.1 / width_cm, 0.0),
                      **LEGEND)
    return Panels(figure, tuple(axes), columns)


#: How a legend under a figure is set.
LEGEND = {"frameon": False, "fontsize": 7.5, "handlelength": 2.6, "columnspacing": 1.2, "borderpad": 0.3,
          "labelspacing": 0.45, "handletextpad": 0.6}


def legend_shape(labels: Sequence[str], width_cm: float) -> tuple[int, int]:
    """Return numbers of columns and rows of a legend that fits ``width_cm``."""
    if not labels:
        return 1, 0
    widest = max(text_cm(label, SMALL_PT) for label in labels) + _HANDLE
    columns = max(1, min(len(labels), int((width_cm - 0.2) / widest)))
    return columns, -(-len(labels) // columns)


def percent_axes(axes: Axes, theme: Theme) -> None:
    """Make both axes run over shares 0 - 1, written in percent."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(color=theme.line, linewidth=0.5)
    axes.set_axisbelow(True)
