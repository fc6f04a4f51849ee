"""The caller's side of the worker: start it, give it the newest job, collect what comes back, survive its death.

Nothing here blocks or calls back: threads move bytes between pipes and queues, and :meth:`Worker.poll`, called from the
caller's own thread (a timer in the panel), returns what has happened since.
"""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from ..features.extraction import FeatureSet
from ..progress import ProgressMessage
from .child import start_child
from .failures import WorkerCrashed, WorkerFailure, WorkerFault, WorkerHung, WorkerNotStarted
from .interpreter import worker_command
from .jobs import Job, decode_features, encode_jobs
from .messages import BadMessage, read_message, write_message

#: How long (s) a poll lets the threads that serve the pipes run.
_YIELD_S = 0.001

#: The header and the arrays of a message to send.
_Message = tuple[dict[str, Any], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Ready:
    """The worker can take jobs; ``why`` says what to install when it has no engine."""

    why: str


@dataclass(frozen=True)
class JobProgress:
    """How far job ``id`` is."""

    id: int
    progress: ProgressMessage


@dataclass(frozen=True)
class Done:
    """Job ``id`` gave these features by input name."""

    id: int
    features: dict[str, FeatureSet]


@dataclass(frozen=True)
class Refused:
    """Job ``id`` cannot be computed from its input; ``code`` and ``message`` are those of an InputError."""

    id: int
    code: str
    message: str


@dataclass(frozen=True)
class Failed:
    """The worker failed; ``id`` is the job lost with it, if any."""

    id: int | None
    error: WorkerFailure


Event = Ready | JobProgress | Done | Refused | Failed


class Worker:
    """A warm worker process that computes one job, the newest, at a time.

    Parameters
    ----------
    command: what to run (the worker of this package when None).
    start_s, hang_s: seconds without any message after which a starting or a computing worker is given up.
    clock: gives the time in seconds.
    """

    def __init__(self, command: list[str] | None = None, start_s: float = 90.0, hang_s: float = 60.0,
                 clock: Callable[[], float] = time.monotonic):
        self._command, self._start_s, self._hang_s, self._clock = command, start_s, hang_s, clock
        self._link: _Link | None = None
        self._ready = False
        self._last_id = 0
        self._job: int | None = None
        self._heard = 0.0

    @property
    def job(self) -> int | None:
        """The id of the job under way."""
        return self._job

    @property
    def starting(self) -> bool:
        """Whether the process runs but is not ready yet."""
        return self._link is not None and not self._ready

    @property
    def pid(self) -> int | None:
        """The process id of the running worker (of its launcher until it is ready)."""
        return self._link.pid if self._link else None

    def warm_up(self) -> None:
        """Start the process unless it runs. Raises WorkerNotStarted."""
        self._running()

    def _running(self) -> _Link:
        if self._link is None:
            self._link = _Link(self._command or worker_command())
            self._ready = False
            self._heard = self._clock()
        return self._link

    def submit(self, jobs: Mapping[str, Job]) -> int:
        """Give the worker a job (by input name), which replaces any other, and return its id.

        Raises WorkerNotStarted.
        """
        link = self._running()
        self._last_id += 1
        self._job = self._last_id
        self._heard = self._clock()
        header, arrays = encode_jobs(jobs)
        link.send({"kind": "extract", "id": self._job, "jobs": header}, arrays)
        return self._job

    def cancel(self) -> None:
        """Give up the job under way at once, whatever it is doing, and start afresh. Raises WorkerNotStarted."""
        if self._job is not None:
            self.stop()
            self.warm_up()

    def stop(self) -> None:
        """End the process; a later job starts another."""
        if self._link is not None:
            self._link.close()
        self._link, self._ready, self._job = None, False, None

    def poll(self) -> list[Event]:
        """Return what has happened since the last call, after at most a few milliseconds."""
        events: list[Event] = []
        if self._job is not None or self.starting:
            # An application that holds the interpreter's lock between events would starve the pipes' threads.
            time.sleep(_YIELD_S)
        while (link := self._link) is not None:
            message = link.receive()
            if message is None:
                break
            self._heard = self._clock()
            events += self._understand(link, message)
        return events + self._check_time()

    def _understand(self, link: _Link, message: dict[str, Any]) -> list[Event]:
        kind = message["kind"]
        if kind == "ended":
            return [self._lost(link, WorkerCrashed, "The feature worker ended unexpectedly", message["reason"])]
        if kind == "ready":
            self._ready = True
            link.real_pid = message["pid"]
            return [Ready(message["why"])]
        if kind == "progress":
            return [JobProgress(message["id"], ProgressMessage(message["share"], message["text"]))]
        if message["id"] == self._job:
            self._job = None
        if kind == "done":
            return [Done(message["id"], decode_features(message["features"]))]
        if kind == "refused":
            return [Refused(message["id"], message["code"], message["message"])]
        if kind == "fault":
            return [Failed(message["id"], WorkerFault("The features could not be computed because of a fault of the "
                                                      "software; please report the details.", message["details"]))]
        return []  # cancelled: a newer job took its place

    def _check_time(self) -> list[Event]:
        if self._link is None:
            return []
        silent = self._clock() - self._heard
        if not self._ready and silent > self._start_s:
            return [self._lost(self._link, WorkerNotStarted, "The feature worker did not get ready",
                               f"within {silent:.0f} s")]
        if self._ready and self._job is not None and silent > self._hang_s:
            return [self._lost(self._link, WorkerHung, "The feature worker gave no sign of life",
                               f"for {silent:.0f} s")]
        return []

    def _lost(self, link: _Link, kind: type[WorkerFailure], what: str, how: str) -> Failed:
        if kind is WorkerCrashed and not self._ready:
            kind, what = WorkerNotStarted, "The feature worker could not be started"
        job = self._job
        self.stop()
        return Failed(job, kind(f"{what} ({how}). It starts again with the next score.", link.last_words()))


class _Link:
    """One process with the threads that serve its pipes."""

    def __init__(self, command: list[str]):
        child = start_child(command, "The feature worker")
        self._process = child.process
        self.real_pid: int | None = None
        self._received: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
        self._words: collections.deque[str] = collections.deque(maxlen=200)
        threads = [threading.Thread(target=serve, args=(pipe,), daemon=True)
                   for serve, pipe in ((self._write, child.stdin), (self._read, child.stdout),
                                       (self._listen, child.stderr))]
        for thread in threads:
            thread.start()
        self._listener = threads[-1]
        self.send({"kind": "hello", "paths": [path for path in sys.path if path]}, {})

    @property
    def pid(self) -> int:
        """The process id of the worker, of its launcher until the worker has told its own."""
        return self.real_pid or self._process.pid

    def send(self, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Queue a message; a thread writes it, because a busy worker may leave the pipe full for a while."""
        self._outgoing.put((header, arrays))

    def receive(self) -> dict[str, Any] | None:
        """Return the header of the oldest message not yet taken, or None."""
        with contextlib.suppress(queue.Empty):
            return self._received.get_nowait()
        return None

    def last_words(self) -> str:
        """Return the end of the error output."""
        self._listener.join(timeout=1.0)
        return "".join(self._words).strip()

    def close(self) -> None:
        """End the process; behind a launcher the real one is ended by its own id."""
        self._outgoing.put(None)
        if self._process.poll() is None and self.pid != self._process.pid:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5.0)

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := self._newest_outgoing()) is not None:
                write_message(pipe, *message)
        with contextlib.suppress(OSError):
            pipe.close()

    def _newest_outgoing(self) -> _Message | None:
        message = self._outgoing.get()
        with contextlib.suppress(queue.Empty):
            while message is not None and message[0]["kind"] == "extract":  # a job that a newer one replaces
                message = self._outgoing.get_nowait()
        return message

    def _read(self, pipe: IO[bytes]) -> None:
        reason = ""
        try:
            with pipe:
                while (message := read_message(pipe)) is not None:
                    self._received.put(message[0])
        except (BadMessage, OSError, ValueError) as error:
            reason = f"; {error}"
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5.0)
        self._received.put({"kind": "ended", "reason": f"exit code {self._process.returncode}{reason}"})

    def _listen(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            for line in pipe:
                self._words.append(line.decode("utf-8", "replace"))
