"""The VOI section: which segment is scored, the Segment Editor to draw it, and what the HU range keeps of it."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter import summary
from RadiomicsPrognosisLib.presenter.sight import window_of
from RadiomicsPrognosisLib.voi import Voi

from .. import texts
from ..editor import Editor, new_reading
from ..limiter import Limiter, Subject
from ..preview import Preview
from ..section import PanelSection, say
from ..sight import WindowPreset, has_contour, jump_to


class VoiSection(PanelSection):
    """Keeps segment selector, Segment Editor and parameter node at one segment; ``editor`` is the embedded one."""

    ui_file = "VoiSection.ui"
    writes = frozenset({"segmentation", "segmentID", "limitPainting", "previewExcluded"})
    reads = frozenset({"volume"})
    while_reading = True

    def setup(self) -> None:
        """Connect the selector, the buttons and the editor."""
        self._preview, self._window, self._contoured = Preview(), WindowPreset(), False
        #: The editor's effect and whether the section was folded, before a reading was drawn.
        self._before_drawing: tuple[str, bool] | None = None
        self.editor = Editor(self.ui.editorFrame, self._on_segment_picked, self._show_own_range)
        self._limiter = Limiter(self.widget, self.editor, self.host.fill)
        self.ui.segmentSelector.connect("currentIndexChanged(int)", self._on_segment_chosen)
        self.ui.newReadingButton.connect("clicked()", self._on_new_reading)
        self.ui.jumpButton.connect("clicked()", self._on_jump)
        self.ui.windowButton.connect("toggled(bool)", self._on_window)

    def _on_segment_chosen(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.segmentID = self.ui.segmentSelector.itemData(index) or ""

    def _on_segment_picked(self, segment_id: str) -> None:
        if segment_id == self.host.choices.segment_id:
            return  # as after most events of the editor
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
            self.editor.start_painting()

    def _on_jump(self) -> None:
        choices = self.host.choices
        if choices.volume is not None and has_contour(choices.segmentation, choices.segment_id):
            jump_to(choices.segmentation, choices.segment_id, choices.volume)

    def _on_window(self, checked: bool) -> None:
        volume, voi = self.host.choices.volume, self._voi()
        display = volume.GetDisplayNode() if volume is not None else None
        self._window.give_back()
        if checked and voi is not None and display is not None:
            self._window.take(display, window_of(voi))

    def _voi(self) -> Voi | None:
        return next(iter(self.host.session.case.vois.values()), None)

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
        ui, blinded = self.ui, self.host.readings.blinded
        if blinded and self._before_drawing is None:  # before the editor is given another contour, and drops its effect
            self._before_drawing = self.editor.effect, ui.voiSection.collapsed
        for widget in (ui.segmentationLabel, ui.segmentationSelector, ui.segmentLabel, ui.segmentSelector,
                       ui.newReadingButton, ui.windowButton):
            widget.visible = not blinded
        ui.newReadingButton.enabled = choices.volume is not None
        self._show_segments()
        with self.host.fill():
            self.editor.show(choices.segmentation, choices.volume, choices.segment_id)

    def begin_drawing(self) -> None:
        """Take the brush up in the contour that was chosen."""
        self.ui.voiSection.collapsed = False
        self.editor.start_painting()

    def _put_brush_back(self) -> None:
        """Take up again what was in hand before a reading was drawn, in a module that is shown."""
        before, self._before_drawing = self._before_drawing, None
        if before is not None and self.host.entered:
            self.editor.take_up(before[0])
            self.ui.voiSection.collapsed = before[1]

    def update(self) -> None:
        """Show what is kept of the contour, and the limits of the model's HU range."""
        session, choices, voi = self.host.session, self.host.choices, self._voi()
        if not self.host.readings.blinded:
            self._put_brush_back()
        removed = next(iter(session.shown.vois.values())).resampled_removed_share if session.shown else 0.0
        self.ui.keptLabel.text = texts.kept(summary.kept(voi.statistics) if voi else None, removed)
        self._show_segments()  # which may have been renamed
        self.ui.jumpButton.enabled = choices.volume is not None and self._contoured
        self._update_window(voi)
        node = self.host.node
        self._limiter.follow(self._limited())
        self._show_own_range()
        if node is not None:
            self._preview.show(voi if self.host.entered and node.previewExcluded else None)

    def before_reading(self) -> None:
        """Take out what was painted outside the model's HU range, and see what is left."""
        self._limiter.finish()
        self._contoured = has_contour(self.host.choices.segmentation, self.host.choices.segment_id)

    def _limited(self) -> Subject | None:
        """Return what painting is limited to, if it is."""
        node, choices = self.host.node, self.host.choices
        if node is None or not self.host.entered or not node.limitPainting or choices.segmentation is None:
            return None
        card = self.host.catalogue.card(choices.model_id)
        if card is None or card.hu_range == (None, None) or choices.volume is None or not choices.segment_id:
            return None
        return Subject(choices.segmentation, choices.segment_id, choices.volume, card.hu_range)

    def _show_own_range(self) -> None:
        limited = self.host.node is not None and self._limited() is not None
        say(self.ui.ownRangeLabel, texts.own_range(self.editor.own_range if limited else None))

    def _update_window(self, voi: Voi | None) -> None:
        """Offer the window while there is something to choose it by, and let go of a CT that is no longer shown."""
        volume, button = self.host.choices.volume, self.ui.windowButton
        if button.checked and (volume is None or volume.GetDisplayNode() is not self._window.display):
            button.checked = False
        button.enabled = voi is not None or button.checked

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
        self._limiter.finish()
        self._limiter.follow(None)
        self.editor.exit()
        self._preview.show(None)
        self.ui.windowButton.checked = False

    def scene_closing(self) -> None:
        """Let go of the scene's nodes."""
        self._limiter.follow(None)
        self.editor.scene_closing()
        self._preview.forget()
        self.ui.windowButton.checked = False

    def cleanup(self) -> None:
        """Take editor and preview away."""
        self._limiter.follow(None)
        self.ui.windowButton.checked = False
        self.editor.close()
        self._preview.show(None)
