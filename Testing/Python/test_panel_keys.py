# ruff: noqa: F811 - the fixtures are imported
"""Ctrl+Return through Qt's own shortcut map: from anywhere in the main window, and only while the module is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import qt
import slicer
from panel_bench import PanelBench, bench, impatient  # noqa: F401 - fixtures
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from RadiomicsPrognosisPanel.shortcut import ScoreShortcut

KEYS = [(Qt.Key_Return, Qt.ControlModifier), (Qt.Key_Enter, Qt.ControlModifier | Qt.KeypadModifier)]


@pytest.fixture
def elsewhere(main_window: Any) -> Iterator[Any]:
    """A line to type in, in the main window but not in the panel, with the focus."""
    line = qt.QLineEdit(main_window.centralWidget())
    line.show()
    main_window.activateWindow()
    line.setFocus()
    process_events(50)
    yield line
    line.deleteLater()


@pytest.mark.parametrize("key", KEYS)
def test_the_keys_are_heard_in_the_main_window_while_they_are_installed(elsewhere: Any, key: Any) -> None:
    pressed: list[int] = []

    def on_pressed() -> None:
        pressed.append(1)

    frame = qt.QWidget()
    shortcut = ScoreShortcut(frame, on_pressed)
    QTest.keyClick(elsewhere, *key)
    assert not pressed
    shortcut.install()
    shortcut.install()  # entered twice: no second shortcut, which would make both ambiguous
    QTest.keyClick(elsewhere, *key)
    assert pressed == [1]
    shortcut.remove()
    QTest.keyClick(elsewhere, *key)
    assert pressed == [1]
    process_events()
    assert not slicer.util.mainWindow().findChildren(qt.QShortcut)


def test_without_a_main_window_the_panel_hears_them(bench: PanelBench) -> None:
    bench.small_case()
    bench.ui.liveCheckBox.checked = False
    bench.erase()
    bench.settle()
    assert not bench.panel.current
    bench.representation.activateWindow()
    bench.ui.liveCheckBox.setFocus()
    process_events(50)
    QTest.keyClick(bench.ui.liveCheckBox, *KEYS[0])
    assert bench.result().score is not None
    bench.representation.exit()
    process_events()
    assert not bench.representation.findChildren(qt.QShortcut)
