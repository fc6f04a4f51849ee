"""The lesions of a scene: which contour is drawn on which volume."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import SimpleITK as sitk
import vtk

from ..errors import EmptyVoi, FileError
from ..mrml import segment_mask


@dataclass(frozen=True)
class Lesion:
    """A segment (None: no contour) drawn on ``volume``; ``name`` is the segment's, and the segmentation's if needed."""

    volume: vtk.vtkObject
    name: str = ""
    segmentation: vtk.vtkObject = None
    segment_id: str | None = None

    def mask(self) -> sitk.Image | None:
        """Return the contour as :func:`~..mrml.segment_mask` does, None where there is none."""
        if self.segment_id is None:
            return None
        return segment_mask(self.segmentation, self.segment_id, self.volume)[0]


def lesions(scene: vtk.vtkObject, segmentation: vtk.vtkObject = None) -> list[Lesion]:
    """Return each segment of a segmentation (of all in ``scene`` when None) on the volume that it was drawn on.

    Where nothing says which, that is the only volume. Empty segments are none; where there is no contour at all, each
    volume is a case. Raises FileError for a contour that may be of several volumes.
    """
    volumes = _data_nodes(scene, "vtkMRMLScalarVolumeNode")
    drawn = [segmentation] if segmentation is not None else _data_nodes(scene, "vtkMRMLSegmentationNode")
    rows = []
    for node in drawn:
        container = node.GetSegmentation()
        reference = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
        for key in container.GetSegmentIDs():
            volume = reference or (volumes[0] if len(volumes) == 1 else None)
            if volume is None:
                raise FileError(f"Segmentation '{node.GetName()}' does not say which volume it was drawn on; set its "
                                "source geometry in the Segmentations module.")
            lesion = Lesion(volume, container.GetSegment(key).GetName(), node, key)
            with contextlib.suppress(EmptyVoi):
                if lesion.mask() is not None:
                    rows.append(lesion)
    names = [row.name for row in rows]
    rows = [replace(row, name=f"{row.segmentation.GetName()} {row.name}") if names.count(row.name) > 1 else row
            for row in rows]
    return rows or ([] if segmentation is not None else [Lesion(volume) for volume in volumes])


def _data_nodes(scene: vtk.vtkObject, class_name: str) -> list[vtk.vtkObject]:
    """Return the nodes of exactly this class that are data, not an effect's or a preview's."""
    nodes = [scene.GetNthNodeByClass(i, class_name) for i in range(scene.GetNumberOfNodesByClass(class_name))]
    return [node for node in nodes if node.GetClassName() == class_name and node.GetSaveWithScene()]
