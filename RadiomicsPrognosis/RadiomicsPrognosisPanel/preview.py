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


class Preview:
    """Shows the excluded voxels of one VOI at a time; its node exists only while something is shown."""

    def __init__(self) -> None:
        self._node = None
        self._shown = ""

    def show(self, voi: Voi | None) -> None:
        """Show the voxels that ``voi``'s HU range excludes, or nothing for None."""
        key = "" if voi is None else voi.content_hash() + str(voi.statistics.kept_voxels)
        if key == self._shown and (voi is None or self._alive()):
            return
        self._shown = key
        self._remove()
        if voi is None or voi.statistics.kept_voxels == voi.statistics.contoured_voxels:
            return
        self._node = self._make_node()
        self._node.GetSegmentation().AddSegment(_segment(voi))

    def forget(self) -> None:
        """Let go of the node of a scene that is being closed, which removes it itself."""
        self._node, self._shown = None, ""

    def _alive(self) -> bool:
        return self._node is None or self._node.GetScene() is not None

    def _remove(self) -> None:
        node, self._node = self._node, None  # first: removing a node calls back into the panel
        if node is not None and node.GetScene() is not None:
            display = node.GetDisplayNode()
            node.GetScene().RemoveNode(node)
            if display is not None and display.GetScene() is not None:
                display.GetScene().RemoveNode(display)

    @staticmethod
    def _make_node():
        # Hidden from selectors and lists and left out of saved scenes: it is a view of the contour, not data.
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentationNode")
        node.UnRegister(None)
        node.SetName(_("Excluded voxels (preview)"))
        node.SetHideFromEditors(True)
        node.SetSaveWithScene(False)
        slicer.mrmlScene.AddNode(node)
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.SetSaveWithScene(False)
        display.SetVisibility3D(False)
        display.SetOpacity2DFill(0.6)
        return node


def _segment(voi: Voi):
    excluded = voi.contour & ~voi.kept
    image = slicer.vtkOrientedImageData()
    grid = voi.grid.cropped(voi.start, excluded.shape[::-1])
    image.SetDimensions(*grid.size)
    image.SetImageToWorldMatrix(_ijk_to_ras(grid))
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    numpy_support.vtk_to_numpy(image.GetPointData().GetScalars())[:] = excluded.ravel()
    segment = slicer.vtkSegment()
    segment.SetName(_("Excluded by the HU range"))
    segment.SetColor(*_COLOUR)
    segment.AddRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), image)
    return segment


def _ijk_to_ras(grid):
    lps = np.eye(4)
    lps[:3, :3], lps[:3, 3] = grid.index_to_mm, grid.origin
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy((_LPS_TO_RAS @ lps).ravel().tolist())
    return matrix
