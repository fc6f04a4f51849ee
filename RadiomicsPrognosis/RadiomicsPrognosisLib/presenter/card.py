"""A model's card: what it predicts, for whom, how well, where its numbers come from, and whether it can score here."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError
from ..models.model import Model, Performance
from ..models.scaling import Scaling, scalings_for
from ..models.store import load_all, model_protocol


@dataclass(frozen=True)
class Card:
    """What the panel shows of a model; ``obstacle`` is why it cannot score here, or empty.

    ``scalings`` are those that fit; ``hu_range`` is the native HU range that limits painting (None: open end).
    """

    model: Model
    performance: tuple[str, ...]
    scalings: tuple[Scaling, ...]
    hu_range: tuple[float | None, float | None]
    protocol_title: str
    obstacle: str = ""

    @property
    def default_scaling(self) -> str:
        """The scaling to start with: the only one made from real cases of the disease, or none."""
        real = [item.name for item in self.scalings if not item.demonstration]
        return real[0] if len(real) == 1 else ""


def make_card(model: Model) -> Card:
    """Return the card of ``model``."""
    try:
        protocol = model_protocol(model)
    except InputError as error:
        return Card(model, (), (), (None, None), "", str(error))
    scalings = tuple(scalings_for(model)) if model.needs_scaling else ()
    native = protocol.hu_range if protocol.hu_range_on == "native" else (None, None)
    return Card(model, tuple(map(_performance, model.performance)), scalings, native, protocol.title)


def _performance(item: Performance) -> str:
    interval = f" ({item.ci95[0]:g} – {item.ci95[1]:g})" if item.ci95 else ""
    cases = f", n = {item.cases}" if item.cases else ""
    return f"{item.measure} {item.value:g}{interval}, {item.cohort}{cases}"


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

    def card(self, model_id: str) -> Card | None:
        """Return the card of a model, or None if there is no such model."""
        if model_id not in self._cards and model_id in self.models:
            self._cards[model_id] = make_card(self.models[model_id])
        return self._cards.get(model_id)
