"""What a reader does in the panel of the stand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
import slicer
from panel_bench import PanelBench
from reading_cases import small_study

from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import Reading
from RadiomicsPrognosisLib.reading.schedule import cases_of


def paint(bench: PanelBench, shrink: int = 0) -> np.ndarray:
    """Draw the lesion of the case that is open and return its voxels."""
    voxels = slicer.util.arrayFromVolume(bench.node.volume) > 0
    if shrink:
        voxels = sitk.GetArrayFromImage(sitk.BinaryErode(sitk.GetImageFromArray(voxels.astype(np.uint8)),
                                                         [shrink] * 3)) > 0
    bench.draw(bench.node.segmentation, bench.node.segmentID, bench.node.volume, voxels)
    bench.settle()
    return voxels


@pytest.fixture
def study(bench: PanelBench, tmp_path: Path) -> StudyFolder:
    """A study of three cases, open in the panel."""
    folder = small_study(tmp_path / "study")
    bench.ui.reproducibilitySection.collapsed = False
    bench.ui.reproducibilityTabs.setCurrentIndex(1)
    bench.node.readingStudy = str(folder.path)
    bench.settle()
    return folder


def on_disk(study: StudyFolder, number: int = 0, reader: str = "Anna", session: str = "first") -> Reading:
    """Return a reading by its place in the reading order."""
    return study.reading(cases_of(study.design, reader, session)[number], reader, session)


def round_of(bench: PanelBench) -> Any:
    """Return what opens, saves and leaves the cases."""
    return next(section._round for section in bench.panel.sections if hasattr(section, "_round"))
