"""The Develop section: choose a cohort and a recipe, run the study in its own process, watch it, open its report."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter import development
from RadiomicsPrognosisLib.presenter.development import RecipeCard, StudyChoices
from RadiomicsPrognosisLib.presenter.study_process import Stage, StudyProcess

from . import actions, texts

#: How often a running study is asked for news (ms).
_POLL_MS = 200


class DevelopSection(VTKObservationMixin):
    """Everything behind the section's widgets; ``models_added`` is called after models came into the user's folder.

    A study belongs to the module, not to the scene: it goes on while other modules are shown or scenes are closed, and
    is cancelled when the module is unloaded.
    """

    def __init__(self, ui, models_added):
        VTKObservationMixin.__init__(self)
        self.ui, self._models_added = ui, models_added
        self._node = None
        self._shown = StudyChoices()
        self._filling = False
        self._card: RecipeCard | None = None
        self._unread: list[InputError] = []
        self._study, self._ran = StudyProcess(), StudyChoices()
        self._timer = qt.QTimer()
        self._timer.setInterval(_POLL_MS)
        self._timer.connect("timeout()", self._on_timer)
        ui.recipeSelector.connect("currentIndexChanged(int)", self._on_recipe_chosen)
        ui.recipeButton.connect("clicked()", self._on_recipe_file)
        ui.cohortButton.connect("clicked()", self._on_cohort)
        ui.readingsButton.connect("clicked()", self._on_readings)
        ui.studyFolderButton.connect("clicked()", self._on_folder)
        ui.studyRunButton.connect("clicked()", self._on_run)
        ui.studyCancelButton.connect("clicked()", self._on_cancel)
        ui.studyReportButton.connect("clicked()", self._on_report)
        ui.studyModelsButton.connect("clicked()", self._on_models)
        ui.studyProblemLabel.connect("linkActivated(QString)", self._on_link)
        self._show()

    def set_node(self, node) -> None:
        """Take over the choices in ``node`` (None: there is no scene to speak of)."""
        self.removeObservers()
        self._node = node
        if node is not None:
            self.addObserver(node.parameterNode, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
            self._fill_recipes()
        self._show()

    def enter(self) -> None:
        """The module is shown: recipes may have come into the user's folder."""
        if self._node is not None:
            self._fill_recipes()
            self._show()

    def close(self) -> None:
        """The module is unloaded."""
        self._timer.stop()
        self.removeObservers()
        self._node = None
        self._study.close()

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_recipe_chosen(self, index: int) -> None:
        if self._node is not None and not self._filling:
            self._node.studyRecipe = self.ui.recipeSelector.itemData(index) or ""

    def _on_recipe_file(self) -> None:
        path = self._ask_file(_("Recipe"), _("Recipe (*.toml)"), "")
        if path:
            self._node.studyRecipe = path

    def _on_cohort(self) -> None:
        path = self._ask_file(_("Cohort"), _("Table (*.csv *.parquet)"), self._node.studyCohort)
        if path:
            self._node.studyCohort = path

    def _on_readings(self) -> None:
        path = self._ask_file(_("Readings"), _("Table (*.csv *.parquet)"), self._node.studyReadings)
        if path:
            self._node.studyReadings = path

    def _on_folder(self) -> None:
        path = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the results"),
                                                   self._node.studyFolder)
        if path:
            self._node.studyFolder = path

    @staticmethod
    def _ask_file(title: str, kinds: str, before: str) -> str:
        return qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), title, before, kinds)

    def _on_run(self) -> None:
        if actions.ensure_packages():
            self._ran = self._choices()
            self._study.start(self._ran.command())
            self._timer.start()
            self._show()

    def _on_cancel(self) -> None:
        self._study.cancel()
        self._show()

    def _on_report(self) -> None:
        report = development.report_of(self._node.studyFolder)
        if report is not None:
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(report)))
        self._show()

    def _on_models(self) -> None:
        with slicer.util.tryWithErrorDisplay(_("The models could not be added.")):
            count = development.add_models(self._node.studyFolder)
            self._models_added()
            slicer.util.showStatusMessage(_("{count} files added to your user folder").format(count=count), 5000)

    def _on_link(self, link: str) -> None:
        problem = self._study.problem
        if link == texts.DETAILS_LINK and problem is not None:
            title = _("A fault of the software") if problem.code == "study-fault" else _("What the study last wrote")
            slicer.util.errorDisplay(title, detailedText=problem.details)

    # What is shown ---------------------------------------------------------------------------------------------------

    def _on_parameters(self, _caller=None, _event=None) -> None:
        # Every score changes the parameter node, too; then the disk, perhaps a slow share, is left alone.
        if self._choices() != self._shown:
            if self._node.studyRecipe != (self._card.name if self._card else ""):
                self._fill_recipes()
            self._show()

    def _on_timer(self) -> None:
        self._study.poll()
        if not self._study.active:
            self._timer.stop()
            # Also seen when the choices, and with them what came of it, are no longer shown.
            slicer.util.showStatusMessage(_("Study in {folder}: {state}").format(
                folder=self._ran.folder, state=texts.study_end(self._study.stage)), 10000)
        self._show()

    def _choices(self) -> StudyChoices:
        node = self._node
        return StudyChoices(node.studyRecipe, node.studyCohort.strip(), node.studyReadings.strip(),
                            node.studyFolder.strip())

    def _fill_recipes(self) -> None:
        """Offer the recipes at hand and the chosen file; a recipe that cannot be read is said below."""
        cards, self._unread = development.recipe_cards()
        chosen = self._node.studyRecipe
        self._card = next((card for card in cards if card.name == chosen), None)
        if chosen and self._card is None:
            try:
                self._card = development.recipe_card(chosen)
            except InputError as error:
                self._unread = [*self._unread, error]
                self._card = RecipeCard(chosen, Path(chosen).name, "", ())
            cards = [*cards, self._card]
        options = [(_("choose a recipe"), ""), *((texts.recipe_title(card), card.name) for card in cards)]
        selector, self._filling = self.ui.recipeSelector, True
        if [(selector.itemText(index), selector.itemData(index)) for index in range(selector.count)] != options:
            selector.clear()
            for text, data in options:
                selector.addItem(text, data)
        selector.setCurrentIndex(max(selector.findData(chosen), 0))
        selector.toolTip = self._card.title if self._card else _("How the cohort becomes a model: the shipped studies, "
                                                                 "and recipes in your user folder.")
        self._filling = False

    def _show(self) -> None:
        ui, study, node = self.ui, self._study, self._node
        choices = self._shown = self._choices() if node is not None else StudyChoices()
        missing = development.obstacle(choices)
        # What came of a study is shown as long as the choices are those it ran with.
        stage = study.stage if study.active or choices == self._ran else Stage.IDLE
        failed = study.problem if stage is Stage.FAILED else None
        summary = study.summary if stage is Stage.DONE else None
        self._say(ui.recipeInfoLabel, "<br>".join(filter(None, (
            texts.unread(self._unread), texts.recipe(self._card) if self._card and self._card.columns else ""))))
        self._say(ui.studyProblemLabel, "" if study.active else texts.study_problem(failed or missing))
        self._say(ui.studyStepLabel, texts.study_step(stage, study.progress.text, study.elapsed_s))
        self._say(ui.studySummaryLabel, texts.study_summary(summary) if summary else "")
        ui.studyProgressBar.visible = ui.studyCancelButton.visible = study.active
        ui.studyProgressBar.value = round(100 * study.progress.share)
        ui.studyCancelButton.enabled = stage is Stage.RUNNING
        for widget in (ui.recipeSelector, ui.recipeButton, ui.cohortEdit, ui.cohortButton, ui.readingsEdit,
                       ui.readingsButton, ui.studyFolderEdit, ui.studyFolderButton):
            widget.enabled = node is not None and not study.active
        ui.studyRunButton.enabled = missing is None and not study.active
        ui.studyReportButton.enabled = not study.active and development.report_of(choices.folder) is not None
        ui.studyModelsButton.enabled = not study.active and bool(development.models_of(choices.folder))

    @staticmethod
    def _say(label: qt.QLabel, text: str) -> None:
        label.text = text
        label.visible = bool(text)
