"""The Develop section: choose a cohort and a recipe, run the study in its own process, watch it, open its report."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter import development
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.development import RecipeCard, StudyChoices
from RadiomicsPrognosisLib.presenter.problem import Problem

from .. import links, saving, texts
from ..notice import PanelNotice
from ..section import PanelSection, say

#: How often a running study is asked for news (ms).
_POLL_MS = 200


class DevelopSection(PanelSection):
    """Runs one study at a time.

    A study belongs to the module, not to the scene: it goes on while other modules are shown or scenes are closed, and
    is cancelled when the module is unloaded.
    """

    ui_file = "DevelopSection.ui"
    writes = frozenset({"studyRecipe", "studyCohort", "studyReadings", "studyFolder"})

    def setup(self) -> None:
        """Connect selectors, buttons and the timer."""
        ui = self.ui
        self._shown: tuple[bool, StudyChoices] | None = None  # whether there was a node, and what it said
        self._card: RecipeCard | None = None
        self._unread: list[InputError] = []
        self._ran = StudyChoices()
        self._note = ""
        self._timer = qt.QTimer(self.widget)
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

    def enter(self) -> None:
        """Look at the disk again: recipes may have come into the user's folder, results may have gone."""
        self._shown = None

    def cleanup(self) -> None:
        """Ask nobody any more."""
        self._timer.stop()

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_recipe_chosen(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.studyRecipe = self.ui.recipeSelector.itemData(index) or ""

    def _on_recipe_file(self) -> None:
        node = self.host.node
        path = self._ask_file(_("Recipe"), _("Recipe (*.toml)"), "")
        if path and node is not None:
            node.studyRecipe = path

    def _on_cohort(self) -> None:
        node = self.host.node
        path = self._ask_file(_("Cohort"), _("Table (*.csv *.parquet)"), self._choices().cohort)
        if path and node is not None:
            node.studyCohort = path

    def _on_readings(self) -> None:
        node = self.host.node
        path = self._ask_file(_("Readings"), _("Table (*.csv *.parquet)"), self._choices().readings)
        if path and node is not None:
            node.studyReadings = path

    def _on_folder(self) -> None:
        node = self.host.node
        path = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the results"),
                                                   self._choices().folder)
        if path and node is not None:
            node.studyFolder = path

    @staticmethod
    def _ask_file(title: str, kinds: str, before: str) -> str:
        return qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), title, before, kinds)

    def _on_run(self) -> None:
        obstacle = saving.ensure_packages()
        if obstacle is not None:
            self.host.announce(obstacle)
            return
        self._ran, self._note = self._choices(), ""
        self.host.commands.study.start(self._ran.command())
        self._timer.start()
        self._show()

    def _on_cancel(self) -> None:
        self.host.commands.study.cancel()
        self._show()

    def _on_report(self) -> None:
        report = development.report_of(self._choices().folder)
        if report is not None:
            links.open_path(report)
        self._show()

    def _on_models(self) -> None:
        with slicer.util.tryWithErrorDisplay(_("The models could not be added.")):
            count = development.add_models(self._choices().folder)
            self.host.reload_models()
            self._note = _("{count} files added to your user folder; the models can be chosen above.").format(
                count=count)
        self._show()

    def _on_link(self, link: str) -> None:
        problem = self.host.commands.study.problem
        if link == texts.DETAILS_LINK and problem is not None:
            title = _("A fault of the software") if problem.code == "command-fault" else _("What the study last wrote")
            slicer.util.errorDisplay(title, detailedText=problem.details)

    # What is shown ---------------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Show the choices, if they are others than those shown, and what stands on the disk."""
        # Every score changes the parameter node, too; then the disk, perhaps a slow share, is left alone.
        if self._shown == (self.host.node is not None, self._choices()):
            return
        is_fresh = self._shown is None or not self._shown[0]
        known = self._card.name if self._card else ""
        if self.host.node is not None and (is_fresh or self._choices().recipe != known):
            self._fill_recipes()
        self._show()

    def _on_timer(self) -> None:
        study = self.host.commands.study
        study.poll()
        if not study.active:
            self._timer.stop()
            self._announce_end()
        self._show()

    def _announce_end(self) -> None:
        """Tell it where it is seen when this section is not; who cancels a study sees it end."""
        stage, folder = self.host.commands.study.stage, self._ran.folder
        if stage is Stage.DONE:
            text = _("The study in {folder} is done.").format(folder=folder)
            self.host.announce(PanelNotice(text, development.report_of(folder)))
        elif stage is Stage.FAILED:
            text = _("The study in {folder} has failed: the section 'Develop a model' says why.").format(folder=folder)
            self.host.announce(PanelNotice(problem=Problem("study", text)))

    def _choices(self) -> StudyChoices:
        node = self.host.node
        if node is None:
            return StudyChoices()
        return StudyChoices(node.studyRecipe, node.studyCohort.strip(), node.studyReadings.strip(),
                            node.studyFolder.strip())

    def _fill_recipes(self) -> None:
        """Offer the recipes at hand and the chosen file; a recipe that cannot be read is said below."""
        cards, self._unread = development.recipe_cards()
        chosen = self._choices().recipe
        self._card = next((card for card in cards if card.name == chosen), None)
        if chosen and self._card is None:
            try:
                self._card = development.recipe_card(chosen)
            except InputError as error:
                self._unread = [*self._unread, error]
                self._card = RecipeCard(chosen, Path(chosen).name, "", ())
            cards = [*cards, self._card]
        options = [(_("choose a recipe"), ""), *((texts.recipe_title(card), card.name) for card in cards)]
        self.fill_selector(self.ui.recipeSelector, options, chosen)
        self.ui.recipeSelector.toolTip = self._card.title if self._card else _(
            "How the cohort becomes a model: the shipped studies, and recipes in your user folder.")

    def _show(self) -> None:
        ui, study, choices = self.ui, self.host.commands.study, self._choices()
        has_node = self.host.node is not None
        self._shown = (has_node, choices)
        missing = development.obstacle(choices)
        # What came of a study is shown as long as the choices are those it ran with.
        stage = study.stage if study.active or choices == self._ran else Stage.IDLE
        failed = study.problem if stage is Stage.FAILED else None
        summary = study.summary if stage is Stage.DONE else None
        say(ui.recipeInfoLabel, "<br>".join(filter(None, (
            texts.unread(self._unread), texts.recipe(self._card) if self._card and self._card.columns else ""))))
        say(ui.studyProblemLabel, "" if study.active else texts.study_problem(failed or missing))
        step = texts.command_step(stage, study.progress.text, study.elapsed_s)
        say(ui.studyStepLabel, "<br>".join(filter(None, (step, self._note))))
        # Also seen while the section is collapsed, or its choices are others than those that ran.
        ui.developSection.text = texts.develop_title(study.stage)
        say(ui.studySummaryLabel, texts.study_summary(summary) if summary else "")
        ui.studyProgressBar.visible = ui.studyCancelButton.visible = study.active
        ui.studyProgressBar.value = round(100 * study.progress.share)
        ui.studyCancelButton.enabled = stage is Stage.RUNNING
        for widget in (ui.recipeSelector, ui.recipeButton, ui.cohortEdit, ui.cohortButton, ui.readingsEdit,
                       ui.readingsButton, ui.studyFolderEdit, ui.studyFolderButton):
            widget.enabled = has_node and not study.active
        ui.studyRunButton.enabled = missing is None and not study.active
        ui.studyReportButton.enabled = not study.active and development.report_of(choices.folder) is not None
        ui.studyModelsButton.enabled = not study.active and bool(development.models_of(choices.folder))
