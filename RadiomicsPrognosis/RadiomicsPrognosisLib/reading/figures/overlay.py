"""Two readings' contours on the CT: both outlines and where they agree, on the slice where they differ most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ...errors import GeometryMismatch
from ...figures.layout import NARROW_CM, SMALL_PT, Sheet, fitted, fitted_heading, heading_cm
from ...figures.planes import View, largest_extent
from ...figures.slices import (
    WINDOW_HU,
    border_path,
    borders,
    draw_grey,
    draw_letters,
    draw_scale_bar,
    filling,
    window_text,
)
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...voi.grid import Grid, PlacedMask, crop, ijk, place
from ...voi.images import array_view

#: Okabe & Ito (Color Universal Design, 2008): orange, blue and bluish green; the blue a shade beside the themes', which
#: a page recolours.
FIRST, SECOND, BOTH = "#e69f00", "#0073b2", "#009e73"

#: CT shown around the contours (mm), and gap between pictures and room under them (cm).
_MARGIN_MM, _GAP, _KEY = 15.0, 0.3, 0.55


@dataclass(frozen=True, eq=False, kw_only=True)
class OverlayPanel:
    """A slice: ``hu``, the contours ``first`` and ``second`` (rows, columns), and where it is in the volume.

    ``letters`` are the patient's directions at the left, right, top and bottom; ``remarks`` are lines under the title.
    """

    title: str
    remarks: tuple[str, ...]
    hu: np.ndarray
    first: np.ndarray
    second: np.ndarray
    pixel_mm: tuple[float, float]
    letters: tuple[str, str, str, str]
    position: int
    slices: int
    oblique: bool


def slice_of_most_disagreement(image: sitk.Image, first: sitk.Image, second: sitk.Image, title: str,
                               remarks: tuple[str, ...] = ()) -> OverlayPanel:
    """Return the axial slice of ``image`` (HU) on which the masks ``first`` and ``second`` differ by the largest area.

    Raises EmptyVoi for a mask without voxels, GeometryMismatch for one that lies (partly) outside the image.
    """
    grid = Grid.of(image)
    placed = [place(mask, grid, f"The {name} contour") for mask, name in ((first, "first"), (second, "second"))]
    start, (one, two) = _in_one_box(placed)
    view = View.of(grid, "axial")
    index = start[view.across] + int(view.areas(one ^ two).argmax())
    in_plane = (one | two).any(axis=2 - view.across, keepdims=True)
    box = view.box(start, one.shape, index, largest_extent(in_plane, _flat(grid, view.across)) + 2 * _MARGIN_MM)
    return OverlayPanel(
        title=title, remarks=remarks, hu=view.picture(array_view(image), (0, 0, 0), box, np.nan),
        first=view.picture(one, start, box, 0.0) > 0, second=view.picture(two, start, box, 0.0) > 0,
        pixel_mm=view.pixel_mm, letters=view.letters, position=index + 1, slices=grid.size[view.across],
        oblique=view.oblique)


def _flat(grid: Grid, axis: int) -> Grid:
    """Return the grid as if it had no extent along ``axis``."""
    x, y, z = (0.0 if place == axis else spacing for place, spacing in enumerate(grid.spacing))
    return Grid(grid.size, (x, y, z), grid.origin, grid.direction)


def _in_one_box(placed: Sequence[PlacedMask]) -> tuple[tuple[int, int, int], list[np.ndarray]]:
    """Return the first voxel (i, j, k) of the box around all masks, and each mask in it (k, j, i)."""
    low = np.min([item.start for item in placed], axis=0)
    high = np.max([np.array(item.start) + item.voxels.shape[::-1] for item in placed], axis=0)
    if (high <= low).any():
        raise GeometryMismatch("The contours have no extent.")
    masks = []
    for item in placed:
        mask = np.zeros((high - low)[::-1], bool)
        crop(mask, ijk(np.array(item.start) - low), item.voxels.shape[::-1])[...] = item.voxels
        masks.append(mask)
    return ijk(low), masks


def draw_overlays(panels: Sequence[OverlayPanel], title: str = "", theme: Theme = LIGHT,
                  width_cm: float = PRINT_WIDTH_CM, window_hu: tuple[float, float] = WINDOW_HU) -> Figure:
    """Return the panels side by side, each to its own scale; ``window_hu`` is (level, width) of the grey scale.

    What only one reading holds is hatched in its colour; borders that both share are green.
    """
    columns = len(panels) if width_cm >= NARROW_CM else 1
    side = min((width_cm - _GAP * (columns - 1)) / max(columns, 3 if width_cm >= NARROW_CM else 1), 8.0)
    rows = -(-len(panels) // columns)
    lines = max(len(item.remarks) for item in panels) + 2
    above, key = 0.1 + 0.34 * lines, _KEY * (1 if width_cm >= NARROW_CM else 3) + 0.15
    heading = fitted_heading(title, width_cm, 2)
    with style(theme):
        sheet = Sheet.blank(width_cm, heading_cm(heading) + 0.1 + rows * (above + side + 0.15) + key, theme)
        top = sheet.height - heading_cm(heading) - 0.1
        for number, panel in enumerate(panels):
            row, column = divmod(number, columns)
            x, y = column * (side + _GAP), top - (row + 1) * (above + side) - 0.15 * row
            _draw_panel(sheet.plot(x, y, side, side), panel, window_hu)
            where = f"{'axial (oblique)' if panel.oblique else 'axial'}, slice {panel.position} of {panel.slices}"
            sheet.write(x + 0.05, y + side + 0.1 + 0.34 * (lines - 1), fitted(panel.title, side, SMALL_PT, True),
                        SMALL_PT, va="bottom", fontweight="bold")
            for line, text in enumerate((*panel.remarks, where), 2):
                sheet.write(x + 0.05, y + side + 0.1 + 0.34 * (lines - line), fitted(text, side, SMALL_PT), SMALL_PT,
                            va="bottom")
        sheet.write_heading(heading)
        _draw_key(sheet, window_hu, 1 if width_cm >= NARROW_CM else 3)
    return sheet.figure


def _draw_panel(axes: Axes, panel: OverlayPanel, window_hu: tuple[float, float]) -> None:
    rows, columns = panel.hu.shape
    width, height = columns * panel.pixel_mm[0], rows * panel.pixel_mm[1]
    draw_grey(axes, panel.hu, (width, height), min(width, height), window_hu)
    for only, colour, hatch in ((panel.first & ~panel.second, FIRST, "/////"),
                                (panel.second & ~panel.first, SECOND, "\\\\\\\\\\")):
        if only.any():
            axes.add_patch(PathPatch(filling(only, panel.pixel_mm), facecolor="none", edgecolor=colour, hatch=hatch,
                                     linewidth=0))
    one, two = borders(panel.first), borders(panel.second)
    shared = (one[0] & two[0], one[1] & two[1])
    lines = ((_without(one, shared), FIRST), (_without(two, shared), SECOND), (shared, BOTH))
    for halo in (True, False):
        for edges, colour in lines:
            if any(item.any() for item in edges):
                look = _HALO if halo else {"edgecolor": colour, "linewidth": 1.5}
                axes.add_patch(PathPatch(border_path(edges, panel.pixel_mm), facecolor="none", **look))
    draw_letters(axes, panel.letters)
    draw_scale_bar(axes, min(width, height))


#: A light line under the coloured ones keeps them apart from dark CT.
_HALO = {"edgecolor": "#fefefe", "linewidth": 2.4}


def _without(edges: tuple[np.ndarray, np.ndarray], others: tuple[np.ndarray, np.ndarray]
             ) -> tuple[np.ndarray, np.ndarray]:
    return edges[0] & ~others[0], edges[1] & ~others[1]


def _draw_key(sheet: Sheet, window_hu: tuple[float, float], lines: int) -> None:
    """Explain the colours and the window under the pictures, on so many lines."""
    light = [patheffects.withStroke(linewidth=2.6, foreground="#fefefe")]
    handles = [PathPatch(Path([(0, 0)]), facecolor="#404040", edgecolor=colour, linewidth=1.5, hatch=hatch,
                         path_effects=light)
               for colour, hatch in ((FIRST, "/////"), (SECOND, "\\\\\\\\\\"), (BOTH, None))]
    sheet.figure.legend(handles, ["first reading (A)", "second reading (B)", "border of both"], loc="lower left",
                        bbox_to_anchor=(0, 0), ncols=3 if lines == 1 else 1, frameon=False, fontsize=SMALL_PT,
                        borderpad=0.2, handlelength=1.8, handleheight=0.9)
    sheet.write(sheet.width - 0.1, 0.18, window_text(window_hu), SMALL_PT, ha="right")
