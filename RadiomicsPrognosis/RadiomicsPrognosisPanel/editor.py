"""The embedded Segment Editor: its own editor node, with the brush to start with, and new readings."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

#: The editor node is ours alone: sharing the Segment Editor module's would carry our choices into it.
SINGLETON_TAG = "RadiomicsPrognosis"

#: The brush to start with, as the attributes of the editor node that Paint and Erase share
#: (qSlicerSegmentEditorPaintEffect::setMRMLDefaults): a sphere of 3 % of the view's size, because a lesion is no disc.
_BRUSH = {"BrushSphere": "1", "BrushDiameterIsRelative": "1", "BrushRelativeDiameter": "3"}


class Editor(VTKObservationMixin):
    """Owns the qMRMLSegmentEditorWidget in ``frame``.

    ``picked(segmentID)`` is called when the user selects a segment, ``masked()`` when :attr:`own_range` has changed.
    The widget is made at the first :meth:`enter`: it takes a while, and a module that is only loaded needs none.
    """

    def __init__(self, frame: qt.QWidget, picked: Callable[[str], None], masked: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._frame, self._picked, self._masked = frame, picked, masked
        self.widget = None
        self.node = None
        #: The intensity range (HU) that the user has limited editing to in the editor itself.
        self.own_range: tuple[float, float] | None = None
        self._brush = dict(_BRUSH)
        self._factory = None

    @property
    def painting(self) -> bool:
        """Whether one of the editor's effects is active."""
        return bool(self.effect)

    @property
    def effect(self) -> str:
        """The name of the effect that is active, empty for none."""
        return (self.node.GetActiveEffectName() or "") if self.node is not None else ""

    def enter(self) -> None:
        """Make the widget ready for drawing."""
        if self.widget is None:
            self._make()
        self._select_node()
        self.widget.installKeyboardShortcuts()
        self.widget.updateWidgetFromMRML()

    def exit(self) -> None:
        """Let go of views and keyboard."""
        if self.widget is not None:
            self.widget.setActiveEffect(None)
            self.widget.uninstallKeyboardShortcuts()
            self.widget.removeViewObservations()

    def scene_closing(self) -> None:
        """Forget the nodes of a scene that is about to be closed."""
        if self.node is not None:  # which is reset with the scene
            self._brush = {name: self.node.GetAttribute(name) or value for name, value in self._brush.items()}
        self._watch(None)
        if self.widget is not None:
            self.widget.setSegmentationNode(None)
            self.widget.removeViewObservations()

    def close(self) -> None:
        """Take the widget apart, before the module is unloaded."""
        self.exit()
        self.removeObservers()
        if self._factory is not None:
            self._factory.disconnect("effectRegistered(QString)", self._on_effect_registered)
        if self.widget is not None:
            self.widget.setMRMLSegmentEditorNode(None)
            self.widget.setMRMLScene(None)
            self.widget.deleteLater()
        self.widget = self._factory = None

    def show(self, segmentation, volume, segment_id: str) -> None:
        """Edit ``segment_id`` of ``segmentation`` on ``volume``."""
        if self.widget is None or self.node is None:
            return
        # The segmentation first: setting it selects its reference volume and its first segment.
        if self.node.GetSegmentationNode() is not segmentation:
            self.widget.setSegmentationNode(segmentation)
        if segmentation is not None and volume is not None and self.node.GetSourceVolumeNode() is not volume:
            self.widget.setSourceVolumeNode(volume)
        if segment_id and self.node.GetSelectedSegmentID() != segment_id:
            self.widget.setCurrentSegmentID(segment_id)
        self._frame.enabled = segmentation is not None

    def start_painting(self) -> None:
        """Take the brush up."""
        self.take_up("Paint")

    def take_up(self, effect: str) -> None:
        """Make an effect active; an empty name lets go of the one that is."""
        if self.widget is not None:
            self.widget.setActiveEffectByName(effect)

    def _make(self) -> None:
        self.widget = slicer.qMRMLSegmentEditorWidget()
        self.widget.setMaximumNumberOfUndoStates(10)
        self.widget.setSegmentationNodeSelectorVisible(False)
        self.widget.setSourceVolumeNodeSelectorVisible(False)
        self.widget.setSwitchToSegmentationsButtonVisible(False)
        # A panel is too narrow for the effects' names: their tooltips and accessible names have them.
        self.widget.setEffectButtonStyle(qt.Qt.ToolButtonIconOnly)
        self._select_node()  # before the scene, so that the selections the scene triggers are stored in it
        self.widget.setMRMLScene(slicer.mrmlScene)
        self._frame.layout().addWidget(self.widget)
        # Effects of other extensions may be registered after this widget is made.
        self._factory = slicer.qSlicerSegmentEditorEffectFactory.instance()
        self._factory.connect("effectRegistered(QString)", self._on_effect_registered)

    def _select_node(self) -> None:
        node = slicer.mrmlScene.GetSingletonNode(SINGLETON_TAG, "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
            node.UnRegister(None)
            node.SetSingletonTag(SINGLETON_TAG)
            node = slicer.mrmlScene.AddNode(node)
        if node is not self.node:
            # Said anew for each scene, since closing one resets its singletons: a saved scene must not carry our
            # editor's choices, and drawing one segment must not eat into its neighbour.
            node.SetSaveWithScene(False)
            node.SetOverwriteMode(node.OverwriteNone)
            # Closing a scene gives the node Slicer's own brush (qMRMLSegmentEditorWidget::initializeParameterSetNode).
            for name, value in self._brush.items():
                node.SetAttribute(name, value)
            self._watch(node)
            self.widget.setMRMLSegmentEditorNode(node)

    def _watch(self, node) -> None:
        if self.node is not None:
            self.removeObserver(self.node, vtk.vtkCommand.ModifiedEvent, self._on_node)
        self.node = node
        if node is not None:
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._on_node)
        self._take_range()

    def _on_node(self, _caller=None, _event=None) -> None:
        """Tell of the segment and the intensity mask; cheap, as the node changes at each choice in the editor."""
        segment_id = self.node.GetSelectedSegmentID() if self.node is not None else None
        if segment_id:
            self._picked(segment_id)
        self._take_range()

    def _take_range(self) -> None:
        node, before = self.node, self.own_range
        masked = node is not None and node.GetSourceVolumeIntensityMask()
        self.own_range = tuple(node.GetSourceVolumeIntensityMaskRange()) if masked else None
        if self.own_range != before:
            self._masked()

    def _on_effect_registered(self, _name=None) -> None:
        self.widget.updateEffectList()


def new_reading(volume):
    """Return (segmentation node, segment ID) of an empty contour of its own on the grid of ``volume``."""
    scene = slicer.mrmlScene
    name = scene.GenerateUniqueName(_("Reading of {volume}").format(volume=volume.GetName()))
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    segmentation_on(node, volume)
    return node, node.GetSegmentation().AddEmptySegment("", _("Tumour"))


def segmentation_on(node, volume) -> None:
    """Give a segmentation node its display and the grid of ``volume``."""
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    # A volume that is moved by a transform takes its reading along.
    node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
