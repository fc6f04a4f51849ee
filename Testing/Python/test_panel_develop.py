"""A study started from the panel, without Qt: what is missing, its process, cancelling, what becomes of its models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from develop_cases import small_study

from RadiomicsPrognosisLib.command_messages import StabilitySummary, StudySummary, to_line
from RadiomicsPrognosisLib.errors import FileError, SchemaError
from RadiomicsPrognosisLib.models.scaling import scalings_for
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.presenter.command_process import CommandProcess, Stage
from RadiomicsPrognosisLib.presenter.commands import Commands
from RadiomicsPrognosisLib.presenter.development import (
    StudyChoices,
    add_models,
    models_of,
    obstacle,
    recipe_card,
    recipe_cards,
    report_of,
)
from RadiomicsPrognosisLib.processes.interpreter import PACKAGE_PARENT
from RadiomicsPrognosisLib.resources import listing
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe

#: A process that ends with what a study ends with.
StudyProcess = CommandProcess[StudySummary]


@pytest.fixture
def process() -> Iterator[StudyProcess]:
    study = CommandProcess(StudySummary)
    yield study
    study.close()


def python(program: str) -> list[str]:
    """Return the command that runs ``program``."""
    return [sys.executable, "-c", program]


def wait(study: StudyProcess, until: Callable[[], bool], seconds: float = 60.0) -> None:
    """Poll as the panel's timer does."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, (study.stage, study.progress, study.problem)
        study.poll()
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether no process has this id, or only a dead one that nobody has asked after."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


# Choices


def test_what_is_missing_comes_in_the_order_of_the_form(tmp_path: Path) -> None:
    table, text = tmp_path / "c.csv", tmp_path / "c.txt"
    table.touch()
    text.touch()
    full = StudyChoices("r", str(table), "", str(tmp_path / "out"))
    assert obstacle(full) is None and obstacle(replace(full, readings=str(table))) is None
    for changes, code in (({"recipe": ""}, "recipe"), ({"cohort": ""}, "cohort"), ({"cohort": "c.csv"}, "no-file"),
                          ({"cohort": str(tmp_path)}, "no-file"), ({"cohort": str(text)}, "no-table"),
                          ({"readings": str(tmp_path / "absent.csv")}, "no-file"), ({"folder": ""}, "folder"),
                          ({"folder": "out"}, "relative-folder"),
                          ({"cohort": str(tmp_path / ("c" * 300 + ".csv"))}, "no-file")):
        assert obstacle(replace(full, **changes)).code == code, changes


@pytest.mark.parametrize("name", listing("Recipes", ".toml"))
def test_a_recipes_card_names_every_column_that_its_reader_knows(name: str) -> None:
    card, recipe = recipe_card(name), load_recipe(name)
    known = {column for endpoint in recipe.endpoints for column in endpoint.columns}
    assert known | {item.name for item in recipe.covariates} <= set(card.columns)
    assert (card.title, card.citation) == (recipe.title, recipe.citation)


def test_recipes_of_the_users_are_offered_and_a_broken_one_is_said(user_home: Path) -> None:
    folder = user_home / "Recipes"
    folder.mkdir(parents=True)
    small_study(folder)
    (folder / "broken.toml").write_text("title = 1", encoding="utf-8")
    (folder / "torn.toml").write_text("title = ", encoding="utf-8")
    cards, errors = recipe_cards()
    assert {card.name for card in cards} == {*listing("Recipes", ".toml")} - {"broken", "torn"}
    assert "own" in {card.name for card in cards}
    assert len(errors) == 2 and all(isinstance(error, SchemaError) for error in errors)


# The process


def test_a_study_runs_and_its_models_can_be_added(process: StudyProcess, tmp_path: Path, user_home: Path) -> None:
    choices = small_study(tmp_path)
    assert report_of(choices.folder) is None and models_of(choices.folder) == ()
    process.start(choices.command())
    assert process.active and process.stage is Stage.RUNNING
    with pytest.raises(RuntimeError, match="running already"):
        process.start(choices.command())
    shares = []
    wait(process, lambda: shares.append(process.progress.share) or not process.active)
    assert process.stage is Stage.DONE and process.problem is None
    assert shares == sorted(shares) and len(set(shares)) > 5 and process.progress.share == 1.0
    summary, result = process.summary, json.loads((Path(choices.folder) / "study.json").read_text(encoding="utf-8"))
    assert (summary.recipe, summary.title, summary.folder) == ("own_study", "A study of our own", choices.folder)
    assert [asdict(cohort) for cohort in summary.cohorts] == [
        {key: cohort[key] for key in ("name", "rows", "patients")} for cohort in result["cohorts"]]
    assert [item.terms for item in summary.signatures] == [len(item["terms"]) for item in result["signatures"]]
    (model,) = summary.models
    measured = result["models"][0]["cohorts"][1]["survival"]["concordance"]
    assert model.measure == "C-index" and model.discrimination[1].value == measured["c"]
    assert [Path(choices.folder) / name for name in (model.model_file, model.scaling_file)] == [
        *models_of(choices.folder)]
    assert summary.notes == tuple(result["findings"]) and "taken on trust" in summary.notes[0]
    assert report_of(choices.folder) == Path(summary.report)
    assert add_models(choices.folder) == 2 and add_models(choices.folder) == 0
    model = load_model(models_of(choices.folder)[0].stem)
    assert [item.name for item in scalings_for(model)] == [models_of(choices.folder)[1].stem]
    (user_home / "Models" / f"{model.id}.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileError, match="another content"):
        add_models(choices.folder)


def test_a_folder_that_cannot_be_looked_at_holds_nothing(tmp_path: Path) -> None:
    folder = str(tmp_path / ("o" * 300))
    assert report_of(folder) is None and models_of(folder) == ()


def test_a_study_without_models_adds_none(tmp_path: Path, user_home: Path) -> None:
    with pytest.raises(FileError, match="run a study first"):
        add_models(str(tmp_path))
    assert not (user_home / "Models").exists()


def test_refused_input_is_said_in_the_commands_words(process: StudyProcess, tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    Path(choices.cohort).write_text("case,time\na,1\n", encoding="utf-8")
    process.start(choices.command())
    wait(process, lambda: not process.active)
    assert process.stage is Stage.FAILED and process.problem.code == "command"
    assert process.problem.message.startswith("The cohort lacks the columns")
    assert not Path(choices.folder).exists()


def test_cancelling_leaves_neither_process_nor_folder(process: StudyProcess, tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    before = set(tmp_path.iterdir())
    process.start(choices.command())
    pid = process.pid
    wait(process, lambda: process.progress.share > 0)
    process.cancel()
    assert process.stage is Stage.CANCELLING
    wait(process, lambda: not process.active)
    assert process.stage is Stage.CANCELLED and process.problem is None
    assert is_gone(pid) and set(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no inherited signal dispositions")
def test_cancelling_works_where_interrupts_are_ignored(tmp_path: Path) -> None:
    # As in what a shell script starts in the background.
    choices = small_study(tmp_path)
    before = set(tmp_path.iterdir())
    study = CommandProcess(StudySummary, python(
        "import os, signal, sys\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'RadiomicsPrognosisLib', *sys.argv[1:]])"))
    study.start(choices.command())
    wait(study, lambda: study.progress.share > 0)
    study.cancel()
    wait(study, lambda: not study.active)
    assert study.stage is Stage.CANCELLED and set(tmp_path.iterdir()) == before


def test_a_process_that_does_not_listen_is_ended_after_a_while() -> None:
    now = [0.0]
    deaf = CommandProcess(StudySummary, python("import time; time.sleep(600)"), lambda: now[0], grace_s=15.0)
    deaf.start([])
    pid = deaf.pid
    deaf.cancel()
    now[0] = 14.0
    deaf.poll()
    assert deaf.active and deaf.elapsed_s == now[0]
    now[0] += 2
    wait(deaf, lambda: not deaf.active)
    assert deaf.stage is Stage.CANCELLED and is_gone(pid)


def test_closing_ends_it_at_once() -> None:
    deaf = CommandProcess(StudySummary, python("import time; time.sleep(600)"), last_wait_s=0.1)
    deaf.start([])
    pid = deaf.pid
    deaf.close()
    assert not deaf.active and is_gone(pid)


def test_a_fault_comes_with_its_details(tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    before = set(tmp_path.iterdir())
    broken = CommandProcess(StudySummary, python("""
import sys
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.study import run as engine

def fail(*_):
    raise ZeroDivisionError("a fault")

engine.run_study = fail
sys.exit(run(sys.argv[1:]))
"""))
    broken.start(choices.command())
    wait(broken, lambda: not broken.active)
    assert broken.stage is Stage.FAILED and broken.problem.code == "command-fault" and not broken.problem.message
    assert "Traceback" in broken.problem.details and "ZeroDivisionError: a fault" in broken.problem.details
    assert set(tmp_path.iterdir()) == before


def test_a_process_that_dies_without_a_word_is_told_from_a_study_that_failed() -> None:
    for program, code, details in (("raise ValueError('no such version')", "1", "ValueError: no such version"),
                                   ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "-9", "exit code -9"),
                                   ("print(end='')", "0", "exit code 0")):
        dying = CommandProcess(StudySummary, python(program))
        dying.start([])
        wait(dying, lambda: not dying.active)  # noqa: B023 - called in this round
        assert dying.stage is Stage.FAILED and dying.problem.code == "command-silent"
        assert dying.problem.values == {"exit": code} and details in dying.problem.details


@pytest.mark.skipif(os.name == "nt", reason="kills by a signal")
def test_a_study_that_is_killed_is_told_from_a_cancelled_one(process: StudyProcess, tmp_path: Path) -> None:
    process.start(small_study(tmp_path).command())
    wait(process, lambda: process.progress.share > 0)
    os.kill(process.pid, 9)
    wait(process, lambda: not process.active)
    assert process.stage is Stage.FAILED and process.problem.code == "command-silent"
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("line", ["Loading libraries ...", '{"kind": "gossip"}', '{"share": 0.1, "text": ""}', "[]",
                                  '{"kind": "progress", "share": "much", "text": ""}',
                                  '{"kind": "progress", "share": 1.5, "text": ""}',
                                  '{"kind": "progress", "share": NaN, "text": ""}'])
def test_words_that_nobody_understands_stop_the_study_and_are_its_problem(line: str) -> None:
    strange = CommandProcess(StudySummary, python(f"import sys; print({line!r}, flush=True); sys.stdin.read()"))
    strange.start([])
    wait(strange, lambda: strange.stage is Stage.CANCELLING)
    wait(strange, lambda: not strange.active)  # its input was closed
    assert strange.stage is Stage.FAILED and strange.problem.code == "command-words"
    assert line in strange.problem.details


def test_a_result_after_words_that_nobody_understands_does_not_count() -> None:
    line = to_line(StudySummary(recipe="r", version="1", title="t", cohorts=(), signatures=(), models=(), notes=(),
                                folder="f", report="f/report.html"))
    strange = CommandProcess(StudySummary, python(f"print('Loading libraries ...'); print({line!r}, flush=True)"))
    strange.start([])
    wait(strange, lambda: not strange.active)
    assert strange.stage is Stage.FAILED and strange.problem.code == "command-words"
    assert strange.summary is None


def test_the_result_of_another_command_is_none() -> None:
    line = to_line(StabilitySummary(model="m", group=None, perturbations=1, scored=1, agreeing=0, headline="h",
                                    json="f.json", report=None))
    other = CommandProcess(StudySummary, python(f"import sys; print({line!r}, flush=True); sys.stdin.read()"))
    other.start([])
    wait(other, lambda: not other.active)
    assert other.stage is Stage.FAILED and other.problem.code == "command-words" and other.summary is None
    assert "StabilitySummary" in other.problem.details


def test_commands_run_side_by_side_and_are_ended_together() -> None:
    commands = Commands(python("import sys; sys.stdin.read()"))
    processes = commands.study, commands.reproducibility, commands.stability
    for process in processes:
        process.start([])
    pids = [process.pid for process in processes]
    commands.close()
    assert len(set(pids)) == 3 and all(map(is_gone, pids))
    assert all(process.stage is Stage.CANCELLED for process in processes)


def test_a_result_counts_though_the_study_was_asked_to_stop() -> None:
    line = to_line(StudySummary(recipe="r", version="1", title="t", cohorts=(), signatures=(), models=(), notes=(),
                                folder="f", report="f/report.html"))
    late = CommandProcess(StudySummary, python(f"import sys; sys.stdin.read(); print({line!r})"))
    late.start([])
    late.cancel()
    wait(late, lambda: not late.active)
    assert late.stage is Stage.DONE and late.summary.recipe == "r"


def test_a_missing_interpreter_is_a_problem(monkeypatch: pytest.MonkeyPatch, process: StudyProcess,
                                            tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "SlicerApp-real"))
    monkeypatch.setenv("PATH", str(tmp_path))
    process.start(["study"])
    assert process.stage is Stage.FAILED and "PythonSlicer was not found" in process.problem.message
    assert not process.active
    absent = CommandProcess(StudySummary, ["/absent/python"])
    absent.start([])
    assert absent.stage is Stage.FAILED and "could not be started" in absent.problem.message


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the process in /proc")
def test_a_study_does_not_outlive_an_application_that_crashed(tmp_path: Path) -> None:
    choices = small_study(tmp_path)
    before = set(tmp_path.iterdir())
    # Like a crash: nothing is closed, the system closes the pipe.
    script = ("import os, sys, time\nfrom RadiomicsPrognosisLib.presenter.command_process import CommandProcess\n"
              "from RadiomicsPrognosisLib.command_messages import StudySummary\n"
              "study = CommandProcess(StudySummary)\nstudy.start(sys.argv[1:])\n"
              "while not study.progress.share:\n    study.poll()\n    time.sleep(0.02)\n"
              "print(study.pid, flush=True)\nos._exit(1)\n")
    ended = subprocess.run([*python(script), *choices.command()], capture_output=True, text=True,
                           env={**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}, timeout=60, check=False)
    pid, end = int(ended.stdout), time.monotonic() + 30
    while not is_gone(pid):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert set(tmp_path.iterdir()) == before
