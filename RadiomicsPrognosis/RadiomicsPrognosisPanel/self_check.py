"""The case that the module's self-test scores: a synthetic CT with a contoured lesion, in the scene."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
import slicer
import vtk

from RadiomicsPrognosisLib.phantom import ct_phantom


def add_phantom() -> tuple[vtk.vtkObject, vtk.vtkObject, str]:
    """Add a CT-like volume with a contoured lesion; return (volume node, segmentation node, segment ID)."""
    image, mask = ct_phantom()
    ijk_to_ras = vtk.vtkMatrix4x4()
    for axis, (spacing, origin) in enumerate(zip(image.GetSpacing(), image.GetOrigin(), strict=True)):
        sign = -1.0 if axis < 2 else 1.0  # images are LPS, nodes RAS
        ijk_to_ras.SetElement(axis, axis, sign * spacing)
        ijk_to_ras.SetElement(axis, 3, sign * origin)
    volume = slicer.util.addVolumeFromArray(sitk.GetArrayFromImage(image), ijk_to_ras, "Phantom CT")
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Reading")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment_id = segmentation.GetSegmentation().AddEmptySegment("", "Tumour")
    slicer.util.updateSegmentBinaryLabelmapFromArray(sitk.GetArrayFromImage(mask).astype(np.uint8), segmentation,
                                                     segment_id, volume)
    return volume, segmentation, segment_id


def erode(volume: vtk.vtkObject, segmentation: vtk.vtkObject, segment_id: str) -> None:
    """Take the outermost slice of the contour away on each side."""
    array = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment_id, volume).copy()
    slices = [k for k in range(len(array)) if array[k].any()]
    array[[slices[0], slices[-1]]] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, segmentation, segment_id, volume)
