"""Render the pictures of the panel's sections into this folder: QT_QPA_PLATFORM=offscreen python docs/images/render.py

The panel's real code on the tests' stand-in for Slicer, with the sample CT (or the phantom) and the demonstration
scaling; the tabs Compare and Analyse with the sarcoma CTs of Testing/reading_gallery.py and simulated readings, where
those are at hand. Screenshots/panel.png is not rendered here: it was taken in a real 3D Slicer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TESTS = FOLDER.parents[1] / "Testing" / "Python"
sys.path += [str(TESTS), str(TESTS.parent)]

import SimpleITK as sitk

from RadiomicsPrognosisLib.sample import sample_case

# The sample is looked for in the real cache; everything else the panel reads belongs to nobody.
SAMPLE = sample_case()
os.environ["RADIOMICS_PROGNOSIS_HOME"] = tempfile.mkdtemp()

from slicer_standin.testing import (  # installs the stand-in: before the panel is imported
    grab,
    process_events,
    qt,
    slicer,
)

# isort: split

import reading_gallery
from panel_bench import S1, SCALING, PanelBench
from slicer_standin import set_testing

from RadiomicsPrognosisLib.mrml import set_image


def main() -> None:
    """Picture the panel's sections, and the tabs of a reading study."""
    set_testing(True)
    bench = PanelBench()
    picture_sections(bench)
    bench.close()
    if any(reading_gallery.DATA.glob("STS_*")):
        picture_reading_study()
    else:
        print(f"reproducibility.png stays as it is: there are no cases in {reading_gallery.DATA}")


def picture_sections(bench: PanelBench) -> None:
    """Drive the panel to a result and picture its sections."""
    volume = bench.add_volume(sitk.ReadImage(str(SAMPLE.image)), "CT chest")
    mask = sitk.GetArrayFromImage(sitk.ReadImage(str(SAMPLE.mask)))
    segmentation, key = bench.add_reading(volume, mask, "Reading 1")
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    ui = bench.ui
    bench.wait(lambda: bench.panel.folded)
    bench.representation.resize(420, 1100)
    process_events(300)
    grab(ui.resultFrame, FOLDER / "panel-result.png", 400, 640)
    ui.chosenButton.click()
    process_events(200)
    for name, section in (("image", ui.imageSection), ("voi", ui.voiSection), ("clinical", ui.clinicalSection)):
        grab(section, FOLDER / f"panel-{name}.png", 400)
    ui.modelAdvancedSection.collapsed = False
    process_events(200)
    grab(ui.modelSection, FOLDER / "panel-model.png", 400, 236)


def picture_reading_study() -> None:
    """Picture what the tabs Compare and Analyse show of a study, side by side."""
    bench = PanelBench()
    pictures = reading_gallery.TabPictures(bench, FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        study, contours = reading_gallery.set_up(Path(folder))
        reading_gallery.finish(study, contours)
        bench.ui.reproducibilitySection.collapsed = False
        bench.node.modelID, bench.node.scaling = S1, SCALING
        bench.panel.readings.open(study.path)
        pictures.show("Compare")
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
        set_image(volume, study.image(bench.ui.compareCaseSelector.currentText))
        bench.node.volume = volume
        reading_gallery.compare(bench)
        bench.representation.resize(440, 900)
        process_events(300)
        left = bench.ui.CompareSection.grab()
        pictures.show("Analyse")
        bench.ui.analyseThresholdBox.value = 0.75
        bench.ui.analyseRunButton.click()
        bench.wait(lambda: not bench.commands.reproducibility.active, 900)
        process_events(500)
        first, last = bench.ui.analyseHeadlineLabel, bench.ui.analyseHistogramLabel
        page = bench.ui.AnalyseSection
        top, bottom = (label.mapTo(page, qt.QPoint(0, 0)).y() for label in (first, last))
        right = page.grab(qt.QRect(0, top - 4, page.width, bottom + last.height + 8 - top))
    bench.close()
    save_side_by_side(FOLDER / "reproducibility.png", left, right)


def save_side_by_side(path: Path, *pictures: qt.QPixmap) -> None:
    """Write pictures as one, on white, with a gap between them."""
    gap = 16
    whole = qt.QPixmap(sum(item.width() + gap for item in pictures) - gap, max(item.height() for item in pictures))
    whole.fill(qt.QColor(255, 255, 255))
    painter, x = qt.QPainter(), 0
    painter.begin(whole)
    for item in pictures:
        painter.drawPixmap(x, 0, item)
        x += item.width() + gap
    painter.end()
    if not whole.save(str(path)):
        raise OSError(f"Qt cannot write '{path}'")


if __name__ == "__main__":
    main()
