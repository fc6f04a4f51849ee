"""The tab Set up: a reading study from a published design, or one that has been set up before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter import study_setup
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.study_setup import COHORT, FOLDER, SCENE, FolderWork, SetupChoices
from RadiomicsPrognosisLib.reading.cohort_intake import UntakenContour
from RadiomicsPrognosisLib.reading.presets import Preset, presets

from .. import links, reading_texts
from ..section import PanelSection, Place, say

#: Values of the selector of what earlier contours are for.
_CENTRE, _STAND = "centre", "stand"


class ReadingSetupSection(PanelSection):
    """Fills in a design, takes the cases in one after the other, and opens studies for all tabs.

    The images are read between events of the application, so that Cancel is heard.
    """

    ui_file = "ReadingSetupSection.ui"
    place = Place.READING
    writes = frozenset({"readingStudy"})
    reads = frozenset({"readingSnapshot"})

    def setup(self) -> None:
        """Connect the widgets and fill those that do not change."""
        ui = self.ui
        self._presets: dict[str, Preset] = {}
        self._work: FolderWork | None = None
        self._problem: Problem | None = None
        self._known: tuple[object, ...] = ()
        self._tried = ""  # the folder that was last opened, or could not be
        #: The study that was set up last, and the earlier contours that are no readings of it.
        self._untaken: tuple[Path, tuple[UntakenContour, ...]] = (Path(), ())
        self._timer = qt.QTimer(self.widget)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.connect("timeout()", self._on_step)
        self.fill_selector(ui.setupSourceSelector, [
            (_("Lesions of this scene"), SCENE), (_("Table of a cohort"), COHORT),
            (_("Folder of CTs or scenes"), FOLDER)], SCENE)
        self.fill_selector(ui.setupEarlierSelector, [
            (_("show where the lesion is"), _CENTRE), (_("are readings of the study"), _STAND)], _CENTRE)
        self._fill_presets()
        for selector in (ui.setupSourceSelector, ui.setupSceneSelector, ui.setupEarlierSelector):
            selector.connect("currentIndexChanged(int)", self._on_changed)
        ui.setupPresetSelector.connect("currentIndexChanged(int)", self._on_preset)
        for edit in (ui.setupPathEdit, ui.setupReadersEdit, ui.setupSessionsEdit, ui.setupFolderEdit):
            edit.connect("textChanged(QString)", self._on_changed)
        ui.setupPathButton.connect("clicked()", self._on_path)
        ui.setupFolderButton.connect("clicked()", self._on_folder)
        ui.setupCreateButton.connect("clicked()", self._on_create)
        ui.setupCancelButton.connect("clicked()", self._on_cancel)
        ui.setupOpenButton.connect("clicked()", self._on_open)
        ui.setupRestoreButton.connect("clicked()", self._on_restore)
        ui.setupCloseButton.connect("clicked()", self._on_close)
        ui.setupProblemLabel.connect("linkActivated(QString)", self._on_link)

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_preset(self, _index: int) -> None:
        """Take over what the design says; names that were typed stay if there are as many as it asks for."""
        preset, ui = self._preset, self.ui
        if self.host.filling or preset is None:
            return
        ui.setupRereadSpinBox.value = preset.reread or 0
        ui.setupWashoutSpinBox.value = round(preset.washout_days)
        if len(study_setup.names_in(ui.setupReadersEdit.text)) != preset.readers:
            ui.setupReadersEdit.text = ", ".join(_("Reader {number}").format(number=number + 1)
                                                 for number in range(preset.readers))
        if len(study_setup.names_in(ui.setupSessionsEdit.text)) != preset.sessions:
            ui.setupSessionsEdit.text = ", ".join(str(number + 1) for number in range(preset.sessions))
        self._on_changed()

    def _on_changed(self, _value: object = None) -> None:
        if not self.host.filling:
            self._problem = None
            self._show()

    def _on_path(self) -> None:
        window, before = slicer.util.mainWindow(), self.ui.setupPathEdit.text
        if self._source == COHORT:
            path = qt.QFileDialog.getOpenFileName(window, _("Cohort"), before, _("Table (*.csv)"))
        else:
            path = qt.QFileDialog.getExistingDirectory(window, _("Folder of CTs or scenes"), before)
        if path:
            self.ui.setupPathEdit.text = path

    def _on_folder(self) -> None:
        path = self._ask_folder(_("Empty folder for the study"))
        if path:
            self.ui.setupFolderEdit.text = path

    def _ask_folder(self, title: str) -> str:
        return qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), title, self.ui.setupFolderEdit.text)

    def _on_create(self) -> None:
        choices = self._choices()
        self._problem = study_setup.obstacle(choices)
        if self._problem is None:
            self._begin(lambda: study_setup.begin_setup(choices, slicer.mrmlScene))
        self._show()

    def _on_restore(self) -> None:
        node = self.host.node
        path = self._ask_folder(_("Empty folder for the study of this scene"))
        if path and node is not None and node.readingSnapshot is not None:
            text = node.readingSnapshot.GetText()
            self._begin(lambda: study_setup.begin_restoring(text, Path(path), slicer.mrmlScene))
        self._show()

    def _begin(self, work: Callable[[], FolderWork]) -> None:
        try:
            with slicer.util.WaitCursor():
                self._work = work()
        except InputError as error:
            self._problem = Problem.of(error)
            return
        self._problem = None
        self._timer.start()

    def _on_step(self) -> None:
        work = self._work
        if work is None:
            return
        try:
            more = work.step()
        except InputError as error:
            self._work, self._problem, more = None, Problem.of(error), False
        if more:
            self._timer.start()
        elif self._work is not None and work.folder is not None:
            self._work = None
            self._open(str(work.folder.path))
            self._untaken = (work.folder.path, work.untaken)
        self._show()

    def _on_cancel(self) -> None:
        self._give_up()
        self._show()

    def _give_up(self) -> None:
        self._timer.stop()
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def _on_open(self) -> None:
        path = self._ask_folder(_("Folder of the study"))
        if path:
            self._open(path)
        self._show()

    def _on_close(self) -> None:
        node = self.host.node
        if node is not None:
            node.readingStudy = self._tried = ""
        self.host.readings.close()
        self._show()

    def _on_link(self, link: str) -> None:
        links.follow(link, self._problem)

    def _open(self, path: str) -> None:
        """Open the study in ``path`` for all tabs; what is wrong with it is told."""
        self._tried = path
        try:
            self.host.readings.open(path)
            self._problem = None
        except InputError as error:
            self._problem = Problem.of(error)
            return
        node = self.host.node
        if node is not None and node.readingStudy != path:
            node.readingStudy = path

    # The panel's life ------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Look at the user's folder again: there may be more designs."""
        self._fill_presets()

    def scene_closing(self) -> None:
        """Give up what reads from the scene, and let go of its study."""
        self._give_up()
        self._tried = ""

    def cleanup(self) -> None:
        """Leave nothing half done."""
        self._give_up()

    # What is shown ---------------------------------------------------------------------------------------------------

    def choices_changing(self) -> None:
        """Open the study of the scene."""
        node = self.host.node
        path = node.readingStudy if node is not None else ""
        if path and path != self._tried and not self.host.readings.blinded:
            self._open(path)

    def show_choices(self) -> None:
        """Offer the scene's contours."""
        scene = slicer.mrmlScene
        nodes = [scene.GetNthNodeByClass(index, "vtkMRMLSegmentationNode")
                 for index in range(scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"))]
        self.fill_selector(self.ui.setupSceneSelector, [
            (_("all segmentations"), ""), *((item.GetName(), item.GetID()) for item in nodes
                                            if item.GetSaveWithScene())],
            self.ui.setupSceneSelector.itemData(self.ui.setupSceneSelector.currentIndex) or "")
        self._show()

    def update(self) -> None:
        """Show how far the readers are; looking at the study's folder takes a while, and an edit waits for it."""
        desk, node = self.host.readings, self.host.node
        known = desk.readings(), desk.blinded, node is None
        if known != self._known:
            self._known = known
            self._show()

    def _fill_presets(self) -> None:
        loaded, errors = presets()
        self._presets = {item.id: item for item in loaded}
        ordered = sorted(loaded, key=lambda item: not item.citation)  # the papers' first
        self.fill_selector(self.ui.setupPresetSelector, [
            (_("choose a design"), ""), *((item.title, item.id) for item in ordered)],
            self._preset.id if self._preset else "")
        if errors:
            self._problem = Problem.of(errors[0])

    @property
    def _preset(self) -> Preset | None:
        return self._presets.get(self.ui.setupPresetSelector.itemData(self.ui.setupPresetSelector.currentIndex) or "")

    @property
    def _source(self) -> str:
        return self.ui.setupSourceSelector.itemData(self.ui.setupSourceSelector.currentIndex) or SCENE

    def _choices(self) -> SetupChoices:
        ui = self.ui
        key = ui.setupSceneSelector.itemData(ui.setupSceneSelector.currentIndex)
        return SetupChoices(
            source=self._source, path=ui.setupPathEdit.text.strip(), preset=self._preset, title=ui.setupTitleEdit.text,
            segmentation=slicer.mrmlScene.GetNodeByID(key) if key else None,
            readers=study_setup.names_in(ui.setupReadersEdit.text),
            sessions=study_setup.names_in(ui.setupSessionsEdit.text), reread=ui.setupRereadSpinBox.value or None,
            seed=ui.setupSeedSpinBox.value, washout_days=float(ui.setupWashoutSpinBox.value),
            stand=ui.setupEarlierSelector.itemData(ui.setupEarlierSelector.currentIndex) == _STAND,
            window=(float(ui.setupLevelSpinBox.value), float(ui.setupWidthSpinBox.value)),
            folder=ui.setupFolderEdit.text.strip(), covariates=self._covariates())

    def _covariates(self) -> tuple[str, ...]:
        """Return the names of the clinical factors of the design's model, and of the panel's."""
        offered, preset = self.host.catalogue.models, self._preset
        models = (offered.get(preset.model) if preset is not None else None, self.host.choices.model)
        return tuple(dict.fromkeys(item.name for model in models if model is not None for item in model.covariates))

    def _show(self) -> None:
        ui, desk, work, node = self.ui, self.host.readings, self._work, self.host.node
        choices, in_scene = self._choices(), self._source == SCENE
        ui.setupSceneLabel.visible = ui.setupSceneSelector.visible = in_scene
        for widget in (ui.setupPathLabel, ui.setupPathEdit, ui.setupPathButton):
            widget.visible = not in_scene
        preset = self._preset
        say(ui.setupPaperLabel, reading_texts.paper(preset, choices.readers, choices.sessions))
        ui.setupPaperLabel.toolTip = preset.text if preset is not None else _(
            "What the paper says, and what it leaves open.")
        missing = study_setup.obstacle(choices)
        is_open = desk.folder is not None
        say(ui.setupProblemLabel, reading_texts.setup_problem(
            self._problem or (missing if preset is not None and not is_open else None)))
        ui.setupProgressBar.visible = ui.setupCancelButton.visible = work is not None
        if work is not None:
            ui.setupProgressBar.value = round(100 * work.share)
            ui.setupProgressBar.format = reading_texts.setup_step(work.case)
        free = work is None and not desk.blinded and node is not None
        ui.setupCreateButton.enabled = free and missing is None
        ui.setupOpenButton.enabled = free
        ui.setupCloseButton.enabled = free and is_open
        kept = node.readingSnapshot if node is not None else None
        ui.setupRestoreButton.enabled = free and not is_open and kept is not None and bool(kept.GetText())
        left = self._untaken[1] if is_open and desk.folder.path == self._untaken[0] else ()
        say(ui.setupStudyLabel, reading_texts.study(desk.folder, desk.readings(), left)
            if is_open and not desk.blinded else "")
