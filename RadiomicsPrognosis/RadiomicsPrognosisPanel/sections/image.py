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
        """Show series, size and spacing, and the second selector for a model with two inputs."""
        choices = self.host.choices
        self.ui.seriesLabel.text = texts.series(series_info(choices.volume)) if choices.volume else ""
        several = choices.model is not None and len(choices.model.inputs) > 1
        self.ui.secondVolumeLabel.visible = self.ui.secondVolumeSelector.visible = several
