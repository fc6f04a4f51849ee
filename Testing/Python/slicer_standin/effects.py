"""The Segment Editor's effects: Paint and Erase that work from mouse events in slice views, the others names only.

Follows Modules/Loadable/Segmentations/EditorEffects: qSlicerSegmentEditorAbstractEffect.cxx (parameters are attributes
of the editor node, set without a ModifiedEvent), qSlicerSegmentEditorPaintEffect.cxx and ...EraseEffect.cxx (press,
move, release; a sphere or a disc of one slice; undo state, then vtkSlicerSegmentEditorLogic). Left out: the brush's
picture, colour smudge, erasing all segments, pixel mode, 3D views, the keys that scale the brush.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import slicer
import vtk
from PySide6 import QtCore, QtWidgets
from vtk.util import numpy_support

from .pythonqt import native

EFFECTS = ("Paint", "Draw", "Erase", "Level tracing", "Grow from seeds", "Fill between slices", "Threshold", "Margin",
           "Hollow", "Smoothing", "Scissors", "Islands", "Logical operators", "Mask volume")

#: The width (pixels) below which an editor does not get with the effect's options open, measured in Slicer 5.13.
_WIDTHS = {"Paint": 549, "Erase": 437}

#: What the editor of the stand-in is wider than the frame of the options (margins, group box, the effects' buttons).
_AROUND = 104

#: Distance of interpolated points of a stroke, as a share of the brush (MaximumPointDistanceInStroke).
_POINT_DISTANCE = 0.2


@native
class qSlicerSegmentEditorAbstractEffect(QtCore.QObject):
    """An effect known by its name, with a frame for its options; it changes nothing."""

    def __init__(self, name: str):
        super().__init__()
        self.setObjectName(name)
        self._si_node = self._si_logic = None
        self._si_frame = QtWidgets.QFrame()
        QtWidgets.QVBoxLayout(self._si_frame).addWidget(QtWidgets.QLabel(name))
        self._si_frame.setMinimumWidth(max(_WIDTHS.get(name, 0) - _AROUND, 0))

    def parameter(self, name: str) -> str:
        value = self._si_node.GetAttribute(f"{self.objectName}.{name}") or self._si_node.GetAttribute(name)
        if not value:
            QtCore.qCritical(f"Parameter named {name} cannot be found for effect {self.objectName}")
        return value or ""

    def integerParameter(self, name: str) -> int:
        return int(self.parameter(name) or 0)

    def doubleParameter(self, name: str) -> float:
        return float(self.parameter(name) or 0.0)

    def setCommonParameter(self, name: str, value: object) -> None:
        node, text = self._si_node, str(value)
        if (node.GetAttribute(name) or "") == text:
            return
        before = node.GetDisableModifiedEvent()
        node.SetDisableModifiedEvent(1)
        node.SetAttribute(name, text)
        node.SetDisableModifiedEvent(before)
        node.InvokeCustomModifiedEvent(slicer.vtkMRMLSegmentEditorNode.EffectParameterModified)

    def setParameter(self, name: str, value: object) -> None:
        self.setCommonParameter(f"{self.objectName}.{name}", value)

    def parameterSetNode(self):
        return self._si_node

    def optionsFrame(self) -> QtWidgets.QFrame:
        return self._si_frame

    def _si_defaults(self, node, logic) -> None:
        self._si_node, self._si_logic = node, logic

    def _si_event(self, _view, _event: str) -> None:
        """Only some effects listen."""


class _Brush(qSlicerSegmentEditorAbstractEffect):
    """What Paint and Erase have in common."""

    _si_removes = False
    _si_common_defaults = (
        ("BrushMinimumAbsoluteDiameter", 0.01), ("BrushMaximumAbsoluteDiameter", 100), ("BrushAbsoluteDiameter", 5),
        ("BrushRelativeDiameter", 3), ("BrushDiameterIsRelative", 1), ("BrushSphere", 0), ("EditIn3DViews", 0),
        ("BrushPixelMode", 0),
    )

    def __init__(self, name: str):
        super().__init__(name)
        self._si_points: list[np.ndarray] = []
        self._si_painting = False

    def _si_defaults(self, node, logic) -> None:
        super()._si_defaults(node, logic)
        for name, value in self._si_common_defaults:
            if not node.GetAttribute(name):
                self.setCommonParameter(name, value)
        for name in ("ColorSmudge", "EraseAllSegments"):
            if not node.GetAttribute(f"{self.objectName}.{name}"):
                self.setParameter(name, 0)

    def _si_event(self, view, event: str) -> None:
        interactor = view.interactorStyle().GetInteractor()
        modified = interactor.GetShiftKey() or interactor.GetControlKey() or interactor.GetAltKey()
        point = np.array(view.mrmlSliceNode().GetXYToRAS().MultiplyPoint((*interactor.GetEventPosition(), 0, 1))[:3])
        if event == "LeftButtonPressEvent" and not modified:
            self._si_painting, self._si_points = True, [point]
        elif event == "MouseMoveEvent":
            self._si_measure(view)
            if self._si_painting:
                self._si_add(point)
        elif event == "LeftButtonReleaseEvent" and self._si_painting:
            self._si_add(point)
            self._si_painting = False
            self._si_apply(view)
            self._si_points = []

    def _si_add(self, point: np.ndarray) -> None:
        before = self._si_points[-1]
        longest = _POINT_DISTANCE * self.doubleParameter("BrushAbsoluteDiameter")
        between = max(int(math.dist(before, point) / longest) - 1, 0) if longest > 0 else 0
        self._si_points += [before + (point - before) * (step + 1) / (between + 1) for step in range(between)]
        self._si_points.append(point)

    def _si_measure(self, view) -> None:
        """A relative brush is a share of the screen's height."""
        if self.integerParameter("BrushDiameterIsRelative"):
            matrix = view.sliceLogic().GetSliceNode().GetXYToSlice()
            mm_per_pixel = math.hypot(*(matrix.GetElement(row, 1) for row in range(3)))
            height = view.sliceView().renderWindow().GetScreenSize()[1]
            diameter = height * self.doubleParameter("BrushRelativeDiameter") / 100 * mm_per_pixel
            before = self.doubleParameter("BrushAbsoluteDiameter")
            if before <= 0 or abs(diameter - before) / before >= 0.01:
                self.setCommonParameter("BrushAbsoluteDiameter", f"{diameter:.6g}")

    def _si_apply(self, view) -> None:
        logic, node = self._si_logic, self._si_node
        if not logic.ResetModifierLabelmapToDefault():
            QtCore.qCritical("void qSlicerSegmentEditorPaintEffect::paintApply : Invalid modifier labelmap")
            return
        labelmap = logic.GetModifierLabelmap()
        logic.SaveStateForUndo()
        extent = self._si_fill(labelmap, view)
        mode = logic.ModificationModeRemove if self._si_removes else logic.ModificationModeAdd
        logic.ModifySegmentByLabelmap(node.GetSegmentationNode(), node.GetSelectedSegmentID() or "", labelmap, mode,
                                      extent, True, False)

    def _si_fill(self, labelmap, view) -> list[int]:
        """Set the voxels under the brush to 1 and return the extent that holds them."""
        to_world, to_segmentation = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
        labelmap.GetImageToWorldMatrix(to_world)
        slicer.vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(
            None, self._si_node.GetSegmentationNode().GetParentTransformNode(), to_segmentation)
        ijk_to_world = np.linalg.inv(_array(to_segmentation)) @ _array(to_world)
        world_to_ijk = np.linalg.inv(ijk_to_world)
        steps, radius = ijk_to_world[:3, :3], self.doubleParameter("BrushAbsoluteDiameter") / 2
        offsets = self._si_offsets(steps, radius, view)
        points = np.array(self._si_points) @ world_to_ijk[:3, :3].T + world_to_ijk[:3, 3]
        voxels = np.unique((np.rint(points).astype(int)[:, None] + offsets).reshape(-1, 3), axis=0)
        low, high = np.array(labelmap.GetExtent()[::2]), np.array(labelmap.GetExtent()[1::2])
        inside = voxels[((voxels >= low) & (voxels <= high)).all(axis=1)]
        values = numpy_support.vtk_to_numpy(labelmap.GetPointData().GetScalars())
        values = values.reshape(labelmap.GetDimensions()[::-1])
        values[tuple((inside - low).T[::-1])] = 1
        labelmap.Modified()
        if not len(inside):
            return [0, -1] * 3
        return list(itertools.chain.from_iterable(zip(inside.min(axis=0).tolist(), inside.max(axis=0).tolist(),
                                                      strict=True)))

    def _si_offsets(self, steps: np.ndarray, radius: float, view) -> np.ndarray:
        """Return the (n, 3) voxels under a brush at the origin: a sphere, or a disc as thick as the slice."""
        reach = np.ceil(radius / np.linalg.norm(steps, axis=0)).astype(int) + 1
        grid = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij"), axis=-1).reshape(-1, 3)
        world = grid @ steps.T
        if self.integerParameter("BrushSphere"):
            return grid[np.linalg.norm(world, axis=1) <= radius]
        slice_node = view.mrmlSliceNode()
        along = world @ _array(slice_node.GetSliceToRAS())[:3, :3]
        thickness = self._si_logic.GetSliceSpacing(slice_node, view.sliceLogic())
        return grid[(np.hypot(along[:, 0], along[:, 1]) <= radius) & (np.abs(along[:, 2]) <= thickness / 2)]


@native
class qSlicerSegmentEditorPaintEffect(_Brush):
    """Adds what the brush goes over to the segment."""


@native
class qSlicerSegmentEditorEraseEffect(_Brush):
    """Takes what the brush goes over from the segment."""

    _si_removes = True


def make_effect(name: str) -> qSlicerSegmentEditorAbstractEffect:
    """Return the effect of that name, for one editor."""
    kinds = {"Paint": qSlicerSegmentEditorPaintEffect, "Erase": qSlicerSegmentEditorEraseEffect}
    return kinds.get(name, qSlicerSegmentEditorAbstractEffect)(name)


def _array(matrix: vtk.vtkMatrix4x4) -> np.ndarray:
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
