"""A reading study: set up from a design, read with the mouse, gone on with after a crash, compared and analysed."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from . import cases
from .hands import S2, Hands

_CASES = 3

#: Longer than the panel lets pass between a stroke and its file (s).
_SAVED_S = 15.0


def run(hands: Hands) -> None:
    hands.start(model=S2)  # a result, which must not be seen while reading
    folder = set_up(hands, write_cases(hands, _CASES))
    read(hands, folder)
    crash_and_resume(hands, folder)
    read_rest(hands)
    compare(hands)
    if all(importlib.util.find_spec(name) for name in ("pandas", "matplotlib", "joblib")):  # what the panel offers
        analyse(hands, folder)


def write_cases(hands: Hands, count: int) -> Path:
    """Write phantoms as files of a folder and return it."""
    import SimpleITK as sitk

    folder = hands.folder / "CTs"
    folder.mkdir()
    image, _mask = cases.images("phantom")
    for number in range(count):
        sitk.WriteImage(sitk.Cast(image + number, sitk.sitkInt16), str(folder / f"P{number + 1}.nrrd"))
    return folder


def set_up(hands: Hands, volumes: Path, design: str = "every_reader_everything") -> Path:
    """Set up a study of the CTs in a folder and return its folder."""
    ui = hands.ui
    ui.reproducibilitySection.collapsed = False
    show_tab(hands, "Set up")
    pick(hands, ui.setupPresetSelector, design)
    pick(hands, ui.setupSourceSelector, "folder")
    ui.setupPathEdit.text = str(volumes)
    ui.setupReadersEdit.text = "Anna, Ben"
    study = hands.folder / "study"
    with hands.answering(study):
        ui.setupFolderButton.click()
    hands.expect(ui.setupCreateButton.enabled, f"the study cannot be set up: {ui.setupProblemLabel.text}")
    ui.setupCreateButton.click()
    hands.wait(lambda: hands.panel.readings.folder is not None, what="the study")
    return study


def read(hands: Hands, study: Path) -> None:
    """Read every case of Anna's first session; nothing that was in sight before is meanwhile."""
    ui, before = hands.ui, (hands.node.volume, hands.node.segmentation, hands.panel.prediction.score)
    show_tab(hands, "Read")
    pick(hands, ui.readReaderSelector, "Anna")
    ui.readStartButton.click()
    hands.look(0.3)
    hands.expect(hands.panel.prediction is None and not ui.badgeLabel.visible, "the result is in sight while reading")
    hands.expect(not before[1].GetDisplayNode().GetVisibility(), "another contour is in sight while reading")
    hands.expect(not ui.segmentationSelector.visible, "the contours' names are in sight while reading")
    for number in range(_CASES):
        hands.expect(f"Case {number + 1} of {_CASES}" in ui.readCaseLabel.text, f"'{ui.readCaseLabel.text}'")
        if number == 0:
            ui.readNextButton.click()
            hands.expect("Nothing is drawn" in ui.readProblemLabel.text, "an empty contour was taken for done")
        hands.expect(draw_lesion(hands) > 0, "the stroke drew nothing")
        ui.readNextButton.click()
        hands.look(0.2)
    hands.expect("Every case" in ui.readCaseLabel.text, f"not all is read: {ui.readQueueLabel.text}")
    hands.expect(len(list(study.rglob("*.seg.nrrd"))) == _CASES, "not every contour is on disk")
    score = hands.result().score
    hands.expect((hands.node.volume, hands.node.segmentation, score) == before, "the case before is not back")
    hands.expect(bool(before[1].GetDisplayNode().GetVisibility()), "the other contour did not come back")


def crash_and_resume(hands: Hands, study: Path) -> None:
    """Draw in the next session until it is on disk, take what a crash would leave, and go on from that alone."""
    ui = hands.ui
    pick(hands, ui.readSessionSelector, "2")
    hands.expect("asks for" in ui.readWashoutLabel.text, "a wash-out of seconds is not told")
    ui.readStartButton.click()
    hands.look(0.2)
    drawn = draw_lesion(hands)
    contours = study / "readings" / "Anna" / "2"
    hands.wait(lambda: any(contours.glob("*.seg.nrrd")), _SAVED_S, "the contour on disk")
    left = hands.folder / "after the crash"
    shutil.copytree(study, left)
    ui.readStopButton.click()
    hands.clear()
    shutil.rmtree(study)
    left.rename(study)
    show_tab(hands, "Set up")
    with hands.answering(study):
        ui.setupOpenButton.click()
    show_tab(hands, "Read")
    pick(hands, ui.readReaderSelector, "Anna")
    pick(hands, ui.readSessionSelector, "2")
    hands.expect("1 unfinished" in ui.readQueueLabel.text, f"'{ui.readQueueLabel.text}'")
    ui.readStartButton.click()
    hands.look(0.3)
    contour = cases.voxels(hands.node.segmentation, hands.node.segmentID, hands.node.volume)
    hands.expect(int((contour > 0).sum()) == drawn, f"{int((contour > 0).sum())} of {drawn} voxels came back")
    more = draw_lesion(hands, across=True)
    hands.expect(more > drawn, "what came back cannot be drawn on")
    ui.readNextButton.click()
    hands.look(0.2)
    hands.expect(f"Case 2 of {_CASES}" in ui.readCaseLabel.text, "the next case did not open")
    ui.readStopButton.click()
    hands.expect(hands.panel.readings.active is None, "the reading was not left")


def read_rest(hands: Hands) -> None:
    """Read what is left of the session."""
    ui = hands.ui
    ui.readStartButton.click()
    for number in range(1, _CASES):
        hands.look(0.2)
        hands.expect(f"Case {number + 1} of {_CASES}" in ui.readCaseLabel.text, f"'{ui.readCaseLabel.text}'")
        hands.expect(draw_lesion(hands, across=number == 1) > 0, "the stroke drew nothing")
        ui.readNextButton.click()
    hands.look(0.2)
    hands.expect("Every case" in ui.readCaseLabel.text, f"not all is read: {ui.readQueueLabel.text}")


def compare(hands: Hands) -> None:
    """Compare Anna's two contours of the first case, and edit one."""
    ui = hands.ui
    hands.choose(model=S2)
    show_tab(hands, "Compare")
    hands.wait(lambda: ui.compareLoadButton.visible, 10, "the study's readings")
    ui.compareLoadButton.click()
    hands.wait(lambda: "Anna · 1" in ui.compareVerdictLabel.text and "Anna · 2" in ui.compareVerdictLabel.text, 60,
               "both scores")
    before = ui.compareContoursLabel.text
    hands.expect("Dice" in before, f"'{before}'")
    hands.stroke("Erase", _lesion(hands.node.volume))
    hands.wait(lambda: ui.compareContoursLabel.text != before, 60, "numbers that follow the edit")


def analyse(hands: Hands, study: Path) -> None:
    """Analyse the study's readings as they are on disk: the edit of a loaded reading is none of the reader's."""
    ui = hands.ui
    show_tab(hands, "Analyse")
    hands.expect(ui.analyseRunButton.enabled, f"the study cannot be analysed: {ui.analyseProblemLabel.text}")
    ui.analyseRunButton.click()
    hands.wait(lambda: not ui.analyseCancelButton.visible, 300, "the end of the analysis")
    hands.look(0.5)
    hands.expect("Done in" in ui.analyseStepLabel.text, f"the analysis did not end well: {ui.analyseProblemLabel.text}")
    hands.expect("Same reader" in ui.analyseHeadlineLabel.text, f"'{ui.analyseHeadlineLabel.text}'")
    hands.expect(bool(list(study.rglob("reproducibility.html"))), "there is no report")


def draw_lesion(hands: Hands, across: bool = False) -> int:
    """Paint in the middle of the case that is open, or ``across`` more of it; return how many voxels there are then."""
    node = hands.node
    middle = _lesion(node.volume)
    other = [middle[0] + 8.0, middle[1], middle[2]] if across else middle
    hands.stroke("Paint", middle, other)
    hands.stroke("Paint", middle, [middle[0], middle[1], middle[2] + 12.0], "Green")
    hands.look(0.2)
    return int((cases.voxels(node.segmentation, node.segmentID, node.volume) > 0).sum())


def _lesion(volume) -> list[float]:
    """Return the RAS coordinates of the phantom's lesion, which is at the same place in each."""
    import SimpleITK as sitk

    _image, mask = cases.images("phantom")
    array = sitk.GetArrayFromImage(mask) > 0
    return cases.ras(volume, [axis.mean().round() for axis in array.nonzero()])


def show_tab(hands: Hands, title: str) -> None:
    """Open a tab of the section by its title."""
    tabs = hands.ui.reproducibilityTabs
    tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count)].index(title))
    hands.look()


def pick(hands: Hands, selector, data: str) -> None:
    """Choose what has ``data`` in a combo box."""
    hands.expect(selector.findData(data) >= 0, f"'{data}' is not offered in {selector.objectName}")
    selector.setCurrentIndex(selector.findData(data))
    hands.look()
