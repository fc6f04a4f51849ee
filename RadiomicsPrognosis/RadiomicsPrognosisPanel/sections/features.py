"""The section for a cohort's features: extract them into a table, or fit a scaling of the chosen model from them."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.cohort_features import CohortFeatures, CohortWish, obstacle, scaling_obstacle
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.problem import Problem

from .. import feature_texts as words
from .. import links, saving, texts
from ..notice import PanelNotice
from ..section import PanelSection, say

#: How often the command is asked for news (ms).
_POLL_MS = 200


class FeaturesSection(PanelSection):
    """Runs the commands 'extract' and 'scaling' for the model that is chosen above.

    What is given here belongs to the module, not to a scene or its patient.
    """

    ui_file = "FeaturesSection.ui"

    def setup(self) -> None:
        """Connect fields, buttons and the timer."""
        ui = self.ui
        self._work = CohortFeatures(self.host.commands.extraction, self.host.commands.scaling)
        self._timer = qt.QTimer(self.widget)
        self._timer.setInterval(_POLL_MS)
        self._timer.connect("timeout()", self._on_timer)
        for edit in (ui.featuresCohortEdit, ui.scalingNameEdit, ui.scalingDiseaseEdit, ui.scalingOriginEdit):
            edit.connect("textChanged(QString)", self._on_edited)
        ui.featuresCohortButton.connect("clicked()", self._on_cohort)
        ui.extractButton.connect("clicked()", self._on_extract)
        ui.scalingButton.connect("clicked()", self._on_scaling)
        ui.featuresCancelButton.connect("clicked()", self._on_cancel)
        ui.featuresStepLabel.connect("linkActivated(QString)", self._on_link)

    def cleanup(self) -> None:
        """Ask nobody any more."""
        self._timer.stop()
        self._work.close()

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_edited(self, _text: str) -> None:
        self._show()

    def _on_cohort(self) -> None:
        ui = self.ui
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Cohort"), ui.featuresCohortEdit.text,
                                              _("Table (*.csv *.parquet)"))
        if path:
            ui.featuresCohortEdit.text = path

    def _on_extract(self) -> None:
        wish = self._wish()
        table = qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), _("Table of features"),
                                               str(Path(wish.cohort).with_name("features.csv")),
                                               _("Table (*.csv *.parquet)"))
        if table and self._has_packages():
            self._work.extract(wish, Path(table))
            self._begin()

    def _on_scaling(self) -> None:
        if self._has_packages():
            self._work.fit(self._wish())
            self._begin()

    def _has_packages(self) -> bool:
        card = self.host.catalogue.card(self.host.choices.model_id)
        missing = saving.ensure_packages()
        if missing is None and card is not None and card.network:
            missing = saving.ensure_network_packages()
        if missing is not None:
            self.host.announce(missing)
        return missing is None

    def _begin(self) -> None:
        self._timer.start()
        self._show()

    def _on_cancel(self) -> None:
        self._work.cancel()
        self._show()

    def _on_link(self, link: str) -> None:
        problem = self._work.problem
        if link == texts.DETAILS_LINK and problem is not None:
            slicer.util.errorDisplay(_("What the command last wrote"), detailedText=problem.details)
        else:
            links.follow(link, problem)

    # What goes on ----------------------------------------------------------------------------------------------------

    def _on_timer(self) -> None:
        self._work.poll()
        if not self._work.active:
            self._timer.stop()
            self._take_over()
        self._show()

    def _take_over(self) -> None:
        """Choose the scaling that was fitted if its model still is the one chosen, and tell the end of it."""
        work, wish = self._work, self._work.wish
        if work.fitted is not None and wish.model is not None:
            self.host.use_scaling(wish.model.id, work.fitted.name)
        if work.stage is Stage.DONE:
            text = (_("The scaling '{name}' was fitted.").format(name=work.fitted.name) if work.fitted is not None else
                    _("The features of the cohort are extracted."))
            table = Path(work.extracted.table) if work.extracted is not None and not work.is_scaling else None
            self.host.announce(PanelNotice(text, table))
        elif work.stage is Stage.FAILED:
            text = _("The cohort's features could not be had: the section 'Features and scaling of a cohort' says why.")
            self.host.announce(PanelNotice(problem=Problem("study", text)))

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_choices(self) -> None:
        """Show whose features are extracted."""
        self._show()

    def _wish(self) -> CohortWish:
        ui = self.ui
        return CohortWish(cohort=ui.featuresCohortEdit.text.strip(), model=self.host.choices.model,
                          engine=self.host.choices.engine,
                          name=ui.scalingNameEdit.text.strip(), disease=ui.scalingDiseaseEdit.text.strip(),
                          origin=ui.scalingOriginEdit.text.strip())

    def _show(self) -> None:
        ui, work, wish = self.ui, self._work, self._wish()
        no_extraction, no_scaling = obstacle(wish), scaling_obstacle(wish)
        ui.featuresSection.text = words.title(work.stage)
        say(ui.featuresModelLabel, words.model(wish.model))
        ui.scalingDiseaseEdit.placeholderText = words.disease_example(wish.model)
        # The name is taken by the scaling just fitted: that is no problem to speak of.
        is_done = work.fitted is not None and no_scaling is not None and no_scaling.code == "taken-name"
        say(ui.featuresProblemLabel, "" if work.active or is_done else words.missing(no_extraction or no_scaling))
        ui.extractButton.enabled = no_extraction is None and not work.active
        ui.scalingButton.enabled = no_scaling is None and not work.active
        ui.featuresProgressBar.visible = ui.featuresCancelButton.visible = work.active
        ui.featuresProgressBar.value = round(100 * work.progress.share)
        ui.featuresCancelButton.enabled = work.stage is Stage.RUNNING
        for widget in (ui.featuresCohortEdit, ui.featuresCohortButton, ui.scalingNameEdit, ui.scalingDiseaseEdit,
                       ui.scalingOriginEdit):
            widget.enabled = not work.active
        say(ui.featuresStepLabel, self._step())

    def _step(self) -> str:
        work = self._work
        if work.active or work.stage is Stage.CANCELLED:
            return texts.command_step(work.stage, work.progress.text, work.elapsed_s)
        if work.problem is not None:
            return texts.command_problem(work.problem)
        if work.fitted is not None:
            return words.fitted(work.fitted, work.extracted, self.host.choices.scaling == work.fitted.name)
        return words.extracted(work.extracted) if work.extracted is not None else ""
