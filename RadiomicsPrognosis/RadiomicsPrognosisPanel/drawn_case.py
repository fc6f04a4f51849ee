"""A case of a reading study in the scene while it is drawn: its CT, and a segmentation of its reader's own."""

from __future__ import annotations

import contextlib

import SimpleITK as sitk
import slicer
import vtk
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.errors import EmptyVoi, SegmentNotFound
from RadiomicsPrognosisLib.reading.design import StudyCase
from RadiomicsPrognosisLib.reading.reading import Reading

from . import study_ct
from .editor import segmentation_on


class DrawnCase(VTKObservationMixin):
    """Two nodes, which are not saved with the scene; ``changes`` counts what was drawn since they were added.

    Parameters
    ----------
    case: the case, as designed.
    reading: whose contour it is; its segment is named by reader and session.
    image: the CT.
    contour: what was drawn before (None: nothing).
    """

    def __init__(self, case: StudyCase, reading: Reading, image: sitk.Image, contour: sitk.Image | None):
        VTKObservationMixin.__init__(self)
        self.changes = 0
        self._case = case
        self.volume = _add_node("vtkMRMLScalarVolumeNode", case.name)
        study_ct.fill(self.volume, case, image)
        self.segmentation = _add_node("vtkMRMLSegmentationNode", reading.title)
        segmentation_on(self.segmentation, self.volume)
        if contour is None:
            self.key = self.segmentation.GetSegmentation().AddEmptySegment("", reading.title)
        else:
            self.key = mrml.add_segment(self.segmentation, reading.title, contour, self.volume)
        for node in (self.volume, self.segmentation):
            for index in range(node.GetNumberOfDisplayNodes()):
                node.GetNthDisplayNode(index).SetSaveWithScene(False)
        events = slicer.vtkSegmentation
        for event in (events.SourceRepresentationModified, events.SegmentAdded, events.SegmentRemoved,
                      events.SegmentModified):
            self.addObserver(self.segmentation, event, self._on_changed)

    @property
    def is_there(self) -> bool:
        """Whether both nodes are in the scene still."""
        return self.volume.GetScene() is not None and self.segmentation.GetScene() is not None

    def look(self) -> None:
        """Show the CT in the slice views, centred on the lesion where the design knows its place."""
        study_ct.look(self.volume, self._case)

    def mask(self, finished: bool = True) -> sitk.Image | None:
        """Return what is drawn (0/1), None where nothing is.

        Raises SegmentNotFound when it is in several segments; of one that is not ``finished`` the reader's own is
        taken, or the first if that has no voxel.
        """
        drawn: dict[str, sitk.Image] = {}
        for key in self.segmentation.GetSegmentation().GetSegmentIDs():
            with contextlib.suppress(EmptyVoi):
                drawn[key] = mrml.segment_mask(self.segmentation, key, self.volume)[0]
        if len(drawn) > 1 and finished:
            raise SegmentNotFound(f"The lesion is drawn in {len(drawn)} segments; a reading is one. Remove the others.")
        return drawn.get(self.key, next(iter(drawn.values()), None))

    def remove(self) -> None:
        """Take both nodes out of the scene, with what displays them."""
        self.removeObservers()
        for node in (self.segmentation, self.volume):
            displays = [node.GetNthDisplayNode(index) for index in range(node.GetNumberOfDisplayNodes())]
            for item in (node, *displays):  # a node before its display, whose absence it would tell of
                if item is not None and item.GetScene() is not None:
                    slicer.mrmlScene.RemoveNode(item)

    def _on_changed(self, _caller: vtk.vtkObject = None, _event: str | None = None) -> None:
        self.changes += 1


def _add_node(class_name: str, name: str) -> vtk.vtkObject:
    node = slicer.mrmlScene.CreateNodeByClass(class_name)
    node.UnRegister(None)
    node.SetName(slicer.mrmlScene.GenerateUniqueName(name))
    node.SetSaveWithScene(False)  # before it is added: it is nobody's first choice
    return slicer.mrmlScene.AddNode(node)
