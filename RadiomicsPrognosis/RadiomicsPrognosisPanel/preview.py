"""The voxels of the contour that the HU range leaves out, shown in the slice views by a node that is not saved."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.voi import Voi

from .hidden_segment import HiddenLook, HiddenSegment

_COLOUR, _FILL = (0.84, 0.37, 0.0), 0.6


class Preview:
    """Shows the excluded voxels of one VOI at a time; its node exists only while they are shown."""

    def __init__(self) -> None:
        self._segment = HiddenSegment(HiddenLook(_("Excluded voxels (preview)"), _("Excluded by the HU range"),
                                                 _COLOUR, _FILL))
        self._shown: Voi | None = None

    def show(self, voi: Voi | None) -> None:
        """Show the voxels that ``voi``'s HU range excludes, or nothing for None."""
        if voi is self._shown and (voi is None or self._segment.alive):
            return
        self._shown = voi
        if voi is None:
            self._segment.hide()
        else:
            self._segment.show(voi.contour & ~voi.kept, voi.grid.cropped(voi.start, voi.contour.shape[::-1]))

    def forget(self) -> None:
        """Let go of the node of a scene that is being closed, which removes it itself."""
        self._segment.forget()
        self._shown = None
