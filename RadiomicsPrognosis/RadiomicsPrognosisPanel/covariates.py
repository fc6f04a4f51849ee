"""The clinical form: widgets made from the model's covariates, each of which may stay 'not given'."""

from __future__ import annotations

import abc
from collections.abc import Callable

import qt
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.models.covariates import NOT_YET_KNOWN, UNKNOWN
from RadiomicsPrognosisLib.presenter.form import Field


class CovariateForm:
    """Rows in a QFormLayout, one per field; ``changed`` is called after the user changed a value."""

    def __init__(self, layout: qt.QFormLayout, changed: Callable[[], None]):
        self._layout, self._changed = layout, changed
        self._fields: tuple[Field, ...] = ()
        self._rows: list[_Row] = []

    @property
    def names(self) -> list[str]:
        """The covariates in the form."""
        return [field.name for field in self._fields]

    def build(self, fields: tuple[Field, ...]) -> None:
        """Replace the rows by those of ``fields``, unless they are the same."""
        if fields == self._fields:  # also keeps a widget from being deleted in the midst of its own signal
            return
        self._fields = fields
        for row in self._rows:
            self._layout.removeRow(row.widget)
        kinds: dict[str, type[_Row]] = {"choice": _ChoiceRow, "flag": _FlagRow, "number": _NumberRow}
        self._rows = [kinds[field.kind](field, self._layout, self._changed) for field in fields]

    def values(self) -> dict[str, str]:
        """Return the values given, as texts by covariate name."""
        return {row.field.name: row.value() for row in self._rows if row.value()}

    def show(self, values: dict[str, str]) -> None:
        """Show ``values``; a field without one, or with one it does not know, is not given."""
        for row in self._rows:
            row.set_value(values.get(row.field.name, ""))


class _Row(abc.ABC):
    """A label and a widget in the form."""

    def __init__(self, field: Field, layout: qt.QFormLayout, changed: Callable[[], None]):
        self.field, self._changed = field, changed
        self.label = qt.QLabel(f"{field.title}:")
        self.label.wordWrap = True
        self.widget = self.make_widget()
        self.widget.objectName = f"covariate_{field.name}"
        self.widget.accessibleName = field.title
        self.label.toolTip = self.widget.toolTip = self.tip()
        layout.addRow(self.label, self.widget)

    @abc.abstractmethod
    def make_widget(self) -> qt.QWidget:
        """Return the widget that shows the value."""

    def tip(self) -> str:
        return _("Clinical factor '{name}' of the model; leave it out if unknown.").format(name=self.field.name)

    @abc.abstractmethod
    def value(self) -> str:
        """Return the value given as a text, empty when it is not given."""

    def set_value(self, text: str) -> None:
        blocked = self.widget.blockSignals(True)
        self.put(text)
        self.widget.blockSignals(blocked)

    @abc.abstractmethod
    def put(self, text: str) -> None:
        """Show the value in the widget."""

    def on_change(self, _value: object = None) -> None:
        self._changed()


class _ChoiceRow(_Row):
    def make_widget(self) -> qt.QWidget:
        widget = qt.QComboBox()
        widget.addItem(_("not given"), "")
        for option in self.field.options:
            widget.addItem(option, option)
        if self.field.pending:
            widget.addItem(NOT_YET_KNOWN, UNKNOWN)
        widget.connect("currentIndexChanged(int)", self.on_change)
        return widget

    def tip(self) -> str:
        if not self.field.pending:
            return super().tip()
        return super().tip() + " " + _("'{answer}': {why}").format(answer=NOT_YET_KNOWN, why=self.field.pending)

    def value(self) -> str:
        return self.widget.itemData(self.widget.currentIndex) or ""

    def put(self, text: str) -> None:
        self.widget.setCurrentIndex(max(self.widget.findData(text), 0))


class _FlagRow(_Row):
    """A check box with a third, middle state: not given; unchecked means a stated 'no', never a default."""

    def make_widget(self) -> qt.QWidget:
        widget = qt.QCheckBox()
        widget.setTristate(True)
        widget.setCheckState(qt.Qt.PartiallyChecked)
        widget.text = _("not given")
        widget.connect("stateChanged(int)", self.on_change)
        return widget

    def value(self) -> str:
        state = self.widget.checkState()
        if state == qt.Qt.PartiallyChecked:
            return ""
        return self.field.options[1 if state == qt.Qt.Checked else 0]

    def put(self, text: str) -> None:
        states = {self.field.options[0]: qt.Qt.Unchecked, self.field.options[1]: qt.Qt.Checked}
        self.widget.setCheckState(states.get(text, qt.Qt.PartiallyChecked))
        self._say()

    def on_change(self, _value: object = None) -> None:
        self._say()
        self._changed()

    def _say(self) -> None:
        self.widget.text = self.value() or _("not given")


class _NumberRow(_Row):
    """A spin box whose step below the range is shown as 'not given'."""

    def make_widget(self) -> qt.QWidget:
        field = self.field
        widget = qt.QDoubleSpinBox()
        widget.decimals = field.decimals
        widget.setRange(field.low - 1, field.high)
        widget.specialValueText = _("not given")
        widget.suffix = f" {field.unit}" if field.unit else ""
        widget.value = field.low - 1
        widget.keyboardTracking = False
        widget.connect("valueChanged(double)", self.on_change)
        return widget

    def tip(self) -> str:
        if not self.field.bounded:
            return super().tip()
        return super().tip() + " " + _("Allowed: {low:g} to {high:g} {unit}.").format(
            low=self.field.low, high=self.field.high, unit=self.field.unit)

    def value(self) -> str:
        return "" if self.widget.value < self.field.low else repr(float(self.widget.value))

    def put(self, text: str) -> None:
        try:
            self.widget.value = float(text)
        except ValueError:
            self.widget.value = self.field.low - 1
