"""What stands below the result: score now or live, progress and cancel, report and table."""

from __future__ import annotations

from RadiomicsPrognosisLib.presenter.series import series_info
from RadiomicsPrognosisLib.presenter.session import Freshness

from .. import saving
from ..section import PanelSection, Place


class ActionsSection(PanelSection):
    """The panel's buttons; only a result that belongs to what is drawn and chosen can be reported or exported."""

    ui_file = "ActionsSection.ui"
    place = Place.BELOW
    writes = frozenset({"live"})

    def setup(self) -> None:
        """Connect the buttons."""
        self.ui.scoreButton.connect("clicked()", self._on_score)
        self.ui.cancelButton.connect("clicked()", self._on_cancel)
        self.ui.exportButton.connect("clicked()", self._on_export)
        self.ui.reportButton.connect("clicked()", self._on_report)

    def _on_score(self) -> None:
        self.host.score()

    def _on_cancel(self) -> None:
        self.host.cancel()

    def _on_export(self) -> None:
        prediction = self.host.session.shown
        if prediction is not None:
            saving.export_table(self.host.logic, prediction)

    def _on_report(self) -> None:
        session = self.host.session
        if session.shown is not None:
            saving.write_report(self.host.logic, session.shown, session.case.vois,
                                series_info(self.host.choices.volume))

    def update(self) -> None:
        """Show progress, and enable what can be done."""
        session, ui = self.host.session, self.ui
        ui.progressBar.visible = ui.cancelButton.visible = session.extracting
        ui.progressBar.value = round(100 * (session.progress or 0.0))
        ui.scoreButton.enabled = session.case.problem is None and self.host.choices.volume is not None
        ui.exportButton.enabled = ui.reportButton.enabled = session.freshness is Freshness.CURRENT
