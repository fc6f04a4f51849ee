"""IBEX's run length features along a direction, from the class ``glrlm``, whose formulas they share.

Definitions: IBEX (Zhang et al., Med Phys 2015;42:1341), category GrayLevelRunLengthMatrix25, of 0 and 90 degrees.
"""

from __future__ import annotations

from ...catalogue import Direction
from ..region import Region
from . import glrlm
from .mean_over import mean_over

#: IBEX's names that are not the catalogue's.
_OTHER_NAMES = {"GrayLevelNonuniformity": "GrayLevelNonUniformity", "RunLengthNonuniformity": "RunLengthNonUniformity"}

_DIRECTIONS = (Direction(0), Direction(90))


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return the values of ``features`` along ``direction``, without one their mean over both."""
    return mean_over(_DIRECTIONS if direction is None else (direction,),
                     lambda along: _along(region, features, along))


def _along(region: Region, features: tuple[str, ...], direction: Direction) -> dict[str, float]:
    names = {name: _OTHER_NAMES.get(name, name) for name in features}
    values = glrlm.compute(region, tuple(names.values()), direction)
    return {name: values[other] for name, other in names.items()}
