"""p values adjusted for the number of tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import false_discovery_control

from ..errors import InputError
from .inputs import probabilities

METHODS = ("none", "benjamini-hochberg", "holm", "bonferroni")


def adjusted(p: Any, method: str = "benjamini-hochberg") -> np.ndarray:
    """Return ``p`` (m,) adjusted as R's p.adjust does. Raises InputError for an unknown method."""
    p = probabilities(p, "p")
    if method == "benjamini-hochberg":
        return false_discovery_control(p)
    if method == "bonferroni":
        return np.minimum(p * len(p), 1.0)
    if method == "holm":
        order = np.argsort(p, kind="stable")
        stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        out = np.empty(len(p))
        out[order] = np.minimum(stepped, 1.0)
        return out
    if method == "none":
        return p
    raise InputError(f"Method '{method}' is not known; use one of {', '.join(METHODS)}.")
