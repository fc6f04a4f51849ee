"""The mean of a class' values over directions, for a class computed along each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...catalogue import Direction


def mean_over(directions: tuple[Direction, ...],
              compute_along: Callable[[Direction], dict[str, float]]) -> dict[str, float]:
    """Return each feature's mean over ``directions``, NaN where it is undefined along one of them."""
    values = [compute_along(direction) for direction in directions]
    return {name: float(np.mean([item[name] for item in values])) for name in values[0]}
