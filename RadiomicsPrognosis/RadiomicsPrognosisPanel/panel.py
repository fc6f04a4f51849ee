"""The panel: carries choices from widgets to the session and what the session says back to the widgets."""

from __future__ import annotations

import contextlib

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter import stored, summary
from RadiomicsPrognosisLib.presenter.card import Card, Catalogue
from RadiomicsPrognosisLib.presenter.case import CaseReader, Choices
from RadiomicsPrognosisLib.presenter.form import form_fields
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.series import series_info
from RadiomicsPrognosisLib.presenter.session import Freshness, Session
from RadiomicsPrognosisLib.worker.client import Worker

from . import actions, texts
from .covariates import CovariateForm
from .develop import DevelopSection
from .editor import Editor, new_reading
from .preview import Preview
from .results import ResultView

#: How often the session is asked for news while it awaits something (ms).
_POLL_MS = 10


class Panel(VTKObservationMixin):
    """Everything behind the widgets of RadiomicsPrognosis.ui.

    The parameter node holds every choice; widgets write into it and are filled from it, never from each other.
    """

    def __init__(self, ui, logic):
        VTKObservationMixin.__init__(self)
        self.ui, self._logic = ui, logic
        self._node = None
        self._live = False
        self._chosen = Choices()
        self._syncing = False
        self._entered = False
        self._missed = False
        self._catalogue = Catalogue()
        self._editor = Editor(ui.editorFrame, self._on_segment_picked)
        self._form = CovariateForm(ui.clinicalSection.layout(), ui.clinicalSection, self._on_covariates)
        self._view = ResultView(ui)
        self._preview = Preview()
        self._develop = DevelopSection(ui, self._on_models_added)
        self._reader = CaseReader()
        self._session = Session(Worker(), lambda: self._reader.read(self._chosen), self._publish)
        self._timer = qt.QTimer()
        self._timer.setInterval(_POLL_MS)
        self._timer.connect("timeout()", self._on_timer)
        self._connect()
        self._fill_models("")
        self._show()

    @property
    def prediction(self) -> Prediction | None:
        """The prediction shown."""
        return self._session.shown

    @property
    def current(self) -> bool:
        """Whether the prediction shown belongs to the contour and the choices as they are, with nothing awaited."""
        return self._session.freshness is Freshness.CURRENT and not self._session.active

    # The module's life -----------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The module is shown."""
        self._entered = True
        self._catalogue.reload()
        self._develop.enter()
        self._editor.enter()
        if self._node is not None:
            self._take_choices()
            self._show_choices()
            self._session.refresh(score=self._missed and self._node.live)
        self._missed = False
        self._poll_soon()

    def exit(self) -> None:
        """Another module is shown: nothing of ours stays in the views or the editor."""
        self._entered = False
        self._timer.stop()
        self._editor.exit()
        self._preview.show(None)

    def close(self) -> None:
        """The module is unloaded."""
        self._timer.stop()
        self.set_node(None)
        self._editor.close()
        self._preview.show(None)
        self._develop.close()
        self.removeObservers()
        self._session.shut_down()

    def scene_closing(self) -> None:
        """The scene is about to be emptied."""
        self._editor.scene_closing()
        self._preview.forget()
        self._reader.forget()

    def set_node(self, node) -> None:
        """Take over the choices and the result in ``node`` (None: there is no scene to speak of)."""
        self.removeObservers()
        self._node, self._chosen = node, Choices()
        self._session.close()
        self._develop.set_node(node)
        if node is not None:
            self.addObserver(node.parameterNode, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
            self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.NodeRemovedEvent, self._on_node_removed)
            self._live = node.live
            self._restore()
            self._take_choices()
            self._show_choices()
            if self._entered:
                self._session.refresh()
                self._poll_soon()
        self._show()

    def _restore(self) -> None:
        try:
            self._session.restore(stored.load(self._node.resultText))
        except SchemaError as error:
            self._session.restore(None, Problem.of(error))

    # From widgets to the parameter node ------------------------------------------------------------------------------

    def _connect(self) -> None:
        ui = self.ui
        ui.segmentSelector.connect("currentIndexChanged(int)", self._on_segment_chosen)
        ui.modelSelector.connect("currentIndexChanged(int)", self._on_model_chosen)
        ui.scalingSelector.connect("currentIndexChanged(int)", self._on_scaling_chosen)
        ui.newReadingButton.connect("clicked()", self._on_new_reading)
        ui.scoreButton.connect("clicked()", self._on_score)
        ui.cancelButton.connect("clicked()", self._on_cancel)
        ui.exportButton.connect("clicked()", self._on_export)
        ui.reportButton.connect("clicked()", self._on_report)
        ui.problemLabel.connect("linkActivated(QString)", self._on_link)

    def _on_segment_chosen(self, index: int) -> None:
        if self._node is not None and not self._syncing:
            self._node.segmentID = self.ui.segmentSelector.itemData(index) or ""

    def _on_segment_picked(self, segment_id: str) -> None:
        if self._node is not None and not self._syncing and self._has_segment(segment_id):
            self._node.segmentID = segment_id

    def _on_model_chosen(self, index: int) -> None:
        if self._node is not None and not self._syncing:
            model_id = self.ui.modelSelector.itemData(index) or ""
            card = self._catalogue.card(model_id)
            with slicer.util.NodeModify(self._node):
                self._node.modelID = model_id
                self._node.scaling = card.default_scaling if card else ""

    def _on_scaling_chosen(self, index: int) -> None:
        if self._node is not None and not self._syncing:
            self._node.scaling = self.ui.scalingSelector.itemData(index) or ""

    def _on_covariates(self) -> None:
        if self._node is not None and not self._syncing:
            known = {field.name for field in form_fields(self._chosen.model)}
            others = {name: value for name, value in self._node.covariates.items() if name not in known}
            self._node.covariates = {**others, **self._form.values()}

    def _on_new_reading(self) -> None:
        segmentation, segment_id = new_reading(self._node.volume)
        with slicer.util.NodeModify(self._node):
            self._node.segmentation = segmentation
            self._node.segmentID = segment_id

    def _on_score(self) -> None:
        self._session.refresh(score=True)
        self._poll_soon()

    def _on_cancel(self) -> None:
        self._session.cancel()
        self._show()

    def _on_export(self) -> None:
        actions.export_table(self._logic, self._session.shown)

    def _on_report(self) -> None:
        actions.write_report(self._logic, self._session.shown, self._session.case, series_info(self._chosen.volume))

    def _on_models_added(self) -> None:
        self._catalogue.reload()
        self._fill_models(self._chosen.model_id)

    def _on_link(self, link: str) -> None:
        problem = self._session.problem
        if link == texts.EXTENSIONS_LINK:
            slicer.app.openExtensionsManagerDialog()
        elif link == texts.DETAILS_LINK and problem is not None:
            slicer.util.errorDisplay(problem.message or _("A fault of the software"), detailedText=problem.details)

    # From the parameter node and the scene to the session ------------------------------------------------------------

    def _on_parameters(self, _caller=None, _event=None) -> None:
        if self._syncing or not self._listening():
            return
        live, was_live = self._node.live, self._live
        self._live = live
        self._choose_first_segment()
        if self._take_choices():
            self._show_choices()
            self._session.touch(score=live)
        elif live and not was_live:
            self._session.touch(score=True)
        self._show_limits()
        self._poll_soon()
        self._show()

    def _on_content(self, _caller=None, _event=None) -> None:
        """Voxels, segments or transforms changed."""
        if not self._listening():
            return
        self._fill_segments()
        self._session.touch(score=self._node.live)
        self._poll_soon()
        self._show()

    def _on_node_removed(self, _caller=None, _event=None) -> None:
        self._on_parameters()

    def _listening(self) -> bool:
        """Whether changes are to be followed: not while a scene is half closed or half loaded, nor out of sight."""
        scene = slicer.mrmlScene
        if scene.IsClosing() or scene.IsImporting():
            return False
        self._missed = self._missed or not self._entered
        return self._entered

    def _on_timer(self) -> None:
        if self._session.poll():
            self._show()
        if not self._session.active:
            self._timer.stop()

    def _poll_soon(self) -> None:
        if self._session.active and not self._timer.isActive():
            self._timer.start()

    def _choose_first_segment(self) -> None:
        """In a segmentation just chosen, start with its first segment, as the Segment Editor does."""
        node, segmentation = self._node, self._node.segmentation
        if segmentation is None or segmentation is self._chosen.segmentation:
            return
        content = segmentation.GetSegmentation()
        if content.GetSegmentIndex(node.segmentID) < 0 and content.GetNumberOfSegments() > 0:
            node.segmentID = content.GetNthSegmentID(0)

    def _take_choices(self) -> bool:
        """Read the choices from the parameter node; return whether they differ from those known."""
        node, before = self._node, self._chosen
        # The references themselves: VTK calls the first observer of an object last, and that is the one by which the
        # wrapper keeps its first parameter up to date when somebody else changes it.
        volume, second, segmentation = (node.parameterNode.GetNodeReference(name)
                                        for name in ("volume", "secondVolume", "segmentation"))
        self._chosen = Choices(volume=volume, second_volume=second, segmentation=segmentation,
                               segment_id=node.segmentID, model_id=node.modelID,
                               model=self._catalogue.models.get(node.modelID), scaling=node.scaling,
                               covariates=dict(node.covariates))
        if self._chosen == before:
            return False
        self._observe()
        return True

    def _observe(self) -> None:
        self.removeObservers(self._on_content)
        chosen = self._chosen
        for volume in {chosen.volume, chosen.second_volume} - {None}:
            # slicer.util.arrayFromVolumeModified tells of new voxels by the node's own Modified alone.
            for event in (vtk.vtkCommand.ModifiedEvent, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent,
                          slicer.vtkMRMLTransformableNode.TransformModifiedEvent):
                self.addObserver(volume, event, self._on_content)
        if chosen.segmentation is not None:
            events = slicer.vtkSegmentation
            for event in (events.SourceRepresentationModified, events.SegmentAdded, events.SegmentRemoved,
                          events.SegmentModified, slicer.vtkMRMLTransformableNode.TransformModifiedEvent):
                self.addObserver(chosen.segmentation, event, self._on_content)

    def _publish(self, prediction: Prediction) -> None:
        node = self._node
        nodes = stored.store(slicer.mrmlScene, prediction, stored.ResultNodes(
            node.resultText, node.resultTable, node.curveTable, node.curveSeries, node.curveChart))
        with slicer.util.NodeModify(node):
            node.resultText, node.resultTable = nodes.text, nodes.table
            node.curveTable, node.curveSeries, node.curveChart = nodes.curve, nodes.series, nodes.chart

    # From parameter node and session to widgets ----------------------------------------------------------------------

    @contextlib.contextmanager
    def _filling(self):
        """Keep what is being shown from being taken for a choice of the user's."""
        before, self._syncing = self._syncing, True
        try:
            yield
        finally:
            self._syncing = before

    def _show_choices(self) -> None:
        chosen = self._chosen
        card = self._catalogue.card(chosen.model_id)
        with self._filling():
            self.ui.seriesLabel.text = texts.series(series_info(chosen.volume)) if chosen.volume else ""
            several = chosen.model is not None and len(chosen.model.inputs) > 1
            self.ui.secondVolumeLabel.visible = self.ui.secondVolumeSelector.visible = several
            self.ui.newReadingButton.enabled = chosen.volume is not None
            self._fill_models(chosen.model_id)
            self._fill_scalings(card)
            self.ui.needsLabel.text = texts.needs(card) if card else texts.unread(self._catalogue.errors)
            self.ui.needsLabel.visible = bool(self.ui.needsLabel.text)
            self.ui.cardLabel.text = texts.card(card) if card else ""
            self.ui.cardSection.visible = card is not None
            self._form.build(form_fields(chosen.model) if chosen.model else ())
            self._form.show(chosen.covariates)
            self._fill_segments()
            self._editor.show(chosen.segmentation, chosen.volume, chosen.segment_id)
        self._show_limits()
        if self._entered and chosen.volume is not None:
            self._session.warm_up()

    def _show_limits(self) -> None:
        card = self._catalogue.card(self._chosen.model_id)
        limited = self._entered and self._node.limitPainting and card is not None
        self._editor.limit_painting(card.hu_range if limited else None)
        voi = next(iter(self._session.case.vois.values()), None)
        self._preview.show(voi if self._entered and self._node.previewExcluded else None)

    def _fill_models(self, chosen: str) -> None:
        options = [(texts.model_title(model), model.id) for model in self._catalogue.models.values()]
        self._fill(self.ui.modelSelector, [(_("choose a model"), ""), *options], chosen)

    def _fill_scalings(self, card: Card | None) -> None:
        chosen = self._chosen.scaling
        needed = card is not None and card.model.needs_scaling
        self.ui.scalingSelector.visible = self.ui.scalingLabel.visible = needed
        options = [(texts.scaling_title(item.name, item.cases, item.demonstration), item.name)
                   for item in (card.scalings if card else ())]
        if needed and chosen and chosen not in (name for _title, name in options):
            options.append((chosen, chosen))  # a saved scene's, which is not at hand here
        self._fill(self.ui.scalingSelector, [(_("choose a scaling"), ""), *options], chosen)

    def _fill_segments(self) -> None:
        content = self._chosen.segmentation.GetSegmentation() if self._chosen.segmentation is not None else None
        options = [(content.GetSegment(key).GetName(), key) for key in content.GetSegmentIDs()] if content else []
        self._fill(self.ui.segmentSelector, [(_("choose a segment"), ""), *options], self._chosen.segment_id)

    def _fill(self, selector, options: list[tuple[str, str]], chosen: str) -> None:
        """Offer ``options`` (text, data) in a combo box and select the one whose data is ``chosen``, else the first."""
        with self._filling():
            shown = [(selector.itemText(index), selector.itemData(index)) for index in range(selector.count)]
            if shown != options:
                selector.clear()
                for text, data in options:
                    selector.addItem(text, data)
            selector.setCurrentIndex(max(selector.findData(chosen), 0))

    def _has_segment(self, segment_id: str) -> bool:
        node = self._chosen.segmentation
        return node is not None and node.GetSegmentation().GetSegmentIndex(segment_id) >= 0

    def _show(self) -> None:
        session, ui = self._session, self.ui
        live = self._node is not None and self._node.live
        case = session.case
        voi = next(iter(case.vois.values()), None)
        removed = next(iter(session.shown.vois.values())).resampled_removed_share if session.shown else 0.0
        ui.keptLabel.text = texts.kept(summary.kept(voi.statistics) if voi else None, removed)
        self._view.show(session.shown, session.problem, session.freshness, self._chosen.model, live)
        ui.progressBar.visible = ui.cancelButton.visible = session.extracting
        ui.progressBar.value = round(100 * (session.progress or 0.0))
        ui.scoreButton.enabled = case.problem is None and self._chosen.volume is not None
        ui.exportButton.enabled = ui.reportButton.enabled = (
            session.shown is not None and session.freshness is Freshness.CURRENT)
        if self._node is not None:
            self._show_limits()
