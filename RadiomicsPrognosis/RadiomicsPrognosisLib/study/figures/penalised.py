"""A LASSO selection: its cross-validation curve and its coefficient paths, with lambda.min and lambda.1se marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import LineStyleType

from ...figures.layout import NARROW_CM, Look, Sheet, add_grid, fitted, fitted_heading, heading_cm, key, series
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...texts import feature_label, number
from ..results.signatures import PenalisedSelection

#: Names of the measures on the axis.
_MEASURES = {"deviance": "Partial likelihood deviance", "auc": "AUC", "C": "C-index"}

#: Line styles of lambda.min and lambda.1se.
_DASHES: dict[str, LineStyleType] = {"min": (0, (5, 2)), "1se": (0, (1.2, 1.4))}

#: Heights in cm of the plot, of the axis and its name, and of a legend in two rows and in one.
_PLOT, _BELOW, _TWO_ROWS, _ONE_ROW = 6.0, 1.15, 0.95, 0.55

#: Margins in cm at the left, and at the right without and with names of features.
_LEFT, _RIGHT, _NAMES = 1.75, 0.35, 7.4

#: Size in points of the features' names, and most centimetres from one to the next.
_NAMES_PT, _NAMES_STEP = 6.5, 0.42

#: Numbers of selected features above a plot.
_NUMBERS = 7

#: Coefficients are shown to this share of the lambda taken.
_BEYOND = 1 / 4

#: No more paths than this are named: more names would not fit beside the plot.
_NAMED = 22


def draw_cross_validation(selection: PenalisedSelection, title: str = "", theme: Theme = LIGHT,
                          width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the measure over lambda with one SE on either side; above the plot the numbers of selected features."""
    with style(theme):
        sheet, axes = _plot(selection, title, min(width_cm, 13.0), _RIGHT, theme)
        x, cvm, cvsd = np.log(selection.lambdas), selection.cvm, selection.cvsd
        axes.vlines(x, cvm - cvsd, cvm + cvsd, color=theme.muted, linewidth=0.8)
        axes.plot(x, cvm, linestyle="none", marker="o", markersize=2.8, color=theme.patient, zorder=3)
        measure = "Deviance" if selection.family == "logistic" and selection.measure == "deviance" else \
            _MEASURES.get(selection.measure, selection.measure)
        axes.set_ylabel(f"{measure} (±1 SE)")
        add_grid(axes, theme, "y")
    return sheet.figure


def draw_coefficient_paths(selection: PenalisedSelection, title: str = "", theme: Theme = LIGHT,
                           width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the coefficients over lambda; those selected at the lambda taken are coloured and, with room, named."""
    used = selection.index_1se if selection.used_rule == "1se" else selection.index_min
    coefficients, lambdas = selection.coefficients, selection.lambdas
    chosen = np.flatnonzero(coefficients[:, used])
    named = 0 < len(chosen) <= _NAMED and width_cm >= NARROW_CM
    with style(theme):
        sheet, axes = _plot(selection, title, width_cm, _NAMES if named else _RIGHT, theme)
        x = np.log(lambdas)
        for index in np.setdiff1d(np.arange(len(selection.features)), chosen):
            axes.plot(x, coefficients[index], color=theme.muted, linewidth=0.5, alpha=0.6)
        # The steepest paths first, so that neighbours in the list of names look different.
        order = chosen[np.argsort(-coefficients[chosen, used], kind="stable")]
        looks = [series(theme, place, 1.3) for place in range(len(order))]
        for index, look in zip(order, looks, strict=True):
            axes.plot(x, coefficients[index], zorder=3, **look)
        axes.axhline(0, color=theme.ink, linewidth=0.7)
        # As far as the selection went and half again: beyond, the path only overfits.
        shown = coefficients[:, lambdas >= lambdas[used] * _BEYOND]
        low, high = shown.min(initial=0.0), shown.max(initial=0.0)
        pad = 0.06 * (high - low) or 1.0
        axes.set_ylim(low - pad, high + pad)
        axes.set_xlim(max(x[-1], np.log(lambdas[used] * _BEYOND)), x[0] + 0.03 * np.ptp(x))
        _mark_numbers(axes, selection)
        axes.set_ylabel("Coefficient")
        if named:
            _name_paths(sheet, axes, [(feature_label(selection.features[index]), coefficients[index, used])
                                       for index in order], looks)
    return sheet.figure


def _plot(selection: PenalisedSelection, title: str, width_cm: float, right: float, theme: Theme) -> tuple[Sheet, Axes]:
    """Return a figure whose plot runs over log lambda, both rules marked and named under it."""
    heading = fitted_heading(title, width_cm, 2)
    legend_columns = 1 if width_cm < NARROW_CM + 2 else 2
    below = _BELOW + (_TWO_ROWS if legend_columns == 1 else _ONE_ROW)
    sheet = Sheet.blank(width_cm, 1.25 + heading_cm(heading) + _PLOT + below, theme)
    axes = sheet.plot(_LEFT, below, width_cm - (_LEFT + right), _PLOT)
    x = np.log(selection.lambdas)
    pad = 0.03 * np.ptp(x) or 0.1
    axes.set_xlim(x[-1] - pad, x[0] + pad)
    keys = []
    for rule, index in (("min", selection.index_min), ("1se", selection.index_1se)):
        look: Look = {"color": theme.ink, "linestyle": _DASHES[rule], "linewidth": 1.1}
        axes.axvline(x[index], zorder=2, **look)
        taken = ", taken" if selection.used_rule == rule else ""
        keys.append(key(f"λ.{rule} = {number(selection.lambdas[index], 4)}: {int(selection.df[index])} features{taken}",
                        **look))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))
    axes.set_xlabel("log λ", labelpad=2)
    _mark_numbers(axes, selection)
    sheet.write_heading(heading)
    sheet.add_legend(keys, legend_columns)
    return sheet, axes


def _mark_numbers(axes: Axes, selection: PenalisedSelection) -> None:
    """Write the numbers of selected features above the plot."""
    x = np.log(selection.lambdas)
    low, high = axes.get_xlim()
    inside = np.flatnonzero((x >= low) & (x <= high))
    chosen = inside[np.unique(np.linspace(0, len(inside) - 1, _NUMBERS).round().astype(int))]
    for old in axes.child_axes:
        old.remove()
    top = axes.secondary_xaxis("top")
    top.set_xticks(x[chosen], [f"{int(selection.df[index])}" for index in chosen])
    top.set_xlabel("Features selected", labelpad=4)
    top.spines["top"].set_visible(True)


def _name_paths(sheet: Sheet, axes: Axes, names: Sequence[tuple[str, float]], looks: Sequence[Look]) -> None:
    """List the selected features at the right, from the largest coefficient down, each with its line."""
    x, top = sheet.width - _NAMES + 0.3, axes.get_position().y1 * sheet.height
    step = min(_NAMES_STEP, _PLOT / max(len(names), 1))
    for place, ((name, value), look) in enumerate(zip(names, looks, strict=True)):
        y = top - step * (place + 0.5)
        sheet.draw_sample(x, y, 0.7, **look)
        sheet.write(x + 0.85, y, fitted(name, sheet.width - x - 2.0, _NAMES_PT), _NAMES_PT, va="center")
        sheet.write(sheet.width - 0.15, y, number(value, 2), _NAMES_PT, va="center", ha="right")
