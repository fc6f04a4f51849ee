"""``--json-lines`` by ``study run``: standard output has messages alone, and every way of ending has its last word."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from develop_cases import small_study
from hypothesis import given
from hypothesis import strategies as st

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.command_messages import (
    BadLine,
    CommandCancelled,
    CommandError,
    Message,
    ReproducibilitySummary,
    StabilitySummary,
    StudyCohort,
    StudyDiscrimination,
    StudyModel,
    StudySignature,
    StudySummary,
    from_line,
    to_line,
)
from RadiomicsPrognosisLib.presenter.development import StudyChoices
from RadiomicsPrognosisLib.processes.interpreter import PACKAGE_PARENT
from RadiomicsPrognosisLib.progress import ProgressMessage

#: Runs the command line after printing in every way there is, and once more where a library would.
_NOISY = """
import os, subprocess, sys
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.study.recipe import parsing

load = parsing.load_recipe

def noisy(*arguments):
    print("noise of python")
    os.write(1, b"noise of C\\n")
    subprocess.run([sys.executable, "-c", "print('noise of a child')"], check=True)
    return load(*arguments)

parsing.load_recipe = noisy
sys.exit(run(sys.argv[1:]))
"""


def start(choices: StudyChoices, *options: str, program: str = "", **pipes: int) -> subprocess.Popen[str]:
    """Start the command with ``--json-lines``."""
    command = ["-c", program] if program else ["-m", "RadiomicsPrognosisLib"]
    return subprocess.Popen([sys.executable, *command, *choices.command(), "--json-lines", *options], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}, **pipes)


def finish(process: subprocess.Popen[str]) -> tuple[list[Message], str]:
    """Return the messages written and the standard error of a process once it has ended."""
    out, errors = process.communicate(timeout=60)
    return [from_line(line) for line in out.splitlines()], errors


def test_nothing_but_messages_reaches_standard_output(tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    process = start(choices, program=_NOISY)
    messages, errors = finish(process)
    assert process.returncode == 0 and isinstance(messages[-1], StudySummary)
    progress = messages[:-1]
    assert all(isinstance(message, ProgressMessage) and message.text for message in progress)
    shares = [message.share for message in progress]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 5
    for noise in ("noise of python", "noise of C", "noise of a child"):
        assert noise in errors
    assert Path(messages[-1].report).is_file()


@pytest.mark.parametrize(("change", "code", "error", "text"), [
    (["--cohort", "absent.csv"], "file", "FileError", "does not exist"),
    (["--permutations", "-1"], "input", "InputError", "must not be negative"),
    (["--no-such-option"], "usage", "UsageError", "unknown option '--no-such-option'")])
def test_wrong_input_is_an_error_with_code_and_exits_with_2(tmp_path: Path, change: list[str], code: str, error: str,
                                                            text: str) -> None:
    choices = small_study(tmp_path)
    process = start(choices, *change)
    messages, errors = finish(process)
    (message,) = messages
    assert process.returncode == 2 and errors == ""
    assert isinstance(message, CommandError) and (message.code, message.error) == (code, error)
    assert text in message.message and "\n" not in message.message and not message.details
    assert not Path(choices.folder).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_a_cancelled_study_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    before = set(tmp_path.iterdir())
    process = start(choices)
    assert isinstance(from_line(process.stdout.readline()), ProgressMessage)
    process.send_signal(signal.SIGTERM)
    messages, errors = finish(process)
    assert process.returncode == 130 and messages[-1] == CommandCancelled() and errors == ""
    assert set(tmp_path.iterdir()) == before


def test_a_study_whose_reader_has_gone_stops_and_leaves_nothing(tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    before = set(tmp_path.iterdir())
    process = start(choices)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == "" and process.wait(60) == 130
    process.stderr.close()
    assert set(tmp_path.iterdir()) == before


def test_standard_output_is_given_back(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["study", "run", "r", "--cohort", "absent.csv", "--out", str(tmp_path / "out"), "--json-lines"]) == 2
    print("printed again", flush=True)
    os.write(1, b"written again\n")
    first, *rest = capfd.readouterr().out.splitlines()
    assert json.loads(first)["kind"] == "error" and sorted(rest) == ["printed again", "written again"]


def test_the_option_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["study", "run", "--help"])
    assert "JSON objects, one a line" in " ".join(capsys.readouterr().out.split())


# Messages

texts = st.text(max_size=12)
numbers = st.none() | st.floats(0, 1)
summaries = st.builds(
    StudySummary, recipe=texts, version=texts, title=texts, folder=texts, report=texts,
    cohorts=st.lists(st.builds(StudyCohort, texts, st.integers(0), st.integers(0)), max_size=2).map(tuple),
    signatures=st.lists(st.builds(StudySignature, texts, st.integers(0), st.integers(0), texts), max_size=2).map(tuple),
    models=st.lists(st.builds(StudyModel, id=texts, measure=texts, reason=texts, model_file=st.none() | texts,
                              scaling_file=st.none() | texts, discrimination=st.lists(st.builds(
                                  StudyDiscrimination, texts, numbers, numbers, numbers), max_size=2).map(tuple)),
                    max_size=2).map(tuple),
    notes=st.lists(texts, max_size=2).map(tuple))
shares = st.floats(-1, 1) | st.none()
reproducibility = st.builds(
    ReproducibilitySummary, cases=st.integers(0), readings=st.integers(0), readers=st.integers(0),
    sessions=st.integers(0), form=texts, threshold=st.floats(0, 1), on=texts, features=st.integers(0),
    kept=st.integers(0), model=st.none() | texts, failing=st.lists(texts, max_size=2).map(tuple), score_icc=shares,
    score_lower=shares, score_upper=shares, notes=st.lists(texts, max_size=2).map(tuple), folder=texts, report=texts,
    json=texts)
stability = st.builds(
    StabilitySummary, model=texts, group=st.none() | texts, perturbations=st.integers(0), scored=st.integers(0),
    agreeing=st.integers(0), headline=texts, json=texts, report=st.none() | texts)


@given(st.builds(ProgressMessage, st.floats(0, 1), texts) | st.builds(CommandError, texts, texts, texts, texts)
       | st.just(CommandCancelled()) | summaries | reproducibility | stability)
def test_a_message_survives_its_line(message: Message) -> None:
    line = to_line(message)
    assert line.isascii() and "\n" not in line and from_line(line) == message


@pytest.mark.parametrize("line", [
    "", "progress", "1", "null", '{"kind": "result"}', '{"kind": 1}', '{"kind": "cancelled", "why": ""}',
    '{"kind": "error", "code": "file", "error": "FileError", "message": 3, "details": ""}',
    '{"kind": "progress", "share": true, "text": ""}', '{"kind": "progress", "share": -0.1, "text": ""}',
    '{"kind": "progress", "share": Infinity, "text": ""}'])
def test_another_line_is_refused(line: str) -> None:
    with pytest.raises(BadLine):
        from_line(line)
