"""Box plots of a score by outcome in every cohort, each row of the cohort a dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.layout import (
    NAME_PT,
    Sheet,
    add_grid,
    fitted,
    fitted_heading,
    heading_cm,
    key,
    legend_shape,
    threshold_line,
)
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...texts import number

#: Marks and hatches tell the groups where colour does not; a hatch has the colour of its line.
_MARKERS = ("o", "^", "s", "D")

#: Height in cm of the plot.
_PLOT = 6.0

#: The golden ratio's fraction, whose multiples fill 0 - 1 evenly.
_GOLDEN = 0.6180339887


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
        keys.append(key(f"cut-off {number(cutoff, 4)}", **threshold_line(theme)))
    with style(theme):
        width_cm = min(width_cm, 3.5 + 3.6 * len(columns)) if len(columns) > 1 else min(width_cm, 8.0)
        span = width_cm - 1.9
        room = span / len(columns) - 0.2
        legend_columns, legend_rows = legend_shape(keys, width_cm)
        names = ["\n".join(filter(None, (fitted(name, room, 8, lines=2), fitted(remark, room, 8, lines=3))))
                 for name, remark, _ in columns]
        below = 0.45 + 0.38 * max(name.count("\n") + 1 for name in names) + 0.5 * legend_rows
        heading = fitted_heading(title, width_cm, 3)
        sheet = Sheet.blank(width_cm, 0.3 + heading_cm(heading) + _PLOT + below, theme)
        axes = sheet.plot(1.6, below, span, _PLOT)
        for column, (_, _, boxes) in enumerate(columns):
            for box in boxes:
                place = column + (box.series - (len(labels) - 1) / 2) * 0.8 / len(labels)
                _draw_box(axes, place, box, 0.55 / len(labels), theme)
        axes.set_xlim(-0.55, len(columns) - 0.45)
        axes.set_xticks(range(len(columns)), names)
        axes.tick_params(axis="x", length=0)
        add_grid(axes, theme, "y")
        axes.set_ylabel(fitted(score, _PLOT, NAME_PT))
        if cutoff is not None:
            axes.axhline(cutoff, zorder=1.5, **threshold_line(theme))
        sheet.write_heading(heading)
        sheet.add_legend(keys, legend_columns)
    return sheet.figure


def _draw_box(axes: Axes, place: float, box: ScoreBox, width: float, theme: Theme) -> None:
    colour = getattr(theme, box.colour)
    line = {"color": colour, "linewidth": 1.1}
    axes.boxplot([box.values], positions=[place], widths=[width], showfliers=False, manage_ticks=False, zorder=3,
                 boxprops=line, whiskerprops=line, capprops=line, medianprops={"color": theme.ink, "linewidth": 1.6})
    # The same spread in every run.
    spread = (np.arange(len(box.values)) * _GOLDEN % 1 - 0.5) * 0.8 * width
    axes.plot(place + spread, box.values, linestyle="none", marker=_MARKERS[box.series % 4], markersize=2.4,
              color=colour, alpha=0.55, markeredgewidth=0, zorder=2)
