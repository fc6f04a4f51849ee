"""The module ``qt``: PySide6's classes with PythonQt's manners; every other name is refused."""

from __future__ import annotations

import types
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import ClassVar

import shiboken6
from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

from . import pythonqt
from .qtnames import CLASSES, REFUSED

_MODULES = (QtCore, QtGui, QtWidgets, QtUiTools)


class QtModule(types.ModuleType):
    """Refuses names with a sentence that says why."""

    def __getattr__(self, name: str):
        if name in REFUSED:
            raise AttributeError(f"qt.{name} must not be used: {REFUSED[name]}")
        raise AttributeError(f"qt.{name} is not a name of both Qt 5.15 and Qt 6 in PythonQt; if it is, after checking, "
                             "add it to slicer_standin/qtnames.py")


def build() -> QtModule:
    """Adapt the classes of PySide6 and return the module."""
    module = QtModule("qt", "Stand-in for PythonQt's Qt classes.")
    for source in _MODULES:
        for name in dir(source):
            value = getattr(source, name)  # PySide6 makes its classes when they are asked for
            if isinstance(value, type) and issubclass(value, shiboken6.Shiboken.Object):
                pythonqt.adapt(value)
                if name in CLASSES:
                    setattr(module, name, value)
    module.Qt = QtCore.Qt
    module.QUiLoader = UiLoader
    _static_returns()
    missing = CLASSES - set(vars(module))
    if missing:
        raise ImportError(f"PySide6 lacks {sorted(missing)}")
    return module


def _static_returns() -> None:
    """PythonQt returns the path alone, where PySide6 returns path and filter; its single shot takes a callable."""
    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName"):
        behind = getattr(QtWidgets.QFileDialog, name)
        setattr(QtWidgets.QFileDialog, name, staticmethod(lambda *args, behind=behind: behind(*args)[0]))
    QtCore.QTimer.singleShot = staticmethod(_single_shot)
    for cls in (QtWidgets.QApplication, QtWidgets.QDialog, QtWidgets.QMenu):
        cls.exec_ = cls.exec  # PySide6 warns of PythonQt's spelling


_waiting: set[QtCore.QTimer] = set()


def _single_shot(milliseconds: int, receiver: Callable) -> None:
    timer = QtCore.QTimer()
    timer.setSingleShot(True)
    _waiting.add(timer)

    def fire() -> None:
        _waiting.discard(timer)
        receiver()

    timer.connect("timeout()", fire)
    timer.start(milliseconds)


class UiLoader(QtUiTools.QUiLoader):
    """Loads a .ui file with the stand-in's custom widgets, and refuses what real Slicer would silently pass over.

    Raises RuntimeError for a class, a property, a signal or a slot that does not exist.
    """

    #: Custom widgets by class name; filled by :func:`slicer_standin.install`.
    widgets: ClassVar[dict[str, type]] = {}

    def __init__(self) -> None:
        super().__init__()
        # Widgets from createWidget belong to their parents in C++, but their Python halves need a holder.
        self._held: list[QtWidgets.QWidget] = []

    def createWidget(self, class_name: str, parent=None, name: str = ""):
        if class_name in self.widgets:
            widget = self.widgets[class_name](parent)
        else:
            widget = super().createWidget(class_name, parent, name)
        widget.objectName = name
        self._held.append(widget)
        return widget

    def load(self, device: QtCore.QIODevice, parent=None):
        root = ElementTree.fromstring(bytes(device.readAll()))
        connections = root.find("connections")
        if connections is not None:
            root.remove(connections)
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(root, encoding="utf-8"))
        buffer.open(QtCore.QIODevice.ReadOnly)
        for element in root.iter("widget"):
            if element.get("class") not in self.widgets and element.get("class") not in CLASSES:
                raise RuntimeError(f"the .ui file asks for a widget '{element.get('class')}', which the stand-in does "
                                   "not have")
        with pythonqt.loading():
            widget = super().load(buffer, parent)
        if widget is None:
            raise RuntimeError(f"Qt cannot read the .ui file: {self.errorString()}")
        held = self._held  # as long as the root lives
        widget.destroyed.connect(lambda: held.clear())
        _check_properties(root, widget)
        for connection in connections if connections is not None else ():
            _connect(widget, connection)
        return widget


def _named(root: QtWidgets.QWidget, name: str) -> QtCore.QObject:
    if root.objectName == name:
        return root
    child = root.findChild(QtCore.QObject, name)
    if child is None:
        raise RuntimeError(f"the .ui file speaks of '{name}', which it does not contain")
    return child


def _check_properties(root: ElementTree.Element, widget: QtWidgets.QWidget) -> None:
    for element in root.iter("widget"):
        meta = _named(widget, element.get("name")).metaObject()
        for item in element.findall("property"):
            name = item.get("name")
            # Qt's form builder itself knows the label's buddy.
            if item.get("stdset") == "0" or (element.get("class"), name) == ("QLabel", "buddy"):
                continue
            if meta.indexOfProperty(name) < 0:
                raise RuntimeError(f"{element.get('class')} '{element.get('name')}' has no property '{name}'")


def _connect(root: QtWidgets.QWidget, connection: ElementTree.Element) -> None:
    sender, signal, receiver, slot = (connection.findtext(tag) for tag in ("sender", "signal", "receiver", "slot"))
    try:
        pythonqt.connect(_named(root, sender), signal, _named(root, receiver), slot)
    except ValueError as error:
        raise RuntimeError(f"a connection of the .ui file is wrong: {error}") from None
