"""The feature classes: a module each, named after the class in lower case, whose ``compute`` gives its values.

``compute(region, features, direction)`` takes a :class:`~..region.Region`, the names of the features wanted and, for a
class computed along one direction, that :class:`~RadiomicsPrognosisLib.catalogue.entry.Direction`; it returns their
values by name, NaN where the definition gives none.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ...catalogue import Direction, FeatureClass
from ..region import Region

#: What computes a class' features.
Compute = Callable[[Region, tuple[str, ...], Direction | None], dict[str, float]]


def compute_of(entry: FeatureClass) -> Compute:
    """Return what computes the class of the catalogue's ``entry``."""
    compute: Compute = import_module(f".{entry.name.lower()}", __name__).compute
    return compute
