"""CTK's widgets for an interval: ctkRangeWidget, ctkDoubleRangeSlider and MRML's qMRMLRangeWidget."""

from __future__ import annotations

from PySide6 import QtCore, QtGui, QtWidgets

from .ctk_widgets import plain
from .pythonqt import native

Property, Signal = QtCore.Property, QtCore.Signal


class _Range(QtWidgets.QWidget):
    """Keeps minimum <= minimumValue <= maximumValue <= maximum and says what changed."""

    minimumValueChanged = Signal(float)
    maximumValueChanged = Signal(float)
    valuesChanged = Signal(float, float)
    rangeChanged = Signal(float, float)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_low, self._si_high = 0.0, 99.0
        self._si_values = (0.0, 99.0)

    def setRange(self, minimum: float, maximum: float) -> None:
        self._si_low, self._si_high = float(minimum), float(max(minimum, maximum))
        self.rangeChanged.emit(self._si_low, self._si_high)
        self.setValues(*self._si_values)

    def setValues(self, minimum: float, maximum: float) -> None:
        low, high = sorted(min(max(float(value), self._si_low), self._si_high) for value in (minimum, maximum))
        before, self._si_values = self._si_values, (low, high)
        self._si_show()
        if before[0] != low:
            self.minimumValueChanged.emit(low)
        if before[1] != high:
            self.maximumValueChanged.emit(high)
        if before != (low, high):
            self.valuesChanged.emit(low, high)

    def setMinimumValue(self, value: float) -> None:
        self.setValues(min(value, self._si_values[1]), self._si_values[1])

    def setMaximumValue(self, value: float) -> None:
        self.setValues(self._si_values[0], max(value, self._si_values[0]))

    minimumValue = Property(float, lambda self: self._si_values[0], setMinimumValue)
    maximumValue = Property(float, lambda self: self._si_values[1], setMaximumValue)
    minimum = Property(float, lambda self: self._si_low, lambda self, value: self.setRange(value, self._si_high))
    maximum = Property(float, lambda self: self._si_high, lambda self, value: self.setRange(self._si_low, value))
    singleStep = plain(float, "singleStep", 1.0)
    tracking = plain(bool, "tracking", True)
    symmetricMoves = plain(bool, "symmetricMoves", False)
    tickInterval = plain(float, "tickInterval", 0.0)

    def _si_show(self) -> None:
        self.update()


@native
class ctkDoubleRangeSlider(_Range):
    """A bar with two handles."""

    sliderPressed = Signal()
    sliderReleased = Signal()
    orientation = plain(QtCore.Qt.Orientation, "orientation", QtCore.Qt.Horizontal)

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(160, 22)

    def paintEvent(self, _event: QtGui.QPaintEvent) -> None:
        painter, middle = QtGui.QPainter(self), self.height // 2
        span = (self._si_high - self._si_low) or 1.0
        ends = [6 + (self.width - 12) * (value - self._si_low) / span for value in self._si_values]
        painter.setPen(self.palette.mid().color())
        painter.drawRect(6, middle - 2, self.width - 12, 4)
        painter.fillRect(QtCore.QRectF(ends[0], middle - 2, ends[1] - ends[0], 4), self.palette.highlight())
        for end in ends:
            painter.fillRect(QtCore.QRectF(end - 4, middle - 8, 8, 16), self.palette.button())
            painter.drawRect(QtCore.QRectF(end - 4, middle - 8, 8, 16))
        painter.end()


@native
class ctkRangeWidget(_Range):
    """A range slider between two spin boxes."""

    minimumValueIsChanging = Signal(float)
    maximumValueIsChanging = Signal(float)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_slider = ctkDoubleRangeSlider()
        self._si_boxes = (QtWidgets.QDoubleSpinBox(), QtWidgets.QDoubleSpinBox())
        for place, widget in enumerate((self._si_boxes[0], self._si_slider, self._si_boxes[1])):
            layout.addWidget(widget, 1 if place == 1 else 0)
        self._si_showing = False
        for box in self._si_boxes:
            box.valueChanged.connect(self._si_on_box)
        self._si_show()

    def _si_on_box(self, _value: float) -> None:
        if not self._si_showing:
            self.setValues(*(box.value for box in self._si_boxes))

    def _si_show(self) -> None:
        self._si_showing = True
        self._si_slider.setRange(self._si_low, self._si_high)
        self._si_slider.setValues(*self._si_values)
        for box, value in zip(self._si_boxes, self._si_values, strict=True):
            box.setRange(self._si_low, self._si_high)
            box.setValue(value)
        self._si_showing = False

    def setDecimals(self, decimals: int) -> None:
        for box in self._si_boxes:
            box.setDecimals(decimals)

    def _si_set_suffix(self, suffix: str) -> None:
        for box in self._si_boxes:
            box.setSuffix(suffix)

    decimals = Property(int, lambda self: self._si_boxes[0].decimals, setDecimals)
    suffix = Property(str, lambda self: self._si_boxes[0].suffix, _si_set_suffix)
    prefix = plain(str, "prefix", "")


@native
class qMRMLRangeWidget(ctkRangeWidget):
    """ctkRangeWidget that knows the scene's units."""

    def setMRMLScene(self, scene) -> None:
        self._si_scene = scene

    def mrmlScene(self):
        return self.__dict__.get("_si_scene")
