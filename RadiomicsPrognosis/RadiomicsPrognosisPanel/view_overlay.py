"""What is drawn over one slice view: the answer in its upper right corner, and beside the contour where it is cut.

It consists of VTK props of our own in the view's overlay renderer, above image, segments and markups: Slicer rewrites
the texts of the view's own corner annotation (DataProbe), and no MRML node is needed that a scene would save.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import slicer
import vtk
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib.presenter.cross_section import CrossSection, Outline

from .view_pictures import Pictures

#: VTK's density of a screen whose pixels are not scaled; Slicer's views multiply it by the screen's scale factor.
_DPI = 72

#: Space to the view's borders and to the contour (pixels at the density of ordinary screens).
_BORDER, _GAP = 6, 8

#: On how many sides of the contour there may be room for a label.
_SIDES = 4

#: Corners of vtkCornerAnnotation, and the height of its lines in letters and their greatest share of the view.
_LOWER, _UPPER, _LINE, _LINE_SHARE = (0, 1), (2, 3), 1.3, 0.07


@dataclass(frozen=True, kw_only=True)
class Content:
    """What to show: pictures of the answer, in the corner or not, and beside ``outline`` (None: not there).

    It is shown in views of ``volumes`` (node IDs): over another image it would be taken for an answer about that.
    """

    pictures: Pictures
    volumes: tuple[str, ...]
    in_corner: bool
    outline: Outline | None


@dataclass(frozen=True)
class _Box:
    """A rectangle in a view's pixels."""

    left: int
    bottom: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column to the right of it."""
        return self.left + self.width

    @property
    def top(self) -> int:
        """The first row above it."""
        return self.bottom + self.height

    def is_in(self, other: _Box) -> bool:
        """Tell whether it lies wholly in the other."""
        return (other.left <= self.left and self.right <= other.right
                and other.bottom <= self.bottom and self.top <= other.top)

    def overlaps(self, other: _Box) -> bool:
        """Tell whether both have a pixel in common."""
        return (self.left < other.right and other.left < self.right
                and self.bottom < other.top and other.bottom < self.top)


class Sprite:
    """One picture in a renderer, pixel for pixel; in the renderer only while it shows something."""

    def __init__(self, renderer: vtk.vtkRenderer):
        self._renderer, self._mapper, self.actor = renderer, vtk.vtkImageMapper(), vtk.vtkActor2D()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self.actor.SetMapper(self._mapper)
        self.actor.PickableOff()
        self._shown: tuple[vtk.vtkImageData, _Box] | None = None

    def show(self, picture: vtk.vtkImageData, box: _Box) -> bool:
        """Show ``picture`` in ``box`` and return whether that differs from what was shown."""
        before, self._shown = self._shown, (picture, box)
        if before is not None and before[0] is picture and before[1] == box:
            return False
        self._mapper.SetInputData(picture)
        self.actor.SetPosition(box.left, box.bottom)
        if before is None:
            self._renderer.AddViewProp(self.actor)
        return True

    def hide(self) -> bool:
        """Take the picture away and return whether there was one."""
        before, self._shown = self._shown, None
        if before is not None:
            self._renderer.RemoveViewProp(self.actor)
        return before is not None


class ViewOverlay(VTKObservationMixin):
    """Keeps the pictures over the slice view of ``widget`` (a qMRMLSliceWidget) where they belong.

    ``render`` is called when the view must be drawn again.
    """

    def __init__(self, widget: slicer.qMRMLSliceWidget, render: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        view = widget.sliceView()
        self.window, self._node, self._texts = view.renderWindow(), view.mrmlSliceNode(), view.cornerAnnotation()
        self._layers = widget.mrmlSliceCompositeNode()
        self._render = render
        renderer = overlay_renderer(self.window)
        self._corner, self._label = Sprite(renderer), Sprite(renderer)
        self._content: Content | None = None
        for item in (self._node, self._texts, self._layers):
            self.addObserver(item, vtk.vtkCommand.ModifiedEvent, self._on_view)

    def is_over(self, widget: slicer.qMRMLSliceWidget) -> bool:
        """Tell whether this belongs to ``widget`` as it is: a layout may replace window and nodes of the same name."""
        view = widget.sliceView()
        return (self.window is view.renderWindow() and self._node is view.mrmlSliceNode()
                and self._layers is widget.mrmlSliceCompositeNode())

    def show(self, content: Content) -> None:
        """Show ``content``."""
        self._content = content
        self._on_view()

    def remove(self) -> None:
        """Take everything away and observe nothing any more."""
        self.removeObservers()
        self._content = None
        if self._corner.hide() | self._label.hide():
            self._render()

    def _on_view(self, _caller: object = None, _event: object = None) -> None:
        """Place the pictures: the view's slice, zoom, size or image has changed, the texts in its corners, or ours."""
        content = self._content
        if content is None:
            return
        if not {self._layers.GetBackgroundVolumeID(), self._layers.GetForegroundVolumeID()} & set(content.volumes):
            if self._corner.hide() | self._label.hide():
                self._render()
            return
        corner = self._place_corner(content)
        changed = self._corner.hide() if corner is None else self._corner.show(*corner)
        label = self._place_label(content, corner[1] if corner is not None else None)
        changed = (self._label.hide() if label is None else self._label.show(*label)) or changed
        if changed:
            self._render()

    @property
    def _scale(self) -> float:
        return max(self.window.GetDPI() / _DPI, 1.0)

    def _size(self) -> tuple[int, int]:
        width, height, _depth = self._node.GetDimensions()
        return width, height

    def _taken(self, corners: tuple[int, int]) -> int:
        """Return the height (pixels) that the lines of the view's own annotation take of its lower or upper border."""
        lines = max(len((self._texts.GetText(corner) or "").splitlines()) for corner in corners)
        letters = self._texts.GetMaximumFontSize() * self._scale * _LINE
        return round(lines * min(letters, _LINE_SHARE * self._size()[1]))

    def _place_corner(self, content: Content) -> tuple[vtk.vtkImageData, _Box] | None:
        """Return picture and box of the block in the upper right corner, below what Slicer writes there."""
        border = round(_BORDER * self._scale)
        (width, height), above = self._size(), self._taken(_UPPER)
        room = width - 2 * border
        if not content.in_corner or room < 1:
            return None
        picture = content.pictures.corner(room, height - above, self._scale)
        wide, high, _depth = picture.GetDimensions()
        bottom = height - border - above - high
        return (picture, _Box(width - border - wide, bottom, wide, high)) if bottom >= 0 else None

    def _place_label(self, content: Content, corner: _Box | None) -> tuple[vtk.vtkImageData, _Box] | None:
        """Return picture and box of the line beside the contour, or None where the view does not show the contour."""
        width, height = self._size()
        section = None if content.outline is None else content.outline.cut(
            slicer.util.arrayFromVTKMatrix(self._node.GetXYToRAS()))
        if section is None or not (section.left < width and section.right > 0
                                   and section.bottom < height and section.top > 0):
            return None
        border, gap = round(_BORDER * self._scale), round(_GAP * self._scale)
        low, high = border + self._taken(_LOWER), height - border - self._taken(_UPPER)
        area = _Box(border, low, width - 2 * border, high - low)
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


def _beside(section: CrossSection, picture: vtk.vtkImageData, area: _Box, gap: int) -> tuple[_Box, ...]:
    """Return where ``picture`` may stand: right of the contour, left of it, below and above."""
    box = _within(section, picture, area)
    middle = round(np.clip((section.left + section.right - box.width) / 2, area.left, area.right - box.width))
    return (replace(box, left=round(section.right + gap)),
            replace(box, left=round(section.left - gap - box.width)),
            replace(box, left=middle, bottom=round(section.bottom - gap - box.height)),
            replace(box, left=middle, bottom=round(section.top + gap)))


def _within(section: CrossSection, picture: vtk.vtkImageData, area: _Box) -> _Box:
    """Return the box of ``picture`` at the right-hand end of ``area``, as high as the contour's right-hand edge."""
    wide, high, _depth = picture.GetDimensions()
    level = round(np.clip(section.edge_y - high / 2, area.bottom, max(area.top - high, area.bottom)))
    return _Box(area.right - wide, level, wide, high)


def overlay_renderer(window: vtk.vtkRenderWindow) -> vtk.vtkRenderer:
    """Return a slice view's overlay renderer, which draws over image and segments.

    It is the first of layer 1: ctkVTKSliceView adds it, without giving it to Python, and displayable managers add
    theirs for rulers, colour legends and handles to that layer later.
    """
    renderers = window.GetRenderers()
    items = [renderers.GetItemAsObject(index) for index in range(renderers.GetNumberOfItems())]
    return next((item for item in items if item.GetLayer() == 1), items[0])
