"""Features and scaling of a cohort from the panel: asked in full, run as commands, cancelled, told, and then chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")
pytest.importorskip("pandas", reason="pandas, which cohorts need, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures
from phase_cases import two_phase_cohort, two_phase_model

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.command_messages import ExtractionSummary, ScalingSummary, from_line
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.presenter.cohort_features import CohortFeatures, CohortWish, obstacle, scaling_obstacle
from RadiomicsPrognosisLib.presenter.command_process import CommandProcess, Stage


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-one rows: lesions of different sizes on one small CT, and one mask that is not there."""
    folder = tmp_path_factory.mktemp("cohort")
    image, mask = textured_volume((20, 18, 16))
    sitk.WriteImage(image, str(folder / "ct.nrrd"))
    whole = sitk.GetArrayFromImage(mask).astype(bool)
    inside = np.argwhere(whole)
    rows = ["case,image,mask"]
    for number in range(20):  # the voxels next to a place that is another for each
        place = inside[number * len(inside) // 20]
        nearest = inside[np.argsort(((inside - place) ** 2).sum(axis=1), kind="stable")[:100 + 5 * number]]
        lesion = np.zeros_like(whole)
        lesion[tuple(nearest.T)] = True
        drawn = sitk.GetImageFromArray(lesion.astype(np.uint8))
        drawn.CopyInformation(image)
        sitk.WriteImage(drawn, str(folder / f"{number}.nrrd"))
        rows.append(f"P{number:02d},ct.nrrd,{number}.nrrd")
    rows.append("P20,ct.nrrd,absent.nrrd")
    path = folder / "cohort.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def give(bench: PanelBench, cohort: Path, name: str = "ours") -> Any:  # noqa: F811
    """Choose model and cohort, fill the fields, and return the widgets."""
    ui = bench.ui
    bench.node.modelID = S1
    bench.settle()
    ui.featuresSection.collapsed = False
    ui.featuresCohortEdit.text, ui.scalingNameEdit.text = str(cohort), name
    ui.scalingDiseaseEdit.text, ui.scalingOriginEdit.text = "soft-tissue sarcoma", "Test hospital, 2020 - 2024"
    return ui


def finish(bench: PanelBench) -> None:  # noqa: F811
    """Wait for the end of what was begun."""
    bench.wait(lambda: not bench.ui.featuresCancelButton.visible)
    process_events(50)


def test_what_is_missing_is_asked_for_in_its_order(bench: PanelBench, cohort: Path) -> None:  # noqa: F811
    ui = bench.ui
    ui.featuresSection.collapsed = False
    label = ui.featuresProblemLabel
    assert "Choose the model" in label.text and not ui.extractButton.enabled
    bench.node.modelID = S2
    bench.settle()
    assert "table of images" in label.text
    ui.featuresCohortEdit.text = str(cohort)
    assert "needs no scaling" in label.text and ui.extractButton.enabled and not ui.scalingButton.enabled
    bench.node.modelID = S1
    bench.settle()
    assert "give it a name" in label.text
    for name, words in (("my scaling", "cannot be called"), (SCALING, "is a scaling"), ("ours", "which disease")):
        ui.scalingNameEdit.text = name
        assert words in label.text and not ui.scalingButton.enabled
    ui.scalingDiseaseEdit.text = "oesophageal cancer"
    assert "where the cases come from" in label.text
    ui.scalingOriginEdit.text = "Test hospital"
    assert not label.visible and ui.scalingButton.enabled
    ui.featuresCohortEdit.text = "cohort.csv"
    assert "whole path" in label.text and not ui.extractButton.enabled


def test_a_scaling_is_fitted_from_a_cohort_and_chosen(bench: PanelBench, cohort: Path, user_home: Path) -> None:  # noqa: F811
    ui = give(bench, cohort)
    ui.scalingButton.click()
    assert ui.featuresCancelButton.visible and not ui.scalingButton.enabled and "running" in ui.featuresSection.text
    finish(bench)
    assert "was fitted from 20 cases, and is chosen above" in ui.featuresStepLabel.text, ui.featuresStepLabel.text
    assert "1 rows failed" in ui.featuresStepLabel.text and "absent.nrrd" in ui.featuresStepLabel.text
    assert bench.node.scaling == "ours" and not ui.featuresProblemLabel.visible
    assert "The scaling 'ours' was fitted." in ui.noticeLabel.text
    scaling = load_scaling("ours", load_model(S1))
    assert (scaling.cases, scaling.disease, scaling.origin) == (20, "soft-tissue sarcoma", "Test hospital, 2020 - 2024")
    assert (user_home / "Scalings" / "ours.json").is_file()
    # The same name again is refused before anything is computed.
    ui.scalingOriginEdit.text = "Elsewhere"
    assert not ui.scalingButton.enabled


def test_the_features_are_extracted_into_the_table_that_is_named(
        bench: PanelBench, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    ui, answers = give(bench, cohort), iter(["", str(tmp_path / "features.csv")])
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_arguments: next(answers))
    ui.extractButton.click()
    assert not ui.featuresCancelButton.visible  # the dialog was left without a name
    ui.extractButton.click()
    finish(bench)
    assert "20 of 21 rows extracted" in ui.featuresStepLabel.text
    header = (tmp_path / "features.csv").read_text(encoding="utf-8").splitlines()[0]
    assert all(name in header for name in load_model(S1).features())
    assert bench.node.scaling == "" or bench.node.scaling == SCALING


def test_a_model_of_two_phases_asks_for_a_row_of_each_and_extracts_them(
        bench: PanelBench, tmp_path: Path, user_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    cohort = two_phase_cohort(tmp_path, cases=2)
    bench.close()
    model = two_phase_model(user_home)
    bench.open()
    bench.node.modelID = model
    bench.settle()
    ui = bench.ui
    ui.featuresSection.collapsed = False
    assert "arterial, venous (a row for each, and a column 'input' that says which)" in ui.featuresModelLabel.text
    ui.featuresCohortEdit.text = str(cohort)
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_arguments: str(tmp_path / "features.csv"))
    ui.extractButton.click()
    finish(bench)
    assert "has no row of the input 'venous' for case 01" in ui.featuresStepLabel.text
    lines = cohort.read_text(encoding="utf-8").splitlines()
    cohort.write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    ui.extractButton.click()
    finish(bench)
    assert "2 of 2 rows extracted" in ui.featuresStepLabel.text


def test_a_cohort_that_cannot_be_read_is_said_and_can_be_tried_again(
        bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "bad.csv").write_text("case,image\nP1,ct.nrrd\n", encoding="utf-8")
    ui = give(bench, tmp_path / "bad.csv")
    ui.scalingButton.click()
    finish(bench)
    assert "has no column mask" in ui.featuresStepLabel.text and "failed" in ui.featuresSection.text
    assert ui.scalingButton.enabled and bench.node.scaling != "ours"


def test_it_can_be_cancelled(bench: PanelBench, cohort: Path) -> None:  # noqa: F811
    ui = give(bench, cohort, "cancelled")
    ui.scalingButton.click()
    ui.featuresCancelButton.click()
    assert not ui.featuresCancelButton.enabled and "stopping" in ui.featuresStepLabel.text
    finish(bench)
    assert "Cancelled" in ui.featuresStepLabel.text and bench.node.scaling != "cancelled"


# Without the panel


def test_obstacles_without_a_panel(cohort: Path) -> None:
    wish = CohortWish(cohort=str(cohort), model=load_model("s1_escc_lpfs_radscore"), name="x", disease="d", origin="o")
    assert obstacle(wish) is None and scaling_obstacle(wish) is None
    assert wish.scaling("t.csv")[-4:] == ["--disease", "d", "--origin", "o"]
    assert obstacle(CohortWish(cohort=str(cohort))).code == "model"


def test_the_second_command_follows_the_first_alone_where_it_went_well() -> None:
    work = CohortFeatures(CommandProcess(ExtractionSummary, ("/no/such/program",)), CommandProcess(ScalingSummary))
    work.fit(CohortWish(cohort="/c.csv", model=load_model(S1), name="x"))
    assert work.stage is Stage.FAILED and work.problem is not None and work.fitted is None and not work.poll()


def test_commands_end_with_a_word_for_programs(cohort: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "features.csv"
    assert run(["extract", "--cohort", str(cohort), "--model", S1, "--out", str(table), "--json-lines"]) == 0
    last = from_line(capfd.readouterr().out.splitlines()[-1])
    assert isinstance(last, ExtractionSummary) and (last.rows, last.failed) == (21, 1)
    assert "absent.nrrd" in last.first_error and Path(last.table) == table
    assert run(["scaling", "--features", str(table), "--model", S1, "--name", "by-hand", "--disease", "x",
                "--origin", "y", "--out", str(tmp_path), "--json-lines"]) == 0
    last = from_line(capfd.readouterr().out.splitlines()[-1])
    assert last == ScalingSummary("by-hand", S1, 20, str(tmp_path / "by-hand.json"))
    assert json.loads((tmp_path / "by-hand.json").read_text(encoding="utf-8"))["cases"] == 20


def test_features_of_a_model_and_of_a_list_exclude_each_other(cohort: Path, tmp_path: Path,
                                                             capsys: pytest.CaptureFixture[str]) -> None:
    options = ["extract", "--cohort", str(cohort), "--out", str(tmp_path / "f.csv")]
    assert run([*options, "--model", S1, "--features", "original_shape_VoxelVolume"]) == 2
    assert "belongs to --protocol" in capsys.readouterr().err
    assert run(options) == 2
    assert run([*options, "--model", S1, "--protocol", "x"]) == 2
