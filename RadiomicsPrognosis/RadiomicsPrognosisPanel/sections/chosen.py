"""The choices in one line, in the place of the sections that made them, when there are no more to make."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.chosen import SEPARATOR, chosen_line

from ..layout import EventWatch
from ..section import PanelSection

#: How long (ms) the last choice stays in sight before the choices fold: time enough to correct it.
FOLD_MS = 2000

#: What the arrow and the margins of the line take of its width, in heights of its letters.
_ARROW_LINES = 3


class ChosenSection(PanelSection):
    """Folds the foldable sections when all is chosen, and shows them again when something is missing or on demand.

    Sections that the user has unfolded stay so until the module is left.
    """

    ui_file = "ChosenSection.ui"

    def setup(self) -> None:
        """Connect the line and the timer."""
        self._line = ""
        self._opened = self._at_once = False
        self._timer = qt.QTimer(self.widget)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FOLD_MS)
        self._timer.connect("timeout()", self._fold)
        self.ui.chosenButton.connect("clicked()", self._on_clicked)
        # The line is broken to the width of the button, which the layout may change after everything else.
        self._fit_timer = qt.QTimer(self.widget)
        self._fit_timer.setSingleShot(True)
        self._fit_timer.setInterval(0)
        self._fit_timer.connect("timeout()", self._show)
        self._resized = EventWatch((qt.QEvent.Resize,), self._fit_timer.start)
        self.ui.chosenButton.installEventFilter(self._resized)

    def enter(self) -> None:
        """Fold at once what was chosen before."""
        self._opened, self._at_once = False, True

    def exit(self) -> None:
        """Fold nothing out of sight."""
        self._timer.stop()

    def cleanup(self) -> None:
        """Fold nothing any more."""
        self._timer.stop()
        self._fit_timer.stop()
        self.ui.chosenButton.removeEventFilter(self._resized)

    def _on_clicked(self) -> None:
        self._opened = self.host.folded
        self._timer.stop()
        self.host.fold(not self._opened)
        self._show()

    def show_choices(self) -> None:
        """Fold what is complete, a while after the last choice; unfold when a choice is missing."""
        before, self._line = self._line, self._chosen()
        if not self._line:
            self._opened = False
            self._timer.stop()
            self.host.fold(False)
        elif self._at_once:
            self._fold()
        elif self._line != before:
            self._timer.start()
        self._at_once = False
        self._show()

    def _chosen(self) -> str:
        volume = self.host.choices.volume
        return chosen_line(self.host.choices, (volume.GetName() or "") if volume is not None else "")

    def _fold(self) -> None:
        if not self._opened:
            self.host.fold(True)
            self._show()

    def update(self) -> None:
        """Fit the line into the width there is; the CT may have been renamed."""
        self._line = self._line and self._chosen()
        self._show()

    def _show(self) -> None:
        button = self.ui.chosenButton
        button.visible = bool(self._line)
        button.checked = not self.host.folded
        button.arrowType = qt.Qt.RightArrow if self.host.folded else qt.Qt.DownArrow
        room = button.width - _ARROW_LINES * qt.QFontMetrics(button.font).height()
        button.text = _broken(self._line, qt.QFontMetrics(button.font), max(room, 60))
        button.toolTip = _("{choices}\nPress to show or hide the choices.").format(choices=self._line)
        button.accessibleName = _("Choices: {choices}").format(choices=self._line)


def _broken(line: str, metrics: qt.QFontMetrics, room: int) -> str:
    """Return ``line`` in two lines where one is too narrow for it; what is too long even so ends in dots."""
    if metrics.horizontalAdvance(line) <= room:
        return line
    items = line.split(SEPARATOR)
    first = max((number for number in range(1, len(items))
                 if metrics.horizontalAdvance(SEPARATOR.join(items[:number])) <= room), default=1)
    return "\n".join(metrics.elidedText(SEPARATOR.join(rest), qt.Qt.ElideRight, room)
                     for rest in (items[:first], items[first:]))
