"""The models at hand as the panel offers them: the card's rows, the scalings that fit, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..features.deep import backbone_file
from ..models.card import CardRow, model_card
from ..models.model import Model
from ..models.scaling import Scaling, other_disease, scalings_for
from ..models.store import load_all


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the panel shows of a model: the brief ``rows`` of its card; ``obstacle`` is why it cannot score here.

    ``scalings`` are those that fit; ``hu_range`` is the native HU range that limits painting (None: open end);
    ``modality`` is that of the images the model reads, empty for a model with an obstacle. ``network`` is the file of
    the network that gives its features, empty where an engine computes them.
    """

    model: Model
    rows: tuple[CardRow, ...]
    scalings: tuple[Scaling, ...] = ()
    hu_range: tuple[float | None, float | None] = (None, None)
    modality: str = ""
    obstacle: str = ""
    network: str = ""

    @property
    def can_score(self) -> bool:
        """Whether the model can score here: its protocol can be read, and a scaling is at hand if it needs one."""
        return not self.obstacle and bool(self.scalings or not self.model.needs_scaling)

    @property
    def default_scaling(self) -> str:
        """The scaling to start with: the only one made from real cases of the disease, or none."""
        real = [item.name for item in self.scalings if not item.demonstration and not other_disease(item, self.model)]
        return real[0] if len(real) == 1 else ""

    def first_scaling(self, remembered: str) -> str:
        """Return the scaling to start with: the one ``remembered`` if it is among those that fit, else the default."""
        return remembered if remembered in (item.name for item in self.scalings) else self.default_scaling


def make_card(model: Model) -> Card:
    """Return the card of ``model``."""
    scalings = tuple(scalings_for(model)) if model.needs_scaling else ()
    rows = tuple(row for row in model_card(model, scalings) if row.brief)
    network = ""
    try:
        protocol = model.image_protocol()
        if protocol.deep is not None:
            network = Path(protocol.deep.backbone).name
            backbone_file(protocol.deep)
    except InputError as error:
        return Card(model=model, rows=rows, obstacle=str(error), network=network)
    native = protocol.hu_range if protocol.hu_range_on == "native" else (None, None)
    return Card(model=model, rows=rows, scalings=scalings, hu_range=native, modality=protocol.modality,
                network=network)


class Catalogue:
    """The models at hand by id, read once; ``errors`` are the files that could not be read."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}
        self.models: dict[str, Model] = {}
        self.errors: list[InputError] = []
        self.reload()

    def reload(self) -> None:
        """Read all model files again."""
        models, self.errors = load_all()
        self.models = {model.id: model for model in models}
        self._cards.clear()

    @property
    def cards(self) -> list[Card]:
        """The cards of all models, in the order of their files."""
        return [card for card in map(self.card, self.models) if card is not None]

    def card(self, model_id: str) -> Card | None:
        """Return the card of a model, or None if there is no such model."""
        if model_id not in self._cards and model_id in self.models:
            self._cards[model_id] = make_card(self.models[model_id])
        return self._cards.get(model_id)
