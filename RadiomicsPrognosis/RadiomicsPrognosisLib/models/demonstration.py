"""Recognise the cases of the demonstration scalings that ship: a scaling fitted from them again is one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..statistics.arrays import Floats

if TYPE_CHECKING:
    from .scaling import Scaling

#: Rows with so many features alike are one case; fewer could agree by chance.
_FEWEST_FEATURES = 3

#: In SDs of the demonstration's feature: two engines, or a table's rounding, differ by less on one case.
_SAME_VALUE = 0.01

#: In SDs: the mean and SD of other patients differ by more in some feature, as those of 20 cases have standard errors
#: of 0.22 and 0.16 SD.
_SAME_MOMENTS = 0.02


def demonstration_cases(scaling: Scaling, shipped: Sequence[Scaling]) -> tuple[str, int]:
    """Return (name, cases) of the ``shipped`` demonstration whose cases ``scaling`` holds; ('', 0) if there is none.

    Cases are told by their values; in a scaling without values all of them by equal means and SDs.
    """
    for item in shipped:
        keys = [key for key in item.means if key in scaling.means]
        if item.protocol_hash != scaling.protocol_hash or len(keys) < min(_FEWEST_FEATURES, len(item.means)):
            continue
        sds = _row(item.sds, keys)
        if scaling.values and item.values:
            cases = _rows(scaling.values, keys)
            near = np.abs(cases[:, None] - _rows(item.values, keys)[None]) < _SAME_VALUE * sds
            count = int(np.any(near.all(axis=2), axis=1).sum())
        else:
            differences = [_row(scaling.means, keys) - _row(item.means, keys), _row(scaling.sds, keys) - sds]
            count = item.cases if (np.abs(differences) < _SAME_MOMENTS * sds).all() else 0
        if count:
            return item.name, count
    return "", 0


def _row(values: Mapping[str, float], keys: Sequence[str]) -> Floats:
    return np.array([values[key] for key in keys])


def _rows(values: Mapping[str, Sequence[float]], keys: Sequence[str]) -> Floats:
    """Return the values of cases (n, p) of the features ``keys``."""
    return np.array([values[key] for key in keys]).T
