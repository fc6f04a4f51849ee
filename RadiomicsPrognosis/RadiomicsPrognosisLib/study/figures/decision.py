"""Decision curves: the net benefit of acting on a predicted risk, against treating all and treating none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from ...figures.layout import Look, add_grid, key, make_panels, series
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...statistics.decision_curve import DecisionCurve


@dataclass(frozen=True)
class DecisionLine:
    """A model's ``curve``; ``number`` fixes its line style."""

    label: str
    number: int
    curve: DecisionCurve


def draw_decision_curves(panels: Sequence[tuple[str, Sequence[DecisionLine]]], title: str = "", theme: Theme = LIGHT,
                         width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return a panel per (title, lines). 'Treat all' is that of a panel's first line: its rows are all of them."""
    names = {line.number: line.label for _, lines in panels for line in lines}
    everyone: Look = {"color": theme.muted, "linestyle": "-", "linewidth": 0.9}
    none: Look = {"color": theme.ink, "linestyle": "-", "linewidth": 1.8}
    curves = [line.curve for _, lines in panels for line in lines]
    top = max([0.05, *(float(max(curve.net_benefit.max(), curve.treat_all.max())) for curve in curves)])
    with style(theme):
        keys = [key(label, **series(theme, number, 1.6)) for number, label in sorted(names.items())]
        keys += [key("treat all", **everyone), key("treat none", **none)]
        sheet = make_panels([name for name, _ in panels], title,
                            ("Threshold: risk at which one would treat (%)", "Net benefit"), keys, theme, width_cm,
                            0.85)
        for index, (axes, (_, lines)) in enumerate(zip(sheet.axes, panels, strict=True)):
            axes.set_xlim(0, 1)
            axes.set_ylim(-0.2 * top, 1.08 * top)
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
            add_grid(axes, theme)
            axes.axhline(0, zorder=2, **none)
            if lines:
                axes.plot(lines[0].curve.thresholds, lines[0].curve.treat_all, zorder=2, **everyone)
            for line in lines:
                axes.plot(line.curve.thresholds, line.curve.net_benefit, zorder=3, **series(theme, line.number, 1.6))
            if not sheet.is_left(index):
                axes.tick_params(labelleft=False)
    return sheet.figure
