# ruff: noqa: F811 - the fixtures are imported
"""A person who plays scenarios before the stand-in's main window; two files of tests share them, one a core."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

from slicer_standin import load_module, unload_module

sys.path.append(str(Path(__file__).resolve().parents[1] / "Slicer"))

import scenarios
from scenarios.hands import Hands, Skipped

MODULE = Path(__file__).resolve().parents[2] / "RadiomicsPrognosis" / "RadiomicsPrognosis.py"

#: All scenarios, dealt to the two files.
ODD, EVEN = scenarios.names()[::2], scenarios.names()[1::2]


@pytest.fixture
def hands(main_window: Any, tmp_path: Path) -> Iterator[Hands]:
    """A person before the main window, with the module loaded and another one shown."""
    load_module(MODULE)
    person = Hands(tmp_path)
    yield person
    unload_module("RadiomicsPrognosis")
    process_events()


def play(name: str, hands: Hands) -> None:
    """Play a scenario; the test is skipped where what it needs is not here."""
    hands.begin()
    try:
        importlib.import_module(f"scenarios.{name}").run(hands)
    except Skipped as reason:
        pytest.skip(str(reason))
    hands.expect_no_errors()
