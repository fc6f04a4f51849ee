"""The VOI on its CT: the slice of largest area in three planes, with contour, excluded voxels and scale bar."""

from __future__ import annotations

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ..voi.voi import Voi
from .planes import Plane, planes
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: Soft-tissue CT window (level, width) in HU.
WINDOW_HU = (40.0, 400.0)

#: On grey CT these two stay apart for every kind of colour vision; the excluded voxels are hatched as well.
_CONTOUR, _EXCLUDED = "#ffd400", "#56b4e9"

#: White on CT in either theme; not the light theme's background, which a page may recolour.
_WHITE = "#fefefe"

#: A picture narrower than this (cm) has its title and key on two lines.
_NARROW_CM = 4.4

#: Round lengths for the scale bar (mm); the longest within a third of the picture is drawn.
_BARS_MM = (1, 2, 5, 10, 20, 50, 100)


def draw_voi(voi: Voi, theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM,
             window_hu: tuple[float, float] = WINDOW_HU) -> Figure:
    """Return the three planes side by side, to one scale; pixels keep their true (anisotropic) size.

    ``window_hu`` is (level, width) of the grey scale.
    """
    shown = planes(voi)
    gap = 0.25
    side = (width_cm - 2 * gap) / 3
    with style(theme):
        narrow = side < _NARROW_CM
        key, title = (1.2, 0.95) if narrow else (0.8, 0.6)
        height = key + side + title
        figure = new_figure(width_cm, height, theme)
        for index, plane in enumerate(shown):
            axes = figure.add_axes((index * (side + gap) / width_cm, key / height, side / width_cm, side / height))
            _draw_plane(axes, plane, window_hu, min(min(item.extent_mm) for item in shown))
            name = f"{plane.name}{' (oblique)' if plane.oblique else ''}"
            where = f"slice {plane.position} of {plane.slices}"
            axes.set_title(f"{name}\n{where}" if narrow else f"{name}, {where}", fontsize=7.5 if narrow else 8.5, pad=3)
        _draw_key(figure, voi, window_hu, theme, narrow)
    return figure


def _draw_plane(axes: Axes, plane: Plane, window_hu: tuple[float, float], side_mm: float) -> None:
    """Draw one slice; the middle ``side_mm`` of it is seen."""
    width, height = plane.extent_mm
    level, span = window_hu
    grey = np.nan_to_num(np.clip((plane.hu - (level - span / 2)) / span, 0, 1), nan=0.0)
    # 8-bit grey values: what a screen shows, and a small picture inside the SVG.
    axes.imshow(np.rint(255 * grey).astype(np.uint8), cmap="gray", vmin=0, vmax=255, extent=(0, width, height, 0),
                interpolation="none", aspect="equal")
    excluded = plane.contour & ~plane.kept
    if excluded.any():
        axes.add_patch(PathPatch(_filling(excluded, plane.pixel_mm), facecolor="none", edgecolor=_EXCLUDED,
                                 hatch="//////", linewidth=0))
        axes.add_patch(PathPatch(outline(excluded, plane.pixel_mm), facecolor="none", edgecolor=_EXCLUDED,
                                 linewidth=0.6))
    axes.add_patch(PathPatch(outline(plane.contour, plane.pixel_mm), facecolor="none", edgecolor=_CONTOUR,
                             linewidth=1.3, path_effects=[patheffects.withStroke(linewidth=2.2, foreground="black")]))
    axes.set_xlim((width - side_mm) / 2, (width + side_mm) / 2)
    axes.set_ylim((height + side_mm) / 2, (height - side_mm) / 2)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("black")
    for spine in axes.spines.values():
        spine.set_visible(False)
    _letter_edges(axes, plane)
    _scale_bar(axes, side_mm)


def _letter_edges(axes: Axes, plane: Plane) -> None:
    halo = [patheffects.withStroke(linewidth=2, foreground="black")]
    places = ((0, 0.5, "left", "center"), (1, 0.5, "right", "center"), (0.5, 1, "center", "top"),
              (0.5, 0, "center", "bottom"))
    for letter, (x, y, horizontal, vertical) in zip(plane.letters, places, strict=True):
        axes.annotate(letter, (x, y), (3 - 6 * x, 3 - 6 * y), xycoords="axes fraction", textcoords="offset points",
                      color=_WHITE, fontsize=8.5, fontweight="bold", ha=horizontal, va=vertical, path_effects=halo)


def _scale_bar(axes: Axes, side_mm: float) -> None:
    length = scale_bar_mm(side_mm)
    x, y = axes.get_xlim()[0] + 0.95 * side_mm, axes.get_ylim()[1] + 0.94 * side_mm
    halo = [patheffects.withStroke(linewidth=3.4, foreground="black")]
    axes.plot([x - length, x], [y, y], color=_WHITE, linewidth=2.2, solid_capstyle="butt", path_effects=halo)
    axes.text(x, y - 0.015 * side_mm, f"{length} mm", color=_WHITE, fontsize=7.5, ha="right", va="bottom",
              path_effects=[patheffects.withStroke(linewidth=2, foreground="black")])


def scale_bar_mm(width_mm: float) -> int:
    """Return the length (mm) of the scale bar for a picture ``width_mm`` wide."""
    return max((bar for bar in _BARS_MM if bar <= width_mm / 3), default=_BARS_MM[0])


def _draw_key(figure: Figure, voi: Voi, window_hu: tuple[float, float], theme: Theme, narrow: bool) -> None:
    """Explain contour, excluded voxels and window under the pictures."""
    black = [patheffects.withStroke(linewidth=3, foreground="black")]
    contour = PathPatch(Path([(0, 0)]), facecolor="none", edgecolor=_CONTOUR, linewidth=1.6, path_effects=black)
    handles, labels = [contour], ["contour"]
    if voi.statistics.kept_voxels < voi.statistics.contoured_voxels:
        handles.append(PathPatch(Path([(0, 0)]), facecolor="#404040", edgecolor=_EXCLUDED, hatch="//////",
                                 linewidth=0.6))
        labels.append(f"excluded by the HU range ({voi.statistics.removed_share:.1%})")
    width_cm, height_cm = figure.get_size_inches() * 2.54
    place = (0, (0.85 if narrow else 0.4) / height_cm)
    figure.legend(handles, labels, loc="center left", bbox_to_anchor=place, ncols=2, frameon=False, fontsize=7.5,
                  borderpad=0, handlelength=1.8, handleheight=0.9)
    level, span = window_hu
    figure.text(1 - 0.1 / width_cm, (0.35 if narrow else 0.4) / height_cm,
                f"window {level - span / 2:g} to {level + span / 2:g} HU".replace("-", "−"), ha="right", va="center",
                fontsize=7.5, color=theme.muted)


def outline(mask: np.ndarray, pixel_mm: tuple[float, float]) -> Path:
    """Return the border of a mask's pixels (rows, columns) as a path in mm, exactly along pixel edges."""
    padded = np.pad(mask, 1).astype(np.int8)
    segments = []
    # An edge between two rows is horizontal, one between two columns vertical; runs of edges become one line.
    for axis, edges in ((0, np.diff(padded, axis=0)[:, 1:-1]), (1, np.diff(padded, axis=1)[1:-1].T)):
        for line, row in enumerate(edges != 0):
            for start, end in _runs(row):
                a, b = ((start, line), (end, line)) if axis == 0 else ((line, start), (line, end))
                segments.append((a, b))
    points = np.array(segments, float).reshape(-1, 2) * np.array(pixel_mm)
    return Path(points, [Path.MOVETO, Path.LINETO] * len(segments))


def _filling(mask: np.ndarray, pixel_mm: tuple[float, float]) -> Path:
    """Return a mask's pixels as one path of rectangles, one for each run in a row."""
    boxes = [((start, row), (end, row), (end, row + 1), (start, row + 1), (start, row))
             for row, line in enumerate(mask) for start, end in _runs(line)]
    points = np.array(boxes, float).reshape(-1, 2) * np.array(pixel_mm)
    return Path(points, ([Path.MOVETO] + 3 * [Path.LINETO] + [Path.CLOSEPOLY]) * len(boxes))


def _runs(line: np.ndarray) -> list[tuple[int, int]]:
    """Return (start, end) of each run of true values."""
    changes = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))
