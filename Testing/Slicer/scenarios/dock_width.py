"""Open every effect's options in a dock of 350 and 400 pixels: nothing of the panel is cut off; widen it, all grows."""

from __future__ import annotations

from typing import Any

import qt
import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.start(model=S1)
    for width in (350, 400):
        for effect in ("", "Paint", "Erase", "Threshold"):
            hands.activate(effect)
            _resize(width)
            hands.look(0.2)
            clipped = _clipped(hands.frame)
            hands.expect(not clipped, f"at {width} px with {effect or 'no effect'} cut off: {', '.join(clipped[:6])}")
    hands.activate("")
    _resize(400)
    hands.look(0.2)
    before = _picture_width(hands.frame)
    _resize(700)
    hands.wait(lambda: _picture_width(hands.frame) > before + 150, 5, "pictures as wide as the panel")


def _dock() -> Any:
    return slicer.util.findChild(slicer.util.mainWindow(), "PanelDockWidget")


def _resize(width: int) -> None:
    slicer.util.mainWindow().resizeDocks([_dock()], [width], qt.Qt.Horizontal)
    slicer.app.processEvents()


def _clipped(frame: Any) -> list[str]:
    """Return 'name (pixels)' of what is visible in the panel and reaches over the edge of what holds it for good."""
    listed = []
    for widget in slicer.util.findChildren(frame, className="*"):
        if not widget.isWidgetType() or not widget.visible or widget.width <= 1:
            continue
        over = _over(widget)
        if over > 1:
            listed.append(f"{widget.objectName or widget.className()} ({over} px)")
    return listed


def _over(widget: Any) -> int:
    """Return by how many pixels the widget reaches beyond an ancestor's right side, unless one can scroll there."""
    most, holder = 0, widget.parentWidget()
    while holder is not None and not holder.isWindow():
        most = max(most, widget.mapTo(holder, qt.QPoint(widget.width, 0)).x() - holder.width)
        area = holder.parentWidget()
        if area is not None and area.inherits("QAbstractScrollArea") and area.horizontalScrollBar().visible:
            return 0
        holder = area
    return most


def _picture_width(frame: Any) -> int:
    labels = slicer.util.findChildren(frame, className="QLabel")
    return max((label.sizeHint.width() for label in labels
                if label.visible and not label.text and label.sizeHint.height() > 30), default=0)
