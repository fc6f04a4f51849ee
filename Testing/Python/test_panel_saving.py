"""Report and table: asked once where to, written under names of their own, and told in the panel."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S2, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel import memory, saving

from RadiomicsPrognosisLib.presenter import saved
from RadiomicsPrognosisLib.presenter.series import series_info
from RadiomicsPrognosisLib.series.identity import Identity


class Dialogs:
    """Answers the question for a folder with ``folder``; ``asked`` counts, ``opened`` lists what was opened."""

    def __init__(self, folder: Path):
        self.folder, self.asked, self.opened = str(folder), 0, []

    def answer(self, *_arguments: Any) -> str:
        self.asked += 1
        return self.folder

    def open(self, url: Any) -> bool:
        self.opened.append(Path(url.toLocalFile()))
        return True


@pytest.fixture
def dialogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dialogs:
    """The dialogs, answered with a folder 'results' of the test's own."""
    folder = tmp_path / "results"
    folder.mkdir()
    stand_in = Dialogs(folder)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", stand_in.answer)
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", stand_in.open)
    return stand_in


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The folder that the dialogs answer with."""
    return tmp_path / "results"


def test_the_table_is_exported_where_the_user_says_once(bench: PanelBench, dialogs: Dialogs,  # noqa: F811
                                                        results: Path) -> None:
    first = bench.small_case()
    bench.ui.exportButton.click()
    table, = results.glob("*.csv")
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("feature,input,value,unit") and len(lines) == 1 + len(first.contributions)
    assert table.name.startswith(f"CT_Tumour_{S2.replace('_', '-')}_")
    bench.ui.exportButton.click()
    assert len(list(results.glob("*.csv"))) == 2 and dialogs.asked == 1
    bench.reopen()
    bench.small_case()
    bench.ui.exportButton.click()
    assert len(list(results.glob("*.csv"))) == 3 and dialogs.asked == 1  # remembered beyond the session


def test_the_panel_says_what_was_written_and_opens_it(bench: PanelBench, dialogs: Dialogs,  # noqa: F811
                                                      results: Path) -> None:
    pytest.importorskip("fpdf", reason="the report's PDF library is not installed")
    bench.small_case()
    assert not bench.ui.noticeLabel.visible
    bench.ui.reportButton.click()
    page, = results.glob("*/report.html")
    assert "Tumour" in page.read_text(encoding="utf-8")
    assert (page.parent / "report.pdf").read_bytes().startswith(b"%PDF")
    assert bench.ui.noticeLabel.visible and page.parent.name in bench.ui.noticeLabel.text
    bench.ui.noticeLabel.linkActivated.emit("open")
    bench.ui.noticeLabel.linkActivated.emit("folder")
    assert dialogs.opened == [page.parent / "report.pdf", page.parent]


def test_another_folder_can_be_chosen(bench: PanelBench, dialogs: Dialogs, tmp_path: Path) -> None:  # noqa: F811
    bench.small_case()
    bench.ui.exportButton.click()
    other = tmp_path / "other"
    other.mkdir()
    dialogs.folder = str(other)
    bench.ui.noticeLabel.linkActivated.emit("change-folder")
    assert str(other) in bench.ui.noticeLabel.text and str(other) in bench.ui.folderButton.toolTip
    bench.ui.exportButton.click()
    assert len(list(other.glob("*.csv"))) == 1
    dialogs.folder = ""  # cancelled: all stays
    bench.ui.folderButton.click()
    bench.ui.exportButton.click()
    assert len(list(other.glob("*.csv"))) == 2


def test_a_folder_that_is_gone_is_asked_for_again(bench: PanelBench, dialogs: Dialogs,  # noqa: F811
                                                  results: Path) -> None:
    bench.small_case()
    dialogs.folder = ""
    bench.ui.exportButton.click()
    assert not list(results.iterdir()) and not bench.ui.noticeLabel.visible  # cancelled
    dialogs.folder = str(results)
    bench.ui.exportButton.click()
    results.rename(results.with_name("moved"))
    results.mkdir()
    results.rmdir()
    dialogs.folder = str(results.with_name("moved"))
    bench.ui.exportButton.click()
    assert dialogs.asked == 3 and len(list(results.with_name("moved").glob("*.csv"))) == 2


def test_what_cannot_be_written_is_told_in_the_panel(bench: PanelBench, dialogs: Dialogs,  # noqa: F811
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    from RadiomicsPrognosisLib.errors import FileError

    bench.small_case()

    def full(*_arguments: Any) -> None:
        raise FileError("'table.csv' cannot be written (No space left on device); choose another folder.")

    monkeypatch.setattr(bench.widget.logic, "exportTable", full)
    bench.ui.exportButton.click()
    assert "No space left" in bench.ui.noticeLabel.text and "✖" in bench.ui.noticeLabel.text
    monkeypatch.setattr(bench.widget.logic, "exportTable", lambda *_: 1 / 0)
    bench.ui.exportButton.click()
    assert "fault of the software" in bench.ui.noticeLabel.text and "details" in bench.ui.noticeLabel.text


@pytest.mark.parametrize("error", [RuntimeError("User declined"), subprocess.CalledProcessError(1, "pip")])
def test_packages_that_are_not_installed_are_no_fault(bench: PanelBench, dialogs: Dialogs, results: Path,  # noqa: F811
                                                      monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    bench.small_case()

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise error

    monkeypatch.setattr(slicer.packaging, "pip_ensure", refuse)
    bench.ui.reportButton.click()
    assert list(results.iterdir()) == [] and "✖" in bench.ui.noticeLabel.text
    assert "fault of the software" not in bench.ui.noticeLabel.text


def test_a_notice_goes_with_its_scene(bench: PanelBench, dialogs: Dialogs) -> None:  # noqa: F811
    bench.small_case()
    bench.ui.exportButton.click()
    assert bench.ui.noticeLabel.visible
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert not bench.ui.noticeLabel.visible


def test_names_tell_results_apart_and_overwrite_nothing(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    prediction, when = bench.small_case(), datetime(2026, 3, 4, 15, 6, 7)
    name = saved.stem("3: CHEST/a..\\b", prediction, when)
    assert name == f"3-CHEST-a..-b_Tumour_{S2.replace('_', '-')}_20260304-150607"
    assert saved.stem("胸部", prediction, when).startswith("胸部_Tumour")
    assert saved.stem("../..", prediction, when).startswith("Tumour")
    path = saved.free_path(tmp_path, name, ".csv")
    path.touch()
    assert saved.free_path(tmp_path, name, ".csv").name == f"{name}_2.csv"


def test_a_report_says_whose_images_it_is_about_unless_names_are_left_out(
        bench: PanelBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    prediction = bench.small_case()
    stated = Identity(name="Doe, Jane", id="4711-X", study="Staging", series="Thorax venous")
    vois = {name: replace(voi, identity=stated, name="Doe left lung")
            for name, voi in bench.session.case.vois.items()}
    prediction = replace(prediction, vois={name: replace(voi, segment="Doe left lung")
                                           for name, voi in prediction.vois.items()})
    given: dict[str, Any] = {}

    def keep(told: Any, folder: Path, _vois: Any, patient: Any, _stability: Any, anonymous: bool) -> Any:
        given.update(prediction=told, folder=folder, patient=patient, anonymous=anonymous)
        return SimpleNamespace(pdf=None, html=folder / "report.html")

    logic, info = SimpleNamespace(report=keep), series_info(bench.volume)
    saving.write_report(logic, prediction, vois, info, tmp_path)
    assert given["patient"]["name"] == "Doe, Jane" and given["patient"]["id"] == "4711-X"
    assert given["patient"]["series"] == "Thorax venous" and not given["anonymous"]
    bench.ui.anonymousCheckBox.click()
    saving.write_report(logic, prediction, vois, info, tmp_path)
    assert given["anonymous"] and given["patient"] == {}
    texts = f"{given['prediction'].to_dict()} {given['folder'].name}"
    assert "Doe" not in texts and "4711" not in texts and bench.volume.GetName() not in given["folder"].name
    bench.reopen()
    assert bench.ui.anonymousCheckBox.checked  # remembered
    bench.ui.anonymousCheckBox.click()
    assert not memory.anonymous()
