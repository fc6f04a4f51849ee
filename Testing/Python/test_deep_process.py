"""The network's process: within its limits, ended by cancelling, dying without harm, never outliving who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deep_cases import network, protocol_for, saved

from RadiomicsPrognosisLib.errors import BackboneFailed, BackboneUnfit, Cancelled
from RadiomicsPrognosisLib.features.deep import check_network, runner, stop_backbones
from RadiomicsPrognosisLib.features.deep.limits import MEMORY_VARIABLE, SECONDS_VARIABLE, Limits
from RadiomicsPrognosisLib.features.deep.runner import BackboneProcess, run_network
from RadiomicsPrognosisLib.processes.interpreter import PACKAGE_PARENT
from RadiomicsPrognosisLib.protocol import Deep

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, helper

PATCH = np.ones((1, 3, 8, 8), np.float32)


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    stop_backbones()
    yield
    stop_backbones()


def deep_of_file(path: Path) -> Deep:
    deep = protocol_for(path, {"features": 3, "size": 8, "node": "y"}).deep
    assert deep is not None
    return deep


@pytest.fixture
def quick(tmp_path: Path) -> Deep:
    return deep_of_file(saved(network([helper.make_node("Relu", ["x"], ["y"])]), tmp_path, "quick.onnx"))


@pytest.fixture
def endless(tmp_path: Path) -> Deep:
    """A loop whose condition is always true, of as many rounds as a whole number can say."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Add", ["state", "x"], ["next"])], "body",
        [helper.make_tensor_value_info("round", TensorProto.INT64, []),
         helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("next", TensorProto.FLOAT, [1, 3, 8, 8])])
    model = network([helper.make_node("Loop", ["rounds", "true", "x"], ["y"], body=body)],
                    {"rounds": np.array(2**62), "true": np.array(True)})
    return deep_of_file(saved(model, tmp_path, "endless.onnx"))


def greedy(tmp_path: Path, gigabytes: int) -> Deep:
    """A network that asks for so many GB of numbers, of a few bytes of file, once it sees a patch."""
    model = network([helper.make_node("ReduceMax", ["x"], ["m"], keepdims=0),
                     helper.make_node("Expand", ["m", "s"], ["y"])],
                    {"s": np.array([1, 3, 1 << 14, gigabytes * (1 << 14) // 3])})
    return deep_of_file(saved(model, tmp_path, "greedy.onnx"))


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that only waits to be asked how has, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(happens: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_network_without_end_is_ended(endless: Deep, quick: Deep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "1.5")
    begin = time.monotonic()
    with pytest.raises(BackboneFailed, match=r"^Backbone 'endless.onnx' took longer than 1.5 s for running the netw"):
        run_network(endless, PATCH)
    assert time.monotonic() - begin < 10
    assert run_network(quick, PATCH)[0].tolist() == [1, 1, 1]  # by a process afresh


def test_cancelling_ends_the_process_in_the_midst_of_a_run(endless: Deep, quick: Deep) -> None:
    pids: set[int] = set()

    def progress(share: float, text: str) -> None:
        process = runner._keeper.process
        assert process is not None and 0 <= share <= 1
        pids.add(process.pid)
        if text == "running the network":
            raise Cancelled

    with pytest.raises(Cancelled):
        run_network(endless, PATCH, progress)
    assert len(pids) == 1
    wait_until(lambda: gone(next(iter(pids))))
    assert run_network(quick, PATCH)[0].tolist() == [1, 1, 1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of memory is the platform's")
def test_a_network_that_eats_memory_ends_in_a_line(tmp_path: Path, quick: Deep,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "2")
    with pytest.raises(BackboneFailed, match=r"^Backbone 'greedy.onnx' needs more memory than it may have; [^\n]*$"):
        run_network(greedy(tmp_path, 4), PATCH)
    assert run_network(quick, PATCH)[0].tolist() == [1, 1, 1]


def test_a_process_that_dies_is_a_line_and_the_next_takes_its_place(endless: Deep, quick: Deep) -> None:
    run_network(quick, PATCH)
    process = runner._keeper.process
    assert process is not None

    def kill(share: float, text: str) -> None:
        if text == "running the network":
            os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(BackboneFailed, match=r"^Backbone 'endless.onnx' ended its process \(by signal 9\)"):
        run_network(endless, PATCH, kill)
    assert run_network(quick, PATCH)[0].tolist() == [1, 1, 1]
    idle = runner._keeper.process
    assert idle is not None and idle.pid != process.pid
    os.kill(idle.pid, signal.SIGKILL)  # with nothing to do: nobody needs to know
    wait_until(lambda: idle.ended)
    assert run_network(quick, PATCH)[0].tolist() == [1, 1, 1]


@pytest.mark.parametrize("program", ["import os; os._exit(3)", "import sys; sys.exit('no luck')",
                                     "print('nonsense', flush=True); import time; time.sleep(60)"])
def test_a_process_that_talks_nonsense_or_nothing_is_a_line(quick: Deep, program: str) -> None:
    process = BackboneProcess(Limits(seconds=20), [sys.executable, "-c", program])
    with pytest.raises(BackboneFailed, match=r"^Backbone 'quick.onnx' ended its process[^\n]*$"):
        process.features(quick, runner.backbone_file(quick), PATCH)
    assert process.ended


def test_a_process_that_reads_nothing_cannot_hang_its_caller(quick: Deep) -> None:
    """A patch of 48 MB fills its pipe; a thread waits there, not the caller."""
    process = BackboneProcess(Limits(seconds=1), [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(BackboneFailed, match="took longer than 1 s for loading the network"):
        process.features(quick, runner.backbone_file(quick), np.zeros((1, 3, 2000, 2000), np.float32))
    wait_until(lambda: process.ended)


def test_a_program_that_cannot_be_started_is_a_line() -> None:
    with pytest.raises(BackboneFailed, match=r"^The network's process could not be started: [^\n]*$"):
        BackboneProcess(Limits(), ["/nowhere/python"])


#: Runs a network for ever in a process of its own, whose number it prints.
FOR_EVER = """
import sys, threading, time
import numpy as np
from RadiomicsPrognosisLib.features.deep import runner
from RadiomicsPrognosisLib.protocol import Deep
deep = Deep(backbone=sys.argv[1], sha256=sys.argv[2], features=3, window_hu=(0.0, 1.0), fill_hu=0.0, node="y",
            mean=(0.0,) * 3, sd=(1.0,) * 3, size=8)
started = []
def progress(share, text):
    if text == "running the network" and not started:
        started.append(print(runner._keeper.process.pid, flush=True))
        {}
runner.run_network(deep, np.ones((1, 3, 8, 8), np.float32), progress)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("end", ["pass", "import os; os._exit(0)", "raise SystemExit", "raise KeyboardInterrupt"])
def test_a_network_does_not_outlive_who_started_it(endless: Deep, end: str) -> None:
    """Killed from outside (pass), or ended by itself, in the midst of a run that would never end."""
    process = subprocess.Popen([sys.executable, "-c", FOR_EVER.format(end), endless.backbone, endless.sha256],
                               cwd=PACKAGE_PARENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        if end == "pass":
            assert not gone(pid)
            process.kill()
        process.wait(20)
        wait_until(lambda: gone(pid))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks on this platform")
def test_a_fork_has_a_network_of_its_own_and_leaves_its_parents_alone(quick: Deep) -> None:
    run_network(quick, PATCH)
    process = runner._keeper.process
    assert process is not None
    mine, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            same = runner._keeper.process is not None
            values = run_network(quick, PATCH)[0].tolist()
            other = runner._keeper.process.pid != process.pid
            stop_backbones()
            os.write(theirs, f"{same} {values} {other}".encode())
        finally:
            os._exit(0)
    os.close(theirs)
    told = os.read(mine, 200).decode()
    os.close(mine)
    os.waitpid(child, 0)
    assert told == "False [1.0, 1.0, 1.0] True"
    assert not process.ended and run_network(quick, PATCH)[0].tolist() == [1, 1, 1]
    assert runner._keeper.process is process


def test_processes_of_joblib_give_the_same(quick: Deep) -> None:
    import joblib

    patches = [np.full((1, 3, 8, 8), number, np.float32) for number in range(4)]
    results = joblib.Parallel(n_jobs=2)(joblib.delayed(run_network)(quick, patch) for patch in patches)
    assert [values.tolist() for values, _ in results] == [[number] * 3 for number in range(4)]


def test_threads_take_turns_and_one_that_waits_can_be_cancelled(endless: Deep, quick: Deep) -> None:
    running, stop, ends = threading.Event(), threading.Event(), []

    def first(share: float, text: str) -> None:
        if text == "running the network":
            running.set()
        if stop.is_set():
            raise Cancelled

    def begin() -> None:
        try:
            run_network(endless, PATCH, first)
        except Cancelled:
            ends.append("cancelled")

    def second(share: float, text: str) -> None:
        assert text == "waiting for the network"
        raise Cancelled

    thread = threading.Thread(target=begin)
    thread.start()
    try:
        assert running.wait(20)
        with pytest.raises(Cancelled):
            run_network(quick, PATCH, second)
    finally:
        stop.set()
        thread.join(20)
    assert ends == ["cancelled"] and run_network(quick, PATCH)[0].tolist() == [1, 1, 1]


def test_the_network_is_kept_and_nothing_of_it_comes_into_this_process(quick: Deep) -> None:
    program = ("import sys; import numpy as np; from RadiomicsPrognosisLib.features import extraction\n"
               "from RadiomicsPrognosisLib.features.deep import check_network, runner\n"
               "from RadiomicsPrognosisLib.protocol import Deep\n"
               "deep = Deep(backbone=sys.argv[1], sha256=sys.argv[2], features=3, window_hu=(0.0, 1.0), fill_hu=0.0,\n"
               "            node='y', mean=(0.0,) * 3, sd=(1.0,) * 3, size=8)\n"
               "check_network(deep); first = runner._keeper.process.pid\n"
               "check_network(deep); print(first == runner._keeper.process.pid)\n"
               "print({'onnx', 'onnxruntime', 'google.protobuf'} & set(sys.modules))\n")
    out = subprocess.run([sys.executable, "-c", program, quick.backbone, quick.sha256], cwd=PACKAGE_PARENT, timeout=60,
                         capture_output=True, text=True, check=True).stdout
    assert out.split() == ["True", "set()"]


def test_what_the_network_says_of_an_input_is_an_error_of_the_input(quick: Deep) -> None:
    """The process goes on after it."""
    run_network(quick, PATCH)
    process: Any = runner._keeper.process
    with pytest.raises(BackboneUnfit):
        run_network(quick, np.ones((1, 3, 9, 9), np.float32))
    assert check_network(quick) and runner._keeper.process is process
