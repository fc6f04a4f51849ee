"""Picture the four tabs of a reading study, to be looked at: python Testing/reading_gallery.py FOLDER [--data DIR].

The panel's real code on the stand-in for Slicer, in two widths, light and dark. CT and published contour are those of
soft-tissue sarcomas (Vallieres et al. 2015, TCIA Soft-tissue-Sarcoma, doi 10.7937/K9/TCIA.2015.7GO2GSKS, CC BY 3.0),
cropped to the tumour; the readings are simulated from the published contours (simulated_readings.py).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import SimpleITK as sitk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parent / "Python"))

from slicer_standin.testing import process_events, qt, slicer

# isort: split

from panel_bench import S2, PanelBench
from simulated_readings import SIMULATED, Hand, simulated_contour

from RadiomicsPrognosisLib.reading.design import SCHEMA, ReadingStudy
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.intake import folder_sources, take_cases
from RadiomicsPrognosisLib.reading.presets import load_preset
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "sts_ct"

#: Widths of the panel (pixels), and its height, in which a whole tab is unrolled.
_WIDTHS, _HEIGHT = (400, 560), 900

#: So many cases; how far round the tumour (mm) the CT is kept.
_CASES, _MARGIN_MM = 8, 15

#: How the simulated readers depart from the published contour: the second draws wider and less evenly.
_HANDS = {"Reader 1": Hand(sd_mm=0.8), "Reader 2": Hand(offset_mm=0.6, sd_mm=1.3, short=0.3)}


class TabPictures:
    """Writes pictures of the tabs of ``bench`` into ``folder``, numbered in their order."""

    def __init__(self, bench: PanelBench, folder: Path):
        self._bench, self._folder, self._count = bench, folder, 0

    def show(self, title: str) -> None:
        """Bring the tab called ``title`` into sight."""
        tabs = self._bench.ui.reproducibilityTabs
        tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count)].index(title))
        process_events(100)

    def take(self, name: str, colours: tuple[str, ...] = ("light", "dark")) -> None:
        """Picture the tabs as they are, in every width and in ``colours``."""
        self._count += 1
        light = slicer.app.palette()
        for colour in colours:
            slicer.app.setPalette(qt.QPalette(qt.QColor(50, 50, 50)) if colour == "dark" else light)
            for width in _WIDTHS:
                self._bench.representation.resize(width, _HEIGHT)
                process_events(200)
                path = self._folder / f"{self._count:02d}-{name}-{width}-{colour}.png"
                if not self._bench.ui.reproducibilityTabs.grab().save(str(path)):
                    raise OSError(f"Qt cannot write '{path}'")
                print(path)
        slicer.app.setPalette(light)
        process_events(50)


def write_cases(folder: Path, data: Path) -> dict[str, sitk.Image]:
    """Write CTs cropped to their tumour into ``folder`` and return the published contours by name."""
    folder.mkdir()
    contours = {}
    for case in sorted(data.glob("STS_*"))[:_CASES]:
        image, mask = (sitk.ReadImage(str(case / f"{name}.nii.gz")) for name in ("image", "mask"))
        shape = sitk.LabelShapeStatisticsImageFilter()
        shape.Execute(sitk.Cast(mask > 0, sitk.sitkUInt8))
        box, margin = shape.GetBoundingBox(1), [round(_MARGIN_MM / spacing) for spacing in mask.GetSpacing()]
        start = [max(box[axis] - margin[axis], 0) for axis in range(3)]
        end = [min(box[axis] + box[axis + 3] + margin[axis], mask.GetSize()[axis]) for axis in range(3)]
        size = [stop - first for first, stop in zip(start, end, strict=True)]
        sitk.WriteImage(sitk.RegionOfInterest(image, size, start), str(folder / f"{case.name}.nrrd"))
        contours[case.name] = sitk.RegionOfInterest(sitk.Cast(mask > 0, sitk.sitkUInt8), size, start)
    return contours


def picture_setup(bench: PanelBench, pictures: TabPictures, folder: Path, volumes: Path) -> None:
    """Picture how a study is set up from a published design."""
    ui = bench.ui
    pictures.show("Set up")
    pictures.take("setup-empty", ("light",))
    ui.setupPresetSelector.setCurrentIndex(ui.setupPresetSelector.findData("s3_escc_early_recurrence"))
    ui.setupSourceSelector.setCurrentIndex(ui.setupSourceSelector.findData("folder"))
    ui.setupPathEdit.text, ui.setupFolderEdit.text = str(volumes), str(folder)
    ui.setupRereadSpinBox.value = 0
    pictures.take("setup-chosen")
    ui.setupCreateButton.click()
    bench.wait(lambda: bench.panel.readings.folder is not None)
    pictures.take("setup-done")


def picture_reading(bench: PanelBench, pictures: TabPictures, contours: dict[str, sitk.Image]) -> None:
    """Picture a reading before, while and after a case is drawn."""
    ui, desk = bench.ui, bench.panel.readings
    pictures.show("Read")
    pictures.take("read-to-start", ("light",))
    ui.readStartButton.click()
    bench.settle()
    pictures.take("read-blinded")
    volume, segmentation, key = bench.node.volume, bench.node.segmentation, bench.node.segmentID
    drawn = sitk.GetArrayFromImage(contours[desk.active.case])
    bench.draw(segmentation, key, volume, drawn)
    bench.settle()
    ui.readNextButton.click()
    bench.settle()
    pictures.take("read-next", ("light",))
    ui.readStopButton.click()
    bench.settle()
    pictures.take("read-stopped")
    bench.editor.widget.setActiveEffectByName("")  # whose options are wider than the narrower panel


def set_up(home: Path, data: Path = DATA) -> tuple[StudyFolder, dict[str, sitk.Image]]:
    """Set up a study in ``home`` without the panel, two readers and two sessions of all cases, and return it."""
    contours = write_cases(home / "volumes", data)
    cases = tuple(take_cases(folder_sources(home / "volumes"), home / "study", None, None))
    preset = load_preset("s2_escc_ln_response")
    readers, sessions = tuple(_HANDS), ("1", "2")
    design = ReadingStudy(schema=SCHEMA, title=preset.title, seed=1, readers=readers, sessions=sessions,
                          scope=preset.scope_of(readers, sessions), washout_days=preset.washout_days, cases=cases)
    return StudyFolder.create(home / "study", design), contours


def finish(study: StudyFolder, contours: dict[str, sitk.Image], but: int = 0) -> list[Reading]:
    """Draw the readings of a study that are not done yet, ``but`` the last ones, and return them all."""
    open_readings = [item for item in study.readings() if item.state is not ReadingState.DONE]
    for number, item in enumerate(open_readings[:len(open_readings) - but]):
        mask = simulated_contour(contours[item.case], _HANDS[item.reader], (number, 7))
        begun = study.begin(item, "gallery")
        study.save(replace(begun, state=ReadingState.DONE, seconds=300.0), mask, "gallery")
    return list(study.readings())


def picture_comparison(bench: PanelBench, pictures: TabPictures) -> None:
    """Picture two readings side by side."""
    pictures.show("Compare")
    pictures.take("compare-to-choose", ("light",))
    compare(bench)
    pictures.take("compare")


def compare(bench: PanelBench) -> None:
    """Load the readings of the first case in the tab Compare, which is in sight, and wait for their scores."""
    bench.ui.compareLoadButton.click()
    bench.settle()
    process_events(30000, lambda: bench.ui.compareScoresLabel.visible)


def picture_analysis(bench: PanelBench, pictures: TabPictures) -> None:
    """Picture the analysis running, done, with another filter, and out of date."""
    ui = bench.ui
    pictures.show("Analyse")
    pictures.take("analyse-to-start", ("light",))
    ui.analyseThresholdBox.value = 0.75
    ui.analyseRunButton.click()
    bench.wait(lambda: ui.analyseProgressBar.value > 20)
    pictures.take("analyse-running", ("light",))
    bench.wait(lambda: not bench.commands.reproducibility.active, 900)
    process_events(500)
    pictures.take("analyse-done")
    ui.analyseBoundSelector.setCurrentIndex(ui.analyseBoundSelector.findData("lower"))
    ui.analyseShownSelector.setCurrentIndex(1)
    pictures.take("analyse-lower-bound", ("light",))
    ui.analyseUseButton.click()
    process_events(100)


def main() -> None:
    """Write the pictures into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    if not any(options.data.glob("STS_*")):
        parser.exit(2, f"There are no cases STS_* in {options.data}.\n")
    print(f"Note: {SIMULATED}.")
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["RADIOMICS_PROGNOSIS_HOME"] = home
        contours = write_cases(Path(home) / "volumes", options.data)
        bench = PanelBench()
        pictures = TabPictures(bench, options.folder)
        try:
            bench.ui.reproducibilitySection.collapsed = False
            bench.node.modelID = S2
            picture_setup(bench, pictures, Path(home) / "study", Path(home) / "volumes")
            picture_reading(bench, pictures, contours)
            study: Any = bench.panel.readings.folder
            finish(study, contours, 1)
            bench.panel.readings.open(study.path)
            picture_analysis(bench, pictures)
            picture_comparison(bench, pictures)
        finally:
            bench.close()


if __name__ == "__main__":
    main()
