"""The tab Analyse: how well readings repeat, by the command 'reproducibility'; a filter of features at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter import analysing, analysis_result
from RadiomicsPrognosisLib.presenter.analysing import AnalysisChoices, StudyInput
from RadiomicsPrognosisLib.presenter.analysis_result import StoredResult
from RadiomicsPrognosisLib.presenter.chosen import model_name
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.reading.rule import FORM_SENTENCES
from RadiomicsPrognosisLib.reading.study_result import REPORT_FILE, ReadingComparison, ReproducibilityResult
from RadiomicsPrognosisLib.statistics.icc import BOUNDS, FORMS

from .. import agreement_drawing, agreement_texts, links, saving, texts
from ..notice import PanelNotice
from ..section import PanelSection, Place, say

#: How often a running analysis is asked for news (ms).
_POLL_MS = 200

#: What margins and frame of the tab take of the width of a picture (pixels).
_EDGES = 20


class AnalyseSection(PanelSection):
    """Runs one analysis at a time, and shows the result that stands in the chosen folder.

    An analysis belongs to the module, not to the scene, as a study does. What the filter keeps is computed from the
    stored result by the function that the command uses, so that panel, table and report say the same.
    """

    ui_file = "AnalyseSection.ui"
    place = Place.READING
    writes = frozenset({"analysis"})

    def setup(self) -> None:
        """Connect selectors, buttons and the timer."""
        ui = self.ui
        self._shown: tuple[object, ...] | None = None
        self._study: StudyInput | None = None
        self._stored: StoredResult | None = None
        self._unread: InputError | None = None
        self._ran: Path | None = None
        self._problem: Problem | None = None
        self._result: ReproducibilityResult | None = None
        self._comparison = ""
        self._timer = qt.QTimer(self.widget)
        self._timer.setInterval(_POLL_MS)
        self._timer.connect("timeout()", self._on_timer)
        for edit in (ui.analyseTableEdit, ui.analyseFolderEdit):
            edit.connect("editingFinished()", self._on_choice)
        for selector in (ui.analyseModelSelector, ui.analyseFormSelector, ui.analyseBoundSelector,
                         ui.analyseKindsSelector):
            selector.connect("currentIndexChanged(int)", self._on_index)
        ui.analyseThresholdBox.connect("valueChanged(double)", self._on_threshold)
        ui.analyseTableButton.connect("clicked()", self._on_table)
        ui.analyseFolderButton.connect("clicked()", self._on_folder)
        ui.analyseRunButton.connect("clicked()", self._on_run)
        ui.analyseCancelButton.connect("clicked()", self._on_cancel)
        ui.analyseReportButton.connect("clicked()", self._on_report)
        ui.analyseOpenButton.connect("clicked()", self._on_open)
        ui.analyseShownSelector.connect("currentIndexChanged(int)", self._on_shown)
        ui.analyseUseButton.connect("clicked()", self._on_use)
        ui.analyseProblemLabel.connect("linkActivated(QString)", self._on_link)
        with self.host.fill():
            self._fill_fixed()

    def _fill_fixed(self) -> None:
        ui = self.ui
        for form in FORMS:
            ui.analyseFormSelector.addItem(form, form)
            ui.analyseFormSelector.setItemData(ui.analyseFormSelector.count - 1, FORM_SENTENCES[form],
                                               qt.Qt.ToolTipRole)
        for on, text in zip(BOUNDS, (_("estimate of at least"), _("lower bound of at least")), strict=True):
            ui.analyseBoundSelector.addItem(text, on)
        for kinds, text in zip(analysing.KINDS, (_("reader's sessions, and readers"), _("one reader's sessions"),
                                                 _("different readers")), strict=True):
            ui.analyseKindsSelector.addItem(text, " ".join(kinds))

    def enter(self) -> None:
        """Look at the disk again: readings and results may have come or gone."""
        self._shown = None

    def cleanup(self) -> None:
        """Ask nobody any more."""
        self._timer.stop()

    # What the user does ----------------------------------------------------------------------------------------------

    def _choices(self) -> AnalysisChoices:
        node = self.host.node
        return AnalysisChoices.from_texts(dict(node.analysis) if node is not None else {})

    def _write(self, choices: AnalysisChoices) -> None:
        node = self.node_to_write
        if node is not None and choices != self._choices():
            node.analysis = choices.texts()

    def _on_choice(self) -> None:
        ui, choices = self.ui, self._choices()
        kinds = tuple(str(ui.analyseKindsSelector.itemData(ui.analyseKindsSelector.currentIndex)).split())
        self._write(replace(
            choices, table=ui.analyseTableEdit.text.strip(), folder=ui.analyseFolderEdit.text.strip(),
            scored=ui.analyseModelSelector.itemData(ui.analyseModelSelector.currentIndex) != "",
            form=ui.analyseFormSelector.itemData(ui.analyseFormSelector.currentIndex),
            on=ui.analyseBoundSelector.itemData(ui.analyseBoundSelector.currentIndex),
            threshold=round(ui.analyseThresholdBox.value, 3), kinds=kinds))

    def _on_index(self, _index: int) -> None:
        self._on_choice()

    def _on_threshold(self, _value: float) -> None:
        self._on_choice()

    def _on_table(self) -> None:
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Table of readings"), self._choices().table,
                                              _("Table (*.csv *.parquet)"))
        if path:
            self._write(replace(self._choices(), table=path))

    def _on_folder(self) -> None:
        path = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the results"),
                                                   self._choices().folder)
        if path:
            self._write(replace(self._choices(), folder=path))

    def _on_run(self) -> None:
        obstacle = saving.ensure_packages()
        if obstacle is not None:
            self.host.announce(obstacle)
            return
        choices, study, chosen = self._choices(), self.host.readings.folder, self.host.choices
        folder = self._folder(choices)
        try:
            with slicer.util.WaitCursor():  # a study looks at its images
                table = Path(choices.table) if choices.table else study.write_cohort()
            arguments = analysing.command(choices, table, folder, chosen.model, chosen.scaling,
                                          study.design.protocol if study is not None else "", chosen.engine)
        except InputError as error:
            self._problem = Problem.of(error)
        else:
            self._problem, self._ran = None, folder
            self.host.commands.reproducibility.start(arguments)
            self._timer.start()
        self._show_run()

    def _on_cancel(self) -> None:
        self.host.commands.reproducibility.cancel()
        self._show_run()

    def _on_report(self) -> None:
        report = self._stored.report if self._stored is not None else None
        if report is not None:
            links.open_path(report)

    def _on_open(self) -> None:
        if self._stored is not None:
            links.open_path(self._stored.folder)

    def _on_shown(self, index: int) -> None:
        if not self.host.filling:
            self._comparison = self.ui.analyseShownSelector.itemData(index) or ""
            self._show_result()

    def _on_use(self) -> None:
        """Write what the filter keeps and let the study below use it."""
        if self._stored is None or self._result is None:
            return
        try:
            path = analysis_result.write_filter(self._result, self._stored.folder)
        except InputError as error:
            self.host.announce(PanelNotice(problem=Problem.of(error)))
            return
        self.host.use_readings(path)
        self.host.announce(PanelNotice(_("Filter written, and chosen under 'Develop a model': {name}").format(
            name=path.name), path, path.parent))

    def _on_link(self, link: str) -> None:
        links.follow(link, self.host.commands.reproducibility.problem)

    def _on_timer(self) -> None:
        process = self.host.commands.reproducibility
        process.poll()
        if not process.active:
            self._timer.stop()
            self._shown = None
            self._announce_end(process.stage)
        self.update()

    def _announce_end(self, stage: Stage) -> None:
        """Tell it where it is seen when this tab is not; a reader at work is told nothing but that it is done."""
        if stage is Stage.DONE:
            report = self._ran / REPORT_FILE if self._ran is not None else None
            self.host.announce(PanelNotice(_("The analysis of the readings is done."),
                                           None if self.host.readings.blinded else report))
        elif stage is Stage.FAILED:
            text = _("The analysis of the readings has failed: the tab 'Analyse' says why.")
            self.host.announce(PanelNotice(problem=Problem("analysis", text)))

    # What is shown ---------------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Show choices and result, if they are others than those shown; of a running analysis how far it is."""
        readings, chosen = self.host.readings, self.host.choices
        facts = (self.host.node is not None, self._choices(), readings.folder, readings.active, chosen.model_id,
                 chosen.scaling, self.host.result_width)
        if self._shown == facts:
            if self.host.commands.reproducibility.active:
                self._show_run()
            return
        self._shown, self._problem = facts, None
        self._look()
        self._fill_choices(self._choices())
        self._show_run()
        self._show_result()

    def redraw(self) -> None:
        """Draw the pictures again: the colours of the application are others."""
        self._show_result()

    def _folder(self, choices: AnalysisChoices) -> Path | None:
        study = self.host.readings.folder
        return analysing.results_folder(choices, study.path if study is not None else None)

    def _look(self) -> None:
        """Read from the disk what there is to analyse, and the result that was written last."""
        study, choices = self.host.readings.folder, self._choices()
        self._study = self._unread = None
        try:
            self._study = analysing.study_input(study) if study is not None and not choices.table else None
            self._stored = analysis_result.latest(self._stored, self._folder(choices))
        except InputError as error:
            self._stored, self._unread = None, error

    def _show_run(self) -> None:
        """Show what is to be analysed and can be chosen, how far it is, and what is in the way."""
        ui, process, choices = self.ui, self.host.commands.reproducibility, self._choices()
        blinded, has_node = self.host.readings.blinded, self.host.node is not None
        missing = Problem("blinded") if blinded else analysing.obstacle(choices, self._study)
        # What came of an analysis is shown as long as its folder is the one chosen.
        mine = process.active or self._ran == self._folder(choices)
        stage = process.stage if mine else Stage.IDLE
        failed = process.problem if stage is Stage.FAILED else None
        unread = Problem.of(self._unread) if self._unread is not None else None
        wrong = missing or self._problem or failed or unread
        if process.active and not blinded:
            wrong = None
        say(ui.analyseInputLabel, "" if blinded else self._input(choices))
        say(ui.analyseProblemLabel, agreement_texts.problem(wrong))
        say(ui.analyseStepLabel, texts.command_step(stage, process.progress.text, process.elapsed_s))
        ui.analyseProgressBar.visible = ui.analyseCancelButton.visible = process.active
        ui.analyseProgressBar.value = round(100 * process.progress.share)
        ui.analyseCancelButton.enabled = stage is Stage.RUNNING
        for widget in (ui.analyseTableEdit, ui.analyseTableButton, ui.analyseFolderEdit, ui.analyseFolderButton,
                       ui.analyseModelSelector):
            widget.enabled = has_node and not process.active and not blinded
        for widget in (ui.analyseFormSelector, ui.analyseBoundSelector, ui.analyseThresholdBox,
                       ui.analyseKindsSelector):
            widget.enabled = has_node and not blinded
        ui.analyseRunButton.enabled = has_node and missing is None and not process.active

    def _fill_choices(self, choices: AnalysisChoices) -> None:
        """Show the choices in their widgets."""
        ui, model = self.ui, self.host.choices.model
        named = _("of the panel's model: {model}").format(model=model_name(model)) if model is not None else _(
            "of the panel's model (none is chosen)")
        self.fill_selector(ui.analyseModelSelector, [(named, "yes"), (_("none: contours and features alone"), "")],
                           "yes" if choices.scored else "")
        with self.host.fill():
            for edit, text in ((ui.analyseTableEdit, choices.table), (ui.analyseFolderEdit, choices.folder)):
                if edit.text != text:
                    edit.text = text
            ui.analyseTableEdit.placeholderText = _("the open reading study")
            folder = self._folder(replace(choices, folder=""))
            ui.analyseFolderEdit.placeholderText = str(folder) if folder is not None else _("beside the readings")
            for selector, data in ((ui.analyseFormSelector, choices.form), (ui.analyseBoundSelector, choices.on),
                                   (ui.analyseKindsSelector, " ".join(choices.kinds))):
                selector.setCurrentIndex(selector.findData(data))
            ui.analyseThresholdBox.value = choices.threshold
        say(ui.analyseFormInfoLabel, f"<small>{texts.escape(FORM_SENTENCES[choices.form])}</small>")

    def _input(self, choices: AnalysisChoices) -> str:
        if choices.table:
            return agreement_texts.table(Path(choices.table).name)
        return agreement_texts.study(self._study) if self._study is not None else ""

    def _show_result(self) -> None:
        """Show the stored result under the filter chosen; nothing of it while somebody reads."""
        ui, stored = self.ui, None if self.host.readings.blinded else self._stored
        self._result = None
        for widget in (ui.analyseShownLabel, ui.analyseShownSelector, ui.analyseUseButton, ui.analyseHistogramLabel):
            widget.visible = stored is not None
        ui.analyseReportButton.enabled = stored is not None and stored.report is not None
        ui.analyseOpenButton.enabled = stored is not None
        if stored is None:
            for label in (ui.analyseHeadlineLabel, ui.analyseNotesLabel, ui.analyseScoreLabel, ui.analyseSharesLabel,
                          ui.analyseFailedLabel, ui.analyseDifferencesLabel):
                label.visible = False
            return
        try:
            result = self._result = analysis_result.judged(stored, self._choices().rule, self.host.choices.model)
            headline = agreement_texts.headline(result)
        except InputError as error:  # what the filter asks for was not compared
            result, headline = stored.result, f"✖ {texts.escape(error)}"
        changed = analysis_result.readings_changed(stored, self._study) if self._study is not None else 0
        ui.analyseUseButton.enabled = self._result is not None
        say(ui.analyseHeadlineLabel, headline)
        say(ui.analyseNotesLabel, agreement_texts.notes(result, changed))
        comparison = self._fill_shown(result)
        say(ui.analyseScoreLabel, agreement_texts.score(result, comparison))
        say(ui.analyseSharesLabel, agreement_texts.shares(comparison.groups))
        say(ui.analyseFailedLabel, self._failed(result) if self._result is not None else "")
        self._draw(result, comparison)

    def _fill_shown(self, result: ReproducibilityResult) -> ReadingComparison:
        """Offer the comparisons of a result and return the one to show."""
        offered = analysis_result.shown_first(result)
        chosen = next((item for item in offered if item.id == self._comparison), offered[0])
        self.fill_selector(self.ui.analyseShownSelector, [(item.title, item.id) for item in offered], chosen.id)
        return chosen

    def _failed(self, result: ReproducibilityResult) -> str:
        """Return which features of the panel's model fail, or of the one that was scored when there is none."""
        model = self.host.choices.model
        terms = analysis_result.model_terms(result, model)
        if not terms:
            return ""
        name = model_name(model) if model is not None else result.model.title
        return agreement_texts.failed(name, terms, result)

    def _draw(self, result: ReproducibilityResult, comparison: ReadingComparison) -> None:
        ui, width = self.ui, self.host.result_width - _EDGES
        plot = analysis_result.difference_plot(result, comparison)
        ui.analyseDifferencesLabel.visible = plot is not None
        if plot is not None:
            name = result.model.score_name if result.model is not None else _("score")
            second, first = comparison.readings[1], comparison.readings[0]
            ui.analyseDifferencesLabel.setPixmap(agreement_drawing.draw_differences(
                ui.analyseDifferencesLabel, width, plot, _("mean {name} of both").format(name=name),
                _("difference: {second} – {first}").format(second=second, first=first)))
        histogram = analysis_result.deciding_histogram(result)
        ui.analyseHistogramLabel.visible = True
        ui.analyseHistogramLabel.setPixmap(agreement_drawing.draw_histogram(
            ui.analyseHistogramLabel, width, histogram, f"{result.form}, {agreement_texts.bound(result.filter.on)}",
            _("features (highest bar: {count})").format(count=histogram.highest)))
