# ruff: noqa: F811 - the fixtures are imported
"""The scenarios of Testing/Slicer/scenarios, played on the stand-in; run_scenarios.py plays them in a real Slicer."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import qt
from slicer_standin import load_module, unload_module

sys.path.append(str(Path(__file__).resolve().parents[1] / "Slicer"))

import scenarios
from scenarios.hands import Hands, Skipped

MODULE = Path(__file__).resolve().parents[2] / "RadiomicsPrognosis" / "RadiomicsPrognosis.py"


@pytest.fixture
def hands(main_window: Any, tmp_path: Path) -> Iterator[Hands]:
    """A person before the main window, with the module loaded and another one shown."""
    load_module(MODULE)
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
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == scenarios.names()


def test_scenarios_see_slicer_only() -> None:
    """They run in Slicer as they are: nothing of the stand-in, no Qt but Slicer's."""
    for path in Path(scenarios.__file__).parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not any(name in source for name in ("slicer_standin", "PySide6", "_si_", "pytest")), path.name
