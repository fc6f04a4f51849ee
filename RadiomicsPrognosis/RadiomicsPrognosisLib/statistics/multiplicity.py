"""p values adjusted for the number of tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control

from ..errors import InputError
from .arrays import Floats
from .inputs import probabilities

METHODS = ("none", "benjamini-hochberg", "holm", "bonferroni")


def adjusted(p: ArrayLike, method: str = "benjamini-hochberg") -> Floats:
    """Return ``p`` (m,), 0 - 1, adjusted as R's p.adjust does.

    Methods: Benjamini & Hochberg, J R Stat Soc B 1995;57:289; Holm, Scand J Stat 1979;6:65; Bonferroni; none. Raises
    InputError for an unknown method or another shape, CohortError for values that are no p values.
    """
    p = probabilities(p, "p")
    if method == "none":
        return p
    if method == "benjamini-hochberg":
        controlled: Floats = false_discovery_control(p)
        return controlled
    if method == "bonferroni":
        return np.minimum(p * len(p), 1.0)
    if method == "holm":
        order = np.argsort(p, kind="stable")
        stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        out = np.empty(len(p))
        out[order] = np.minimum(stepped, 1.0)
        return out
    raise InputError(f"Method '{method}' is not known; use one of {', '.join(METHODS)}.")
