"""The Reproducibility section: a frame of tabs, in which the sections of a reading study stand."""

from __future__ import annotations

import qt

from ..section import PanelSection


class ReproducibilitySection(PanelSection):
    """Holds the sections whose place is READING, one a tab.

    A tab widget asks for the room of its highest page; here the others are empty, so that the section is as high as
    what it shows. Which tab is in sight, and whether the section is collapsed, outlives scenes and other modules.
    """

    ui_file = "ReproducibilitySection.ui"
    while_reading = True

    def setup(self) -> None:
        """Show the content of the tab in sight alone."""
        self.ui.reproducibilityTabs.connect("currentChanged(int)", self._on_tab)
        self._on_tab(self.ui.reproducibilityTabs.currentIndex)

    def update(self) -> None:
        """While a reading is drawn its tab alone is at hand: the others may tell of other contours."""
        tabs, blinded = self.ui.reproducibilityTabs, self.host.readings.blinded
        for number in range(tabs.count):
            is_reading = self._content(number).objectName == "ReadingSection"
            tabs.setTabEnabled(number, is_reading or not blinded)
            if is_reading and blinded:
                tabs.setCurrentIndex(number)

    def _on_tab(self, index: int) -> None:
        for number in range(self.ui.reproducibilityTabs.count):
            self._content(number).visible = number == index

    def _content(self, number: int) -> qt.QWidget:
        """Return the section's widget in a tab."""
        return self.ui.reproducibilityTabs.widget(number).layout().itemAt(0).widget()
