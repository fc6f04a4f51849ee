"""Figures with a row per case or group of features: the rows' measures, and bands that guide the eye along them."""

from __future__ import annotations

from collections.abc import Collection

from matplotlib.axes import Axes

from ...figures.layout import add_grid
from ...figures.theme import Theme

#: Height of a row, and room for names at the left, in cm.
ROW, SIDE = 0.46, 3.4


def draw_bands(axes: Axes, rows: int, heads: Collection[int], theme: Theme) -> None:
    """Set an axis of ``rows`` rows, the first on top, every other one on a band; ``heads`` are rows without marks."""
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for row in range(rows):
        if row % 2 == 1 and row not in heads:
            axes.axhspan(row - 0.5, row + 0.5, color=theme.band, linewidth=0, zorder=0)
    add_grid(axes, theme, "x")
