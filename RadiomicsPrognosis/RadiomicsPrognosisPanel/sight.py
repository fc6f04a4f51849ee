"""What the buttons beside the contour do to the views: jump to the lesion, and show the CT in a window for it."""

from __future__ import annotations

import slicer
import vtk

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter.sight import Window, central_position


def jump_to(segmentation: vtk.vtkObject, segment_id: str, volume: vtk.vtkObject) -> None:
    """Centre all slice views on the voxel of a segment that is nearest its centre of mass."""
    try:
        x, y, z = central_position(mrml.segment_mask(segmentation, segment_id, volume)[0])
        centre = (-x, -y, z)
    except InputError:  # a transform that is not linear moves no voxel grid, but it moves this point
        centre = segmentation.GetSegmentCenterRAS(segment_id)
    slices = slicer.vtkMRMLSliceNode
    slices.JumpAllSlices(slicer.mrmlScene, *centre, slices.CenteredJumpSlice)


class ContourSign:
    """Whether a segment has a voxel, looked up again only when its labelmap has changed."""

    def __init__(self) -> None:
        self._state: tuple[object, ...] = ()
        self._present = False

    def present(self, segmentation: vtk.vtkObject | None, segment_id: str) -> bool:
        """Return whether there is something to jump to."""
        if segmentation is None or segmentation.GetSegmentation().GetSegment(segment_id) is None:
            return False
        labelmap = mrml.segment_labelmap(segmentation, segment_id)
        if labelmap is None:
            return True  # a surface
        state = (segmentation, segment_id, labelmap, labelmap.GetMTime())
        if state != self._state:
            try:
                voxels = mrml.segment_voxels(segmentation, segment_id)
                self._present = voxels is not None and bool(voxels[0].any())
            except InputError:
                self._present = True
            self._state = state
        return self._present


class WindowPreset:
    """Shows a volume in a window and gives its former one back, unless somebody has changed it meanwhile."""

    def __init__(self) -> None:
        self._display: vtk.vtkObject | None = None
        self._before: tuple[int, Window] = (0, Window(0.0, 0.0))
        self._ours = Window(0.0, 0.0)

    @property
    def display(self) -> vtk.vtkObject | None:
        """The display node whose window is ours."""
        return self._display

    def take(self, display: vtk.vtkObject, window: Window) -> None:
        """Show ``display`` (vtkMRMLScalarVolumeDisplayNode) in ``window``."""
        self._display = display
        self._before = display.GetAutoWindowLevel(), _window(display)
        _set(display, False, window)
        self._ours = _window(display)  # as stored

    def give_back(self) -> None:
        """Restore what was before :meth:`take`."""
        display, self._display = self._display, None
        if display is None or display.GetScene() is None:
            return
        if not display.GetAutoWindowLevel() and _window(display) == self._ours:
            _set(display, *self._before)


def _window(display: vtk.vtkObject) -> Window:
    return Window(display.GetWindow(), display.GetLevel())


def _set(display: vtk.vtkObject, automatic: bool | int, window: Window) -> None:
    with slicer.util.NodeModify(display):
        display.SetAutoWindowLevel(automatic)
        display.SetWindowLevel(window.width, window.level)
