"""The perturbed answers over their scale: a histogram on either side of the cut-off, and brackets of its spread."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..stability.record import Stability
from ..stability.scale import StabilityScale, stability_scale
from ..texts import clean, number
from .layout import NAME_PT, SMALL_PT, Sheet, fitted, text_cm, threshold_line
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, style

#: Heights in cm: the case's name, the histogram, the band of the groups, a bracket with its name, ticks and axis name.
_CASE, _BARS, _BAND, _BRACKET, _AXIS = 0.95, 2.6, 0.62, 0.62, 1.1

_SIDE_CM = 0.5

#: Bars of the histogram on the whole scale.
_MOST_BARS, _MOST_BARS_NARROW = 40, 24


def draw_stability(stability: Stability, theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the distribution of the perturbed answers over the scale that the cut-off is on.

    Brackets below it hold the central 95 % of the perturbed answers and, where they are known, the readers' limits of
    agreement laid around the unperturbed answer.
    """
    scale = stability_scale(stability)
    brackets = [(scale.lower, scale.upper, f"central 95 % of {len(scale.values)} perturbed answers")]
    if stability.agreement is not None and scale.agreement is not None:
        brackets.append((*scale.agreement, f"readers' limits of agreement ({stability.agreement.pairs} pairs)"))
    with style(theme):
        below = _AXIS + _BRACKET * len(brackets)
        sheet = Sheet.blank(width_cm, _CASE + _BARS + _BAND + below, theme)
        axes = sheet.plot(_SIDE_CM, below, width_cm - 2 * _SIDE_CM, _BARS + _BAND)
        axes.set_xlim(scale.low, scale.high)
        axes.set_ylim(-_BAND / _BARS, 1)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(5 if width_cm < 12 else 9, steps=(1, 2, 2.5, 5, 10)))
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(clean(scale.name, 40), labelpad=2)
        _draw_bars(axes, scale, theme, _MOST_BARS if width_cm >= 12 else _MOST_BARS_NARROW)
        if stability.group is not None and scale.cutoff is not None:
            _draw_sides(axes, stability, scale, width_cm, theme)
        _draw_case(axes, scale, width_cm, theme)
        for place, (low, high, text) in enumerate(brackets):
            _draw_bracket(sheet, scale, (low, high), _BRACKET * (len(brackets) - place) - 0.15, text, theme)
    return sheet.figure


def _side_colour(scale: StabilityScale, above: bool | None, theme: Theme) -> str:
    if above is None or scale.worse_is_above is None:
        return theme.muted
    return theme.worse if above == scale.worse_is_above else theme.better


def _draw_bars(axes: Axes, scale: StabilityScale, theme: Theme, most: int) -> None:
    bars = scale.bars(most)
    tallest = max(bar.count for bar in bars)
    for bar in bars:
        axes.bar(bar.start, 0.9 * bar.count / tallest, bar.end - bar.start, align="edge", linewidth=0.6,
                 edgecolor=theme.background, color=_side_colour(scale, bar.above, theme))


def _draw_sides(axes: Axes, stability: Stability, scale: StabilityScale, width_cm: float, theme: Theme) -> None:
    """Draw the cut-off and a band with both groups and their counts; the worse one is marked by a triangle."""
    group, case, cutoff = stability.group, stability.unperturbed.group, scale.cutoff
    if group is None or case is None or cutoff is None:
        return
    bottom = axes.get_ylim()[0]
    names = {case.above: group.label, not case.above: group.other}
    for start, end, above in ((scale.low, cutoff, False), (cutoff, scale.high, True)):
        colour = _side_colour(scale, above, theme)
        axes.fill_between([start, end], bottom, 0, color=colour, alpha=0.20, linewidth=0)
        axes.fill_between([start, end], 0.22 * bottom, 0, color=colour, linewidth=0)
        text = f"{'▲' if above == scale.worse_is_above else '●'} {clean(names[above], 60)}: {scale.count(above)}"
        room = (end - start) / (scale.high - scale.low) * (width_cm - 2 * _SIDE_CM) - 0.2
        if room > text_cm("▲ mm…", SMALL_PT):
            axes.text((start + end) / 2, 0.63 * bottom, fitted(text, room, SMALL_PT), ha="center", va="center",
                      fontsize=SMALL_PT)
    axes.plot([cutoff] * 2, [bottom, 0.98], clip_on=False, **threshold_line(theme))
    name = f"cut-off {number(cutoff, 6)}"
    room = scale.share(cutoff) * (width_cm - 2 * _SIDE_CM) + _SIDE_CM - 0.25
    # The cut-off's name stands on the side where the case is not, if there is room for it.
    left = scale.unperturbed >= cutoff and room > text_cm(name, SMALL_PT)
    axes.annotate(name, (cutoff, 0.98), (-4 if left else 4, 0), textcoords="offset points",
                  ha="right" if left else "left", va="top", fontsize=SMALL_PT,
                  bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.7, "pad": 0.6})


def _draw_case(axes: Axes, scale: StabilityScale, width_cm: float, theme: Theme) -> None:
    """Mark the unperturbed answer from above."""
    axes.plot([scale.unperturbed], [1.06], marker="v", markersize=8, color=theme.patient, clip_on=False, zorder=5)
    axes.plot([scale.unperturbed] * 2, [0, 1.06], color=theme.patient, linewidth=1.5, clip_on=False, zorder=4)
    text = f"this case: {number(scale.unperturbed, 4)}"
    half = min(0.5, 0.5 * text_cm(text, NAME_PT, True) / (width_cm - 2 * _SIDE_CM))
    axes.annotate(text, (min(max(scale.share(scale.unperturbed), half), 1 - half), 1.06), (0, 8), ha="center",
                  va="bottom", xycoords=("axes fraction", "data"), textcoords="offset points", fontweight="bold",
                  fontsize=NAME_PT, color=theme.patient, annotation_clip=False)


def _draw_bracket(sheet: Sheet, scale: StabilityScale, ends: tuple[float, float], y: float, text: str,
                  theme: Theme) -> None:
    """Draw a line between the ``ends`` at height ``y`` (cm), with upright tips and its name below."""
    across = sheet.width - 2 * _SIDE_CM
    low, high = (_SIDE_CM + across * scale.share(end) for end in ends)
    sheet.draw_sample(low, y, high - low, color=theme.ink, linewidth=1.2, marker="|", markersize=6)
    half = text_cm(text, SMALL_PT) / 2
    sheet.write(min(max((low + high) / 2, half + 0.1), sheet.width - half - 0.1), y - 0.12, text, SMALL_PT,
                ha="center", va="top")
