"""The choices as parameter node and scene have them: a node that goes leaves its choice empty, an only one is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from RadiomicsPrognosisLib.presenter import first_choice, stored
from RadiomicsPrognosisLib.presenter.card import Catalogue
from RadiomicsPrognosisLib.presenter.case import Choices

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisParameterNode

#: Before qMRMLSceneModel (priority -10), which takes the row of a node out: its combo box moves on to the row above.
_BEFORE_SELECTORS = 100.0

_VOLUME, _SEGMENTATION = "volume", "segmentation"

#: Parameters that choose a node.
_CHOICES = (_VOLUME, "secondVolume", _SEGMENTATION, "secondSegmentation", "compareSegmentationA",
            "compareSegmentationB")


def choices_of(node: RadiomicsPrognosisParameterNode, catalogue: Catalogue) -> Choices:
    """Return what ``node`` says, with the model that it names."""
    # The references themselves: VTK calls the first observer of an object last, and that is the one by which the
    # wrapper keeps its first parameter up to date when somebody else changes it.
    role = node.parameterNode.GetNodeReference
    card = catalogue.card(node.modelID)
    engine = "" if card is not None and card.network else node.engine
    return Choices(volume=role(_VOLUME), second_volume=role("secondVolume"), segmentation=role(_SEGMENTATION),
                   segment_id=node.segmentID, second_segmentation=role("secondSegmentation"),
                   second_segment_id=node.secondSegmentID, shared_contour=node.sharedContour, model_id=node.modelID,
                   model=catalogue.models.get(node.modelID), scaling=node.scaling, engine=engine,
                   covariates=dict(node.covariates))


class SceneChoices(VTKObservationMixin):
    """Watches the nodes that come and go, on behalf of one parameter node at a time; goes with the widget ``frame``."""

    def __init__(self, frame: qt.QWidget) -> None:
        VTKObservationMixin.__init__(self)
        self._node: RadiomicsPrognosisParameterNode | None = None
        self._lost: set[str] = set()  # choices whose node was deleted: what is left is not what the user chose
        self._added: set[str] = set()  # choices for which a node came
        self._timer = qt.QTimer(frame)  # a node is filled after it was added
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.connect("timeout()", self._on_settled)

    def follow(self, node: RadiomicsPrognosisParameterNode | None) -> None:
        """Watch the scene for ``node`` (None: no more), and make its first choices."""
        self.removeObservers()
        self._timer.stop()
        self._node = node
        self._lost.clear()
        self._added.clear()
        if node is not None:
            scene = slicer.mrmlScene
            self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._on_going, priority=_BEFORE_SELECTORS)
            self.addObserver(scene, scene.NodeAddedEvent, self._on_added)
            self.addObserver(scene, scene.EndBatchProcessEvent, self._on_batch_end)
            self.choose()

    def choose(self) -> None:
        """Choose the only CT and the only contour, where nothing is chosen and nothing was deleted."""
        self._choose({_VOLUME, _SEGMENTATION} - self._lost)

    def _choose(self, names: set[str]) -> None:
        node, scene = self._node, slicer.mrmlScene
        if node is None or scene.IsClosing() or scene.IsImporting():
            return
        volume, segmentation = self._chosen(_VOLUME), self._chosen(_SEGMENTATION)
        if volume is None and _VOLUME in names:
            volume = first_choice.only_volume(scene)
            if volume is None or (segmentation is not None and not first_choice.is_drawn_on(segmentation, volume)):
                return  # a contour that is chosen already may be another patient's
            node.volume = volume
            names = names | ({_SEGMENTATION} - self._lost)
        if volume is not None and segmentation is None and _SEGMENTATION in names:
            node.segmentation = first_choice.only_segmentation(scene, volume)

    def _chosen(self, name: str) -> vtk.vtkObject | None:
        return self._node.parameterNode.GetNodeReference(name) if self._node is not None else None

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_going(self, _caller: object, _event: object, going: vtk.vtkObject) -> None:
        if self._node is None or slicer.mrmlScene.IsClosing():
            return
        with slicer.util.NodeModify(self._node):
            for name in _CHOICES:
                if self._chosen(name) is going:
                    self._lost.add(name)
                    setattr(self._node, name, None)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_added(self, _caller: object, _event: object, node: vtk.vtkObject) -> None:
        name = {"vtkMRMLScalarVolumeNode": _VOLUME, "vtkMRMLSegmentationNode": _SEGMENTATION}.get(node.GetClassName())
        offered = not node.GetHideFromEditors() and node.GetSaveWithScene()  # no helper of an effect or a preview
        if name is not None and offered and not slicer.mrmlScene.IsImporting():
            self._added.add(name)
            self._timer.start()

    def _on_batch_end(self, _caller: object, _event: object) -> None:
        if self._added:
            self._timer.start()

    def _on_settled(self) -> None:
        if slicer.mrmlScene.IsBatchProcessing():
            return  # its end is heard
        names, self._added = self._added, set()
        self._lost -= names
        self._choose(names)


class ImportedResult(VTKObservationMixin):
    """Removes the nodes of the result that a scene read into the present one replaces."""

    def __init__(self) -> None:
        VTKObservationMixin.__init__(self)
        self._before = stored.ResultNodes()
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartImportEvent, self._on_start)
        self.addObserver(scene, scene.EndImportEvent, self._on_end)

    def _on_start(self, _caller: object, _event: object) -> None:
        parameters = slicer.mrmlScene.GetSingletonNode("RadiomicsPrognosis", "vtkMRMLScriptedModuleNode")
        self._before = stored.referenced(parameters)

    def _on_end(self, _caller: object, _event: object) -> None:
        before, self._before = self._before, stored.ResultNodes()
        stored.remove_orphans(slicer.mrmlScene, before)
