"""A CT slice as a picture: grey values, letters at its edges, a scale bar, and outlines exactly along pixel edges."""

from __future__ import annotations

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.path import Path

#: Soft-tissue CT window (level, width) in HU.
WINDOW_HU = (40.0, 400.0)

#: White on CT in either theme; not the light theme's background, which a page may recolour.
_WHITE = "#fefefe"

#: Round lengths for the scale bar (mm); the longest within a third of the picture is drawn.
_BARS_MM = (1, 2, 5, 10, 20, 50, 100)


def draw_grey(axes: Axes, hu: np.ndarray, extent_mm: tuple[float, float], side_mm: float,
              window_hu: tuple[float, float]) -> None:
    """Draw a slice (rows, columns) in HU, ``extent_mm`` wide and high; the middle ``side_mm`` of it is seen."""
    width, height = extent_mm
    level, span = window_hu
    grey = np.nan_to_num(np.clip((hu - (level - span / 2)) / span, 0, 1), nan=0.0)
    # 8-bit grey values: what a screen shows, and a small picture inside the SVG.
    axes.imshow(np.rint(255 * grey).astype(np.uint8), cmap="gray", vmin=0, vmax=255, extent=(0, width, height, 0),
                interpolation="none", aspect="equal")
    axes.set_xlim((width - side_mm) / 2, (width + side_mm) / 2)
    axes.set_ylim((height + side_mm) / 2, (height - side_mm) / 2)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("black")
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_letters(axes: Axes, letters: tuple[str, str, str, str]) -> None:
    """Write the patient's directions at the left, right, top and bottom edge."""
    halo = [patheffects.withStroke(linewidth=2, foreground="black")]
    places = ((0, 0.5, "left", "center"), (1, 0.5, "right", "center"), (0.5, 1, "center", "top"),
              (0.5, 0, "center", "bottom"))
    for letter, (x, y, horizontal, vertical) in zip(letters, places, strict=True):
        axes.annotate(letter, (x, y), (3 - 6 * x, 3 - 6 * y), xycoords="axes fraction", textcoords="offset points",
                      color=_WHITE, fontsize=8.5, fontweight="bold", ha=horizontal, va=vertical, path_effects=halo)


def draw_scale_bar(axes: Axes, side_mm: float) -> None:
    """Draw a bar of round length at the lower right of a picture ``side_mm`` wide."""
    length = scale_bar_mm(side_mm)
    x, y = axes.get_xlim()[0] + 0.95 * side_mm, axes.get_ylim()[1] + 0.94 * side_mm
    halo = [patheffects.withStroke(linewidth=3.4, foreground="black")]
    axes.plot([x - length, x], [y, y], color=_WHITE, linewidth=2.2, solid_capstyle="butt", path_effects=halo)
    axes.text(x, y - 0.015 * side_mm, f"{length} mm", color=_WHITE, fontsize=7.5, ha="right", va="bottom",
              path_effects=[patheffects.withStroke(linewidth=2, foreground="black")])


def scale_bar_mm(width_mm: float) -> int:
    """Return the length (mm) of the scale bar for a picture ``width_mm`` wide."""
    return max((bar for bar in _BARS_MM if bar <= width_mm / 3), default=_BARS_MM[0])


def outline(mask: np.ndarray, pixel_mm: tuple[float, float]) -> Path:
    """Return the border of a mask's pixels (rows, columns) as a path in mm, exactly along pixel edges."""
    return border_path(borders(mask), pixel_mm)


def borders(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which pixel edges of a mask (rows, columns) are on its border: between rows as (rows + 1, columns), and
    between columns as (columns + 1, rows)."""
    padded = np.pad(mask, 1).astype(np.int8)
    return np.diff(padded, axis=0)[:, 1:-1] != 0, np.diff(padded, axis=1)[1:-1].T != 0


def border_path(edges: tuple[np.ndarray, np.ndarray], pixel_mm: tuple[float, float]) -> Path:
    """Return pixel edges, as :func:`borders` gives them, as a path in mm."""
    segments = []
    # An edge between two rows is horizontal, one between two columns vertical; runs of edges become one line.
    for axis, lines in enumerate(edges):
        for line, row in enumerate(lines):
            for start, end in _runs(row):
                a, b = ((start, line), (end, line)) if axis == 0 else ((line, start), (line, end))
                segments.append((a, b))
    points = np.array(segments, float).reshape(-1, 2) * np.array(pixel_mm)
    return Path(points, [Path.MOVETO, Path.LINETO] * len(segments))


def filling(mask: np.ndarray, pixel_mm: tuple[float, float]) -> Path:
    """Return a mask's pixels as one path of rectangles, one for each run in a row."""
    boxes = [((start, row), (end, row), (end, row + 1), (start, row + 1), (start, row))
             for row, line in enumerate(mask) for start, end in _runs(line)]
    points = np.array(boxes, float).reshape(-1, 2) * np.array(pixel_mm)
    return Path(points, ([Path.MOVETO] + 3 * [Path.LINETO] + [Path.CLOSEPOLY]) * len(boxes))


def _runs(line: np.ndarray) -> list[tuple[int, int]]:
    """Return (start, end) of each run of true values."""
    changes = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))

def window_text(window_hu: tuple[float, float]) -> str:
    """Return the ends of a window (level, width) in words."""
    level, span = window_hu
    return f"window {level - span / 2:g} to {level + span / 2:g} HU".replace("-", "−")
