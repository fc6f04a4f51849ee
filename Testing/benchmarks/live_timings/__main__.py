"""Where the time from an edit to its result goes, in the real panel on the Slicer stand-in: lung2, model S1.

A process of its own, in which everything happens for the first time. The hands are those of the scenarios, so a real
Slicer's numbers (Testing/Slicer/run_scenarios.py) compare with these, but for what Slicer itself renders.
Usage: python Testing/benchmarks/live_timings [repeats]; exit code 2 where the stand-in's Qt is not installed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

_TESTING = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_TESTING / "Python"), str(_TESTING / "Slicer")]

#: What the panel may hold the main thread for, and what the first result may (ms).
CALLBACK_MS, FIRST_MS = 16, 100

#: What the release handler may take longer in our editor than in Slicer's own (ms).
HANDLER_MS = 20


class Timings:
    """Seconds by stage of the code, without those of the stages inside, and those of the panel's outermost callbacks.

    ``own`` are the callbacks' seconds of processor time of this thread, which others on the machine do not lengthen.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.callbacks: list[float] = []
        self.own: list[float] = []
        self._inner: list[float] = []

    def clear(self) -> None:
        """Begin anew."""
        self.seconds.clear()
        self.callbacks.clear()
        self.own.clear()

    def watch(self, owner: type, name: str, what: str = "") -> None:
        """Take down what the method ``name`` takes, as the part ``what``, or only as a callback of Qt's or VTK's."""
        method = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            with self._timing(what):
                return method(*arguments, **options)

        setattr(owner, name, timed)

    @contextmanager
    def _timing(self, what: str) -> Iterator[None]:
        self._inner.append(0.0)
        start, own = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            self.seconds[what] += took - self._inner.pop()
            if self._inner:
                self._inner[-1] += took
            else:
                self.callbacks.append(took)
                self.own.append(time.thread_time() - own)


def watched() -> Timings:
    """Return the parts of the panel's classes, which are timed from here on."""
    from RadiomicsPrognosisPanel.panel import Panel

    from RadiomicsPrognosisLib.presenter.case import CaseReader
    from RadiomicsPrognosisLib.presenter.session import Session
    from RadiomicsPrognosisLib.worker.client import Worker

    timings = Timings()
    for name in ("_on_timer", "_on_content", "_on_parameters", "_on_node_removed"):
        timings.watch(Panel, name)
    for owner, name, what in ((CaseReader, "read", "read"), (Session, "_score", "submit"), (Worker, "poll", "poll"),
                              (Session, "_finish", "predict"), (Panel, "_publish", "publish"),
                              (Panel, "_update", "draw")):
        timings.watch(owner, name, what)
    return timings


class Strokes:
    """Erases of lung2's contour with the mouse, and what each took (seconds by name)."""

    def __init__(self, hands: Any, timings: Timings):
        self.hands, self.timings = hands, timings
        self.rows: dict[str, list[float]] = defaultdict(list)

    def point(self, seed: int) -> list[float]:
        """Return the place (RAS) of a voxel that the HU range keeps, so that our editor's limits let it be erased."""
        from scenarios import cases

        voi = self.hands.panel.session.case.vois["image"]
        voxels = np.argwhere(voi.kept) + np.array(voi.start[::-1])
        return cases.ras(self.hands.volume, voxels[np.random.default_rng(seed).integers(len(voxels))])

    def live(self, seed: int) -> None:
        """Erase in our editor and wait for the new result."""
        point = self.point(seed)
        self.hands.activate("Erase")
        self.timings.clear()
        release = self.hands.stroke("Erase", point)
        start = time.perf_counter()
        self.hands.result()
        self._take_down("release to result", release + time.perf_counter() - start)
        self._take_down("release handler, our editor", release)
        self._take_down("longest callback of the panel", max(self.timings.callbacks))
        self._take_down("its processor time", max(self.timings.own))
        for what in ("read", "submit", "predict", "publish", "draw"):
            self._take_down(what, self.timings.seconds[what])
        self._take_down("worker", self.rows["release to result"][-1] - release - sum(self.timings.callbacks))

    def plain(self, seed: int, name: str, editor: Any) -> None:
        """Erase in another editor, the panel being out of sight."""
        self._take_down(name, self.hands.stroke("Erase", self.point(seed), editor=editor))
        self.hands.look(0.2)

    def _take_down(self, name: str, seconds: float) -> None:
        self.rows[name].append(seconds)

    def line(self, name: str, bar_ms: float | None = None) -> str:
        """Return median and range of ``name`` in words, and whether the median keeps below a bar."""
        middle, low, high = (1000 * of(self.rows[name]) for of in (statistics.median, min, max))
        return f"  {name:34s} {middle:8.1f} ms ({low:.1f} - {high:.1f}){_verdict(middle, bar_ms)}"


def _verdict(value_ms: float, bar_ms: float | None) -> str:
    if bar_ms is None:
        return ""
    return f"  bar {bar_ms:g} ms: {'kept' if value_ms <= bar_ms else 'NOT KEPT'}"


def first_result(hands: Any, timings: Timings) -> str:
    """Choose case and model, wait for the first result, and return how long the main thread was held at most."""
    from scenarios.hands import COVARIATES, S1, SCALING

    hands.open_module()
    hands.add_case("lung2")
    timings.clear()
    with hands.watch() as watch:
        hands.choose_case()
        hands.choose(S1, SCALING, COVARIATES)
        hands.result()
    longest, own = 1000 * max(timings.callbacks), 1000 * max(timings.own)
    return (f"  {'first result: longest hold':34s} {1000 * watch.longest:8.1f} ms, longest callback {longest:.1f} ms "
            f"({own:.1f} ms of processor time)"
            f"{_verdict(longest, FIRST_MS)}")


def measure(hands: Any, timings: Timings, repeats: int) -> list[str]:
    """Return the lines to print."""
    import slicer

    first = first_result(hands, timings)
    strokes = Strokes(hands, timings)
    for seed in range(repeats):
        strokes.live(seed)
    hands.leave("SegmentEditor")
    editor = slicer.util.getModuleWidget("SegmentEditor").editor
    editor.setSegmentationNode(hands.segmentation)
    editor.setSourceVolumeNode(hands.volume)
    for name in ("BrushSphere", "BrushRelativeDiameter"):  # the same brush, or the comparison is of brushes
        editor.mrmlSegmentEditorNode().SetAttribute(name, hands.editor.mrmlSegmentEditorNode().GetAttribute(name))
    for seed in range(repeats, 2 * repeats):
        strokes.plain(seed, "release handler, Slicer's editor", editor)
    more = 1000 * (statistics.median(strokes.rows["release handler, our editor"])
                   - statistics.median(strokes.rows["release handler, Slicer's editor"]))
    return [f"lung2, model S1, the panel on the stand-in, {repeats} strokes, medians (ranges):",
            *map(strokes.line, ("release handler, our editor", "release handler, Slicer's editor")),
            f"  {'handler: ours more than Slicers':34s} {more:8.1f} ms{_verdict(more, HANDLER_MS)}",
            *map(strokes.line, ("read", "submit", "worker", "predict", "publish", "draw")),
            strokes.line("longest callback of the panel", CALLBACK_MS), strokes.line("its processor time"), first,
            strokes.line("release to result")]


@contextmanager
def _module() -> Iterator[Any]:
    """The module on the stand-in, with a person before it."""
    import slicer_standin.testing as standin
    from scenarios.hands import Hands
    from slicer_standin import close_main_window, load_module, open_main_window, unload_module

    standin.set_testing(True)
    open_main_window()
    load_module(_TESTING.parent / "RadiomicsPrognosis" / "RadiomicsPrognosis.py")
    hands = Hands(Path(mkdtemp()))
    hands.begin()
    yield hands
    unload_module("RadiomicsPrognosis")
    close_main_window()
    standin.process_events()


def main(repeats: int) -> int:
    """Print a line for each part."""
    from slicer_standin import QtMissing, install

    try:
        install()
    except QtMissing as error:
        print(f"live_timings needs the stand-in's Qt: {error}", file=sys.stderr)
        return 2
    with _module() as hands:
        for line in measure(hands, watched(), repeats):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
