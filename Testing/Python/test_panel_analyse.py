"""The tab Analyse's real widgets: choose readings, run, watch, cancel, change the filter, use it; scene and module."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from analysis_cases import MODEL, finished_study, read_case, readings_table
from reading_cases import READERS, SESSIONS, small_study

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import PanelBench, bench  # noqa: F401 - fixture

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.command_messages import CommandError, to_line
from RadiomicsPrognosisLib.presenter.analysing import KINDS, AnalysisChoices
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.study_result import FILTER_FILE, REPORT_FILE, read_result


def command_line(*arguments: object) -> None:
    """Run the command as a person does."""
    assert run([str(item) for item in arguments]) == 0


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of simulated readings, analysed by the command into the folder where the tab looks for it."""
    table = readings_table(tmp_path_factory.mktemp("readings"))
    command_line("reproducibility", "--features", table, "--model", MODEL, "--threshold", "0.8", "--out",
                 table.with_name("features-reproducibility"))
    return table


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A small study that is read."""
    return finished_study(tmp_path_factory.mktemp("study") / "nodes")


def show(bench: PanelBench, table: Path | None = None, model: str = MODEL) -> Any:  # noqa: F811
    """Show the tab with a table and a model chosen, and return the widgets."""
    ui = bench.ui
    ui.reproducibilitySection.collapsed = False
    index = [ui.reproducibilityTabs.tabText(place) for place in range(ui.reproducibilityTabs.count)].index("Analyse")
    ui.reproducibilityTabs.setCurrentIndex(index)
    bench.node.modelID = model
    if table is not None:
        ui.analyseTableEdit.text = str(table)
        ui.analyseTableEdit.editingFinished.emit()
    process_events(50)
    return ui


def finish(bench: PanelBench) -> None:  # noqa: F811
    """Press Analyse and wait for the end."""
    bench.ui.analyseRunButton.click()
    bench.wait(lambda: not bench.commands.reproducibility.active, 180)
    process_events(300)


def choose(selector: Any, data: str) -> None:
    """Choose the item of a combo box with these data."""
    index = selector.findData(data)
    assert index >= 0, data
    selector.setCurrentIndex(index)


def plain(label: Any) -> str:
    """Return what a label says, without markup."""
    return re.sub(r"<[^>]+>|&nbsp;", " ", label.text)


# Running


def test_the_tab_asks_for_readings_first(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    assert bench.ui.reproducibilitySection.collapsed
    ui = show(bench)
    assert "Open or set up a reading study" in ui.analyseProblemLabel.text and not ui.analyseRunButton.enabled
    assert not ui.analyseReportButton.enabled and not ui.analyseHeadlineLabel.visible
    table = readings_table(tmp_path, 4)
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: str(table))
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "elsewhere"))
    ui.analyseTableButton.click()
    assert ui.analyseTableEdit.text == str(table) and ui.analyseRunButton.enabled
    assert "features.csv" in ui.analyseInputLabel.text and not ui.analyseProblemLabel.visible
    assert ui.analyseFolderEdit.placeholderText == str(tmp_path / "features-reproducibility")
    ui.analyseFolderButton.click()
    assert ui.analyseFolderEdit.text == str(tmp_path / "elsewhere")
    ui.analyseFolderEdit.text = "results"
    ui.analyseFolderEdit.editingFinished.emit()
    assert "whole path" in ui.analyseProblemLabel.text and not ui.analyseRunButton.enabled


def test_a_study_is_analysed_and_watched(bench: PanelBench, read: StudyFolder, monkeypatch: Any) -> None:  # noqa: F811
    opened: list[str] = []
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    ui = show(bench)
    bench.panel.readings.open(read.path)
    assert "18 finished readings of 6 lesions" in ui.analyseInputLabel.text and ui.analyseRunButton.enabled
    ui.analyseThresholdBox.value = 0.75
    ui.analyseRunButton.click()
    assert ui.analyseCancelButton.visible and not ui.analyseTableEdit.enabled and not ui.analyseRunButton.enabled
    assert ui.analyseFormSelector.enabled  # the filter answers from a result that is there
    bench.wait(lambda: ui.analyseProgressBar.value > 0)
    assert "0:0" in ui.analyseStepLabel.text
    bench.representation.exit()  # goes on while another module is shown
    bench.wait(lambda: not bench.commands.reproducibility.active, 180)
    process_events(300)
    bench.representation.enter()
    assert "Done in" in ui.analyseStepLabel.text, ui.analyseProblemLabel.text
    assert not ui.analyseCancelButton.visible
    folder = read.path / "reproducibility"
    result = read_result(folder)
    assert result.filter.threshold == 0.75 and result.model is not None and result.model.id == MODEL
    icc = result.of_kind("intra-reader")[0].score.icc.forms["ICC(2,1)"].icc.tolist()[0]
    text = plain(ui.analyseHeadlineLabel)
    assert f"ICC(2,1) {icc:.3f}" in text and "median Dice 0." in text and "Same reader" in text
    assert f"{len(result.filter.kept)} of {len(result.filter.features)} features pass" in text
    ui.analyseReportButton.click()
    ui.analyseOpenButton.click()
    assert opened == [str(folder / REPORT_FILE), str(folder)]
    case = read.readings()[0]
    read_case(read, case.case, case.reader, case.session, seed=1)
    (folder / "reproducibility.json").touch()  # as old as the reading, whose time has no fractions of a second
    read_case(read, read.readings()[1].case, case.reader, case.session, seed=2)
    bench.panel.readings.close()
    bench.panel.readings.open(read.path)
    assert "earlier state" not in ui.analyseNotesLabel.text
    saved = read.readings()[0].path
    saved.unlink()  # one reading fewer
    bench.panel.readings.close()
    bench.panel.readings.open(read.path)
    assert "1 finished" not in ui.analyseInputLabel.text and "17 finished readings" in ui.analyseInputLabel.text
    assert "is gone" in ui.analyseInputLabel.text and "earlier state" in ui.analyseNotesLabel.text


def test_cancelling_and_failing_say_so_in_place(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    ui = show(bench, readings_table(tmp_path))
    ui.analyseRunButton.click()
    bench.wait(lambda: bench.commands.reproducibility.progress.share > 0)
    ui.analyseCancelButton.click()
    assert "stopping" in ui.analyseStepLabel.text and not ui.analyseCancelButton.enabled
    bench.wait(lambda: not bench.commands.reproducibility.active)
    process_events(300)
    assert "Cancelled after" in ui.analyseStepLabel.text
    assert not (tmp_path / "features-reproducibility").exists() and ui.analyseRunButton.enabled
    (tmp_path / "features.csv").write_text("case,reader\na,A\na,B\n", encoding="utf-8")
    finish(bench)
    assert "✖" in ui.analyseProblemLabel.text and "column" in ui.analyseProblemLabel.text
    assert ui.analyseProblemLabel.height >= ui.analyseProblemLabel.heightForWidth(ui.analyseProblemLabel.width)
    other = tmp_path / "other.csv"
    other.write_text("case,reader\n", encoding="utf-8")
    ui.analyseTableEdit.text = str(other)
    ui.analyseTableEdit.editingFinished.emit()
    assert not ui.analyseProblemLabel.visible  # other choices: what went wrong belongs to those that ran


def test_a_fault_offers_its_details(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    shown: list[str] = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, detailedText: shown.append(detailedText))
    fault = to_line(CommandError("fault", "ValueError", "a fault", "Traceback ... ValueError: a fault"))
    bench.program = (sys.executable, "-c", f"print({fault!r})")
    bench.reopen()
    ui = show(bench, readings_table(tmp_path, 4))
    finish(bench)
    assert "fault of the software" in ui.analyseProblemLabel.text
    ui.analyseProblemLabel.linkActivated.emit("details")
    assert shown == ["Traceback ... ValueError: a fault"]


def test_declined_packages_leave_everything_as_it_was(bench: PanelBench, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    ui = show(bench, readings_table(tmp_path, 4))

    def decline(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("User declined")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    ui.analyseRunButton.click()
    assert bench.commands.reproducibility.stage is Stage.IDLE and ui.analyseRunButton.enabled


def test_images_without_a_protocol_are_not_extracted(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    table = tmp_path / "cohort.csv"
    table.write_text("case,image,mask,reader\na,a.nrrd,m.nrrd,A\na,a.nrrd,n.nrrd,B\n", encoding="utf-8")
    ui = show(bench, table, model="")
    ui.analyseRunButton.click()
    assert "Choose a model" in ui.analyseProblemLabel.text and not bench.commands.reproducibility.active
    bench.node.modelID = MODEL
    assert not ui.analyseProblemLabel.visible


# The filter


@pytest.mark.parametrize(("form", "threshold", "on"), [("ICC(2,1)", 0.75, "estimate"), ("ICC(3,k)", 0.9, "lower"),
                                                       ("ICC(1,1)", 0.6, "lower")])
def test_a_filter_answers_at_once_as_the_command_does(bench: PanelBench, analysed: Path, tmp_path: Path, form: str,  # noqa: F811
                                                      threshold: float, on: str) -> None:
    ui = show(bench, analysed)
    before = plain(ui.analyseHeadlineLabel)
    choose(ui.analyseFormSelector, form)
    choose(ui.analyseBoundSelector, on)
    ui.analyseThresholdBox.value = threshold
    assert plain(ui.analyseHeadlineLabel) != before and bench.commands.reproducibility.stage is Stage.IDLE
    command_line("reproducibility", "--features", analysed, "--model", MODEL, "--threshold", threshold, "--form", form,
                 "--on", on, "--out", tmp_path / "out")
    by_command = read_result(tmp_path / "out")
    kept, features = by_command.filter.kept, by_command.filter.features
    assert f"{len(kept)} of {len(features)} features pass : {form}" in plain(ui.analyseHeadlineLabel)
    assert form in ui.analyseFormInfoLabel.text and len({item.feature for item in by_command.filter.failed}) > 0
    failing = len({item.feature for item in by_command.filter.failed})
    assert f"{failing} of 7 features of S2 Response fail" in plain(ui.analyseFailedLabel)
    row = by_command.comparisons[0].groups[0]
    assert f"{row.kept} of {row.features}" in plain(ui.analyseSharesLabel)
    ui.analyseUseButton.click()
    path = analysed.with_name("features-reproducibility-filter.csv")
    assert bench.node.studyReadings == str(path) == bench.ui.readingsEdit.text
    assert path.read_bytes() == (tmp_path / "out" / FILTER_FILE).read_bytes()
    assert "Filter written" in bench.ui.noticeLabel.text


def test_within_one_kind_of_comparison_more_features_pass(bench: PanelBench, analysed: Path) -> None:  # noqa: F811
    ui = show(bench, analysed)
    counts = []
    for kinds in KINDS:
        choose(ui.analyseKindsSelector, " ".join(kinds))
        counts.append(int(re.search(r"(\d+) of 107", plain(ui.analyseHeadlineLabel))[1]))
    assert counts[0] <= min(counts[1:]) and len(set(counts)) > 1


def test_a_filter_of_what_was_not_compared_is_refused_in_place(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    table = readings_table(tmp_path, 6, sessions=("1",))
    command_line("reproducibility", "--features", table, "--out", tmp_path / "features-reproducibility")
    ui = show(bench, table)
    assert "between readers" in plain(ui.analyseHeadlineLabel) and ui.analyseUseButton.enabled
    choose(ui.analyseKindsSelector, " ".join(KINDS[1]))
    assert "✖" in ui.analyseHeadlineLabel.text and not ui.analyseUseButton.enabled


def test_a_filter_that_keeps_nothing_is_not_written(bench: PanelBench, analysed: Path) -> None:  # noqa: F811
    ui = show(bench, analysed)
    choose(ui.analyseBoundSelector, "lower")
    ui.analyseThresholdBox.value = 1.0
    ui.analyseUseButton.click()
    assert "keeps no feature" in bench.ui.noticeLabel.text and bench.node.studyReadings == ""


def test_features_of_a_model_that_were_not_analysed_are_told(bench: PanelBench, analysed: Path) -> None:  # noqa: F811
    ui = show(bench, analysed, model="s1_escc_lpfs_radscore")
    assert "not among the features analysed" in plain(ui.analyseFailedLabel)


# What is shown


def test_every_comparison_can_be_looked_at(bench: PanelBench, analysed: Path) -> None:  # noqa: F811
    ui, result = show(bench, analysed), read_result(analysed.with_name("features-reproducibility"))
    assert ui.analyseShownSelector.count == len(result.comparisons)
    for comparison in result.comparisons:
        choose(ui.analyseShownSelector, comparison.id)
        limits = comparison.score.limits
        assert ui.analyseDifferencesLabel.visible == (limits is not None)
        if limits is not None:
            assert f"95 % between {limits.lower:.3f} and {limits.upper:.3f}" in plain(ui.analyseScoreLabel)
        assert ("change their risk group" in plain(ui.analyseScoreLabel)) == bool(comparison.score.flips)
    assert not ui.analyseDifferencesLabel.pixmap.isNull() and not ui.analyseHistogramLabel.pixmap.isNull()


@pytest.mark.parametrize("width", [350, 400, 560, 900])
def test_nothing_of_the_tab_is_cut_off(bench: PanelBench, analysed: Path, width: int) -> None:  # noqa: F811
    ui = show(bench, analysed)
    bench.representation.resize(width, 900)
    process_events(150)
    assert not ui.choicesArea.horizontalScrollBar().visible
    page = ui.AnalyseSection
    needed = page.layout().totalHeightForWidth(page.width)
    assert needed <= page.height <= needed + 48  # Qt reckons with a little less width than the page gets
    for name in ("Headline", "Notes", "Score", "Shares", "Failed", "FormInfo"):
        label = getattr(ui, f"analyse{name}Label")
        assert label.visible and label.height >= label.heightForWidth(label.width), name
    for label in (ui.analyseDifferencesLabel, ui.analyseHistogramLabel):
        assert label.pixmap.width() / label.pixmap.devicePixelRatio() <= label.width
    for widget in (ui.analyseRunButton, ui.analyseUseButton, ui.analyseThresholdBox, ui.analyseShownSelector):
        place = widget.mapTo(page, qt.QPoint(0, 0))
        assert place.x() >= 0 and place.x() + widget.width <= page.width, widget.name


def test_pictures_follow_the_colours_of_the_application(bench: PanelBench, analysed: Path) -> None:  # noqa: F811
    ui, light = show(bench, analysed), slicer.app.palette()
    before = ui.analyseDifferencesLabel.pixmap.toImage()
    try:
        slicer.app.setPalette(qt.QPalette(qt.QColor(40, 40, 40)))
        process_events(80)
        assert ui.analyseDifferencesLabel.pixmap.toImage() != before
    finally:
        slicer.app.setPalette(light)
        process_events(50)


def test_while_somebody_reads_nothing_is_shown_or_run(bench: PanelBench, tmp_path: Path, analysed: Path) -> None:  # noqa: F811
    ui = show(bench, analysed)
    assert ui.analyseHeadlineLabel.visible
    desk, study = bench.panel.readings, small_study(tmp_path / "study")
    desk.open(study.path)
    assert ui.analyseHeadlineLabel.visible
    desk.begin(study.reading(study.design.cases[0].name, READERS[0], SESSIONS[0]))
    assert ui.ReadingSection.visible and not ui.AnalyseSection.visible and ui.ReadingSection.enabled
    assert "results are hidden" in ui.analyseProblemLabel.text
    for widget in (ui.analyseRunButton, ui.analyseReportButton, ui.analyseOpenButton, ui.analyseThresholdBox):
        assert not widget.enabled
    for widget in (ui.analyseHeadlineLabel, ui.analyseNotesLabel, ui.analyseScoreLabel, ui.analyseSharesLabel,
                   ui.analyseFailedLabel, ui.analyseHistogramLabel, ui.analyseDifferencesLabel, ui.analyseInputLabel,
                   ui.analyseUseButton, ui.analyseShownSelector):
        assert widget.isHidden(), widget.name
    desk.leave()
    ui.reproducibilityTabs.setCurrentIndex(ui.reproducibilityTabs.count - 1)
    assert ui.analyseHeadlineLabel.visible and ui.analyseRunButton.enabled


def test_readings_that_are_not_analysed_are_named_with_their_reason(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    study = small_study(tmp_path / "study")
    first = study.readings()[0]
    ui = show(bench)
    bench.panel.readings.open(study.path)
    assert "No reading of 'A small study' is finished" in ui.analyseProblemLabel.text
    read_case(study, first.case, first.reader, first.session)
    bench.panel.readings.open(study.path)
    assert "not begun" in ui.analyseInputLabel.text and first.reader in ui.analyseInputLabel.text
    assert "nothing to compare" in ui.analyseProblemLabel.text


def test_a_reopened_scene_brings_choices_and_result_back(bench: PanelBench, tmp_path: Path, analysed: Path) -> None:  # noqa: F811
    ui = show(bench, analysed)
    ui.analyseThresholdBox.value = 0.65
    choose(ui.analyseFormSelector, "ICC(3,1)")
    before = plain(ui.analyseHeadlineLabel)
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert ui.analyseTableEdit.text == "" and not ui.analyseHeadlineLabel.visible
    assert ui.analyseThresholdBox.value == AnalysisChoices().threshold
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    bench.settle()
    assert ui.analyseTableEdit.text == str(analysed) and plain(ui.analyseHeadlineLabel) == before


def test_a_damaged_result_is_told(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    table = readings_table(tmp_path, 4)
    (tmp_path / "features-reproducibility").mkdir()
    (tmp_path / "features-reproducibility" / "reproducibility.json").write_text('{"schema": "x"}', encoding="utf-8")
    ui = show(bench, table)
    assert "schema is 'x'" in ui.analyseProblemLabel.text and not ui.analyseHeadlineLabel.visible


def test_unloading_the_module_ends_the_analysis(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    ui = show(bench, readings_table(tmp_path))
    ui.analyseRunButton.click()
    process = bench.commands.reproducibility
    bench.wait(lambda: process.progress.share > 0)
    bench.close()
    assert not process.active and not (tmp_path / "features-reproducibility").exists()


def test_the_table_of_a_filter_has_a_row_for_each_feature(analysed: Path) -> None:
    table = pd.read_csv(analysed.with_name("features-reproducibility") / FILTER_FILE)
    assert len(table) == 107 and set(table["kept"]) == {"yes", "no"}
