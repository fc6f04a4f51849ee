"""The command ``stability`` and its processes: what it prints and writes, what it refuses, that nothing outlives it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.cli import stability as command
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.command_messages import CommandCancelled, StabilitySummary, from_line
from RadiomicsPrognosisLib.errors import ModelMismatch
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.progress import ProgressMessage
from RadiomicsPrognosisLib.stability.processes import Crew
from RadiomicsPrognosisLib.stability.record import ReadersAgreement, Stability

#: Raw features under a protocol without resampling.
MODEL = "s2_escc_ln_response"

PACKAGE_PARENT = Path(command.__file__).resolve().parents[2]


@pytest.fixture
def case(tmp_path: Path) -> list[str]:
    """The options that name a small case."""
    paths = tmp_path / "image.nrrd", tmp_path / "mask.nrrd"
    for item, path in zip(textured_volume((36, 34, 24)), paths, strict=True):
        sitk.WriteImage(item, str(path))
    return ["stability", "--image", str(paths[0]), "--mask", str(paths[1]), "--model", MODEL]


def test_the_result_is_printed_in_words_and_written_whole(case: list[str], tmp_path: Path,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run([*case, "--perturbations", "10", "--jobs", "1", "--out", str(out)]) == 0
    text = capsys.readouterr().out
    stability = Stability.from_dict(json.loads((out / "stability.json").read_text(encoding="utf-8")))
    assert stability.count == 10 and stability.group is not None
    assert f"in {stability.group.same} of {stability.group.count} perturbations" in text
    assert "not a confidence interval of the outcome" in text and "zwanenburg2019" in text
    assert run([*case, "--perturbations", "10", "--jobs", "1", "--json"]) == 0
    assert Stability.from_dict(json.loads(capsys.readouterr().out)) == stability


def test_kinds_and_settings_are_chosen(case: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\ntitle = "Own"\n[noise]\nlevel = 2\n[rotation]\ndegrees = [5, 5]\n', encoding="utf-8")
    options = ["--perturbations", "10", "--jobs", "1", "--json", "--settings", str(own), "--kinds", "rotation"]
    assert run([*case, *options]) == 0
    stability = Stability.from_dict(json.loads(capsys.readouterr().out))
    assert stability.settings.id == "own" and stability.settings.kinds == ("rotation",)
    assert {item.parameters["arterial" if "arterial" in item.parameters else next(iter(item.parameters))]["rotation"]
            ["degrees"] for item in stability.perturbations} == {5.0}


@pytest.mark.parametrize(("options", "message"), [
    (["--perturbations", "3"], "at least 10 perturbations"),
    (["--kinds", "shear"], "invalid choice: 'shear'"),
    (["--settings", "nowhere"], "There is no perturbation settings 'nowhere'"),
    (["--scaling", "demonstration-sts-ct"], "takes no scaling"),
    (["--json-lines"], "needs --out DIR"),
    (["--agreement", "nowhere.json"], "'nowhere.json' does not exist"),
])
def test_wrong_input_exits_with_2_and_one_line(case: list[str], options: list[str], message: str,
                                               capfd: pytest.CaptureFixture[str]) -> None:
    assert run([*case, *options]) == 2
    output = capfd.readouterr()
    assert message in output.out + output.err and "Traceback" not in output.err


def test_an_image_must_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stability", "--model", MODEL]) == 2
    assert "--image is missing" in capsys.readouterr().err


def test_the_limits_of_agreement_of_another_model_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same model, the widest limits are taken."""
    model = load_model(MODEL)

    class Limits:
        n, bias, sd, lower, upper = 30, 0.01, 0.1, -0.19, 0.21

    class Comparison:
        title = "reader A and reader B"

    class Study:
        class model:
            id, hash, scaling = model.id, model.hash, None

        @staticmethod
        def widest_limits() -> Any:
            return Comparison, Limits

    monkeypatch.setattr(command, "read_result", lambda path: Study)
    assert command.readers_agreement("study/reproducibility.json", model, None) == ReadersAgreement(
        comparison="reader A and reader B", source="reproducibility.json", pairs=30, bias=0.01, sd=0.1, lower=-0.19,
        upper=0.21)
    monkeypatch.setattr(Study, "widest_limits", staticmethod(lambda: None))
    with pytest.raises(ModelMismatch, match="no limits of agreement"):
        command.readers_agreement("study", model, None)
    with pytest.raises(ModelMismatch, match="hold for no other"):
        command.readers_agreement("study", load_model("s1_escc_lpfs_radscore"), None)
    monkeypatch.setattr(Study, "model", None)
    with pytest.raises(ModelMismatch, match="scored no model"):
        command.readers_agreement("study", model, None)


# Processes -----------------------------------------------------------------------------------------------------------


def square(number: int) -> int:
    """Return the square: work that another process can import."""
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number * number


def own_pid(seconds: float) -> int:
    """Return the process that does the work."""
    time.sleep(seconds)
    return os.getpid()


def die(_number: int) -> int:
    """End a process that is not the tests'; return 0 in theirs."""
    if multiprocessing.parent_process() is not None:
        os._exit(3)
    time.sleep(0.05)
    return 0


def left_over() -> list[str]:
    """Return the names of the processes that a crew has left; joblib keeps its own, of other tests."""
    return [item.name for item in multiprocessing.active_children() if item.name.startswith("SpawnProcess")]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_a_crew_does_every_task_once(jobs: int) -> None:
    with Crew(jobs) as crew:
        assert sorted(crew.run(square, range(20))) == [(number, number * number) for number in range(20)]
        assert list(crew.run(square, [7])) == [(0, 49)]
        assert list(crew.run(square, [])) == []
    assert left_over() == []


def test_the_others_work_too() -> None:
    with Crew(2) as crew:
        assert len({pid for _, pid in crew.run(own_pid, [0.2] * 30)}) == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_task_is_raised_and_nothing_stays(jobs: int) -> None:
    with pytest.raises(ValueError, match="-1 is negative"), Crew(jobs) as crew:
        list(crew.run(square, [*range(30), -1, *range(30)]))
    assert left_over() == []


def test_a_process_that_dies_is_a_fault_and_not_a_wait() -> None:
    with pytest.raises(RuntimeError, match="has ended by itself"), Crew(2) as crew:
        list(crew.run(die, range(400)))
    assert left_over() == []


def test_giving_up_in_the_middle_leaves_no_process() -> None:
    with Crew(3) as crew:
        for number, _ in crew.run(own_pid, [0.02] * 500):
            if number >= 0:
                break
    assert left_over() == []


def started(case: list[str], *options: str) -> subprocess.Popen[str]:
    """Return the command, run in a process group of its own."""
    return subprocess.Popen([sys.executable, "-m", "RadiomicsPrognosisLib", *case, "--jobs", "2", *options],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            cwd=PACKAGE_PARENT, start_new_session=True)


def await_progress(process: subprocess.Popen[str], share: float) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        message = from_line(line)
        if isinstance(message, ProgressMessage) and message.share >= share:
            return
    raise AssertionError("the command ended before")


def group_ends(group: int, seconds: float = 20.0) -> bool:
    """Tell whether every process of the group ends within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
@pytest.mark.parametrize("how", ["input", "interrupt", "terminate", "kill"])
def test_however_it_ends_no_process_and_no_file_stay(case: list[str], tmp_path: Path, how: str) -> None:
    out = tmp_path / "out"
    process = started(case, "--perturbations", "2000", "--out", str(out), "--json-lines", "--end-with-input")
    try:
        await_progress(process, 0.03)
        end: dict[str, Callable[[], object]] = {
            "input": lambda: process.stdin and process.stdin.close(), "interrupt": lambda: process.send_signal(
                signal.SIGINT), "terminate": process.terminate, "kill": process.kill}
        end[how]()
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        code = process.wait(20)
        assert group_ends(process.pid)
    finally:
        if not group_ends(process.pid, 0.1):
            os.killpg(process.pid, signal.SIGKILL)
    assert not out.exists()
    if how != "kill":
        assert code == 130 and isinstance(from_line(lines[-1]), CommandCancelled)


def test_a_program_reads_the_result_from_the_last_line(case: list[str], tmp_path: Path) -> None:
    process = started(case, "--perturbations", "10", "--out", str(tmp_path / "out"), "--json-lines")
    output, _ = process.communicate(timeout=120)
    messages = [from_line(line) for line in output.splitlines()]
    summary = messages[-1]
    assert isinstance(summary, StabilitySummary) and all(isinstance(item, ProgressMessage) for item in messages[:-1])
    stability = Stability.from_dict(json.loads(Path(summary.json).read_text(encoding="utf-8")))
    assert (summary.perturbations, summary.scored, summary.model) == (10, stability.scored, MODEL)
    assert stability.group is not None and summary.agreeing == stability.group.same and summary.headline
