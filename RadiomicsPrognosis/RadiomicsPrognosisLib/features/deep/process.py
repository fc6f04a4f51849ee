"""One process that runs networks: asked, watched and ended without ever hanging who asks.

It leads a group of its own and is killed with all it started when a request takes too long, or goes on after it was
cancelled. Three threads move what is said through its pipes.
"""

from __future__ import annotations

import collections
import contextlib
import queue
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import BackboneFailed, BackboneUnfit, Cancelled, InputError, RuntimeAbsent
from ...processes.child import start_child
from ...processes.failures import WorkerNotStarted
from ...processes.interpreter import interpreter
from ...processes.messages import Arrays, BadMessage, read_message, write_message
from ...progress import Progress, step
from ...protocol import Deep
from ...texts import clean
from .limits import SECONDS_VARIABLE, Limits, out_of_memory

#: While the process works, the progress is told, and asked whether to stop, this often (s).
AGAIN_S = 0.1

#: How long (s) a request that was cancelled may go on, while its network is loaded and while it runs: one of usual size
#: is through by then, and the next patch need not wait for a process afresh.
_LOADING_S, _RUNNING_S = 10.0, 2.0

#: A math library would ask for memory for as many threads as there are cores.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

_REFUSALS: dict[str, type[InputError]] = {error.code: error for error in (BackboneUnfit, BackboneFailed)}


def missing_package(package: str) -> RuntimeAbsent:
    """Return the error that says which package is absent and how to install it."""
    return RuntimeAbsent(f"Deep features need the package '{clean(package, 40)}'; run 'pip install onnxruntime onnx', "
                          "or install what Resources/requirements.txt lists.")


class BackboneProcess:
    """A process that runs networks, one request at a time.

    Parameters
    ----------
    limits: how long each step of a request may take, and how much memory the process may have.
    command: what to run, the network's process of this package when None.

    Raises BackboneFailed when it cannot be started.
    """

    def __init__(self, limits: Limits, command: list[str] | None = None):
        self.limits = limits
        try:
            self._child = start_child(command or [interpreter(), "-m", f"{__package__}.child"],
                                      "The network's process", _ENVIRONMENT, leads_group=True)
        except WorkerNotStarted as error:
            raise BackboneFailed(str(error)) from None
        self._received: queue.SimpleQueue[tuple[dict[str, Any], Arrays] | None] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[tuple[dict[str, Any], Arrays] | None] = queue.SimpleQueue()
        self._words: collections.deque[str] = collections.deque(maxlen=50)
        self._asked = self._loaded = self._answered = 0
        for serve, pipe in ((self._write, self._child.stdin), (self._read, self._child.stdout),
                            (self._listen, self._child.stderr)):
            threading.Thread(target=serve, args=(pipe,), daemon=True).start()
        self._outgoing.put(({"kind": "hello", "paths": [path for path in sys.path if path],
                             "gigabytes": limits.gigabytes}, {}))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._child.process.poll() is not None

    @property
    def letting_go(self) -> bool:
        """Whether a request that was cancelled still goes on."""
        return self._answered < self._asked and not self.ended

    def stop(self) -> None:
        """End the process and those it started, at once."""
        self._outgoing.put(None)
        self._child.kill_group()

    def forget(self) -> None:
        """Let go, in a fork of the caller, of pipes that are the caller's: its end must be theirs."""
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            with contextlib.suppress(OSError):
                # Its buffer's lock may be held by a thread that the fork does not have.
                getattr(pipe, "raw", pipe).close()

    def features(self, deep: Deep, path: Path, patch: np.ndarray,
                 progress: Progress | None = None) -> tuple[np.ndarray, str]:
        """Return the features (n,) of a ``patch`` (1, channels, sides ...) and the version of onnxruntime.

        Raises what :func:`.extract_deep` raises. After Cancelled the process has a moment to finish; after whatever
        else ends the wait it has been ended.
        """
        self._asked += 1
        try:
            self._outgoing.put(({"kind": "features", "id": self._asked, "path": str(path), "sha256": deep.sha256,
                                 "node": deep.node, "pooling": deep.pooling, "features": deep.features,
                                 "seconds": self.limits.seconds}, {"patch": patch}))
            header, arrays = self._next(path, progress, 0)
            if header["kind"] == "loaded":
                header, arrays = self._next(path, progress, 1)
        except Cancelled:
            patience = _RUNNING_S if self._loaded == self._asked else _LOADING_S
            timer = threading.Timer(patience, self._end_if_busy, (self._asked,))
            timer.daemon = True
            timer.start()
            raise
        except BaseException:
            self.stop()
            raise
        if header["kind"] == "features":
            return arrays["values"], str(header["version"])
        raise self._error(header, path)

    def _end_if_busy(self, request: int) -> None:
        if self._answered < request:
            self.stop()

    def _next(self, path: Path, progress: Progress | None, done: int) -> tuple[dict[str, Any], Arrays]:
        """Return the next message, having told meanwhile what is waited for. Raises BackboneFailed."""
        deadline = time.monotonic() + self.limits.seconds
        text = ("loading the network", "running the network")[done]
        while True:
            step(progress, done, 2, text)
            try:
                message = self._received.get(timeout=min(AGAIN_S, max(deadline - time.monotonic(), 0.0)))
            except queue.Empty:
                if time.monotonic() < deadline:
                    continue
                raise BackboneFailed(f"Backbone '{clean(path.name, 80)}' took longer than {self.limits.seconds:g} s "
                                     f"for {text} and was ended; take a smaller network or patch, or set "
                                     f"{SECONDS_VARIABLE} higher.") from None
            if message is None:
                raise BackboneFailed(self._death(path))
            if message[0]["id"] == self._asked:  # and not of a request that was cancelled
                return message

    def _death(self, path: Path) -> str:
        """Return in words how the process ended, once its last words are in."""
        code = self._child.process.wait()
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        last_words = clean(" ".join(self._words), 160)
        return (f"Backbone '{clean(path.name, 80)}' ended its process ({how}), perhaps for want of memory; take a "
                "smaller network or patch" + (f". Its last words: {last_words}" if last_words else "."))

    def _error(self, header: dict[str, Any], path: Path) -> Exception:
        kind = header["kind"]
        if kind == "refused":
            return _REFUSALS.get(header["code"], InputError)(header["message"])
        if kind == "missing":
            return missing_package(header["package"])
        if kind == "memory":
            return out_of_memory(clean(path.name, 80))
        return RuntimeError(f"The network's process met a fault: {header.get('details', kind)}")

    # Threads, each at one pipe; they end with it ------------------------------------------------------------------

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outgoing.get()) is not None:
                write_message(pipe, *message)
            pipe.close()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, BadMessage, KeyError, ValueError):
            while (message := read_message(pipe)) is not None:
                if message[0]["kind"] == "loaded":
                    self._loaded = message[0]["id"]
                else:
                    self._answered = message[0]["id"]
                self._received.put(message)
        self._child.kill_group()
        self._received.put(None)

    def _listen(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in pipe:
                self._words.append(line[:500].decode("utf-8", "replace"))
