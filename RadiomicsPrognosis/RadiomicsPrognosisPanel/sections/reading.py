"""The tab Read: the next case opens with an empty contour, blinded; what is drawn is kept as it is drawn."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter import study_setup
from RadiomicsPrognosisLib.presenter.reading_desk import Queue
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState

from .. import links, reading_texts, texts
from ..reading_round import ReadingRound
from ..section import PanelSection, Place, say


class ReadingSection(PanelSection):
    """Leads one reader through one session; keeps a study of this scene's lesions with the scene."""

    ui_file = "ReadingSection.ui"
    place = Place.READING
    while_reading = True
    writes = frozenset({"readingReader", "readingSession", "readingSnapshot"})

    def setup(self) -> None:
        """Connect selectors and buttons."""
        ui = self.ui
        self._round = ReadingRound(self.widget, self.host, self.host.choose, self._show)
        self._kept: StudyFolder | None = None
        ui.readReaderSelector.connect("currentIndexChanged(int)", self._on_reader)
        ui.readSessionSelector.connect("currentIndexChanged(int)", self._on_session)
        ui.readBackSelector.connect("currentIndexChanged(int)", self._on_back_chosen)
        ui.readCommentEdit.connect("textEdited(QString)", self._on_comment)
        ui.readStartButton.connect("clicked()", self._on_start)
        ui.readNextButton.connect("clicked()", self._on_next)
        ui.readSkipButton.connect("clicked()", self._on_skip)
        ui.readStopButton.connect("clicked()", self._on_stop)
        ui.readBackButton.connect("clicked()", self._on_back)
        ui.readProblemLabel.connect("linkActivated(QString)", self._on_link)

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_reader(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.readingReader = self.ui.readReaderSelector.itemData(index) or ""
            self._look_again()

    def _on_session(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.readingSession = self.ui.readSessionSelector.itemData(index) or ""
            self._look_again()

    def _look_again(self) -> None:
        self._round.problem = None
        self.host.readings.refresh()
        self.show_choices()

    def _on_back_chosen(self, _index: int) -> None:
        self._show()

    def _on_comment(self, text: str) -> None:
        sitting = self.host.readings.sitting
        if sitting is not None:
            sitting.comment = text

    def _on_start(self) -> None:
        self.host.readings.refresh()
        self._open(self._queue().next)

    def _on_next(self) -> None:
        self._move_on(ReadingState.DONE)

    def _on_skip(self) -> None:
        self._move_on(ReadingState.SKIPPED)

    def _on_stop(self) -> None:
        self._leave(ReadingState.OPEN)

    def _on_back(self) -> None:
        case = self.ui.readBackSelector.itemData(self.ui.readBackSelector.currentIndex)
        if self._leave(ReadingState.OPEN):
            self._open(next((item for item in self._queue().begun if item.case == case), None))

    def _on_link(self, link: str) -> None:
        links.follow(link, self._round.problem)

    def _move_on(self, state: ReadingState) -> None:
        if self._leave(state):
            self._open(self._queue().next)

    def _open(self, reading: Reading | None) -> None:
        if reading is not None:
            self._round.open(reading)
            sitting = self.host.readings.sitting
            self.ui.readCommentEdit.text = sitting.comment if sitting is not None else ""
        self.show_choices()

    def _leave(self, state: ReadingState) -> bool:
        left = self._round.leave(state)
        if left:
            self._keep_study()
        self._show()
        return left

    # The panel's life ------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Go on with the case that is open; other readers may have written meanwhile."""
        self.host.readings.refresh()
        self._round.resume()

    def exit(self) -> None:
        """Save what is drawn; time does not count while another module is shown."""
        self._round.pause()

    def scene_closing(self) -> None:
        """Save the case and leave it: its nodes go, and the study belongs to the scene."""
        self._round.abandon()
        self.host.readings.close()
        self._kept = None

    def cleanup(self) -> None:
        """Save the case and leave it: the module goes."""
        self._round.abandon()

    def _keep_study(self) -> None:
        """Keep the study in the scene if its cases are the scene's lesions: contours and times, no images."""
        node, folder, scene = self.host.node, self.host.readings.folder, slicer.mrmlScene
        if node is None or folder is None or not study_setup.is_of_scene(folder.design, scene):
            return
        text = node.readingSnapshot or scene.AddNewNodeByClass("vtkMRMLTextNode", _("Reading study"))
        text.SetText(study_setup.kept_text(folder))
        node.readingSnapshot = text
        self._kept = folder

    # What is shown ---------------------------------------------------------------------------------------------------

    def _queue(self) -> Queue:
        return self.host.readings.queue(self._reader, self._session)

    @property
    def _reader(self) -> str:
        return self.ui.readReaderSelector.itemData(self.ui.readReaderSelector.currentIndex) or ""

    @property
    def _session(self) -> str:
        return self.ui.readSessionSelector.itemData(self.ui.readSessionSelector.currentIndex) or ""

    def show_choices(self) -> None:
        """Offer the readers and sessions of the study that is open."""
        desk, node = self.host.readings, self.host.node
        design = desk.folder.design if desk.folder is not None else None
        readers, sessions = (design.readers, design.sessions) if design is not None else ((), ())
        self.fill_selector(self.ui.readReaderSelector, [(name, name) for name in readers],
                           node.readingReader if node is not None else "")
        self.fill_selector(self.ui.readSessionSelector, [(name, name) for name in sessions],
                           node.readingSession if node is not None else "")
        queue = self._queue()
        self.fill_selector(self.ui.readBackSelector, [
            (reading_texts.back(item, queue.number(item)), item.case) for item in queue.begun],
            self.ui.readBackSelector.itemData(self.ui.readBackSelector.currentIndex) or "")
        if desk.folder is not None and desk.folder is not self._kept and not desk.blinded:
            self._keep_study()
            self._kept = desk.folder
        self._show()

    def update(self) -> None:
        """Show how far the reader is."""
        self._show()

    def _show(self) -> None:
        ui, desk = self.ui, self.host.readings
        queue, reading = self._queue(), desk.active
        is_open = desk.folder is not None
        say(ui.readStudyLabel, f"<b>{texts.escape(desk.folder.design.title)}</b>" if is_open else (
            reading_texts.no_study()))
        say(ui.readQueueLabel, reading_texts.queue(queue) if is_open else "")
        say(ui.readWashoutLabel, reading_texts.washout(
            desk.short_washouts(self._reader, self._session), desk.folder.design.washout_days) if is_open else "")
        ui.readProgressBar.visible = bool(queue.readings)
        left = queue.count(ReadingState.PLANNED) + queue.count(ReadingState.OPEN)
        ui.readProgressBar.value = round(100 * (1 - left / max(len(queue.readings), 1)))
        ui.readProgressBar.format = reading_texts.progress(len(queue.readings) - left, len(queue.readings))
        for widget in (ui.readReaderLabel, ui.readReaderSelector, ui.readSessionLabel, ui.readSessionSelector):
            widget.visible = is_open and reading is None
        ui.readStartButton.visible = is_open and reading is None and queue.next is not None
        ui.readStartButton.text = reading_texts.start(queue)
        self._show_case(queue, reading)
        for widget in (ui.readBackLabel, ui.readBackSelector, ui.readBackButton):
            widget.visible = bool(queue.begun) and is_open
        chosen = ui.readBackSelector.itemData(ui.readBackSelector.currentIndex)
        ui.readBackButton.enabled = bool(chosen) and (reading is None or reading.case != chosen)
        problem = self._round.problem
        say(ui.readProblemLabel, "✖ " + texts.problem(problem) if problem is not None else "")
        say(ui.readBlindLabel, reading_texts.blinding(reading is not None) if is_open else "")

    def _show_case(self, queue: Queue, reading: Reading | None) -> None:
        ui, sitting = self.ui, self.host.readings.sitting
        for widget in (ui.readCommentLabel, ui.readCommentEdit, ui.readNextButton, ui.readSkipButton,
                       ui.readStopButton):
            widget.visible = reading is not None
        if reading is not None and sitting is not None:
            lesion = self.host.readings.folder.design.case(reading.case).lesion
            say(ui.readCaseLabel, reading_texts.case(queue, reading, lesion, sitting.watch.seconds))
        else:
            finished = bool(queue.readings) and queue.next is None
            say(ui.readCaseLabel, reading_texts.all_done(queue) if finished else "")
