"""The Reproducibility section: a frame of tabs, in which the sections of a reading study stand."""

from __future__ import annotations

import qt

from ..section import PanelSection


class ReproducibilitySection(PanelSection):
    """Holds the sections whose place is READING, one a tab.

    A tab widget asks for the room of its largest page; here the page in sight alone has a size, so that the section is
    as high as what it shows.
    """

    ui_file = "ReproducibilitySection.ui"
    while_reading = True

    def setup(self) -> None:
        """Give the page in sight its size when another is chosen."""
        self.ui.reproducibilityTabs.connect("currentChanged(int)", self._on_tab)
        self._on_tab(self.ui.reproducibilityTabs.currentIndex)

    def update(self) -> None:
        """While a reading is drawn its tab alone is at hand: the others may tell of other contours."""
        tabs, blinded = self.ui.reproducibilityTabs, self.host.readings.blinded
        for number in range(tabs.count):
            is_reading = tabs.widget(number).objectName == "ReadingSection"
            tabs.setTabEnabled(number, is_reading or not blinded)
            if is_reading and blinded:
                tabs.setCurrentIndex(number)

    def _on_tab(self, index: int) -> None:
        tabs = self.ui.reproducibilityTabs
        for number in range(tabs.count):
            height = qt.QSizePolicy.Preferred if number == index else qt.QSizePolicy.Ignored
            tabs.widget(number).setSizePolicy(qt.QSizePolicy.Preferred, height)
