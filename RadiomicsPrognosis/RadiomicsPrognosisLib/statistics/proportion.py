"""The share of cases with a property, with its exact confidence interval."""

from __future__ import annotations

from ..errors import InputError
from . import special
from .inputs import confidence_level


def proportion_interval(count: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval (0 - 1) at ``confidence`` (0 - 1) of the share of which ``count`` of ``n`` are an estimate.

    Clopper & Pearson, Biometrika 1934;26:404, as R's binom.test: it says something where none or all have the property,
    too. Raises InputError unless 0 <= count <= n and n > 0, and for a ``confidence`` outside 0 - 1.
    """
    if not 0 <= count <= n or n < 1:
        raise InputError(f"{count} of {n} is no share.")
    tail = (1.0 - confidence_level(confidence)) / 2
    low = 0.0 if count == 0 else float(special.betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(special.betaincinv(count + 1, n - count, 1 - tail))
    return low, high
