"""The network's process, seen from the one that needs it: started, asked, watched, ended; it never hangs its caller.

One process a caller, kept for the next patch. It leads a group of its own and is killed with all it started when a
request is cancelled or takes too long, and when the caller ends; should the caller be killed, the end of its pipe ends
it.
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import BackboneFailed, BackboneMissing, BackboneUnfit, InputError, PackageMissing
from ...processes.child import start_child
from ...processes.failures import WorkerNotStarted
from ...processes.interpreter import interpreter
from ...processes.messages import Arrays, BadMessage, read_message, write_message
from ...progress import Progress, step
from ...protocol import Deep
from ...resources import user_folder
from ...texts import clean
from . import ENGINE
from .limits import MEMORY_VARIABLE, SECONDS_VARIABLE, Limits

#: Wheels that bring the module ``onnxruntime``.
_DISTRIBUTIONS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")

#: While the process works, the progress is told, and asked whether to stop, this often (s).
_AGAIN_S = 0.1

#: Threads that see a math library of many threads would ask for memory for each.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

_REFUSALS: dict[str, type[InputError]] = {error.code: error for error in (BackboneUnfit, BackboneFailed)}


def engine_version() -> str:
    """Return the version of onnxruntime, without importing it. Raises PackageMissing."""
    for name in _DISTRIBUTIONS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    raise _missing(ENGINE)


def backbone_file(deep: Deep) -> Path:
    """Return the path of the protocol's ONNX file. Raises BackboneMissing, which says where it was looked for."""
    path = Path(deep.backbone)
    places = [path] if path.is_absolute() else [Path(folder) / path for folder in (deep.folder, _user_backbones())
                                                if folder]
    for place in places:
        if place.is_file():
            return place.resolve()
    listed = " or ".join(f"'{clean(place, 200)}'" for place in places)
    raise BackboneMissing(f"Backbone '{clean(path.name, 80)}' is not at {listed}; bring the ONNX file whose SHA-256 "
                          f"begins with {deep.sha256[:12]} (see the documentation on deep features).")


def _user_backbones() -> Path:
    return user_folder() / "Backbones"


def _missing(package: str) -> PackageMissing:
    return PackageMissing(f"Deep features need the package '{clean(package, 40)}'; run 'pip install onnxruntime onnx', "
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

        Raises what :func:`.extract_deep` raises; after BackboneFailed, and whatever ``progress`` raises, the process
        has been ended.
        """
        try:
            self._outgoing.put(({"kind": "features", "path": str(path), "sha256": deep.sha256, "node": deep.node,
                                 "pooling": deep.pooling, "features": deep.features,
                                 "seconds": self.limits.seconds}, {"patch": patch}))
            header, arrays = self._next(path, progress, 0)
            if header["kind"] == "loaded":
                header, arrays = self._next(path, progress, 1)
        except BaseException:
            self.stop()
            raise
        if header["kind"] == "features":
            return arrays["values"], str(header["version"])
        raise self._error(header, path)

    def _next(self, path: Path, progress: Progress | None, done: int) -> tuple[dict[str, Any], Arrays]:
        """Return the next message, having told meanwhile what is waited for. Raises BackboneFailed."""
        deadline = time.monotonic() + self.limits.seconds
        text = ("loading the network", "running the network")[done]
        while True:
            step(progress, done, 2, text)
            try:
                message = self._received.get(timeout=min(_AGAIN_S, max(deadline - time.monotonic(), 0.0)))
            except queue.Empty:
                if time.monotonic() < deadline:
                    continue
                raise BackboneFailed(f"Backbone '{clean(path.name, 80)}' took longer than {self.limits.seconds:g} s "
                                     f"for {text} and was ended; take a smaller network or patch, or set "
                                     f"{SECONDS_VARIABLE} higher.") from None
            if message is None:
                raise BackboneFailed(self._death(path))
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
            return _missing(header["package"])
        if kind == "memory":
            return BackboneFailed(f"Backbone '{clean(path.name, 80)}' needs more memory than it may have; take a "
                                  f"smaller network or patch, or set {MEMORY_VARIABLE} higher.")
        return RuntimeError(f"The network's process met a fault: {header.get('details', kind)}")

    # Threads, each at one pipe; they end with it ------------------------------------------------------------------

    def _write(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outgoing.get()) is not None:
                write_message(pipe, *message)
            pipe.close()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, BadMessage, ValueError):
            while (message := read_message(pipe)) is not None:
                self._received.put(message)
        self._child.kill_group()
        self._received.put(None)

    def _listen(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in pipe:
                self._words.append(line[:500].decode("utf-8", "replace"))


class _Keeper:
    """The one process of this process, and the turn of its threads to use it."""

    def __init__(self) -> None:
        self.process: BackboneProcess | None = None
        self._turn = threading.Lock()

    @contextlib.contextmanager
    def turn(self, progress: Progress | None) -> Iterator[BackboneProcess]:
        """Give the process to one thread at a time, a new one where the last has ended or had other limits."""
        while not self._turn.acquire(timeout=_AGAIN_S):
            step(progress, 0, 2, "waiting for the network")
        try:
            limits = Limits.of_environment()
            if self.process is not None and (self.process.ended or self.process.limits != limits):
                self.stop()
            if self.process is None:
                self.process = BackboneProcess(limits)
            yield self.process
        finally:
            self._turn.release()

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is not None:
            process.stop()

    def forget(self) -> None:
        """Forget, in a fork, the process of the one that forked."""
        process, self.process = self.process, None
        self._turn = threading.Lock()
        if process is not None:
            process.forget()


_keeper = _Keeper()
atexit.register(_keeper.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keeper.forget)


def run_network(deep: Deep, patch: np.ndarray, progress: Progress | None = None) -> tuple[np.ndarray, str]:
    """Return the features (n,) that the protocol's network gives of a ``patch``, and the version of onnxruntime.

    Raises what :func:`.extract_deep` raises.
    """
    path = backbone_file(deep)
    with _keeper.turn(progress) as process:
        return process.features(deep, path, patch, progress)


def check_network(deep: Deep) -> str:
    """Let the protocol's network read an empty patch, and return the version of onnxruntime.

    Raises what :func:`.extract_deep` raises. A network whose patch follows the contour reads one of 64 pixels a side.
    """
    shape = 1, deep.channels, *(deep.size or 64,) * (2 if deep.in_plane else 3)
    return run_network(deep, np.zeros(shape, np.float32))[1]


def stop_backbones() -> None:
    """End the network's process of this process, if it has one; a later extraction starts another."""
    _keeper.stop()
