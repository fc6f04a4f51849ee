"""The Model section: which model scores, with which scaling and engine, and what it needs."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.features.engine import engine_names
from RadiomicsPrognosisLib.presenter.card import Card
from RadiomicsPrognosisLib.presenter.offer import order_models
from RadiomicsPrognosisLib.presenter.series import modality

from .. import memory, texts
from ..section import PanelSection, say


class ModelSection(PanelSection):
    """Offers the models at hand, the scalings that fit the one chosen, and the engines that compute features."""

    ui_file = "ModelSection.ui"
    foldable = True
    writes = frozenset({"modelID", "scaling", "engine"})

    def setup(self) -> None:
        """Connect the selectors."""
        self.ui.modelSelector.connect("currentIndexChanged(int)", self._on_model_chosen)
        self.ui.scalingSelector.connect("currentIndexChanged(int)", self._on_scaling_chosen)
        self.ui.engineSelector.connect("currentIndexChanged(int)", self._on_engine_chosen)

    def _on_model_chosen(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            model_id = self.ui.modelSelector.itemData(index) or ""
            card = self.host.catalogue.card(model_id)
            with slicer.util.NodeModify(node):
                node.modelID = model_id
                node.scaling = card.first_scaling(memory.scaling(model_id)) if card else ""

    def _on_scaling_chosen(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.scaling = self.ui.scalingSelector.itemData(index) or ""
            memory.remember_scaling(node.modelID, node.scaling)

    def _on_engine_chosen(self, index: int) -> None:
        node = self.node_to_write
        if node is not None:
            node.engine = self.ui.engineSelector.itemData(index) or ""

    def show_choices(self) -> None:
        """Show model, scaling, engine and needs."""
        choices, catalogue = self.host.choices, self.host.catalogue
        card = catalogue.card(choices.model_id)
        cards = order_models(catalogue.cards, modality(choices.volume) if choices.volume is not None else "")
        names = texts.model_names([item.model for item in cards])
        options = [(name, item.model.id) for name, item in zip(names, cards, strict=True)]
        selector = self.ui.modelSelector
        self.fill_selector(selector, [(_("choose a model"), ""), *options], choices.model_id)
        for index, item in enumerate(cards, 1):
            selector.setItemData(index, item.model.title, qt.Qt.ToolTipRole)
        self._show_scalings(card)
        self._show_engines()
        chosen = next((item for item in card.scalings if item.name == choices.scaling), None) if card else None
        use = texts.scaling_use(chosen is not None and chosen.demonstration)
        say(self.ui.needsLabel, "<br>".join(filter(None, (texts.needs(card), use))) if card else
            texts.unread(catalogue.errors))

    def _show_scalings(self, card: Card | None) -> None:
        chosen = self.host.choices.scaling
        needed = card is not None and card.model.needs_scaling
        self.ui.scalingSelector.visible = self.ui.scalingLabel.visible = needed
        options = [(texts.scaling_title(item.name, item.cases), item.name) for item in (card.scalings if card else ())]
        if needed and chosen and chosen not in (name for _title, name in options):
            options.append((chosen, chosen))  # a saved scene's, which is not at hand here
        self.fill_selector(self.ui.scalingSelector, [(_("choose a scaling"), ""), *options], chosen)

    def _show_engines(self) -> None:
        card = self.host.catalogue.card(self.host.choices.model_id)
        self.ui.modelAdvancedSection.visible = card is None or not (card.network or card.model.is_clinical)
        preferred, *others = engine_names()
        chosen = "" if self.host.choices.engine == preferred else self.host.choices.engine
        options = [(texts.engine_title(preferred), ""), *((texts.engine_title(name), name) for name in others)]
        if chosen and chosen not in others:
            options.append((chosen, chosen))  # a saved scene's, which this version does not have
        self.fill_selector(self.ui.engineSelector, options, chosen)
