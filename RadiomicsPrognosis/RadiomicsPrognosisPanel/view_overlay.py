"""What is drawn over one slice view: the answer in its upper right corner, and beside the contour where it is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import slicer
import vtk

from RadiomicsPrognosisLib.presenter.cross_section import CrossSection, Outline

from .view_pictures import Pictures
from .view_sprites import BORDER, LOWER, UPPER, Box, Placed, SpriteOverlay

#: Space to the contour (pixels at the density of ordinary screens).
_GAP = 8

#: On how many sides of the contour there may be room for a label.
_SIDES = 4


@dataclass(frozen=True, kw_only=True)
class Content:
    """What to show: pictures of the answer, in the corner or not, and beside ``outline`` (None: not there).

    It is shown in views of ``volumes`` (node IDs): over another image it would be taken for an answer about that.
    """

    pictures: Pictures
    volumes: tuple[str, ...]
    in_corner: bool
    outline: Outline | None


class ViewOverlay(SpriteOverlay[Content]):
    """Keeps the block of the answer in the corner and its line beside the contour."""

    sprites = 2

    def _places(self, content: Content) -> Sequence[Placed | None]:
        corner = self._place_corner(content)
        return corner, self._place_label(content, corner[1] if corner is not None else None)

    def _place_corner(self, content: Content) -> Placed | None:
        """Return picture and box of the block in the upper right corner, below what Slicer writes there."""
        border = round(BORDER * self._scale)
        (width, height), above = self._size(), self._taken(UPPER)
        room = width - 2 * border
        if not content.in_corner or room < 1:
            return None
        picture = content.pictures.corner(room, height - above, self._scale)
        wide, high, _depth = picture.GetDimensions()
        bottom = height - border - above - high
        return (picture, Box(width - border - wide, bottom, wide, high)) if bottom >= 0 else None

    def _place_label(self, content: Content, corner: Box | None) -> Placed | None:
        """Return picture and box of the line beside the contour, or None where the view does not show the contour."""
        width, height = self._size()
        section = None if content.outline is None else content.outline.cut(
            slicer.util.arrayFromVTKMatrix(self._node.GetXYToRAS()))
        if section is None or not (section.left < width and section.right > 0
                                   and section.bottom < height and section.top > 0):
            return None
        border, gap = round(BORDER * self._scale), round(_GAP * self._scale)
        low, high = border + self._taken(LOWER), height - border - self._taken(UPPER)
        area = Box(border, low, width - 2 * border, high - low)
        if area.width < 1:
            return None
        texts = content.pictures.label_texts(area.width, self._scale)
        for side in range(_SIDES):
            for text in texts:
                picture = content.pictures.label(text, area.width, self._scale)
                box = _beside(section, picture, area, gap)[side]
                if box.is_in(area) and not (corner is not None and box.overlaps(corner)):
                    return picture, box
        picture = content.pictures.label(texts[-1], area.width, self._scale)
        box = _within(section, picture, area)
        if corner is not None and box.overlaps(corner):
            box = replace(box, bottom=corner.bottom - gap - box.height)
        return (picture, box) if box.is_in(area) else None


def _beside(section: CrossSection, picture: vtk.vtkImageData, area: Box, gap: int) -> tuple[Box, ...]:
    """Return where ``picture`` may stand: right of the contour, left of it, below and above."""
    box = _within(section, picture, area)
    middle = round(np.clip((section.left + section.right - box.width) / 2, area.left, area.right - box.width))
    return (replace(box, left=round(section.right + gap)),
            replace(box, left=round(section.left - gap - box.width)),
            replace(box, left=middle, bottom=round(section.bottom - gap - box.height)),
            replace(box, left=middle, bottom=round(section.top + gap)))


def _within(section: CrossSection, picture: vtk.vtkImageData, area: Box) -> Box:
    """Return the box of ``picture`` at the right-hand end of ``area``, as high as the contour's right-hand edge."""
    wide, high, _depth = picture.GetDimensions()
    level = round(np.clip(section.edge_y - high / 2, area.bottom, max(area.top - high, area.bottom)))
    return Box(area.right - wide, level, wide, high)
