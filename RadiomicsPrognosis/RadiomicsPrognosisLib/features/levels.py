"""Discretisation: intensities inside a VOI to grey levels, at pyradiomics' bin edges.

Reference: pyradiomics' ``imageoperations.getBinEdges``; Zwanenburg et al., IBSI reference manual, section 2.7.
"""

from __future__ import annotations

import numpy as np

from ..protocol import Protocol


def grey_levels(values: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Return the grey level (n,) of each of the intensities (n,) of a VOI, from 1, as integers."""
    edges = bin_edges(values.min(), values.max(), protocol)
    levels: np.ndarray = np.digitize(values, edges)
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
