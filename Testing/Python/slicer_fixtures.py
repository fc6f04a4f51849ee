"""Fixtures for tests on the Slicer stand-in: a clean scene, waiting with events, pictures of widgets."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="PySide6_Essentials is not installed")

import slicer_standin

slicer_standin.install()

import ctk
import qt
import slicer


@pytest.fixture
def scene() -> Iterator[Any]:
    """The application's scene, empty; an exception in a slot or in an observer fails the test at its end.

    Qt and VTK print such exceptions and go on, as in Slicer.
    """
    raised: list[str] = []
    before = sys.excepthook
    sys.excepthook = lambda *error: raised.append("".join(traceback.format_exception(*error)))
    slicer.mrmlScene.Clear(0)
    slicer_standin.set_testing(True)
    slicer_standin.calls().clear()
    ctk.ctkMessageBox.shown.clear()
    qt.QSettings().clear()
    try:
        yield slicer.mrmlScene
        slicer.mrmlScene.Clear(0)
        process_events()
    finally:
        sys.excepthook = before
    if raised:
        pytest.fail("raised in a slot or an observer:\n" + "\n".join(raised))


def process_events(milliseconds: int = 0, until: Callable[[], bool] | None = None) -> bool:
    """Let Qt work for some time, or until a condition holds; returns whether it holds (True without one)."""
    deadline = time.monotonic() + milliseconds / 1000
    while True:
        slicer.app.processEvents()
        slicer.app.sendPostedEvents(None, qt.QEvent.DeferredDelete)
        if until is not None and until():
            return True
        if time.monotonic() >= deadline:
            return until is None
        time.sleep(0.005)


def grab(widget: qt.QWidget, path: Path, width: int | None = None, height: int | None = None) -> Path:
    """Show the widget in the given size and write its picture as PNG."""
    size = widget.sizeHint if not callable(widget.sizeHint) else widget.sizeHint()
    widget.resize(width or size.width(), height or size.height())
    widget.show()
    process_events(20)
    if not widget.grab().save(str(path)):
        raise OSError(f"Qt cannot write '{path}'")
    return path
