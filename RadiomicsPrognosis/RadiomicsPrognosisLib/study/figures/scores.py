"""Box plots of a score by outcome in every cohort, each row of the cohort a dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style
from ...texts import number
from .layout import LEGEND, NAME_PT, TITLE_PT, fitted, heading_cm, key, legend_shape, write_heading

#: Marks and hatches tell the groups where colour does not; a hatch has the colour of its line.
_MARKERS = ("o", "^", "s", "D")


@dataclass(frozen=True)
class ScoreBox:
    """The ``values`` (n,) of one group; ``colour`` names the theme's, ``series`` the group's place in every cohort."""

    label: str
    values: np.ndarray
    colour: str
    series: int


def draw_score_boxes(columns: Sequence[tuple[str, str, Sequence[ScoreBox]]], score: str, cutoff: float | None = None,
                     title: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the boxes of each (cohort, remark, boxes); ``score`` names the vertical axis.

    Boxes run from the lower to the upper quartile with the median, whiskers to the last dot within 1.5 times their
    length (Tukey); ``cutoff`` is a dashed line.
    """
    labels = {box.series: (box.label, box.colour) for _, _, boxes in columns for box in boxes}
    keys = [key(label, linestyle="none", marker=_MARKERS[place % 4], color=getattr(theme, colour))
            for place, (label, colour) in sorted(labels.items())]
    if cutoff is not None:
        keys.append(key(f"cut-off {number(cutoff, 4)}", color=theme.ink, linestyle=(0, (4, 2)), linewidth=1.0))
    with style(theme):
        width_cm = min(width_cm, 3.5 + 3.6 * len(columns)) if len(columns) > 1 else min(width_cm, 8.0)
        span = width_cm - 1.9
        room = span / len(columns) - 0.2
        wide, rows = legend_shape([item.get_label() for item in keys], width_cm)
        names = ["\n".join(filter(None, (fitted(name, room, 8, lines=2), fitted(remark, room, 8, lines=3))))
                 for name, remark, _ in columns]
        below = 0.45 + 0.38 * max(name.count("\n") + 1 for name in names) + 0.5 * rows
        heading = fitted(title, width_cm - 0.4, TITLE_PT, True, 3)
        above = 0.3 + heading_cm(heading)
        total = above + 6.0 + below
        figure = new_figure(width_cm, total, theme)
        axes = figure.add_axes((1.6 / width_cm, below / total, span / width_cm, 6.0 / total))
        for column, (_, _, boxes) in enumerate(columns):
            for box in boxes:
                place = column + (box.series - (len(labels) - 1) / 2) * 0.8 / len(labels)
                _draw_box(axes, place, box, 0.55 / len(labels), theme)
        axes.set_xlim(-0.55, len(columns) - 0.45)
        axes.set_xticks(range(len(columns)), names)
        axes.tick_params(axis="x", length=0)
        axes.grid(axis="y", color=theme.line, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_ylabel(fitted(score, 6.0, NAME_PT))
        if cutoff is not None:
            axes.axhline(cutoff, color=theme.ink, linestyle=(0, (4, 2)), linewidth=1.0, zorder=1.5)
        write_heading(figure, heading)
        figure.legend(handles=keys, loc="lower left", ncols=wide, bbox_to_anchor=(0.1 / width_cm, 0), **LEGEND)
    return figure


def _draw_box(axes: Axes, place: float, box: ScoreBox, width: float, theme: Theme) -> None:
    colour = getattr(theme, box.colour)
    line = {"color": colour, "linewidth": 1.1}
    axes.boxplot([box.values], positions=[place], widths=[width], showfliers=False, manage_ticks=False, zorder=3,
                 boxprops=line, whiskerprops=line, capprops=line, medianprops={"color": theme.ink, "linewidth": 1.6})
    # Spread by the golden ratio: even, and the same in every run.
    spread = (np.arange(len(box.values)) * 0.6180339887 % 1 - 0.5) * 0.8 * width
    axes.plot(place + spread, box.values, linestyle="none", marker=_MARKERS[box.series % 4], markersize=2.4,
              color=colour, alpha=0.55, markeredgewidth=0, zorder=2)
