# ruff: noqa: F811 - the fixtures are imported
"""The scenarios of Testing/Slicer/scenarios, played on the stand-in; run_scenarios.py plays them in a real Slicer.

Every other one is in test_scenarios_even.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from scenario_cases import EVEN, ODD, hands, main_window, play, scene  # noqa: F401 - before qt is imported

# isort: split

import qt
import scenarios
from scenarios.hands import Hands, Skipped


@pytest.mark.parametrize("name", ODD)
def test_scenario(name: str, hands: Hands) -> None:
    play(name, hands)


def test_the_runner_tells_what_failed_and_what_was_skipped(hands: Hands, tmp_path: Path, monkeypatch: Any,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    """What Slicer plays is played in one go, and one that fails stops no other."""
    import run_scenarios

    def fail(_hands: Hands) -> None:
        raise AssertionError("the score is wrong\nwhat else was seen")

    def skip(_hands: Hands) -> None:
        raise Skipped("nothing to see")

    monkeypatch.setattr("scenarios.transforms.run", fail)
    monkeypatch.setattr("scenarios.preview.run", skip)
    qt.QSettings().setValue("RadiomicsPrognosis/kept", "by the user")
    assert run_scenarios.main(["transforms", "preview", "paint_and_undo"]) == 1
    first, detail, second, third = capsys.readouterr().out.splitlines()[:4]
    assert first.startswith("transforms ") and first.endswith("failed: the score is wrong")
    assert detail == "what else was seen" and "skipped: nothing to see" in second and third.endswith("ok")
    assert qt.QSettings().value("RadiomicsPrognosis/kept") == "by the user"
    assert run_scenarios.main(["no_such_thing"]) == 2


def test_every_scenario_stands_in_the_table() -> None:
    table = (Path(scenarios.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == scenarios.names() == sorted([*ODD, *EVEN])


def test_scenarios_see_slicer_only() -> None:
    """They run in Slicer as they are: nothing of the stand-in, no Qt but Slicer's."""
    for path in Path(scenarios.__file__).parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not any(name in source for name in ("slicer_standin", "PySide6", "_si_", "pytest")), path.name
