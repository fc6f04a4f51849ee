"""Discretisation: intensities inside a VOI to grey levels, at pyradiomics' bin edges.

Reference: pyradiomics' ``imageoperations.getBinEdges``; Zwanenburg et al., IBSI reference manual, section 2.7.
"""

from __future__ import annotations

import numpy as np

from ..protocol import Protocol


def grey_levels(values: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Return the grey level (n,) of each of the intensities (n,) of a VOI, from 1, as integers."""
    if protocol.bin_minimum is not None and protocol.bin_width is not None:
        return fixed_size_levels(values, protocol.bin_minimum, protocol.bin_width)
    edges = bin_edges(values.min(), values.max(), protocol)
    levels: np.ndarray = np.digitize(values, edges)
    return levels


def fixed_size_levels(values: np.ndarray, minimum: float, width: float) -> np.ndarray:
    """Return the IBSI's fixed bin size levels (n,) of intensities (n,): 1 + floor((value - minimum) / width).

    A value below ``minimum`` has level 1, as one at it has (reference manual, section 2.7).
    """
    levels: np.ndarray = np.maximum(np.floor((values - minimum) / width).astype(np.int64) + 1, 1)
    return levels


def fixed_number_levels(values: np.ndarray, count: int) -> np.ndarray:
    """Return the IBSI's fixed bin number levels (n,), 1 to ``count``, of intensities (n,); all 1 without a range.

    They are those of :func:`bin_edges` except where an intensity lies on the edge of two bins to rounding.
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.ones(len(values), np.int64)
    levels: np.ndarray = np.minimum(np.floor(count * (values - low) / (high - low)).astype(np.int64) + 1, count)
    return levels


def bin_edges(low: float, high: float, protocol: Protocol) -> np.ndarray:
    """Return the rising edges of the bins for intensities from ``low`` to ``high``; every bin is half open.

    Bins of a fixed width start at a multiple of it; bins of a fixed number divide the range of values. Both are rounded
    to the type of ``low`` and ``high``, as pyradiomics rounds them to the image's.
    """
    if protocol.bin_count is not None:
        edges: np.ndarray = np.histogram(np.array([low, high]), protocol.bin_count)[1]
        edges[-1] += 1  # the highest value belongs to the last bin
        return edges
    width = protocol.bin_width
    assert width is not None, "a protocol has either a bin width or a bin count"
    edges = np.arange(low - low % width, high + 2 * width, width)
    return edges if len(edges) > 1 else np.array([edges[0] - 0.5, edges[0] + 0.5])
