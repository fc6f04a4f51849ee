"""Picture the tab of all segments and a cohort's features in three widths: python Testing/segments_gallery.py FOLDER.

The segments are spheres in the synthetic CT, one of them too small to be scored.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parent / "Python"))

from slicer_standin.testing import process_events, slicer

# isort: split

from panel_bench import S1, S2, SCALING, PanelBench

from RadiomicsPrognosisLib.phantom import ct_phantom

#: Widths (pixels) of a module panel: the narrowest, usual, and what an effect's options ask for.
_WIDTHS = (350, 420, 549)

#: Name, centre (i, j, k as shares of the tumour's box) and radius (mm) of the segments.
_LESIONS = (("Node station 4R", (0.3, 0.4, 0.4), 7.0), ("Node 7, subcarinal", (0.7, 0.6, 0.6), 9.0),
            ("Left supraclavicular", (0.5, 0.3, 0.7), 5.0), ("Speck", (0.1, 0.1, 0.1), 1.0))


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
            _picture(bench, options.folder)
        finally:
            bench.close()


def _picture(bench: PanelBench, folder: Path) -> None:
    image, mask = ct_phantom()
    volume = bench.add_volume(image, "CT chest, contrast")
    segmentation, key = None, ""
    for name, centre, radius in _LESIONS:
        lesion = _sphere(mask, centre, radius)
        if segmentation is None:
            segmentation, key = bench.add_reading(volume, lesion, "Reading 1", name)
        else:
            bench.add_segment(segmentation, volume, lesion, name)
    bench.node.volume, bench.node.segmentation, bench.node.segmentID = volume, segmentation, key
    bench.node.modelID = S2
    bench.result()
    tabs = bench.ui.detailsTabs
    tabs.setCurrentWidget(slicer.util.findChildren(tabs, name="SegmentsSection")[0])
    _save(bench, folder, "1-before")
    bench.ui.segmentsScoreButton.click()
    bench.wait(lambda: bench.ui.segmentsProgressBar.value > 20)
    _save(bench, folder, "2-scoring", (420,))
    bench.wait(lambda: not bench.ui.segmentsCancelButton.visible)
    _save(bench, folder, "3-table")
    second = segmentation.GetSegmentation().GetNthSegmentID(1)
    bench.draw(segmentation, second, volume, _sphere(mask, (0.7, 0.6, 0.6), 6.0))
    process_events(2000)
    _save(bench, folder, "4-stale", (420,))
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    bench.ui.segmentsScoreButton.click()
    bench.wait(lambda: not bench.ui.segmentsCancelButton.visible)
    _save(bench, folder, "5-survival")
    bench.ui.featuresSection.collapsed = False
    bench.ui.featuresCohortEdit.text = str(Path(__file__))
    _save(bench, folder, "6-features")


def _sphere(mask: sitk.Image, centre: tuple[float, float, float], radius: float) -> np.ndarray:
    voxels = sitk.GetArrayFromImage(mask).astype(bool)
    box = [(np.flatnonzero(voxels.any(axis=axes))[[0, -1]]) for axes in ((1, 2), (0, 2), (0, 1))]
    middle = [low + share * (high - low) for (low, high), share in zip(box, centre[::-1], strict=True)]
    places = np.indices(voxels.shape).T * np.array(mask.GetSpacing()[::-1])
    distance = np.sqrt(((places - np.array(middle) * np.array(mask.GetSpacing()[::-1])) ** 2).sum(axis=-1)).T
    return distance <= radius


def _save(bench: PanelBench, folder: Path, name: str, widths: tuple[int, ...] = _WIDTHS) -> None:
    for width in widths:
        bench.representation.resize(width, 900)
        process_events(200)
        pictures: dict[str, Any] = {"": bench.representation, "-all": bench.ui.segmentsContents}
        if "features" in name:
            pictures = {"": bench.ui.featuresSection}
        for suffix, widget in pictures.items():
            path = folder / f"{name}{suffix}-{width}.png"
            if not widget.grab().save(str(path)):
                raise OSError(f"Qt cannot write '{path}'")
            print(path)


if __name__ == "__main__":
    main()
