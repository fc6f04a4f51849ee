"""CTK's widgets: the properties, slots and signals their headers show to Python (commontk/CTK, Libs/Widgets).

CTK's wrapping is light: Python sees properties, slots, signals and Q_INVOKABLE methods, no other public method. So
``button.collapsed = True`` works and ``button.setCollapsed(True)`` does not, here as there.
"""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from .pythonqt import native

Property, Signal = QtCore.Property, QtCore.Signal


def plain(kind: Any, name: str, default: Any) -> Property:
    """Return a property that only keeps its value."""
    key = f"_si_{name}"
    return Property(kind, lambda self: getattr(self, "__dict__").get(key, default),  # noqa: B009
                    lambda self, value: setattr(self, key, value))


@native
class ctkCollapsibleButton(QtWidgets.QAbstractButton):
    """A titled section that folds."""

    contentsCollapsed = Signal(bool)

    def __init__(self, text: Any = "", parent: QtWidgets.QWidget | None = None):
        if not isinstance(text, str):
            text, parent = "", text
        super().__init__(parent)
        self._si_hidden: list[QtWidgets.QWidget] = []
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setSizePolicy(QtWidgets.QSizePolicy.Preferred, QtWidgets.QSizePolicy.Preferred)
        self.setContentsMargins(1, self._si_header(), 1, 1)
        self.toggled.connect(self._si_on_toggled)

    def _si_header(self) -> int:
        return QtGui.QFontMetrics(self.font).height() + 10

    def _si_on_toggled(self, shown: bool) -> None:
        if shown:
            for child in self._si_hidden:
                child.show()
            self._si_hidden = []
            self.setMaximumHeight(16777215)
        else:
            self._si_hidden = [child for child in self.children() if child.isWidgetType() and not child.isHidden()]
            for child in self._si_hidden:
                child.hide()
            self.setMaximumHeight(self._si_header())
        self.updateGeometry()
        self.contentsCollapsed.emit(not shown)

    def _si_set_collapsed(self, value: bool) -> None:
        self.setChecked(not value)

    collapsed = Property(bool, lambda self: not self.checked, _si_set_collapsed)

    def sizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        if not self.checked or layout is None:
            return QtCore.QSize(150, self._si_header())
        return layout.totalSizeHint()

    def minimumSizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        if not self.checked or layout is None:
            return QtCore.QSize(50, self._si_header())
        return layout.totalMinimumSize()

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() < self._si_header()

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect = QtCore.QRect(0, 0, self.width, self._si_header() - 2)
        painter.drawControl(QtWidgets.QStyle.CE_PushButtonBevel, option)
        arrow = QtWidgets.QStyleOption()
        arrow.initFrom(self)
        arrow.rect = QtCore.QRect(6, 0, 12, self._si_header() - 2)
        painter.drawPrimitive(QtWidgets.QStyle.PE_IndicatorArrowDown if self.checked
                              else QtWidgets.QStyle.PE_IndicatorArrowRight, arrow)
        painter.drawText(option.rect.adjusted(24, 0, 0, 0), QtCore.Qt.AlignVCenter | QtCore.Qt.TextShowMnemonic,
                         self.text)


@native
class ctkMessageBox(QtWidgets.QMessageBox):
    """A message box that nobody has to answer: its text is kept in ``shown`` and its default button is pressed."""

    #: Texts of all boxes shown since the last clean scene; tests read it and clear it.
    shown: list[str] = []  # noqa: RUF012

    def exec_(self) -> int:
        self.shown.append(self.text)
        default = self.defaultButton()
        if default is not None:
            return self.standardButton(default)
        standard = self.standardButtons
        accepting = (QtWidgets.QMessageBox.Ok, QtWidgets.QMessageBox.Yes, QtWidgets.QMessageBox.Retry)
        return next((button for button in accepting if standard & button), QtWidgets.QMessageBox.Ok)
