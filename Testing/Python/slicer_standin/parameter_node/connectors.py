"""Which widget can show which type, and how: the same pairs as Slicer's parameterNodeWrapper/guiConnectors.py."""

from __future__ import annotations

import enum
import pathlib
import typing
from collections.abc import Callable
from typing import Any

import slicer
from PySide6 import QtWidgets

from .. import ctk_widgets as ctk
from ..mrml_widgets import qMRMLNodeComboBox, qMRMLSliderWidget, qMRMLSpinBox
from ..range_widgets import ctkDoubleRangeSlider, ctkRangeWidget, qMRMLRangeWidget
from .annotations import Choice, Decimals, Default, Maximum, Minimum, RangeBounds, SingleStep, WithinRange, first, split
from .packs import FloatRange

_SLIDERS = (ctk.ctkSliderWidget, qMRMLSliderWidget)


class Connector:
    """Reads and writes one widget and tells of its changes."""

    def __init__(self, widget: Any, signal: str | None, read: Callable[[], Any], write: Callable[[Any], None]):
        self._widget, self._signal, self.read, self.write = widget, signal, read, write
        self._callback: Callable[[], None] | None = None

    def widget(self) -> Any:
        return self._widget

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        self._callback = callback
        if self._signal is not None:
            signal = getattr(self._widget, self._signal)
            (signal.connect if callback else signal.disconnect)(self.changed)

    def changed(self) -> None:
        if self._callback:
            self._callback()


def connector(widget: Any, datatype: Any) -> Connector:
    """Return the connector of a widget for a type. Raises RuntimeError if Slicer has none for the pair."""
    kind, annotations = split(datatype)
    for widgets, accepts, build in _TABLE:
        # As in Slicer, the very class counts: a subclass has no connector.
        if type(widget) in widgets and accepts(kind):
            return build(widget, kind, annotations)
    raise RuntimeError(f"Unable to create GUI connector from datatype '{datatype}' to widget type '{type(widget)}'")


def _attribute(widget: Any, signal: str | None, name: str, to_widget: Callable = lambda value: value,
               from_widget: Callable = lambda value: value) -> Connector:
    return Connector(widget, signal, lambda: from_widget(getattr(widget, name)),
                     lambda value: setattr(widget, name, to_widget(value)))


def _button(widget: Any, kind: Any, annotations: tuple) -> Connector:
    widget.checkable = True
    return _attribute(widget, "toggled", "checked")


def _bounds(annotations: tuple) -> tuple[float | None, float | None]:
    within, low, high = (first(annotations, item) for item in (WithinRange, Minimum, Maximum))
    if within is not None:
        return within.minimum, within.maximum
    return low.minimum if low else None, high.maximum if high else None


def _hints(widget: Any, annotations: tuple, decimals: bool = True) -> None:
    for item, name in ((Decimals, "decimals"), (SingleStep, "singleStep")):
        found = first(annotations, item)
        if found is not None and (decimals or name == "singleStep"):
            setattr(widget, name, found.value)


def _integer(widget: Any, kind: Any, annotations: tuple) -> Connector:
    low, high = _bounds(annotations)
    if isinstance(widget, QtWidgets.QSlider) and (low is None or high is None):
        raise RuntimeError("Cannot have a connection to QSlider where the int type is unbounded.")
    _hints(widget, annotations, decimals=False)
    widget.setRange(-(2**31) if low is None else low, 2**31 - 1 if high is None else high)
    return _attribute(widget, "valueChanged", "value")


def _number(widget: Any, kind: Any, annotations: tuple) -> Connector:
    low, high = _bounds(annotations)
    if type(widget) in _SLIDERS and (low is None or high is None):
        raise RuntimeError("Cannot have a connection to ctkSliderWidget where the float types is unbounded.")
    _hints(widget, annotations)
    if kind is int:
        widget.decimals = 0
    widget.minimum = float("-inf") if low is None else low
    widget.maximum = float("inf") if high is None else high
    return _attribute(widget, "valueChanged", "value", kind if kind is int else float, kind)


def _choice(widget: Any, kind: Any, annotations: tuple) -> Connector:
    choice = first(annotations, Choice)
    if choice is None:
        raise RuntimeError("ComboBoxToStringableConnector requires the Choice annotation to be used.")
    return _items(widget, [(str(item), item) for item in choice.choices])


def _enum(widget: Any, kind: Any, annotations: tuple) -> Connector:
    label = getattr(kind, "label", lambda item: item.name)
    return _items(widget, [(label(item), item) for item in kind])


def _items(widget: Any, items: list[tuple[str, Any]]) -> Connector:
    values = [value for _, value in items]

    def write(value: Any) -> None:
        if value not in values:
            raise ValueError(f"Unable to find value {value} in choices {values}")
        widget.currentIndex = values.index(value)

    widget.clear()
    for text, _ in items:
        widget.addItem(text)
    return Connector(widget, "currentIndexChanged", lambda: values[widget.currentIndex], write)


def _line(widget: Any, kind: Any, annotations: tuple) -> Connector:
    def write(value: str) -> None:
        # Writing moves the cursor to the end, in the middle of typing too.
        if value != widget.text:
            widget.text = value
    return Connector(widget, "textChanged", lambda: widget.text, write)


def _range(widget: Any, kind: Any, annotations: tuple) -> Connector:
    bounds = first(annotations, RangeBounds)
    if bounds is None:
        raise RuntimeError("Cannot have a connection to a range widget where the float is unbounded. Add a RangeBounds "
                           "annotation.")
    if first(annotations, Default) is None and not bounds.minimum <= 0 <= bounds.maximum:
        raise RuntimeError("RangeBounds that does not cover the value 0 also needs a Default()")
    _hints(widget, annotations, decimals=not isinstance(widget, ctkDoubleRangeSlider))
    widget.setRange(bounds.minimum, bounds.maximum)
    return Connector(widget, "valuesChanged", lambda: FloatRange(widget.minimumValue, widget.maximumValue),
                     lambda value: widget.setValues(value.minimum, value.maximum))


def _node_types(kind: Any) -> list[type] | None:
    kinds = [split(arg)[0] for arg in typing.get_args(kind)] if typing.get_origin(kind) is typing.Union else [kind]
    nodes = [item for item in kinds if item is not type(None)]
    return nodes if all(isinstance(item, type) and issubclass(item, slicer.vtkMRMLNode) for item in nodes) else None


def _node(widget: Any, kind: Any, annotations: tuple) -> Connector:
    widget.nodeTypes = [item().GetClassName() for item in _node_types(kind)]
    return Connector(widget, "currentNodeChanged", widget.currentNode, widget.setCurrentNode)


_TABLE = (
    ((QtWidgets.QCheckBox, ctk.ctkCheckBox), lambda kind: kind is bool,
     lambda widget, kind, annotations: _attribute(widget, "stateChanged", "checked")),
    ((QtWidgets.QPushButton, ctk.ctkCheckablePushButton), lambda kind: kind is bool, _button),
    ((QtWidgets.QSlider, QtWidgets.QSpinBox), lambda kind: kind is int, _integer),
    ((QtWidgets.QDoubleSpinBox, ctk.ctkDoubleSpinBox, qMRMLSpinBox, *_SLIDERS), lambda kind: kind in (int, float),
     _number),
    ((QtWidgets.QComboBox, ctk.ctkComboBox), lambda kind: kind in (int, float, str, bool), _choice),
    ((QtWidgets.QComboBox, ctk.ctkComboBox), lambda kind: isinstance(kind, type) and issubclass(kind, enum.Enum),
     _enum),
    ((QtWidgets.QLineEdit,), lambda kind: kind is str, _line),
    ((QtWidgets.QLabel,), lambda kind: kind is str, lambda widget, kind, annotations: _attribute(widget, None, "text")),
    ((QtWidgets.QTextEdit,), lambda kind: kind is str,
     lambda widget, kind, annotations: Connector(widget, "textChanged", widget.toPlainText, widget.setPlainText)),
    ((ctkRangeWidget, ctkDoubleRangeSlider, qMRMLRangeWidget), lambda kind: kind is FloatRange, _range),
    ((ctk.ctkPathLineEdit,), lambda kind: isinstance(kind, type) and issubclass(kind, pathlib.PurePath),
     lambda widget, kind, annotations: _attribute(widget, "currentPathChanged", "currentPath", str, kind)),
    ((ctk.ctkDirectoryButton,), lambda kind: isinstance(kind, type) and issubclass(kind, pathlib.PurePath),
     lambda widget, kind, annotations: _attribute(widget, "directoryChanged", "directory", str, kind)),
    ((qMRMLNodeComboBox,), lambda kind: bool(_node_types(kind)), _node),
)
