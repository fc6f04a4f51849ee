# ruff: noqa: F811 - the fixtures are imported
"""The tab Set up on the stand-in: studies of folders and of a scene, cancelled, opened, restored on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import main_window, process_events, scene  # noqa: F401 - before qt is imported

# isort: split

import qt
import SimpleITK as sitk
import slicer
from panel_bench import PanelBench, bench  # noqa: F401 - fixture
from reading_bench import paint
from reading_cases import small_image, write_volumes
from test_reading_cohort import row, write_table

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.presenter.study_setup import is_of_scene
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.identity import image_hash
from RadiomicsPrognosisLib.reading.intake import folder_sources, take_cases
from RadiomicsPrognosisLib.reading.reading import ReadingState
from RadiomicsPrognosisLib.reading.schedule import cases_of
from RadiomicsPrognosisLib.voi.grid import Grid
from RadiomicsPrognosisLib.voi.segments import read_mask

DONE, OPEN, SKIPPED = ReadingState.DONE, ReadingState.OPEN, ReadingState.SKIPPED


def answer(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Answer the dialogs that ask for a file or a folder."""
    for name in ("getExistingDirectory", "getOpenFileName"):
        monkeypatch.setattr(qt.QFileDialog, name, lambda *_: str(path))


def pick(selector: Any, data: str) -> None:
    selector.setCurrentIndex(selector.findData(data))


def test_a_study_of_a_folder_is_set_up_from_a_papers_design(bench: PanelBench, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    ui = bench.ui
    ui.reproducibilitySection.collapsed = False
    assert not ui.setupCreateButton.enabled
    pick(ui.setupPresetSelector, "s3_escc_early_recurrence")
    assert (ui.setupRereadSpinBox.value, ui.setupWashoutSpinBox.value) == (50, 7)
    assert ui.setupReadersEdit.text == "Reader 1, Reader 2" and ui.setupSessionsEdit.text == "1, 2"
    assert "the form of the ICC" in ui.setupPaperLabel.text and "within one week" in ui.setupPaperLabel.toolTip
    pick(ui.setupSourceSelector, "folder")
    assert "Choose the folder of the CTs" in ui.setupProblemLabel.text
    answer(monkeypatch, write_volumes(tmp_path / "volumes", 4))
    ui.setupPathButton.click()
    ui.setupReadersEdit.text = "Anna; Ben,Anna"
    assert "named twice" in ui.setupProblemLabel.text
    ui.setupReadersEdit.text = "Anna; Ben"
    answer(monkeypatch, tmp_path / "study")
    ui.setupFolderButton.click()
    assert not ui.setupProblemLabel.text and ui.setupCreateButton.enabled
    ui.setupCreateButton.click()
    assert "50 of 4 cases" in ui.setupProblemLabel.text
    ui.setupRereadSpinBox.value, ui.setupSeedSpinBox.value = 2, 7
    ui.setupCreateButton.click()
    assert ui.setupCancelButton.visible and not ui.setupCreateButton.enabled
    bench.wait(lambda: bench.panel.readings.folder is not None, 20)
    design = bench.panel.readings.folder.design
    assert bench.node.readingStudy == str(tmp_path / "study") and len(design.cases) == 4
    assert (design.seed, design.reread, design.washout_days, design.readers) == (7, 2, 7.0, ("Anna", "Ben"))
    assert design.preset == "s3_escc_early_recurrence" and design.cases[0].window == (40.0, 400.0)
    assert "0 of 4 done" in ui.setupStudyLabel.text
    ui.setupCloseButton.click()
    assert bench.panel.readings.folder is None and "Set a study up" in ui.readStudyLabel.text
    ui.setupOpenButton.click()
    assert bench.panel.readings.folder.design == design


def test_setting_up_can_be_cancelled_and_leaves_nothing(bench: PanelBench, tmp_path: Path) -> None:
    ui = choose_scene_study(bench, tmp_path / "study", count=3)
    ui.setupCreateButton.click()
    bench.wait(lambda: (tmp_path / "study" / "images").exists(), 10)
    ui.setupCancelButton.click()
    assert not (tmp_path / "study").exists() and not ui.setupCancelButton.visible
    assert bench.panel.readings.folder is None


def choose_scene_study(bench: PanelBench, folder: Path, count: int = 2) -> Any:
    """Add volumes with a lesion each, and choose them and a design in the tab; return the widgets."""
    bench.ui.reproducibilitySection.collapsed = False
    for number in range(count):
        image, mask = small_image(number)
        volume = oblique_volume(image, f"CT {number}")
        bench.add_reading(volume, sitk.GetArrayFromImage(mask), f"Drawn {number}", f"GTV {number}")
    bench.node.modelID = ""  # any parameter: the selectors are filled again
    bench.ui.setupReadersEdit.text = "Anna, Ben"
    pick(bench.ui.setupPresetSelector, "every_reader_everything")
    bench.ui.setupFolderEdit.text = str(folder)
    return bench.ui


def oblique_volume(image: sitk.Image, name: str) -> Any:
    """Add an image as a volume node, its axes as they are."""
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    mrml.set_image(volume, image)
    volume.CreateDefaultDisplayNodes()
    return volume


@pytest.fixture
def scene_study(bench: PanelBench, tmp_path: Path) -> StudyFolder:
    """A study of two lesions of the scene, set up in the panel."""
    ui = choose_scene_study(bench, tmp_path / "study")
    ui.setupCreateButton.click()
    bench.wait(lambda: bench.panel.readings.folder is not None, 20)
    return bench.panel.readings.folder


def test_the_lesions_of_a_scene_become_cases_with_their_place(bench: PanelBench, scene_study: StudyFolder) -> None:
    cases = scene_study.design.cases
    assert [(case.name, case.lesion, case.volume) for case in cases] == [
        ("GTV 0", "GTV 0", "CT 0"), ("GTV 1", "GTV 1", "CT 1")]
    for number, case in enumerate(cases):
        image, _ = small_image(number)
        written = scene_study.image(case.name)
        assert Grid.of(written).offset_to(Grid.of(image)) is not None
        assert np.array_equal(sitk.GetArrayFromImage(written), sitk.GetArrayFromImage(image))
        middle = Grid.of(image).position(np.array([[8, 9, 7]]))[0]
        assert np.abs(np.array(case.location) - middle).max() < 1
    assert not any(item.existing for item in scene_study.readings())


def test_a_scene_that_is_left_is_not_kept_in_memory(bench: PanelBench, scene_study: StudyFolder) -> None:
    volume = slicer.mrmlScene.GetFirstNodeByName(scene_study.design.cases[0].volume)
    before = volume.GetReferenceCount()
    for _ in range(3):
        assert is_of_scene(scene_study.design, slicer.mrmlScene)
    assert volume.GetReferenceCount() == before


def test_the_clinical_factors_of_each_patient_go_into_the_study(bench: PanelBench, tmp_path: Path) -> None:
    ui = choose_scene_study(bench, tmp_path / "study")
    volumes = {name: slicer.util.getNode(name) for name in ("CT 0", "CT 1")}
    bench.node.volume = volumes["CT 0"]
    bench.node.covariates = {"n_stage": "N1"}
    bench.node.volume = volumes["CT 1"]
    bench.node.covariates = {}
    ui.setupCreateButton.click()
    bench.wait(lambda: bench.panel.readings.folder is not None, 20)
    design = bench.panel.readings.folder.design
    assert [case.factors for case in design.cases] == [{"n_stage": "N1"}, {}]
    assert "n_stage (1)" in ui.setupStudyLabel.text and "of 2" in ui.setupStudyLabel.text


def test_contours_of_a_table_that_are_no_readings_are_named(bench: PanelBench, tmp_path: Path) -> None:
    table = write_table(tmp_path / "volumes", "case,image,mask,reader,session,n_stage", row(1, "a", "Anna", "1", "N1"),
                        row(1, "b", "Ben", "1", ""), row(2, "c", "Carl", "1", "N0"))
    ui = bench.ui
    ui.reproducibilitySection.collapsed = False
    pick(ui.setupPresetSelector, "every_reader_everything")
    pick(ui.setupSourceSelector, "cohort")
    pick(ui.setupEarlierSelector, "stand")
    bench.node.modelID = "s1_escc_lpfs_radscore"
    ui.setupReadersEdit.text, ui.setupPathEdit.text = "Anna, Ben", str(table)
    ui.setupFolderEdit.text = str(tmp_path / "study")
    ui.setupCreateButton.click()
    bench.wait(lambda: bench.panel.readings.folder is not None, 20)
    text = ui.setupStudyLabel.text
    assert "not taken: P1 (Ben · 1)" in text and "only show where the lesion is: P2 (Carl · 1)" in text
    assert "n_stage (2)" in text and "Anna · 1: 1 of 2 done" in text
    ui.setupCloseButton.click()
    pick(ui.setupEarlierSelector, "centre")
    assert "No clinical factors" not in ui.setupStudyLabel.text


def test_a_saved_scene_brings_its_study_to_another_machine(bench: PanelBench, scene_study: StudyFolder, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    ui = bench.ui
    ui.readStartButton.click()
    voxels = paint(bench)
    ui.readNextButton.click()
    ui.readStopButton.click()
    assert bench.node.readingSnapshot is not None
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    scene_study.path.rename(tmp_path / "elsewhere")
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    bench.settle()
    assert "holds no reading study" in ui.setupProblemLabel.text and ui.setupRestoreButton.enabled
    answer(monkeypatch, tmp_path / "restored")
    ui.setupRestoreButton.click()
    bench.wait(lambda: bench.panel.readings.folder is not None, 20)
    restored = bench.panel.readings.folder
    assert restored.path == tmp_path / "restored" and restored.design == scene_study.design
    case = cases_of(restored.design, "Anna", "1")[0]
    assert restored.reading(case, "Anna", "1").usable and not restored.image_problem(case)
    assert (sitk.GetArrayFromImage(read_mask(restored.reading(case, "Anna", "1").path)[0]) > 0).sum() == voxels.sum()
    assert "1 of 2 done" in ui.setupStudyLabel.text


def test_a_folder_of_scenes_gives_their_lesions(bench: PanelBench, tmp_path: Path) -> None:
    choose_scene_study(bench, tmp_path / "unused")
    (tmp_path / "scenes").mkdir()
    assert slicer.util.saveScene(str(tmp_path / "scenes" / "Patient A.mrb"))
    sources = folder_sources(tmp_path / "scenes")
    assert [source.name for source in sources] == ["Patient A GTV 0", "Patient A GTV 1"]
    cases = list(take_cases(sources, tmp_path / "study", None, None))
    for number, case in enumerate(cases):
        written = sitk.ReadImage(str(tmp_path / "study" / case.image))
        assert image_hash(written) == image_hash(small_image(number)[0]) == case.image_hash
        assert case.existing is not None and (tmp_path / "study" / case.existing.path).is_file()


def test_the_tabs_fit_into_a_narrow_panel(bench: PanelBench) -> None:
    bench.ui.reproducibilitySection.collapsed = False
    pick(bench.ui.setupPresetSelector, "s3_escc_early_recurrence")
    process_events(80)
    assert bench.ui.reproducibilityTabs.minimumSizeHint.width() <= 330
    assert bench.ui.setupSeedSpinBox.width >= 60
