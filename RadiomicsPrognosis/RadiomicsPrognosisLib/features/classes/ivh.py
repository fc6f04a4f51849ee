"""The intensity-volume histogram: which share of the volume has at least which intensity.

Reference: Zwanenburg et al., IBSI reference manual, section 3.5; El Naqa et al., Pattern Recognit 2009;42:1162.
"""

from __future__ import annotations

import numpy as np

from ...catalogue import Direction
from ...protocol import Protocol
from ..levels import check_number, fixed_number_levels, fixed_size_levels
from ..region import Region

#: A fraction of the intensity's range counts as reached when rounding alone keeps it away.
_ROUNDING = 1e-9


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name, NaN where all intensities are one; the class has no ``direction``."""
    steps, volumes = _curve(region.inside, region.protocol)
    if len(steps) < 2:
        return dict.fromkeys(features, float("nan"))
    fractions = (steps - steps[0]) / (steps[-1] - steps[0])

    def volume_at(share: float) -> float:
        """Return the largest volume fraction of intensity fractions of at least ``share``."""
        return float(volumes[fractions >= share - _ROUNDING].max())

    def intensity_at(share: float) -> float:
        """Return the lowest intensity that at most ``share`` of the volume reaches; the range's end if more do."""
        reached = steps[volumes <= share + _ROUNDING]
        return float(reached[0] if len(reached) else steps[-1] + steps[1] - steps[0])

    values = {"V10": volume_at(0.1), "V90": volume_at(0.9), "I10": intensity_at(0.1), "I90": intensity_at(0.9)}
    values["V10MinusV90"] = values["V10"] - values["V90"]
    values["I10MinusI90"] = values["I10"] - values["I90"]
    return {name: values[name] for name in features}


def _curve(values: np.ndarray, protocol: Protocol) -> tuple[np.ndarray, np.ndarray]:
    """Return discretised intensities (m,), evenly spaced over the whole range, and the volume fraction (m,) of each.

    The range is the protocol's HU range where it has one: a volume fraction at an intensity fraction needs both ends.
    """
    settings = protocol.volume_histogram
    low, high = (float(extreme if end is None else end)
                 for extreme, end in zip((values.min(), values.max()), protocol.hu_range, strict=True))
    if settings.bin_count is not None:
        levels = fixed_number_levels(values, settings.bin_count).astype(np.float64)
        steps = np.arange(1.0, settings.bin_count + 1)
    elif settings.bin_width is not None:
        width = settings.bin_width
        check_number(low, high, width, f"a larger volume_histogram.bin_width in protocol '{protocol.id}'")
        levels = low + (fixed_size_levels(values, low, width) - 0.5) * width
        steps = low + 0.5 * width + np.arange(round((high - low) / width + 0.5 - _ROUNDING)) * width
    else:
        check_number(low, high, 1.0, f"a narrower hu_range, or volume_histogram, in protocol '{protocol.id}'")
        levels, steps = values, np.arange(low, high + 1.0)
    ascending = np.sort(levels)
    return steps, 1.0 - np.searchsorted(ascending, steps, side="left") / len(ascending)
