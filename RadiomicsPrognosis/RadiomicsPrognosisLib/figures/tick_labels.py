"""Labels at the ticks of a drawn axis: every level's, led to its tick where crowded; of numbers those that fit.

Places and widths are in cm along the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..texts import clean, is_number, signed, wrapped
from .layout import text_cm

#: Size of a label in points, height of a line of it, and the least gap between two, in cm.
LABEL_PT, LINE_CM, GAP_CM = 7.5, 0.31, 0.16

#: Characters from which a level's name is broken into two lines, and of which a line has at most.
_LINE_CHARACTERS = 14

#: A label further than this from its tick is led to it.
_LED_CM = 0.06


@dataclass(frozen=True)
class TickLabel:
    """A label: its ``text`` centred at ``x``, of the tick at ``tick``, above the axis (``up``) or below it."""

    text: str
    tick: float
    x: float
    up: bool

    @property
    def led(self) -> bool:
        """Whether a line leads from the label to its tick."""
        return abs(self.x - self.tick) > _LED_CM

    @property
    def lines(self) -> int:
        """Number of lines of text."""
        return self.text.count("\n") + 1

    @property
    def width(self) -> float:
        """Width in cm."""
        return label_cm(self.text)


def label_cm(text: str) -> float:
    """Return the width in cm of a label of one or more lines."""
    return max(text_cm(line, LABEL_PT) for line in text.split("\n"))


def label_ticks(places: Sequence[float], texts: Sequence[str], room: tuple[float, float],
                levels: bool = False) -> tuple[TickLabel, ...]:
    """Return the labels of ticks at ``places``; those of ``levels`` are moved within ``room`` (its ends), all there.

    Of numbers on a scale, evenly spaced ones keep every second or fifth, others those that fit from the ends inwards: a
    reader finds the rest between them. Levels stand below; without room there in one row, every other stands above.
    """
    if not levels and all(map(is_number, texts)):
        return tuple(TickLabel(signed(texts[index]), places[index], places[index], False)
                     for index in _numbers(places, texts))
    shown = [signed(_broken(text)) for text in texts]
    order = sorted(range(len(places)), key=lambda index: (places[index], index))
    lanes = [(order, False)]
    if _needed(order, shown) > room[1] - room[0]:
        lanes = [(order[::2], False), (order[1::2], True)]
    labels: dict[int, TickLabel] = {}
    for lane, up in lanes:
        centres = _spread([places[index] for index in lane], [label_cm(shown[index]) for index in lane], room)
        labels |= {index: TickLabel(shown[index], places[index], x, up) for index, x in zip(lane, centres, strict=True)}
    return tuple(labels[index] for index in range(len(places)))


def _broken(text: str) -> str:
    """Return a level's name in at most two lines."""
    whole = clean(text, 2 * _LINE_CHARACTERS + 4)
    return whole if len(whole) <= _LINE_CHARACTERS else wrapped(whole, _LINE_CHARACTERS + 2, 2)


def _needed(lane: Sequence[int], texts: Sequence[str]) -> float:
    """Return the width that labels need side by side."""
    return sum(label_cm(texts[index]) + GAP_CM for index in lane) - GAP_CM


def _spread(places: Sequence[float], widths: Sequence[float], room: tuple[float, float]) -> list[float]:
    """Return centres (n,) as near to the rising ``places`` as labels of ``widths`` can stand without touching.

    Least squares under fixed least distances is an isotonic regression of the places without them (pool adjacent
    violators, Barlow et al. 1972). Labels that need more than the room stand from its beginning.
    """
    distances = [0.5 * (left + right) + GAP_CM for left, right in pairwise(widths)]
    offsets = np.concatenate([[0.0], np.cumsum(distances)])
    pools: list[tuple[float, int]] = []
    for value in (np.array(places) - offsets).tolist():
        mean, count = value, 1
        while pools and pools[-1][0] > mean:
            earlier, size = pools.pop()
            mean, count = (mean * count + earlier * size) / (count + size), count + size
        pools.append((mean, count))
    flat = np.array([mean for mean, count in pools for _ in range(count)])
    low, high = room[0] + 0.5 * widths[0], room[1] - 0.5 * widths[-1] - offsets[-1]
    return list(np.clip(flat, low, max(low, high)) + offsets)


def _numbers(places: Sequence[float], texts: Sequence[str]) -> list[int]:
    """Return which numbers are labelled."""
    widths = [label_cm(signed(text)) + GAP_CM for text in texts]

    def free(index: int, other: int) -> bool:
        return abs(places[index] - places[other]) >= 0.5 * (widths[index] + widths[other])

    everyone = list(range(len(places)))
    steps = np.diff(places)
    if len(places) > 2 and np.ptp(steps) < 1e-6 * abs(steps).max():
        for stride in (1, 2, 5):
            kept = everyone[::stride]
            if all(free(left, right) for left, right in pairwise(kept)):
                return kept
    labelled: list[int] = []
    for index in dict.fromkeys([*everyone[:1], *everyone[-1:], *everyone]):
        if all(free(index, other) for other in labelled):
            labelled.append(index)
    return sorted(labelled)
