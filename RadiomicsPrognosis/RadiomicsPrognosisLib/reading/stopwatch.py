"""The time that a reader spends on a case: while it is in use, not while it merely lies open."""

from __future__ import annotations

from collections.abc import Callable

#: A pause counts up to this long (s): looking at a slice is work, leaving the desk is not.
LONGEST_PAUSE_S = 60.0


class Stopwatch:
    """Adds up the time between signs of use, a longer pause as one of :data:`LONGEST_PAUSE_S`.

    ``clock`` gives the time (s). It starts with ``seconds`` of earlier sittings, and counts from :meth:`resume` on.
    """

    def __init__(self, clock: Callable[[], float], seconds: float = 0.0):
        self._clock, self._seconds = clock, seconds
        self._last: float | None = None

    @property
    def running(self) -> bool:
        """Whether time is counted."""
        return self._last is not None

    @property
    def seconds(self) -> float:
        """The time (s) counted up to this moment."""
        return self._seconds + self._since()

    def _since(self) -> float:
        return min(max(self._clock() - self._last, 0.0), LONGEST_PAUSE_S) if self._last is not None else 0.0

    def used(self) -> None:
        """Something was done: what has passed since the last time counts."""
        if self._last is not None:
            self._seconds, self._last = self.seconds, self._clock()

    def resume(self) -> None:
        """The case is in sight."""
        if self._last is None:
            self._last = self._clock()

    def pause(self) -> None:
        """The case is out of sight: what has passed since the last sign of use counts, and no more."""
        self._seconds, self._last = self.seconds, None
