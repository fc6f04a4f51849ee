"""Fits that are asked for again, kept by the content of what they were fitted to."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

import numpy as np

from ..statistics.arrays import Floats

_T = TypeVar("_T")

#: Fits kept of each kind. A study asks again within one model: calibration groups are the same rows at every horizon.
_KEPT = 128

#: What empties each kind's results.
_forget: list[Callable[[], None]] = []


class _Content:
    """An array as a key: equal where shape and bytes are."""

    def __init__(self, values: Floats):
        self.values = values
        self._key = values.shape, values.tobytes()

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and self._key == other._key


def remembered(fit: Callable[..., _T]) -> Callable[..., _T]:
    """Return ``fit`` with its last results kept by its arguments: arrays, taken as double precision, and a number last.

    What is returned is shared by all who ask alike, to be read only.
    """
    kept = lru_cache(_KEPT)(lambda confidence, *arrays: fit(*(item.values for item in arrays), confidence))
    _forget.append(kept.cache_clear)

    @wraps(fit)
    def asked(*given: Floats | float) -> _T:
        *arrays, confidence = given
        return kept(float(confidence), *(_Content(np.array(item, float)) for item in arrays))

    return asked


def forget_fits() -> None:
    """Let go of every result kept: what is asked for next is fitted anew."""
    for forget in _forget:
        forget()
