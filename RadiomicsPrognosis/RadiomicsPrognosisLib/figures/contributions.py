"""The signature's terms as signed bars, largest first, with the intercept where the model has one."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..models.model import Model
from ..prediction.record import Prediction
from ..texts import clean, feature_label, number, wrapped
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: Below this width (cm) names break into two lines and the column of z-scores or values is left out.
_NARROW_CM = 12.0


def contribution_table(prediction: Prediction, model: Model) -> list[tuple[str, float, str]]:
    """Return (label, contribution, z-score or value as text) of each term, largest absolute contribution first.

    The intercept is a row of its own unless it is 0.
    """
    several = len(model.inputs) > 1
    rows = []
    for item in prediction.contributions:
        label = feature_label(item.feature) + (f" ({clean(item.input, 20)})" if several else "")
        value = f"{number(item.value, 4)} {item.unit}".strip()
        shown = value if item.z is None else f"{item.z:+.2f}".replace("-", "−")
        rows.append((label, item.contribution, shown))
    if prediction.intercept:
        rows.append(("Intercept", prediction.intercept, ""))
    return sorted(rows, key=lambda row: -abs(row[1]))


def draw_contributions(prediction: Prediction, model: Model, theme: Theme = LIGHT,
                       width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the bars of :func:`contribution_table`; a bar's direction, not only its colour, tells its sign."""
    rows = contribution_table(prediction, model)
    narrow = width_cm < _NARROW_CM
    height_cm = 2.7 + 0.78 * len(rows) if narrow else 2.4 + 0.52 * len(rows)
    with style(theme):
        figure = new_figure(width_cm, height_cm, theme)
        figure.set_layout_engine("constrained", rect=(0, 0, 1 - 0.15 / width_cm, 1 - 0.5 / height_cm))
        axes = figure.add_subplot()
        above, below = _sides(model, theme)
        values = [row[1] for row in rows]
        colours = [above if value >= 0 else below for value in values]
        axes.barh(range(len(rows)), values, color=colours, height=0.66, zorder=2)
        labels = [wrapped(row[0], 22) if narrow else row[0] for row in rows]
        axes.set_yticks(range(len(rows)), labels)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.axvline(0, color=theme.ink, linewidth=0.8, zorder=3)
        axes.grid(axis="x", color=theme.line, linewidth=0.5, zorder=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(4 if narrow else 7, steps=(1, 2, 5, 10)))
        _annotate(axes, rows, model, narrow)
        _name_directions(figure, model, narrow)
    return figure


def _sides(model: Model, theme: Theme) -> tuple[str, str]:
    """Return the colours of terms that raise and that lower the score."""
    if model.score_cutoff is None:
        return theme.patient, theme.muted
    return (theme.worse, theme.better) if model.score_cutoff.worse_is_above else (theme.better, theme.worse)


def _annotate(axes: Any, rows: list[tuple[str, float, str]], model: Model, narrow: bool) -> None:
    """Write each bar's value at its end and the z-scores or values at the right."""
    low, high = min(0.0, *(row[1] for row in rows)), max(0.0, *(row[1] for row in rows))
    room = 0.26 * (high - low or 1.0) * (1.7 if narrow else 1.0)
    axes.set_xlim(low - (room if low < 0 else 0.02 * room), high + (room if high > 0 else 0.02 * room))
    factor = "z-score" if model.needs_scaling else "value"
    largest = max(abs(row[1]) for row in rows)
    decimals = min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest else 2
    for index, (_, value, shown) in enumerate(rows):
        axes.annotate(f"{value:+.{decimals}f}".replace("-", "−"), (value, index), (4 if value >= 0 else -4, 0),
                      textcoords="offset points", va="center", ha="left" if value >= 0 else "right", fontsize=7.5)
        if not narrow and shown:
            axes.annotate(shown, (1, index), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                          va="center", fontsize=7.5)
    if not narrow:
        axes.annotate(factor, (1, 1), (6, 3), xycoords="axes fraction", textcoords="offset points", fontsize=7.5,
                      fontweight="bold")
    name = f"Contribution to the {clean(model.score_name, 30)} (coefficient × {factor})"
    axes.set_xlabel(wrapped(name, 30, 3) if narrow else name)


def _name_directions(figure: Figure, model: Model, narrow: bool) -> None:
    """Write above the bars which group either direction leads to."""
    if model.score_cutoff is None:
        return
    width_cm, height_cm = figure.get_size_inches() * 2.54
    # About 0.165 cm a character; the column of z-scores takes 2 cm.
    end = width_cm - (0.2 if narrow else 2.0)
    room = int((end - 0.6) / 2 / 0.165) - 3
    below, above = (clean(label, room) for label in model.score_cutoff.labels)
    for x, side, text in ((0.2, "left", f"← {below}"), (end, "right", f"{above} →")):
        figure.text(x / width_cm, 1 - 0.15 / height_cm, text, ha=side, va="top", fontsize=7.5)
