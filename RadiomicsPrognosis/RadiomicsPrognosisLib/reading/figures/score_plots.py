"""A score in two readings: differences with limits of agreement, one reading against the other, survival changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...figures.layout import SMALL_PT, Look, Panels, add_grid, fitted, key, make_panels, threshold_line
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...notation import fixed
from ...statistics.bland_altman import LimitsOfAgreement
from ...texts import number

#: Room at the left (cm): differences of scores have a sign and decimals.
_LEFT = 1.9

#: The look of a case's marks: the group is the same in both readings, or not.
_SAME = "same group in both readings"
_FLIPPED = "the group changes"


@dataclass(frozen=True, eq=False, kw_only=True)
class ScorePair:
    """Two readings ``first`` and ``second`` (n,) of a score, called ``names``; ``flipped`` (n,) tells whose group
    changes between them; ``limits`` are of second - first."""

    title: str
    names: tuple[str, str]
    first: np.ndarray
    second: np.ndarray
    flipped: np.ndarray
    limits: LimitsOfAgreement | None


def draw_bland_altman(pairs: Sequence[ScorePair], score: str, cutoff: float | None = None, title: str = "",
                      theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return differences against means (Bland & Altman, Lancet 1986;1:307) of each pair that has limits.

    Bias and limits are lines with their intervals as bands; ``cutoff`` is where on the score's axis groups part.
    """
    shown = [pair for pair in pairs if pair.limits is not None]
    limit: Look = {"color": theme.patient, "linestyle": (0, (5, 2)), "linewidth": 1.2}
    bias: Look = {"color": theme.patient, "linestyle": "-", "linewidth": 1.2}
    keys = [*_keys(shown, cutoff, theme), key("bias (band: its interval)", **bias),
            key("limits of agreement (bands)", **limit)]
    with style(theme):
        sheet = make_panels([pair.title for pair in shown], title,
                            (f"Mean {score} of both readings", f"Second − first {score}"),
                            [*keys, *_cutoff_key(cutoff, theme)], theme, width_cm, left=_LEFT)
        means = np.concatenate([(pair.first + pair.second) / 2 for pair in shown])
        span = _limits_of(shown)
        for axes, pair in zip(sheet.axes, shown, strict=True):
            _set_mean_axis(axes, means, cutoff)
            axes.set_ylim(*span)
            axes.locator_params(nbins=5)
            if pair.limits is not None:
                _draw_limits(axes, pair.limits, bias, limit, theme)
            if cutoff is not None:
                axes.axvline(cutoff, **threshold_line(theme))
            _draw_cases(axes, (pair.first + pair.second) / 2, pair.second - pair.first, pair.flipped, theme)
            add_grid(axes, theme)
    return sheet.figure


def _limits_of(pairs: Sequence[ScorePair]) -> tuple[float, float]:
    """Return the ends of an axis that holds every difference, the limits' intervals and zero."""
    values = [0.0]
    for pair in pairs:
        values += (pair.second - pair.first).tolist()
        if pair.limits is not None:
            values += [*pair.limits.lower_interval, *pair.limits.upper_interval]
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.1
    return low - margin, high + margin


def _set_mean_axis(axes: Axes, values: np.ndarray, cutoff: float | None) -> None:
    ends = [float(values.min()), float(values.max()), *([] if cutoff is None else [cutoff])]
    low, high = min(ends), max(ends)
    margin = 0.08 * (high - low) or 0.1
    axes.set_xlim(low - margin, high + margin)


def _draw_limits(axes: Axes, limits: LimitsOfAgreement, bias: Look, limit: Look, theme: Theme) -> None:
    axes.axhline(0, color=theme.ink, linewidth=0.8)
    lines = ((limits.bias, limits.bias_interval, bias), (limits.lower, limits.lower_interval, limit),
             (limits.upper, limits.upper_interval, limit))
    for value, (low, high), look in lines if limits.sd else lines[:1]:
        axes.axhspan(low, high, color=theme.patient, alpha=0.15, linewidth=0)
        axes.axhline(value, **look)
        axes.text(0.985, value, fixed(value, 2), transform=axes.get_yaxis_transform(), ha="right", va="bottom",
                  fontsize=SMALL_PT, color=theme.patient, fontweight="bold", zorder=6,
                  bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.7, "pad": 0.6})


def draw_score_pairs(pairs: Sequence[ScorePair], score: str, cutoff: float | None = None, title: str = "",
                     theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return one reading against the other, with the line of equal scores and the cut-off on both axes."""
    equal: Look = {"color": theme.muted, "linestyle": "-", "linewidth": 0.9}
    values = np.concatenate([item for pair in pairs for item in (pair.first, pair.second)])
    low, high = float(values.min()), float(values.max())
    if cutoff is not None:
        low, high = min(low, cutoff), max(high, cutoff)
    margin = 0.08 * (high - low) or 0.1
    with style(theme):
        sheet = make_panels([pair.title for pair in pairs], title,
                            (f"{score}, first reading", f"{score}, second reading"),
                            [*_keys(pairs, cutoff, theme), key("equal in both readings", **equal),
                             *_cutoff_key(cutoff, theme)], theme, width_cm, left=_LEFT)
        for axes, pair in zip(sheet.axes, pairs, strict=True):
            axes.set_xlim(low - margin, high + margin)
            axes.set_ylim(low - margin, high + margin)
            axes.locator_params(nbins=5)
            axes.plot([low - margin, high + margin], [low - margin, high + margin], **equal)
            if cutoff is not None:
                axes.axvline(cutoff, **threshold_line(theme))
                axes.axhline(cutoff, **threshold_line(theme))
            _draw_cases(axes, pair.first, pair.second, pair.flipped, theme)
            add_grid(axes, theme)
    return sheet.figure


def draw_outcome_changes(panels: Sequence[tuple[str, np.ndarray, np.ndarray, np.ndarray]], names: tuple[str, str],
                         quantity: str, title: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM
                         ) -> Figure:
    """Return a line per case from the first reading's prediction to the second's (shares 0 - 1, in percent).

    ``panels`` are (title, first (n,), second (n,), whose group changes (n,)), ``names`` those of the two readings.
    """
    flipped = any(item[3].any() for item in panels)
    keys = [key(_SAME, color=theme.better, linestyle="-", marker="o", markersize=3)]
    keys += [key(_FLIPPED, color=theme.worse, linestyle=(0, (4, 1.5)), marker="^", markersize=4.5)] if flipped else []
    with style(theme):
        sheet = make_panels([item[0] for item in panels], title, ("Reading", f"{quantity} (%)"),
                            keys if flipped else [], theme, width_cm)
        for axes, (_, first, second, changed) in zip(sheet.axes, panels, strict=True):
            for a, b, flips in sorted(zip(first, second, changed, strict=True), key=lambda item: item[2]):
                axes.plot([0, 1], [100 * a, 100 * b], **_line(bool(flips), theme))
            _name_readings(axes, names, sheet)
            axes.set_ylim(0, 100)
            add_grid(axes, theme, "y")
    return sheet.figure


def _line(flips: bool, theme: Theme) -> Look:
    if flips:
        return {"color": theme.worse, "linestyle": (0, (4, 1.5)), "linewidth": 1.4, "marker": "^", "markersize": 4.5}
    return {"color": theme.better, "linestyle": "-", "linewidth": 0.8, "marker": "o", "markersize": 3}


def _name_readings(axes: Axes, names: tuple[str, str], panels: Panels) -> None:
    width_cm = float(axes.get_position().width * panels.figure.get_size_inches()[0] * 2.54)
    axes.set_xlim(-0.25, 1.25)
    axes.set_xticks([0, 1], [fitted(name, 0.32 * width_cm, 8) for name in names])


def _keys(pairs: Sequence[ScorePair], cutoff: float | None, theme: Theme) -> list[Line2D]:
    same: Look = {"color": theme.better, "linestyle": "none", "marker": "o", "markersize": 4}
    flipped: Look = {"color": theme.worse, "linestyle": "none", "marker": "^", "markersize": 5.5}
    keys = [key(_SAME if cutoff is not None else "a case", **same)]
    return keys + ([key(_FLIPPED, **flipped)] if any(pair.flipped.any() for pair in pairs) else [])


def _cutoff_key(cutoff: float | None, theme: Theme) -> list[Line2D]:
    return [] if cutoff is None else [key(f"cut-off {number(cutoff, 4)}", **threshold_line(theme))]


def _draw_cases(axes: Axes, x: np.ndarray, y: np.ndarray, flipped: np.ndarray, theme: Theme) -> None:
    axes.plot(x[~flipped], y[~flipped], linestyle="none", marker="o", markersize=4, color=theme.better, zorder=4,
              markeredgecolor=theme.background, markeredgewidth=0.4)
    axes.plot(x[flipped], y[flipped], linestyle="none", marker="^", markersize=5.5, color=theme.worse, zorder=5,
              markeredgecolor=theme.background, markeredgewidth=0.4)
