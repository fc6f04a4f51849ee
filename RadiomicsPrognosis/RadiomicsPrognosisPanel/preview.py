"""The voxels of the contour that the HU range leaves out, shown in the slice views by a node that is not saved."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util import numpy_support

from RadiomicsPrognosisLib.voi import Voi

_COLOUR = (0.84, 0.37, 0.0)

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

_SEGMENT_ID = "excluded"


class Preview:
    """Shows the excluded voxels of one VOI at a time; its node exists only while they are shown."""

    def __init__(self) -> None:
        self._node = None
        self._shown: Voi | None = None

    def show(self, voi: Voi | None) -> None:
        """Show the voxels that ``voi``'s HU range excludes, or nothing for None."""
        if voi is self._shown and (voi is None or self._alive()):
            return
        self._shown = voi
        if voi is None:
            self._remove()
        elif self._alive():
            logic = slicer.vtkSlicerSegmentationsModuleLogic
            logic.SetBinaryLabelmapToSegment(_excluded(voi), self._node, _SEGMENT_ID, logic.MODE_REPLACE)
        else:
            self._node = _add_node(_excluded(voi))

    def forget(self) -> None:
        """Let go of the node of a scene that is being closed, which removes it itself."""
        self._node, self._shown = None, None

    def _alive(self) -> bool:
        return self._node is not None and self._node.GetScene() is not None

    def _remove(self) -> None:
        node, self._node = self._node, None  # first: removing a node calls back into the panel
        if node is not None and node.GetScene() is not None:
            display = node.GetDisplayNode()
            node.GetScene().RemoveNode(node)  # before its display node, whose absence it would tell of
            if display is not None and display.GetScene() is not None:
                display.GetScene().RemoveNode(display)


def _add_node(labelmap):
    """Add a segmentation node that shows ``labelmap``, in no list or selector and in no saved scene.

    A hidden node has no item in the subject hierarchy (and an item would be saved, although the node is not:
    vtkSubjectHierarchyItem::WriteXML), and Slicer logs an error for each event of a segmentation without one that says
    that a segment or the display has changed. So segment and display are complete before the node is in the scene,
    and the voxels are updated in place, which tells of another representation only.
    """
    scene = slicer.mrmlScene
    display = scene.CreateNodeByClass("vtkMRMLSegmentationDisplayNode")
    display.UnRegister(None)
    display.SetSaveWithScene(False)
    display.SetVisibility3D(False)
    display.SetOpacity2DFill(0.6)
    scene.AddNode(display)
    node = scene.CreateNodeByClass("vtkMRMLSegmentationNode")
    node.UnRegister(None)
    node.SetName(_("Excluded voxels (preview)"))
    node.SetHideFromEditors(True)
    node.SetSaveWithScene(False)
    segment = slicer.vtkSegment()
    segment.SetName(_("Excluded by the HU range"))
    segment.SetColor(*_COLOUR)
    segment.AddRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), labelmap)
    node.GetSegmentation().AddSegment(segment, _SEGMENT_ID)
    node.SetScene(scene)  # so that the reference is resolved here, not by AddNode after it has told of the node
    node.SetAndObserveDisplayNodeID(display.GetID())
    return scene.AddNode(node)


def _excluded(voi: Voi):
    """Return the excluded voxels as a vtkOrientedImageData on the VOI's box."""
    excluded = voi.contour & ~voi.kept
    image = slicer.vtkOrientedImageData()
    grid = voi.grid.cropped(voi.start, excluded.shape[::-1])
    image.SetDimensions(*grid.size)
    image.SetImageToWorldMatrix(_ijk_to_ras(grid))
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    numpy_support.vtk_to_numpy(image.GetPointData().GetScalars())[:] = excluded.ravel()
    return image


def _ijk_to_ras(grid):
    lps = np.eye(4)
    lps[:3, :3], lps[:3, 3] = grid.index_to_mm, grid.origin
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy((_LPS_TO_RAS @ lps).ravel().tolist())
    return matrix
