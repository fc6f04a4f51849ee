"""How well readings repeat, as numbers to draw: differences of a score against its means, and a histogram of ICCs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError

#: Width of a bin of the histogram; an ICC below zero is counted in a bin of its own.
BIN_WIDTH = 0.05


@dataclass(frozen=True)
class Band:
    """A value with its confidence interval, ``lower`` and ``upper``; None where there is none."""

    value: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Difference:
    """A case's two readings of the score: ``mean`` of both, their ``difference``, and whether the ``group`` differs."""

    case: str
    mean: float
    difference: float
    flipped: bool = False


@dataclass(frozen=True)
class DifferencePlot:
    """Differences against means (Bland & Altman, Lancet 1986;327:307) with bias and limits of agreement."""

    points: tuple[Difference, ...]
    lower: Band
    bias: Band
    upper: Band

    def means(self) -> tuple[float, float]:
        """Return the ends of the axis of means."""
        return _widened([point.mean for point in self.points])

    def differences(self) -> tuple[float, float]:
        """Return the ends of the axis of differences; zero, the limits and their intervals are inside."""
        values = [0.0, *(point.difference for point in self.points)]
        for band in (self.lower, self.bias, self.upper):
            values += [value for value in (band.value, band.lower, band.upper) if value is not None]
        return _widened(values)


@dataclass(frozen=True)
class Bin:
    """A bin of ICCs from ``low`` (None: everything below zero) with the numbers of features that fail and pass."""

    low: float | None
    failing: int
    passing: int


@dataclass(frozen=True)
class IccHistogram:
    """Bins of the value that is compared with the ``threshold``; ``unknown`` features have none, and fail."""

    bins: tuple[Bin, ...]
    threshold: float
    unknown: int

    @property
    def highest(self) -> int:
        """The number of features in the fullest bin."""
        return max(item.failing + item.passing for item in self.bins)


def icc_histogram(values: Sequence[float | None], kept: Sequence[bool], threshold: float) -> IccHistogram:
    """Return the histogram of ``values`` (at most 1; None: no value) of features, of which ``kept`` pass.

    Raises InputError for an empty sequence or two of different lengths.
    """
    if not values or len(values) != len(kept):
        raise InputError(f"A histogram needs values and which are kept; {len(values)} and {len(kept)} were given.")
    count = round(1 / BIN_WIDTH)
    failing, passing = [0] * (count + 1), [0] * (count + 1)
    for value, passes in zip(values, kept, strict=True):
        if value is None:
            continue
        # A value on an edge belongs to the bin above it, as one on the threshold passes; rounding must not move it.
        place = 0 if value < 0 else 1 + min(math.floor(value / BIN_WIDTH + 1e-9), count - 1)
        (passing if passes else failing)[place] += 1
    lows = (None, *(round(index * BIN_WIDTH, 10) for index in range(count)))
    bins = tuple(Bin(low, *numbers) for low, *numbers in zip(lows, failing, passing, strict=True))
    return IccHistogram(bins, threshold, sum(value is None for value in values))


def _widened(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or max(0.1 * abs(high), 0.1)
    return low - margin, high + margin
