"""The one-level stationary wavelet transform of a volume, separable and periodic, computed where it is wanted.

A filter's output at position ``o`` of an axis of length N is the sum over f of ``taps[f] * x[(o + F / 2 - f) mod N]``,
F being the number of taps (Nason, Silverman, The stationary wavelet transform, Springer Lecture Notes in Statistics
1995;103:281-299). Terms are added in PyWavelets' order, so that values equal its ``swtn`` to the last bit: a sub-band
of a flat region is rounding noise about 0, where a bin of grey levels may end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from .wavelets import FilterBank

#: Values filtered at a time, so that a sum stays in the processor's cache while its terms are added.
_CHUNK = 16384


@dataclass(frozen=True)
class Block:
    """Part of a periodic volume: ``values`` (k, j, i), positions on each axis from ``start``, the axes' ``period``.

    Positions below 0 are those that many from the period's end. Periods are even; where a whole axis is one position
    shorter, its first one stands for the last as well.
    """

    values: np.ndarray
    start: tuple[int, ...]
    period: tuple[int, ...]

    @classmethod
    def of(cls, values: np.ndarray) -> Block:
        """Return the block of a whole volume (k, j, i), periods rounded up to an even number as pyradiomics does."""
        return cls(values, (0,) * values.ndim, tuple(n + n % 2 for n in values.shape))

    def at(self, ranges: tuple[range, ...]) -> np.ndarray:
        """Return the values (k, j, i) at these positions, which a block of less than a whole axis must have."""
        values = self.values
        for axis, (wanted, start, period) in enumerate(zip(ranges, self.start, self.period, strict=True)):
            length = values.shape[axis]
            if wanted.start >= start and wanted.stop <= start + length:
                inner = slice(wanted.start - start, wanted.stop - start)
                values = values[(slice(None),) * axis + (inner,)]
            else:
                values = values.take((np.array(wanted) % period - start) % length, axis)
        return values


def grown(wanted: range, taps: int, period: int) -> range:
    """Return the positions that filters of ``taps`` coefficients read for the output at ``wanted``."""
    read = _read(wanted, taps)
    return read if len(read) < period else range(period)


def _read(wanted: range, taps: int) -> range:
    return range(wanted.start - taps // 2 + 1, wanted.stop + taps // 2)


def subbands(block: Block, bank: FilterBank, axes: tuple[int, ...], bands: tuple[str, ...],
             wanted: tuple[range, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ``(sub-band, values)`` for each of ``bands``, at the ``wanted`` positions of each axis (k, j, i).

    The letters of a sub-band are L (approximation) or H (detail) along each of ``axes``, which are filtered in this
    order. Values are float32 for a float32 volume, else float64. Only the branches that a sub-band needs are computed,
    and kept no longer than one does.
    """
    taps = len(bank.low)
    kind = np.float32 if block.values.dtype == np.float32 else np.float64
    read = tuple(_read(positions, taps) if axis in axes else positions for axis, positions in enumerate(wanted))
    inner = tuple(slice(0, len(positions)) for positions in wanted)
    branches = {"": np.ascontiguousarray(block.at(read), kind)}
    for number, band in enumerate(bands):
        for depth, axis in enumerate(axes, start=1):
            if band[:depth] not in branches:
                branches[band[:depth]] = _filtered(branches[band[:depth - 1]], bank.of(band[depth - 1]), axis,
                                                   wanted[axis], block.period[axis])
        yield band, branches[band][inner]
        later = bands[number + 1:]
        branches = {prefix: branch for prefix, branch in branches.items()
                    if any(other.startswith(prefix) for other in later)}


def _filtered(values: np.ndarray, taps: tuple[float, ...], axis: int, wanted: range, period: int) -> np.ndarray:
    """Return ``values`` (k, j, i) filtered along ``axis``: the outputs at ``wanted``, then positions without meaning.

    Neighbours along an axis are a constant number of voxels away from each other in memory, so that a filter is a sum
    of shifted copies of the whole volume, each one run through memory; what lies at the axis' end is never read.
    """
    result = np.zeros_like(values)
    stride = values.strides[axis] // values.itemsize
    flat, sums = values.reshape(-1), result.reshape(-1)
    terms = [(tap, (len(taps) - 1 - place) * stride) for place, tap in enumerate(taps) if tap]
    count = flat.size - (len(taps) - 1) * stride
    spare = np.empty(min(_CHUNK, count), values.dtype)
    for first in range(0, count, _CHUNK):
        stop = min(first + _CHUNK, count)
        total, term = sums[first:stop], spare[:stop - first]
        for tap, shift in terms:
            np.multiply(flat[first + shift:stop + shift], tap, out=term)
            total += term
    _sum_across_border(values, result, taps, axis, wanted, period)
    return result


def _sum_across_border(values: np.ndarray, result: np.ndarray, taps: tuple[float, ...], axis: int, wanted: range,
                       period: int) -> None:
    """Sum the outputs whose terms reach over the upper border anew, in PyWavelets' order: beyond the border first."""
    source, target = np.moveaxis(values, axis, 0), np.moveaxis(result, axis, 0)
    half, last = len(taps) // 2, len(taps) - 1
    for row, position in enumerate(wanted):
        beyond = position % period + half - period
        if beyond < 0:
            continue
        target[row] = 0
        for place in chain(range(beyond, -1, -1), range(beyond + 1, len(taps))):
            target[row] += source[row + last - place] * taps[place]
