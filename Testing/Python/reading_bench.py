"""What a reader does in the panel of the stand-in."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
import slicer
from panel_bench import PanelBench


def paint(bench: PanelBench, shrink: int = 0) -> np.ndarray:
    """Draw the lesion of the case that is open and return its voxels."""
    voxels = slicer.util.arrayFromVolume(bench.node.volume) > 0
    if shrink:
        voxels = sitk.GetArrayFromImage(sitk.BinaryErode(sitk.GetImageFromArray(voxels.astype(np.uint8)),
                                                         [shrink] * 3)) > 0
    bench.draw(bench.node.segmentation, bench.node.segmentID, bench.node.volume, voxels)
    bench.settle()
    return voxels
