"""The worker process's life: every way of dying survived, what nobody awaits left off, idle deaths without a word."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from worker_cases import HANGING, NAMES, job, nothing_unread, script, wait, wait_until, worker  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.processes.failures import WorkerCrashed, WorkerHung, WorkerNotStarted
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.worker import client
from RadiomicsPrognosisLib.worker.jobs import make_job


def test_a_killed_worker_is_reported_and_the_next_job_starts_another(worker: client.Worker) -> None:  # noqa: F811
    worker.warm_up()
    wait(worker, client.Ready)
    lost = worker.submit({"image": job()})
    os.kill(worker.pid, signal.SIGKILL)
    failed = wait(worker, (client.Failed, client.Done))
    assert failed == client.Failed(lost, failed.error) and isinstance(failed.error, WorkerCrashed)
    worker.submit({"image": job()})
    wait(worker, client.Done)


def _end(worker: client.Worker) -> int:  # noqa: F811
    """Kill the process and wait until it is gone; return its id."""
    pid = worker.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: _gone(pid))
    return pid


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        time.sleep(0.05)  # this process's own thread, which waited for that one, notes it a moment later
        return True
    return False


@pytest.mark.parametrize("polled", [False, True])
def test_a_worker_that_died_idle_is_replaced_without_a_word(worker: client.Worker, polled: bool) -> None:  # noqa: F811
    worker.warm_up()
    wait(worker, client.Ready)
    before = _end(worker)
    if polled:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert worker.poll() == []
            time.sleep(0.01)
    submitted = worker.submit({"image": job()})
    assert wait(worker, (client.Done, client.Failed)).id == submitted
    assert worker.pid != before


def test_warming_up_replaces_a_worker_that_died_idle(worker: client.Worker) -> None:  # noqa: F811
    worker.warm_up()
    wait(worker, client.Ready)
    _end(worker)
    worker.warm_up()
    assert worker.starting
    wait(worker, client.Ready)


def test_a_worker_that_dies_again_at_once_is_reported(tmp_path: Path) -> None:
    # The first process serves, those after it end at their first job.
    dying = client.Worker(script(f"""
import os, pathlib
from RadiomicsPrognosisLib.worker import server
counter = pathlib.Path({str(tmp_path / 'starts')!r})
started = counter.exists()
counter.touch()
if started:
    server._serve = lambda *_: os._exit(3)
server.main()
"""))
    dying.warm_up()
    wait(dying, client.Ready)
    _end(dying)
    lost = dying.submit({"image": job()})
    failed = wait(dying, client.Failed)
    assert failed.id == lost and isinstance(failed.error, WorkerCrashed) and "exit code 3" in str(failed.error)


def test_a_crash_tells_what_the_process_last_said() -> None:
    dying = client.Worker(script("import sys; sys.stdin.buffer.readline(); sys.exit('no space left')"))
    dying.warm_up()
    failed = wait(dying, client.Failed)
    assert isinstance(failed.error, WorkerNotStarted)
    assert "no space left" in failed.error.details and "exit code 1" in str(failed.error)


def test_a_worker_without_sign_of_life_is_ended_and_reported() -> None:
    now = [0.0]
    worker = client.Worker(script(HANGING), hang_s=60.0, clock=lambda: now[0])  # noqa: F811
    lost = worker.submit({"image": job()})
    wait(worker, client.Ready)
    pid = worker.pid
    now[0] = 59.0
    assert worker.poll() == []
    now[0] = 61.0
    failed = wait(worker, client.Failed)
    assert failed.id == lost and isinstance(failed.error, WorkerHung)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_that_never_gets_ready_is_given_up() -> None:
    now = [0.0]
    worker = client.Worker(script("import time; time.sleep(3600)"), start_s=90.0, clock=lambda: now[0])  # noqa: F811
    worker.submit({"image": job()})
    now[0] = 91.0
    assert isinstance(wait(worker, client.Failed).error, WorkerNotStarted)


def test_a_command_that_does_not_exist_is_an_error_at_once() -> None:
    with pytest.raises(WorkerNotStarted, match="could not be started"):
        client.Worker(["no-such-interpreter"]).warm_up()


def test_cancel_ends_the_job_whatever_it_is_doing() -> None:
    worker = client.Worker(script(HANGING))  # noqa: F811
    worker.submit({"image": job()})
    wait(worker, client.Ready)
    before = worker.pid
    worker.cancel()
    assert worker.job is None and worker.starting
    wait(worker, client.Ready)
    assert worker.pid != before
    worker.stop()


#: A worker whose first process sleeps in its first job, in place of a library that looks at nothing, and says so.
_DEAF = """
import pathlib, time
from RadiomicsPrognosisLib.worker import server
asleep, serve = pathlib.Path({asleep!r}), server._serve
def sleep(*arguments):
    if asleep.exists():
        return serve(*arguments)
    asleep.touch()
    time.sleep(3600)
server._serve = sleep
server.main()
"""


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[tuple[client.Worker, int]]:
    """A worker with little patience whose process does not heed that its job is given up, and that process's id."""
    asleep = tmp_path / "asleep"
    worker = client.Worker(script(_DEAF.format(asleep=str(asleep))), patience_s=0.1)  # noqa: F811
    worker.submit({"image": job(1)})
    wait(worker, client.Ready)
    wait_until(asleep.exists)
    yield worker, worker.pid
    worker.stop()


def test_a_job_that_does_not_give_way_is_ended_and_the_newest_sent_again(deaf: tuple[client.Worker, int]) -> None:
    worker, before = deaf  # noqa: F811
    newest = worker.submit({"image": job()})
    assert worker.letting_go
    done = wait(worker, (client.Done, client.Failed))
    assert done == client.Done(newest, {"image": extract(job().voi, job().protocol, NAMES)})
    assert worker.pid != before and not worker.letting_go


def test_a_job_given_up_that_goes_on_is_ended_and_another_worker_gets_ready(deaf: tuple[client.Worker, int]) -> None:
    worker, before = deaf  # noqa: F811
    worker.drop()
    assert worker.job is None
    wait(worker, client.Ready)
    assert worker.pid != before and not worker.letting_go
    worker.submit({"image": job()})
    wait(worker, client.Done)


def test_a_job_given_up_is_ended_though_nobody_polls(deaf: tuple[client.Worker, int]) -> None:
    worker, before = deaf  # noqa: F811
    worker.drop()
    wait_until(lambda: _gone(before))
    submitted = worker.submit({"image": job()})
    assert wait(worker, (client.Done, client.Failed)).id == submitted


def test_the_end_of_a_worker_that_was_to_leave_off_a_job_is_no_failure(deaf: tuple[client.Worker, int]) -> None:
    worker, before = deaf  # noqa: F811
    newest = worker.submit({"image": job()})
    os.kill(before, signal.SIGKILL)
    assert wait(worker, (client.Done, client.Failed)).id == newest


def test_a_job_given_up_ends_at_its_next_step_and_the_process_lives(phantom) -> None:
    worker = client.Worker(patience_s=60.0)  # noqa: F811
    protocol = load_model("s1_escc_lpfs_radscore").image_protocol()
    long = make_job(make_voi(*phantom, protocol, "Tumour"), protocol, protocol.feature_names())
    worker.submit({"image": long})
    wait(worker, client.JobProgress)
    before = worker.pid
    worker.drop()
    wait_until(lambda: not worker.letting_go)
    submitted = worker.submit({"image": job()})
    assert wait(worker, client.Done).id == submitted
    assert worker.pid == before
    worker.stop()


def test_dropping_without_a_job_does_nothing(worker: client.Worker) -> None:  # noqa: F811
    worker.drop()
    worker.submit({"image": job()})
    wait(worker, client.Done)
    worker.drop()
    assert not worker.letting_go and worker.poll() == []
