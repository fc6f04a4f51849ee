"""The predicted survival curve, the model's horizons on it, and the two risk groups' typical curves behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import InputError
from ..models.cutoff import Cutoff
from ..models.groups import GroupCurves, group_curves
from ..models.model import Model
from ..prediction.record import Prediction, SurvivalPrediction
from ..texts import clean, percent, percent_interval, wrapped
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: Height of a line of a label at the curves' ends, in cm.
_LABEL_LINE_CM = 0.34

#: Share of the figure's height that the axes take.
_AXES_SHARE = 0.76

#: Lines (matplotlib dashes) of the curves that are averaged over, in the order of their levels.
_ALTERNATIVES = ((0, (7, 2, 1.2, 2)), (0, (3, 1.5)), (0, (1, 1)), (0, (9, 2)))


@dataclass(frozen=True)
class _End:
    """What is written at a curve's end: its ``height`` (percent survival), the ``text``, a ``number`` on a line of its
    own, colour and weight."""

    height: float
    text: str
    number: str
    colour: str
    weight: str = "normal"


def draw_survival(prediction: Prediction, model: Model, theme: Theme = LIGHT,
                  width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the curve. Raises InputError for a prediction without survival."""
    survival = prediction.survival
    if survival is None:
        raise InputError("The prediction holds no survival to draw.")
    months = np.array(survival.curve_months, float)
    narrow = width_cm < 12
    height_cm = 7.6 if narrow else 8.4
    with style(theme):
        figure = new_figure(width_cm, height_cm, theme)
        left, right = 1.55 / width_cm, (2.45 if narrow else 3.4) / width_cm
        axes = figure.add_axes((left, 0.16, 1 - left - right, _AXES_SHARE))
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
        ends += _draw_case(axes, prediction, survival, steps, theme)
        _label_ends(axes, ends, 13 if narrow else 20, _LABEL_LINE_CM / (height_cm * _AXES_SHARE))
        _mark_horizons(axes, survival, narrow, theme)
    return figure


def _draw_case(axes: Axes, prediction: Prediction, survival: SurvivalPrediction, steps: str,
               theme: Theme) -> list[_End]:
    """Draw the case's curve over its interval, with the curves that it is the mean of; return their end labels."""
    months, ends = np.array(survival.curve_months), []
    if survival.curve_intervals and prediction.uncertainty is not None:
        lower, upper = 100 * np.array(survival.curve_intervals).T
        axes.fill_between(months, lower, upper, color=theme.patient, alpha=0.16, linewidth=0, zorder=2,
                          step="post" if steps == "steps-post" else None)
        # In the corner that the curve leaves free.
        corner, offset, side, rest = (((0, 0), (4, 3), "left", "bottom") if survival.curve[-1] > 0.5 else
                                      ((1, 1), (-4, -3), "right", "top"))
        axes.annotate(f"shaded: {100 * prediction.uncertainty.confidence:g} % interval", corner, offset,
                      xycoords="axes fraction", textcoords="offset points", ha=side, va=rest, fontsize=8,
                      color=theme.patient, zorder=6,
                      bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.8, "pad": 0.8})
    for item, dashes in zip(survival.alternatives, cycle(_ALTERNATIVES)):  # as many as there are levels
        axes.plot(months, 100 * np.array(item.curve), color=theme.patient, linewidth=1.3, linestyle=dashes,
                  drawstyle=steps, zorder=4)
        ends.append(_End(100 * item.curve[-1], f"{clean(item.label, 34)}, {percent(item.curve[-1])}", "",
                         theme.patient))
    axes.plot(months, 100 * np.array(survival.curve), color=theme.patient, linewidth=2.4, drawstyle=steps, zorder=4)
    who = "this case averaged" if survival.alternatives else "this case"
    interval = survival.curve_intervals[-1] if survival.curve_intervals else None
    ends.append(_End(100 * survival.curve[-1], who, percent_interval(survival.curve[-1], interval), theme.patient,
                     "bold"))
    return ends


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
                 theme: Theme) -> list[_End]:
    """Draw the groups' curves (dashed: below the cut-off, dotted: above) and return their end labels."""
    worse_above = cutoff.worse_is_above
    ends = []
    for values, label, worse, dashes in ((groups.below, cutoff.labels.below, not worse_above, (5, 2)),
                                         (groups.above, cutoff.labels.above, worse_above, (1, 1.4))):
        colour = theme.worse if worse else theme.better
        axes.plot(groups.months, 100 * values, color=colour, linewidth=1.7, linestyle=(0, dashes), drawstyle=steps)
        ends.append(_End(100 * values[-1], f"{clean(label, 30)}, typical", "", colour))
    return ends


def _label_ends(axes: Axes, ends: list[_End], width: int, line: float) -> None:
    """Write each curve's label beside its end, moved apart (never out of the axes) where they would overlap.

    A line of a label takes the share ``line`` of the axes' height.
    """
    ends = sorted(ends, key=lambda item: item.height)
    texts = ["\n".join(filter(None, (wrapped(item.text, width, 3), item.number))) for item in ends]
    halves = [51.0 * line * (text.count("\n") + 1) for text in texts]
    heights = [max(item.height, half) for item, half in zip(ends, halves, strict=True)]
    for index in range(1, len(heights)):
        heights[index] = max(heights[index], heights[index - 1] + halves[index - 1] + halves[index])
    ceiling = 102.0
    for index in reversed(range(len(heights))):
        heights[index] = min(heights[index], ceiling - halves[index])
        ceiling = heights[index] - halves[index]
    for item, text, height in zip(ends, texts, heights, strict=True):
        axes.annotate(text, (1, item.height), (1.03, height), xycoords=("axes fraction", "data"),
                      textcoords=("axes fraction", "data"), va="center", color=item.colour, fontweight=item.weight,
                      fontsize=8, linespacing=0.95, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": item.colour, "linewidth": 0.6, "shrinkA": 0,
                                  "shrinkB": 0})


def _mark_horizons(axes: Axes, survival: SurvivalPrediction, narrow: bool, theme: Theme) -> None:
    """Mark the model's horizons on the patient's curve and write the survival there, with its interval."""
    end = axes.get_xlim()[1]
    intervals = survival.horizon_intervals or (None,) * len(survival.horizons_months)
    for month, share, interval in zip(survival.horizons_months, survival.at_horizons, intervals, strict=True):
        axes.vlines(month, 0, 100 * share, color=theme.patient, linewidth=0.9, linestyle=(0, (2, 2)), zorder=3)
        axes.plot([month], [100 * share], marker="o", markersize=5.5, color=theme.patient, zorder=5, clip_on=False)
        if interval is not None:
            axes.vlines(month, 100 * interval[0], 100 * interval[1], color=theme.patient, linewidth=2.0, zorder=4,
                        clip_on=False)
        if month < end:  # at the end, the curve's own label says it
            high, text = share > 0.9, percent_interval(share, interval)
            axes.annotate(text.replace(" (", "\n(") if narrow else text, (month, 100 * share),
                          (6, -10 if high else 5), textcoords="offset points", va="top" if high else "bottom",
                          fontsize=8.5, fontweight="bold", color=theme.patient, zorder=6, linespacing=0.95,
                          bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.8, "pad": 0.8})
