"""The feature process ends, idle or at work: the next edit is scored all the same."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from .hands import S1, Hands, Skipped


def run(hands: Hands) -> None:
    if not sys.platform.startswith("linux"):
        raise Skipped("it looks for the process in /proc")
    first = hands.start(model=S1)
    _kill()
    hands.look(0.3)
    hands.expect(not hands.ui.problemLabel.visible, "the end of the idle process is said although nothing was lost")
    hands.stroke("Erase", hands.inside(1))
    hands.wait(lambda: hands.panel.current or hands.ui.problemLabel.visible, what="a result")
    hands.expect(hands.panel.current, "the end of the idle process spoils the next edit")
    second = hands.panel.prediction
    hands.expect(second.score != first.score, "no other score after the process was started again")
    hands.stroke("Erase", hands.inside(2))
    hands.wait(lambda: hands.panel.session.extracting or hands.panel.current, what="the extraction")
    _kill()
    hands.settle()
    if not hands.panel.current:
        hands.expect("ended unexpectedly" in hands.says(), "the end of the process at work is not said")
        hands.ui.scoreButton.click()
    hands.expect(hands.result(60).score != second.score, "Score does not start the process again")


def _kill() -> None:
    """End the workers this application started, as a system short of memory does."""
    mine = {number for number in _processes() if os.getpid() in _ancestors(number)}
    workers = [number for number in mine if "RadiomicsPrognosisLib.worker" in _command(number)]
    if not workers:
        raise AssertionError("there is no feature process to end")
    for number in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _command(number: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _ancestors(number: int) -> list[int]:
    parents = []
    with contextlib.suppress(OSError, ValueError):
        while number > 1:
            number = int(Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            parents.append(number)
    return parents
