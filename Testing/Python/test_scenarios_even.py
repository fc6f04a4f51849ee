# ruff: noqa: F811 - the fixtures are imported
"""Every other scenario of test_scenarios.py."""

from __future__ import annotations

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from scenario_cases import EVEN, hands, main_window, play, scene  # noqa: F401 - before qt is imported
from scenarios.hands import Hands


@pytest.mark.parametrize("name", EVEN)
def test_scenario(name: str, hands: Hands) -> None:
    play(name, hands)
