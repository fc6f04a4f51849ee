"""``slicer.app.errorLogModel()``: what Qt, VTK and Python wrote as a warning or worse, one row each.

Follows Libs/Core/ctkErrorLogAbstractModel.h of CTK. Slicer's log takes in the messages of Qt (qCritical), of VTK
(vtkErrorMacro) and what is written to the error output, where PythonQt and VTK print the tracebacks of slots and
observers.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

import vtk
from PySide6 import QtCore, QtGui

from .pythonqt import native

_QT_LEVELS = {"QtWarningMsg": "Warning", "QtCriticalMsg": "Critical", "QtFatalMsg": "Fatal"}

#: What Qt itself says without a screen and of a stylesheet's font; no concern of Slicer's.
_PASSED_OVER = ("This plugin does not support", "QFont::setPointSize")


@native
class ctkErrorLogModel(QtGui.QStandardItemModel):
    """Rows of (time, thread, level, origin, description)."""

    def logEntryCount(self) -> int:
        return self.rowCount()

    def logEntryDescription(self, row: int) -> str:
        return self.item(row, 4).text()

    def _si_add(self, level: str, origin: str, text: str) -> None:
        self.appendRow([QtGui.QStandardItem(value) for value in ("", "", level, origin, text.strip())])


class _PythonHandler(logging.Handler):
    """Slicer's SlicerApplicationLogHandler (Base/Python/slicerqt.py) posts Python's log into the model."""

    def __init__(self, model: ctkErrorLogModel):
        super().__init__(logging.WARNING)
        self._model = model

    def emit(self, record: logging.LogRecord) -> None:
        level = "Error" if record.levelno >= logging.ERROR else "Warning"
        self._model._si_add(level, "Python", record.getMessage())


def make_error_log() -> ctkErrorLogModel:
    """Return the model, listening to Qt, VTK and Python's log; tracebacks come by :func:`add_traceback`."""
    model = ctkErrorLogModel()

    def on_qt(kind: Any, _context: Any, text: str) -> None:
        level = _QT_LEVELS.get(kind.name)
        if level and not text.startswith(_PASSED_OVER):
            model._si_add(level, "Qt", text)

    QtCore.qInstallMessageHandler(on_qt)
    output = vtk.vtkOutputWindow.GetInstance()
    for event, level in (("ErrorEvent", "Error"), ("WarningEvent", "Warning")):
        output.AddObserver(event, _vtk_listener(model, level))
    logging.getLogger().addHandler(_PythonHandler(model))
    return model


def _vtk_listener(model: ctkErrorLogModel, level: str) -> Any:
    def listen(_caller: Any, _event: str, text: str) -> None:
        model._si_add(level, "VTK", text)

    listen.CallDataType = vtk.VTK_STRING
    return listen


def add_traceback(model: ctkErrorLogModel, error: tuple[Any, ...]) -> None:
    """Take in what was raised in a slot or an observer, which Python prints to the error output."""
    model._si_add("Critical", "Stream", "".join(traceback.format_exception(*error)))
