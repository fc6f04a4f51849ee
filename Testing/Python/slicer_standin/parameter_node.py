"""``slicer.parameterNodeWrapper``: typed attributes over a vtkMRMLScriptedModuleNode, bound to widgets both ways.

Follows Slicer's Base/Python/slicer/parameterNodeWrapper (wrapper.py, serializers.py, guiConnectors.py) and writes the
same strings into the node. Of its types there are str, bool, dict[str, str] and MRML nodes, of its widgets QCheckBox,
QLineEdit and qMRMLNodeComboBox; every other type raises TypeError, every other pair of type and widget RuntimeError.
"""

from __future__ import annotations

import typing
import weakref
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import slicer
import vtk
from PySide6 import QtWidgets

from .mrml_widgets import qMRMLNodeComboBox

#: Dynamic property of a widget in the .ui file that names its parameter.
_PROPERTY = "SlicerParameterName"


class _Text:
    """Writes and reads a str under its name; base of the other types."""

    kind: type = str

    def check(self, value: Any) -> None:
        if value is None:
            raise ValueError("Value must not be None")
        if not isinstance(value, self.kind):
            raise TypeError(f"Value must be of type '{self.kind}', is type '{type(value)}' value '{value}'")

    def default(self) -> Any:
        return self.kind()

    def is_in(self, node: Any, name: str) -> bool:
        return bool(node.HasParameter(name))

    def write(self, node: Any, name: str, value: Any) -> None:
        node.SetParameter(name, str(value))

    def read(self, node: Any, name: str) -> Any:
        return node.GetParameter(name)


class _Bool(_Text):
    kind = bool

    def read(self, node: Any, name: str) -> bool:
        return node.GetParameter(name) == "True"


class _Node(_Text):
    def __init__(self, kind: type):
        self.kind = kind

    def check(self, value: Any) -> None:
        if value is not None:
            super().check(value)

    def default(self) -> None:
        return None

    def write(self, node: Any, name: str, value: Any) -> None:
        node.SetParameter(name, "")  # says that the parameter is there, whose node may be None
        node.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def read(self, node: Any, name: str) -> Any:
        return node.GetNodeReference(name)


class _TextDict(_Text):
    """dict[str, str]: name.len, then name.N.0 and name.N.1 for the N-th key and value."""

    kind = MutableMapping

    def check(self, value: Any) -> None:
        super().check(value)
        for text in (*value.keys(), *value.values()):
            _TEXT.check(text)

    def default(self) -> dict[str, str]:
        return {}

    def is_in(self, node: Any, name: str) -> bool:
        return bool(node.HasParameter(f"{name}.len"))

    def write(self, node: Any, name: str, value: Any) -> None:
        before = len(self._items(node, name))
        for number, item in enumerate(value.items()):
            for place, text in enumerate(item):
                node.SetParameter(f"{name}.{number}.{place}", text)
        node.SetParameter(f"{name}.len", str(len(value)))
        for number in range(len(value), before):
            for place in (0, 1):
                node.UnsetParameter(f"{name}.{number}.{place}")

    def read(self, node: Any, name: str) -> ObservedDict:
        return ObservedDict(self._items(node, name), lambda value: self._save(node, name, value))

    def _items(self, node: Any, name: str) -> dict[str, str]:
        length = int(node.GetParameter(f"{name}.len")) if self.is_in(node, name) else 0
        return {node.GetParameter(f"{name}.{number}.0"): node.GetParameter(f"{name}.{number}.1")
                for number in range(length)}

    def _save(self, node: Any, name: str, value: dict[str, str]) -> None:
        self.check(value)
        with slicer.util.NodeModify(node):
            self.write(node, name, value)


class ObservedDict(MutableMapping):
    """A dict that writes itself back into the parameter node when it is changed; ``get`` and ``pop`` take no default.

    What is refused does not stay in it.
    """

    def __init__(self, values: dict[str, str], save: Callable[[dict[str, str]], None]):
        self._values, self._save = values, save

    def _change(self, values: dict[str, str]) -> None:
        self._save(values)
        self._values = values

    def __repr__(self) -> str:
        return f"ObservedDict({self._values})"

    def __eq__(self, other: object) -> bool:
        return self._values == (other._values if isinstance(other, ObservedDict) else other)

    __hash__ = None

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __getitem__(self, key: str) -> str:
        return self._values[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._change({**self._values, key: value})

    def __delitem__(self, key: str) -> None:
        values = dict(self._values)
        del values[key]
        self._change(values)

    def get(self, key: str) -> str | None:
        return self._values.get(key)

    def pop(self, key: str) -> str:
        value = self[key]
        del self[key]
        return value


_TEXT = _Text()


def _serializer(kind: Any) -> _Text:
    if kind is str:
        return _TEXT
    if kind is bool:
        return _Bool()
    if kind == dict[str, str]:
        return _TextDict()
    if isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode):
        return _Node(kind)
    raise TypeError(f"Unable to create serializer for type: {kind}, or the stand-in does not have it")


class _Connector:
    """Reads and writes one widget and tells of its changes; the very class of the widget counts, as in Slicer."""

    def __init__(self, widget: Any, kind: Any):
        self.widget = widget
        if type(widget) is QtWidgets.QCheckBox and kind is bool:
            self._signal, self.read = widget.stateChanged, lambda: widget.checked
            self.write = lambda value: setattr(widget, "checked", value)
        elif type(widget) is QtWidgets.QLineEdit and kind is str:
            self._signal, self.read, self.write = widget.textChanged, lambda: widget.text, self._write_line
        elif type(widget) is qMRMLNodeComboBox and isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode):
            widget.nodeTypes = [kind().GetClassName()]
            self._signal, self.read, self.write = widget.currentNodeChanged, widget.currentNode, widget.setCurrentNode
        else:
            raise RuntimeError(f"Unable to create GUI connector from datatype '{kind}' to widget type "
                               f"'{type(widget)}', or the stand-in does not have it")
        self._callback: Callable[[], None] | None = None

    def _write_line(self, text: str) -> None:
        # Writing moves the cursor to the end, in the middle of typing too.
        if text != self.widget.text:
            self.widget.text = text

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        self._callback = callback
        (self._signal.connect if callback else self._signal.disconnect)(self.changed)

    def changed(self) -> None:
        if self._callback:
            self._callback()


class _Parameter:
    """One parameter of one node. The value is kept, and read again when the node says that it was modified."""

    def __init__(self, node: Any, name: str, serializer: _Text, default: Any):
        self._node, self._name, self._serializer, self._default = node, name, serializer, default
        self._writing = False
        self.value = self._read()
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
            self._serializer.check(self._default)
            self._serializer.write(self._node, self._name, self._default)
        return self._serializer.read(self._node, self._name)

    def write(self, value: Any) -> None:
        self._serializer.check(value)
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

    def __init__(self, parameterNode: Any):
        self.parameterNode = parameterNode
        self._guis: dict[int, tuple[dict[str, _Connector], int]] = {}
        self._next_tag, self._updating = 0, False
        self._parameters = {name: _Parameter(parameterNode, name, serializer, default)
                            for name, (_, serializer, default) in self.allParameters.items()}

    def StartModify(self) -> Any:
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified: Any) -> Any:
        return self.parameterNode.EndModify(wasModified)

    def AddObserver(self, event: Any, callback: Any, priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def connectGui(self, gui: Any) -> int:
        """Connect the widgets among ``gui``'s attributes that name a parameter; returns a tag for disconnectGui."""
        named = [(widget.property(_PROPERTY), widget) for widget in vars(gui).values() if widget.property(_PROPERTY)]
        unknown = [name for name, _ in named if name not in self.allParameters]
        if unknown:
            raise ValueError(f"Cannot find a param with the given name: {unknown[0]}")
        connectors = {name: _Connector(widget, self.allParameters[name][0]) for name, widget in named}
        for name, connector in connectors.items():
            connector.write(getattr(self, name))
            connector.onChanged(lambda name=name, connector=connector: self._take(name, connector))
        tag, self._next_tag = self._next_tag, self._next_tag + 1
        self._guis[tag] = (connectors, self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._show()))
        return tag

    def disconnectGui(self, guiTag: int) -> None:
        if guiTag in self._guis:
            connectors, observer = self._guis.pop(guiTag)
            for connector in connectors.values():
                connector.onChanged(None)
            self.RemoveObserver(observer)

    def _take(self, name: str, connector: _Connector) -> None:
        if not self._updating:
            with slicer.util.NodeModify(self):
                setattr(self, name, connector.read())

    def _show(self) -> None:
        if self._updating:
            return
        self._updating = True
        try:
            with slicer.util.NodeModify(self):
                for connectors, _ in self._guis.values():
                    for name, connector in connectors.items():
                        connector.write(getattr(self, name))
        finally:
            self._updating = False


def parameterNodeWrapper(cls: type) -> type:
    """Class decorator; parameters are the annotated names, each with its default."""
    parameters = {}
    for name, kind in typing.get_type_hints(cls, include_extras=True).items():
        try:
            serializer = _serializer(kind)
        except TypeError as error:
            raise TypeError(f"Unable to create serializer for {cls} member {name}: {error}") from error
        parameters[name] = (kind, serializer, getattr(cls, name) if hasattr(cls, name) else serializer.default())
        setattr(cls, name, property(lambda self, name=name: self._parameters[name].value,
                                    lambda self, value, name=name: self._parameters[name].write(value)))
    for name, member in vars(_Wrapper).items():
        if callable(member) and (name == "__init__" or not name.startswith("__")):
            if name != "__init__" and hasattr(cls, name):
                raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
            setattr(cls, name, member)
    cls.allParameters = parameters
    return cls
