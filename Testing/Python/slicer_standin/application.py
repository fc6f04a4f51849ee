"""``slicer.app`` and what hangs on it: the application, its module manager and its file reading and writing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from .pythonqt import native

Property, Signal = QtCore.Property, QtCore.Signal


@native
class qSlicerModuleManager(QtCore.QObject):
    """Knows the modules and tells when one goes."""

    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)

    def modulesNames(self) -> tuple[str, ...]:
        return tuple(sorted(vars(slicer.moduleNames).values()))

    def module(self, name: str) -> Any:
        return getattr(slicer.modules, name.lower(), None)


@native
class qSlicerCoreIOManager(QtCore.QObject):
    """Reads and writes scenes, volumes and segmentations with the real storage nodes."""

    def fileType(self, path: str) -> str:
        name = Path(path).name.lower()
        if name.endswith((".mrb", ".mrml")):
            return "SceneFile"
        return "SegmentationFile" if name.endswith(".seg.nrrd") else "VolumeFile"

    def loadNodes(self, file_type: str, properties: dict, nodes=None, _messages=None) -> bool:
        path = properties["fileName"]
        if not Path(path).is_file():
            return False
        if file_type == "SceneFile":
            return self.loadScene(path, properties.get("clear", False))
        if file_type == "VolumeFile":
            node = slicer.modules.volumes.logic().AddArchetypeVolume(path, properties.get("name", Path(path).stem))
        elif file_type == "SegmentationFile":
            node = slicer.modules.segmentations.logic().LoadSegmentationFromFile(path)
        else:
            raise NotImplementedError(f"the stand-in does not read '{file_type}'")
        if node is not None and nodes is not None:
            nodes.AddItem(node)
        return node is not None

    def loadScene(self, path: str, clear: bool = True, _messages=None) -> bool:
        if path.lower().endswith(".mrb"):
            return bool(slicer.mrmlScene.ReadFromMRB(path, clear))
        slicer.mrmlScene.SetURL(path)
        return bool(slicer.mrmlScene.Connect() if clear else slicer.mrmlScene.Import())

    def saveNodes(self, file_type: str, properties: dict, _messages=None) -> bool:
        path = properties["fileName"]
        if file_type == "SceneFile":
            if path.lower().endswith(".mrb"):
                return bool(slicer.mrmlScene.WriteToMRB(path))
            return bool(slicer.mrmlScene.Commit(path))
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        storage = node.CreateDefaultStorageNode()
        storage.UnRegister(None)
        storage.SetFileName(path)
        return bool(storage.WriteData(node))

    def fileWriterFileType(self, node: Any, _extension: str = "") -> str:
        return "SegmentationFile" if node.IsA("vtkMRMLSegmentationNode") else "VolumeFile"

    def addDefaultStorageNodes(self) -> None:
        """MRML adds what it needs when it writes."""


@native
class qSlicerApplication(QtWidgets.QApplication):
    """The application of a Slicer that runs with --testing and without a main window."""

    startupCompleted = Signal()
    mrmlSceneChanged = Signal(object)
    _si_signals = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged(PyObject)"}  # noqa: RUF012

    def __init__(self) -> None:
        QtCore.QCoreApplication.setOrganizationName("SlicerStandIn")
        QtCore.QCoreApplication.setApplicationName("Slicer")
        super().__init__(["Slicer"])
        self._si_folder = tempfile.mkdtemp(prefix="slicer-standin-")
        QtCore.QSettings.setDefaultFormat(QtCore.QSettings.IniFormat)
        QtCore.QSettings.setPath(QtCore.QSettings.IniFormat, QtCore.QSettings.UserScope, self._si_folder)
        self.aboutToQuit.connect(lambda: shutil.rmtree(self._si_folder, ignore_errors=True))
        self._si_manager, self._si_io = qSlicerModuleManager(), qSlicerCoreIOManager()
        self._si_testing, self._si_calls = True, []
        self._si_logic, self._si_paused = None, 0
        self._si_settings: QtCore.QSettings | None = None

    temporaryPath = Property(str, lambda self: self._si_folder)
    slicerHome = Property(str, lambda self: self._si_folder)
    majorVersion = Property(int, lambda self: 5)
    minorVersion = Property(int, lambda self: 12)
    revision = Property(str, lambda self: "stand-in")
    documentationBaseUrl = Property(str, lambda self: "https://slicer.readthedocs.io/en/latest/")

    def mrmlScene(self):
        return slicer.mrmlScene

    def applicationLogic(self):
        return self._si_logic

    def moduleManager(self) -> qSlicerModuleManager:
        return self._si_manager

    def coreIOManager(self) -> qSlicerCoreIOManager:
        return self._si_io

    ioManager = coreIOManager

    def moduleLogic(self, name: str):
        return getattr(slicer.modules, name.lower()).logic()

    def testingEnabled(self) -> bool:
        return self._si_testing

    def layoutManager(self) -> None:
        """There is no main window, hence no views."""
        return

    def settings(self) -> QtCore.QSettings:
        if self._si_settings is None:
            self._si_settings = QtCore.QSettings()
        return self._si_settings

    userSettings = revisionUserSettings = defaultSettings = settings

    def pauseRender(self) -> None:
        self._si_paused += 1

    def resumeRender(self) -> None:
        self._si_paused -= 1

    def setRenderPaused(self, pause: bool) -> None:
        self._si_paused += 1 if pause else -1

    def moduleDocumentationUrl(self, name: str) -> str:
        return f"{self.documentationBaseUrl}user_guide/modules/{name.lower()}.html"

    def openExtensionsManagerDialog(self) -> None:
        self._si_calls.append(("openExtensionsManagerDialog",))

    def openNodeModule(self, node: Any, role: str = "", context: str = "") -> None:
        self._si_calls.append(("openNodeModule", node, role, context))

    def confirmRestart(self, reason: str = "") -> None:
        self._si_calls.append(("confirmRestart", reason))


def use_shipped_font() -> None:
    """Take DejaVu Sans from matplotlib's package, so that pictures have the same letters on every machine."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"):
        if QtGui.QFontDatabase.addApplicationFont(str(folder / name)) < 0:
            raise RuntimeError(f"Qt cannot read the font {name}")
    QtWidgets.QApplication.setFont(QtGui.QFont("DejaVu Sans", 9))
