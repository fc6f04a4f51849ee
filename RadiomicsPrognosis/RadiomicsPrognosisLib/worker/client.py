"""The caller's side of the worker: start it, give it the newest job, collect what comes back, survive its death.

Nothing here blocks or calls back: threads move bytes between pipes and queues, and :meth:`Worker.poll`, called from the
caller's own thread (a timer in the panel), returns what has happened since.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..features.extraction import FeatureSet
from ..processes.failures import WorkerCrashed, WorkerFailure, WorkerFault, WorkerHung, WorkerNotStarted
from ..processes.interpreter import interpreter
from ..progress import ProgressMessage
from .jobs import Job, decode_features
from .link import WorkerLink

#: How long (s) a poll lets the threads that serve the pipes run, and how long at most while a job is being written.
_YIELD_S, _WRITE_S = 0.001, 0.004

#: How long (s) a worker may go on with a job given up. A process afresh is ready after about twice that, so waiting
#: longer for the old one seldom pays; a job of usual size passes from one feature class to the next well within it.
PATIENCE_S = 0.5


def worker_command() -> list[str]:
    """Return the program and arguments that start a worker. Raises WorkerNotStarted when no interpreter is found."""
    return [interpreter(), "-m", str(__package__)]


@dataclass(frozen=True)
class Ready:
    """The worker can take jobs."""


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
    patience_s: seconds that a worker has to leave off a job that is given up; then its process is ended, and another
        takes the newest job.
    clock: gives the time in seconds.
    """

    def __init__(self, command: list[str] | None = None, start_s: float = 90.0, hang_s: float = 60.0,
                 patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic):
        self._command, self._start_s, self._hang_s, self._clock = command, start_s, hang_s, clock
        self._patience_s = patience_s
        self._link: WorkerLink | None = None
        self._ready = False
        self._last_id = 0
        self._job: int | None = None
        self._sent: dict[str, Job] | None = None
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
    def letting_go(self) -> bool:
        """Whether a job that was given up may still be computed."""
        return self._link is not None and self._link.letting_go

    @property
    def pid(self) -> int | None:
        """The process id of the running worker (of its launcher until it is ready)."""
        return self._link.pid if self._link else None

    def warm_up(self) -> None:
        """Start the process unless it runs. Raises WorkerNotStarted."""
        self._running()

    def _running(self) -> WorkerLink:
        """Return the link to a process that lives: one that ended with nothing to do is replaced without a word."""
        if self._link is not None and self._link.ended:
            self.stop()
        if self._link is None:
            self._link = WorkerLink(self._command or worker_command())
            self._ready = False
            self._heard = self._clock()
        return self._link

    def submit(self, jobs: Mapping[str, Job]) -> int:
        """Give the worker a job (by input name), which replaces any other, and return its id.

        Raises WorkerNotStarted.
        """
        self.drop()
        link = self._running()
        self._last_id += 1
        self._job = self._last_id
        self._heard = self._clock()
        self._sent = dict(jobs)
        link.send_job(self._job, self._sent)
        return self._job

    def drop(self) -> None:
        """Let the worker leave off the job under way, if there is one; its features are no longer awaited."""
        job, self._job, self._sent = self._job, None, None
        if self._link is not None and job is not None:
            self._link.drop(job, self._patience_s)

    def cancel(self) -> None:
        """Give up the job under way at once, whatever it is doing, and start afresh. Raises WorkerNotStarted."""
        if self._job is not None:
            self.stop()
            self.warm_up()

    def stop(self) -> None:
        """End the process; a later job starts another."""
        if self._link is not None:
            self._link.close()
        self._link, self._ready, self._job, self._sent = None, False, None, None

    def poll(self) -> list[Event]:
        """Return what has happened since the last call, after at most a few milliseconds."""
        events: list[Event] = []
        if self._job is not None or self.starting or self.letting_go:
            # An application that holds the interpreter's lock between events would starve the pipes' threads.
            time.sleep(_YIELD_S)
            if self._ready and self._link is not None:
                self._link.wait_written(_WRITE_S)
        while (link := self._link) is not None:
            message = link.receive()
            if message is None:
                break
            self._heard = self._clock()
            events += self._understand(link, message)
        return events + self._check_time()

    def _understand(self, link: WorkerLink, message: dict[str, Any]) -> list[Event]:
        kind = message["kind"]
        if kind == "ended":
            return self._ended(link, message["reason"])
        if kind == "ready":
            self._ready = True
            return [Ready()]
        if kind == "progress":
            return [JobProgress(message["id"], ProgressMessage(message["share"], message["text"]))]
        if kind in ("taken", "dropped"):  # heeded by the link
            return []
        if message["id"] == self._job:
            self._job = self._sent = None
        if kind == "done":
            return [Done(message["id"], decode_features(message["features"]))]
        if kind == "refused":
            return [Refused(message["id"], message["code"], message["message"])]
        if kind == "fault":
            return [Failed(message["id"], WorkerFault("The features could not be computed because of a fault of the "
                                                      "software; please report the details.", message["details"]))]
        return []  # cancelled: a newer job took its place

    def _ended(self, link: WorkerLink, reason: str) -> list[Event]:
        """Say that the process ended, unless nothing was lost with it: then another takes its place."""
        if link.letting_go:
            return self._restarted()
        if self._ready and self._job is None:
            self.stop()
            return []
        return [self._lost(link, WorkerCrashed, "The feature worker ended unexpectedly", reason)]

    def _restarted(self) -> list[Event]:
        """Start afresh after the end of a process that had not left off a job given up; the newest job begins anew."""
        job, sent = self._job, self._sent
        self.stop()
        try:
            link = self._running()
        except WorkerNotStarted as error:
            return [Failed(job, error)] if job is not None else []
        if job is not None and sent is not None:
            self._job, self._sent = job, sent
            link.send_job(job, sent)
        return []

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

    def _lost(self, link: WorkerLink, kind: type[WorkerFailure], what: str, how: str) -> Failed:
        if kind is WorkerCrashed and not self._ready:
            kind, what = WorkerNotStarted, "The feature worker could not be started"
        job = self._job
        self.stop()
        return Failed(job, kind(f"{what} ({how}). It starts again with the next score.", link.last_words()))
