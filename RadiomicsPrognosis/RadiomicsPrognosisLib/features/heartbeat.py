"""How a feature class that computes for long says that it goes on, and is stopped, whichever thread it runs in."""

from __future__ import annotations

import threading
import time

from ..errors import Cancelled
from ..progress import Progress, step


class Heartbeat:
    """Says how far a run is between its steps and, called within a step, that it goes on: a :data:`~..progress.Pulse`.

    ``progress`` is called in the thread that made this object alone; another thread's step ends at its next pulse once
    the run is ``stopped``.
    """

    #: Within a step the progress is said again after this time (s).
    AGAIN_S = 0.2

    def __init__(self, progress: Progress | None):
        self._progress, self._thread = progress, threading.get_ident()
        self._place, self._last = (0, 1, ""), time.monotonic()
        self.stopped = False

    def __call__(self) -> None:
        """Say the same again, if it is time and this the thread to say it. Raises Cancelled."""
        if self.stopped:
            raise Cancelled
        if threading.get_ident() == self._thread and time.monotonic() - self._last >= self.AGAIN_S:
            self.begin(*self._place)

    def begin(self, done: int, steps: int, text: str) -> None:
        """Say that ``done`` of ``steps`` are done and ``text`` begins. May raise Cancelled."""
        self._place, self._last = (done, steps, text), time.monotonic()
        step(self._progress, done, steps, text)
