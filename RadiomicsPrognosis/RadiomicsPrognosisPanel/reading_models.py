"""Two readings as half transparent surfaces in the 3-D views, by model nodes that are in no list and not saved."""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from RadiomicsPrognosisLib.presenter.comparing import Contours
from RadiomicsPrognosisLib.voi.grid import Grid, PlacedMask

from .hidden_segment import add_displayed, labelmap_of, new_node, remove_displayed

_OPACITY = 0.45

#: Windowed-sinc smoothing (Taubin 1996): takes the steps of voxels away and leaves the volume.
_PASS_BAND, _ITERATIONS = 0.05, 30


class ReadingModels:
    """Shows the surfaces of two contours; its nodes exist only while they are shown."""

    def __init__(self, names: tuple[str, str], colours: tuple[tuple[float, float, float], ...]) -> None:
        self._names, self._colours = names, colours
        self._nodes: list[vtk.vtkObject] = []
        self._shown: Contours | None = None

    def show(self, contours: Contours) -> None:
        """Show the surfaces of ``contours``."""
        alive = bool(self._nodes) and all(node.GetScene() is not None for node in self._nodes)
        if contours is self._shown and alive:
            return
        before, self._shown = self._shown, contours
        if alive and before is not None:  # a stroke changes one of the two
            for node, last, mask in zip(self._nodes, (before.a, before.b), (contours.a, contours.b), strict=True):
                if before.grid != contours.grid or not _alike(last, mask):
                    node.SetAndObservePolyData(surface(mask, contours.grid))
        else:
            surfaces = [surface(mask, contours.grid) for mask in (contours.a, contours.b)]
            self.hide()
            self._shown = contours
            self._nodes = [_add_model(*facts) for facts in zip(self._names, self._colours, surfaces, strict=True)]

    def hide(self) -> None:
        """Take the nodes out of the scene."""
        nodes, self._nodes, self._shown = self._nodes, [], None
        for node in nodes:
            remove_displayed(node)

    def forget(self) -> None:
        """Let go of the nodes of a scene that is being closed, which removes them itself."""
        self._nodes, self._shown = [], None


def _alike(a: PlacedMask, b: PlacedMask) -> bool:
    """Tell whether two masks on one grid are of the same voxels."""
    return a.start == b.start and np.array_equal(a.voxels, b.voxels)


def surface(mask: PlacedMask, grid: Grid) -> vtk.vtkPolyData:
    """Return the smoothed border of a mask placed on ``grid`` as a closed surface in RAS mm."""
    start = [value - 1 for value in mask.start]
    voxels = np.pad(mask.voxels, 1)
    labelmap = labelmap_of(voxels, grid.cropped(start, voxels.shape[::-1]))
    matrix, image = vtk.vtkMatrix4x4(), vtk.vtkImageData()
    labelmap.GetImageToWorldMatrix(matrix)
    image.DeepCopy(labelmap)
    image.SetSpacing(1.0, 1.0, 1.0)
    image.SetOrigin(0.0, 0.0, 0.0)
    image.SetDirectionMatrix(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    border = vtk.vtkDiscreteFlyingEdges3D()
    border.SetInputData(image)
    border.GenerateValues(1, 1, 1)
    smooth = vtk.vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(border.GetOutputPort())
    smooth.SetNumberOfIterations(_ITERATIONS)
    smooth.SetPassBand(_PASS_BAND)
    smooth.BoundarySmoothingOff()
    smooth.NonManifoldSmoothingOn()
    smooth.NormalizeCoordinatesOn()
    transform, placed, normals = vtk.vtkTransform(), vtk.vtkTransformPolyDataFilter(), vtk.vtkPolyDataNormals()
    transform.SetMatrix(matrix)
    placed.SetTransform(transform)
    placed.SetInputConnection(smooth.GetOutputPort())
    normals.SetInputConnection(placed.GetOutputPort())
    normals.AutoOrientNormalsOn()  # a grid's axes may be left-handed
    normals.SplittingOff()
    normals.Update()
    return normals.GetOutput()


def _add_model(name: str, colour: tuple[float, float, float], item: vtk.vtkPolyData) -> vtk.vtkObject:
    display, node = new_node("vtkMRMLModelDisplayNode"), new_node("vtkMRMLModelNode")
    display.SetColor(*colour)
    display.SetOpacity(_OPACITY)
    display.SetVisibility2D(False)
    display.SetBackfaceCulling(False)
    node.SetAndObservePolyData(item)
    return add_displayed(node, display, name)


class ThreeDLayout:
    """Brings a 3-D view into sight, and the layout of before back, unless somebody has chosen another meanwhile."""

    def __init__(self) -> None:
        self._before: int | None = None

    def show(self) -> None:
        """Choose the conventional layout if the one in use has no 3-D view, and centre the views on what they show."""
        manager = slicer.app.layoutManager()  # None where the application has no main window
        if manager is None:
            return
        nodes = manager.layoutLogic().GetViewNodes()
        views = [nodes.GetItemAsObject(number) for number in range(nodes.GetNumberOfItems())]
        if not any(node.IsA("vtkMRMLViewNode") for node in views):
            self._before = manager.layout
            manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
        slicer.util.resetThreeDViews()

    def give_back(self) -> None:
        """Choose the layout of before."""
        before, self._before = self._before, None
        manager = slicer.app.layoutManager()
        if before is None or manager is None:
            return
        if manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView:
            manager.setLayout(before)
