"""The items of the subject hierarchy that Slicer makes by itself, and what it says of a segmentation without one.

Follows qSlicerSubjectHierarchyPluginLogic.cxx (items when a node is added, unless it is hidden from editors, and when a
scene was imported), qSlicerSegmentationsModule.cxx and qSlicerSubjectHierarchySegmentationsPlugin.cxx (segments).
"""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore

#: Nodes that plugins of Slicer's own modules take into the hierarchy, as far as the panel makes them.
_OWNED = ("vtkMRMLVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLTableNode", "vtkMRMLTextNode", "vtkMRMLTransformNode",
          "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode", "vtkMRMLSequenceBrowserNode")

_PLUGIN = "qSlicerSubjectHierarchySegmentationsPlugin"


class SubjectHierarchy:
    """Follows one scene for good."""

    def __init__(self, scene: Any):
        self._scene = scene
        self._added = self._taking(self._on_added)
        scene.AddObserver(scene.NodeAddedEvent, self._added)
        self._removing = self._taking(self._on_removing)
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._removing)
        scene.AddObserver(scene.EndImportEvent, lambda *_: self._on_imported(), 10.0)

    @staticmethod
    def _taking(function: Any) -> Any:
        def listen(_caller: Any, _event: str, node: Any) -> None:
            function(node)

        listen.CallDataType = vtk.VTK_OBJECT
        return listen

    def _root(self) -> Any:
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)

    def _on_added(self, node: Any) -> None:
        if isinstance(node, slicer.vtkMRMLSegmentationNode):
            events = slicer.vtkSegmentation
            node.AddObserver(events.SegmentAdded, lambda caller, _event: self._on_segment(
                caller, "onSegmentAdded", "Failed to access subject hierarchy item for segmentation node"))
            node.AddObserver(events.SegmentModified, lambda caller, _event: self._on_segment(
                caller, "onSegmentModified", "Unable to find subject hierarchy item for segmentation node"))
            display = slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent
            node.AddObserver(display, lambda caller, _event: self._on_segment(
                caller, "updateAllSegmentsFromMRML", "Unable to find subject hierarchy item for segmentation node"))
        if not self._scene.IsImporting() and not node.GetHideFromEditors():
            self._make_item(node)

    def _make_item(self, node: Any) -> None:
        if any(node.IsA(name) for name in _OWNED) and not node.GetHideFromEditors():
            root = self._root()
            if not root.GetItemByDataNode(node):
                root.CreateItem(root.GetSceneItemID(), node)

    def _on_removing(self, node: Any) -> None:
        if self._scene.IsClosing() or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        root = self._root()
        item = root.GetItemByDataNode(node)
        if item:
            root.RemoveItem(item, False, False)

    def _on_imported(self) -> None:
        slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(self._scene)
        for index in range(self._scene.GetNumberOfNodes()):
            self._make_item(self._scene.GetNthNode(index))

    def _on_segment(self, node: Any, slot: str, problem: str) -> None:
        if self._scene.IsImporting() or self._scene.IsClosing():
            return
        if not self._root().GetItemByDataNode(node):
            QtCore.qCritical(f"void {_PLUGIN}::{slot}(vtkObject*, void*) : {problem} {node.GetName()}")
