"""Painting within the model's HU range: what a stroke of our editor adds outside it is taken out after the stroke."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter.limits import GridArray, PaintLimit

from .editor import Editor


class Subject(NamedTuple):
    """Whose painting is limited, and to what (HU, closed; None: open end): nodes, and the ID of the segment."""

    segmentation: vtk.vtkObject
    segment_id: str
    volume: vtk.vtkObject
    hu_range: tuple[float | None, float | None]


class Limiter(VTKObservationMixin):
    """Corrects the contour once the event that changed it has been handled, and before anybody reads the contour.

    A stroke changes the segment's labelmap in place and tells of a modified source representation; undo and redo put
    another labelmap in its place and tell of a modified segment only (vtkSegmentationHistory::RestoreState). So what
    they bring back, like everything that is not drawn with an effect of our editor, is accepted as it is.

    Parameters
    ----------
    frame: the widget with which the limiter goes.
    editor: the embedded editor.
    quietly: what happens inside this context is no edit of the user's.
    """

    def __init__(self, frame: qt.QWidget, editor: Editor, quietly: Callable[[], AbstractContextManager[None]]):
        VTKObservationMixin.__init__(self)
        self._editor, self._quietly = editor, quietly
        self._limit = PaintLimit()
        self._subject: Subject | None = None
        self._labelmap: vtk.vtkObject | None = None
        self._due = self._drawn = self._by_effect = self._correcting = False
        # Not in the event itself: Slicer's handler of the mouse button is not to wait for us.
        self._timer = qt.QTimer(frame)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.connect("timeout()", self.finish)

    def follow(self, subject: Subject | None) -> None:
        """Limit painting of ``subject`` (None: nothing is limited), whose contour is accepted as it is at first."""
        if subject == self._subject:
            return
        self.removeObservers()
        self._timer.stop()
        self._subject, self._labelmap, self._due = subject, None, False
        self._limit.accept(None)
        if subject is None:
            return
        events = slicer.vtkSegmentation
        self.addObserver(subject.segmentation, events.SourceRepresentationModified, self._on_drawn)
        self.addObserver(subject.segmentation, events.SegmentModified, self._on_segment)
        self.addObserver(subject.segmentation, slicer.vtkMRMLTransformableNode.TransformModifiedEvent, self._on_moved)
        self._due, self._drawn, self._by_effect = True, False, False
        self.finish()

    def finish(self) -> None:
        """Take out what has been added outside the range since the last time."""
        subject = self._subject
        if subject is None or not self._due:
            return
        self._timer.stop()
        drawn, by_effect = self._drawn, self._by_effect
        self._due = self._drawn = self._by_effect = False
        try:
            self._correct(subject, drawn, by_effect)
        except InputError:  # a transform that is not linear: the result's place says so
            self.follow(None)

    def _correct(self, subject: Subject, drawn: bool, by_effect: bool) -> None:
        labelmap, before = mrml.segment_labelmap(subject.segmentation, subject.segment_id), self._labelmap
        if not drawn and labelmap is before:
            return  # renamed, coloured ...
        self._labelmap = labelmap
        voxels = mrml.segment_voxels(subject.segmentation, subject.segment_id)
        contour = GridArray(*voxels) if voxels is not None else None
        if not drawn or before is None or not by_effect or self._editor.own_range is not None:
            self._limit.accept(contour)
            return
        excess = self._limit.excess(contour, GridArray(*mrml.volume_voxels(subject.volume)), subject.hu_range)
        if excess is None:
            return
        self._correcting = True
        try:
            with self._quietly():
                mrml.remove_voxels(subject.segmentation, subject.segment_id, excess.start, excess.voxels)
        finally:
            self._correcting = False

    def _on_drawn(self, _caller: object = None, _event: object = None) -> None:
        # Asked in the event: Threshold ends itself as soon as it is applied.
        self._by_effect = self._by_effect or (not self._correcting and self._editor.painting)
        self._note(drawn=True)

    def _on_segment(self, _caller: object = None, _event: object = None) -> None:
        self._note(drawn=False)

    def _on_moved(self, _caller: object = None, _event: object = None) -> None:
        self._labelmap = None  # so that the contour is accepted in its new place
        self._note(drawn=False)

    def _note(self, drawn: bool) -> None:
        if not self._correcting:
            self._due, self._drawn = True, self._drawn or drawn
            self._timer.start()
