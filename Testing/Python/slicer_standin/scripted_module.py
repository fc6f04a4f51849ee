"""``slicer.ScriptedLoadableModule`` and Slicer's side of a scripted module: load, show, reload and unload it.

Follows Base/Python/slicer/ScriptedLoadableModule.py; the developer's buttons, screenshots and modules with several
parameter nodes are left out.
"""

from __future__ import annotations

import importlib.util
import sys
import unittest
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from .mrml_widgets import qSlicerWidget
from .pythonqt import native


class ScriptedLoadableModule:
    """Metadata of a module, kept in ``parent``."""

    def __init__(self, parent: Any):
        super().__init__()
        self.parent, self.moduleName = parent, type(self).__name__
        parent.title, parent.helpText, parent.acknowledgementText = "", "", ""
        parent.categories, parent.dependencies, parent.contributors = [], [], []
        icon = Path(parent.path).parent / "Resources" / "Icons" / f"{self.moduleName}.png"
        if icon.is_file():
            parent.icon = QtGui.QIcon(str(icon))
        if not hasattr(slicer, "selfTests"):
            slicer.selfTests = {}
        slicer.selfTests[self.moduleName] = self.runTest

    def runTest(self, msec: int = 100, **kwargs: Any) -> None:
        case = getattr(sys.modules[type(self).__module__], f"{self.moduleName}Test")()
        case.messageDelay = msec
        case.runTest(**kwargs)


class ScriptedLoadableModuleWidget:
    """Base of a module's widget, inside the ``parent`` that the application gives it."""

    def __init__(self, parent: QtWidgets.QWidget):
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.parent, self.layout = parent, parent.layout()
        slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def resourcePath(self, filename: str) -> str:
        return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def setup(self) -> None:
        """Make the widgets."""

    def cleanup(self) -> None:
        """Called before the module is unloaded."""

    def _onModuleAboutToBeUnloaded(self, moduleName: str) -> None:
        if moduleName == self.moduleName:
            self.cleanup()
            slicer.app.moduleManager().disconnect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def onReload(self) -> None:
        slicer.util.reloadScriptedModule(self.moduleName)


class ScriptedLoadableModuleLogic:
    """Base of a module's logic; gets its parameter node, of which a scene has one, or makes it."""

    def __init__(self, parent: Any = None):
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Logic")

    def getParameterNode(self) -> Any:
        node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
        if node is None:
            return slicer.mrmlScene.AddNode(self.createParameterNode())
        # Closing a scene takes the attribute away.
        if node.GetAttribute("ModuleName") != self.moduleName:
            node.SetAttribute("ModuleName", self.moduleName)
        return node

    def createParameterNode(self) -> Any:
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        node.SetSingletonTag(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of a module's self-test; without arguments it runs every attribute with 'test' in its name, as Slicer's."""

    def __init__(self, *args: Any, **kwargs: Any):
        self.moduleTestNames: list[str] = []
        super().__init__(*args, **kwargs)
        super(unittest.TestCase, self).__init__()  # mixins that follow unittest's class, which does not pass on
        if not self.moduleTestNames:
            self.moduleTestNames = [name for name in dir(self) if "test" in name and callable(getattr(self, name))]

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        slicer.util.delayDisplay(message, getattr(self, "messageDelay", msec or requestedDelay or 100))

    def runTest(self) -> None:
        self.setUpClass()
        for name in self.moduleTestNames:
            self.setUp()
            getattr(self, name)()
            self.tearDown()
        self.tearDownClass()


_TEXTS, _LISTS = ("title", "helpText", "acknowledgementText"), ("categories", "dependencies", "contributors")


class Module:
    """A module as the application has it; also the ``parent`` of a scripted module's first class."""

    def __init__(self, name: str, path: str = "", logic: Any = None, widget: Any = None):
        values = {"name": name, "path": path, "_logic": logic, "_widget": widget, "icon": None,
                  **dict.fromkeys(_TEXTS, ""), **{key: [] for key in _LISTS}}
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def __setattr__(self, key: str, value: Any) -> None:
        if key not in vars(self):
            raise AttributeError(f"'{key}' does not exist on qSlicerScriptedLoadableModule")
        if key in ("name", "path"):
            raise AttributeError(f"Property '{key}' of qSlicerScriptedLoadableModule object is not writable")
        if (key in _TEXTS and not isinstance(value, str)) or (key in _LISTS and not all(
                isinstance(item, str) for item in value)):
            raise AttributeError(f"Property '{key}' does not accept {value!r}")
        object.__setattr__(self, key, value)

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> Any:
        if self._widget is None and self.path:
            self._widget = qSlicerScriptedLoadableModuleWidget(self.name)
        return self._widget


@native
class qSlicerScriptedLoadableModuleWidget(qSlicerWidget):
    """Holds the Python widget of a scripted module and passes enter and exit on."""

    isEntered = QtCore.Property(bool, lambda self: self._si_entered)

    def __init__(self, name: str):
        super().__init__()
        self._si_module, self._si_python, self._si_entered = name, None, False
        self.setLayout(QtWidgets.QVBoxLayout())
        self.setMRMLScene(slicer.mrmlScene)
        self.reload()

    def self(self) -> Any:
        return self._si_python

    def reload(self) -> None:
        widget = getattr(sys.modules[self._si_module], f"{self._si_module}Widget")(self)
        self._si_python = widget
        setattr(slicer.modules, f"{self._si_module}Widget", widget)
        widget.setup()

    def enter(self) -> None:
        self._si_entered = True
        if hasattr(self._si_python, "enter"):
            self._si_python.enter()

    def exit(self) -> None:
        self._si_entered = False
        if hasattr(self._si_python, "exit"):
            self._si_python.exit()


def load_module(path: str | Path) -> Module:
    """Load a scripted module as Slicer does at start-up and return it; ``startupCompleted()`` is emitted after it."""
    module = run_module(path)
    slicer.app.startupCompleted.emit()
    return module


def run_module(path: str | Path) -> Module:
    """Run a scripted module's file and add the module to ``slicer.modules``."""
    path = Path(path)
    name = path.stem
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    source = importlib.util.module_from_spec(spec)
    sys.modules[name] = source
    spec.loader.exec_module(source)
    module = Module(name, str(path), slicer.vtkSlicerScriptedLoadableModuleLogic())
    setattr(slicer.modules, f"{name}Instance", getattr(source, name)(module))
    setattr(slicer.modules, name.lower(), module)
    return module


def unload_module(name: str) -> None:
    """Take a module away: it is left if it is shown, its widget is cleaned up and deleted."""
    if slicer.app.mainWindow() is not None and slicer.util.selectedModule() == name:
        slicer.app.mainWindow().moduleSelector()._si_panel.setModule(None)
    slicer.app.moduleManager().moduleAboutToBeUnloaded.emit(name)
    module = getattr(slicer.modules, name.lower())
    if module._widget is not None:
        module._widget.hide()
        module._widget.deleteLater()
    for attribute in (name.lower(), f"{name}Widget", f"{name}Instance"):
        if hasattr(slicer.modules, attribute):
            delattr(slicer.modules, attribute)
    slicer.selfTests.pop(name, None)
    sys.modules.pop(name, None)
