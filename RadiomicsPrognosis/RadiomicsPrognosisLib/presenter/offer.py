"""In which order the models at hand are offered for a CT."""

from __future__ import annotations

from collections.abc import Iterable

from .card import Card


def order_models(cards: Iterable[Card], modality: str) -> list[Card]:
    """Return ``cards`` with those for images of ``modality`` first and those that cannot score here last.

    ``modality`` is DICOM's (0008,0060), such as 'CT', or empty where it is not known; then all are equal. Within each
    kind the order stays.
    """
    return sorted(cards, key=lambda card: (not card.can_score, bool(modality) and card.modality != modality))
