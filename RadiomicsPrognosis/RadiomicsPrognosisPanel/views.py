"""Pictures of our own in all slice views of the application, as the layout has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

import slicer

from .view_sprites import Shown, SpriteOverlay

_C = TypeVar("_C", bound=Shown)


class SliceViews(Generic[_C]):
    """Shows one content in every slice view; without a content, nothing of ours is in any view, nor observed.

    ``overlay`` makes what shows it over one view (a qMRMLSliceWidget), with what is to be called to render that.
    """

    def __init__(self, overlay: Callable[[slicer.qMRMLSliceWidget, Callable[[], None]], SpriteOverlay[_C]]) -> None:
        self._overlay = overlay
        self._content: _C | None = None
        self._overlays: dict[str, SpriteOverlay[_C]] = {}
        self._manager: slicer.qSlicerLayoutManager | None = None

    def show(self, content: _C | None) -> None:
        """Show ``content`` in every slice view, or take it away for None."""
        self._content = content
        manager = slicer.app.layoutManager()  # None where the application has no main window
        if content is None or manager is None:
            self._clear(manager)
            return
        if self._manager is None:
            self._manager = manager
            manager.connect("layoutChanged(int)", self._on_layout)
        self._on_layout()

    def _clear(self, manager: slicer.qSlicerLayoutManager | None) -> None:
        connected, self._manager = self._manager, None
        if connected is not None and manager is not None:  # what is connected goes with an application that ends
            manager.disconnect("layoutChanged(int)", self._on_layout)
        for name in list(self._overlays):
            self._overlays.pop(name).remove()

    def _on_layout(self, _layout: int = 0) -> None:
        """Follow the layout: it makes views, and may replace one."""
        manager, content = self._manager, self._content
        if manager is None or content is None:
            return
        names = manager.sliceViewNames()
        for name in set(self._overlays) - set(names):
            self._overlays.pop(name).remove()
        for name in names:
            widget = manager.sliceWidget(name)
            overlay = self._overlays.get(name)
            if overlay is not None and not overlay.is_over(widget):
                self._overlays.pop(name).remove()
                overlay = None
            if overlay is None:
                if widget.mrmlSliceNode() is None or widget.mrmlSliceCompositeNode() is None:
                    continue
                overlay = self._overlays[name] = self._overlay(widget, partial(self._render, name))
            overlay.show(content)

    @staticmethod
    def _render(name: str) -> None:
        # By name: the view may be gone by the time its slice node tells of a last change.
        manager = slicer.app.layoutManager()
        widget = manager.sliceWidget(name) if manager is not None else None
        if widget is not None:
            widget.sliceView().scheduleRender()
