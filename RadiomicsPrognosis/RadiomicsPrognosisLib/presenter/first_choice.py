"""What the panel chooses by itself: the only CT of a scene, and the only contour that can be one of it."""

from __future__ import annotations

import vtk

from .patient import ancestor


def only_volume(scene: vtk.vtkObject) -> vtk.vtkObject | None:
    """Return the only scalar volume of ``scene``, or None if there are several or none."""
    # Labelmaps and colour images are scalar volumes too, to MRML.
    return _only(_listed(scene, "vtkMRMLScalarVolumeNode"))


def only_segmentation(scene: vtk.vtkObject, volume: vtk.vtkObject) -> vtk.vtkObject | None:
    """Return the only segmentation of ``scene`` if it can be a contour on ``volume``, or None."""
    node = _only(_listed(scene, "vtkMRMLSegmentationNode"))
    return node if node is not None and can_belong(node, volume) else None


def can_belong(segmentation: vtk.vtkObject, volume: vtk.vtkObject) -> bool:
    """Tell whether nothing speaks against ``segmentation`` being drawn on ``volume``.

    A contour drawn on another volume is of that one, and one of another patient is not chosen for somebody else.
    """
    if _reference(segmentation) is not None:
        return is_drawn_on(segmentation, volume)
    patients = [ancestor(node, "Patient") for node in (segmentation, volume)]
    return None in patients or patients[0] == patients[1]


def is_drawn_on(segmentation: vtk.vtkObject, volume: vtk.vtkObject) -> bool:
    """Tell whether ``segmentation`` has the grid of ``volume`` as its reference."""
    return _reference(segmentation) is volume


def _reference(segmentation: vtk.vtkObject) -> vtk.vtkObject | None:
    return segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole())


def _listed(scene: vtk.vtkObject, class_name: str) -> list[vtk.vtkObject]:
    """Return the nodes of exactly this class that selectors offer and that are data: a preview is not saved."""
    nodes = (scene.GetNthNodeByClass(index, class_name) for index in range(scene.GetNumberOfNodesByClass(class_name)))
    return [node for node in nodes if node.GetClassName() == class_name and not node.GetHideFromEditors()
            and node.GetSaveWithScene()]


def _only(nodes: list[vtk.vtkObject]) -> vtk.vtkObject | None:
    return nodes[0] if len(nodes) == 1 else None
