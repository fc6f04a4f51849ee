"""How the panel shares its room: the answer in sight, choices folded, nothing cut off, pictures of its width."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel.section import PanelSection, Place

from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.presenter.case import Choices
from RadiomicsPrognosisLib.presenter.chosen import chosen_line, model_name

FACTORS = {"n_stage": "N1", "complete_response": "no"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the choices fold sooner than a person could follow."""
    monkeypatch.setattr("RadiomicsPrognosisPanel.sections.chosen.FOLD_MS", 50)


def survival_case(bench: PanelBench) -> Any:  # noqa: F811
    """Bring the panel to a result with survival and wait until its choices are folded."""
    bench.small_case()
    bench.node.modelID, bench.node.scaling, bench.node.covariates = S1, SCALING, FACTORS
    result = bench.result()
    bench.wait(lambda: bench.panel.folded)
    process_events(50)
    return result


# The answer

#: A module panel's width and height (pixels) on screens of 1366 x 768 and 1600 x 1000, and the least and largest width.
SIZES = [(400, 480), (400, 720), (350, 480), (900, 720)]


@pytest.mark.parametrize("size", SIZES)
def test_the_answer_is_in_sight_however_much_there_is_to_choose(bench: PanelBench, size: tuple[int, int]) -> None:  # noqa: F811
    survival_case(bench)
    bench.panel.fold(False)
    bench.editor.widget.setActiveEffectByName("Paint")
    bench.representation.resize(*size)
    process_events(80)
    frame = bench.ui.RadiomicsPrognosis
    ui = bench.ui
    for label in (ui.bandLabel, ui.badgeLabel, ui.horizonsLabel, ui.captionLabel, ui.freshnessLabel, ui.attentionLabel):
        place = label.mapTo(frame, qt.QPoint(0, 0))
        assert label.visible and label.height >= label.heightForWidth(label.width), label.name
        assert place.y() >= 0 and place.y() + label.height <= frame.height, label.name
        assert place.x() + label.width <= frame.width, label.name


@pytest.mark.parametrize(("width", "height"), [(350, 340), (400, 300), (549, 260), (900, 230)])
def test_the_answer_with_its_warnings_leaves_room_to_draw(bench: PanelBench, width: int, height: int) -> None:  # noqa: F811
    survival_case(bench)
    bench.representation.resize(width, 760)
    process_events(80)
    assert bench.ui.briefFrame.height <= height
    assert bench.ui.choicesArea.height >= 250 and bench.ui.detailsTabs.height >= 30


def test_a_wider_panel_has_wider_pictures(bench: PanelBench) -> None:  # noqa: F811
    survival_case(bench)
    widths = []
    for width in (400, 700):
        bench.representation.resize(width, 900)
        process_events(80)
        widths.append(bench.ui.curveLabel.pixmap.width() / bench.ui.curveLabel.pixmap.devicePixelRatio())
        assert widths[-1] <= bench.ui.curveLabel.width
    assert 250 < widths[1] - widths[0] < 350


def test_pictures_follow_the_colours_of_the_application(bench: PanelBench) -> None:  # noqa: F811
    survival_case(bench)
    light = slicer.app.palette()
    before = bench.ui.curveLabel.pixmap.toImage()
    try:
        slicer.app.setPalette(qt.QPalette(qt.QColor(40, 40, 40)))
        process_events(80)
        assert bench.ui.curveLabel.pixmap.toImage() != before
        assert bench.ui.curveLabel.palette.text().color().name() in bench.ui.attentionLabel.text
    finally:
        slicer.app.setPalette(light)
        process_events(50)


def test_details_are_drawn_when_their_tab_is_looked_at(bench: PanelBench) -> None:  # noqa: F811
    first = survival_case(bench)
    bench.erase()
    assert bench.result() != first
    assert bench.ui.contributionsLabel.pixmap.isNull()
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.featuresArea)
    assert not bench.ui.contributionsLabel.pixmap.isNull()
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.cardArea)
    assert SCALING in bench.ui.madeLabel.text


# The room


def test_the_panel_asks_for_the_width_that_its_choices_need(bench: PanelBench) -> None:  # noqa: F811
    def least() -> int:
        process_events(80)
        return bench.ui.RadiomicsPrognosis.minimumSizeHint.width()

    before = least()
    bench.ui.editorFrame.setMinimumWidth(549)
    assert least() > 549 > before
    bench.representation.resize(400, 700)  # no narrower than it can be
    process_events(80)
    contents = bench.ui.choicesContents
    assert contents.width >= contents.minimumSizeHint.width() and not bench.ui.choicesArea.horizontalScrollBar().visible
    bench.ui.editorFrame.setMinimumWidth(0)
    assert least() == before


def test_without_a_result_the_choices_have_all_the_room(bench: PanelBench) -> None:  # noqa: F811
    bench.representation.resize(400, 600)
    process_events(80)
    assert bench.ui.resultFrame.height < 60
    bench.small_case()
    process_events(80)
    assert bench.ui.resultFrame.height > 180


def test_room_that_the_user_has_divided_stays_divided(bench: PanelBench) -> None:  # noqa: F811
    survival_case(bench)
    splitter = bench.ui.splitter
    splitter.moveSplitter(300, 1)
    process_events(30)
    sizes = splitter.sizes()
    bench.panel.fold(False)
    bench.erase()
    bench.result()
    process_events(80)
    assert splitter.sizes() == sizes


# Tabs of a reading study

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0">
 <class>{name}</class>
 <widget class="qMRMLWidget" name="{name}">
  <property name="windowTitle"><string>{name}</string></property>
  <layout class="QVBoxLayout" name="{name}Layout">
   <item>
    <widget class="QLabel" name="{name}Label">
     <property name="wordWrap"><bool>true</bool></property>
     <property name="sizePolicy"><sizepolicy hsizetype="Ignored" vsizetype="Preferred"/></property>
    </widget>
   </item>
   <item><widget class="QLineEdit" name="{name}Edit"/></item>
  </layout>
 </widget>
 <customwidgets>
  <customwidget><class>qMRMLWidget</class><extends>QWidget</extends><container>1</container></customwidget>
 </customwidgets>
</ui>
"""


def page(folder: Path, name: str, words: int) -> type[PanelSection]:
    """Return a section that is a tab with a text of so many words over a field."""
    (folder / f"{name}.ui").write_text(PAGE.format(name=name), encoding="utf-8")

    def setup(section: PanelSection) -> None:
        getattr(section.ui, f"{name}Label").text = "lesion " * words

    return type(name, (PanelSection,), {"ui_file": str(folder / f"{name}.ui"), "place": Place.READING, "setup": setup})


@pytest.mark.parametrize("width", [350, 400, 900])
def test_the_section_of_tabs_is_as_high_as_the_page_in_sight(bench: PanelBench, tmp_path: Path, width: int) -> None:  # noqa: F811
    pages = {"shortPage": 5, "longPage": 300, "otherPage": 60}
    bench.more_sections = tuple(page(tmp_path, name, words) for name, words in pages.items())
    bench.reopen()
    tabs = bench.ui.reproducibilityTabs
    assert bench.ui.reproducibilitySection.collapsed
    bench.ui.reproducibilitySection.collapsed = False
    bench.representation.resize(width, 900)
    for name in (*pages, "shortPage"):
        tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count)].index(name))
        process_events(80)
        label, shown = getattr(bench.ui, f"{name}Label"), getattr(bench.ui, name)
        needed = shown.layout().totalHeightForWidth(shown.width)
        assert label.height >= label.heightForWidth(label.width)
        assert needed <= shown.height <= needed + 12
        assert [key for key in pages if getattr(bench.ui, key).visible] == [name]


def test_the_chosen_tab_outlives_scene_and_module_switches(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    bench.more_sections = (page(tmp_path, "firstPage", 5), page(tmp_path, "nextPage", 5))
    bench.reopen()
    ui = bench.ui
    ui.reproducibilitySection.collapsed = False
    ui.reproducibilityTabs.setCurrentIndex(ui.reproducibilityTabs.count - 1)
    bench.representation.exit()
    slicer.mrmlScene.Clear(0)
    bench.representation.enter()
    bench.small_case()
    assert not ui.reproducibilitySection.collapsed and ui.nextPage.visible and not ui.firstPage.visible


# The line


def test_the_choices_fold_into_a_line_and_come_back(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.result()
    process_events(150)
    ui = bench.ui
    assert not bench.panel.folded and not ui.chosenButton.visible  # clinical factors are still to be given
    bench.node.covariates = FACTORS
    assert not bench.panel.folded and ui.chosenButton.visible  # time to correct the last one
    bench.wait(lambda: bench.panel.folded)
    assert f"S1 LPFS · {SCALING} · N1 · CR no · CT" in ui.chosenButton.toolTip
    assert "S1 LPFS" in ui.chosenButton.text and "S1 LPFS" in ui.chosenButton.accessibleName
    sections = ("ImageSection", "ModelSection", "ClinicalSection")
    assert not any(getattr(ui, name).visible for name in sections) and ui.VoiSection.visible
    ui.chosenButton.click()
    assert all(getattr(ui, name).visible for name in sections)
    process_events(150)
    assert not bench.panel.folded  # as the user wants it
    bench.representation.exit()
    bench.representation.enter()
    assert bench.panel.folded
    bench.node.scaling = ""
    bench.settle()
    assert not bench.panel.folded and not ui.chosenButton.visible and ui.ModelSection.visible


def test_a_model_without_covariates_shows_no_clinical_section_when_unfolded(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.wait(lambda: bench.panel.folded)
    bench.ui.chosenButton.click()
    assert bench.ui.ModelSection.visible and not bench.ui.ClinicalSection.visible


def test_the_line_names_what_is_chosen_and_is_empty_while_something_is_missing() -> None:
    model = load_model(S1)
    every = {"volume": object(), "model": model, "model_id": S1, "scaling": "my-hospital", "covariates": FACTORS}
    assert chosen_line(Choices(**every), "CT lung2") == "S1 LPFS · my-hospital · N1 · CR no · CT lung2"
    for missing in ({"volume": None}, {"model": None}, {"scaling": ""}, {"covariates": {"n_stage": "N1"}}):
        assert chosen_line(Choices(**{**every, **missing}), "CT") == ""
    assert chosen_line(Choices(volume=object(), model=load_model(S2)), "CT") == f"{model_name(load_model(S2))} · CT"
