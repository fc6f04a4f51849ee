"""MRML's widgets: the properties, slots and signals their headers show to Python (Slicer, Libs/MRML/Widgets)."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets
from vtk.util import numpy_support

from .ctk_widgets import plain
from .pythonqt import blocked, native

Property, Signal = QtCore.Property, QtCore.Signal


class EventWatcher:
    """Calls back with the event on events of one MRML object at a time, until the widget is gone.

    ``going`` is called with each node that is about to be removed, as late as qMRMLSceneModel hears of it.
    """

    def __init__(self, widget: QtCore.QObject, events: tuple[int, ...], callback, going=None):
        self._events, self._callback, self._watched, self._tags = events, callback, None, []
        self._going = going
        widget.destroyed.connect(lambda: self.watch(None))

    def watch(self, watched) -> None:
        if self._watched is not None:
            for tag in self._tags:
                self._watched.RemoveObserver(tag)
        self._watched, self._tags = watched, []
        if watched is not None:
            # VTK gives MRML's own events no name ('NoEvent'), so each has a listener that knows its number.
            self._tags = [watched.AddObserver(event, lambda _caller, _name, event=event: self._callback(event))
                          for event in self._events]
            if self._going is not None:
                listener = lambda _caller, _name, node: self._going(node)  # noqa: E731 - it takes an attribute
                listener.CallDataType = vtk.VTK_OBJECT
                self._tags.append(watched.AddObserver(slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent, listener, -10.0))


@native
class qMRMLWidget(QtWidgets.QWidget):
    """A widget that hands its scene on."""

    mrmlSceneChanged = Signal(object)
    _si_signals = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged(PyObject)"}  # noqa: RUF012

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_scene = None

    def mrmlScene(self):
        return self._si_scene

    def setMRMLScene(self, scene) -> None:
        check_object(scene, slicer.vtkMRMLScene)
        if scene is not self._si_scene:
            self._si_scene = scene
            self.mrmlSceneChanged.emit(scene)


@native
class qSlicerWidget(qMRMLWidget):
    """The same as qMRMLWidget, of Slicer's application layer."""


def check_object(value: Any, cls: type) -> None:
    """PythonQt finds no slot for an argument of another class and raises ValueError."""
    if value is not None and not isinstance(value, cls):
        raise ValueError(f"Called with wrong arguments: {type(value).__name__} is not a {cls.__name__}")


@native
class qMRMLNodeComboBox(QtWidgets.QWidget):
    """A combo box with the nodes of the scene that are of the given types (qMRMLNodeComboBox.cxx)."""

    currentNodeChanged = Signal(object)
    _si_signals = {"currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged(PyObject)"}  # noqa: RUF012

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_scene, self._si_node, self._si_types, self._si_nodes = None, None, [], []
        self._si_names = names = {}  # tags of the observers of the nodes' names
        self.destroyed.connect(lambda: [node.RemoveObserver(tag) for node, tag in names.items()])
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_box = QtWidgets.QComboBox()
        self._si_box.setSizePolicy(QtWidgets.QSizePolicy.Expanding, QtWidgets.QSizePolicy.Fixed)
        self._si_box.setMinimumContentsLength(8)
        layout.addWidget(self._si_box)
        self._si_box.activated.connect(lambda index: self._si_select(self.nodeFromIndex(index - self._si_offset())))
        scene = slicer.vtkMRMLScene
        self._si_watcher = EventWatcher(self, (scene.NodeAddedEvent, scene.EndCloseEvent, scene.EndImportEvent,
                                               scene.EndBatchProcessEvent), self._si_on_scene, self._si_on_going)
        self.setEnabled(False)

    def _si_changed(self, key: str, value: Any) -> None:
        setattr(self, f"_si_{key}", value)
        self._si_fill()

    # PythonQt turns a QStringList into a tuple.
    nodeTypes = Property("QStringList", lambda self: tuple(self._si_types),
                         lambda self, value: self._si_changed("types", list(value)))
    noneEnabled = Property(bool, lambda self: self.__dict__.get("_si_none", False),
                           lambda self, value: self._si_changed("none", value))
    showChildNodeTypes = Property(bool, lambda self: self.__dict__.get("_si_children", True),
                                  lambda self, value: self._si_changed("children", value))
    addEnabled = plain(bool, "addEnabled", True)
    removeEnabled = plain(bool, "removeEnabled", True)
    renameEnabled = plain(bool, "renameEnabled", False)

    def mrmlScene(self):
        return self._si_scene

    def setMRMLScene(self, scene) -> None:
        check_object(scene, slicer.vtkMRMLScene)
        self._si_scene = scene
        self.setEnabled(scene is not None)
        self._si_watcher.watch(scene)
        self._si_fill()

    def currentNode(self):
        return self._si_node

    def setCurrentNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLNode)
        self._si_select(node if node in self._si_nodes else None)

    def nodeCount(self) -> int:
        return len(self._si_nodes)

    def nodeFromIndex(self, index: int):
        return self._si_nodes[index] if 0 <= index < len(self._si_nodes) else None

    def _si_offset(self) -> int:
        """Return how many rows stand before the first node's."""
        return 1 if self.noneEnabled else 0

    def _si_shows(self, node) -> bool:
        if node.GetHideFromEditors():
            return False
        return node.GetClassName() in self._si_types or (
            self.showChildNodeTypes and any(node.IsA(name) for name in self._si_types))

    def _si_on_going(self, node) -> None:
        if not self._si_scene.IsBatchProcessing() and node in self._si_nodes:
            self._si_fill(node)

    def _si_fill(self, going=None) -> None:
        """Fill the list anew, without the node ``going``, which is still in the scene."""
        scene = self._si_scene
        before, nodes = self._si_nodes, []
        if scene is not None:
            every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
            nodes = [node for node in every if node is not going and self._si_shows(node)]
        self._si_nodes = nodes
        self._si_follow_names()
        with blocked(self._si_box):
            self._si_box.clear()
            if self.noneEnabled:
                self._si_box.addItem("None")
            for node in nodes:
                self._si_box.addItem(node.GetName())
        kept = self._si_node is None or self._si_node in nodes
        self._si_select(self._si_node if kept else self._si_neighbour(before))

    def _si_neighbour(self, before: list) -> Any:
        # Nothing is ever selected by itself, but when the current row goes QComboBox moves to the one before it.
        row = before.index(self._si_node) + self._si_offset() - 1 if self._si_node in before else 0
        return self.nodeFromIndex(min(max(row, 0), len(self._si_nodes) + self._si_offset() - 1) - self._si_offset())

    def _si_follow_names(self) -> None:
        for node in [node for node in self._si_names if node not in self._si_nodes]:
            node.RemoveObserver(self._si_names.pop(node))
        for node in self._si_nodes:
            if node not in self._si_names:
                self._si_names[node] = node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._si_on_node)

    def _si_on_node(self, node, _event) -> None:
        if node in self._si_nodes:
            self._si_box.setItemText(self._si_nodes.index(node) + self._si_offset(), node.GetName())

    def _si_select(self, node) -> None:
        with blocked(self._si_box):
            row = self._si_nodes.index(node) + self._si_offset() if node is not None else self._si_offset() - 1
            self._si_box.setCurrentIndex(row)
        if node is self._si_node:
            return
        self._si_node = node
        menu = self.addEnabled or self.removeEnabled or self.renameEnabled
        if node is None and not self.noneEnabled and menu and not self._si_nodes:
            return  # only menu actions are left in the list: Slicer says nothing then
        self.currentNodeChanged.emit(node)

    def _si_on_scene(self, event: int) -> None:
        scene = slicer.vtkMRMLScene
        if not self._si_scene.IsBatchProcessing() or event in (scene.EndCloseEvent, scene.EndImportEvent):
            self._si_fill()


@native
class qMRMLUtils(QtCore.QObject):
    """Conversions between Qt's and VTK's classes (Libs/MRML/Widgets/qMRMLUtils.h; CTK's ctkVTKWidgetsUtils.cpp)."""

    def qImageToVtkImageData(self, image: QtGui.QImage, data: vtk.vtkImageData) -> bool:
        """Copy ``image`` into ``data`` as red, green, blue and alpha, the lowest row first."""
        check_object(data, vtk.vtkImageData)
        if image.isNull():
            return False
        width, height = image.width(), image.height()
        pixels = image.convertToFormat(QtGui.QImage.Format_RGBA8888)
        rows = np.frombuffer(pixels.constBits(), np.uint8)
        data.SetExtent(0, width - 1, 0, height - 1, 0, 0)
        data.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 4)
        scalars = data.GetPointData().GetScalars()
        numpy_support.vtk_to_numpy(scalars).reshape(height, width, 4)[:] = rows.reshape(height, width, 4)[::-1]
        scalars.Modified()
        return True
