"""Two readings in the views: outlines of A and B, what they have in common, a legend, and surfaces in 3-D.

Orange, blue and bluish green are told apart in every form of colour blindness (Okabe and Ito 2008); and A's outline is
thick, B's thin, what they have in common a plain area, so that the legend can be read without colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import vtk
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.comparing import Contours, Side
from RadiomicsPrognosisLib.voi.grid import between, crop, ijk

from .display_loan import BorrowedLook, borrow, give_back
from .hidden_segment import HiddenLook, HiddenSegment
from .reading_models import ReadingModels, ThreeDLayout
from .view_legend import Key, Legend, LegendOverlay
from .views import SliceViews

#: Colours of A, B and what they have in common; widths of the outlines (pixels); opacity of the area.
COLOURS = ("#E69F00", "#56B4E9", "#009E73")
_WIDTHS, _FILL = (4, 2), 0.45


@dataclass(frozen=True)
class ReadingsInViews:
    """What to show: the contours of two readings, in slice views of ``volumes`` (node IDs), and ``in_3d`` or not."""

    contours: Contours
    volumes: tuple[str, ...]
    in_slices: bool
    in_3d: bool


class ReadingViews:
    """Shows one pair of readings at a time; what it changes is given back when they are shown no more."""

    def __init__(self) -> None:
        self._legend = SliceViews(LegendOverlay)
        self._common = HiddenSegment(HiddenLook(_("Agreement of two readings"), _("Both readings"), rgb(COLOURS[2]),
                                                _FILL, outlined=False))
        self._models = ReadingModels((_("Reading A"), _("Reading B")), (rgb(COLOURS[0]), rgb(COLOURS[1])))
        self._layout = ThreeDLayout()
        self._lent: dict[str, tuple[vtk.vtkObject, tuple[BorrowedLook, ...]]] = {}
        self._shown: ReadingsInViews | None = None

    def show(self, item: ReadingsInViews | None) -> None:
        """Show ``item``; None gives everything back."""
        before, self._shown = self._shown, item
        in_slices = item if item is not None and item.in_slices else None
        self._borrow(in_slices)
        self._show_common(in_slices, before)
        self._legend.show(Legend(legend_keys(in_slices.contours.names, self._widths(in_slices.contours.sides)),
                                 in_slices.volumes) if in_slices is not None else None)
        self._show_models(item if item is not None and item.in_3d else None, before)

    def forget(self) -> None:
        """Give back what can be, and let go of the nodes of a scene that is being closed."""
        self._common.forget()
        self._models.forget()
        self.show(None)

    @staticmethod
    def _widths(sides: tuple[Side, Side]) -> tuple[int, int]:
        """Return the widths of the outlines, which segments of one segmentation share."""
        return _WIDTHS if sides[0].segmentation is not sides[1].segmentation else (max(_WIDTHS), max(_WIDTHS))

    def _borrow(self, item: ReadingsInViews | None) -> None:
        wanted: dict[str, tuple[vtk.vtkObject, tuple[BorrowedLook, ...]]] = {}
        sides = item.contours.sides if item is not None else None
        for side, colour, width in zip(sides, COLOURS, self._widths(sides), strict=False) if sides is not None else ():
            display = side.segmentation.GetDisplayNode()
            if display is not None:
                looks = wanted.get(display.GetID(), (display, ()))[1]
                wanted[display.GetID()] = display, (*looks, BorrowedLook(side.segment_id, rgb(colour), width))
        before, self._lent = self._lent, wanted
        for key, (display, _looks) in before.items():
            if key not in wanted:
                give_back(display)
        for key, (display, looks) in wanted.items():
            if before.get(key) != (display, looks):
                borrow(display, looks)

    def _show_common(self, item: ReadingsInViews | None, before: ReadingsInViews | None) -> None:
        if item is None:
            self._common.hide()
        elif not self._common.alive or before is None or before.contours is not item.contours:
            contours = item.contours
            voxels, start = common_voxels(contours)
            self._common.show(voxels, contours.grid.cropped(start, voxels.shape[::-1]))

    def _show_models(self, item: ReadingsInViews | None, before: ReadingsInViews | None) -> None:
        if item is None:
            self._models.hide()
            self._layout.give_back()
            return
        self._models.show(item.contours)
        if before is None or not before.in_3d:
            self._layout.show()


def legend_keys(names: tuple[str, str], widths: Iterable[int]) -> tuple[Key, ...]:
    """Return the lines of the legend."""
    lines = tuple(Key(f"{letter}: {name}", letter, colour, width)
                  for letter, name, colour, width in zip("AB", names, COLOURS, widths, strict=False))
    return (*lines, Key(_("Both"), _("Both"), COLOURS[2], 0))


def common_voxels(contours: Contours) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Return the voxels (k, j, i) of both contours in A's box, and the index (i, j, k) of its first."""
    a, b = contours.a, contours.b
    low = np.maximum(a.start, b.start)
    high = np.minimum(*(np.add(mask.start, mask.voxels.shape[::-1]) for mask in (a, b)))
    voxels = np.zeros_like(a.voxels)
    if (high > low).all():
        start, size = ijk(low), ijk(high - low)
        inner = crop(voxels, between(a.start, start), size)
        inner[...] = crop(a.voxels, between(a.start, start), size) & crop(b.voxels, between(b.start, start), size)
    return voxels, a.start


def rgb(colour: str) -> tuple[float, float, float]:
    """Return a colour #RRGGBB as red, green and blue (0 - 1)."""
    red, green, blue = (int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
