"""The VOI section: which segment is scored, the Segment Editor to draw it, and what the HU range keeps of it."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter import summary

from .. import texts
from ..editor import Editor, new_reading
from ..preview import Preview
from ..section import PanelSection


class VoiSection(PanelSection):
    """Keeps segment selector, Segment Editor and parameter node at one segment; ``editor`` is the embedded one."""

    ui_file = "VoiSection.ui"
    writes = frozenset({"segmentation", "segmentID", "limitPainting", "previewExcluded"})
    reads = frozenset({"volume"})

    def setup(self) -> None:
        """Connect the selector, the button and the editor."""
        self._preview = Preview()
        self.editor = Editor(self.ui.editorFrame, self._on_segment_picked)
        self.ui.segmentSelector.connect("currentIndexChanged(int)", self._on_segment_chosen)
        self.ui.newReadingButton.connect("clicked()", self._on_new_reading)

    def _on_segment_chosen(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.segmentID = self.ui.segmentSelector.itemData(index) or ""

    def _on_segment_picked(self, segment_id: str) -> None:
        node, segmentation = self.node_to_write, self.host.choices.segmentation
        if node is not None and segmentation is not None and (
                segmentation.GetSegmentation().GetSegmentIndex(segment_id) >= 0):
            node.segmentID = segment_id

    def _on_new_reading(self) -> None:
        node = self.host.node
        if node is not None:
            segmentation, segment_id = new_reading(node.volume)
            with slicer.util.NodeModify(node):
                node.segmentation = segmentation
                node.segmentID = segment_id

    def choices_changing(self) -> None:
        """In a segmentation just chosen, start with its first segment, as the Segment Editor does."""
        node = self.host.node
        segmentation = node.segmentation if node is not None else None
        if segmentation is None or segmentation is self.host.choices.segmentation:
            return
        content = segmentation.GetSegmentation()
        if content.GetSegmentIndex(node.segmentID) < 0 and content.GetNumberOfSegments() > 0:
            node.segmentID = content.GetNthSegmentID(0)

    def show_choices(self) -> None:
        """Show segmentation and segment, in the editor too."""
        choices = self.host.choices
        self.ui.newReadingButton.enabled = choices.volume is not None
        self._show_segments()
        with self.host.fill():
            self.editor.show(choices.segmentation, choices.volume, choices.segment_id)

    def update(self) -> None:
        """Show what is kept of the contour, and the limits of the model's HU range."""
        session = self.host.session
        voi = next(iter(session.case.vois.values()), None)
        removed = next(iter(session.shown.vois.values())).resampled_removed_share if session.shown else 0.0
        self.ui.keptLabel.text = texts.kept(summary.kept(voi.statistics) if voi else None, removed)
        self._show_segments()  # which may have been renamed
        node = self.host.node
        if node is not None:
            card = self.host.catalogue.card(self.host.choices.model_id)
            limited = self.host.entered and node.limitPainting and card is not None
            self.editor.limit_painting(card.hu_range if limited else None)
            self._preview.show(voi if self.host.entered and node.previewExcluded else None)

    def _show_segments(self) -> None:
        segmentation = self.host.choices.segmentation
        content = segmentation.GetSegmentation() if segmentation is not None else None
        options = [(content.GetSegment(key).GetName(), key) for key in content.GetSegmentIDs()] if content else []
        self.fill_selector(self.ui.segmentSelector, [(_("choose a segment"), ""), *options],
                           self.host.choices.segment_id)

    def enter(self) -> None:
        """Make the editor ready for drawing."""
        self.editor.enter()

    def exit(self) -> None:
        """Leave nothing of ours in the views or the editor."""
        self.editor.exit()
        self._preview.show(None)

    def scene_closing(self) -> None:
        """Let go of the scene's nodes."""
        self.editor.scene_closing()
        self._preview.forget()

    def cleanup(self) -> None:
        """Take editor and preview away."""
        self.editor.close()
        self._preview.show(None)
