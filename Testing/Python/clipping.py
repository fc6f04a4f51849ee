"""Which texts of a widget's children are cut off or shortened with dots, at the size that the widget has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import qt

#: What a style needs around the text of a button, an arrow of a combo box, a step button of a spin box (pixels).
_BUTTON, _ARROW, _STEPS, _HEADER, _MARK = 6, 26, 22, 6, 22


def clipped(root: Any) -> list[str]:
    """Return what cannot be read of the visible children of ``root``, a line each: name, text, and what is missing."""
    lines = []
    for widget in root.findChildren(qt.QWidget):
        if widget.isVisible() and widget.window() is root.window() and not (_is_arrow(widget) or _is_folded(widget)):
            lines += [f"{_name(widget)}: {text!r} needs {needed} of {given}"
                      for text, needed, given in _texts(widget) if needed > given]
    return lines


def _texts(widget: Any) -> Iterator[tuple[str, int, int]]:
    """Yield (text, pixels that it needs, pixels that it has)."""
    metrics, width = qt.QFontMetrics(widget.font), widget.width
    if widget.inherits("QLabel"):
        yield from _label(widget, metrics)
    elif widget.inherits("QTabBar"):
        yield from _tabs(widget)
    elif widget.inherits("QToolButton") or widget.inherits("QPushButton"):
        shown = not widget.inherits("QToolButton") or widget.toolButtonStyle != qt.Qt.ToolButtonIconOnly
        text = widget.text.replace("&", "") if shown else ""
        yield text, max(map(metrics.horizontalAdvance, text.split("\n"))) + _BUTTON, width
        if not shown:
            yield f"(no tooltip of {widget.text!r})", 0 if widget.toolTip else 1, 0
    elif widget.inherits("QCheckBox") or widget.inherits("QRadioButton"):
        yield widget.text, widget.sizeHint.width(), width
    elif widget.inherits("ctkCollapsibleButton"):
        yield widget.text, metrics.horizontalAdvance(widget.text) + _MARK, width
    elif widget.inherits("QComboBox"):
        yield widget.currentText, metrics.horizontalAdvance(widget.currentText) + _ARROW, width
    elif widget.inherits("QAbstractSpinBox"):
        yield widget.text, metrics.horizontalAdvance(widget.text) + _STEPS, width
    elif widget.inherits("QLineEdit"):
        if not widget.text:  # what is typed can be scrolled
            yield widget.placeholderText, metrics.horizontalAdvance(widget.placeholderText) + _BUTTON, width
    elif widget.inherits("QGroupBox"):
        yield widget.title, metrics.horizontalAdvance(widget.title), width
    elif widget.inherits("QHeaderView") and widget.orientation == qt.Qt.Horizontal:
        for column in range(widget.count):
            text = widget.model().headerData(column, qt.Qt.Horizontal) or ""
            if not widget.isSectionHidden(column):
                yield str(text), metrics.horizontalAdvance(str(text)) + _HEADER, widget.sectionSize(column)


def _label(label: Any, metrics: Any) -> Iterator[tuple[str, int, int]]:
    plain = re.sub(r"<[^>]*>", " ", label.text).replace("&nbsp;", "\u00a0")
    if not plain.strip():
        return
    if not label.wordWrap:
        yield plain, label.sizeHint.width(), label.width
        return
    yield plain, label.heightForWidth(label.width), label.height
    words = [word for word in re.split(r"[ \n\t\u200b/-]+", plain) if word]
    longest = max(words, key=metrics.horizontalAdvance)
    yield longest, metrics.horizontalAdvance(longest), label.width


def _tabs(bar: Any) -> Iterator[tuple[str, int, int]]:
    last = bar.tabRect(bar.count - 1)
    yield " | ".join(bar.tabText(index) for index in range(bar.count)), last.right() + 1, bar.width
    for index in range(bar.count):
        metrics = qt.QFontMetrics(bar.font)
        yield bar.tabText(index), metrics.horizontalAdvance(bar.tabText(index)) + _BUTTON, bar.tabRect(index).width()


def _is_arrow(widget: Any) -> bool:
    """Tell whether a widget is one of the arrows by which Qt scrolls tabs: that is told of the tabs."""
    return widget.parentWidget() is not None and widget.parentWidget().inherits("QTabBar")


def _is_folded(widget: Any) -> bool:
    """Tell whether a widget is in a section that is collapsed."""
    holder = widget.parentWidget()
    while holder is not None:
        if holder.inherits("ctkCollapsibleButton") and holder.collapsed:
            return True
        holder = holder.parentWidget()
    return False


def _name(widget: Any) -> str:
    names = []
    while widget is not None and len(names) < 2:
        if widget.objectName:
            names.append(widget.objectName)
        widget = widget.parentWidget()
    return " in ".join(names)
