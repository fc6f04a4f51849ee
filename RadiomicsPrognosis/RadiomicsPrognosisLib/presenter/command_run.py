"""One run of a command that writes JSON lines: its process, the lines, and how it is asked to stop or ended."""

from __future__ import annotations

import collections
import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import IO

from ..processes.child import start_child

#: Options by which the command writes messages, and cancels itself when this side closes its standard input.
_OPTIONS = ("--json-lines", "--end-with-input")


class CommandRun:
    """A process that runs, or has ended. Threads read its pipes, so that nothing here blocks but :meth:`wait`.

    Raises WorkerNotStarted when it cannot be started.
    """

    def __init__(self, command: Sequence[str]):
        self._child = start_child([*command, *_OPTIONS], "The computation", {"PYTHONUTF8": "1"}, leads_group=True)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._errors: collections.deque[str] = collections.deque(maxlen=400)
        self._readers = [threading.Thread(target=_read, args=(pipe, take), daemon=True)
                         for pipe, take in ((self._child.stdout, self._lines.put),
                                            (self._child.stderr, self._errors.append))]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """The process id (of the launcher, where there is one)."""
        return self._child.process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code once the process has ended and all it wrote is here, else None."""
        if any(reader.is_alive() for reader in self._readers):
            return None
        return self._child.process.poll()

    @property
    def errors(self) -> str:
        """The end of what came on standard error."""
        return "\n".join(self._errors)

    def new_lines(self) -> list[str]:
        """Return the lines written since the last call."""
        lines = []
        with contextlib.suppress(queue.Empty):
            while True:
                lines.append(self._lines.get_nowait())
        return lines

    def close_input(self) -> None:
        """Close its standard input, upon which it cancels itself and leaves nothing half-written."""
        with contextlib.suppress(OSError):
            self._child.stdin.close()

    def kill(self) -> None:
        """End the process, and the one behind it where it is a launcher."""
        self._child.kill_group()

    def wait(self, seconds: float) -> None:
        """Wait until the process has ended and all it wrote is here, at most so long for each of the two."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.process.wait(seconds)
            for reader in self._readers:
                reader.join(seconds)


def _read(pipe: IO[bytes], take: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError, ValueError), pipe:
        for line in pipe:
            take(line.decode("utf-8", "replace").rstrip())
