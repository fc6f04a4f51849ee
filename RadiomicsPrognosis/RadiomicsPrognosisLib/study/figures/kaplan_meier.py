"""Kaplan-Meier curves of groups with confidence bands and censoring marks, and the numbers at risk under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style
from ...statistics.kaplan_meier import KaplanMeier
from ...texts import clean
from .layout import NAME_PT, NARROW_CM, SMALL_PT, TITLE_PT, fitted, heading_cm, text_cm, write_heading

#: Line styles by order, beside the colours.
_DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))

#: Heights in cm: the plot, the axis' ticks and name, a row of numbers at risk and its group's name where that stands
#: above it, a line of the title.
_PLOT, _AXIS, _ROW, _NAME, _LINE = 6.2, 1.25, 0.42, 0.4, 0.45

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
    heading = fitted(title, width_cm - 0.4, TITLE_PT, True, 2)
    note = fitted(remark, width_cm - 0.4, _NOTE_PT, lines=3)
    above = 0.25 + heading_cm(heading) + _LINE * (note.count("\n") + 1 if note else 0)
    row = _ROW + (_NAME if narrow else 0.0)
    below = _AXIS + 0.55 + row * len(lines) + 0.1
    total = above + _PLOT + below
    with style(theme):
        figure = new_figure(width_cm, total, theme)
        axes = figure.add_axes((left / width_cm, below / total, 1 - (left + 0.4) / width_cm, _PLOT / total))
        end = max([ticks[-1] if len(ticks) else 0.0, *(float(line.curve.times[-1]) for line in lines)])
        axes.set_xlim(0, end)
        axes.set_ylim(0, 1.02)
        axes.set_yticks(np.linspace(0, 1, 6), [f"{value:.0f}" for value in np.linspace(0, 100, 6)])
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.grid(color=theme.line, linewidth=0.5)
        axes.set_axisbelow(True)
        for line, dashes in zip(lines, _styles(len(lines)), strict=True):
            _draw(axes, line, dashes, end, theme)
        axes.set_xlabel("Months", labelpad=2)
        axes.set_ylabel(f"{fitted(vertical, _PLOT - 0.7, NAME_PT)} (%)")
        write_heading(figure, heading)
        figure.text(0.2 / width_cm, 1 - (0.15 + heading_cm(heading)) / total, note, va="top", fontsize=_NOTE_PT)
        _risk_table(figure, axes, lines, ticks, (left, below - _AXIS - 0.05, row), theme)
    return figure


def _styles(count: int) -> list[object]:
    return [_DASHES[index % len(_DASHES)] for index in range(count)]


def _draw(axes: Axes, line: CurveLine, dashes: object, end: float, theme: Theme) -> None:
    """Draw a curve to its last follow-up, with its band and a mark at every censored time."""
    curve, colour = line.curve, getattr(theme, line.colour)
    times = np.concatenate([[0.0], curve.times])
    survival = np.concatenate([[1.0], curve.survival])
    axes.plot(times, survival, color=colour, linestyle=dashes, drawstyle="steps-post", linewidth=1.7, zorder=4)
    lower = np.ma.concatenate([[1.0], curve.lower])
    upper = np.ma.concatenate([[1.0], curve.upper])
    axes.fill_between(times, lower, upper, step="post", color=colour, alpha=0.13, linewidth=0, zorder=2)
    lost = curve.censored > 0
    axes.plot(curve.times[lost], curve.survival[lost], linestyle="none", marker="|", markersize=5, markeredgewidth=0.8,
              color=colour, zorder=5, clip_on=False)


def _risk_table(figure: Figure, axes: Axes, lines: Sequence[CurveLine], ticks: Sequence[float],
                place: tuple[float, float, float], theme: Theme) -> None:
    """Write the numbers at risk under the ticks; ``place`` is the plot's left, the table's top and a row's height."""
    width_cm, total = figure.get_size_inches() * 2.54
    left, top, row = place
    narrow = row > _ROW
    figure.text(0.2 / width_cm, top / total, "Number at risk", va="top", fontsize=SMALL_PT, fontweight="bold")
    low, high = axes.get_xlim()
    span = width_cm - left - 0.4
    widths = [max(text_cm(str(line.at_risk[i]), SMALL_PT) for line in lines) for i in range(len(ticks))]
    shown = _free(ticks, widths, high, span)
    for index, (line, dashes) in enumerate(zip(lines, _styles(len(lines)), strict=True)):
        y = top - 0.42 - row * index - 0.21
        colour = getattr(theme, line.colour)
        if narrow:
            figure.add_artist(_sample(0.3, y, width_cm, total, colour, dashes))
            figure.text(1.3 / width_cm, y / total, fitted(line.label, width_cm - 1.5, SMALL_PT), va="center",
                        fontsize=SMALL_PT)
            y -= _NAME
        else:
            figure.add_artist(_sample(0.2, y, width_cm, total, colour, dashes))
            figure.text(1.15 / width_cm, y / total, fitted(line.label, left - 1.65, SMALL_PT), va="center",
                        fontsize=SMALL_PT)
        for i in shown:
            x = left + span * (ticks[i] - low) / (high - low)
            figure.text(x / width_cm, y / total, str(line.at_risk[i]), ha="center", va="center", fontsize=SMALL_PT)


def _sample(x: float, y: float, width_cm: float, total: float, colour: str, dashes: object) -> Line2D:
    return Line2D([x / width_cm, (x + 0.8) / width_cm], [y / total, y / total], color=colour, linestyle=dashes,
                  linewidth=1.7)


def _free(ticks: Sequence[float], widths: Sequence[float], end: float, span: float) -> list[int]:
    """Return the indices of the ticks whose numbers do not run into each other."""
    shown: list[int] = []
    for i, tick in enumerate(ticks):
        room = 0.5 * (widths[i] + (widths[shown[-1]] if shown else 0.0)) + 0.12
        if not shown or (tick - ticks[shown[-1]]) / end * span >= room:
            shown.append(i)
    return shown
