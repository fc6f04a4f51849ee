"""Calibration: predicted against observed by groups with intervals, the smooth curve, and the ideal line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from ...figures.layout import Look, key, make_panels, percent_axes
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...notation import fixed
from ...statistics.calibration import CalibrationGroup, SmoothCalibration


@dataclass(frozen=True)
class CalibrationPanel:
    """One horizon (or the probability): ``groups``, the ``smooth`` curve, each empty or None where it is unavailable,
    and the optimism-``corrected`` curve (predicted, observed), both (m,)."""

    title: str
    groups: Sequence[CalibrationGroup]
    smooth: SmoothCalibration | None
    corrected: tuple[np.ndarray, np.ndarray] | None = None


def draw_calibration(panels: Sequence[CalibrationPanel], quantity: str, title: str = "", theme: Theme = LIGHT,
                     width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return a panel each; ``quantity`` (survival or probability of what) names the axes."""
    ideal: Look = {"color": theme.muted, "linestyle": "-", "linewidth": 0.8}
    smooth: Look = {"color": theme.patient, "linestyle": "-", "linewidth": 1.7}
    corrected: Look = {"color": theme.ink, "linestyle": (0, (4, 2)), "linewidth": 1.3}
    groups: Look = {"color": theme.better, "linestyle": "none", "marker": "o", "markersize": 5,
                    "markeredgecolor": theme.background}
    looks = (("ideal", ideal, True), ("smooth curve", smooth, any(item.smooth for item in panels)),
             ("smooth curve, optimism-corrected", corrected, any(item.corrected for item in panels)),
             ("groups with 95 % CI", groups, any(item.groups for item in panels)))
    with style(theme):
        sheet = make_panels([item.title for item in panels], title,
                            (f"Predicted {quantity} (%)", f"Observed {quantity} (%)"),
                            [key(name, **look) for name, look, used in looks if used], theme, width_cm)
        for axes, item in zip(sheet.axes, panels, strict=True):
            percent_axes(axes, theme)
            axes.plot([0, 1], [0, 1], **ideal)
            if item.smooth is not None:
                axes.plot(item.smooth.predicted, item.smooth.observed, **smooth)
                # Where the curve is not: under the ideal line at the right, for a curve rises.
                axes.text(0.97, 0.05, f"ICI {fixed(item.smooth.ici)}", transform=axes.transAxes, ha="right",
                          fontsize=7.5, bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.8,
                                              "pad": 1})
            if item.corrected is not None:
                axes.plot(*item.corrected, **corrected)
            for group in item.groups:
                if group.lower is not None and group.upper is not None:
                    axes.plot([group.predicted] * 2, [group.lower, group.upper], color=theme.better, linewidth=1.1,
                              marker="_", markersize=5, zorder=4)
            if item.groups:
                axes.plot([group.predicted for group in item.groups], [group.observed for group in item.groups],
                          zorder=5, clip_on=False, **groups)
    return sheet.figure
