"""What the buttons beside the contour do to the views: jump to the lesion, and show the CT in a window for it."""

from __future__ import annotations

import slicer
import vtk

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.errors import GeometryMismatch
from RadiomicsPrognosisLib.presenter.sight import Window, central_position


def has_contour(segmentation: vtk.vtkObject | None, segment_id: str) -> bool:
    """Return whether a segment has a voxel, or is a surface."""
    if segmentation is None or segmentation.GetSegmentation().GetSegment(segment_id) is None:
        return False
    labelmap = mrml.segment_labelmap(segmentation, segment_id)
    if labelmap is None:
        return True
    try:
        voxels = mrml.segment_voxels(segmentation, segment_id)
    except GeometryMismatch:
        return True
    return voxels is not None and bool(voxels[0].any())


def jump_to(segmentation: vtk.vtkObject, segment_id: str, volume: vtk.vtkObject) -> None:
    """Centre all slice views on the voxel of a segment that is nearest its centre of mass."""
    try:
        x, y, z = central_position(mrml.segment_mask(segmentation, segment_id, volume)[0])
        centre = (-x, -y, z)
    except GeometryMismatch:  # a transform that is not linear moves no grid of voxels, but it moves a point
        centre = segmentation.GetSegmentCenterRAS(segment_id)
    slices = slicer.vtkMRMLSliceNode
    slices.JumpAllSlices(slicer.mrmlScene, *centre, slices.CenteredJumpSlice)


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
