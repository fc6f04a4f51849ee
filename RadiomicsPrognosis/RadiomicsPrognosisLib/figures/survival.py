"""The predicted survival curve, the model's horizons on it, and the two risk groups' typical curves behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import InputError
from ..models.groups import GroupCurves, group_curves
from ..models.model import Cutoff, Model
from ..prediction.record import Prediction, SurvivalPrediction
from ..texts import clean, percent, wrapped
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: Height of a line of a label at the curves' ends, and the gap between two labels, in percent survival.
_LABEL_LINE, _LABEL_GAP = 5.6, 2.0


def draw_survival(prediction: Prediction, model: Model, theme: Theme = LIGHT,
                  width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the curve. Raises InputError for a prediction without survival."""
    survival = prediction.survival
    if survival is None:
        raise InputError("The prediction holds no survival to draw.")
    months = np.array(survival.curve_months, float)
    narrow = width_cm < 12
    with style(theme):
        figure = new_figure(width_cm, 7.6 if narrow else 8.4, theme)
        left, right = 1.55 / width_cm, (2.1 if narrow else 3.4) / width_cm
        axes = figure.add_axes((left, 0.16, 1 - left - right, 0.76))
        end = months[-1]
        axes.set_xlim(0, end)
        axes.set_ylim(0, 102)
        axes.set_xticks(month_ticks(end, survival.horizons_months))
        axes.set_yticks(range(0, 101, 20))
        axes.set_xlabel("Months")
        axes.set_ylabel(f"{clean(model.endpoint.name, 44)} (%)")
        axes.grid(color=theme.line, linewidth=0.5)
        ends = []
        groups = group_curves(model, months)
        steps = _line_style(model)
        if groups is not None and model.cutoff is not None:
            ends += _draw_groups(axes, groups, model.cutoff, steps, theme)
        curve = 100 * np.array(survival.curve)
        axes.plot(months, curve, color=theme.patient, linewidth=2.4, drawstyle=steps, zorder=4)
        ends.append((curve[-1], f"this case: {percent(survival.curve[-1])}", theme.patient, "bold"))
        _label_ends(axes, ends, 12 if narrow else 20)
        _mark_horizons(axes, survival, theme)
    return figure


def _line_style(model: Model) -> str:
    """Return matplotlib's style of line for the model's survival."""
    stepped = model.survival is not None and model.survival.baseline_cumulative_hazard.is_step
    return "steps-post" if stepped else "default"


def month_ticks(end: float, horizons: Sequence[float]) -> list[float]:
    """Return ticks (months) from 0 to ``end``: the horizons, and round months not too near to one."""
    step = next((step for step in (3, 6, 12, 24, 60) if end / step <= 8), 120)
    regular = [tick for tick in np.arange(0, end + 1e-9, step).tolist()
               if all(abs(tick - horizon) >= 0.6 * step for horizon in horizons)]
    return sorted({*regular, *horizons})


def _draw_groups(axes: Axes, groups: GroupCurves, cutoff: Cutoff, steps: str,
                 theme: Theme) -> list[tuple[float, str, str, str]]:
    """Draw the groups' curves (dashed: below the cut-off, dotted: above) and return their end labels."""
    worse_above = cutoff.worse_is_above
    ends = []
    for values, label, worse, dashes in ((groups.below, cutoff.labels.below, not worse_above, (5, 2)),
                                         (groups.above, cutoff.labels.above, worse_above, (1, 1.4))):
        colour = theme.worse if worse else theme.better
        axes.plot(groups.months, 100 * values, color=colour, linewidth=1.7, linestyle=(0, dashes), drawstyle=steps)
        ends.append((100 * values[-1], f"{clean(label, 30)}, typical", colour, "normal"))
    return ends


def _label_ends(axes: Axes, ends: list[tuple[float, str, str, str]], width: int) -> None:
    """Write each curve's label beside its end, moved apart (never out of the axes) where they would overlap."""
    # A number keeps its percent sign beside it.
    ends = sorted((value, re.sub(r" (\S+)\n%$", r"\n\1 %", wrapped(text, width)), colour, weight)
                  for value, text, colour, weight in ends)
    half = [0.5 * (_LABEL_LINE * (text.count("\n") + 1) + _LABEL_GAP) for _, text, *_ in ends]
    heights = [max(value, reach) for (value, *_), reach in zip(ends, half, strict=True)]
    for index in range(1, len(heights)):
        heights[index] = max(heights[index], heights[index - 1] + half[index - 1] + half[index])
    for index in reversed(range(len(heights))):
        ceiling = 102.0 - half[index] if index == len(heights) - 1 \
            else heights[index + 1] - half[index + 1] - half[index]
        heights[index] = min(heights[index], ceiling)
    for (value, text, colour, weight), height in zip(ends, heights, strict=True):
        axes.annotate(text, (1, value), (1.03, height), xycoords=("axes fraction", "data"),
                      textcoords=("axes fraction", "data"), va="center", color=colour, fontweight=weight, fontsize=8,
                      linespacing=0.95, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0})


def _mark_horizons(axes: Axes, survival: SurvivalPrediction, theme: Theme) -> None:
    """Mark the model's horizons on the patient's curve and write the survival there."""
    end = axes.get_xlim()[1]
    for month, share in zip(survival.horizons_months, survival.at_horizons, strict=True):
        axes.vlines(month, 0, 100 * share, color=theme.patient, linewidth=0.9, linestyle=(0, (2, 2)), zorder=3)
        axes.plot([month], [100 * share], marker="o", markersize=5.5, color=theme.patient, zorder=5, clip_on=False)
        if month < end:  # at the end, the curve's own label says it
            high = share > 0.9
            axes.annotate(percent(share), (month, 100 * share), (6, -5 if high else 5), textcoords="offset points",
                          va="top" if high else "bottom", fontsize=9, fontweight="bold", color=theme.patient, zorder=6,
                          bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.8, "pad": 0.8})
