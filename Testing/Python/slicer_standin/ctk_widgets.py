"""CTK's widgets: the properties, slots and signals their headers show to Python (commontk/CTK, Libs/Widgets).

CTK's wrapping is light: Python sees properties, slots, signals and Q_INVOKABLE methods, no other public method. So
``button.collapsed = True`` works and ``button.setCollapsed(True)`` does not, here as there.
"""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from .pythonqt import blocked, native

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
    collapsedHeight = plain(int, "collapsedHeight", 10)
    flat = plain(bool, "flat", False)
    contentsLineWidth = plain(int, "contentsLineWidth", 1)
    contentsMidLineWidth = plain(int, "contentsMidLineWidth", 0)

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
class ctkCollapsibleGroupBox(QtWidgets.QGroupBox):
    """A group box that folds when unchecked."""

    def __init__(self, title: Any = "", parent: QtWidgets.QWidget | None = None):
        if not isinstance(title, str):
            title, parent = "", title
        super().__init__(title, parent)
        self.setCheckable(True)
        self.toggled.connect(self._si_on_toggled)

    def _si_on_toggled(self, shown: bool) -> None:
        self.setMaximumHeight(16777215 if shown else QtGui.QFontMetrics(self.font).height() + 8)

    def _si_set_collapsed(self, value: bool) -> None:
        self.setChecked(not value)

    collapsed = Property(bool, lambda self: not self.checked, _si_set_collapsed)
    collapsedHeight = plain(int, "collapsedHeight", 14)


@native
class ctkComboBox(QtWidgets.QComboBox):
    """A combo box with a text for no choice."""

    defaultText = plain(str, "defaultText", "")
    forceDefault = plain(bool, "forceDefault", False)

    def _si_user_data(self) -> str:
        data = self.currentData
        return "" if data is None else str(data)

    def setCurrentUserDataAsString(self, data: str) -> None:
        self.setCurrentIndex(self.findData(data))

    currentUserDataAsString = Property(str, _si_user_data, setCurrentUserDataAsString)


@native
class ctkCheckBox(QtWidgets.QCheckBox):
    """A check box."""


@native
class ctkCheckablePushButton(QtWidgets.QPushButton):
    """A push button with a check box in it."""

    checkBoxToggled = Signal(bool)
    checkBoxControlsButton = plain(bool, "checkBoxControlsButton", True)
    checkBoxControlsButtonToggleState = plain(bool, "checkBoxControlsButtonToggleState", True)
    checkBoxUserCheckable = plain(bool, "checkBoxUserCheckable", True)


@native
class ctkMessageBox(QtWidgets.QMessageBox):
    """A message box that nobody has to answer: its text is kept in ``shown`` and its default button is pressed."""

    #: Texts of all boxes shown since the last clean scene; tests read it and clear it.
    shown: list[str] = []  # noqa: RUF012

    dontShowAgainVisible = plain(bool, "dontShowAgainVisible", False)
    dontShowAgain = plain(bool, "dontShowAgain", False)
    dontShowAgainSettingsKey = plain(str, "dontShowAgainSettingsKey", "")

    def exec_(self) -> int:
        self.shown.append(self.text)
        default = self.defaultButton()
        if default is not None:
            return self.standardButton(default)
        standard = self.standardButtons
        accepting = (QtWidgets.QMessageBox.Ok, QtWidgets.QMessageBox.Yes, QtWidgets.QMessageBox.Retry)
        return next((button for button in accepting if standard & button), QtWidgets.QMessageBox.Ok)


@native
class ctkDirectoryButton(QtWidgets.QWidget):
    """A button with the name of a folder."""

    directoryChanged = Signal(str)
    directorySelected = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_directory = "."
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_button = QtWidgets.QPushButton()
        layout.addWidget(self._si_button)

    def _si_set_directory(self, path: str) -> None:
        folder = QtCore.QDir(path)
        if folder != QtCore.QDir(self._si_directory):
            self._si_directory = folder.absolutePath()
            self._si_button.setText(self._si_directory)
            self.directoryChanged.emit(self._si_directory)
        self.directorySelected.emit(folder.absolutePath())

    directory = Property(str, lambda self: self._si_directory, _si_set_directory)
    caption = plain(str, "caption", "")


@native
class ctkPathLineEdit(QtWidgets.QWidget):
    """A line for a path with a button that asks for one."""

    currentPathChanged = Signal(str)
    validInputChanged = Signal(bool)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_box = QtWidgets.QComboBox()
        self._si_box.setEditable(True)
        self._si_box.setSizePolicy(QtWidgets.QSizePolicy.Expanding, QtWidgets.QSizePolicy.Fixed)
        button = QtWidgets.QToolButton()
        button.setText("…")
        layout.addWidget(self._si_box)
        layout.addWidget(button)
        self._si_box.currentTextChanged.connect(lambda path: self.currentPathChanged.emit(path))

    def setCurrentPath(self, path: str) -> None:
        self._si_box.setEditText(path)

    currentPath = Property(str, lambda self: self._si_box.currentText, setCurrentPath)
    label = plain(str, "label", "")
    settingKey = plain(str, "settingKey", "")
    showBrowseButton = plain(bool, "showBrowseButton", True)
    showHistoryButton = plain(bool, "showHistoryButton", True)
    nameFilters = plain("QStringList", "nameFilters", [])
    filters = plain(int, "filters", 0)

    def comboBox(self) -> QtWidgets.QComboBox:
        return self._si_box

    def addCurrentPathToHistory(self) -> None:
        """There is no history here."""


@native
class ctkDoubleSpinBox(QtWidgets.QWidget):
    """A spin box in a widget of its own."""

    valueChanged = Signal(float)
    editingFinished = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_box = QtWidgets.QDoubleSpinBox()
        layout.addWidget(self._si_box)
        self._si_box.valueChanged.connect(lambda value: self.valueChanged.emit(value))

    def setValue(self, value: float) -> None:
        self._si_box.setValue(value)

    value = Property(float, lambda self: self._si_box.value, setValue)
    minimum = Property(float, lambda self: self._si_box.minimum, lambda self, value: self._si_box.setMinimum(value))
    maximum = Property(float, lambda self: self._si_box.maximum, lambda self, value: self._si_box.setMaximum(value))
    singleStep = Property(float, lambda self: self._si_box.singleStep,
                          lambda self, value: self._si_box.setSingleStep(value))
    decimals = Property(int, lambda self: self._si_box.decimals, lambda self, value: self._si_box.setDecimals(value))
    prefix = Property(str, lambda self: self._si_box.prefix, lambda self, value: self._si_box.setPrefix(value))
    suffix = Property(str, lambda self: self._si_box.suffix, lambda self, value: self._si_box.setSuffix(value))


@native
class ctkSliderWidget(QtWidgets.QWidget):
    """A slider with a spin box."""

    valueChanged = Signal(float)
    valueIsChanging = Signal(float)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_slider, self._si_box = QtWidgets.QSlider(QtCore.Qt.Horizontal), QtWidgets.QDoubleSpinBox()
        self._si_slider.setRange(0, 1000)
        layout.addWidget(self._si_slider, 1)
        layout.addWidget(self._si_box)
        self._si_slider.valueChanged.connect(self._si_on_slider)
        self._si_box.valueChanged.connect(self._si_on_box)

    def _si_on_slider(self, position: int) -> None:
        self._si_box.setValue(self.minimum + (self.maximum - self.minimum) * position / 1000)

    def _si_on_box(self, value: float) -> None:
        with blocked(self._si_slider):
            span = self.maximum - self.minimum
            self._si_slider.setValue(round(1000 * (value - self.minimum) / span) if span else 0)
        self.valueChanged.emit(value)

    def setValue(self, value: float) -> None:
        self._si_box.setValue(value)

    def setDecimals(self, decimals: int) -> None:
        self._si_box.setDecimals(decimals)

    value = Property(float, lambda self: self._si_box.value, setValue)
    minimum = Property(float, lambda self: self._si_box.minimum, lambda self, value: self._si_box.setMinimum(value))
    maximum = Property(float, lambda self: self._si_box.maximum, lambda self, value: self._si_box.setMaximum(value))
    singleStep = Property(float, lambda self: self._si_box.singleStep,
                          lambda self, value: self._si_box.setSingleStep(value))
    decimals = Property(int, lambda self: self._si_box.decimals, setDecimals)
    prefix = Property(str, lambda self: self._si_box.prefix, lambda self, value: self._si_box.setPrefix(value))
    suffix = Property(str, lambda self: self._si_box.suffix, lambda self, value: self._si_box.setSuffix(value))
    tracking = plain(bool, "tracking", True)
    pageStep = plain(float, "pageStep", 10.0)
    spinBoxVisible = plain(bool, "spinBoxVisible", True)
