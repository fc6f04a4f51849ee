"""MRML's widgets: the properties, slots and signals their headers show to Python (Slicer, Libs/MRML/Widgets)."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtWidgets

from .ctk_widgets import ctkDoubleSpinBox, ctkSliderWidget, plain
from .pythonqt import blocked, native

Property, Signal = QtCore.Property, QtCore.Signal


class SceneWatcher:
    """Calls back on events of a scene, with the node the event is about, until the widget or the scene is gone."""

    def __init__(self, widget: QtCore.QObject, events: tuple[int, ...], callback):
        self._events, self._callback, self._scene, self._tags = events, callback, None, []
        widget.destroyed.connect(lambda: self.watch(None))

    def watch(self, scene) -> None:
        if self._scene is not None:
            for tag in self._tags:
                self._scene.RemoveObserver(tag)
        self._scene, self._tags = scene, []
        if scene is not None:
            for event in self._events:
                self._tags.append(scene.AddObserver(event, self._listener(event)))

    def _listener(self, event: int):
        # VTK gives MRML's own events no name ('NoEvent').
        @vtk.calldata_type(vtk.VTK_OBJECT)
        def listen(_scene, _name, node=None) -> None:
            self._callback(event, node)
        return listen


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
    _si_validChanged = Signal(bool)
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAboutToBeRemoved = Signal(object)
    nodeAboutToBeEdited = Signal(object)
    currentNodeRenamed = Signal(str)
    _si_signals = {f"{name}(vtkMRMLNode*)": f"{name}(PyObject)" for name in (
        "currentNodeChanged", "nodeActivated", "nodeAdded", "nodeAddedByUser", "nodeAboutToBeRemoved",
        "nodeAboutToBeEdited")} | {"currentNodeChanged(bool)": "_si_validChanged(bool)"}

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_scene, self._si_node, self._si_types, self._si_attributes = None, None, [], []
        self._si_nodes: list = []
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_box = QtWidgets.QComboBox()
        self._si_box.setSizePolicy(QtWidgets.QSizePolicy.Expanding, QtWidgets.QSizePolicy.Fixed)
        self._si_box.setMinimumContentsLength(8)
        layout.addWidget(self._si_box)
        self._si_box.activated.connect(self._si_on_activated)
        scene = slicer.vtkMRMLScene
        self._si_watcher = SceneWatcher(self, (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndCloseEvent,
                                               scene.EndImportEvent, scene.EndBatchProcessEvent), self._si_on_scene)
        self._si_names: dict = {}

    def _si_set_types(self, types: list[str]) -> None:
        self._si_types = list(types)
        self._si_fill()

    def _si_changed(self, key: str, value: Any) -> None:
        setattr(self, f"_si_{key}", value)
        self._si_fill()

    # PythonQt turns a QStringList into a tuple.
    nodeTypes = Property("QStringList", lambda self: tuple(self._si_types), _si_set_types)
    noneEnabled = Property(bool, lambda self: self.__dict__.get("_si_none", False),
                           lambda self, value: self._si_changed("none", value))
    noneDisplay = Property(str, lambda self: self.__dict__.get("_si_none_text", "None"),
                           lambda self, value: self._si_changed("none_text", value))
    showHidden = Property(bool, lambda self: self.__dict__.get("_si_hidden", False),
                          lambda self, value: self._si_changed("hidden", value))
    showChildNodeTypes = Property(bool, lambda self: self.__dict__.get("_si_children", True),
                                  lambda self, value: self._si_changed("children", value))
    hideChildNodeTypes = plain("QStringList", "hideChildNodeTypes", ())
    addEnabled = plain(bool, "addEnabled", True)
    removeEnabled = plain(bool, "removeEnabled", True)
    editEnabled = plain(bool, "editEnabled", False)
    renameEnabled = plain(bool, "renameEnabled", False)
    selectNodeUponCreation = plain(bool, "selectNodeUponCreation", True)
    baseName = plain(str, "baseName", "")
    interactionNodeSingletonTag = plain(str, "interactionNodeSingletonTag", "Singleton")

    def mrmlScene(self):
        return self._si_scene

    def setMRMLScene(self, scene) -> None:
        check_object(scene, slicer.vtkMRMLScene)
        self._si_scene = scene
        self._si_watcher.watch(scene)
        self._si_fill()

    def currentNode(self):
        return self._si_node

    def setCurrentNode(self, node) -> None:
        if isinstance(node, str):
            self.setCurrentNodeID(node)
            return
        check_object(node, slicer.vtkMRMLNode)
        self._si_select(node if node in self._si_nodes else None)

    def setCurrentNodeID(self, node_id: str) -> None:
        self.setCurrentNode(self._si_scene.GetNodeByID(node_id) if self._si_scene is not None and node_id else None)

    currentNodeID = Property(str, lambda self: self._si_node.GetID() if self._si_node else "", setCurrentNodeID)

    def setCurrentNodeIndex(self, index: int) -> None:
        self._si_select(self.nodeFromIndex(index))

    def nodeCount(self) -> int:
        return len(self._si_nodes)

    def nodeFromIndex(self, index: int):
        return self._si_nodes[index] if 0 <= index < len(self._si_nodes) else None

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        self._si_attributes.append((node_type, name, value))
        self._si_fill()

    def removeAttribute(self, node_type: str, name: str) -> None:
        self._si_attributes = [item for item in self._si_attributes if item[:2] != (node_type, name)]
        self._si_fill()

    def addNode(self, node_type: str | None = None):
        node_type = node_type or self._si_types[0]
        if node_type not in self._si_types:
            return None
        name = self.baseName or slicer.mrmlScene.GetTagByClassName(node_type)
        node = self._si_scene.AddNewNodeByClass(node_type, self._si_scene.GenerateUniqueName(name))
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        if self._si_node is not None:
            self._si_scene.RemoveNode(self._si_node)

    def _si_shows(self, node) -> bool:
        if node.GetHideFromEditors() and not self.showHidden:
            return False
        found = node.GetClassName() in self._si_types or (
            self.showChildNodeTypes and any(node.IsA(name) for name in self._si_types))
        if not found or any(node.IsA(name) for name in self.hideChildNodeTypes):
            return False
        return all(node.GetAttribute(name) is not None and (value is None or node.GetAttribute(name) == str(value))
                   for kind, name, value in self._si_attributes if node.IsA(kind))

    def _si_fill(self) -> None:
        scene = self._si_scene
        before, nodes = self._si_nodes, []
        if scene is not None:
            every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
            nodes = [node for node in every if self._si_shows(node)]
        self._si_nodes = nodes
        self._si_follow_names()
        with blocked(self._si_box):
            self._si_box.clear()
            if self.noneEnabled:
                self._si_box.addItem(self.noneDisplay)
            for node in nodes:
                self._si_box.addItem(node.GetName())
        for node in nodes:
            if node not in before:
                self.nodeAdded.emit(node)
        kept = self._si_node is None or self._si_node in nodes
        self._si_select(self._si_node if kept else self._si_neighbour(before))

    def _si_neighbour(self, before: list) -> Any:
        # Nothing is ever selected by itself, but when the current row goes QComboBox moves to the one before it.
        none = 1 if self.noneEnabled else 0
        index = before.index(self._si_node) + none - 1 if self._si_node in before else 0
        return self.nodeFromIndex(min(max(index, 0), len(self._si_nodes) + none - 1) - none)

    def _si_follow_names(self) -> None:
        for node in [node for node in self._si_names if node not in self._si_nodes]:
            node.RemoveObserver(self._si_names.pop(node))
        for node in self._si_nodes:
            if node not in self._si_names:
                self._si_names[node] = node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._si_on_node)

    def _si_on_node(self, node, _event) -> None:
        if node in self._si_nodes:
            index = self._si_nodes.index(node) + (1 if self.noneEnabled else 0)
            if self._si_box.itemText(index) != node.GetName():
                self._si_box.setItemText(index, node.GetName())
                if node is self._si_node:
                    self.currentNodeRenamed.emit(node.GetName())

    def _si_select(self, node) -> None:
        with blocked(self._si_box):
            index = self._si_nodes.index(node) + (1 if self.noneEnabled else 0) if node is not None else (
                0 if self.noneEnabled else -1)
            self._si_box.setCurrentIndex(index)
        if node is self._si_node:
            return
        self._si_node = node
        menu = self.addEnabled or self.removeEnabled or self.editEnabled or self.renameEnabled
        if node is None and not self.noneEnabled and menu and not self._si_nodes:
            return  # only menu actions are left in the list: Slicer says nothing then
        self.currentNodeChanged.emit(node)
        self.currentNodeIDChanged.emit(node.GetID() if node else "")
        self._si_validChanged.emit(node is not None)

    def _si_on_activated(self, index: int) -> None:
        node = self.nodeFromIndex(index - (1 if self.noneEnabled else 0))
        self._si_select(node)
        self.nodeActivated.emit(node)

    def _si_on_scene(self, event: int, node) -> None:
        scene = slicer.vtkMRMLScene
        if event == scene.NodeRemovedEvent and node in self._si_names:
            node.RemoveObserver(self._si_names.pop(node))
        if not self._si_scene.IsBatchProcessing() or event in (scene.EndCloseEvent, scene.EndImportEvent):
            self._si_fill()


@native
class qMRMLSliderWidget(ctkSliderWidget):
    """ctkSliderWidget that knows the scene's units."""

    def setMRMLScene(self, scene) -> None:
        self._si_scene = scene


@native
class qMRMLSpinBox(ctkDoubleSpinBox):
    """ctkDoubleSpinBox that knows the scene's units."""

    def setMRMLScene(self, scene) -> None:
        self._si_scene = scene
