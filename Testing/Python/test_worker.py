"""The worker process: the same values as in this process, the newest job first, messages that survive the pipe."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import installed_engines
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from worker_cases import HANGING, NAMES, job, nothing_unread, script, wait, worker  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.catalogue import CLASSES, parse_name
from RadiomicsPrognosisLib.features import extraction
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.pyradiomics_engine import PyradiomicsEngine
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.processes import interpreter
from RadiomicsPrognosisLib.processes.failures import WorkerFault, WorkerNotStarted
from RadiomicsPrognosisLib.processes.messages import BadMessage, read_message, write_message
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.images import array_view
from RadiomicsPrognosisLib.worker import client, server
from RadiomicsPrognosisLib.worker.blocks import Blocks
from RadiomicsPrognosisLib.worker.jobs import blocks_of, encode_jobs, make_job


@pytest.mark.parametrize("name", ["s1_escc_lpfs_radscore", "s2_escc_ln_response"])
def test_gives_exactly_what_this_process_computes(worker: client.Worker, phantom, name: str) -> None:  # noqa: F811
    model = load_model(name)
    protocol = model.image_protocol()
    voi = make_voi(*phantom, protocol, "Tumour")
    worker.submit({"image": make_job(voi, protocol, model.features())})
    done = wait(worker, client.Done)
    assert done.features["image"] == extract(voi, protocol, model.features())
    assert worker.job is None


def test_two_inputs_come_back_by_name(worker: client.Worker) -> None:  # noqa: F811
    jobs = {"arterial": job(1), "venous": job(2)}
    worker.submit(jobs)
    done = wait(worker, client.Done)
    assert done.features == {name: extract(item.voi, item.protocol, item.names) for name, item in jobs.items()}


def test_progress_over_several_inputs_never_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, str]] = []
    monkeypatch.setattr(server, "_PROGRESS_S", 0.0)
    monkeypatch.setattr(server, "write_message", lambda out, header: told.append((header["share"], header["text"])))
    jobs = {"arterial": job(1), "venous": job(2)}
    header, arrays = encode_jobs(jobs)
    blocks = Blocks()
    blocks.replace(blocks_of(jobs))
    reply = server._serve({"id": 1, "jobs": header}, arrays, blocks, SimpleNamespace(waiting=lambda: False),
                          io.BytesIO())
    shares = [share for share, _ in told]
    assert reply["kind"] == "done" and [text for _, text in told] == 2 * ["original shape", "original firstorder",
                                                                         "original glszm"]
    assert shares == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])


def test_what_is_sent_outlives_the_image() -> None:
    one = job()
    (voxels,) = blocks_of({"image": one}).values()
    assert not np.shares_memory(voxels, array_view(one.voi.image))


def test_only_the_newest_of_several_jobs_is_finished_last(worker: client.Worker) -> None:  # noqa: F811
    worker.warm_up()
    wait(worker, client.Ready)
    ids = [worker.submit({"image": job(seed)}) for seed in range(6)]
    finished = []
    while not finished or finished[-1].id != ids[-1]:
        finished.append(wait(worker, client.Done))
    assert finished[-1].features["image"] == extract(job(5).voi, job(5).protocol, NAMES)
    assert [done.id for done in finished] == sorted(done.id for done in finished)
    assert worker.job is None


def test_a_running_job_gives_way_to_a_newer_one(worker: client.Worker, phantom) -> None:  # noqa: F811
    protocol = load_model("s1_escc_lpfs_radscore").image_protocol()
    long = make_job(make_voi(*phantom, protocol, "Tumour"), protocol, protocol.feature_names())
    first = worker.submit({"image": long})
    wait(worker, client.JobProgress)
    second = worker.submit({"image": job()})
    done = wait(worker, client.Done)
    assert (first, done.id) == (second - 1, second)


def test_input_that_cannot_be_computed_is_refused_and_the_worker_goes_on(worker: client.Worker) -> None:  # noqa: F811
    small = job()
    worker.submit({"image": replace(small, protocol=replace(small.protocol, minimum_voxels=10**6))})
    refused = wait(worker, client.Refused)
    assert refused.code == "empty-voi" and "Enlarge the contour" in refused.message
    worker.submit({"image": job()})
    wait(worker, client.Done)


def test_a_fault_of_the_software_comes_with_its_traceback(worker: client.Worker) -> None:  # noqa: F811
    broken = job()
    worker.submit({"image": replace(broken, voi=replace(broken.voi, kept=np.zeros_like(broken.voi.kept)))})
    failed = wait(worker, client.Failed)
    assert isinstance(failed.error, WorkerFault) and "Traceback" in failed.error.details
    worker.submit({"image": job()})
    wait(worker, client.Done)


def test_what_a_library_prints_does_not_get_into_the_answer() -> None:
    noisy = client.Worker(script("""
import os
from RadiomicsPrognosisLib.worker import server
quiet = server._serve
def serve(*arguments):
    print("RPW1 3 0", flush=True)
    os.write(1, b"noise")
    return quiet(*arguments)
server._serve = serve
server.main()
"""))
    noisy.submit({"image": job()})
    assert wait(noisy, (client.Done, client.Failed)).features["image"] == extract(job().voi, job().protocol, NAMES)
    noisy.stop()


def test_without_the_engine_asked_for_the_worker_says_what_to_install_and_another_serves() -> None:
    bare = client.Worker(script("""
import sys
sys.modules["radiomics"] = None
from RadiomicsPrognosisLib.worker import server
server.main()
"""))
    asked = job()
    bare.submit({"image": replace(asked, engine="pyradiomics")})
    refused = wait(bare, client.Refused)
    assert refused.code == "engine" and "SlicerRadiomics" in refused.message and "native" in refused.message
    bare.submit({"image": asked})
    assert wait(bare, client.Done).features["image"].engine_name == "native"
    bare.stop()


def test_a_job_is_computed_by_the_engine_it_names(worker: client.Worker) -> None:  # noqa: F811
    keys = set()
    for name in installed_engines():
        asked = replace(job(), engine=name)
        keys.add(asked.key())
        worker.submit({"image": asked})
        features = wait(worker, client.Done).features["image"]
        assert features == extract(asked.voi, asked.protocol, asked.names, get_engine(name))
        assert features.engine_name == name
    assert len(keys) == len(installed_engines())


def test_the_rehearsal_takes_every_class_that_the_engine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsed: list[str] = []
    monkeypatch.setattr(extraction, "extract", lambda voi, protocol, names, engine: rehearsed.extend(names))
    server._rehearse(PyradiomicsEngine())
    classes = {parse_name(name).feature_class for name in rehearsed}
    assert classes == {name for name, entry in CLASSES.items() if entry.pyradiomics}
    assert sum(name.startswith("wavelet-HHH") for name in rehearsed) == 1


@pytest.mark.parametrize("busy", [False, True])
def test_the_process_ends_with_its_caller(busy: bool) -> None:
    program = HANGING if busy else "from RadiomicsPrognosisLib.worker import server; server.main()"
    process = subprocess.Popen(script(program), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               cwd=interpreter.PACKAGE_PARENT)
    write_message(process.stdin, {"kind": "hello", "paths": sys.path})
    assert read_message(process.stdout)[0]["kind"] == "ready"
    write_message(process.stdin, {"kind": "extract", "id": 1, "jobs": {}})
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


def test_key_changes_with_what_the_values_depend_on_and_with_nothing_else() -> None:
    first, other = job(), job(seed=1)
    renamed = replace(first, voi=replace(first.voi, name="another name"))
    wider = job(discretisation={"bin_width": 30})
    assert renamed.key() == first.key()
    assert len({first.key(), other.key(), wider.key(), replace(first, names=NAMES[:2]).key()}) == 4


@settings(max_examples=50, deadline=None)
@given(st.lists(arrays_of.arrays(st.sampled_from([np.uint8, np.int16, np.float32, np.float64, np.bool_]),
                                 arrays_of.array_shapes(max_dims=3, max_side=5)), max_size=3),
       st.dictionaries(st.text(max_size=8), st.integers() | st.floats(allow_nan=False, allow_infinity=False)))
def test_messages_survive_the_pipe(arrays: list[np.ndarray], header: dict) -> None:
    header.pop("arrays", None)
    pipe = io.BytesIO()
    write_message(pipe, header, {str(number): array for number, array in enumerate(arrays)})
    write_message(pipe, {"kind": "next"})
    pipe.seek(0)
    received, content = read_message(pipe)
    assert received == header
    for number, array in enumerate(arrays):
        assert content[str(number)].dtype == array.dtype
        np.testing.assert_array_equal(content[str(number)], array)
    assert read_message(pipe) == ({"kind": "next"}, {}) and read_message(pipe) is None


def _message() -> bytes:
    pipe = io.BytesIO()
    write_message(pipe, {"kind": "x"}, {"a": np.arange(6, dtype=np.int16).reshape(2, 3)})
    return pipe.getvalue()


@pytest.mark.parametrize("damage", [
    lambda data: data[:-1],
    lambda data: data[:20],
    lambda data: data.replace(b"RPW1", b"RPW2"),
    lambda data: data.replace(b"<i2", b"|O8"),
    lambda data: data.replace(b"[2, 3]", b"[2, 4]"),
    lambda data: data.replace(b"[2, 3]", b"[1, 3]"),
    lambda data: data.replace(b"{", b"<", 1),
    lambda data: b"RPW1 2 0\n[]",
    lambda data: b"RPW1 2 0\n{}",
    lambda data: b"RPW1 99999999999 0\n",
    lambda data: b"some library prints\n",
])
def test_a_damaged_message_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadMessage):
        read_message(io.BytesIO(damage(_message())))


def test_inside_slicer_the_console_interpreter_runs_the_worker(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "SlicerApp-real"))
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    with pytest.raises(WorkerNotStarted, match="PythonSlicer"):
        client.worker_command()
    console = tmp_path / "PythonSlicer"
    console.touch(mode=0o755)
    assert client.worker_command()[0] == str(console)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert client.worker_command() == [str(console), "-m", "RadiomicsPrognosisLib.worker"]


def test_the_application_tells_slicer_from_a_python_that_only_has_slicer_installed(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "PythonSlicer").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python-real"))
    monkeypatch.setitem(sys.modules, "slicer", SimpleNamespace())
    assert client.worker_command()[0] == str(tmp_path / "python-real")
    monkeypatch.setitem(sys.modules, "slicer", SimpleNamespace(app=None))
    assert client.worker_command()[0] == str(tmp_path / "PythonSlicer")
