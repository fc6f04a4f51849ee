# ruff: noqa: F811 - the fixtures are imported
"""The scenarios of Testing/Slicer/scenarios, played on the stand-in; run_scenarios.py plays them in a real Slicer."""

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

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Testing" / "Slicer"))

import scenarios
from scenarios.hands import Hands, Skipped


@pytest.fixture
def hands(main_window: Any, tmp_path: Path) -> Iterator[Hands]:
    """A person before the main window, with the module loaded and another one shown."""
    load_module(ROOT / "RadiomicsPrognosis" / "RadiomicsPrognosis.py")
    person = Hands(tmp_path)
    yield person
    unload_module("RadiomicsPrognosis")
    process_events()


@pytest.mark.parametrize("name", scenarios.names())
def test_scenario(name: str, hands: Hands) -> None:
    hands.begin()
    try:
        importlib.import_module(f"scenarios.{name}").run(hands)
    except Skipped as reason:
        pytest.skip(str(reason))
    hands.expect_no_errors()
