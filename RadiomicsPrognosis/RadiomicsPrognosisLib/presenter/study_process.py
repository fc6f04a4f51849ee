"""A study under way: the command in a process of its own, watched without blocking, and never left behind."""

from __future__ import annotations

import collections
import contextlib
import enum
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO

from ..worker.failures import WorkerFailure, WorkerNotStarted
from ..worker.interpreter import PACKAGE_PARENT, interpreter, process_environment
from .problem import Problem

#: How long (s) a cancelled study may take to clear up, and how long the application's end may wait for it.
_GRACE_S, _LAST_WAIT_S = 15.0, 3.0

_PROGRESS = re.compile(r"\s*(\d+)% (.*)")


class Stage(enum.Enum):
    """Where a study stands."""

    IDLE = enum.auto()
    RUNNING = enum.auto()
    CANCELLING = enum.auto()
    CANCELLED = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()


class StudyProcess:
    """Runs one study at a time as ``python -m RadiomicsPrognosisLib study run`` and says how far it is.

    Nothing blocks or calls back: threads read the pipes, and :meth:`poll`, called from the panel's timer, takes over
    what has come since. The process cancels itself when its standard input ends, so it does not outlive the
    application.

    ``share`` (0 - 1) and ``step`` are its progress, ``summary`` the lines it ended with, ``problem`` why it failed.
    """

    def __init__(self, program: Sequence[str] = (), clock: Callable[[], float] = time.monotonic):
        self._program, self._clock = list(program), clock
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()
        self._errors: collections.deque[str] = collections.deque(maxlen=400)
        self._open: set[str] = set()
        self._started = self._ended = self._deadline = 0.0
        self.stage, self.share, self.step = Stage.IDLE, 0.0, ""
        self.summary: list[str] = []
        self.problem: Problem | None = None

    @property
    def active(self) -> bool:
        """Whether the process runs."""
        return self._process is not None

    @property
    def elapsed_s(self) -> float:
        """How long (s) the study has run, or ran."""
        return (self._clock() if self.active else self._ended) - self._started

    def start(self, arguments: Sequence[str]) -> None:
        """Start the command with these arguments; a process that cannot be started is a problem."""
        if self.active:
            raise RuntimeError("A study is running already.")
        self.share, self.step, self.summary, self.problem = 0.0, "", [], None
        self._errors.clear()
        self._started = self._ended = self._clock()
        try:
            self._process = self._open_process([*arguments, "--end-with-input"])
        except WorkerFailure as error:
            self.stage, self.problem = Stage.FAILED, Problem(error.code, str(error), error.details)
            return
        self.stage, self._lines, self._open = Stage.RUNNING, queue.SimpleQueue(), {"out", "error"}
        for name, pipe in (("out", self._process.stdout), ("error", self._process.stderr)):
            threading.Thread(target=_read, args=(name, pipe, self._lines), daemon=True).start()

    def _open_process(self, arguments: list[str]) -> subprocess.Popen[str]:
        program = self._program or [interpreter(), "-m", __package__.partition(".")[0]]
        # A group of its own, so that a launcher and the process behind it can be ended together.
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {"start_new_session": True}
        try:
            return subprocess.Popen([*program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, cwd=PACKAGE_PARENT, encoding="utf-8", errors="replace",
                                    env={**process_environment(), "PYTHONUTF8": "1"}, **apart)
        except OSError as error:
            raise WorkerNotStarted(f"The study could not be started: {error}.") from None

    def poll(self) -> bool:
        """Take over what the process said; return whether anything is new."""
        if not self.active:
            return False
        before = (self.stage, self.share, self.step)
        with contextlib.suppress(queue.Empty):
            while True:
                self._hear(*self._lines.get_nowait())
        if self.stage is Stage.CANCELLING and self._clock() > self._deadline:
            self._kill()
        if not self._open and self._process.poll() is not None:
            self._finish(self._process.returncode)
        return before != (self.stage, self.share, self.step)

    def cancel(self) -> None:
        """Ask the study to stop; it leaves nothing half-written. It is ended after a while if it does not listen."""
        if self.stage is Stage.RUNNING:
            self.stage, self._deadline = Stage.CANCELLING, self._clock() + _GRACE_S
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def close(self) -> None:
        """Cancel, and wait a moment for the process to end, then end it."""
        if self.active:
            self.cancel()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LAST_WAIT_S)
            self._kill()
            self._finish(self._process.returncode)

    def _hear(self, name: str, line: str | None) -> None:
        if line is None:
            self._open.discard(name)
        elif name == "out":
            self.summary.append(line)
        elif found := _PROGRESS.fullmatch(line):
            self.share, self.step = int(found[1]) / 100, found[2]
        else:
            self._errors.append(line)

    def _finish(self, code: int) -> None:
        cancelling, self._process, self._ended = self.stage is Stage.CANCELLING, None, self._clock()
        last = self._errors[-1].partition(": ")[2] if self._errors else ""
        if code == 0:
            self.stage = Stage.DONE
        elif cancelling or code == 130:
            self.stage = Stage.CANCELLED
        elif code == 2 and last:
            self.stage, self.problem = Stage.FAILED, Problem("study", last)
        else:
            self.stage = Stage.FAILED
            self.problem = Problem("study-fault", "", "\n".join(self._errors) or f"exit code {code}")

    def _kill(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                if os.name == "nt":
                    subprocess.run(["taskkill", "/T", "/F", "/PID", str(self._process.pid)], check=False,
                                   creationflags=subprocess.CREATE_NO_WINDOW, capture_output=True)
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _read(name: str, pipe: IO[str], lines: queue.SimpleQueue[tuple[str, str | None]]) -> None:
    with contextlib.suppress(OSError, ValueError), pipe:
        for line in pipe:
            lines.put((name, line.rstrip()))
    lines.put((name, None))
