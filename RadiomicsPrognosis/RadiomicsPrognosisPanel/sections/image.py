"""The Image section: the CT to score, a second phase where the model reads one, and whose image it is."""

from __future__ import annotations

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
        several = choices.model is not None and len(choices.model.inputs) > 1
        self.ui.secondVolumeLabel.visible = self.ui.secondVolumeSelector.visible = several
        self.update()

    def update(self) -> None:
        """Show series, size and spacing: a CT may have been renamed, or been given another image."""
        volume = self.host.choices.volume
        self.ui.seriesLabel.text = texts.series(series_info(volume)) if volume is not None else ""
