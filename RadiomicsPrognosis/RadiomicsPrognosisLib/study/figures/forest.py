"""Forest plot: hazard or odds ratios with intervals on a logarithmic axis, each with its numbers beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.layout import NAME_PT, NARROW_CM, SMALL_PT, Sheet, add_grid, fitted, fitted_heading, text_cm
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...notation import p_cell, p_text, ratio_interval
from ...texts import feature_label
from ..results.performance import Effect

#: Heights in cm of a row, of a row's second line, and of head and axis.
_ROW, _SECOND, _HEAD, _AXIS = 0.58, 0.36, 0.75, 1.3

#: Sizes in points of the rows, in a narrow figure and in others.
_NARROW_PT, _WIDE_PT = 7.2, 8.0

#: Widths in cm of the columns with ratio and p, and of the margin.
_RATIO, _P, _MARGIN = 3.7, 1.4, 0.2

#: The axis shows no more than this many decades on either side of 1; an interval beyond ends in an arrow.
_DECADES = 2.5

#: The ticks that an axis may have, the fewest last, and the room (cm) that each needs.
_TICKS = ((0.5, 1, 2), (0.25, 0.5, 1, 2, 4), (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50), (0.01, 0.1, 1, 10, 100),
          (0.01, 1, 100))
_TICK_CM = 0.85

#: A p value below this is printed bold.
_BOLD = 0.05


@dataclass(frozen=True)
class _EffectRow:
    """A line of the plot: its ``label``, the ``effect`` (None: the title of a group), its ``height`` in cm."""

    label: str
    effect: Effect | None
    height: float


def draw_forest(groups: Sequence[tuple[str, Sequence[Effect]]], ratio_name: str, title: str = "",
                theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the effects under their groups' titles; ``ratio_name`` is 'Hazard ratio' or 'Odds ratio'.

    An effect that could not be fitted is a row that says why.
    """
    narrow = width_cm < NARROW_CM
    name_cm, right = (width_cm * 0.55, 0.5) if narrow else (width_cm * 0.29, _RATIO + _P)
    rows = _rows(groups, name_cm, narrow, width_cm)
    above, height = 0.2 + (0.5 if title else 0), sum(row.height for row in rows)
    with style(theme):
        sheet = Sheet.blank(width_cm, above + _HEAD + height + _AXIS, theme)
        page = sheet.figure.add_axes((0, 0, 1, 1))
        page.set_xlim(0, width_cm)
        page.set_ylim(sheet.height, 0)
        page.axis("off")
        plot = sheet.plot(name_cm, _AXIS, width_cm - name_cm - right, height)
        _set_axis(plot, [row.effect for row in rows if row.effect], ratio_name, width_cm - name_cm - right, theme)
        plot.set_ylim(height, 0)
        if title:
            sheet.write_heading(fitted_heading(title, width_cm))
        _write_head(page, above, ratio_name, width_cm, narrow)
        y = 0.0
        for row in rows:
            _write(page, above + _HEAD + y + row.height / 2, row, width_cm, narrow)
            _draw(plot, y + row.height / 2, row.effect, theme)
            y += row.height
            page.plot([_MARGIN, width_cm - _MARGIN], [above + _HEAD + y] * 2, color=theme.line, linewidth=0.4)
    return sheet.figure


def _rows(groups: Sequence[tuple[str, Sequence[Effect]]], name_cm: float, narrow: bool, width_cm: float
          ) -> list[_EffectRow]:
    """Return the lines; in a narrow figure a line's label holds its numbers."""
    rows: list[_EffectRow] = []
    room, size = name_cm - 2 * _MARGIN, _NARROW_PT if narrow else _WIDE_PT
    for name, effects in groups:
        if name:
            rows.append(_EffectRow(fitted(name, width_cm - 2 * _MARGIN, _WIDE_PT, True), None, _ROW))
        for effect in effects:
            label = fitted(effect_label(effect), room, size, lines=3)
            if narrow:
                text, p = _numbers(effect)
                lines = [fitted(text, room, size, lines=2), *([p_text(effect.p)] if p else [])]
                label += "\n" + (", " if text_cm(", ".join(lines), size) <= room else "\n").join(lines)
            rows.append(_EffectRow(label, effect, _ROW + _SECOND * label.count("\n")))
    return rows


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
    most = max(2, int(width / _TICK_CM))
    inside = [[tick for tick in ticks if 10**low <= tick <= 10**high] for ticks in _TICKS]
    ticks = max((item for item in inside if 2 <= len(item) <= most), key=lambda item: (item[-1] / item[0], len(item)),
                default=[1])
    plot.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    plot.minorticks_off()
    plot.set_yticks([])
    plot.spines["left"].set_visible(False)
    add_grid(plot, theme, "x")
    plot.axvline(1, color=theme.ink, linewidth=0.9)
    note = "log" if width < 5 else "logarithmic axis"
    plot.set_xlabel(f"{fitted(ratio_name, width - (1.0 if width < 5 else 3.0), NAME_PT)} ({note})")


def _write_head(page: Axes, above: float, ratio_name: str, width_cm: float, narrow: bool) -> None:
    ratio_name, y = fitted(ratio_name, 2.2, SMALL_PT), above + 0.35
    if narrow:
        page.text(_MARGIN, y, f"{ratio_name} (95 % CI), p", va="center", fontsize=SMALL_PT)
        return
    page.text(width_cm - _RATIO - _P + 0.35, y, f"{ratio_name} (95 % CI)", va="center", fontsize=SMALL_PT)
    page.text(width_cm - _MARGIN, y, "p", va="center", ha="right", fontsize=SMALL_PT, style="italic")


def _numbers(effect: Effect) -> tuple[str, str]:
    """Return the ratio with its interval, and p; or why there are none."""
    if effect.ratio is None:
        return f"not fitted: {effect.status}", ""
    return ratio_interval(effect.ratio, effect.lower, effect.upper), p_cell(effect.p)


def _write(page: Axes, y: float, row: _EffectRow, width_cm: float, narrow: bool) -> None:
    """Write a line's label and numbers; narrow, the label holds the numbers already."""
    effect = row.effect
    if effect is None:
        page.text(_MARGIN, y, row.label, va="center", fontsize=_WIDE_PT, fontweight="bold")
        return
    page.text(_MARGIN, y, row.label, va="center", fontsize=_NARROW_PT if narrow else _WIDE_PT,
              linespacing=1.25 if narrow else 1.1)
    if narrow:
        return
    text, p = _numbers(effect)
    room = _RATIO - 0.45 + (_P if not p else 0)
    page.text(width_cm - _RATIO - _P + 0.35, y, fitted(text, room, SMALL_PT, lines=2), va="center", fontsize=SMALL_PT,
              linespacing=1.05)
    page.text(width_cm - _MARGIN, y, p, va="center", ha="right", fontsize=SMALL_PT,
              fontweight="bold" if effect.p is not None and effect.p < _BOLD else "normal")


def _draw(plot: Axes, y: float, effect: Effect | None, theme: Theme) -> None:
    """Draw estimate and interval, if any; what lies beyond the axis is an arrow at its end."""
    if effect is None or effect.ratio is None:
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
