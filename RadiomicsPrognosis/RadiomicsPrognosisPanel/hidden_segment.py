"""Voxels shown in the slice views by a segmentation node that is in no list, in no selector and in no saved scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtk.util import numpy_support

from RadiomicsPrognosisLib.voi.grid import Grid

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

_SEGMENT_ID = "shown"


@dataclass(frozen=True)
class HiddenLook:
    """Names of node and segment, its colour (red, green, blue; 0 - 1), opacity of its fill, whether it has a border."""

    node: str
    segment: str
    colour: tuple[float, float, float]
    fill: float
    outlined: bool = True


class HiddenSegment:
    """Shows one set of voxels at a time; its node exists only while they are shown."""

    def __init__(self, look: HiddenLook) -> None:
        self._look = look
        self._node: vtk.vtkObject | None = None

    def show(self, voxels: np.ndarray, grid: Grid) -> None:
        """Show ``voxels`` (boolean, k, j, i) on their ``grid``, in the place of those shown."""
        if self.alive:
            logic = slicer.vtkSlicerSegmentationsModuleLogic
            logic.SetBinaryLabelmapToSegment(labelmap_of(voxels, grid), self._node, _SEGMENT_ID, logic.MODE_REPLACE)
        else:
            self._node = _add_node(labelmap_of(voxels, grid), self._look)

    @property
    def alive(self) -> bool:
        """Whether the node is in the scene."""
        return self._node is not None and self._node.GetScene() is not None

    def hide(self) -> None:
        """Take the node out of the scene."""
        node, self._node = self._node, None  # first: removing a node calls back into the panel
        if node is not None:
            remove_displayed(node)

    def forget(self) -> None:
        """Let go of the node of a scene that is being closed, which removes it itself."""
        self._node = None


def remove_displayed(node: vtk.vtkObject) -> None:
    """Take a node and its display node out of their scene, if they are in one."""
    if node.GetScene() is None:
        return
    display = node.GetDisplayNode()
    node.GetScene().RemoveNode(node)  # before its display node, whose absence it would tell of
    if display is not None and display.GetScene() is not None:
        display.GetScene().RemoveNode(display)


def add_displayed(node: vtk.vtkObject, display: vtk.vtkObject, name: str) -> vtk.vtkObject:
    """Add a node that holds what it shows, and its display node, to the scene: hidden from editors and not saved."""
    scene = slicer.mrmlScene
    display.SetSaveWithScene(False)
    scene.AddNode(display)
    node.SetName(name)
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    node.SetScene(scene)  # so that the reference is resolved here, not by AddNode after it has told of the node
    node.SetAndObserveDisplayNodeID(display.GetID())
    return scene.AddNode(node)


def new_node(node_class: str) -> vtk.vtkObject:
    """Return a node outside the scene, with its class's defaults in this scene."""
    node = slicer.mrmlScene.CreateNodeByClass(node_class)
    node.UnRegister(None)
    return node


def _add_node(labelmap: vtk.vtkObject, look: HiddenLook) -> vtk.vtkObject:
    """Add a segmentation node that shows ``labelmap``.

    A hidden node has no item in the subject hierarchy (and an item would be saved, although the node is not:
    vtkSubjectHierarchyItem::WriteXML), and Slicer logs an error for each event of a segmentation without one that says
    that a segment or the display has changed. So segment and display are complete before the node is in the scene,
    and the voxels are updated in place, which tells of another representation only.
    """
    display, node = new_node("vtkMRMLSegmentationDisplayNode"), new_node("vtkMRMLSegmentationNode")
    display.SetVisibility3D(False)
    display.SetOpacity2DFill(look.fill)
    display.SetVisibility2DOutline(look.outlined)
    segment = slicer.vtkSegment()
    segment.SetName(look.segment)
    segment.SetColor(*look.colour)
    segment.AddRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), labelmap)
    node.GetSegmentation().AddSegment(segment, _SEGMENT_ID)
    return add_displayed(node, display, look.node)


def labelmap_of(voxels: np.ndarray, grid: Grid) -> vtk.vtkObject:
    """Return ``voxels`` (boolean, k, j, i) on their ``grid`` as a vtkOrientedImageData."""
    image = slicer.vtkOrientedImageData()
    image.SetDimensions(*grid.size)
    image.SetImageToWorldMatrix(ijk_to_ras(grid))
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    numpy_support.vtk_to_numpy(image.GetPointData().GetScalars())[:] = voxels.ravel()
    return image


def ijk_to_ras(grid: Grid) -> vtk.vtkMatrix4x4:
    """Return the matrix from a voxel's index to RAS mm."""
    lps = np.eye(4)
    lps[:3, :3], lps[:3, 3] = grid.index_to_mm, grid.origin
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy((_LPS_TO_RAS @ lps).ravel().tolist())
    return matrix
