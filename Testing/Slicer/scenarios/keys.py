"""Keys pressed in the main window, by the rule of Qt's shortcut map, which PythonQt gives no way to feed.

A shortcut fires unless the widget with the focus claims the key (QEvent::ShortcutOverride) or another active one has
the same key.
"""

from __future__ import annotations

from typing import Any

import qt
import slicer

_MODIFIERS = {"Ctrl": qt.Qt.ControlModifier, "Shift": qt.Qt.ShiftModifier}

_KEYS = {"Return": qt.Qt.Key_Return, "Enter": qt.Qt.Key_Enter, "Esc": qt.Qt.Key_Escape, "Z": qt.Qt.Key_Z}


def focus_in(widget: Any) -> Any:
    """Give the focus to the first visible widget in ``widget`` that takes it by a click, and return that."""
    slicer.util.mainWindow().activateWindow()
    for child in slicer.util.findChildren(widget, className="*"):
        if child.isWidgetType() and child.visible and child.enabled and child.focusPolicy & qt.Qt.ClickFocus:
            child.setFocus()
            slicer.app.processEvents()
            return child
    raise AssertionError(f"nothing in {widget.objectName} takes the focus")


def press(text: str, focus: Any) -> None:
    """Press a key such as ``Ctrl+Return`` while ``focus`` has the focus."""
    *modifiers, key = text.split("+")
    flags = qt.Qt.NoModifier
    for name in modifiers:
        flags = flags | _MODIFIERS[name]
    event = qt.QKeyEvent(qt.QEvent.ShortcutOverride, _KEYS[key], flags)
    event.ignore()
    qt.QCoreApplication.sendEvent(focus, event)
    if event.isAccepted():
        raise AssertionError(f"{focus.className()} '{focus.objectName}' claims {text} for itself")
    matching = _active(qt.QKeySequence(text).toString())
    if len(matching) != 1:
        raise AssertionError(f"{text} is the key of {[item.objectName or item.className() for item in matching]}")
    owner = matching[0]
    if owner.className() == "QShortcut":
        owner.activated()  # PythonQt emits a signal that is called
    elif owner.className() == "QAction":
        owner.trigger()
    else:
        owner.animateClick()
    slicer.app.processEvents()


def is_taken(text: str) -> bool:
    """Tell whether a key such as ``Ctrl+Return`` would do anything."""
    return bool(_active(qt.QKeySequence(text).toString()))


def _active(sequence: str) -> list[Any]:
    """Return what in the main window would fire on ``sequence``."""
    listed = []
    for item in slicer.util.findChildren(slicer.util.mainWindow(), className="*"):
        if item.className() == "QShortcut":
            key, active = item.key, item.enabled
        elif item.className() == "QAction" or item.inherits("QAbstractButton"):
            key, active = item.shortcut, item.enabled and item.visible
        else:
            continue
        if active and key.toString() == sequence:
            listed.append(item)
    return listed
