"""One worker process with the threads that serve its pipes, and what has been heard of it."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from ..processes.child import start_child
from ..processes.messages import Arrays, BadMessage, read_message, write_message
from .jobs import Job, blocks_of, encode_jobs

#: The header and the arrays of a message to send.
Message = tuple[dict[str, Any], Arrays]

#: Messages that tell of a job that goes on; any other with its id says that the worker has done with it.
_GOES_ON = ("taken", "progress")


class WorkerLink:
    """A worker process: messages to it and from it, and its end.

    Parameters
    ----------
    command: the program and its arguments. Raises WorkerNotStarted when it cannot be started.
    """

    def __init__(self, command: list[str]):
        child = start_child(command, "The feature worker")
        self._process = child.process
        self._real_pid: int | None = None
        self._received: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._words: collections.deque[str] = collections.deque(maxlen=200)
        self._ready = self._given_up = False
        self._written = threading.Event()
        self._let_go = self._to_let_go = 0
        self._patience_s = 0.0
        self._blocks: set[str] = set()
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
        return self._real_pid or self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    @property
    def letting_go(self) -> bool:
        """Whether the worker has been told to leave off a job, and has not done so in the time it had, or so far."""
        return self._given_up or self._let_go < self._to_let_go

    def send(self, header: dict[str, Any], arrays: Arrays) -> None:
        """Queue a message; a thread writes it, because a busy worker may leave the pipe full for a while."""
        self._written.clear()
        self._outgoing.put((header, arrays))

    def send_job(self, number: int, jobs: Mapping[str, Job]) -> None:
        """Queue a job, and before it those blocks of its images that the worker does not hold.

        The worker lets go of all others when it reads the job.
        """
        for block, voxels in blocks_of(jobs, self._blocks).items():
            self.send({"kind": "block", "block": block}, {"voxels": voxels})
        self._blocks = {job.block for job in jobs.values()}
        header, arrays = encode_jobs(jobs)
        self.send({"kind": "extract", "id": number, "jobs": header}, arrays)

    def wait_written(self, seconds: float) -> None:
        """Wait until all messages are written, at most so long; meanwhile other threads have the interpreter."""
        self._written.wait(seconds)

    def drop(self, job: int, patience_s: float) -> None:
        """Tell the worker to leave off ``job`` (and those before), and end the process if it does not in that time.

        The worker heeds it between two feature classes, not while a library computes one. The time begins when the
        worker is ready.
        """
        self._to_let_go, self._patience_s = job, patience_s
        self.send({"kind": "drop", "id": job}, {})
        if self._ready:
            self._wait_for_it()

    def _wait_for_it(self) -> None:
        timer = threading.Timer(self._patience_s, self._end_unless_let_go, (self._to_let_go,))
        timer.daemon = True
        timer.start()

    def _end_unless_let_go(self, job: int) -> None:
        if self._let_go < job:
            self._given_up = True
            self._kill()

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
        """End the process."""
        self._outgoing.put(None)
        self._kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5.0)

    def _kill(self) -> None:
        """End the process; behind a launcher the real one is ended by its own id."""
        if self._process.poll() is None and self.pid != self._process.pid:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        self._process.kill()

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := self._newest_outgoing()) is not None:
                write_message(pipe, *message)
                if self._outgoing.empty():
                    self._written.set()
        with contextlib.suppress(OSError):
            pipe.close()

    def _newest_outgoing(self) -> Message | None:
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
                    self._note(message[0])
                    self._received.put(message[0])
        except (BadMessage, OSError, ValueError) as error:
            reason = f"; {error}"
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5.0)
        self._received.put({"kind": "ended", "reason": f"exit code {self._process.returncode}{reason}"})

    def _note(self, header: dict[str, Any]) -> None:
        if header["kind"] == "ready":
            self._real_pid, self._ready = header["pid"], True
            if self.letting_go:
                self._wait_for_it()
        else:  # jobs are taken in their order, so a later one tells that those before are over
            self._let_go = max(self._let_go, header["id"] - (header["kind"] in _GOES_ON))

    def _listen(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            for line in pipe:
                self._words.append(line.decode("utf-8", "replace"))
