"""A LASSO selection: its cross-validation curve and its coefficient paths, with lambda.min and lambda.1se marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style
from ...texts import feature_label, number
from ..results import PenalisedSelection
from .layout import LEGEND, NARROW_CM, TITLE_PT, fitted, heading_cm, key, series, write_heading

#: Names of the measures on the axis.
_MEASURES = {"deviance": "Partial likelihood deviance", "auc": "AUC", "C": "C-index"}

#: Line styles of lambda.min and lambda.1se.
_MIN, _1SE = (0, (5, 2)), (0, (1.2, 1.4))

#: Heights in cm.
_PLOT, _BELOW, _LEGEND_CM = 6.0, 1.15, 0.95

#: Size in points of the features' names.
_NAMES_PT = 6.5

#: No more paths than this are named: more names would not fit beside the plot.
_NAMED = 22


def draw_cross_validation(found: PenalisedSelection, title: str = "", theme: Theme = LIGHT,
                          width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the measure over lambda with one SE on either side; above the plot the numbers of selected features."""
    with style(theme):
        figure, axes = _plot(found, title, min(width_cm, 13.0), 0.35, theme)
        x = np.log(found.lambdas)
        axes.vlines(x, found.cvm - found.cvsd, found.cvm + found.cvsd, color=theme.muted, linewidth=0.8)
        axes.plot(x, found.cvm, linestyle="none", marker="o", markersize=2.8, color=theme.patient, zorder=3)
        measure = "Deviance" if found.family == "logistic" and found.measure == "deviance" else \
            _MEASURES.get(found.measure, found.measure)
        axes.set_ylabel(f"{measure} (±1 SE)")
        axes.grid(axis="y", color=theme.line, linewidth=0.5)
        axes.set_axisbelow(True)
    return figure


def draw_coefficient_paths(found: PenalisedSelection, title: str = "", theme: Theme = LIGHT,
                           width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the coefficients over lambda; those selected at the lambda taken are coloured and, with room, named."""
    used = found.index_1se if found.used_rule == "1se" else found.index_min
    chosen = np.flatnonzero(found.coefficients[:, used])
    named = len(chosen) <= _NAMED and width_cm >= NARROW_CM and len(chosen) > 0
    with style(theme):
        figure, axes = _plot(found, title, width_cm, 7.4 if named else 0.35, theme)
        x = np.log(found.lambdas)
        for index in np.setdiff1d(np.arange(len(found.features)), chosen):
            axes.plot(x, found.coefficients[index], color=theme.muted, linewidth=0.5, alpha=0.6)
        # The steepest paths first, so that neighbours in the list of names look different.
        order = chosen[np.argsort(-found.coefficients[chosen, used], kind="stable")]
        looks = [series(theme, place) for place in range(len(order))]
        for index, look in zip(order, looks, strict=True):
            axes.plot(x, found.coefficients[index], linewidth=1.3, zorder=3, **look)
        axes.axhline(0, color=theme.ink, linewidth=0.7)
        # As far as the selection went and half again: beyond, the path only overfits.
        shown = found.lambdas >= found.lambdas[used] / 4
        low, high = (found.coefficients[:, shown].min(initial=0.0), found.coefficients[:, shown].max(initial=0.0))
        pad = 0.06 * (high - low) or 1.0
        axes.set_ylim(low - pad, high + pad)
        axes.set_xlim(max(x[-1], np.log(found.lambdas[used] / 4)), x[0] + 0.03 * np.ptp(x))
        _mark_numbers(axes, found)
        axes.set_ylabel("Coefficient")
        if named:
            _name_paths(figure, axes, [(feature_label(found.features[index]), found.coefficients[index, used])
                                       for index in order], looks)
    return figure


def _plot(found: PenalisedSelection, title: str, width_cm: float, right: float, theme: Theme) -> tuple[Figure, Axes]:
    """Return a figure whose plot runs over log lambda, both rules marked and named under it."""
    left = 1.75
    heading = fitted(title, width_cm - 0.4, TITLE_PT, True, 2)
    above = 1.25 + heading_cm(heading)
    rows = 2 if width_cm < NARROW_CM + 2 else 1
    below = _BELOW + (_LEGEND_CM if rows == 2 else 0.55)
    total = above + _PLOT + below
    figure = new_figure(width_cm, total, theme)
    axes = figure.add_axes((left / width_cm, below / total, 1 - (left + right) / width_cm, _PLOT / total))
    x = np.log(found.lambdas)
    pad = 0.03 * np.ptp(x) or 0.1
    axes.set_xlim(x[-1] - pad, x[0] + pad)
    keys = []
    for name, index, dashes, rule in (("λ.min", found.index_min, _MIN, "min"), ("λ.1se", found.index_1se, _1SE, "1se")):
        look = {"color": theme.ink, "linestyle": dashes, "linewidth": 1.1}
        axes.axvline(x[index], zorder=2, **look)
        taken = ", taken" if found.used_rule == rule else ""
        keys.append(key(f"{name} = {number(found.lambdas[index], 4)}: {int(found.df[index])} features{taken}", **look))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))
    axes.set_xlabel("log λ", labelpad=2)
    _mark_numbers(axes, found)
    write_heading(figure, heading)
    figure.legend(handles=keys, loc="lower left", ncols=1 if rows == 2 else 2, bbox_to_anchor=(0.1 / width_cm, 0),
                  **LEGEND)
    return figure, axes


def _mark_numbers(axes: Axes, found: PenalisedSelection) -> None:
    """Write the numbers of selected features above the plot."""
    x = np.log(found.lambdas)
    low, high = axes.get_xlim()
    inside = np.flatnonzero((x >= low) & (x <= high))
    chosen = inside[np.unique(np.linspace(0, len(inside) - 1, 7).round().astype(int))]
    for old in axes.child_axes:
        old.remove()
    top = axes.secondary_xaxis("top")
    top.set_xticks(x[chosen], [f"{int(found.df[index])}" for index in chosen])
    top.set_xlabel("Features selected", labelpad=4)
    top.spines["top"].set_visible(True)


def _name_paths(figure: Figure, axes: Axes, names: list[tuple[str, float]], looks: list[dict[str, Any]]
                ) -> None:
    """List the selected features at the right, from the largest coefficient down, each with its line."""
    width_cm, total = figure.get_size_inches() * 2.54
    box = axes.get_position()
    x = box.x1 * width_cm + 0.3
    step = min(0.42, box.height * total / max(len(names), 1))
    room = width_cm - x - 2.0
    for place, ((name, value), look) in enumerate(zip(names, looks, strict=True)):
        y = box.y1 * total - step * (place + 0.5)
        figure.add_artist(_line(x, y, width_cm, total, look))
        figure.text((x + 0.85) / width_cm, y / total, fitted(name, room, _NAMES_PT), va="center", fontsize=_NAMES_PT)
        figure.text((width_cm - 0.15) / width_cm, y / total, number(value, 2), va="center", ha="right",
                    fontsize=_NAMES_PT)


def _line(x: float, y: float, width_cm: float, total: float, look: dict[str, Any]) -> Line2D:
    return Line2D([x / width_cm, (x + 0.7) / width_cm], [y / total, y / total], linewidth=1.3, **look)
