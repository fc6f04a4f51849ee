"""How the panel shares its room: the answer in sight, choices folded, nothing cut off, pictures of its width."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures

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
    for label in (bench.ui.badgeLabel, bench.ui.horizonsLabel, bench.ui.freshnessLabel, bench.ui.attentionLabel):
        place = label.mapTo(frame, qt.QPoint(0, 0))
        assert label.visible and label.height >= label.heightForWidth(label.width), label.name
        assert place.y() >= 0 and place.y() + label.height <= frame.height, label.name
        assert place.x() + label.width <= frame.width, label.name


@pytest.mark.parametrize("width", [400, 900])
def test_the_answer_fits_in_120_pixels(bench: PanelBench, width: int) -> None:  # noqa: F811
    survival_case(bench)
    bench.representation.resize(width, 700)
    process_events(80)
    assert bench.ui.briefFrame.height <= 120


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
