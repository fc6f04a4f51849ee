"""Forest plot: hazard or odds ratios with intervals on a logarithmic axis, each with its numbers beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style
from ...notation import p_cell, p_text, ratio_interval
from ...texts import feature_label
from ..results import Effect
from .layout import NAME_PT, NARROW_CM, SMALL_PT, TITLE_PT, fitted, text_cm, write_heading

#: Heights in cm of a row, of a row's second line, and of head and axis.
_ROW, _SECOND, _HEAD, _AXIS = 0.58, 0.36, 0.75, 1.3

#: Size in points of a narrow figure's rows.
_NARROW_PT = 7.2

#: Widths in cm of the columns with ratio and p.
_RATIO, _P = 3.7, 1.4

#: The axis shows no more than this many decades on either side of 1; an interval beyond ends in an arrow.
_DECADES = 2.5


def draw_forest(groups: Sequence[tuple[str, Sequence[Effect]]], ratio_name: str, title: str = "",
                theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the effects under their groups' titles; ``ratio_name`` is 'Hazard ratio' or 'Odds ratio'.

    An effect that could not be fitted is a row that says why.
    """
    narrow = width_cm < NARROW_CM
    name_cm = width_cm * (0.55 if narrow else 0.29)
    rows: list[tuple[str, Effect | None, float]] = []
    for name, effects in groups:
        if name:
            rows.append((fitted(name, width_cm - 0.4, 8, True), None, _ROW))
        for effect in effects:
            room, size = name_cm - 0.4, _NARROW_PT if narrow else 8.0
            label = fitted(effect_label(effect), room, size, lines=3)
            if narrow:
                text, p = _numbers(effect)
                lines = [fitted(text, room, size, lines=2), *([p_text(effect.p)] if p else [])]
                label += "\n" + (", " if text_cm(", ".join(lines), size) <= room else "\n").join(lines)
            rows.append((label, effect, _ROW + _SECOND * label.count("\n")))
    above = 0.2 + (0.5 if title else 0)
    total = above + _HEAD + sum(height for *_, height in rows) + _AXIS
    with style(theme):
        figure = new_figure(width_cm, total, theme)
        sheet = figure.add_axes((0, 0, 1, 1))
        sheet.set_xlim(0, width_cm)
        sheet.set_ylim(total, 0)
        sheet.axis("off")
        right = 0.5 if narrow else _RATIO + _P
        plot = figure.add_axes((name_cm / width_cm, _AXIS / total, 1 - (name_cm + right) / width_cm,
                                (total - above - _HEAD - _AXIS) / total))
        _set_axis(plot, [effect for _, effect, _ in rows if effect], ratio_name, width_cm - name_cm - right, theme)
        plot.set_ylim(sum(height for *_, height in rows), 0)
        if title:
            write_heading(figure, fitted(title, width_cm - 0.4, TITLE_PT, True))
        _write_head(sheet, above, ratio_name, width_cm, narrow)
        y = 0.0
        for label, effect, height in rows:
            middle = above + _HEAD + y + height / 2
            if effect is None:
                sheet.text(0.2, middle, label, va="center", fontsize=8, fontweight="bold")
            else:
                _write(sheet, middle, label, effect, width_cm, narrow)
                _draw(plot, y + height / 2, effect, theme)
            y += height
            sheet.plot([0.2, width_cm - 0.2], [above + _HEAD + y] * 2, color=theme.line, linewidth=0.4)
    return figure


def effect_label(effect: Effect) -> str:
    """Return an effect's name: 'Location: cardia vs antrum', or its title."""
    if not effect.level:
        # A feature entered one by one is '<signature>/<feature>'.
        return feature_label(effect.title.rpartition(":")[2]) if "/" in effect.term else effect.title
    against = f" vs {effect.reference}" if effect.reference else ""
    return f"{effect.title}: {effect.level}{against}"


def _set_axis(plot: Axes, effects: Sequence[Effect], ratio_name: str, width: float, theme: Theme) -> None:
    """Set a logarithmic axis that shows 1 and the intervals, within limits, and ticks that have room."""
    ends = [value for effect in effects for value in (effect.lower, effect.ratio, effect.upper)
            if value is not None and math.isfinite(value) and value > 0]
    exponents = [min(max(math.log10(value), -_DECADES), _DECADES) for value in ends] + [-0.3, 0.3]
    low, high = min(exponents) - 0.1, max(exponents) + 0.1
    plot.set_xscale("log")
    plot.set_xlim(10**low, 10**high)
    most = max(2, int(width / 0.85))
    choices = ((0.5, 1, 2), (0.25, 0.5, 1, 2, 4), (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50), (0.01, 0.1, 1, 10, 100),
               (0.01, 1, 100))
    inside = [[tick for tick in ticks if 10**low <= tick <= 10**high] for ticks in choices]
    ticks = max((item for item in inside if 2 <= len(item) <= most), key=lambda item: (item[-1] / item[0], len(item)),
                default=[1])
    plot.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    plot.minorticks_off()
    plot.set_yticks([])
    plot.spines["left"].set_visible(False)
    plot.grid(axis="x", color=theme.line, linewidth=0.5)
    plot.set_axisbelow(True)
    plot.axvline(1, color=theme.ink, linewidth=0.9)
    note = "log" if width < 5 else "logarithmic axis"
    plot.set_xlabel(f"{fitted(ratio_name, width - (1.0 if width < 5 else 3.0), NAME_PT)} ({note})")


def _write_head(sheet: Axes, above: float, ratio_name: str, width_cm: float, narrow: bool) -> None:
    ratio_name = fitted(ratio_name, 2.2, SMALL_PT)
    if narrow:
        sheet.text(0.2, above + 0.35, f"{ratio_name} (95 % CI), p", va="center", fontsize=7.5)
        return
    sheet.text(width_cm - _RATIO - _P + 0.35, above + 0.35, f"{ratio_name} (95 % CI)", va="center", fontsize=7.5)
    sheet.text(width_cm - 0.2, above + 0.35, "p", va="center", ha="right", fontsize=7.5, style="italic")


def _numbers(effect: Effect) -> tuple[str, str]:
    """Return the ratio with its interval, and p; or why there are none."""
    if effect.ratio is None:
        return f"not fitted: {effect.status}", ""
    return ratio_interval(effect.ratio, effect.lower, effect.upper), p_cell(effect.p)


def _write(sheet: Axes, y: float, label: str, effect: Effect, width_cm: float, narrow: bool) -> None:
    """Write a row's name and numbers; narrow, the name holds the numbers already."""
    sheet.text(0.2, y, label, va="center", fontsize=_NARROW_PT if narrow else 8, linespacing=1.25 if narrow else 1.1)
    if narrow:
        return
    text, p = _numbers(effect)
    room = _RATIO - 0.45 + (_P if not p else 0)
    sheet.text(width_cm - _RATIO - _P + 0.35, y, fitted(text, room, SMALL_PT, lines=2), va="center",
               fontsize=SMALL_PT, linespacing=1.05)
    sheet.text(width_cm - 0.2, y, p, va="center", ha="right", fontsize=7.5,
               fontweight="bold" if effect.p is not None and effect.p < 0.05 else "normal")


def _draw(plot: Axes, y: float, effect: Effect, theme: Theme) -> None:
    """Draw estimate and interval; what lies beyond the axis is an arrow at its end."""
    if effect.ratio is None:
        return
    low, high = plot.get_xlim()
    lower, upper = max(effect.lower or 0.0, low), min(math.inf if effect.upper is None else effect.upper, high)
    colour = theme.patient
    if lower < high and upper > low:
        plot.plot([lower, upper], [y, y], color=colour, linewidth=1.3, solid_capstyle="butt", zorder=3)
    for beyond, x, marker in ((lower == low, low, "<"), (upper == high, high, ">")):
        if beyond:
            plot.plot([x], [y], marker=marker, markersize=5, color=colour, clip_on=False, zorder=3)
    if low <= effect.ratio <= high:
        plot.plot([effect.ratio], [y], marker="s", markersize=5, color=colour, zorder=4)


