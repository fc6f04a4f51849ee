"""The Stability tab of the result: asks how stable the answer is, and shows what came of it and whose it is."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.case import ReadyCase
from RadiomicsPrognosisLib.presenter.command_process import Stage
from RadiomicsPrognosisLib.presenter.problem import without_score
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.stability.record import Stability
from RadiomicsPrognosisLib.stability.scale import stability_scale

from .. import stability_drawing, texts
from .. import stability_texts as words
from ..section import PanelSection, Place, say

#: How often the computation is asked for news (ms).
_POLL_MS = 100


class StabilitySection(PanelSection):
    """A button, progress while the answer is perturbed in a process of its own, and the result in words and pictures.

    What it asks and keeps is the host's ``stability``; its remark stands in the answer and in the slice views, too.
    """

    ui_file = "StabilitySection.ui"
    place = Place.DETAILS

    def setup(self) -> None:
        """Connect buttons, link and timer."""
        ui = self.ui
        self._facts: tuple[Stability | None, int] | None = None
        self._timer = qt.QTimer(self.widget)
        self._timer.setInterval(_POLL_MS)
        self._timer.connect("timeout()", self._on_timer)
        # Drawing takes a while, and would come on top of storing the result.
        self._draw_timer = qt.QTimer(self.widget)
        self._draw_timer.setSingleShot(True)
        self._draw_timer.setInterval(0)
        self._draw_timer.connect("timeout()", self._show_result)
        ui.stabilityButton.connect("clicked()", self._on_ask)
        ui.stabilityCancelButton.connect("clicked()", self._on_cancel)
        ui.stabilityStepLabel.connect("linkActivated(QString)", self._on_link)

    def cleanup(self) -> None:
        """Ask nobody any more."""
        self._timer.stop()
        self._draw_timer.stop()

    def show_choices(self) -> None:
        """Let go of what belongs to another case than the one that is chosen."""
        self.host.stability.follow(self.host.choices)

    def _on_ask(self) -> None:
        case = self.host.session.case
        if isinstance(case, ReadyCase) and not self.host.stability.active:
            self.host.stability.start(self.host.choices, case, self._analyses())
            self._timer.start()
            self.update()

    def _analyses(self) -> list[Path]:
        """Return files and folders that may hold results of reading studies: what was analysed last, the open study."""
        analysed, study = self.host.commands.reproducibility.summary, self.host.readings.folder
        folders = [] if study is None else [study.path, study.path / "reproducibility"]
        last = [] if analysed is None else [Path(analysed.json)]
        return last + folders

    def _on_cancel(self) -> None:
        self.host.stability.cancel()
        self.update()

    def _on_timer(self) -> None:
        check = self.host.stability
        changed = check.poll()
        if not check.active:
            self._timer.stop()
            self.host.show()
        elif changed:
            self._show_progress()

    def _on_link(self, link: str) -> None:
        problem = self.host.stability.problem
        if link == texts.DETAILS_LINK and problem is not None:
            slicer.util.errorDisplay(_("What the computation last wrote"), detailedText=problem.details)

    # What is shown ---------------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Show how far the computation is, and its last result if that is about the case that is chosen."""
        check, session = self.host.stability, self.host.session
        if check.active and not self._timer.isActive():
            self._timer.start()  # given up by another choice: its end is awaited
        freshness = check.freshness(session)
        result = check.result if freshness is not Freshness.NONE else None
        self._show_progress()
        say(self.ui.stabilityAgeLabel, words.age(freshness))
        facts = result, self.host.result_width
        if self._facts is None or self._facts[0] is not result or self._facts[1] != facts[1]:
            self._facts = facts
            self._draw_timer.start()

    def _show_progress(self) -> None:
        ui, check, session = self.ui, self.host.stability, self.host.session
        shown = session.shown
        can_ask = session.freshness is Freshness.CURRENT and shown is not None and shown.score is not None
        ui.stabilityButton.enabled = can_ask and not check.active
        ui.stabilityButton.visible = not check.active
        ui.stabilityProgressBar.visible = ui.stabilityCancelButton.visible = check.active
        ui.stabilityProgressBar.value = round(100 * check.progress.share)
        ui.stabilityCancelButton.enabled = check.stage is Stage.RUNNING
        lines = [texts.command_problem(check.problem)] if check.problem is not None else []
        if check.active or check.stage is Stage.CANCELLED:
            lines.append(texts.command_step(check.stage, check.progress.text, check.elapsed_s))
        elif check.problem is None and check.freshness(session) is Freshness.NONE:
            problem = without_score(self.host.choices.model, "to perturb")
            lines.append(words.invitation(can_ask) if problem is None else texts.problem(problem))
        say(ui.stabilityStepLabel, "<br>".join(lines))

    def _show_result(self) -> None:
        """Fill labels and pictures."""
        ui, (result, width) = self.ui, self._facts or (None, 0)
        known = result is not None
        say(ui.stabilityHeadLabel, words.headline(result) if known else "")
        say(ui.stabilityOutcomeLabel, words.outcomes(result) if known else "")
        say(ui.stabilityKindsHeadLabel, words.kinds_title() if known else "")
        say(ui.stabilityFeaturesHeadLabel, words.features_title() if known else "")
        say(ui.stabilityNotesLabel, words.notes(result) if known else "")
        say(ui.stabilityOriginLabel, words.origin(result) if known else "")
        for label in (ui.stabilityScaleLabel, ui.stabilityKindsLabel, ui.stabilityFeaturesLabel):
            label.visible = known
        if result is not None:
            scale = ui.stabilityScaleLabel
            scale.setPixmap(stability_drawing.draw_spread(scale, width, stability_scale(result), words.marks(result)))
            for label, rows in ((ui.stabilityKindsLabel, words.kinds(result)),
                                (ui.stabilityFeaturesLabel, words.features(result))):
                label.setPixmap(stability_drawing.draw_shares(label, width, rows))

    def redraw(self) -> None:
        """Draw the pictures again: the colours of the application are others."""
        self._facts = None
