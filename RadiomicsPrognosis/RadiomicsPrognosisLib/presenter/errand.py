"""Work that would hold the application up, done by a thread that is asked for news."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """Runs ``work`` in a thread, which must not touch MRML or Qt."""

    def __init__(self, work: Callable[[], T]):
        self._work, self._results = work, list[T]()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except Exception as error:  # raised where the result is asked for
            self._error = error

    @property
    def ended(self) -> bool:
        """Whether the result is there."""
        return not self._thread.is_alive()

    def ended_within(self, seconds: float) -> bool:
        """Wait no longer than ``seconds`` and tell whether it has ended, well or not."""
        self._thread.join(seconds)
        return self.ended

    def wait(self) -> None:
        """Wait until it has ended, well or not."""
        self._thread.join()

    def result(self) -> T:
        """Wait for the result and return it; raises what ``work`` raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._results[0]
