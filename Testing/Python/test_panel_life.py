"""The panel's real code and whatever can go away under it: segments, nodes, scenes, the worker, the module itself."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk
from conftest import installed_engines, textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import slicer
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient, own_model  # noqa: F401 - fixtures
from slicer_standin import calls, offer_extensions_manager, set_testing

# What can go away


def test_a_renamed_segment_keeps_its_result_under_the_new_name(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    jobs = bench.jobs
    bench.segmentation.GetSegmentation().GetSegment(bench.key).SetName("Primary")
    bench.settle()
    renamed = bench.result()
    assert renamed.vois["image"].segment == "Primary" and renamed.score == first.score and bench.jobs == jobs
    assert bench.ui.segmentSelector.itemText(bench.ui.segmentSelector.currentIndex) == "Primary"


def test_a_deleted_segment_takes_its_result_along(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.segmentation.GetSegmentation().RemoveSegment(bench.key)
    bench.settle()
    assert "Choose the segment" in bench.problem and bench.panel.prediction is None
    assert not bench.ui.badgeLabel.visible and not bench.ui.exportButton.enabled
    assert bench.ui.segmentSelector.currentIndex == 0


@pytest.mark.parametrize(("name", "text"), [("volume", "Choose the CT"), ("segmentation", "New reading")])
def test_a_deleted_node_takes_the_result_along(bench: PanelBench, name: str, text: str) -> None:  # noqa: F811
    bench.small_case()
    slicer.mrmlScene.RemoveNode(getattr(bench, name))
    bench.settle()
    assert text in bench.problem and bench.panel.prediction is None
    assert getattr(bench.node, name) is None


def test_deleting_while_features_are_extracted_shows_no_late_result(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    slicer.mrmlScene.RemoveNode(bench.segmentation)
    bench.settle()
    process_events(300)
    assert bench.panel.prediction is None and "New reading" in bench.problem


def test_two_segmentations_do_not_mix(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    smaller = bench.mask.copy()
    smaller[:6] = 0
    other, key = bench.add_reading(bench.volume, smaller)
    bench.node.segmentation = other
    assert bench.node.segmentID == key  # its first segment
    second = bench.result()
    assert second.score != first.score
    bench.erase()  # in the one that is not chosen
    process_events(400)
    assert bench.panel.prediction == second
    bench.node.segmentation = bench.segmentation
    assert bench.result().vois["image"].contoured_voxels == bench.mask.sum()


def test_closing_the_scene_in_the_midst_of_work_leaves_an_empty_panel(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    slicer.mrmlScene.Clear(0)
    bench.settle()
    process_events(300)
    assert "Choose the CT" in bench.problem and bench.panel.prediction is None
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTextNode") == 0
    assert bench.small_case().score is not None  # and works again


def test_a_reopened_scene_shows_its_result_without_any_work(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N2", "complete_response": "yes"}
    bench.ui.previewCheckBox.checked = True
    first = bench.result()
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    bench.close()
    slicer.mrmlScene.Clear(0)
    bench.open()
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    assert bench.result() == first and bench.jobs == 0
    assert bench.node.covariates == {"n_stage": "N2", "complete_response": "yes"} and bench.ui.previewCheckBox.checked
    assert "as it is drawn" in bench.ui.freshnessLabel.text and first.group.label in bench.ui.badgeLabel.text
    assert bench.ui.limitPaintingCheckBox.checked and not bench.editor.node.GetSourceVolumeIntensityMask()


def test_a_reopened_scene_says_when_its_contour_is_another(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    first = bench.small_case()
    bench.representation.exit()
    bench.node.live = False
    bench.mask[:, :, :12] = 0
    bench.draw(bench.segmentation, bench.key, bench.volume, bench.mask)
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    bench.representation.enter()
    bench.settle()
    assert bench.panel.prediction == first and not bench.panel.current
    assert "contour has changed" in bench.ui.freshnessLabel.text and not bench.ui.reportButton.enabled


def test_a_damaged_result_is_named(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.representation.exit()
    bench.node.resultText.SetText("{}")
    bench.widget.setParameterNode(None)
    bench.representation.enter()
    bench.settle()
    assert bench.panel.prediction is None and "cannot be read" in bench.problem
    bench.ui.scoreButton.click()
    assert bench.result().score is not None and not bench.problem


def test_edits_made_elsewhere_are_taken_up_on_coming_back(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    bench.representation.exit()
    bench.mask[:, :, :10] = 0
    bench.draw(bench.segmentation, bench.key, bench.volume, bench.mask)
    jobs, polls = bench.jobs, bench.worker.polls
    process_events(500)
    assert (bench.jobs, bench.worker.polls) == (jobs, polls)  # out of sight nothing is computed or awaited
    bench.representation.enter()
    assert bench.result().score != first.score


def test_a_model_of_another_computer_is_named(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID = "somebody_elses"
    bench.settle()
    assert "somebody_elses" in bench.problem and bench.panel.prediction is None


# The worker


def test_a_killed_worker_is_reported_and_the_next_score_works(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    os.kill(bench.worker.pid, signal.SIGSTOP)  # it would be done before it is killed
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    os.kill(bench.worker.pid, signal.SIGKILL)
    bench.wait(lambda: "ended unexpectedly" in bench.problem or bench.panel.current)
    assert "ended unexpectedly" in bench.problem and bench.panel.prediction == first
    assert bench.ui.scoreButton.enabled
    bench.ui.scoreButton.click()
    assert bench.result().score != first.score and not bench.problem


def test_cancel_stops_the_extraction(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    os.kill(bench.worker.pid, signal.SIGSTOP)  # it would be done before it is cancelled
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    assert bench.ui.cancelButton.visible and bench.ui.progressBar.visible
    bench.ui.cancelButton.click()
    assert not bench.ui.cancelButton.visible and bench.panel.prediction == first
    assert "contour has changed" in bench.ui.freshnessLabel.text


def test_without_pyradiomics_the_panel_says_what_to_install_and_opens_the_manager(bench: PanelBench,  # noqa: F811
                                                                                  tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    bench.worker_command = [sys.executable, "-c", "import sys; from pathlib import Path\n"
                            f"if not Path({str(installed)!r}).exists(): sys.modules['radiomics'] = None\n"
                            "from RadiomicsPrognosisLib.worker.server import main; main()"]
    bench.reopen()
    image, mask = textured_volume()
    volume = bench.add_volume(image)
    segmentation, key = bench.add_reading(volume, sitk.GetArrayFromImage(mask))
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    bench.node.modelID = S2
    assert bench.result().engine.name == "native"  # nothing need be installed
    bench.node.engine = "pyradiomics"
    bench.wait(lambda: "SlicerRadiomics" in bench.problem)
    bench.settle()
    assert "SlicerRadiomics" in bench.problem and bench.ui.scoreButton.enabled
    offer_extensions_manager(True)
    bench.ui.problemLabel.linkActivated.emit("extensions-manager")
    assert ("openExtensionsManagerDialog",) in calls()
    if "pyradiomics" not in installed_engines():
        return
    installed.touch()
    bench.ui.scoreButton.click()
    assert bench.result().engine.name == "pyradiomics" and not bench.problem


# The module's life


def test_reloading_gives_a_fresh_panel_and_ends_the_old_worker(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    old, pid = bench.widget, bench.worker.pid
    bench.widget.onReload()
    process_events()
    bench.representation = slicer.modules.radiomicsprognosis.widgetRepresentation()
    bench.representation.enter()
    assert bench.widget is not old and bench.result().to_dict() == first.to_dict()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_closing_leaves_no_process_observer_or_node_behind(scene: Any) -> None:  # noqa: F811
    panel = PanelBench()
    panel.small_case()
    panel.ui.previewCheckBox.checked = True
    panel.settle()
    pid, editor = panel.worker.pid, panel.editor.node
    panel.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not editor.GetSourceVolumeIntensityMask()
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert not panel.segmentation.HasObserver(slicer.vtkSegmentation.SourceRepresentationModified)
    panel.draw(panel.segmentation, panel.key, panel.volume, panel.mask)  # nobody listens any more
    slicer.mrmlScene.Clear(0)
    process_events(100)


def test_the_panel_can_be_opened_outside_testing_mode(scene: Any) -> None:  # noqa: F811
    set_testing(False)
    panel = PanelBench()
    assert "Choose the CT" in panel.problem
    panel.close()


def test_the_self_test_passes(bench: PanelBench) -> None:  # noqa: F811
    slicer.selfTests["RadiomicsPrognosis"]()
    bench.representation.enter()


def test_sample_data_is_registered_with_the_digests_the_library_checks(bench: PanelBench) -> None:  # noqa: F811
    from RadiomicsPrognosisLib.sample import _SHA256

    sources = slicer.modules.sampleDataSources["RadiomicsPrognosis"]
    assert len(sources) == 1
    for name, checksum, uri in zip(sources[0]["fileNames"], sources[0]["checksums"], sources[0]["uris"], strict=True):
        assert checksum == f"SHA256:{_SHA256[name]}" and uri.endswith(f"/{name}")
    assert Path(sources[0]["thumbnailFileName"]).is_file()
