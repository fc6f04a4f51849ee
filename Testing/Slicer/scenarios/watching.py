"""What a scenario takes down: how long things took, how long the main thread was held, what the error log says."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator

import qt
import slicer

#: How often (ms) the timer ticks by which a held main thread shows.
_TICK_MS = 5

#: Levels of the error log that a scenario must not cause, by the words in its third column.
_BAD_LEVELS = ("Error", "Critical", "Fatal")


class Latencies:
    """Seconds by label."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)

    @contextlib.contextmanager
    def time(self, label: str) -> Iterator[None]:
        """Take down how long the block took."""
        start = time.perf_counter()
        yield
        self.seconds[label].append(time.perf_counter() - start)

    def lines(self) -> list[str]:
        """Return a line per label: median, range and count, in milliseconds."""
        width = max((len(label) for label in self.seconds), default=0)
        rows = []
        for label, values in sorted(self.seconds.items()):
            middle, low, high = (1000 * value for value in (statistics.median(values), min(values), max(values)))
            rows.append(f"{label:<{width}}  {middle:8.1f} ms  ({low:.1f} - {high:.1f}, n = {len(values)})")
        return rows


class MainThreadWatch:
    """Measures by a timer of 5 ms how long the main thread was held at most (seconds)."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = 0.0
        self._timer = qt.QTimer()
        self._timer.setInterval(_TICK_MS)
        self._timer.connect("timeout()", self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last - _TICK_MS / 1000)
        self._last = now

    def __enter__(self) -> MainThreadWatch:
        self._last = time.perf_counter()
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._tick()
        self._timer.stop()


def clear_error_log() -> None:
    """Forget what the error log has."""
    slicer.app.processEvents()
    slicer.app.errorLogModel().clear()


def logged_errors() -> list[str]:
    """Return what the error log has taken in since it was cleared, warnings left out."""
    slicer.app.processEvents()  # entries are posted
    model = slicer.app.errorLogModel()
    rows = range(model.logEntryCount())
    return [f"{model.data(model.index(row, 3))}: {model.logEntryDescription(row)}" for row in rows
            if any(word in str(model.data(model.index(row, 2))) for word in _BAD_LEVELS)]
