"""The Clinical section: the factors that the model combines with the score, each of which may stay 'not given'."""

from __future__ import annotations

from RadiomicsPrognosisLib.presenter.form import form_fields

from ..covariates import CovariateForm
from ..section import PanelSection


class ClinicalSection(PanelSection):
    """A form that follows the model's covariates; there is no section for a model without any."""

    ui_file = "ClinicalSection.ui"
    foldable = True
    writes = frozenset({"covariates"})

    def setup(self) -> None:
        """Make the form."""
        self._form = CovariateForm(self.ui.clinicalSection.layout(), self._on_covariates)

    def _on_covariates(self) -> None:
        node = self.node_to_write
        if node is not None:
            others = {name: value for name, value in node.covariates.items() if name not in self._form.names}
            node.covariates = {**others, **self._form.values()}

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
