"""The Image section: the CT to score, a second phase where the model reads one, and whose image it is."""

from __future__ import annotations

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.series import series_info

from .. import texts
from ..section import PanelSection


class ImageSection(PanelSection):
    """Shows what identifies the CT; its selectors are bound to the parameter node."""

    ui_file = "ImageSection.ui"
    foldable = True
    writes = frozenset({"volume", "secondVolume"})

    def setup(self) -> None:
        """Nothing but bound widgets."""

    def show_choices(self) -> None:
        """Show the second selector for a model with two inputs, and what the CT is."""
        choices = self.host.choices
        titles = [phase.title for phase in choices.phases]
        several = len(titles) > 1
        self.ui.secondVolumeLabel.visible = self.ui.secondVolumeSelector.visible = several
        self.ui.volumeLabel.text = f"{titles[0]}:" if several else _("CT:")
        self.ui.secondVolumeLabel.text = f"{titles[-1]}:"
        self.update()

    def update(self) -> None:
        """Show series, size and spacing: a CT may have been renamed, or been given another image."""
        volumes = [phase.volume for phase in self.host.choices.phases if phase.volume is not None]
        self.ui.seriesLabel.text = "\n".join(texts.series(series_info(volume)) for volume in volumes)
