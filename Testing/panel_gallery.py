"""Picture the panel in its states, on the stand-in for Slicer, to be looked at: python Testing/panel_gallery.py FOLDER.

The whole panel in a module dock's size, and all choices and all of the result unrolled. The study is a real one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parent / "Python"))

from slicer_standin.testing import process_events, qt, slicer

# isort: split

from deep_use_cases import deep_model
from develop_cases import small_study
from panel_bench import S1, S2, SCALING, PanelBench
from phase_cases import two_phase_model, two_signature_model

from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.prediction.record import Withheld
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.warning import ResultWarning

#: Width and height (pixels) of the panel on a screen of 1366 x 768, and of 1600 x 1000.
_SIZE, _TALL = (400, 520), (400, 760)

S3 = "s3_escc_early_recurrence_ptnm"

#: The parts of the panel in which a result unrolls.
_TABS = ("limitsArea", "featuresArea", "cardArea", "outcomeArea")

#: Widths (pixels) of a module's dock: the least, that of a screen of 1600 pixels, and with the brush's options open.
_WIDTHS = (350, 420, 549)


class Pictures:
    """Writes pictures of ``bench`` into ``folder``, numbered in their order."""

    def __init__(self, bench: PanelBench, folder: Path):
        self._bench, self._folder, self._count = bench, folder, 0

    def follow(self, bench: PanelBench) -> None:
        """Picture another panel from here on."""
        self._bench = bench

    def take(self, name: str, size: tuple[int, int] = _TALL) -> None:
        """Picture the panel in this size, and what its two scroll areas hold."""
        self._bench.representation.resize(*size)
        process_events(50)
        self._save(self._bench.representation, name)
        for area in ("choicesContents", "resultFrame"):
            self._save(getattr(self._bench.ui, area), f"{name}-{area}")

    def _save(self, widget: Any, name: str) -> None:
        self._count += 1
        path = self._folder / f"{self._count:02d}-{name}.png"
        if not widget.grab().save(str(path)):
            raise OSError(f"Qt cannot write '{path}'")
        print(path)


def add_phantom(bench: PanelBench) -> tuple[Any, Any, str, np.ndarray]:
    """Add the phantom and its contour, choose them, and return (volume, segmentation, segment ID, contour)."""
    image, mask = ct_phantom()
    volume = bench.add_volume(image, "CT chest, contrast")
    contour = sitk.GetArrayFromImage(mask)
    segmentation, key = bench.add_reading(volume, contour, "Reading 1")
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    return volume, segmentation, key, contour


def picture_case(bench: PanelBench, pictures: Pictures) -> None:
    """Picture the way from an empty scene to a result, and what may be wrong on it."""
    pictures.take("empty", _SIZE)
    volume, segmentation, key, contour = add_phantom(bench)
    bench.node.modelID = S1
    bench.settle()
    pictures.take("no-scaling")
    bench.node.scaling = SCALING
    bench.result()
    pictures.take("survival-withheld")
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    pictures.take("survival")
    bench.wait(lambda: bench.panel.folded)
    pictures.take("folded")
    pictures.take("folded-dock", _SIZE)
    pictures.take("folded-wide", (900, 760))
    for tab in ("limitsArea", "featuresArea", "cardArea"):
        bench.ui.detailsTabs.setCurrentWidget(getattr(bench.ui, tab))
        pictures.take(f"tab-{tab}", (400, 1000))
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.outcomeArea)
    light = slicer.app.palette()
    slicer.app.setPalette(qt.QPalette(qt.QColor(50, 50, 50)))
    pictures.take("dark")
    slicer.app.setPalette(light)
    bench.ui.liveCheckBox.checked = False
    bench.draw(segmentation, key, volume, contour * (contour.cumsum(axis=2) > 4))
    bench.settle()
    pictures.take("contour-changed")
    bench.ui.scoreButton.click()
    bench.wait(lambda: bench.ui.progressBar.visible)
    pictures.take("extracting")
    bench.result()
    bench.node.modelID = S2
    bench.ui.scoreButton.click()
    bench.result()
    pictures.take("probability")
    bench.draw(segmentation, key, volume, 0 * contour)
    bench.settle()
    pictures.take("empty-segment")


def picture_answers(bench: PanelBench, pictures: Pictures) -> None:
    """Picture answers of every kind at the widths that a dock has, above the fold; some no shipped case gives."""
    node, session = bench.node, bench.session
    node.modelID, node.scaling = S1, SCALING
    node.covariates = {"n_stage": "N2", "complete_response": "no"}
    bench.ui.scoreButton.click()
    demonstration = bench.result()
    plain = replace(demonstration, scaling=replace(demonstration.scaling, demonstration=False),
                    warnings=tuple(item for item in demonstration.warnings if "demonstration" not in item.code))
    reason = "The score is 13 SD from the mean of the model's patients, and nobody knows what it means out there."
    doubt = ResultWarning("distance", "The score is 3.4 SD from the mean of the model's patients (1.24 ± 0.43).")
    questioned = replace(plain, questioned=("score", "group", "survival"), warnings=(doubt, *plain.warnings))
    withheld = replace(plain, group=None, survival=None, withheld=(
        Withheld("group", reason, None), Withheld("survival", reason, None)))
    for name, prediction in (("demonstration", demonstration), ("plain", plain), ("questioned", questioned),
                             ("withheld", withheld)):
        session.restore(prediction)
        bench.panel.show()
        for width in _WIDTHS:
            pictures.take(f"{name}-{width}", (width, 760))
    session.restore(demonstration)
    node.covariates = {"n_stage": "N1", "complete_response": "unknown"}
    bench.ui.scoreButton.click()
    bench.result()
    for width in _WIDTHS:
        pictures.take(f"averaged-{width}", (width, 760))
    pictures.take("averaged-tall", (420, 1100))
    for area in ("limitsArea", "cardArea"):
        bench.ui.detailsTabs.setCurrentWidget(getattr(bench.ui, area))
        pictures.take(f"averaged-{area}", (420, 1100))
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.outcomeArea)


def picture_phases(bench: PanelBench, pictures: Pictures) -> None:
    """Picture a model with two inputs: one contour for both phases, and a contour of the second's own."""
    node = bench.node
    node.modelID = "phases"
    node.secondVolume = bench.add_volume(sitk.ShiftScale(ct_phantom()[0], 12.0), "CT chest, venous")
    bench.panel.fold(False)
    bench.ui.scoreButton.click()
    bench.result()
    pictures.take("phases-shared", (420, 1000))
    bench.ui.phaseSelector.setCurrentIndex(1)
    process_events(50)
    for width in _WIDTHS:
        pictures.take(f"phases-second-{width}", (width, 900))
    bench.ui.newReadingButton.click()
    process_events(50)
    bench.draw(node.secondSegmentation, node.secondSegmentID, node.secondVolume,
               sitk.GetArrayFromImage(ct_phantom()[1]))
    bench.result()
    pictures.take("phases-own", (420, 1000))


def group_model(home: Path) -> str:
    """Write S2 with its signature as the group below or above its own cut-off, as a user's own; return its id."""
    values = json.loads((shipped_folder() / "Models" / f"{S2}.json").read_text(encoding="utf-8"))
    values["signature"] |= {"enter": "group", "cutoff": values["cutoff"]}
    values.pop("uncertainty", None)
    values["probability"]["coefficients"]["score"] = 1.3
    write_json(home / "Models" / "group.json", {**values, "id": "group", "title": "The group enters"})
    return "group"


def picture_tabs(bench: PanelBench, pictures: Pictures, name: str) -> None:
    """Picture a result and all that it unrolls."""
    pictures.take(name, (420, 900))
    for tab in _TABS:
        bench.ui.detailsTabs.setCurrentWidget(getattr(bench.ui, tab))
        pictures.take(f"{name}-{tab}", (420, 1000))


def picture_clinical(bench: PanelBench, pictures: Pictures) -> None:
    """Picture a model of clinical factors alone, without a stage and with one."""
    bench.node.modelID = S3
    bench.settle()
    pictures.take("clinical-to-choose", _SIZE)
    bench.node.covariates = {"ptnm": "IIB"}
    bench.settle()
    bench.result()
    picture_tabs(bench, pictures, "clinical")
    for section in ("segmentsSection", "stabilitySection", "featuresSection"):
        if hasattr(bench.ui, section):
            getattr(bench.ui, section).collapsed = False
    pictures.take("clinical-unrolled", (420, 1400))


def picture_scores(bench: PanelBench, pictures: Pictures) -> None:
    """Picture a model of two signatures, and one whose signature enters as its group."""
    node = bench.node
    node.modelID = "phases"
    node.secondVolume = bench.add_volume(sitk.ShiftScale(ct_phantom()[0], 12.0), "CT chest, venous")
    bench.ui.scoreButton.click()
    bench.result()
    picture_tabs(bench, pictures, "signatures")
    node.modelID = "group"
    bench.ui.scoreButton.click()
    bench.result()
    picture_tabs(bench, pictures, "group")


def picture_deep(bench: PanelBench, pictures: Pictures) -> None:
    """Picture a model of deep features in two phases: chosen, without what runs networks, and scored."""
    node = bench.node
    node.secondVolume = None
    node.modelID = "deep"
    bench.settle()
    pictures.take("deep-to-choose")
    venous = bench.add_volume(sitk.ShiftScale(ct_phantom()[0], 12.0), "CT chest, venous")
    own, _ = bench.add_reading(venous, sitk.GetArrayFromImage(ct_phantom()[1]), "Reading 1 venous")
    node.secondVolume, node.secondSegmentation = venous, own
    bench.ui.scoreButton.click()
    bench.result()
    picture_tabs(bench, pictures, "deep")
    bench.session.failure = Problem("package", "Deep features need the package 'onnxruntime': install it into this "
                                               "Python ('pip install onnxruntime onnx').")
    bench.session.restore(None)
    bench.panel.show()
    pictures.take("deep-package")


def picture_study(bench: PanelBench, pictures: Pictures, folder: Path) -> None:
    """Picture a study that is chosen, runs, is done, and fails."""
    bench.ui.developSection.collapsed = False
    pictures.take("study-to-choose")
    choices = small_study(folder)
    bench.node.studyRecipe = choices.recipe
    bench.ui.cohortEdit.text, bench.ui.studyFolderEdit.text = choices.cohort, choices.folder
    bench.ui.studyRunButton.click()
    bench.wait(lambda: bench.ui.studyProgressBar.value > 30)
    pictures.take("study-running")
    bench.wait(lambda: not bench.ui.studyCancelButton.visible)
    pictures.take("study-done")
    Path(choices.cohort).write_text("case,time\na,1\n", encoding="utf-8")
    bench.ui.studyRunButton.click()
    bench.wait(lambda: not bench.ui.studyCancelButton.visible)
    pictures.take("study-failed")


def main() -> None:
    """Write the pictures into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RADIOMICS_PROGNOSIS_HOME"] = folder
        bench = PanelBench()
        try:
            picture_case(bench, pictures := Pictures(bench, options.folder))
            picture_study(bench, pictures, Path(folder))
        finally:
            bench.close()
        two_phase_model(Path(folder))
        picture_more(pictures, picture_answers, picture_phases)
        two_signature_model(Path(folder))
        group_model(Path(folder))
        deep_model(Path(folder), ("arterial", "venous"), more="masked = true")
        picture_more(pictures, picture_scores, picture_deep)
        picture_more(pictures, picture_clinical)


def picture_more(pictures: Pictures, *steps: Callable[[PanelBench, Pictures], None]) -> None:
    """Picture steps that begin with the phantom and its contour in a panel of their own."""
    bench = PanelBench()
    slicer.mrmlScene.Clear(0)
    try:
        pictures.follow(bench)
        add_phantom(bench)
        for step in steps:
            step(bench, pictures)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
