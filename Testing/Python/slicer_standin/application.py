"""``slicer.app`` and what hangs on it: the application, its module manager and its reading and writing of scenes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from .error_log import make_error_log
from .pythonqt import native

Property, Signal = QtCore.Property, QtCore.Signal


@native
class qSlicerModuleManager(QtCore.QObject):
    """Knows the modules by name and tells when one goes."""

    moduleAboutToBeUnloaded = Signal(str)

    def module(self, name: str):
        module = vars(slicer.modules).get(name.lower())
        return module if getattr(module, "name", None) == name else None


@native
class qSlicerCoreIOManager(QtCore.QObject):
    """Reads and writes scenes (.mrml and .mrb) with MRML itself; files of single nodes are refused."""

    def loadNodes(self, file_type: str, properties: dict, nodes=None, _messages=None) -> bool:
        self._si_check(file_type)
        path, clear = properties["fileName"], properties.get("clear", False)
        if not Path(path).is_file():
            return False
        if path.lower().endswith(".mrb"):
            return bool(slicer.mrmlScene.ReadFromMRB(path, clear))
        slicer.mrmlScene.SetURL(path)
        return bool(slicer.mrmlScene.Connect() if clear else slicer.mrmlScene.Import())

    def saveNodes(self, file_type: str, properties: dict, _messages=None) -> bool:
        self._si_check(file_type)
        path = properties["fileName"]
        return bool(slicer.mrmlScene.WriteToMRB(path) if path.lower().endswith(".mrb") else (
            slicer.mrmlScene.Commit(path)))

    def _si_check(self, file_type: str) -> None:
        if file_type != "SceneFile":
            raise NotImplementedError(f"the stand-in reads and writes scenes, not '{file_type}': use a storage node")


@native
class qSlicerApplication(QtWidgets.QApplication):
    """The application of a Slicer that runs with --testing, without a main window until one is opened.

    It is one built without the Extensions Manager (Slicer_BUILD_EXTENSIONMANAGER_SUPPORT), so it has no
    ``openExtensionsManagerDialog``; a test can ask for one that has.
    """

    startupCompleted = Signal()

    def __init__(self) -> None:
        QtCore.QCoreApplication.setOrganizationName("SlicerStandIn")
        QtCore.QCoreApplication.setApplicationName("Slicer")
        super().__init__(["Slicer"])
        self._si_folder = tempfile.mkdtemp(prefix="slicer-standin-")
        QtCore.QSettings.setDefaultFormat(QtCore.QSettings.IniFormat)
        QtCore.QSettings.setPath(QtCore.QSettings.IniFormat, QtCore.QSettings.UserScope, self._si_folder)
        self.aboutToQuit.connect(lambda: shutil.rmtree(self._si_folder, ignore_errors=True))
        self._si_manager, self._si_io, self._si_settings = qSlicerModuleManager(), qSlicerCoreIOManager(), None
        self._si_testing, self._si_calls, self._si_logic = True, [], None
        self._si_window = self._si_layout_manager = None
        self._si_log = make_error_log()

    temporaryPath = Property(str, lambda self: self._si_folder)

    def applicationLogic(self):
        return self._si_logic

    def moduleManager(self) -> qSlicerModuleManager:
        return self._si_manager

    def coreIOManager(self) -> qSlicerCoreIOManager:
        return self._si_io

    def testingEnabled(self) -> bool:
        return self._si_testing

    def layoutManager(self):
        return self._si_layout_manager

    def mainWindow(self):
        return self._si_window

    def errorLogModel(self):
        return self._si_log

    def settings(self) -> QtCore.QSettings:
        if self._si_settings is None:
            self._si_settings = QtCore.QSettings()
        return self._si_settings


def offer_extensions_manager(offered: bool) -> None:
    """Let the application be built with the Extensions Manager or without it."""
    name = "openExtensionsManagerDialog"
    if offered:
        setattr(qSlicerApplication, name, lambda self: self._si_calls.append((name,)))
    elif name in vars(qSlicerApplication):
        delattr(qSlicerApplication, name)


def use_shipped_font() -> None:
    """Take DejaVu Sans from matplotlib's package, so that pictures have the same letters on every machine."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"):
        if QtGui.QFontDatabase.addApplicationFont(str(folder / name)) < 0:
            raise RuntimeError(f"Qt cannot read the font {name}")
    QtWidgets.QApplication.setFont(QtGui.QFont("DejaVu Sans", 9))
