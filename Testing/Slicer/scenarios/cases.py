"""CT volumes with a contour for the scenarios: the synthetic phantom, or the sample CT where it is in the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
import slicer
import vtk


def images(name: str) -> tuple[sitk.Image, sitk.Image]:
    """Return (image in HU, mask) of ``phantom``, ``lung1`` or ``lung2``; LookupError where that is not at hand."""
    from RadiomicsPrognosisLib.phantom import ct_phantom

    if name == "phantom":
        return ct_phantom()
    if not has(name):
        raise LookupError(f"the sample CT '{name}' is not in the cache (the command 'demo' fetches it)")
    image, mask = (sitk.ReadImage(str(path)) for path in _files(name))
    return image, mask


def has(name: str) -> bool:
    """Return whether the sample CT is in the cache."""
    return all(path.is_file() for path in _files(name))


def _files(name: str) -> list[Path]:
    from RadiomicsPrognosisLib.resources import cache_folder

    return [cache_folder() / "sample" / f"{name}_{kind}.nrrd" for kind in ("image", "label")]


def add_volume(image: sitk.Image, name: str):
    """Add an image as a volume node, as Slicer has it after loading its file."""
    matrix = vtk.vtkMatrix4x4()
    directions = np.array(image.GetDirection()).reshape(3, 3)
    for row in range(3):
        sign = -1.0 if row < 2 else 1.0  # images are LPS, nodes RAS
        for column in range(3):
            matrix.SetElement(row, column, sign * directions[row, column] * image.GetSpacing()[column])
        matrix.SetElement(row, 3, sign * image.GetOrigin()[row])
    return slicer.util.addVolumeFromArray(sitk.GetArrayFromImage(image), matrix, name)


def add_contour(volume, mask: np.ndarray, name: str, segment: str = "Tumour"):
    """Add a segmentation with one segment on the grid of ``volume``; return (segmentation node, segment ID)."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    key = node.GetSegmentation().AddEmptySegment("", segment)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, key, volume)
    return node, key


def voxels(segmentation, key: str, volume) -> np.ndarray:
    """Return the segment on the grid of ``volume``, indexed k, j, i."""
    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, key, volume)


def ras(volume, index_kji) -> list[float]:
    """Return the RAS coordinates (mm) of a voxel, as it stands in the world."""
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    point = matrix.MultiplyPoint([*(float(value) for value in reversed(list(index_kji))), 1.0])[:3]
    if volume.GetParentTransformNode() is None:
        return list(point)
    to_world = vtk.vtkGeneralTransform()
    volume.GetParentTransformNode().GetTransformToWorld(to_world)
    return list(to_world.TransformPoint(point))
