"""The network's process of this process: started when it is first needed, kept for the next patch, ended with it.

The end of its pipe ends it should this process be killed; a fork of this process has one of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np

from ...errors import BackboneMissing
from ...progress import Progress, step
from ...protocol import Deep
from ...resources import user_folder
from ...texts import clean
from . import ENGINE
from .limits import Limits
from .process import AGAIN_S, BackboneProcess, missing_package

#: Wheels that bring the module ``onnxruntime``.
_DISTRIBUTIONS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")


def engine_version() -> str:
    """Return the version of onnxruntime, without importing it. Raises PackageMissing."""
    for name in _DISTRIBUTIONS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    raise missing_package(ENGINE)


def backbone_file(deep: Deep) -> Path:
    """Return the path of the protocol's ONNX file. Raises BackboneMissing, which says where it was looked for."""
    path = Path(deep.backbone)
    places = [path] if path.is_absolute() else [Path(folder) / path for folder in (deep.folder, _user_backbones())
                                                if folder]
    for place in places:
        with contextlib.suppress(OSError):  # a name longer than the system's longest is no file either
            if place.is_file():
                return place.resolve()
    listed = " or ".join(f"'{clean(place, 200)}'" for place in places)
    raise BackboneMissing(f"Backbone '{clean(path.name, 80)}' is not at {listed}; bring the ONNX file whose SHA-256 "
                          f"begins with {deep.sha256[:12]} (see the documentation on deep features).")


def _user_backbones() -> Path:
    return user_folder() / "Backbones"


class _Keeper:
    """The one process of this process, and the turn of its threads to use it."""

    def __init__(self) -> None:
        self.process: BackboneProcess | None = None
        self._turn = threading.Lock()

    @contextlib.contextmanager
    def turn(self, progress: Progress | None) -> Iterator[BackboneProcess]:
        """Give the process to one thread at a time, a new one where the last has ended or had other limits."""
        while not self._turn.acquire(timeout=AGAIN_S):
            step(progress, 0, 2, "waiting for the network")
        try:
            limits = Limits.of_environment()
            while self.process is not None and self.process.letting_go:
                step(progress, 0, 2, "waiting for the network")
                time.sleep(AGAIN_S / 5)
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
