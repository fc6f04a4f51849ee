"""What the tests of the worker process share: small jobs, programs in its place, and waiting for its events."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import pytest
from conftest import make_protocol, textured_volume

from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.worker import client
from RadiomicsPrognosisLib.worker.jobs import Job, make_job

NAMES = ("original_shape_MeshVolume", "original_firstorder_Skewness", "original_glszm_ZoneEntropy")


@pytest.fixture(autouse=True)
def nothing_unread() -> None:
    """Forget the events of another test's worker."""
    _unread.clear()


@pytest.fixture
def worker() -> Iterator[client.Worker]:
    """A worker that is ended with the test."""
    running = client.Worker()
    yield running
    running.stop()


def job(seed: int = 0, **changes: object) -> Job:
    """Return a small job."""
    protocol = make_protocol(**changes)
    return make_job(make_voi(*textured_volume(seed=seed), protocol, "Tumour"), protocol, NAMES)


_unread: dict[int, list[client.Event]] = {}


def wait(worker: client.Worker, kind: type | tuple[type, ...], seconds: float = 60.0) -> client.Event:
    """Poll until an event of ``kind`` comes and return it; later ones stay unread."""
    end = time.monotonic() + seconds
    events = _unread.setdefault(id(worker), [])
    while time.monotonic() < end:
        events += worker.poll()
        while events:
            event = events.pop(0)
            if isinstance(event, kind):
                return event
        time.sleep(0.005)
    raise AssertionError(f"no {kind} within {seconds} s")


def script(program: str) -> list[str]:
    """Return the command of a worker whose program is ``program``."""
    return [sys.executable, "-c", program]


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until ``condition()``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.005)


#: A worker that gets ready and then gives no sign of life in its job.
HANGING = """
import time
from RadiomicsPrognosisLib.worker import server
server._serve = lambda *_: time.sleep(3600)
server.main()
"""
