"""Render the pictures of the panel's sections into this folder: QT_QPA_PLATFORM=offscreen python docs/images/render.py

The panel's real code on the tests' stand-in for Slicer, with the sample CT (or the phantom) and the demonstration
scaling. Screenshots/panel.png is not rendered here: it was taken in a real 3D Slicer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TESTS = FOLDER.parents[1] / "Testing" / "Python"
sys.path.append(str(TESTS))

import SimpleITK as sitk

from RadiomicsPrognosisLib.sample import sample_case

# The sample is looked for in the real cache; everything else the panel reads belongs to nobody.
SAMPLE = sample_case()
os.environ["RADIOMICS_PROGNOSIS_HOME"] = tempfile.mkdtemp()

from slicer_standin.testing import grab, process_events  # installs the stand-in: before the panel is imported

# isort: split

from panel_bench import S1, SCALING, PanelBench
from slicer_standin import set_testing


def main() -> None:
    """Drive the panel to a result and picture its sections."""
    set_testing(True)
    bench = PanelBench()
    volume = bench.add_volume(sitk.ReadImage(str(SAMPLE.image)), "CT chest")
    mask = sitk.GetArrayFromImage(sitk.ReadImage(str(SAMPLE.mask)))
    segmentation, key = bench.add_reading(volume, mask, "Reading 1")
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    ui = bench.ui
    bench.wait(lambda: bench.panel.folded)
    bench.representation.resize(400, 950)
    process_events(300)
    grab(ui.resultFrame, FOLDER / "panel-result.png", 400, 420)
    ui.chosenButton.click()
    process_events(200)
    for name, section in (("image", ui.imageSection), ("voi", ui.voiSection), ("clinical", ui.clinicalSection)):
        grab(section, FOLDER / f"panel-{name}.png", 400)
    grab(ui.modelSection, FOLDER / "panel-model.png", 400, 115)
    bench.close()


if __name__ == "__main__":
    main()
