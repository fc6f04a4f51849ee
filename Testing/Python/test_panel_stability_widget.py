"""The Stability tab: asking, cancelling, whose result is shown, what the answer says of it, and where it is kept."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import slicer
from panel_bench import S2, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel.view_pictures import Form, body
from stability_cases import PROGRAM, of_another_score

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.report.stability_section import TITLE
from RadiomicsPrognosisLib.stability.record import Stability


@pytest.fixture
def asked(bench: PanelBench) -> PanelBench:  # noqa: F811
    """The panel with a case whose stability is known."""
    reopen(bench)
    bench.small_case()
    ask(bench)
    return bench


def reopen(bench: PanelBench) -> None:  # noqa: F811
    """Open the panel with the program that stands for the command, and its tab."""
    bench.program = PROGRAM
    bench.reopen()
    bench.ui.detailsTabs.setCurrentWidget(slicer.util.findChildren(bench.ui.detailsTabs, name="StabilitySection")[0])


def ask(bench: PanelBench) -> Stability:  # noqa: F811
    """Press the button and return what comes of it."""
    bench.ui.stabilityButton.click()
    assert bench.panel.stability.active
    bench.wait(lambda: not bench.panel.stability.active)
    assert bench.panel.stability.problem is None, bench.panel.stability.problem
    process_events(20)
    return bench.panel.stability.result


def sentence(bench: PanelBench) -> str:  # noqa: F811
    """Return the result in a few words."""
    return bench.panel.stability.result.group.sentence


def in_views(bench: PanelBench) -> list[str]:  # noqa: F811
    """Return the lines that slice views have of the answer."""
    return [line.left for line in body(bench.panel.answer, Form.FULL)]


def test_the_button_waits_for_a_result_and_gives_its_stability(bench: PanelBench) -> None:  # noqa: F811
    reopen(bench)
    ui = bench.ui
    assert not ui.stabilityButton.enabled and "Score the contour first" in ui.stabilityStepLabel.text
    prediction = bench.small_case()
    assert ui.stabilityButton.enabled and "drawn a little differently" in ui.stabilityStepLabel.text
    assert not ui.stabilityHeadLabel.visible and "stability" not in ui.attentionLabel.text
    result = ask(bench)
    assert result.unperturbed == prediction
    assert result.group.sentence in ui.stabilityHeadLabel.text and not ui.stabilityStepLabel.text
    assert not ui.stabilityAgeLabel.text and ui.stabilityButton.enabled and not ui.stabilityCancelButton.visible
    assert f"stability: {result.group.sentence}" in ui.attentionLabel.text
    assert f"stability: {result.group.sentence}" in in_views(bench)
    assert result.caveat in ui.stabilityNotesLabel.text and "seed 20190" in ui.stabilityOriginLabel.text
    assert all(label.visible and not label.pixmap.isNull() for label in (
        ui.stabilityScaleLabel, ui.stabilityKindsLabel, ui.stabilityFeaturesLabel))


def test_the_link_in_the_answer_opens_the_tab(asked: PanelBench) -> None:
    tabs = asked.ui.detailsTabs
    titles = [tabs.tabText(index) for index in range(tabs.count)]
    assert titles[:2] == ["Outcome", "Stability"]
    tabs.setCurrentIndex(0)
    asked.ui.attentionLabel.linkActivated("stability")
    assert tabs.tabText(tabs.currentIndex) == "Stability"
    asked.ui.attentionLabel.linkActivated("limits")
    assert tabs.tabText(tabs.currentIndex).startswith("Limits")


def test_it_can_be_cancelled_and_asked_again(asked: PanelBench, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    earlier, hold = asked.panel.stability.result, tmp_path / "hold"
    hold.touch()
    monkeypatch.setenv("RP_HOLD", str(hold))
    asked.ui.stabilityButton.click()
    asked.wait(lambda: asked.ui.stabilityProgressBar.value == 50)
    assert asked.ui.stabilityCancelButton.visible and not asked.ui.stabilityButton.visible
    assert "perturbing" in asked.ui.stabilityStepLabel.text
    asked.ui.stabilityCancelButton.click()
    assert not asked.ui.stabilityCancelButton.enabled and "stopping" in asked.ui.stabilityStepLabel.text
    asked.wait(lambda: not asked.panel.stability.active)
    assert asked.panel.stability.stage is Stage.CANCELLED and asked.panel.stability.result is earlier
    assert "Cancelled" in asked.ui.stabilityStepLabel.text and asked.ui.stabilityButton.visible
    hold.unlink()
    assert ask(asked) == earlier


def test_an_edit_makes_it_that_of_an_earlier_contour_until_it_is_undone(asked: PanelBench) -> None:
    result, before = asked.panel.stability.result, asked.mask.copy()
    asked.erase()
    asked.result()
    assert "earlier contour" in asked.ui.stabilityAgeLabel.text and sentence(asked) in asked.ui.stabilityHeadLabel.text
    assert "stability" not in asked.ui.attentionLabel.text
    assert not [line for line in in_views(asked) if "stability" in line]
    assert asked.panel.stability.current(asked.session) is None
    asked.draw(asked.segmentation, asked.key, asked.volume, before)
    asked.result()
    assert asked.panel.stability.current(asked.session) is result and not asked.ui.stabilityAgeLabel.text
    asked.erase()
    asked.result()
    again = ask(asked)
    assert again != result and asked.panel.stability.current(asked.session) is again


def test_a_result_that_an_edit_has_overtaken_is_not_taken_for_current(
        asked: PanelBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    monkeypatch.setenv("RP_HOLD", str(hold))
    asked.ui.stabilityButton.click()
    asked.wait(lambda: asked.ui.stabilityProgressBar.value == 50)
    asked.erase()
    asked.result()  # scoring goes on meanwhile
    hold.unlink()
    asked.wait(lambda: not asked.panel.stability.active)
    assert asked.panel.stability.stage is Stage.DONE
    assert asked.panel.stability.freshness(asked.session) is Freshness.CONTOUR_CHANGED
    assert "earlier contour" in asked.ui.stabilityAgeLabel.text


def test_another_engine_makes_it_that_of_other_choices(asked: PanelBench) -> None:
    asked.panel.stability.result = of_another_score(asked.panel.stability.result)
    asked.panel.show()
    assert asked.panel.stability.freshness(asked.session) is Freshness.CHOICES_CHANGED
    assert "feature engine" in asked.ui.stabilityAgeLabel.text and "stability" not in asked.ui.attentionLabel.text


def test_another_model_hides_it_and_another_contour_lets_go_of_it(asked: PanelBench) -> None:
    result = asked.panel.stability.result
    asked.node.modelID = "s2_escc_ln_control_2y"
    asked.settle()
    assert not asked.ui.stabilityHeadLabel.visible and not asked.ui.stabilityAgeLabel.visible
    asked.node.modelID = S2
    asked.result()
    assert asked.panel.stability.current(asked.session) is result
    other = asked.add_segment(asked.segmentation, asked.volume, asked.mask, "Other")
    asked.node.segmentID = other
    asked.result()
    assert asked.panel.stability.result is None and not asked.ui.stabilityHeadLabel.visible
    assert not asked.node.stabilityText.GetText()


def test_a_saved_scene_shows_it_again(asked: PanelBench, tmp_path: Path) -> None:
    result, shown = asked.panel.stability.result, asked.ui.stabilityHeadLabel.text
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    process_events(30)
    assert asked.panel.stability.result is None and not asked.ui.stabilityHeadLabel.visible
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    asked.result()
    process_events(20)
    assert asked.panel.stability.current(asked.session) == result and asked.ui.stabilityHeadLabel.text == shown
    slicer.util.loadScene(str(tmp_path / "case.mrb"), {"clear": False})  # the text of before goes
    texts = slicer.util.getNodesByClass("vtkMRMLTextNode")
    assert len([node for node in texts if "stability" in node.GetName()]) == 1


def test_a_damaged_text_in_the_scene_is_said(asked: PanelBench, tmp_path: Path) -> None:
    asked.node.stabilityText.SetText('{"schema": "another"}')
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    asked.result()
    assert "cannot be read" in asked.ui.stabilityStepLabel.text and asked.panel.stability.result is None
    ask(asked)
    assert not asked.ui.stabilityStepLabel.text


def test_why_there_is_no_result_is_said_with_details(bench: PanelBench,  # noqa: F811
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    bench.program = (PROGRAM[0], "-c", "raise ValueError('a fault')")
    bench.reopen()
    bench.small_case()
    bench.ui.stabilityButton.click()
    bench.wait(lambda: not bench.panel.stability.active)
    assert "ended without a word" in bench.ui.stabilityStepLabel.text and bench.ui.stabilityButton.enabled
    told: list[Any] = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, detailedText="": told.append((text, detailedText)))
    bench.ui.stabilityStepLabel.linkActivated("details")
    assert len(told) == 1 and "ValueError: a fault" in told[0][1]
    bench.erase()
    bench.result()
    assert "ended without a word" in bench.ui.stabilityStepLabel.text
    bench.program = PROGRAM


def test_the_module_can_be_left_and_unloaded_while_it_runs(asked: PanelBench, monkeypatch: pytest.MonkeyPatch,
                                                           tmp_path: Path) -> None:
    monkeypatch.setenv("RP_HOLD", __file__)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asked.ui.stabilityButton.click()
    asked.wait(lambda: asked.ui.stabilityProgressBar.value == 50)
    asked.representation.exit()
    check = asked.panel.stability
    process_events(300)
    assert check.active
    asked.close()
    assert not check.active and not asked.commands.stability.active and not list(tmp_path.iterdir())


def test_a_scene_that_is_closed_while_it_runs_takes_it_along(asked: PanelBench,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RP_HOLD", __file__)
    asked.ui.stabilityButton.click()
    asked.wait(lambda: asked.ui.stabilityProgressBar.value == 50)
    slicer.mrmlScene.Clear(0)
    asked.wait(lambda: not asked.panel.stability.active)
    assert asked.panel.stability.result is None and asked.panel.stability.stage is Stage.CANCELLED


def test_the_report_has_it_while_it_belongs_to_the_answer(asked: PanelBench, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fpdf", reason="the report's PDF library is not installed")
    monkeypatch.setattr("RadiomicsPrognosisPanel.saving.folder", lambda: tmp_path)
    asked.ui.reportButton.click()
    (page,) = tmp_path.rglob("*.html")
    assert TITLE in page.read_text(encoding="utf-8")
    asked.erase()
    asked.result()
    asked.ui.reportButton.click()
    (page,) = set(tmp_path.rglob("*.html")) - {page}
    assert TITLE not in page.read_text(encoding="utf-8")


def test_the_panel_gives_what_the_command_gives_to_the_last_bit(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    size = (36, 34, 24)  # room for supervoxels
    prediction = bench.small_case(size)
    result = ask(bench)
    assert result.unperturbed == prediction and result.scored > 0
    image, mask = textured_volume(size)
    sitk.WriteImage(image, str(tmp_path / "ct.nrrd"))
    for key, text in (("ID", "s1"), ("Name", "Tumour"), ("LabelValue", "1"), ("Layer", "0")):
        mask.SetMetaData(f"Segment0_{key}", text)
    sitk.WriteImage(mask, str(tmp_path / "reading.seg.nrrd"))
    assert run(["stability", "--image", str(tmp_path / "ct.nrrd"), "--mask", str(tmp_path / "reading.seg.nrrd"),
                "--model", S2, "--out", str(tmp_path / "out"), "--jobs", "1"]) == 0
    text = (tmp_path / "out" / "stability.json").read_text(encoding="utf-8")
    assert bench.node.stabilityText.GetText() == text
    if importlib.util.find_spec("fpdf") is not None:
        assert TITLE in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_scene_keeps_the_commands_own_text(asked: PanelBench) -> None:
    text = asked.node.stabilityText.GetText()
    assert Stability.from_dict(json.loads(text)) == asked.panel.stability.result
