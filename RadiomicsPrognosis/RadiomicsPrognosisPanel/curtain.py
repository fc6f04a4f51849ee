"""What else is in the scene is out of sight while a reading is drawn, and comes back afterwards as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import slicer
import vtk

#: Attribute of what is hidden, with what it was before: so a scene that was saved, or a fault, meanwhile loses nothing.
_ATTRIBUTE = "RadiomicsPrognosis.BeforeReading"

#: Role of an effect's preview (AbstractScriptedSegmentEditorAutoCompleteEffect.py: ResultPreviewNodeReferenceRole).
_PREVIEW = "SegmentationResultPreview"

#: Classes of nodes that show contours in the views.
_SHOWING = ("vtkMRMLSegmentationNode", "vtkMRMLModelNode")


def draw(own: vtk.vtkObject) -> None:
    """Hide all segmentations, models and label maps but the segmentation ``own``."""
    for node in _nodes(*_SHOWING):
        if node is own or (node.GetHideFromEditors() and node.IsA("vtkMRMLModelNode")):  # the slices in 3-D views
            continue
        _hide(node)
    _clear_layers()
    for view in _nodes("vtkMRMLSliceNode"):
        if view.GetAttribute(_ATTRIBUTE) is None:
            view.SetAttribute(_ATTRIBUTE, json.dumps(_position(view)))


def cover(added: Iterable[vtk.vtkObject]) -> None:
    """Hide those of the nodes ``added`` while a reading is drawn that show contours, and what was put over the CT.

    The preview of an effect of the Segment Editor is the reader's own, and stays.
    """
    previews = [editor.GetNodeReference(_PREVIEW) for editor in _nodes("vtkMRMLSegmentEditorNode")]
    for node in added:
        if node.GetScene() is not None and node not in previews and any(node.IsA(name) for name in _SHOWING):
            _hide(node)
    _clear_layers()


def _hide(node: vtk.vtkObject) -> None:
    for index in range(node.GetNumberOfDisplayNodes()):
        display = node.GetNthDisplayNode(index)
        if display is not None and display.GetVisibility():
            display.SetAttribute(_ATTRIBUTE, "shown")
            display.SetVisibility(False)


def _clear_layers() -> None:
    """Leave nothing in the views but the CT in their background; what was there is kept the first time."""
    for composite in _nodes("vtkMRMLSliceCompositeNode"):
        if composite.GetAttribute(_ATTRIBUTE) is None:
            composite.SetAttribute(_ATTRIBUTE, json.dumps(_layers(composite)))
        composite.SetForegroundVolumeID(None)
        composite.SetLabelVolumeID(None)


def lift() -> None:
    """Show again what :func:`draw` has hidden, whoever called it, as far as it is still there."""
    scene = slicer.mrmlScene
    for node in _nodes("vtkMRMLDisplayNode"):
        if node.GetAttribute(_ATTRIBUTE) is not None:
            node.RemoveAttribute(_ATTRIBUTE)
            node.SetVisibility(True)
    for composite in _nodes("vtkMRMLSliceCompositeNode"):
        layers = _taken(composite)
        if layers is not None:
            present = [name if name and scene.GetNodeByID(name) is not None else None for name in layers]
            composite.SetBackgroundVolumeID(present[0])
            composite.SetForegroundVolumeID(present[1])
            composite.SetLabelVolumeID(present[2])
    for view in _nodes("vtkMRMLSliceNode"):
        position = _taken(view)
        if position is not None:
            with slicer.util.NodeModify(view):
                view.GetSliceToRAS().DeepCopy(position[:16])
                view.SetFieldOfView(*position[16:])
                view.UpdateMatrices()


def forget() -> None:
    """The scene goes, and with it what is hidden: views that stay have nothing to come back to."""
    for node in _nodes("vtkMRMLSliceCompositeNode", "vtkMRMLSliceNode"):
        node.RemoveAttribute(_ATTRIBUTE)


def _nodes(*classes: str) -> Iterator[vtk.vtkObject]:
    scene = slicer.mrmlScene
    for name in classes:
        yield from [scene.GetNthNodeByClass(index, name) for index in range(scene.GetNumberOfNodesByClass(name))]


def _layers(composite: vtk.vtkObject) -> list[str | None]:
    return [composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID(), composite.GetLabelVolumeID()]


def _position(view: vtk.vtkObject) -> list[float]:
    matrix = view.GetSliceToRAS()
    return [*(matrix.GetElement(row, column) for row in range(4) for column in range(4)), *view.GetFieldOfView()]


def _taken(node: vtk.vtkObject) -> list | None:
    text = node.GetAttribute(_ATTRIBUTE)
    if text is None:
        return None
    node.RemoveAttribute(_ATTRIBUTE)
    return json.loads(text)
