"""The Clinical section: the factors that the model combines with the score, each of which may stay 'not given'."""

from __future__ import annotations

import slicer

from RadiomicsPrognosisLib.presenter.form import form_fields
from RadiomicsPrognosisLib.presenter.patient import covariates_of, same_patient, store_covariates

from ..covariates import CovariateForm
from ..section import PanelSection


class ClinicalSection(PanelSection):
    """A form that follows the model's covariates; there is no section for a model without any.

    The factors are a patient's: they are kept with the scene for the patient of each CT, and never carried to another.
    """

    ui_file = "ClinicalSection.ui"
    foldable = True
    writes = frozenset({"covariates", "covariatesVolume", "covariatesOwned"})

    def setup(self) -> None:
        """Make the form."""
        self._form = CovariateForm(self.ui.clinicalSection.layout(), self._on_covariates)

    def _on_covariates(self) -> None:
        node = self.node_to_write
        if node is not None:
            others = {name: value for name, value in node.covariates.items() if name not in self._form.names}
            node.covariates = {**others, **self._form.values()}

    def choices_changing(self) -> None:
        """Keep the factors with the patient of the CT; for the CT of another, take that patient's."""
        node = self.host.node
        if node is None or self.host.readings.blinded:  # the CT of a reading study is nobody's whose factors are given
            return
        volume, owner = self.chosen_node("volume"), self.chosen_node("covariatesVolume")
        given = dict(node.covariates)
        if volume is not None and not node.covariatesOwned and given:
            owner = volume  # given before there was a CT
        if volume is not None and owner is not None and same_patient(owner, volume):
            store_covariates(volume, given)
        else:
            given = covariates_of(volume) if volume is not None else {} if node.covariatesOwned else given
        with slicer.util.NodeModify(node):
            node.covariates, node.covariatesVolume, node.covariatesOwned = given, volume, volume is not None

    def show_choices(self) -> None:
        """Show the model's fields and the values given."""
        model = self.host.choices.model
        with self.host.fill():
            self._form.build(form_fields(model) if model else ())
            self._form.show(self.host.choices.covariates)

    @property
    def useful(self) -> bool:
        """There is nothing to ask for a model without covariates."""
        return bool(self._form.names)
