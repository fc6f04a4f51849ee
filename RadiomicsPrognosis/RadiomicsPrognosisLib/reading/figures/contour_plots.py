"""How well contours agree: Dice coefficient and surface distances of every case."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.layout import (
    NAME_PT,
    NARROW_CM,
    SMALL_PT,
    Look,
    Sheet,
    fitted,
    fitted_heading,
    heading_cm,
    key,
    legend_shape,
    series,
)
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ..result import ContourAgreement
from .rows import ROW, draw_bands

#: Most cases drawn, the worst first; the table beside the page holds all.
MOST = 60

#: Marks tell pairs of readings where colour does not.
_MARKERS = ("o", "^", "s", "D", "v", "P")

#: What is drawn of an overlap, by the field of the record; a narrow figure leaves out the one in the middle.
_PANELS = (("Dice", "dice"), ("Mean distance (mm)", "mean_surface_distance_mm"),
           ("HD95 (mm)", "hausdorff95_mm"))

#: Room in cm for names, between panels, and below them.
_NAMES, _GAP, _BELOW, _LEGEND = 2.6, 0.8, 1.1, 0.45


def draw_contour_agreement(contours: Sequence[ContourAgreement], pairs: Sequence[tuple[tuple[str, str], str]],
                           title: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return Dice, mean distance (where wide) and 95 % Hausdorff distance of every case, that of lowest Dice on top.

    ``pairs`` are ((first, second) reading, title); each has its own mark.
    """
    measured = [item for item in contours if item.overlap is not None]
    lowest = {item.case: 1.0 for item in measured}
    for item in measured:
        if item.overlap is not None:
            lowest[item.case] = min(lowest[item.case], item.overlap.dice)
    cases = sorted(lowest, key=lambda case: (lowest[case], case))[:MOST]
    places = {readings: place for place, (readings, _) in enumerate(pairs)}
    keys = [key(name, **_mark(place, theme)) for place, (_, name) in enumerate(pairs)]
    panels = _PANELS if width_cm >= NARROW_CM else _PANELS[::2]
    with style(theme):
        columns, legend_rows = legend_shape(keys, width_cm)
        heading = fitted_heading(title, width_cm, 2)
        height, below = ROW * len(cases), _BELOW + _LEGEND * legend_rows
        side = (width_cm - _NAMES - 0.4 - _GAP * (len(panels) - 1)) / len(panels)
        sheet = Sheet.blank(width_cm, heading_cm(heading) + 0.3 + height + below, theme)
        drawn = [sheet.plot(_NAMES + place * (side + _GAP), below, side, height) for place in range(len(panels))]
        for axes, (name, _) in zip(drawn, panels, strict=True):
            draw_bands(axes, len(cases), (), theme)
            axes.set_xlabel(fitted(name, side, NAME_PT))
        for item in measured:
            if item.overlap is not None and item.case in cases and (item.first, item.second) in places:
                look = _mark(places[item.first, item.second], theme)
                for axes, (_, measure) in zip(drawn, panels, strict=True):
                    axes.plot([getattr(item.overlap, measure)], [cases.index(item.case)], zorder=4, clip_on=False,
                              **look)
        _set_axes(drawn)
        for row, case in enumerate(cases):
            sheet.write(_NAMES - 0.15, below + height - (row + 0.5) * ROW, fitted(case, _NAMES - 0.3, SMALL_PT),
                        SMALL_PT, va="center", ha="right")
        sheet.write_heading(heading)
        sheet.add_legend(keys, columns)
    return sheet.figure


def _mark(place: int, theme: Theme) -> Look:
    return {"color": series(theme, place, 1.0)["color"], "linestyle": "none",
            "marker": _MARKERS[place % len(_MARKERS)], "markersize": 5.5, "markeredgecolor": theme.background}


def _set_axes(drawn: Sequence[Axes]) -> None:
    """Let Dice end at 1 and distances begin at 0."""
    low = drawn[0].get_xlim()[0]
    drawn[0].set_xlim(max(-0.03, min(low, 0.89)), 1.0)
    for axes in drawn[1:]:
        axes.set_xlim(0, max(axes.get_xlim()[1], 1.0))
    for axes in drawn:
        axes.locator_params(axis="x", nbins=4)
