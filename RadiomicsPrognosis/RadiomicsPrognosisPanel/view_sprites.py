"""Pictures of our own over a slice view: pixel for pixel in its overlay renderer, placed anew when the view changes.

They are VTK props, above image, segments and markups: Slicer rewrites the texts of the view's own corner annotation
(DataProbe), and no MRML node is needed that a scene would save.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import slicer
import vtk
from slicer.util import VTKObservationMixin

#: VTK's density of a screen whose pixels are not scaled; Slicer's views multiply it by the screen's scale factor.
_DPI = 72

#: Space to the view's borders (pixels at the density of ordinary screens).
BORDER = 6

#: Corners of vtkCornerAnnotation, and the height of its lines in letters and their greatest share of the view.
LOWER, UPPER = (0, 1), (2, 3)
_LINE, _LINE_SHARE = 1.3, 0.07


@dataclass(frozen=True)
class Box:
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

    def is_in(self, other: Box) -> bool:
        """Tell whether it lies wholly in the other."""
        return (other.left <= self.left and self.right <= other.right
                and other.bottom <= self.bottom and self.top <= other.top)

    def overlaps(self, other: Box) -> bool:
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
        self._shown: tuple[vtk.vtkImageData, Box] | None = None

    def show(self, picture: vtk.vtkImageData, box: Box) -> bool:
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


#: A picture and the box that it fills.
Placed = tuple[vtk.vtkImageData, Box]


class Shown(Protocol):
    """What an overlay shows, in views of ``volumes`` (node IDs): over another image it would be taken for its own."""

    @property
    def volumes(self) -> tuple[str, ...]: ...


_C = TypeVar("_C", bound=Shown)


class SpriteOverlay(VTKObservationMixin, abc.ABC, Generic[_C]):
    """Keeps pictures over the slice view of ``widget`` (a qMRMLSliceWidget) where they belong.

    ``render`` is called when the view must be drawn again. A subclass says how many ``sprites`` it needs and places
    them.
    """

    sprites: int

    def __init__(self, widget: slicer.qMRMLSliceWidget, render: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        view = widget.sliceView()
        self.window, self._node, self._texts = view.renderWindow(), view.mrmlSliceNode(), view.cornerAnnotation()
        self._layers = widget.mrmlSliceCompositeNode()
        self._render = render
        renderer = overlay_renderer(self.window)
        self._sprites = [Sprite(renderer) for _number in range(self.sprites)]
        self._content: _C | None = None
        for item in (self._node, self._texts, self._layers):
            self.addObserver(item, vtk.vtkCommand.ModifiedEvent, self._on_view)

    @abc.abstractmethod
    def _places(self, content: _C) -> Sequence[Placed | None]:
        """Return picture and box for each sprite, None where it is not shown."""

    def is_over(self, widget: slicer.qMRMLSliceWidget) -> bool:
        """Tell whether this belongs to ``widget`` as it is: a layout may replace window and nodes of the same name."""
        view = widget.sliceView()
        return (self.window is view.renderWindow() and self._node is view.mrmlSliceNode()
                and self._layers is widget.mrmlSliceCompositeNode())

    def show(self, content: _C) -> None:
        """Show ``content``."""
        self._content = content
        self._on_view()

    def remove(self) -> None:
        """Take everything away and observe nothing any more."""
        self.removeObservers()
        self._content = None
        self._put([None] * self.sprites)

    def _on_view(self, _caller: object = None, _event: object = None) -> None:
        """Place the pictures: the view's slice, zoom, size or image has changed, the texts in its corners, or ours."""
        content = self._content
        if content is None:
            return
        shown = {self._layers.GetBackgroundVolumeID(), self._layers.GetForegroundVolumeID()} & set(content.volumes)
        self._put(self._places(content) if shown else [None] * self.sprites)

    def _put(self, places: Sequence[Placed | None]) -> None:
        changed = [sprite.hide() if place is None else sprite.show(*place)
                   for sprite, place in zip(self._sprites, places, strict=True)]
        if any(changed):
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


def overlay_renderer(window: vtk.vtkRenderWindow) -> vtk.vtkRenderer:
    """Return a slice view's overlay renderer, which draws over image and segments.

    It is the first of layer 1: ctkVTKSliceView adds it, without giving it to Python, and displayable managers add
    theirs for rulers, colour legends and handles to that layer later.
    """
    renderers = window.GetRenderers()
    items = [renderers.GetItemAsObject(index) for index in range(renderers.GetNumberOfItems())]
    return next((item for item in items if item.GetLayer() == 1), items[0])
