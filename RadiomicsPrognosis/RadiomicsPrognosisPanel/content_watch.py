"""Hears when the voxels of volumes and segmentations change, or their place in the world."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import slicer
import vtk
from slicer.util import VTKObservationMixin


class ContentWatch(VTKObservationMixin):
    """Calls ``changed`` after every change of the nodes that it follows."""

    def __init__(self, changed: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._changed = changed

    def follow(self, volumes: Iterable[vtk.vtkObject | None], segmentations: Iterable[vtk.vtkObject | None]) -> None:
        """Follow these nodes, and none of those followed before; None stands for no node."""
        self.removeObservers()
        for volume in {*volumes} - {None}:
            # slicer.util.arrayFromVolumeModified tells of new voxels by the node's own Modified alone.
            for event in (vtk.vtkCommand.ModifiedEvent, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent,
                          slicer.vtkMRMLTransformableNode.TransformModifiedEvent):
                self.addObserver(volume, event, self._on_changed)
        for segmentation in {*segmentations} - {None}:
            events = slicer.vtkSegmentation
            for event in (events.SourceRepresentationModified, events.SegmentAdded, events.SegmentRemoved,
                          events.SegmentModified, slicer.vtkMRMLTransformableNode.TransformModifiedEvent):
                self.addObserver(segmentation, event, self._on_changed)

    def _on_changed(self, _caller: object = None, _event: object = None) -> None:
        self._changed()
