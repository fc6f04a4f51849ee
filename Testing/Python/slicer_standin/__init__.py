"""A stand-in for Slicer's application layer, so that the panel's real code runs in pytest, offscreen; see README.md."""

from __future__ import annotations

import ctypes
import os
import sys
import types
from typing import Any

__all__ = ["QtMissing", "calls", "close_main_window", "install", "load_module", "offer_extensions_manager",
           "open_main_window", "set_testing", "unload_module"]

#: (module name, logic class) of the modules that have their logic in slicer-core and that the panel's nodes need.
_LOGICS = (
    ("Colors", "vtkMRMLColorLogic"), ("Units", "vtkSlicerUnitsLogic"),
    ("SubjectHierarchy", "vtkSlicerSubjectHierarchyModuleLogic"), ("Transforms", "vtkSlicerTransformLogic"),
    ("Volumes", "vtkSlicerVolumesLogic"), ("Tables", "vtkSlicerTablesLogic"), ("Plots", "vtkSlicerPlotsLogic"),
    ("Texts", "vtkSlicerTextsLogic"), ("Segmentations", "vtkSlicerSegmentationsModuleLogic"),
    ("Sequences", "vtkSlicerSequencesLogic"),
)

#: Variable of the environment that names a folder with Slicer's own Python, see original.py.
ORIGINAL = "SLICER_PYTHON"

_installed = False


class QtMissing(ImportError):
    """PySide6 or a library of the system that it needs is not there."""


class _Names(types.ModuleType):
    """A module with a fixed set of names."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.__name__} has no '{name}', or the stand-in does not have it")


def install() -> None:
    """Put the stand-in in place of Slicer's application; a second call does nothing."""
    global _installed
    if _installed:
        return
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # With a QApplication about, matplotlib would take its Qt backend, which does not know PythonQt's manners.
    os.environ.setdefault("MPLBACKEND", "Agg")
    # PythonQt's enums are ints: stateChanged(int) can be compared with qt.Qt.Checked.
    os.environ["PYSIDE6_OPTION_PYTHON_ENUM"] = "0x03"
    try:
        from PySide6 import QtWidgets
        from PySide6.QtCore import Qt
    except ImportError as error:
        raise QtMissing(f"Qt cannot be loaded ({error}); needed are PySide6_Essentials and, on Debian and Ubuntu, "
                        "libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0") from error
    import slicer

    from . import qt_module

    _keep_singletons()
    if QtWidgets.QApplication.instance() is not None or not issubclass(Qt.CheckState, int):
        raise RuntimeError("PySide6 was used before slicer_standin.install(), with other enums than PythonQt's")
    sys.modules["qt"] = slicer_qt = qt_module.build()
    sys.modules["slicer.modules"] = slicer.modules = _Names("slicer.modules")
    _install_widgets(slicer_qt)
    _install_python_modules()
    _install_application()
    _installed = True


def _keep_singletons() -> None:
    """Give None, True and False references to spare: PySide6 and VTK lose one at some calls.

    Since 3.12 Python does not count them any more (PEP 683); before, it ends when none is left.
    """
    if sys.version_info < (3, 12):
        for value in (None, True, False):
            ctypes.c_ssize_t.from_address(id(value)).value += 1 << 32


def _install_widgets(qt: types.ModuleType) -> None:
    import slicer

    from . import ctk_widgets, effects, main_window, mrml_widgets, scripted_module, segment_editor, views

    sys.modules["ctk"] = ctk = _Names("ctk")
    for source in (ctk_widgets, mrml_widgets, effects, segment_editor, scripted_module, views, main_window):
        for name, value in vars(source).items():
            if isinstance(value, type) and vars(value).get("_si_native") is value:
                setattr(ctk if name.startswith("ctk") else slicer, name, value)
                qt.QUiLoader.widgets[name] = value


def _install_python_modules() -> None:
    import slicer

    from . import original, parameter_node, scripted_module, small_modules

    contents = {
        "parameterNodeWrapper": {"parameterNodeWrapper": parameter_node.parameterNodeWrapper},
        "ScriptedLoadableModule": {name: value for name, value in vars(scripted_module).items()
                                   if name.startswith("ScriptedLoadableModule")},
        "i18n": {"tr": small_modules.tr, "translate": small_modules.translate},
        "packaging": {name: getattr(small_modules, name) for name in ("load_requirements", "pip_ensure")},
    }
    if ORIGINAL in os.environ:
        original.use(os.environ[ORIGINAL])
        contents = {name: values for name, values in contents.items() if name not in original.MODULES}
    for name, values in contents.items():
        module = _Names(f"slicer.{name}")
        vars(module).update(values)
        sys.modules[module.__name__] = module
        setattr(slicer, name, module)
    sample_data = _Names("SampleData")
    sample_data.SampleDataLogic = small_modules.SampleDataLogic
    sys.modules["SampleData"] = sample_data


def _install_application() -> None:
    import slicer

    from . import application, scripted_module, subject_hierarchy

    slicer.app = application.qSlicerApplication()
    application.use_shipped_font()
    scene, logic = slicer.vtkMRMLScene(), slicer.vtkSlicerApplicationLogic()
    slicer.mrmlScene, slicer.app._si_logic = scene, logic
    # Without these the scene cannot read a .mrb.
    remote, data = slicer.vtkMRMLRemoteIOLogic(), slicer.vtkDataIOManagerLogic()
    for reader in (remote, data):
        reader.SetMRMLApplicationLogic(logic)
        reader.SetMRMLScene(scene)
    logic.SetMRMLSceneDataIO(scene, remote, data)
    logic.SetMRMLScene(scene)
    slicer.app._si_scene_io = (remote, data)
    for name, class_name in _LOGICS:
        module_logic = getattr(slicer, class_name)()
        module_logic.SetMRMLApplicationLogic(logic)
        module_logic.SetMRMLScene(scene)
        logic.SetModuleLogic(name, module_logic)
        setattr(slicer.modules, name.lower(), scripted_module.Module(name, logic=module_logic))
    logic.SetColorLogic(slicer.modules.colors.logic())
    slicer.app._si_hierarchy = subject_hierarchy.SubjectHierarchy(scene)


def set_testing(enabled: bool) -> None:
    """Switch what ``slicer.app.testingEnabled()`` says."""
    import slicer

    slicer.app._si_testing = enabled


def calls() -> list[tuple[Any, ...]]:
    """Return the dialogs ``slicer.app`` was asked to open, with arguments."""
    import slicer

    return slicer.app._si_calls


def offer_extensions_manager(offered: bool) -> None:
    """Let ``slicer.app`` have ``openExtensionsManagerDialog()`` or not; a clean scene begins without it."""
    from .application import offer_extensions_manager as offer

    offer(offered)


def open_main_window(width: int = 1366, height: int = 768) -> Any:
    """Open the main window (pixels); with it come the module selector, the layout manager and slice views."""
    from .main_window import open_main_window as open_window

    return open_window(width, height)


def close_main_window() -> None:
    """Take the main window and its views away."""
    from .main_window import close_main_window as close_window

    close_window()


def load_module(path: Any) -> Any:
    """Load a scripted module as Slicer does at start-up; returns the module object (``slicer.modules.<name>``)."""
    from .scripted_module import load_module as load

    return load(path)


def unload_module(name: str) -> None:
    """Unload a scripted module: its widget is cleaned up and deleted."""
    from .scripted_module import unload_module as unload

    unload(name)
