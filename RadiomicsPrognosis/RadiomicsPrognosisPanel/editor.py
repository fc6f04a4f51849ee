"""The embedded Segment Editor: its own editor node, painting limited to the model's HU range, and new readings."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

#: The editor node is ours alone: sharing the Segment Editor module's would carry our masking into it.
SINGLETON_TAG = "RadiomicsPrognosis"

#: An open end of a HU range, as a number the intensity mask can hold: beyond any CT value.
_OPEN_HU = 32767.0


class Editor(VTKObservationMixin):
    """Owns the qMRMLSegmentEditorWidget in ``frame``; ``picked(segmentID)`` is called when the user selects a segment.

    The widget is made at the first :meth:`enter`: it takes a while, and a module that is only loaded needs none.
    """

    def __init__(self, frame: qt.QWidget, picked: Callable[[str], None]):
        VTKObservationMixin.__init__(self)
        self._frame, self._picked = frame, picked
        self.widget = None
        self.node = None
        self._factory = None
        self._masked_before: tuple[bool, tuple[float, float]] | None = None

    def enter(self) -> None:
        """Make the widget ready for drawing."""
        if self.widget is None:
            self._make()
        self._select_node()
        self.widget.installKeyboardShortcuts()
        self.widget.updateWidgetFromMRML()

    def exit(self) -> None:
        """Let go of views and keyboard, and give the intensity mask back as it was."""
        self.limit_painting(None)
        if self.widget is not None:
            self.widget.setActiveEffect(None)
            self.widget.uninstallKeyboardShortcuts()
            self.widget.removeViewObservations()

    def scene_closing(self) -> None:
        """Forget the nodes of a scene that is about to be closed."""
        self._masked_before = None
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

    def limit_painting(self, hu_range: tuple[float | None, float | None] | None) -> None:
        """Limit drawing to ``hu_range`` (None ends: open), or, for None, give the mask back as it was before."""
        if self.node is None:
            return
        if hu_range is None or hu_range == (None, None):
            if self._masked_before is not None:
                self._set_mask(*self._masked_before)
                self._masked_before = None
            return
        if self._masked_before is None:
            self._masked_before = (self.node.GetSourceVolumeIntensityMask(),
                                   tuple(self.node.GetSourceVolumeIntensityMaskRange()))
        low, high = hu_range
        self._set_mask(True, (-_OPEN_HU if low is None else low, _OPEN_HU if high is None else high))

    def _set_mask(self, enabled: bool, hu_range: tuple[float, float]) -> None:
        if (self.node.GetSourceVolumeIntensityMask() == enabled
                and tuple(self.node.GetSourceVolumeIntensityMaskRange()) == tuple(hu_range)):
            return
        self.node.SetSourceVolumeIntensityMaskRange(*hu_range)
        self.node.SetSourceVolumeIntensityMask(enabled)

    def _make(self) -> None:
        self.widget = slicer.qMRMLSegmentEditorWidget()
        self.widget.setMaximumNumberOfUndoStates(10)
        self.widget.setSegmentationNodeSelectorVisible(False)
        self.widget.setSourceVolumeNodeSelectorVisible(False)
        self.widget.setSwitchToSegmentationsButtonVisible(False)
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
            self._masked_before = None
            # Said anew for each scene, since closing one resets its singletons: a saved scene must not carry our
            # painting limits, and drawing one segment must not eat into its neighbour.
            node.SetSaveWithScene(False)
            node.SetOverwriteMode(node.OverwriteNone)
            self._watch(node)
            self.widget.setMRMLSegmentEditorNode(node)

    def _watch(self, node) -> None:
        if self.node is not None:
            self.removeObserver(self.node, vtk.vtkCommand.ModifiedEvent, self._on_node)
        self.node = node
        if node is not None:
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._on_node)

    def _on_node(self, _caller=None, _event=None) -> None:
        segment_id = self.node.GetSelectedSegmentID() if self.node is not None else None
        if segment_id:
            self._picked(segment_id)

    def _on_effect_registered(self, _name=None) -> None:
        self.widget.updateEffectList()


def new_reading(volume):
    """Return (segmentation node, segment ID) of an empty contour of its own on the grid of ``volume``."""
    scene = slicer.mrmlScene
    name = scene.GenerateUniqueName(_("Reading of {volume}").format(volume=volume.GetName()))
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    # A volume that is moved by a transform takes its reading along.
    node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    return node, node.GetSegmentation().AddEmptySegment("", _("Tumour"))
