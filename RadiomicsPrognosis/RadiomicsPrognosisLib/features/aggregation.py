"""Slices of a VOI averaged: a texture's value from each slice alone, then their mean (the IBSI's 2D aggregation).

Reference: Zwanenburg et al., IBSI reference manual, chapter 3, 'Aggregating features' of the texture families.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..catalogue import Direction, FeatureClass
from ..voi.grid import bounding_box, crop
from .classes import compute_of
from .levels import NoGreyLevels
from .matrices.sizes import means_over_directions
from .region import Region, Slice, Surroundings


def compute_class(entry: FeatureClass, region: Region, features: tuple[str, ...],
                  direction: Direction | None) -> dict[str, float]:
    """Return the class' ``features`` by name, as its module does, or as the mean over slices where a protocol asks so.

    A slice in which a feature is undefined does not count; NaN where it is in all, or where there are no grey levels.
    """
    compute = compute_of(entry)
    try:
        if region.protocol.aggregation.slices == "merged" or not entry.textural:
            return compute(region, features, direction)
        values = [compute(piece, features, direction) for piece in slices(region)]
    except NoGreyLevels:
        return dict.fromkeys(features, math.nan)
    return means_over_directions({name: np.array([slice_[name] for slice_ in values]) for name in features})


def slices(region: Region) -> Iterator[Slice]:
    """Yield the slices of ``region`` that hold voxels, each in a box of its own, grey levels those of the whole."""
    for k in np.flatnonzero(region.mask.any(axis=(1, 2))).tolist():
        one = slice(k, k + 1)
        start, size = bounding_box(region.mask[one])
        mask = crop(region.mask[one], start, size)
        yield Slice(values=crop(region.values[one], start, size), mask=mask, spacing=region.spacing,
                    protocol=region.protocol, around=_around(region, k), pulse=region.pulse,
                    highest_of_all=region.highest_level, own_levels=crop(region.levels[one], start, size)[mask])


def _around(region: Region, k: int) -> Surroundings | None:
    """Return what lies around slice ``k`` of the region, within the slice."""
    whole = region.around
    if whole is None:
        return None
    plane = np.flatnonzero(whole.mask.any(axis=(1, 2)))[0] + k
    one = slice(plane, plane + 1)
    return Surroundings(whole.values[one], whole.mask[one], whole.contour[one])
