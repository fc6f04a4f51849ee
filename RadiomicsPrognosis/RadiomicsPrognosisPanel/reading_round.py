"""One case after the other on the reader's desk: opened, watched, saved while it is drawn, and left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import qt
import SimpleITK as sitk
import slicer
import vtk
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib.errors import FileError, InputError, SegmentNotFound
from RadiomicsPrognosisLib.presenter.errand import Errand
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState

from . import curtain
from .drawn_case import DrawnCase

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisParameterNode

    from .section import Host

#: How often it is looked whether the case is in use (ms); what was drawn is saved at every third look, at most.
TICK_MS, _SAVE_TICKS = 1000, 3

#: How long after it was added a node is looked at (ms).
_ADDED_MS = 50

#: Chooses volume, segmentation and segment, with the brush in hand or not.
Choose = Callable[[vtk.vtkObject | None, vtk.vtkObject | None, str, bool], None]


class ReadingRound(VTKObservationMixin):
    """Opens and leaves cases on behalf of ``host``, whose contour it chooses with ``choose``.

    While one is open there are a sitting (its files) and a drawn case (its nodes); the host hides what would give
    anything away. ``problem`` is why a case could not be opened or saved; ``shown()`` is called after every look at it.
    """

    def __init__(self, frame: qt.QWidget, host: Host, choose: Choose, shown: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._host, self._choose, self._shown = host, choose, shown
        self._added: list[vtk.vtkObject] = []
        self._node: RadiomicsPrognosisParameterNode | None = None  # of the case that is open
        self._drawn: DrawnCase | None = None
        self._before: tuple[vtk.vtkObject | None, vtk.vtkObject | None, str] = (None, None, "")
        self._signs: tuple[object, ...] = ()
        self._saved_changes = self._ticks = 0
        self._saved: sitk.Image | None = None  # the contour as it was opened or saved last
        self._saving: Errand[None] | None = None  # a folder that readers share may be slow
        self._several: Problem | None = None  # why what is saved is not all that is drawn
        self.problem: Problem | None = None
        self._timer = qt.QTimer(frame)
        self._timer.setInterval(TICK_MS)
        self._timer.connect("timeout()", self.tick)
        self._added_timer = qt.QTimer(frame)  # a node gets its display after it was added
        self._added_timer.setSingleShot(True)
        self._added_timer.setInterval(_ADDED_MS)
        self._added_timer.connect("timeout()", self._cover)

    def open(self, reading: Reading) -> None:
        """Open a case to be drawn; what is in the way is the ``problem``, and everything is as it was."""
        desk, choices = self._host.readings, self._host.choices
        if desk.folder is None or desk.sitting is not None:
            return
        self.problem = None
        self._before = choices.volume, choices.segmentation, choices.segment_id
        self._node = self._host.node
        try:
            with slicer.util.WaitCursor():
                sitting = desk.begin(reading)
                case = desk.folder.design.case(reading.case)
                self._drawn = DrawnCase(case, reading, sitting.image, sitting.contour)
                self._show_case(self._drawn)
                self._drawn.look()
                self._saved = self._drawn.mask(finished=False)
        except InputError as error:
            self._give_back()
            self.problem = Problem.of(error)
            return
        except Exception:
            self._give_back()
            raise
        self._saved_changes, self._ticks = self._drawn.changes, 0
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.NodeAddedEvent, self._on_added)
        self.resume()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_added(self, _caller: object, _event: object, node: vtk.vtkObject) -> None:
        """A file was loaded, or a node made; it gets its display next."""
        if node.IsA("vtkMRMLDisplayableNode") and node.GetSaveWithScene() and not node.GetHideFromEditors():
            self._added.append(node)
            self._added_timer.start()

    def _cover(self) -> None:
        if slicer.mrmlScene.IsBatchProcessing():
            self._added_timer.start()
            return
        added, self._added = self._added, []
        curtain.cover(added)

    def _show_case(self, drawn: DrawnCase) -> None:
        curtain.draw(drawn.segmentation)
        self._choose(drawn.volume, drawn.segmentation, drawn.key, True)

    def leave(self, state: ReadingState, by_choice: bool = True) -> bool:
        """Save the case as ``state`` and put back what was before; return False, with the problem, if it cannot be.

        One that is not left ``by_choice`` is saved as it is.
        """
        sitting, drawn = self._host.readings.sitting, self._drawn
        if sitting is None or drawn is None:
            return True
        sitting.watch.used()
        try:
            mask = drawn.mask(finished=by_choice)
            self._await_saving()
            if state is ReadingState.DONE:
                sitting.finish(mask)
            elif state is ReadingState.SKIPPED:
                sitting.skip(mask)
            else:
                sitting.stop(mask, not _is_same(mask, self._saved))
        except InputError as error:
            self.problem = Problem.of(error)
            return False
        self.problem = None
        self._give_back()
        return True

    def abandon(self) -> None:
        """Save the case and leave it whatever comes: the scene or the module goes."""
        if not self.leave(ReadingState.OPEN, by_choice=False):
            self._give_back()

    def resume(self) -> None:
        """The module is shown: what another scene has brought is hidden, too, and time counts."""
        sitting, drawn = self._host.readings.sitting, self._drawn
        if sitting is None or drawn is None:
            curtain.lift()  # of a scene that was saved, or a fault, while a case was drawn
            return
        if drawn.is_there:
            self._show_case(drawn)
        sitting.watch.resume()
        self._timer.start()

    def pause(self) -> None:
        """Another module is shown: what is drawn is saved, and time does not count."""
        sitting = self._host.readings.sitting
        if sitting is not None:
            self.tick()
            self._await_saving()
            self._save()
            self._await_saving()
            sitting.watch.pause()
            self._timer.stop()

    def tick(self) -> None:
        """Count the time if the case is in use, and save what was drawn."""
        sitting, drawn = self._host.readings.sitting, self._drawn
        if sitting is None or drawn is None:
            self._timer.stop()
            return
        if not drawn.is_there:
            self.abandon()
            self.problem = Problem.of(FileError("The CT or the contour of the case was removed from the scene; what "
                                                "was drawn before is saved. Press Resume to go on."))
        else:
            signs = _signs_of_use(drawn)
            if signs != self._signs:
                self._signs = signs
                sitting.watch.used()
            if self._saving is not None and self._saving.ended:
                self._await_saving()
            self._ticks += 1
            if self._ticks >= _SAVE_TICKS and self._saving is None:
                self._save()
        self._shown()

    def _save(self) -> None:
        """Have what was drawn saved, without waiting for it: a stroke goes on meanwhile."""
        sitting, drawn = self._host.readings.sitting, self._drawn
        if sitting is None or drawn is None or drawn.changes == self._saved_changes:
            return
        self._saved_changes, self._ticks = drawn.changes, 0
        try:
            mask, self._several = _mask_of(drawn)
        except InputError as error:
            self.problem = Problem.of(error)
            return
        if _is_same(mask, self._saved):  # a segment's name or status is told of, too
            self.problem = self._several
            return
        self._saved = mask
        self._saving = Errand(lambda: sitting.autosave(mask))

    def _await_saving(self) -> None:
        """Take up what has come of saving; what could not be saved is tried again."""
        saving, self._saving = self._saving, None
        if saving is None:
            return
        try:
            saving.result()
            self.problem = self._several
        except InputError as error:
            self.problem, self._saved, self._saved_changes = Problem.of(error), None, -1

    def _give_back(self) -> None:
        """End the sitting: choices and views are as before it, and results may be seen again."""
        self._timer.stop()
        self.removeObservers()
        self._added_timer.stop()
        self._added.clear()
        if self._saving is not None:
            self._saving.wait()
        drawn, self._drawn, self._saved, self._saving = self._drawn, None, None, None
        before, self._before = self._before, (None, None, "")
        try:
            if slicer.mrmlScene.IsClosing():
                curtain.forget()
            else:
                volume, segmentation = (node if node is not None and node.GetScene() is not None else None
                                        for node in before[:2])
                if self._host.node is None and self._node is not None:  # the module is unloaded, maybe to come back
                    with slicer.util.NodeModify(self._node):
                        self._node.volume, self._node.segmentation = volume, segmentation
                        self._node.segmentID = before[2]
                self._choose(volume, segmentation, before[2], False)
                curtain.lift()
        finally:
            if drawn is not None:
                drawn.remove()
            self._host.readings.leave()


def _signs_of_use(drawn: DrawnCase) -> tuple[object, ...]:
    """Return what changes when somebody works on the case: the pointer over Slicer, the slices, the contour."""
    place = qt.QCursor.pos() if qt.QApplication.activeWindow() is not None else None
    pointer = (place.x(), place.y()) if place is not None else ()
    scene = slicer.mrmlScene
    views = tuple(scene.GetNthNodeByClass(index, "vtkMRMLSliceNode").GetMTime()
                  for index in range(scene.GetNumberOfNodesByClass("vtkMRMLSliceNode")))
    return pointer, views, drawn.changes


def _mask_of(drawn: DrawnCase) -> tuple[sitk.Image | None, Problem | None]:
    """Return the contour to save meanwhile, and why that is not all that is drawn."""
    try:
        return drawn.mask(), None
    except SegmentNotFound as error:
        return drawn.mask(finished=False), Problem.of(error)


def _is_same(one: sitk.Image | None, other: sitk.Image | None) -> bool:
    """Tell whether two contours have the same voxels in the same place."""
    if one is None or other is None:
        return one is other
    places = [(image.GetSize(), image.GetOrigin(), image.GetSpacing(), image.GetDirection()) for image in (one, other)]
    return places[0] == places[1] and np.array_equal(*map(sitk.GetArrayViewFromImage, (one, other)))
