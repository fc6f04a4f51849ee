"""The slice views and their manager: real slice nodes, logics, interactors and annotations; nothing is rendered.

Follows Libs/MRML/Widgets/qMRMLSliceView.h, qMRMLSliceWidget.h and qMRMLLayoutManager.h, CTK's ctkVTKAbstractView.h and
Base/QTGUI/qSlicerLayoutManager.h. A real vtkRenderWindow ends the process where there is no OpenGL library, so a view
has a collection of real renderers only. There are no 3D, table or plot views.
"""

from __future__ import annotations

import slicer
import vtk
from PySide6 import QtCore, QtWidgets

from .mrml_widgets import check_object, qMRMLWidget
from .pythonqt import native

Property, Signal = QtCore.Property, QtCore.Signal

#: Width and height of every slice view (pixels), and of the screen by which relative brushes are measured.
VIEW_SIZE, SCREEN_SIZE = (420, 380), (1600, 1000)


class RenderWindow:
    """What is needed of a vtkRenderWindow: its renderers in their layers, the size of its screen, its density."""

    def __init__(self) -> None:
        self._renderers = vtk.vtkRendererCollection()
        for layer in (0, 1):  # of the light box, and ctkVTKSliceView's overlay
            renderer = vtk.vtkRenderer()
            renderer.SetLayer(layer)
            self._renderers.AddItem(renderer)

    def GetRenderers(self) -> vtk.vtkRendererCollection:
        return self._renderers

    def GetSize(self) -> tuple[int, int]:
        return VIEW_SIZE

    def GetDPI(self) -> int:
        return 72  # QVTKRenderWindowAdapter multiplies this by the screen's pixel ratio

    def GetScreenSize(self) -> tuple[int, int]:
        return SCREEN_SIZE


@native
class qMRMLSliceView(QtWidgets.QWidget):
    """A slice view that counts the renderings asked for (``_si_rendered``) and draws none."""

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_node, self._si_rendered = None, 0
        self._si_window, self._si_corners = RenderWindow(), vtk.vtkCornerAnnotation()
        self._si_window.GetRenderers().GetItemAsObject(0).AddViewProp(self._si_corners)
        self._si_interactor, self._si_style = vtk.vtkGenericRenderWindowInteractor(), vtk.vtkInteractorStyleUser()
        self._si_interactor.SetInteractorStyle(self._si_style)
        self._si_interactor.SetSize(*VIEW_SIZE)
        self._si_interactor.Enable()  # else it says nothing of the mouse

    def renderWindow(self) -> RenderWindow:
        return self._si_window

    def cornerAnnotation(self) -> vtk.vtkCornerAnnotation:
        return self._si_corners

    def interactor(self) -> vtk.vtkRenderWindowInteractor:
        return self._si_interactor

    def interactorStyle(self) -> vtk.vtkInteractorObserver:
        return self._si_style

    def mrmlSliceNode(self):
        return self._si_node

    def setMRMLSliceNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLSliceNode)
        self._si_node = node

    def scheduleRender(self) -> None:
        self._si_rendered += 1

    def forceRender(self) -> None:
        self._si_rendered += 1


@native
class qMRMLSliceWidget(qMRMLWidget):
    """A slice view with its logic."""

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_view, self._si_logic = qMRMLSliceView(), slicer.vtkMRMLSliceLogic()
        layout.addWidget(self._si_view)

    def sliceView(self) -> qMRMLSliceView:
        return self._si_view

    def sliceLogic(self):
        return self._si_logic

    def mrmlSliceNode(self):
        return self._si_logic.GetSliceNode()

    def mrmlSliceCompositeNode(self):
        return self._si_logic.GetSliceCompositeNode()

    def interactorStyle(self) -> vtk.vtkInteractorObserver:
        return self._si_view.interactorStyle()

    def fitSliceToBackground(self) -> None:
        self._si_logic.FitSliceToBackground()

    def setMRMLSliceNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLSliceNode)
        self._si_logic.SetSliceNode(node)
        self._si_view.setMRMLSliceNode(node)
        if node is not None:
            self._si_logic.ResizeSliceNode(*VIEW_SIZE)


@native
class qSlicerLayoutManager(QtCore.QObject):
    """The views of the conventional layout, made by the real vtkMRMLLayoutLogic in the application's scene."""

    layoutChanged = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        scene, logic = slicer.mrmlScene, slicer.app.applicationLogic()
        self._si_layout, self._si_logics = slicer.vtkMRMLLayoutLogic(), vtk.vtkCollection()
        self._si_layout.SetMRMLScene(scene)
        self._si_widgets = {}
        for index in range(scene.GetNumberOfNodesByClass("vtkMRMLSliceNode")):
            node, widget = scene.GetNthNodeByClass(index, "vtkMRMLSliceNode"), qMRMLSliceWidget()
            widget.sliceLogic().SetMRMLApplicationLogic(logic)
            widget.sliceLogic().SetMRMLScene(scene)
            widget.setMRMLScene(scene)
            widget.setMRMLSliceNode(node)
            self._si_widgets[node.GetLayoutName()] = widget
            self._si_logics.AddItem(widget.sliceLogic())
        logic.SetSliceLogics(self._si_logics)

    layout = Property(int, lambda self: self._si_layout.GetLayoutNode().GetViewArrangement(),
                      lambda self, value: self.setLayout(value))
    threeDViewCount = Property(int, lambda self: 0)

    def setLayout(self, layout: int) -> None:
        self._si_layout.GetLayoutNode().SetViewArrangement(layout)
        self.layoutChanged.emit(layout)

    def layoutLogic(self):
        return self._si_layout

    def mrmlScene(self):
        return slicer.mrmlScene

    def mrmlSliceLogics(self) -> vtk.vtkCollection:
        return self._si_logics

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(self._si_widgets)

    def sliceWidget(self, name: str) -> qMRMLSliceWidget | None:
        return self._si_widgets.get(name)

    def resetSliceViews(self) -> None:
        for widget in self._si_widgets.values():
            widget.fitSliceToBackground()

    def resetThreeDViews(self) -> None:
        """There are none."""


def take_away(manager: qSlicerLayoutManager) -> None:
    """Take the views' nodes out of the scene, as if there had never been a main window."""
    slicer.app.applicationLogic().SetSliceLogics(None)
    scene = slicer.mrmlScene
    for widget in manager._si_widgets.values():
        logic = widget.sliceLogic()
        shown_in_3d = [logic.GetSliceModelNode(), logic.GetSliceModelDisplayNode(), logic.GetSliceModelTransformNode()]
        logic.SetMRMLScene(None)
        for node in filter(None, shown_in_3d):
            scene.RemoveNode(node)
        widget.deleteLater()
    manager._si_layout.SetMRMLScene(None)
    for name in ("vtkMRMLSliceNode", "vtkMRMLSliceCompositeNode", "vtkMRMLSliceDisplayNode", "vtkMRMLViewNode",
                 "vtkMRMLLayoutNode"):
        while (node := scene.GetFirstNodeByClass(name)) is not None:
            scene.RemoveNode(node)
