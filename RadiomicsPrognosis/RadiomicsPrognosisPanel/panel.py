"""The panel: its sections in their order, and what they have in common: choices, session, the module's life."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter.cache import FeatureCache
from RadiomicsPrognosisLib.presenter.card import Catalogue
from RadiomicsPrognosisLib.presenter.case import BlockedCase, Case, CaseReader, Choices
from RadiomicsPrognosisLib.presenter.commands import Commands
from RadiomicsPrognosisLib.presenter.problem import BLINDED
from RadiomicsPrognosisLib.presenter.reading_desk import ReadingDesk
from RadiomicsPrognosisLib.presenter.session import Freshness, Session, WorkerLike
from RadiomicsPrognosisLib.presenter.shown_answer import Answers, ShownAnswer
from RadiomicsPrognosisLib.presenter.stability_check import StabilityCheck

from . import memory, scene_result
from .content_watch import ContentWatch
from .layout import PanelLayout
from .notice import PanelNotice
from .scene_choices import ImportedResult, SceneChoices, choices_of
from .section import PanelSection
from .sections.actions import ActionsSection
from .sections.analyse import AnalyseSection
from .sections.chosen import ChosenSection
from .sections.clinical import ClinicalSection
from .sections.compare import CompareSection
from .sections.develop import DevelopSection
from .sections.features import FeaturesSection
from .sections.image import ImageSection
from .sections.model import ModelSection
from .sections.reading import ReadingSection
from .sections.reading_setup import ReadingSetupSection
from .sections.reproducibility import ReproducibilitySection
from .sections.result import ResultSection
from .sections.segments import SegmentsSection
from .sections.stability import StabilitySection
from .sections.views import ViewsSection
from .sections.voi import VoiSection
from .slice_file import slice_file

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisLogic, RadiomicsPrognosisParameterNode

#: The panel from top to bottom.
SECTIONS: tuple[type[PanelSection], ...] = (
    ChosenSection,
    ImageSection,
    ModelSection,
    ClinicalSection,
    VoiSection,
    ReproducibilitySection,
    ReadingSetupSection,
    ReadingSection,
    CompareSection,
    AnalyseSection,
    FeaturesSection,
    DevelopSection,
    ResultSection,
    StabilitySection,
    SegmentsSection,
    ViewsSection,
    ActionsSection,
)

#: How often the session is asked for news, and given the time for a step, while it awaits something (ms).
_POLL_MS = 5


class Panel(VTKObservationMixin):
    """Everything behind the widget ``frame`` (RadiomicsPrognosis.ui), which the sections fill; their :class:`Host`.

    The parameter node holds every choice; sections write into it and are filled from it, never from each other.

    Parameters
    ----------
    frame: the widget with places for the sections.
    logic: the module's logic.
    worker: where features are extracted; ended with the panel.
    comparer: where those of two readings are, so that Live goes on meanwhile; ended with the panel.
    commands: run what takes long in processes of their own; ended with the panel.
    sections: their classes from top to bottom.
    """

    def __init__(self, frame: qt.QWidget, logic: RadiomicsPrognosisLogic, worker: WorkerLike, comparer: WorkerLike,
                 commands: Commands, sections: Sequence[type[PanelSection]] = SECTIONS):
        VTKObservationMixin.__init__(self)
        self.logic, self.comparer, self.commands = logic, comparer, commands
        self.node: RadiomicsPrognosisParameterNode | None = None
        self.choices = Choices()
        self.catalogue = Catalogue()
        self.readings = ReadingDesk(self._on_readings)
        self.notice = PanelNotice()
        self.entered = self.filling = self.folded = False
        self._live = self._missed = False
        self._answers = Answers()
        self._reader, self._content = CaseReader(slice_file), ContentWatch(self._on_content)
        self.features = FeatureCache()
        self.session = Session(worker, self._read, self._publish, cache=self.features)
        self.stability = StabilityCheck(commands.stability, self._publish_stability)
        self._timer = qt.QTimer(frame)
        self._timer.setInterval(_POLL_MS)
        self._timer.connect("timeout()", self._on_timer)
        self._layout = PanelLayout(frame, self._update, self._redraw)
        self._scene_choices, self._imported_result = SceneChoices(frame), ImportedResult()
        self.sections = tuple(section(self) for section in sections)
        self._layout.place(self.sections)
        self.ui = slicer.util.childWidgetVariables(frame)
        for section in self.sections:
            section.setup()
        self._show_choices()
        self._update()

    @property
    def prediction(self) -> Prediction | None:
        """The prediction shown."""
        return self.session.shown

    @property
    def answer(self) -> ShownAnswer | None:
        """What is told of the prediction shown."""
        return self._answers.of(self.session, self.stability.current(self.session))

    @property
    def current(self) -> bool:
        """Whether the prediction shown belongs to the contour and the choices as they are, with nothing awaited."""
        return self.session.freshness is Freshness.CURRENT and not self.session.active

    # The module's life -----------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The module is shown."""
        self.entered = True
        self.catalogue.reload()
        for section in self.sections:
            section.enter()
        if self.node is not None:
            self._scene_choices.choose()
            self._complete_choices()
            self._take_choices()
            self._show_choices()
            self.session.refresh(score=self._missed and self.node.live)
        self._missed = False
        self._poll_soon()
        self._update()

    def exit(self) -> None:
        """Another module is shown: nothing of ours stays in the views or the editor."""
        self.entered = False
        self._timer.stop()
        for section in self.sections:
            section.exit()

    def close(self) -> None:
        """The module is unloaded."""
        self._timer.stop()
        self._layout.close()
        self.set_node(None)
        for section in self.sections:
            section.cleanup()
        self.removeObservers()
        self._imported_result.removeObservers()
        self.session.shut_down()
        self.stability.close()
        self.commands.close()

    def scene_closing(self) -> None:
        """The scene is about to be emptied."""
        for section in self.sections:
            section.scene_closing()
        self.notice = PanelNotice()
        self._reader.forget()

    def set_node(self, node: RadiomicsPrognosisParameterNode | None) -> None:
        """Take over the choices and the result in ``node`` (None: there is no scene to speak of)."""
        self.removeObservers()
        self._content.follow((), ())
        self.node, self.choices = node, Choices()
        self.session.close()
        self.stability.restore(None)
        self._scene_choices.follow(node)
        if node is not None:
            self._complete_choices()
            self.addObserver(node.parameterNode, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
            self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.NodeRemovedEvent, self._on_node_removed)
            self._live = node.live
            scene_result.restore(node, self.session, self.stability)
            self._take_choices()
            self._show_choices()
            if self.entered:
                self.session.refresh()
            self._poll_soon()
        self._update()

    # What sections ask of their host ---------------------------------------------------------------------------------

    @property
    def result_width(self) -> int:
        """The width (pixels) that pictures in the result may have."""
        return self._layout.picture_width

    @contextlib.contextmanager
    def fill(self) -> Iterator[None]:
        """Keep what is being shown or corrected from being taken for a choice or an edit of the user's."""
        before, self.filling = self.filling, True
        try:
            yield
        finally:
            self.filling = before

    def score(self) -> None:
        """Score the case as it is now."""
        self.session.refresh(score=True)
        self._poll_soon()

    def choose(self, volume: vtk.vtkObject | None, segmentation: vtk.vtkObject | None, segment_id: str,
               drawing: bool = False) -> None:
        """Choose a contour, with the brush in hand if it is to be drawn."""
        node = self.node
        if node is None:
            return
        with slicer.util.NodeModify(node):
            node.volume, node.segmentation, node.segmentID = volume, segmentation, segment_id
        for section in self.sections if drawing else ():
            section.begin_drawing()

    def read(self, choices: Choices) -> Case:
        """Return the case that other choices than the panel's describe."""
        return self._reader.read(choices)

    def cancel(self) -> None:
        """Give up the extraction under way; what was shown stays."""
        self.session.cancel()
        self._update()

    def fold(self, folded: bool) -> None:
        """Take the sections that can fold out of sight, or show them again."""
        self.folded = folded
        self._show_sections()

    def use_readings(self, table: Path) -> None:
        """Choose ``table`` as the readings of the study that is developed."""
        if self.node is not None:
            self.node.studyReadings = str(table)

    def use_scaling(self, model_id: str, name: str) -> None:
        """Choose a scaling that was fitted for a model, if that model is chosen."""
        self.reload_models()
        if self.node is not None and self.node.modelID == model_id:
            self.node.scaling = name
            memory.remember_scaling(model_id, name)

    def reload_models(self) -> None:
        """Read the model files again and show which there are."""
        self.catalogue.reload()
        self._show_choices()

    def announce(self, notice: PanelNotice) -> None:
        """Tell below the result what was written, or why it could not be."""
        self.notice = notice
        self._update()

    def show(self) -> None:
        """Have all sections show what has come of something that goes on beside the session."""
        self._update()

    # From the parameter node and the scene to the session ------------------------------------------------------------

    def _on_parameters(self, _caller: object = None, _event: object = None) -> None:
        node = self.node
        if node is None or self.filling:
            return
        if not self._is_half_a_scene():
            self._complete_choices()  # out of sight, too: what is chosen by a script must fit together
        if not self._listening():
            return
        live, was_live = node.live, self._live
        self._live = live
        if self._take_choices():
            self._show_choices()
            self.session.touch(score=live)
        elif live and not was_live:
            self.session.touch(score=True)
        self._poll_soon()
        self._update()

    def _complete_choices(self) -> None:
        for section in self.sections:
            section.choices_changing()

    def _on_content(self) -> None:
        """Voxels, segments or transforms changed."""
        if self.node is not None and not self.filling and self._listening():
            self.session.touch(score=self.node.live)
            self._poll_soon()
            self._update()

    def _on_readings(self) -> None:
        """Another reading study is open, or another reading is drawn, during which nothing is scored or shown."""
        if self.node is None:
            return
        if self.readings.blinded:
            self.session.case = BlockedCase(BLINDED)
        elif self.session.case.problem is BLINDED:
            self.session.touch(score=self.node.live)
            self._poll_soon()
        self._show_choices()
        self._update()

    def _on_node_removed(self, _caller: object = None, _event: object = None) -> None:
        self._on_parameters()

    def _listening(self) -> bool:
        """Whether changes are to be followed: not while a scene is half closed or half loaded, nor out of sight."""
        if self._is_half_a_scene():
            return False
        self._missed = self._missed or not self.entered
        return self.entered

    @staticmethod
    def _is_half_a_scene() -> bool:
        return bool(slicer.mrmlScene.IsClosing() or slicer.mrmlScene.IsImporting())

    def _read(self) -> Case:
        for section in self.sections:
            section.before_reading()
        case = self._reader.read(self.choices)
        return BlockedCase(BLINDED, case.vois) if self.readings.blinded else case

    def _on_timer(self) -> None:
        if self.session.poll():
            self._update()
        if not self.session.needs_polling:
            self._timer.stop()

    def _poll_soon(self) -> None:
        if self.session.needs_polling and not self._timer.isActive():
            self._timer.start()

    def _take_choices(self) -> bool:
        """Read the choices from the parameter node; return whether they differ from those known."""
        node, before = self.node, self.choices
        if node is None:
            return False
        self.choices = choices = choices_of(node, self.catalogue)
        if choices == before:
            return False
        self._content.follow((choices.volume, choices.second_volume),
                             (choices.segmentation, choices.second_segmentation))
        return True

    def _publish(self, prediction: Prediction) -> None:
        if self.node is not None:
            scene_result.publish(self.node, prediction)

    def _publish_stability(self, text: str | None) -> None:
        if self.node is not None:
            scene_result.publish_stability(self.node, text)

    # To the sections -------------------------------------------------------------------------------------------------

    def _show_choices(self) -> None:
        for section in self.sections:
            section.show_choices()
        self._show_sections()
        if self.entered and self.choices.volume is not None:
            self.session.warm_up()

    def _show_sections(self) -> None:
        for section in self.sections:
            if section.place.is_tab:
                continue  # its widget is shown by the tabs
            hidden = self.readings.blinded and not section.while_reading
            section.widget.visible = section.useful and not hidden and not (section.foldable and self.folded)

    def _update(self) -> None:
        self._layout.make_room_for_details(self.session.shown is not None)
        for section in self.sections:
            section.update()

    def _redraw(self) -> None:
        for section in self.sections:
            section.redraw()
        self._update()
