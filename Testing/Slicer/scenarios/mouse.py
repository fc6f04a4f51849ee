"""The mouse in a slice view: events through its interactor, as slicer.util.clickAndDrag sends them."""

from __future__ import annotations

import time

import slicer
import vtk


def slice_widget(view: str):
    """Return the slice widget of the view 'Red', 'Green' or 'Yellow'."""
    return slicer.app.layoutManager().sliceWidget(view)


def show_plane(ras: list[float]) -> None:
    """Move all slice views to a point."""
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *ras, slicer.vtkMRMLSliceNode.OffsetJumpSlice)
    slicer.app.processEvents()


def position(view: str, ras: list[float]) -> tuple[int, int]:
    """Return where in a view (pixels from its lower left corner) a point stands."""
    to_view = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(slice_widget(view).mrmlSliceNode().GetXYToRAS(), to_view)
    x, y = to_view.MultiplyPoint([*ras, 1.0])[:2]
    return round(x), round(y)


def drag(view: str, start: tuple[int, int], end: tuple[int, int], steps: int = 8) -> float:
    """Press at ``start``, move to ``end``, release; return how long (seconds) the release held the main thread."""
    interactor = slice_widget(view).interactorStyle().GetInteractor()
    interactor.SetEventPosition(*start)
    interactor.MouseMoveEvent()
    interactor.LeftButtonPressEvent()
    for step in range(1, steps + 1):
        interactor.SetEventPosition(*(round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True)))
        interactor.MouseMoveEvent()
        slicer.app.processEvents()
    began = time.perf_counter()
    interactor.LeftButtonReleaseEvent()
    return time.perf_counter() - began
