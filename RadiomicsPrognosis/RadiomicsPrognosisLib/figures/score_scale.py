"""The score on a scale: the case, the cut-off with its two groups, and the training cohort's distribution."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..errors import InputError
from ..models.cutoff import Cutoff
from ..models.groups import training_distributions
from ..models.model import Model
from ..models.reference import ScoreDistribution
from ..prediction.record import Group, Prediction
from ..texts import clean, number
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: The scale shows this many SDs of every cohort, and follows a score outside up to the second number.
_SPAN_SD, _REACH_SD = 3.2, 6.0

#: Heights in cm: label of the case, cohorts' curves, band of the groups, ticks with the axis' name, a legend row.
_LABEL, _CURVES, _BAND, _AXIS, _LEGEND = 1.0, 2.1, 0.62, 1.05, 0.5

_SIDE_CM = 0.5

#: Line styles of the cohorts; no more than these are shown.
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)))

#: Widths in cm of a character of the small text and of the bold, to cut labels to the room they have.
_CHARACTER_CM, _BOLD_CM = 0.165, 0.2


def draw_score_scale(prediction: Prediction, model: Model, theme: Theme = LIGHT,
                     width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the scale; cohorts are drawn as the normal curves of their published mean and SD.

    Raises InputError for a prediction without score.
    """
    score = prediction.score
    if score is None:
        raise InputError("The prediction holds no score to draw.")
    cohorts = training_distributions(model)[:len(_DASHES)]
    columns = 1 if width_cm < 12 else 2
    legend = _LEGEND * -(-len(cohorts) // columns)
    curves = _CURVES if cohorts else 0.7
    height = _LABEL + curves + _BAND + _AXIS + legend
    with style(theme):
        figure = new_figure(width_cm, height, theme)
        axes = figure.add_axes((_SIDE_CM / width_cm, (_AXIS + legend) / height, 1 - 2 * _SIDE_CM / width_cm,
                                (curves + _BAND) / height))
        axes.set_xlim(*_limits(score, cohorts, model))
        axes.set_ylim(-_BAND / curves, 1)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(5 if width_cm < 12 else 9, steps=(1, 2, 2.5, 5, 10)))
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(clean(model.score_name, 40))
        _draw_cohorts(axes, cohorts, columns, theme)
        if model.score_cutoff is not None:
            _draw_groups(axes, score, model.score_cutoff, width_cm, theme)
        _draw_case(axes, score, prediction.group, width_cm, theme)
    return figure


def _limits(score: float, cohorts: tuple[ScoreDistribution, ...], model: Model) -> tuple[float, float]:
    """Return the axis range: the cohorts and the cut-off, and the score unless it is far outside."""
    mark = score if model.score_cutoff is None else model.score_cutoff.value
    if not cohorts:
        reach = 1.6 * abs(score - mark) or 1.0
        return mark - reach, mark + reach
    spread = max(item.sd for item in cohorts)
    low = min([mark - 0.4 * spread, *(item.mean - _SPAN_SD * item.sd for item in cohorts)])
    high = max([mark + 0.4 * spread, *(item.mean + _SPAN_SD * item.sd for item in cohorts)])
    reach = (_REACH_SD - _SPAN_SD) * spread
    return min(low, max(score - 0.4 * spread, low - reach)), max(high, min(score + 0.4 * spread, high + reach))


def _draw_cohorts(axes: Axes, cohorts: tuple[ScoreDistribution, ...], columns: int, theme: Theme) -> None:
    """Draw the normal curves, scaled to one common height, with a legend under the axis."""
    x = np.linspace(*axes.get_xlim(), 400)
    tallest = max((1 / item.sd for item in cohorts), default=1.0)
    for item, dashes in zip(cohorts, _DASHES, strict=False):
        y = 0.76 / (item.sd * tallest) * np.exp(-0.5 * ((x - item.mean) / item.sd) ** 2)
        label = f"{clean(item.cohort, 30)}: {number(item.mean)} ± {number(item.sd)}, n = {item.cases}"
        axes.fill_between(x, y, color=theme.muted, alpha=0.16, linewidth=0)
        axes.plot(x, y, color=theme.muted, linewidth=1.2, linestyle=dashes, label=label)
    if cohorts:
        axes.figure.legend(loc="lower left", ncols=columns, frameon=False, fontsize=7.5, handlelength=2.6,
                           columnspacing=1.5, borderpad=0.4)


def _draw_groups(axes: Axes, score: float, cutoff: Cutoff, width_cm: float, theme: Theme) -> None:
    """Draw the cut-off and a band with the two groups; the worse one is marked by a triangle."""
    low, high = axes.get_xlim()
    bottom = axes.get_ylim()[0]
    for start, end, label, worse in ((low, cutoff.value, cutoff.labels[0], not cutoff.worse_is_above),
                                     (cutoff.value, high, cutoff.labels[1], cutoff.worse_is_above)):
        colour = theme.worse if worse else theme.better
        axes.fill_between([start, end], bottom, 0, color=colour, alpha=0.20, linewidth=0)
        axes.fill_between([start, end], 0.22 * bottom, 0, color=colour, linewidth=0)
        room = int((end - start) / (high - low) * (width_cm - 2 * _SIDE_CM) / _CHARACTER_CM) - 3
        if room >= 5:
            axes.text((start + end) / 2, 0.63 * bottom, f"{'▲' if worse else '●'} {clean(label, room)}", ha="center",
                      va="center", fontsize=8)
    axes.plot([cutoff.value] * 2, [bottom, 0.98], color=theme.ink, linewidth=1.1, linestyle=(0, (4, 2)), clip_on=False)
    # The cut-off's name stands on the side where the case is not.
    left = score >= cutoff.value
    axes.annotate(f"cut-off {number(cutoff.value, 6)}", (cutoff.value, 0.98), (-4 if left else 4, 0),
                  textcoords="offset points", ha="right" if left else "left", va="top", fontsize=7.5,
                  bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.7, "pad": 0.6})


def _draw_case(axes: Axes, score: float, group: Group | None, width_cm: float, theme: Theme) -> None:
    """Mark the score from above; outside the scale, an arrow at the end points to it."""
    low, high = axes.get_xlim()
    at = min(max(score, low), high)
    marker = "v" if at == score else ">" if score > high else "<"
    axes.plot([at], [1.04], marker=marker, markersize=9, color=theme.patient, clip_on=False, zorder=5)
    if at == score:
        axes.plot([at, at], [0, 1.04], color=theme.patient, linewidth=1.5, clip_on=False, zorder=4)
    text, where = f"this case: {number(score, 4)}", "" if at == score else " (outside the scale)"
    across_cm = width_cm - 2 * _SIDE_CM
    room = int(across_cm / _BOLD_CM) - len(text) - len(where)
    text += (f", {clean(group.label, room)}" if group and room >= 5 else "") + where
    # Centred over the mark, but not beyond either end of the scale.
    half = min(0.5, 0.5 * len(text) * _BOLD_CM / across_cm)
    centre = min(max((at - low) / (high - low), half), 1 - half)
    axes.annotate(text, (centre, 1.04), (0, 8), xycoords=("axes fraction", "data"), textcoords="offset points",
                  ha="center", va="bottom", fontweight="bold", color=theme.patient, annotation_clip=False)
