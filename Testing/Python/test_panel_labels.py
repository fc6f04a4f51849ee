"""Labels that fit: no text of the panel is cut off or ends in dots, at any width that a module's dock has."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
from clipping import clipped
from conftest import textured_volume
from panel_bench import S1, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures
from phase_cases import two_phase_model

#: Widths (pixels) of a module's dock: the least, usual ones, and with the brush's options open.
WIDTHS = (350, 380, 400, 420, 480, 549)


def sweep(bench: PanelBench, where: str) -> list[str]:  # noqa: F811
    """Return what cannot be read at one of the widths."""
    lines = []
    for width in WIDTHS:
        bench.representation.resize(width, 760)
        process_events(20)
        process_events(500, lambda: not clipped(bench.representation))  # layouts follow each other for a while
        lines += [f"{where}, {width} px: {line}" for line in clipped(bench.representation)]
    return lines


def unfold(bench: PanelBench) -> None:  # noqa: F811
    """Show all choices, and what every collapsible section holds."""
    bench.panel.fold(False)
    for name in ("imageSection", "modelSection", "modelAdvancedSection", "clinicalSection", "voiSection",
                 "reproducibilitySection", "developSection"):
        getattr(bench.ui, name).collapsed = False


def test_every_text_of_choices_and_result_can_be_read(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "unknown"}
    bench.result()
    lines = []
    for tabs in (bench.ui.detailsTabs, bench.ui.reproducibilityTabs):
        for index in range(tabs.count):
            unfold(bench)
            tabs.setCurrentIndex(index)
            lines += sweep(bench, tabs.tabText(index))
    bench.panel.fold(True)
    lines += sweep(bench, "folded")
    assert not lines, "\n".join(dict.fromkeys(lines))


def test_every_text_of_a_panel_without_a_result_can_be_read(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    bench.close()
    model = two_phase_model(user_home)
    bench.open()
    lines = sweep(bench, "empty")
    image, _mask = textured_volume((24, 22, 20))
    bench.node.volume, bench.node.secondVolume = bench.add_volume(image), bench.add_volume(image, "Second")
    bench.node.modelID = model
    bench.settle()
    unfold(bench)
    for index in range(2):
        bench.ui.phaseSelector.setCurrentIndex(index)
        lines += sweep(bench, f"phase {index}")
    bench.node.sharedContour = False
    lines += sweep(bench, "own contour")
    assert bench.ui.secondSegmentationSelector.visible
    assert not lines, "\n".join(dict.fromkeys(lines))


@pytest.mark.parametrize(("text", "width", "fits"), [("Grow from seeds", 120, True), ("Grow from seeds", 60, False)])
def test_a_button_with_dots_is_noticed(scene: object, text: str, width: int, fits: bool) -> None:  # noqa: F811
    frame = qt.QWidget()
    button = qt.QPushButton(text, frame)
    button.resize(width, 24)
    frame.show()
    process_events(10)
    assert (not clipped(frame)) == fits
    frame.close()


def test_details_are_offered_by_a_list_where_their_tabs_do_not_fit(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    tabs, selector = bench.ui.detailsTabs, bench.ui.detailsSelector
    bench.representation.resize(900, 760)
    process_events(80)
    assert tabs.tabBar().visible and not selector.visible
    tabs.addTab(qt.QWidget(), "A title that is as long as a panel is wide, or longer even")
    bench.representation.resize(400, 760)
    process_events(80)
    assert selector.visible and not tabs.tabBar().visible and selector.currentText == "Outcome"
    selector.activated.emit(selector.findText("Limits"))
    assert tabs.currentWidget() is bench.ui.limitsArea and selector.currentText == "Limits"
    assert bench.ui.warningsLabel.visible or not bench.panel.answer.told.limits
