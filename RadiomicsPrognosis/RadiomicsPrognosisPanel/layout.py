"""How the panel shares its room: choices as high as they need, the answer in sight, nothing cut off at a side."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import qt
import slicer

from .section import PanelSection, Place

#: What frame, margins and scroll bar take of the width of a picture, and the width below which pictures are cut off.
_EDGES, _MINIMUM_WIDTH = 36, 260

#: The height (pixels) that details keep below the answer when there is room for them.
_DETAILS_HEIGHT = 150

#: The share of the height (0 - 1) that choices may take at the cost of the details, though never of the answer.
_CHOICES_SHARE = 0.42


class EventWatch(qt.QObject):
    """Calls ``callback`` after an event of one of ``kinds`` has come to a widget that it is installed on."""

    def __init__(self, kinds: Iterable[int], callback: Callable[[], None]):
        qt.QObject.__init__(self)
        self._kinds, self._callback = tuple(kinds), callback

    def eventFilter(self, _watched: qt.QObject, event: qt.QEvent) -> bool:
        """Hear the event and let it pass."""
        if event.type() in self._kinds:
            self._callback()
        return False


class PanelLayout:
    """The frame of the panel (RadiomicsPrognosis.ui) with its sections.

    A scroll area does not ask for the width of what it holds: with an effect's options the Segment Editor may be wider
    than the module's dock, and its right side would be out of reach. So the area asks for that width here, and the dock
    grows, as it does for the Segment Editor module.

    ``resized`` is called when the result has got another width, ``recoloured`` when the application has other colours.
    """

    def __init__(self, frame: qt.QWidget, resized: Callable[[], None], recoloured: Callable[[], None]):
        self._frame, self._ui = frame, slicer.util.childWidgetVariables(frame)
        self._resized = resized
        self._detailed = self._moved = False
        self._width = 0
        # Events come in the midst of a layout's work: what follows from them waits until that is done.
        self._fit_timer, self._resize_timer, self._colour_timer = (
            self._timer(action) for action in (self.fit, self._on_resized, recoloured))
        self._watches = (
            (self._ui.choicesContents, EventWatch((qt.QEvent.LayoutRequest,), self._fit_timer.start)),
            (self._ui.resultFrame, EventWatch((qt.QEvent.LayoutRequest,), self._fit_timer.start)),
            (self._ui.resultFrame, EventWatch((qt.QEvent.Resize,), self._resize_timer.start)),
            (self._ui.splitter, EventWatch((qt.QEvent.Resize,), self._fit_timer.start)),
            (frame, EventWatch((qt.QEvent.PaletteChange,), self._colour_timer.start)))

    def _timer(self, action: Callable[[], None]) -> qt.QTimer:
        timer = qt.QTimer(self._frame)
        timer.setSingleShot(True)
        timer.setInterval(0)
        timer.connect("timeout()", action)
        return timer

    def place(self, sections: tuple[PanelSection, ...]) -> None:
        """Put the sections into the frame: choices above the spacer that ends their area, the others below them.

        Those of a reading study are tabs of one of the choices, details tabs of the result after its first.
        """
        ui = self._ui
        choices = ui.choicesContents.layout()
        by_place = {place: [section.widget for section in sections if section.place is place] for place in Place}
        # From top to bottom: the Tab key follows the order in which widgets get their place.
        for section in sections:
            if section.place is Place.CHOICES:
                choices.insertWidget(choices.count() - 1, section.widget)
            elif section.place is Place.READING:
                tabs = slicer.util.findChildren(ui.choicesContents, name="reproducibilityTabs")[0]
                tabs.addTab(_page(section.widget), section.widget.windowTitle)
        # QScrollArea keeps the size hint that it gave while empty, until its widget is set anew.
        ui.choicesArea.setWidget(ui.choicesArea.takeWidget())
        for section in sections:
            if section.place is Place.RESULT:
                ui.resultFrame.layout().addWidget(section.widget)
            elif section.place is Place.DETAILS:
                tabs = slicer.util.findChildren(ui.resultFrame, name="detailsTabs")[0]
                tabs.insertTab(1 + by_place[Place.DETAILS].index(section.widget), section.widget,
                               section.widget.windowTitle)
        for widget in by_place[Place.BELOW]:
            self._frame.layout().addWidget(widget)
        ui.splitter.connect("splitterMoved(int,int)", self._on_splitter_moved)
        for widget, watch in self._watches:
            widget.installEventFilter(watch)
        self.fit()

    @property
    def picture_width(self) -> int:
        """The width (pixels) that pictures in the result may have."""
        return max(self._ui.resultFrame.width - _EDGES, _MINIMUM_WIDTH)

    def fit(self) -> None:
        """Ask for the width that the choices need, and give them their height unless the user has divided the room."""
        ui = self._ui
        contents, area, result = ui.choicesContents, ui.choicesArea, ui.resultFrame
        least = contents.minimumSizeHint.width() + area.verticalScrollBar().sizeHint.width()
        if least != area.minimumWidth:
            area.setMinimumWidth(least)
            self._tell_holders()
        if self._moved:
            return
        total = ui.splitter.height - ui.splitter.handleWidth
        edges = 2 * result.frameWidth
        answer = result.layout().minimumHeightForWidth(result.width - edges) + edges
        details = _DETAILS_HEIGHT if self._detailed else 0
        room = total - answer
        wanted = min(contents.sizeHint.height(), max(room - details, min(room, round(_CHOICES_SHARE * total))))
        ui.splitter.setSizes([wanted, total - wanted])

    def _tell_holders(self) -> None:
        """Let all that holds the frame ask it again for its width.

        Slicer's module panel does so only when the frame is resized (qSlicerModulePanel::eventFilter): the dock would
        stay as wide as the widest options that were ever open.
        """
        widget = self._frame
        while widget is not None:
            widget.updateGeometry()
            widget = widget.parentWidget()

    def make_room_for_details(self, detailed: bool) -> None:
        """Give the result room for its details, or no more than it needs without any."""
        if detailed != self._detailed:
            self._detailed = detailed
            self._fit_timer.start()

    def close(self) -> None:
        """Hear no more events."""
        for timer in (self._fit_timer, self._resize_timer, self._colour_timer):
            timer.stop()
        for widget, watch in self._watches:
            widget.removeEventFilter(watch)

    def _on_splitter_moved(self, _position: int, _index: int) -> None:
        self._moved = True

    def _on_resized(self) -> None:
        width = self._ui.resultFrame.width
        if width != self._width:
            self._width = width
            self._resized()


def _page(content: qt.QWidget) -> qt.QWidget:
    """Return a page for a tab that holds ``content``, and needs no room while that is hidden.

    A tab widget is as high as the highest of its pages at their width (QStackedLayout::heightForWidth), in sight or
    not.
    """
    page = qt.QWidget()
    layout = qt.QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(content)
    return page
