"""What stands below the result: score now or live, progress and cancel, report, table, DICOM, and what came of them."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.errors import RuntimeAbsent
from RadiomicsPrognosisLib.presenter.series import series_info
from RadiomicsPrognosisLib.presenter.session import Freshness

from .. import dicom_saving, links, memory, saving, texts
from ..notice import PanelNotice
from ..section import PanelSection, Place, say
from ..shortcut import ScoreShortcut


class ActionsSection(PanelSection):
    """The panel's buttons; only a result that belongs to what is drawn and chosen can be reported or exported."""

    ui_file = "ActionsSection.ui"
    place = Place.BELOW
    writes = frozenset({"live"})

    def setup(self) -> None:
        """Connect buttons, links and the shortcut."""
        self._shortcut = ScoreShortcut(self.widget, self._on_shortcut)
        self.ui.scoreButton.connect("clicked()", self._on_score)
        self.ui.cancelButton.connect("clicked()", self._on_cancel)
        self.ui.anonymousCheckBox.checked = memory.anonymous()
        self.ui.anonymousCheckBox.connect("toggled(bool)", memory.remember_anonymous)
        self.ui.exportButton.connect("clicked()", self._on_export)
        self.ui.reportButton.connect("clicked()", self._on_report)
        self.ui.dicomButton.connect("clicked()", self._on_dicom)
        self.ui.folderButton.connect("clicked()", self._on_folder)
        self._tips = self.ui.exportButton.toolTip, self.ui.dicomButton.toolTip
        self.ui.noticeLabel.connect("linkActivated(QString)", self._on_link)

    def enter(self) -> None:
        """Listen to Ctrl+Return."""
        self._shortcut.install()

    def exit(self) -> None:
        """Leave the keys to other modules."""
        self._shortcut.remove()

    def cleanup(self) -> None:
        """Listen no more."""
        self._shortcut.remove()

    def _on_shortcut(self) -> None:
        self.ui.scoreButton.click()  # does nothing while the button is disabled

    def _on_score(self) -> None:
        problem = self.host.session.problem
        if problem is not None and problem.code == RuntimeAbsent.code:
            links.follow(texts.INSTALL_LINK, problem, self.host.score)
        else:
            self.host.score()

    def _on_cancel(self) -> None:
        self.host.cancel()

    def _on_export(self) -> None:
        prediction = self.host.session.shown
        folder = saving.folder() if prediction is not None else None
        if prediction is not None and folder is not None:
            self.host.announce(saving.export_table(self.host.logic, prediction, self.host.session.case.vois,
                                                   series_info(self.host.choices.volume), folder))

    def _on_report(self) -> None:
        session = self.host.session
        prediction, vois = session.shown, session.case.vois
        folder = saving.folder() if prediction is not None else None
        if prediction is None or folder is None:
            return
        self.host.announce(saving.ensure_packages() or saving.write_report(
            self.host.logic, prediction, vois, series_info(self.host.choices.volume), folder,
            self.host.stability.current(session)))

    def _on_dicom(self) -> None:
        session, choices = self.host.session, self.host.choices
        if session.shown is not None and choices.model is not None and choices.volume is not None:
            self.host.announce(dicom_saving.export_to_database(session.shown, session.case.vois, choices.model,
                                                               choices.volume))

    def _on_folder(self) -> None:
        folder = saving.ask_folder()
        if folder is not None:
            self.host.announce(PanelNotice(_("Reports and tables go to {folder}").format(folder=folder), None, folder))

    def _on_link(self, link: str) -> None:
        notice = self.host.notice
        if link == texts.OPEN_LINK and notice.file is not None:
            links.open_path(notice.file)
        elif link == texts.FOLDER_LINK and notice.folder is not None:
            links.open_path(notice.folder)
        elif link == texts.CHANGE_FOLDER_LINK:
            self._on_folder()
        else:
            links.follow(link, notice.problem)

    def update(self) -> None:
        """Show progress and what was written, and enable what can be done."""
        session, ui = self.host.session, self.ui
        ui.progressBar.visible = ui.cancelButton.visible = session.extracting
        ui.progressBar.value = round(100 * (session.progress or 0.0))
        choices = self.host.choices
        with_image = choices.read_image
        ui.scoreButton.enabled = session.case.problem is None and (choices.volume is not None or not with_image)
        is_current = session.freshness is Freshness.CURRENT
        ui.reportButton.enabled = is_current
        ui.exportButton.enabled = ui.dicomButton.enabled = is_current and with_image
        for button, tip in zip((ui.exportButton, ui.dicomButton), self._tips, strict=True):
            button.toolTip = tip if with_image else texts.no_image()
        ui.folderButton.toolTip = texts.results_folder(memory.results_folder())
        say(ui.noticeLabel, texts.notice(self.host.notice))
