"""@parameterNodeWrapper: typed attributes over a vtkMRMLScriptedModuleNode, bound to widgets in both directions."""

from __future__ import annotations

import typing
import weakref
from typing import Any

import slicer
import vtk
from PySide6 import QtWidgets

from .annotations import Default
from .connectors import Connector, connector
from .packs import data_type, get_dotted, set_dotted
from .serializers import Serializer, make

#: Dynamic property of a widget in the .ui file that names its parameter.
SLICER_PARAMETER_NAME = "SlicerParameterName"


class _Parameter:
    """One parameter of one node. The value is kept, and read again when the node says that it was modified."""

    def __init__(self, node: Any, name: str, serializer: Serializer, default: Default):
        self._node, self._name, self._serializer, self._writing = node, name, serializer, False
        self.default = default
        if not serializer.is_in(node, name):
            serializer.write(node, name, default.value)
        self.value = serializer.read(node, name)
        # The node must not keep the wrapper alive.
        itself = weakref.ref(self)
        self._tag = node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: itself()._on_modified())

    def __del__(self) -> None:
        if hasattr(self, "_tag"):
            self._node.RemoveObserver(self._tag)

    def _on_modified(self) -> None:
        if not self._writing:
            self.value = self._read()

    def _read(self) -> Any:
        if not self._serializer.is_in(self._node, self._name):
            self._serializer.write(self._node, self._name, self.default.value)
        return self._serializer.read(self._node, self._name)

    def write(self, value: Any) -> None:
        self._writing = True
        try:
            # Observers called at the end of this must find the new value.
            with slicer.util.NodeModify(self._node):
                self._serializer.write(self._node, self._name, value)
                self.value = self._read()
        finally:
            self._writing = False


class _Wrapper:
    """The methods of a wrapper class."""

    def __init__(self, parameterNode: Any, prefix: str | None = None):
        if parameterNode is None:
            raise ValueError("a parameter node wrapper needs a parameter node")
        self.parameterNode = parameterNode
        self._guis: dict[int, tuple[dict[str, Connector], int]] = {}
        self._next_tag, self._updating = 0, False
        self._parameters = {name: _Parameter(parameterNode, f"{prefix or ''}{name}", serializer, default)
                            for name, (serializer, default) in self.allParameters.items()}

    def default(self, paramName: str) -> Default:
        self.dataType(paramName)
        return self._parameters[paramName].default

    def isCached(self, paramName: str) -> bool:
        self.dataType(paramName)
        return True

    def getValue(self, name: str) -> Any:
        self.dataType(name)
        return get_dotted(self, name)

    def setValue(self, name: str, value: Any) -> None:
        self.dataType(name)
        set_dotted(self, name, value)

    def StartModify(self) -> Any:
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified: Any) -> Any:
        return self.parameterNode.EndModify(wasModified)

    def AddObserver(self, event: Any, callback: Any, priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def Modified(self) -> None:
        self.parameterNode.Modified()

    def connectGui(self, gui: Any) -> int:
        if getattr(gui, "isWidgetType", lambda: False)():
            widgets = gui.findChildren(QtWidgets.QWidget)
        else:
            widgets = list(vars(gui).values())
        named = ((widget.property(SLICER_PARAMETER_NAME), widget) for widget in widgets)
        return self.connectParametersToGui({name: widget for name, widget in named if name})

    def connectParametersToGui(self, mapping: dict[str, Any]) -> int:
        connectors = {name: connector(widget, self.dataType(name)) for name, widget in mapping.items()}
        for name, item in connectors.items():
            item.write(self.getValue(name))
            item.onChanged(lambda name=name, item=item: self._take(name, item))
        tag, self._next_tag = self._next_tag, self._next_tag + 1
        observer = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: self._show())
        self._guis[tag] = (connectors, observer)
        return tag

    def disconnectGui(self, guiTag: int) -> None:
        if guiTag in self._guis:
            connectors, observer = self._guis.pop(guiTag)
            for item in connectors.values():
                item.onChanged(None)
            self.RemoveObserver(observer)

    def _take(self, name: str, item: Connector) -> None:
        if not self._updating:
            with slicer.util.NodeModify(self):
                self.setValue(name, item.read())

    def _show(self) -> None:
        if self._updating:
            return
        self._updating = True
        try:
            with slicer.util.NodeModify(self):
                for connectors, _ in self._guis.values():
                    for name, item in connectors.items():
                        item.write(self.getValue(name))
        finally:
            self._updating = False


def parameterNodeWrapper(classtype: type | None = None) -> Any:
    """Class decorator; parameters are the annotated names, each with its default."""
    return _process if classtype is None else _process(classtype)


def _process(cls: type) -> type:
    hints = typing.get_type_hints(cls, include_extras=True)
    parameters = {}
    for name, hint in hints.items():
        try:
            serializer, annotated = make(hint)
            default = Default(getattr(cls, name)) if hasattr(cls, name) else annotated or Default(serializer.default())
        except TypeError as error:
            raise TypeError(f"Unable to create serializer for {cls} member {name}: {error}") from error
        parameters[name] = (serializer, default)
        setattr(cls, name, property(lambda self, name=name: self._parameters[name].value,
                                    lambda self, value, name=name: self._parameters[name].write(value)))
    for name, member in vars(_Wrapper).items():
        if callable(member) and (name == "__init__" or not name.startswith("__")):
            if name != "__init__" and hasattr(cls, name):
                raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
            setattr(cls, name, member)
    cls.allParameters = parameters
    cls._is_parameter_node_wrapper = True
    cls.dataType = staticmethod(lambda name: data_type(hints, name))
    return cls


def isParameterNodeWrapper(classOrObj: Any) -> bool:
    """Whether a class (or object) is a parameter node wrapper."""
    return getattr(classOrObj, "_is_parameter_node_wrapper", False)
