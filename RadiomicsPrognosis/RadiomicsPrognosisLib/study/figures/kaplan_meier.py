"""Kaplan-Meier curves of groups with confidence bands and censoring marks, and the numbers at risk under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from ...figures.layout import (
    NAME_PT,
    NARROW_CM,
    SMALL_PT,
    Look,
    Sheet,
    add_grid,
    fitted,
    fitted_heading,
    heading_cm,
    text_cm,
)
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...statistics.kaplan_meier import KaplanMeier
from ...texts import clean

#: Line styles by order, beside the colours, and the lines' width in points.
_DASHES: tuple[LineStyleType, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
_LINE_PT = 1.7

#: Heights in cm: the plot, the axis' ticks and name, a row of numbers at risk and its group's name where that stands
#: above it, a line of the title.
_PLOT, _AXIS, _ROW, _NAME, _LINE = 6.2, 1.25, 0.42, 0.4, 0.45

#: Margin in cm at the right.
_RIGHT = 0.4

#: Size in points of the remark under the title.
_NOTE_PT = 8.0


@dataclass(frozen=True)
class CurveLine:
    """A group's ``curve``, its numbers ``at_risk`` at the ticks, and the theme's ``colour``: better, worse, patient,
    ink."""

    label: str
    curve: KaplanMeier
    at_risk: Sequence[int]
    colour: str


def draw_kaplan_meier(lines: Sequence[CurveLine], ticks: Sequence[float], vertical: str, title: str = "",
                      remark: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the curves with ``ticks`` in months; ``remark``, such as test and hazard ratio, stands under the title.

    The numbers at risk, with each group's line before its name, are the legend.
    """
    narrow = width_cm < NARROW_CM
    # Beside the plot stand the groups' names with a line each, and half of the first number.
    left = 1.5 if narrow else min(max(1.75 + max(text_cm(clean(line.label), SMALL_PT) for line in lines), 3.0), 5.5)
    heading = fitted_heading(title, width_cm, 2)
    note = fitted(remark, width_cm - 0.4, _NOTE_PT, lines=3)
    above = 0.25 + heading_cm(heading) + _LINE * (note.count("\n") + 1 if note else 0)
    row = _ROW + (_NAME if narrow else 0.0)
    below = _AXIS + 0.55 + row * len(lines) + 0.1
    with style(theme):
        sheet = Sheet.blank(width_cm, above + _PLOT + below, theme)
        axes = sheet.plot(left, below, width_cm - (left + _RIGHT), _PLOT)
        end = max([ticks[-1] if len(ticks) else 0.0, *(float(line.curve.times[-1]) for line in lines)])
        axes.set_xlim(0, end)
        axes.set_ylim(0, 1.02)
        axes.set_yticks(np.linspace(0, 1, 6), [f"{value:.0f}" for value in np.linspace(0, 100, 6)])
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        add_grid(axes, theme)
        for index, line in enumerate(lines):
            _draw(axes, line.curve, _look(line, index, theme))
        axes.set_xlabel("Months", labelpad=2)
        axes.set_ylabel(f"{fitted(vertical, _PLOT - 0.7, NAME_PT)} (%)")
        sheet.write_heading(heading)
        sheet.write(0.2, sheet.height - (0.15 + heading_cm(heading)), note, _NOTE_PT, va="top")
        _write_risk_table(sheet, axes, lines, ticks, (left, below - _AXIS - 0.05, row), theme)
    return sheet.figure


def _look(line: CurveLine, index: int, theme: Theme) -> Look:
    return {"color": getattr(theme, line.colour), "linestyle": _DASHES[index % len(_DASHES)], "linewidth": _LINE_PT}


def _draw(axes: Axes, curve: KaplanMeier, look: Look) -> None:
    """Draw a curve to its last follow-up, with its band and a mark at every censored time."""
    times = np.concatenate([[0.0], curve.times])
    survival = np.concatenate([[1.0], curve.survival])
    axes.plot(times, survival, drawstyle="steps-post", zorder=4, **look)
    lower = np.ma.concatenate([[1.0], curve.lower])
    upper = np.ma.concatenate([[1.0], curve.upper])
    axes.fill_between(times, lower, upper, step="post", color=look["color"], alpha=0.13, linewidth=0, zorder=2)
    lost = curve.censored > 0
    axes.plot(curve.times[lost], curve.survival[lost], linestyle="none", marker="|", markersize=5, markeredgewidth=0.8,
              color=look["color"], zorder=5, clip_on=False)


def _write_risk_table(sheet: Sheet, axes: Axes, lines: Sequence[CurveLine], ticks: Sequence[float],
                      place: tuple[float, float, float], theme: Theme) -> None:
    """Write the numbers at risk under the ticks; ``place`` is the plot's left, the table's top and a row's height."""
    left, top, row = place
    narrow = row > _ROW
    sheet.write(0.2, top, "Number at risk", SMALL_PT, va="top", fontweight="bold")
    low, high = axes.get_xlim()
    span = sheet.width - left - _RIGHT
    widths = [max(text_cm(str(line.at_risk[i]), SMALL_PT) for line in lines) for i in range(len(ticks))]
    shown = _free(ticks, widths, high, span)
    for index, line in enumerate(lines):
        y = top - 0.42 - row * index - 0.21
        start, name, room = (0.3, 1.3, sheet.width - 1.5) if narrow else (0.2, 1.15, left - 1.65)
        sheet.draw_sample(start, y, 0.8, **_look(line, index, theme))
        sheet.write(name, y, fitted(line.label, room, SMALL_PT), SMALL_PT, va="center")
        for i in shown:
            sheet.write(left + span * (ticks[i] - low) / (high - low), y - _NAME * narrow, str(line.at_risk[i]),
                        SMALL_PT, ha="center", va="center")


def _free(ticks: Sequence[float], widths: Sequence[float], end: float, span: float) -> list[int]:
    """Return the indices of the ticks whose numbers do not run into each other."""
    shown: list[int] = []
    for i, tick in enumerate(ticks):
        room = 0.5 * (widths[i] + (widths[shown[-1]] if shown else 0.0)) + 0.12
        if not shown or (tick - ticks[shown[-1]]) / end * span >= room:
            shown.append(i)
    return shown
