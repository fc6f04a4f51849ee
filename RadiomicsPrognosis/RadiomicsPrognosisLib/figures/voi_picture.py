"""The VOI on its CT: the slice of largest area in three planes, with contour, excluded voxels and scale bar."""

from __future__ import annotations

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ..texts import percent
from ..voi.voi import Voi
from .planes import Plane, planes
from .slices import WINDOW_HU, draw_grey, draw_letters, draw_scale_bar, filling, outline, window_text
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: On grey CT these two stay apart for every kind of colour vision; the excluded voxels are hatched as well.
_CONTOUR, _EXCLUDED = "#ffd400", "#56b4e9"

#: A picture narrower than this (cm) has its title and key on two lines.
_NARROW_CM = 4.4


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


def draw_largest_slice(voi: Voi, theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM,
                       window_hu: tuple[float, float] = WINDOW_HU) -> Figure:
    """Return the axial slice of the largest contoured area alone; ``window_hu`` is (level, width) of the grey scale."""
    plane = planes(voi)[0]
    key, title = 1.2, 0.6
    with style(theme):
        height = key + width_cm + title
        figure = new_figure(width_cm, height, theme)
        axes = figure.add_axes((0, key / height, 1, width_cm / height))
        _draw_plane(axes, plane, window_hu, min(plane.extent_mm))
        oblique = " (oblique)" if plane.oblique else ""
        axes.set_title(f"{plane.name}{oblique}, slice {plane.position} of {plane.slices}", fontsize=8.5, pad=3)
        _draw_key(figure, voi, window_hu, theme, narrow=True)
    return figure


def _draw_plane(axes: Axes, plane: Plane, window_hu: tuple[float, float], side_mm: float) -> None:
    """Draw one slice; the middle ``side_mm`` of it is seen."""
    draw_grey(axes, plane.hu, plane.extent_mm, side_mm, window_hu)
    excluded = plane.contour & ~plane.kept
    if excluded.any():
        axes.add_patch(PathPatch(filling(excluded, plane.pixel_mm), facecolor="none", edgecolor=_EXCLUDED,
                                 hatch="//////", linewidth=0))
        axes.add_patch(PathPatch(outline(excluded, plane.pixel_mm), facecolor="none", edgecolor=_EXCLUDED,
                                 linewidth=0.6))
    axes.add_patch(PathPatch(outline(plane.contour, plane.pixel_mm), facecolor="none", edgecolor=_CONTOUR,
                             linewidth=1.3, path_effects=[patheffects.withStroke(linewidth=2.2, foreground="black")]))
    draw_letters(axes, plane.letters)
    draw_scale_bar(axes, side_mm)


def _draw_key(figure: Figure, voi: Voi, window_hu: tuple[float, float], theme: Theme, narrow: bool) -> None:
    """Explain contour, excluded voxels and window under the pictures."""
    black = [patheffects.withStroke(linewidth=3, foreground="black")]
    contour = PathPatch(Path([(0, 0)]), facecolor="none", edgecolor=_CONTOUR, linewidth=1.6, path_effects=black)
    handles, labels = [contour], ["contour"]
    if voi.statistics.kept_voxels < voi.statistics.contoured_voxels:
        handles.append(PathPatch(Path([(0, 0)]), facecolor="#404040", edgecolor=_EXCLUDED, hatch="//////",
                                 linewidth=0.6))
        share = f"HU range ({percent(voi.statistics.removed_share)})"
        labels.append(f"excluded by the {share}" if voi.slice_voxels is None else
                      f"beyond the largest slice or excluded by the {share}")
    width_cm, height_cm = figure.get_size_inches() * 2.54
    place = (0, (0.85 if narrow else 0.4) / height_cm)
    figure.legend(handles, labels, loc="center left", bbox_to_anchor=place, ncols=2, frameon=False, fontsize=7.5,
                  borderpad=0, handlelength=1.8, handleheight=0.9)
    figure.text(1 - 0.1 / width_cm, (0.35 if narrow else 0.4) / height_cm, window_text(window_hu), ha="right",
                va="center", fontsize=7.5, color=theme.muted)
