"""The VOI section: which segment is scored, the Segment Editor to draw it, and what the HU range keeps of it."""

from __future__ import annotations

import slicer
import vtk
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter import summary
from RadiomicsPrognosisLib.presenter.case import Phase
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
    writes = frozenset({"segmentation", "segmentID", "secondSegmentation", "secondSegmentID", "sharedContour",
                        "limitPainting", "previewExcluded"})
    while_reading = True

    def setup(self) -> None:
        """Connect the selector, the buttons and the editor."""
        self._preview, self._window, self._contoured = Preview(), WindowPreset(), False
        self._second = False  # whether the contour of a model's second phase is chosen and drawn
        #: The editor's effect and whether the section was folded, before a reading was drawn.
        self._before_drawing: tuple[str, bool] | None = None
        self.editor = Editor(self.ui.editorFrame, self._on_segment_picked, self._show_own_range)
        self._limiter = Limiter(self.widget, self.editor, self.host.fill)
        self.ui.phaseSelector.connect("currentIndexChanged(int)", self._on_phase)
        self.ui.segmentSelector.connect("currentIndexChanged(int)", self._on_segment_chosen)
        self.ui.newReadingButton.connect("clicked()", self._on_new_reading)
        self.ui.jumpButton.connect("clicked()", self._on_jump)
        self.ui.windowButton.connect("toggled(bool)", self._on_window)

    @property
    def _drawn(self) -> Phase:
        """The phase whose contour is chosen and drawn: the only one of most models."""
        return self.host.choices.phases[-1 if self._second else 0]

    def _on_phase(self, index: int) -> None:
        if not self.host.filling:
            self._second = index > 0
            self.ui.windowButton.checked = False  # which is of one volume
            self.show_choices()
            self.host.show()

    def _on_segment_chosen(self, index: int) -> None:
        self._write_segment(self.ui.segmentSelector.itemData(index) or "")

    def _on_segment_picked(self, segment_id: str) -> None:
        phase = self._drawn
        if segment_id == phase.segment_id:
            return  # as after most events of the editor
        if phase.segmentation is not None and phase.segmentation.GetSegmentation().GetSegmentIndex(segment_id) >= 0:
            self._write_segment(segment_id)

    def _write_segment(self, segment_id: str) -> None:
        node = self.node_to_write
        if node is None:
            return
        if self._second and not self._drawn.shared:
            node.secondSegmentID = segment_id
        else:
            node.segmentID = segment_id

    def _on_new_reading(self) -> None:
        node, volume = self.host.node, self._drawn.volume
        if node is None or volume is None:
            return
        segmentation, segment_id = new_reading(volume)
        with slicer.util.NodeModify(node):
            if self._second:
                node.secondSegmentation, node.secondSegmentID, node.sharedContour = segmentation, segment_id, False
            else:
                node.segmentation, node.segmentID = segmentation, segment_id
        self.editor.start_painting()

    def _on_jump(self) -> None:
        phase = self._drawn
        if phase.volume is not None and has_contour(phase.segmentation, phase.segment_id):
            jump_to(phase.segmentation, phase.segment_id, phase.volume)

    def _on_window(self, checked: bool) -> None:
        volume, voi = self._drawn.volume, self._voi()
        display = volume.GetDisplayNode() if volume is not None else None
        self._window.give_back()
        if checked and voi is not None and display is not None:
            self._window.take(display, window_of(voi))

    def _voi(self) -> Voi | None:
        """Return the VOI of the contour that is drawn."""
        return self.host.session.case.vois.get(self._drawn.name)

    def choices_changing(self) -> None:
        """In a segmentation just chosen, start with its first segment, as the Segment Editor does."""
        node, choices = self.host.node, self.host.choices
        if node is None:
            return
        if node.segmentation is not choices.segmentation:
            node.segmentID = _segment_in(node.segmentation, node.segmentID)
        if node.secondSegmentation is not choices.second_segmentation:
            node.secondSegmentID = _segment_in(node.secondSegmentation, node.secondSegmentID)
            node.sharedContour = node.sharedContour and node.secondSegmentation is None

    def show_choices(self) -> None:
        """Show segmentation and segment, in the editor too."""
        ui, blinded = self.ui, self.host.readings.blinded
        several = len(self.host.choices.phases) > 1 and not blinded
        self._second = self._second and several
        phase = self._drawn
        if blinded and self._before_drawing is None:  # before the editor is given another contour, and drops its effect
            self._before_drawing = self.editor.effect, ui.voiSection.collapsed
        for widgets, shown in (
                ((ui.phaseLabel, ui.phaseSelector), several),
                ((ui.segmentationLabel, ui.segmentationSelector), not blinded and not self._second),
                ((ui.sharedContourCheckBox,), self._second),
                ((ui.secondSegmentationLabel, ui.secondSegmentationSelector), self._second and not phase.shared),
                ((ui.segmentLabel, ui.segmentSelector), not blinded and not phase.shared),
                ((ui.newReadingButton, ui.windowButton), not blinded)):
            for widget in widgets:
                widget.visible = shown
        ui.newReadingButton.enabled = phase.volume is not None
        self._show_phases()
        self._show_segments()
        with self.host.fill():
            self.editor.show(phase.segmentation, phase.volume, phase.segment_id)

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
        shown, phase, voi = self.host.session.shown, self._drawn, self._voi()
        if not self.host.readings.blinded:
            self._put_brush_back()
        scored = shown.vois.get(phase.name) if shown is not None else None
        removed = scored.resampled_removed_share if scored is not None else 0.0
        self.ui.keptLabel.text = texts.kept(summary.kept(voi.statistics) if voi else None, removed)
        self._show_phases()  # what they name may have been renamed
        self._show_segments()
        self.ui.jumpButton.enabled = phase.volume is not None and self._contoured
        self._update_window(voi)
        node = self.host.node
        self._limiter.follow(self._limited())
        self._show_own_range()
        if node is not None:
            self._preview.show(voi if self.host.entered and node.previewExcluded else None)

    def before_reading(self) -> None:
        """Take out what was painted outside the model's HU range, and see what is left."""
        self._limiter.finish()
        self._contoured = has_contour(self._drawn.segmentation, self._drawn.segment_id)

    def _limited(self) -> Subject | None:
        """Return what painting is limited to, if it is."""
        node, phase = self.host.node, self._drawn
        if node is None or not self.host.entered or not node.limitPainting or phase.segmentation is None:
            return None
        card = self.host.catalogue.card(self.host.choices.model_id)
        if card is None or card.hu_range == (None, None) or phase.volume is None or not phase.segment_id:
            return None
        return Subject(phase.segmentation, phase.segment_id, phase.volume, card.hu_range)

    def _show_own_range(self) -> None:
        limited = self.host.node is not None and self._limited() is not None
        say(self.ui.ownRangeLabel, texts.own_range(self.editor.own_range if limited else None))

    def _update_window(self, voi: Voi | None) -> None:
        """Offer the window while there is something to choose it by, and let go of a CT that is no longer shown."""
        volume, button = self._drawn.volume, self.ui.windowButton
        if button.checked and (volume is None or volume.GetDisplayNode() is not self._window.display):
            button.checked = False
        button.enabled = voi is not None or button.checked

    def _show_phases(self) -> None:
        """Offer the phases of a model with several, and say which contour is used on which."""
        phases, blinded = self.host.choices.phases, self.host.readings.blinded
        options = [(phase.title, phase.name) for phase in phases]
        self.fill_selector(self.ui.phaseSelector, options, self._drawn.name)
        say(self.ui.phasesLabel, texts.phases(phases) if len(phases) > 1 and not blinded else "")

    def _show_segments(self) -> None:
        segmentation = self._drawn.segmentation
        content = segmentation.GetSegmentation() if segmentation is not None else None
        options = [(content.GetSegment(key).GetName(), key) for key in content.GetSegmentIDs()] if content else []
        self.fill_selector(self.ui.segmentSelector, [(_("choose a segment"), ""), *options],
                           self._drawn.segment_id)

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


def _segment_in(segmentation: vtk.vtkObject | None, segment_id: str) -> str:
    """Return ``segment_id``, or the first of ``segmentation`` where it has another's."""
    content = segmentation.GetSegmentation() if segmentation is not None else None
    if content is None or content.GetSegmentIndex(segment_id) >= 0 or content.GetNumberOfSegments() == 0:
        return segment_id
    return str(content.GetNthSegmentID(0))
