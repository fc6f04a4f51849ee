"""For tests: the installed ``qt``, ``ctk`` and ``slicer``, the scene, waiting with events, pictures, errors in slots.

Importing it installs the stand-in, or skips the test module where Qt cannot be loaded.
"""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import QtMissing, calls, close_main_window, install, offer_extensions_manager, open_main_window, set_testing

try:
    install()
except QtMissing as error:
    pytest.skip(str(error), allow_module_level=True)

import ctk
import qt
import slicer

from .error_log import add_traceback

__all__ = ["ctk", "failing_on_errors", "grab", "main_window", "process_events", "qt", "scene", "slicer"]


@pytest.fixture
def scene() -> Iterator[Any]:
    """The application's scene, empty, in testing mode with empty settings; errors in slots and observers fail the test.

    There is one scene for all tests, as there is one in Slicer.
    """
    with failing_on_errors():
        slicer.mrmlScene.Clear(0)
        set_testing(True)
        offer_extensions_manager(False)
        calls().clear()
        slicer.app.errorLogModel().clear()
        ctk.ctkMessageBox.shown.clear()
        slicer.app.settings().clear()
        yield slicer.mrmlScene
        slicer.mrmlScene.Clear(0)
        process_events()


@pytest.fixture
def main_window(scene: Any) -> Iterator[Any]:
    """The main window, with module selector, layout manager and slice views, around an empty scene."""
    yield open_main_window()
    close_main_window()
    process_events()


@contextlib.contextmanager
def failing_on_errors() -> Iterator[None]:
    """Raise AssertionError at the end if anything was raised in a slot or an observer: Qt and VTK print and go on."""
    raised: list[str] = []
    before = sys.excepthook

    def take_in(*error: Any) -> None:
        raised.append("".join(traceback.format_exception(*error)))
        add_traceback(slicer.app.errorLogModel(), error)

    sys.excepthook = take_in
    try:
        yield
    finally:
        sys.excepthook = before
    if raised:
        raise AssertionError("raised in a slot or an observer:\n" + "\n".join(raised))


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
    """Show the widget in the given size (that it asks for, by default) and write its picture as PNG."""
    size = widget.sizeHint() if callable(widget.sizeHint) else widget.sizeHint
    widget.resize(width or size.width(), height or size.height())
    widget.show()
    process_events(20)
    if not widget.grab().save(str(path)):
        raise OSError(f"Qt cannot write '{path}'")
    return path
