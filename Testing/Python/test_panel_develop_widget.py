"""The Develop section's real widgets: choose, run, watch, cancel, open the report, add the models; scene and module."""

from __future__ import annotations

import html
import sys
from pathlib import Path
from typing import Any

import pytest
from develop_cases import RECIPE, small_study

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import PanelBench, bench  # noqa: F401 - fixture

from RadiomicsPrognosisLib.cli.study_texts import study_text
from RadiomicsPrognosisLib.command_messages import CommandError, to_line
from RadiomicsPrognosisLib.presenter.command_process import Stage


def choose(bench: PanelBench, folder: Path) -> Any:  # noqa: F811
    """Choose a small study in the section and return the choices."""
    choices = small_study(folder)
    bench.ui.developSection.collapsed = False
    bench.node.studyRecipe = choices.recipe
    bench.ui.cohortEdit.text, bench.ui.studyFolderEdit.text = choices.cohort, choices.folder
    return choices


def finish(bench: PanelBench) -> None:  # noqa: F811
    """Run the study chosen and wait for its end."""
    bench.ui.studyRunButton.click()
    bench.wait(lambda: not bench.commands.study.active)
    process_events(300)


def test_the_section_asks_for_one_thing_after_the_other(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    ui, choices = bench.ui, small_study(tmp_path)
    assert ui.developSection.collapsed
    ui.developSection.collapsed = False
    assert "Choose a recipe" in ui.studyProblemLabel.text and not ui.studyRunButton.enabled
    ui.recipeSelector.setCurrentIndex(ui.recipeSelector.findData(RECIPE))
    assert bench.node.studyRecipe == RECIPE and "complete_response" in ui.recipeInfoLabel.text
    assert "column 'input'" not in ui.recipeInfoLabel.text
    ui.recipeSelector.setCurrentIndex(ui.recipeSelector.findData("s4_gnen_dl_survival"))
    assert "arterial, venous (a row for each, and a column 'input'" in ui.recipeInfoLabel.text
    ui.recipeSelector.setCurrentIndex(ui.recipeSelector.findData(RECIPE))
    assert "cohort's table" in ui.studyProblemLabel.text
    asked = iter([choices.cohort, "", choices.recipe])
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: next(asked))
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: choices.folder)
    ui.cohortButton.click()
    assert ui.cohortEdit.text == bench.node.studyCohort == choices.cohort
    assert "folder for the results" in ui.studyProblemLabel.text
    ui.readingsButton.click()  # the dialog is left without a choice
    assert bench.node.studyReadings == ""
    ui.studyFolderButton.click()
    assert ui.studyRunButton.enabled and not ui.studyProblemLabel.visible
    ui.recipeButton.click()
    assert bench.node.studyRecipe == choices.recipe and "own: A study of our own" in [
        ui.recipeSelector.itemText(index) for index in range(ui.recipeSelector.count)]
    ui.cohortEdit.text = "features.csv"
    assert "whole path" in ui.studyProblemLabel.text and not ui.studyRunButton.enabled


def test_a_study_is_run_and_watched_and_its_results_used(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    ui, choices, opened = bench.ui, choose(bench, tmp_path), []
    assert not ui.studyReportButton.enabled and not ui.studyModelsButton.enabled
    ui.studyRunButton.click()
    assert ui.developSection.text == "Develop a model · running"
    assert ui.studyCancelButton.visible and not ui.cohortEdit.enabled and not ui.studyRunButton.enabled
    bench.wait(lambda: ui.studyProgressBar.value > 0)
    assert "0:0" in ui.studyStepLabel.text
    bench.representation.exit()  # goes on while another module is shown
    bench.wait(lambda: not bench.commands.study.active)
    process_events(300)
    bench.representation.enter()
    assert "Done in" in ui.studyStepLabel.text and ui.developSection.text == "Develop a model · done"
    lines = study_text(bench.commands.study.summary).splitlines()
    assert lines[4].startswith("  Model radscore: C-index training 0.")
    # What the terminal shows between the title and the paths.
    assert html.unescape(ui.studySummaryLabel.text).split("<br>") == [f"• {line.strip()}" for line in lines[1:-2]]
    assert not ui.studyCancelButton.visible and ui.cohortEdit.enabled
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    ui.studyReportButton.click()
    assert opened == [str(Path(choices.folder) / "report.html")]
    titles = {ui.modelSelector.itemData(index) for index in range(ui.modelSelector.count)}
    ui.studyModelsButton.click()
    (added,) = {ui.modelSelector.itemData(index) for index in range(ui.modelSelector.count)} - titles
    assert added.startswith("own_study-radscore-") and "files added" in ui.studyStepLabel.text
    bench.node.modelID = added
    bench.settle()
    assert ui.scalingSelector.count == 2  # that of the training cohort is at hand


def test_cancelling_and_failing_say_so_where_the_result_would_stand(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    ui, choices = bench.ui, choose(bench, tmp_path)
    ui.studyRunButton.click()
    bench.wait(lambda: bench.commands.study.progress.share > 0)
    ui.studyCancelButton.click()
    assert "stopping" in ui.studyStepLabel.text and not ui.studyCancelButton.enabled
    bench.wait(lambda: not bench.commands.study.active)
    process_events(300)
    assert "Cancelled after" in ui.studyStepLabel.text and not Path(choices.folder).exists()
    assert ui.studyRunButton.enabled
    Path(choices.cohort).write_text("case,time\na,1\n", encoding="utf-8")
    finish(bench)
    assert "The cohort lacks the columns" in ui.studyProblemLabel.text and not ui.studyStepLabel.visible
    ui.readingsEdit.text = choices.cohort  # other choices: what went wrong belongs to those that ran
    assert not ui.studyProblemLabel.visible


def test_what_a_failed_study_says_is_shown_in_full(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    ui, choices = bench.ui, choose(bench, tmp_path)
    bench.representation.resize(400, 1180)
    process_events(100)
    Path(choices.cohort).write_text("case,time\na,1\n", encoding="utf-8")
    finish(bench)
    for label in (ui.recipeInfoLabel, ui.studyProblemLabel):
        assert label.text and label.height >= label.heightForWidth(label.width), label.name


def test_a_fault_offers_its_details(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    shown: list[str] = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, detailedText: shown.append(f"{text}: {detailedText}"))
    fault = to_line(CommandError("fault", "ValueError", "a fault", "Traceback ... ValueError: a fault"))
    for program, text, details in (
            (f"print({fault!r})", "fault of the software, not of your input", "A fault of the software: Traceback"),
            ("raise ValueError('a fault')", "ended without a word (exit code 1)", "ValueError: a fault"),
            ("print('hello', flush=True); input()", "Restart 3D Slicer", "hello")):
        bench.program = (sys.executable, "-c", program)
        bench.reopen()
        choose(bench, tmp_path)
        finish(bench)
        assert text in bench.ui.studyProblemLabel.text
        bench.ui.studyProblemLabel.linkActivated.emit("details")
        assert details in shown[-1]
    assert len(shown) == 3


def test_declined_packages_leave_everything_as_it_was(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    choose(bench, tmp_path)

    def decline(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("User declined")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    bench.ui.studyRunButton.click()
    assert bench.commands.study.stage is Stage.IDLE and bench.ui.studyRunButton.enabled


def test_a_reopened_scene_brings_the_choices_back(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    choices = choose(bench, tmp_path)
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "report.html").touch()
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert bench.ui.cohortEdit.text == "" and "Choose a recipe" in bench.ui.studyProblemLabel.text
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    bench.settle()
    assert (bench.node.studyRecipe, bench.ui.cohortEdit.text) == (choices.recipe, choices.cohort)
    assert bench.ui.recipeSelector.itemData(bench.ui.recipeSelector.currentIndex) == choices.recipe
    assert bench.ui.studyRunButton.enabled and bench.ui.studyReportButton.enabled
    Path(choices.recipe).unlink()
    bench.representation.exit()
    bench.representation.enter()
    assert "does not exist" in bench.ui.recipeInfoLabel.text


def test_unloading_the_module_ends_the_study(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    choices = choose(bench, tmp_path)
    before = set(tmp_path.iterdir())
    bench.ui.studyRunButton.click()
    bench.wait(lambda: bench.commands.study.progress.share > 0)
    running = bench.commands.study
    bench.close()
    assert not running.active and running.stage is Stage.CANCELLED
    assert set(tmp_path.iterdir()) == before and not Path(choices.folder).exists()
