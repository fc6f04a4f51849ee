"""Where things stand in a study's figures: panels in cm, legends in rows under them, and how series are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...figures.theme import Theme, new_figure
from ...texts import clean, wrapped

#: Below this width (cm) panels stand one under the other.
NARROW_CM = 12.0

#: Width in cm of a character of a figure's small text (7.5 points, DejaVu Sans), rather too wide than too narrow.
CHARACTER_CM = 0.165

#: Margins of a panel in cm: axis names and tick labels at the left and below, its title above, gap to the next.
_LEFT, _BELOW, _ABOVE, _GAP, _RIGHT = 1.5, 1.15, 0.6, 0.55, 0.35

_TITLE, _LEGEND_ROW = 0.6, 0.45

#: Width in cm of a legend's line sample with its gaps.
_HANDLE = 1.35

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
    return Line2D([], [], label=label, **line)


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
    heading = wrapped(title, int((width_cm - 0.4) / CHARACTER_CM / 1.15), 3) if title else ""
    top = _TITLE * (heading.count("\n") + 1 if heading else 0) + 0.15
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
        panel.set_title(clean(name, int(side / CHARACTER_CM)), loc="left", fontsize=8.5, pad=4)
        if column:
            panel.tick_params(labelleft=False)
        axes.append(panel)
    if heading:
        figure.text(0.2 / width_cm, 1 - 0.15 / total, heading, va="top", fontsize=9, fontweight="bold")
    centre = (_LEFT + (width_cm - _RIGHT)) / 2
    figure.text(centre / width_cm, (bottom + 0.12) / total, wrapped(names[0], int(width_cm / 0.19), 1), ha="center",
                va="bottom")
    figure.text(0.12 / width_cm, (bottom + _BELOW + total - top) / 2 / total, clean(names[1], 60), rotation=90,
                va="center")
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
    widest = max(len(line) for label in labels for line in label.split("\n")) * CHARACTER_CM + _HANDLE
    columns = max(1, min(len(labels), int((width_cm - 0.2) / widest)))
    rows = sum(max(label.count("\n") + 1 for label in labels[start:start + columns])
               for start in range(0, len(labels), columns))
    return columns, rows


def percent_axes(axes: Axes, theme: Theme) -> None:
    """Make both axes run over shares 0 - 1, written in percent."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(color=theme.line, linewidth=0.5)
    axes.set_axisbelow(True)
