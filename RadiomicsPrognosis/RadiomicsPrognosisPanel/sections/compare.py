"""The Compare tab: two readings of a lesion side by side, in numbers and in the views, live while either is edited."""

from __future__ import annotations

import time

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter import study_readings
from RadiomicsPrognosisLib.presenter.comparing import Comparing, Side
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.session import Freshness

from .. import compare_texts, links, study_ct
from ..content_watch import ContentWatch
from ..display_loan import give_back_all
from ..layout import EventWatch
from ..reading_views import COLOURS, ReadingsInViews, ReadingViews
from ..section import PanelSection, Place, say

#: How often the comparison is asked for news while it awaits something (ms).
_POLL_MS = 5

#: How long (s) an extraction may last before its progress is shown.
_PATIENCE_S = 1.0

_SIDES = "AB"

#: The attribute of a CT's node that says which file of a reading study it was loaded from.
_CT_PATH = "RadiomicsPrognosis.StudyImage"


class CompareSection(PanelSection):
    """Compares while its tab is in sight and nobody reads blinded; else nothing of it is in the views or observed."""

    ui_file = "CompareSection.ui"
    place = Place.READING
    writes = frozenset({"compareSegmentationA", "compareSegmentA", "compareSegmentationB", "compareSegmentB",
                        "compareInViews", "compareIn3D"})
    reads = frozenset({"live"})

    def setup(self) -> None:
        """Connect selectors, buttons and timers, and hear when the tab comes into sight."""
        ui = self.ui
        self._comparing = Comparing(self.host.comparer, self.host.read, self.host.features)
        self._in_views, self._watch = ReadingViews(), ContentWatch(self._on_content)
        self._observed: tuple[vtk.vtkObject | None, ...] = ()
        self._live = False
        self._cases: study_readings.CaseReadings | None = None  # not known as long as nobody has looked
        self._cases_of: object = None
        self._node: object = None
        self._asked_since: float | None = None
        self._load_problem: Problem | None = None
        self._poll_timer, self._sight_timer = self._timer(_POLL_MS, self._on_timer), self._timer(0, self.update)
        self._sight_timer.setSingleShot(True)
        self._sight = EventWatch((qt.QEvent.Show, qt.QEvent.Hide), self._on_sight)
        self.widget.installEventFilter(self._sight)
        for letter, colour in zip(_SIDES, COLOURS, strict=False):
            getattr(ui, f"compareLabel{letter}").text = f'<span style="color:{colour}">■</span> {letter}:'
        ui.compareSegmentSelectorA.connect("currentIndexChanged(int)", self._on_segment_a)
        ui.compareSegmentSelectorB.connect("currentIndexChanged(int)", self._on_segment_b)
        ui.compareLoadButton.connect("clicked()", self._on_load)
        ui.compareScoreButton.connect("clicked()", self._on_score)
        ui.compareCancelButton.connect("clicked()", self._on_cancel)
        ui.compareProblemLabel.connect("linkActivated(QString)", self._on_link)
        ui.compareScoreProblemLabel.connect("linkActivated(QString)", self._on_link)
        ui.compareContoursLabel.toolTip = compare_texts.contours_tip()

    def _timer(self, interval: int, action: object) -> qt.QTimer:
        timer = qt.QTimer(self.widget)
        timer.setInterval(interval)
        timer.connect("timeout()", action)
        return timer

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_segment_a(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.compareSegmentA = self.ui.compareSegmentSelectorA.itemData(index) or ""

    def _on_segment_b(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.compareSegmentB = self.ui.compareSegmentSelectorB.itemData(index) or ""

    def _on_load(self) -> None:
        """Load CT and readings of a case of the open study and choose the first two."""
        case = self.ui.compareCaseSelector.currentText
        readings = (self._cases or {}).get(case, ())
        self._load_problem = None
        try:
            volume = self._ct_of(case)
            nodes = [mrml.load_segmentation(slicer.mrmlScene, reading.path, f"{reading.case}: {reading.title}")
                     for reading in readings]
        except InputError as error:
            self._load_problem = Problem.of(error)
            self.update()
            return
        node = self.host.node
        if node is None or len(nodes) < len(_SIDES):
            return
        keys = [study_readings.segment_of(*pair) for pair in zip(nodes, readings, strict=True)]
        with slicer.util.NodeModify(node):
            node.compareSegmentationA, node.compareSegmentationB = nodes[:2]
            node.compareSegmentA, node.compareSegmentB = keys[:2]
        self.host.choose(volume, nodes[0], keys[0])

    def _ct_of(self, case: str) -> vtk.vtkObject | None:
        """Return the CT of a case of the open study, from the scene if it was loaded before. Raises FileError or
        GeometryMismatch."""
        folder = self.host.readings.folder
        if folder is None:
            return None
        path, designed = str(folder.image_path(case)), folder.design.case(case)
        loaded = [item for item in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
                  if item.GetAttribute(_CT_PATH) == path]
        volume = loaded[0] if loaded else None
        if volume is None:
            with slicer.util.WaitCursor():
                image = folder.image(case)
            volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", case)
            volume.SetAttribute(_CT_PATH, path)
            study_ct.fill(volume, designed, image)
        study_ct.look(volume, designed)
        return volume

    def _on_score(self) -> None:
        self._comparing.session.refresh(score=True)
        self._poll()

    def _on_cancel(self) -> None:
        self._comparing.session.cancel()
        self.update()

    def _on_link(self, link: str) -> None:
        links.follow(link, self._comparing.session.problem, self._on_score)

    # From the scene --------------------------------------------------------------------------------------------------

    def choices_changing(self) -> None:
        """In a segmentation just chosen, start with its first segment."""
        node = self.host.node
        for letter in _SIDES if node is not None else "":
            segmentation = self.chosen_node(f"compareSegmentation{letter}")
            name = f"compareSegment{letter}"
            content = segmentation.GetSegmentation() if segmentation is not None else None
            if content is not None and content.GetSegmentIndex(getattr(node, name)) < 0 < content.GetNumberOfSegments():
                setattr(node, name, content.GetNthSegmentID(0))

    def _on_content(self) -> None:
        node = self.host.node
        if node is not None and not self.host.filling:
            self._comparing.touch(score=node.live)
            self._poll()

    def _on_sight(self) -> None:
        self._cases = None  # readings may have been finished meanwhile, here or elsewhere
        self._sight_timer.start()

    def _on_timer(self) -> None:
        if self._comparing.poll():
            self._show()
        elif self._asked_since is not None:
            self._show_progress()
        if not self._comparing.needs_polling:
            self._poll_timer.stop()

    def _poll(self) -> None:
        if self._comparing.needs_polling and not self._poll_timer.isActive():
            self._poll_timer.start()
        self._show()

    # What is shown ---------------------------------------------------------------------------------------------------

    @property
    def _hidden(self) -> bool:
        host = self.host
        return host.node is None or not host.entered or host.readings.blinded or not self.widget.visible

    def update(self) -> None:
        """Follow what is chosen, if the tab is in sight."""
        node, hidden = self.host.node, self._hidden
        if node is not self._node:  # another scene, which may have been saved in the midst of a comparison
            self._node = node
            self._let_go()
            give_back_all()
        self._show_cases()
        self._show_segments()
        sides = [Side(self.chosen_node(f"compareSegmentation{letter}"), getattr(node, f"compareSegment{letter}"))
                 for letter in _SIDES] if node is not None and not hidden else [Side(), Side()]
        observed = (self.host.choices.volume, *(side.segmentation for side in sides)) if not hidden else ()
        if observed != self._observed:
            self._observed = observed
            self._watch.follow(observed[:1], observed[1:])
        if hidden:
            self._comparing.stop()
            self._poll_timer.stop()
        else:
            self._comparing.follow(self.host.choices, *sides, hidden=False, score=node.live)
            if node.live and not self._live:
                self._comparing.touch(score=True)
        self._live = node is not None and node.live
        self._poll()

    def _show_segments(self) -> None:
        node = self.host.node
        for letter in _SIDES:
            segmentation = self.chosen_node(f"compareSegmentation{letter}")
            content = segmentation.GetSegmentation() if segmentation is not None else None
            options = [(content.GetSegment(key).GetName(), key) for key in content.GetSegmentIDs()] if content else []
            self.fill_selector(getattr(self.ui, f"compareSegmentSelector{letter}"),
                               [(_("choose…"), ""), *options],
                               getattr(node, f"compareSegment{letter}") if node is not None else "")

    def _show_cases(self) -> None:
        """Offer the cases of the open study with readings to compare; the disk is read while the tab is in sight."""
        desk = self.host.readings
        if self._cases_of is not desk.folder or desk.blinded:
            self._cases, self._cases_of = None, desk.folder
        if self._cases is None and not self._hidden:
            self._cases = study_readings.comparable(desk)
        selector, cases = self.ui.compareCaseSelector, self._cases or {}
        self.fill_selector(selector, [(case, case) for case in cases], selector.currentText)
        selector.visible = self.ui.compareLoadButton.visible = bool(cases)

    def _show(self) -> None:
        ui, session, node = self.ui, self._comparing.session, self.host.node
        contours, problem = self._comparing.contours, self._load_problem or self._comparing.problem
        blinded = self.host.readings.blinded
        say(ui.compareProblemLabel, compare_texts.blinded() if blinded else
            compare_texts.problem(problem) if problem is not None else "")
        say(ui.compareContoursLabel, compare_texts.contours(contours) if contours is not None else "")
        ui.compareContoursLabel.enabled = not self._comparing.measuring
        waiting = session.problem if contours is not None else None
        say(ui.compareScoreProblemLabel, compare_texts.problem(waiting) if waiting is not None else "")
        live = node is not None and node.live
        can_score = contours is not None and session.case.problem is None
        say(ui.compareStateLabel, compare_texts.state(session.freshness, live) if can_score else "")
        ui.compareScoreButton.visible = can_score and not live
        ui.compareScoreButton.enabled = can_score and not session.active
        self._show_comparison()
        self._show_progress()
        self._show_in_views()

    def _show_comparison(self) -> None:
        ui, session = self.ui, self._comparing.session
        comparison, current = session.shown, session.freshness in (Freshness.CURRENT, Freshness.UPDATING)
        for label, text in ((ui.compareVerdictLabel, compare_texts.verdict),
                            (ui.compareScoresLabel, compare_texts.scores),
                            (ui.compareFeaturesLabel, compare_texts.features),
                            (ui.compareWarningsLabel, compare_texts.warnings)):
            say(label, text(comparison) if comparison is not None else "")
            label.enabled = current
        ui.compareWarningsLabel.toolTip = "\n".join(
            item.message for item in comparison.warnings) if comparison is not None else ""

    def _show_progress(self) -> None:
        session = self._comparing.session
        if not session.extracting:
            self._asked_since = None
        elif self._asked_since is None:
            self._asked_since = time.monotonic()
        slow = self._asked_since is not None and time.monotonic() - self._asked_since > _PATIENCE_S
        self.ui.compareProgressBar.visible = self.ui.compareCancelButton.visible = slow
        self.ui.compareProgressBar.value = round(100 * (session.progress or 0.0))

    def _show_in_views(self) -> None:
        node, contours, volume = self.host.node, self._comparing.contours, self.host.choices.volume
        if node is None or contours is None or volume is None or not (node.compareInViews or node.compareIn3D):
            self._in_views.show(None)
            return
        self._in_views.show(ReadingsInViews(contours, (volume.GetID(),), node.compareInViews, node.compareIn3D))

    def exit(self) -> None:
        """Leave nothing in the views."""
        self._let_go()

    def scene_closing(self) -> None:
        """Let go of the scene's nodes."""
        self._in_views.forget()
        self._let_go()

    def cleanup(self) -> None:
        """Take everything away and end the worker."""
        self.widget.removeEventFilter(self._sight)
        self._sight_timer.stop()
        self._let_go()
        self._comparing.shut_down()

    def _let_go(self) -> None:
        self._poll_timer.stop()
        self._watch.follow((), ())
        self._observed = ()
        self._comparing.stop()
        self._in_views.show(None)
