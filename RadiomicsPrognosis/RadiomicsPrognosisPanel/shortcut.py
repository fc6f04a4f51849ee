"""Ctrl+Return in the whole main window: it scores while the editor, a view or a table has the focus."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

#: Return, and Enter of the number pad.
_KEYS = ("Ctrl+Return", "Ctrl+Enter")


class ScoreShortcut:
    """The shortcuts, which exist only while the module is shown; ``pressed`` is called for each."""

    def __init__(self, frame: qt.QWidget, pressed: Callable[[], None]):
        self._frame, self._pressed = frame, pressed
        self._shortcuts: list[qt.QShortcut] = []

    def install(self) -> None:
        """Listen to the keys in the main window, or, where there is none, in the window of the panel."""
        if self._shortcuts:
            return
        for keys in _KEYS:
            shortcut = qt.QShortcut(slicer.util.mainWindow() or self._frame)
            shortcut.setKey(qt.QKeySequence(keys))
            shortcut.connect("activated()", self._pressed)
            self._shortcuts.append(shortcut)

    def remove(self) -> None:
        """Listen no more: another module may want these keys."""
        for shortcut in self._shortcuts:
            shortcut.disconnect("activated()", self._pressed)
            shortcut.setEnabled(False)  # at once; it is deleted when events are next processed
            shortcut.deleteLater()
        self._shortcuts.clear()
