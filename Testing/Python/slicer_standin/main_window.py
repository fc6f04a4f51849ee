"""The main window: module selector, module panel in its dock, status bar and slice views.

Follows Base/QTApp/qSlicerMainWindow.h, Base/QTGUI/qSlicerModuleSelectorToolBar.h and qSlicerModulePanel.cxx. The least
width of the panel is that of the module's widget, its horizontal scroll bar is off, and so its dock grows with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from . import views
from .ctk_widgets import ctkCollapsibleButton
from .mrml_widgets import qSlicerWidget
from .pythonqt import native
from .scripted_module import Module, run_module, unload_module

Property, Signal = QtCore.Property, QtCore.Signal


@native
class qSlicerModulePanel(qSlicerWidget):
    """Shows one module's widget at a time, and tells it when it is entered and left."""

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_current: Any = None
        self.setSizePolicy(QtWidgets.QSizePolicy.Minimum, QtWidgets.QSizePolicy.Preferred)
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self._si_area = area = QtWidgets.QScrollArea()
        area.setSizePolicy(QtWidgets.QSizePolicy.Minimum, QtWidgets.QSizePolicy.Expanding)
        area.setFrameShape(QtWidgets.QFrame.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        contents = QtWidgets.QWidget()
        contents.setSizePolicy(QtWidgets.QSizePolicy.Minimum, QtWidgets.QSizePolicy.Preferred)
        column = QtWidgets.QVBoxLayout(contents)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSizeConstraint(QtWidgets.QLayout.SetMinAndMaxSize)
        help_section = ctkCollapsibleButton("Help && Acknowledgement")
        help_section.collapsed = True
        help_section.setSizePolicy(QtWidgets.QSizePolicy.Ignored, QtWidgets.QSizePolicy.Fixed)
        column.addWidget(help_section)
        column.addItem(QtWidgets.QSpacerItem(0, 0, QtWidgets.QSizePolicy.Minimum,
                                             QtWidgets.QSizePolicy.MinimumExpanding))
        self._si_column = column
        area.setWidget(contents)
        grid.addWidget(area)

    def currentModuleName(self) -> str:
        return self._si_current.name if self._si_current is not None else ""

    def setModule(self, module) -> None:
        if module is self._si_current:
            return
        if self._si_current is not None:
            self._si_remove(self._si_current.widgetRepresentation())
        self._si_current = module
        if module is not None:
            self._si_add(module.widgetRepresentation())

    def _si_add(self, widget: QtWidgets.QWidget) -> None:
        widget.layout().setContentsMargins(0, 0, 0, 0)
        self._si_column.insertWidget(1, widget, 1)
        widget.setSizePolicy(QtWidgets.QSizePolicy.Minimum, widget.sizePolicy.verticalPolicy())
        widget.setVisible(True)
        widget.installEventFilter(self)
        self.updateGeometry()
        widget.enter()

    def _si_remove(self, widget: QtWidgets.QWidget) -> None:
        widget.exit()
        widget.removeEventFilter(self)
        self._si_column.takeAt(self._si_column.indexOf(widget))
        widget.setVisible(False)
        widget.setParent(None)

    def eventFilter(self, _watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Resize:
            self.updateGeometry()
        return False

    def minimumSizeHint(self) -> QtCore.QSize:
        width = self._si_area.widget().minimumSizeHint.width() + (
            self._si_area.horizontalScrollBar().sizeHint.width())
        return QtCore.QSize(width, 60)


@native
class qSlicerModuleSelectorToolBar(QtWidgets.QToolBar):
    """Selects modules by name."""

    moduleSelected = Signal(str)

    def __init__(self, panel: qSlicerModulePanel):
        super().__init__("Module Selection")
        self._si_panel = panel

    def _si_select(self, name: str) -> None:
        module = slicer.app.moduleManager().module(name)
        if module is None:  # no action of that name: qSlicerModulesMenu.cxx only warns
            QtCore.qWarning(f"Unable to find module {name}")
            return
        self._si_panel.setModule(module)
        self.moduleSelected.emit(name)

    def selectModule(self, name: str) -> None:
        self._si_select(name)

    selectedModule = Property(str, lambda self: self._si_panel.currentModuleName(),
                              lambda self, name: self._si_select(name))


@native
class qSlicerDataModuleWidget(qSlicerWidget):
    """The Data module, where somebody goes who leaves another; it shows nothing."""

    def __init__(self) -> None:
        super().__init__()
        QtWidgets.QVBoxLayout(self).addWidget(QtWidgets.QLabel("Subject hierarchy"))

    def enter(self) -> None:
        pass

    def exit(self) -> None:
        pass


@native
class qSlicerMainWindow(QtWidgets.QMainWindow):
    """The main window; its central widget has the place of the views, which draw nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.objectName = "qSlicerMainWindow"
        self._si_panel = qSlicerModulePanel()
        self._si_selector = qSlicerModuleSelectorToolBar(self._si_panel)
        self.addToolBar(self._si_selector)
        self._si_dock = dock = QtWidgets.QDockWidget()
        dock.objectName = "PanelDockWidget"
        dock.setWidget(self._si_panel)
        self.addDockWidget(QtCore.Qt.LeftDockWidgetArea, dock)
        self.setCentralWidget(QtWidgets.QWidget())
        self.statusBar()

    def moduleSelector(self) -> qSlicerModuleSelectorToolBar:
        return self._si_selector


def open_main_window(width: int = 1366, height: int = 768) -> qSlicerMainWindow:
    """Open the main window in the given size (pixels); from then on there are a layout manager and slice views."""
    app = slicer.app
    if app._si_window is None:
        app._si_layout_manager = views.qSlicerLayoutManager()
        app._si_window = qSlicerMainWindow()
        slicer.modules.data = Module("Data", widget=qSlicerDataModuleWidget())
        run_module(Path(__file__).parent / "modules" / "SegmentEditor.py")
    app._si_window.resize(width, height)
    app._si_window.show()
    return app._si_window


def close_main_window() -> None:
    """Leave the module shown and take window and views away."""
    app = slicer.app
    if app._si_window is not None:
        app._si_window._si_panel.setModule(None)
        unload_module("SegmentEditor")
        slicer.modules.data.widgetRepresentation().deleteLater()
        del slicer.modules.data
        app._si_window.hide()
        app._si_window.deleteLater()
        app.sendPostedEvents(app._si_window, QtCore.QEvent.DeferredDelete)
        views.take_away(app._si_layout_manager)
        app._si_window = app._si_layout_manager = None
