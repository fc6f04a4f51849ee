"""Whether and where the answer is written in the slice views."""

from __future__ import annotations

from RadiomicsPrognosisLib.presenter.cross_section import Outline
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer
from RadiomicsPrognosisLib.voi import Voi

from ..section import PanelSection, Place
from ..view_overlay import Content, ViewOverlay
from ..view_pictures import Pictures
from ..views import SliceViews


class ViewsSection(PanelSection):
    """Two bound check boxes, and what they switch: group, score and outcome in a corner and beside the contour."""

    ui_file = "ViewsSection.ui"
    place = Place.RESULT
    writes = frozenset({"showInViews", "labelAtSegment"})

    def setup(self) -> None:
        """Begin with empty views; both check boxes are bound."""
        self._views = SliceViews(ViewOverlay)
        self._answer: ShownAnswer | None = None
        self._pictures: Pictures | None = None
        self._contour: Voi | None = None
        self._outline: Outline | None = None
        self._shown: Content | None = None

    def update(self) -> None:
        """Show the answer as the session has it; nothing is drawn when nothing has changed."""
        content = self._content()
        if content != self._shown:
            self._shown = content
            self._views.show(content)

    def _content(self) -> Content | None:
        node, session = self.host.node, self.host.session
        answer = self.host.answer if self.host.entered and node is not None else None
        if answer is None or not (node.showInViews or node.labelAtSegment):
            self._answer = self._pictures = self._contour = self._outline = None
            return None
        if answer != self._answer or self._pictures is None:
            self._answer, self._pictures = answer, Pictures(answer)
        contour = next(iter(session.case.vois.values()), None) if node.labelAtSegment else None
        if contour is not self._contour:
            self._contour, self._outline = contour, Outline.of(contour) if contour is not None else None
        choices = self.host.choices
        volumes = tuple(volume.GetID() for volume in (choices.volume, choices.second_volume) if volume is not None)
        return Content(pictures=self._pictures, volumes=volumes, in_corner=node.showInViews, outline=self._outline)

    def _remove(self) -> None:
        self._shown = None
        self._views.show(None)

    def exit(self) -> None:
        """Leave nothing in the views."""
        self._remove()

    def scene_closing(self) -> None:
        """Let go of the slice nodes."""
        self._remove()

    def cleanup(self) -> None:
        """Take everything out of the views."""
        self._remove()
