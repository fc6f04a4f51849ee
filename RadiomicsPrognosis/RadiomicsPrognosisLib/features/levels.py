"""Discretisation: intensities inside a VOI to grey levels, at pyradiomics' bin edges.

Reference: pyradiomics' ``imageoperations.getBinEdges``; Zwanenburg et al., IBSI reference manual, section 2.7.
"""

from __future__ import annotations

import numpy as np

from ..errors import SchemaError
from ..protocol import Protocol

#: The highest grey level that is counted with: as many as a CT of 16 bits has intensities.
HIGHEST_LEVEL = 1 << 16


class NoGreyLevels(ArithmeticError):
    """The range of intensities is too narrow for floating-point numbers to divide it into bins.

    A class that needs grey levels, ``firstorder`` included, is undefined then: pyradiomics fails before any feature.
    """


def grey_levels(values: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Return the grey level (n,) of each of the intensities (n,) of a VOI, from 1, as integers.

    Raises SchemaError when bins of the protocol's width are more than :data:`HIGHEST_LEVEL`, NoGreyLevels when a fixed
    number of bins cannot be told apart, where pyradiomics fails.
    """
    if protocol.bin_minimum is not None and protocol.bin_width is not None:
        check_number(protocol.bin_minimum, float(values.max()), protocol.bin_width, _width_of(protocol))
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
    to the type of ``low`` and ``high``, as pyradiomics rounds them to the image's. Raises as :func:`grey_levels` does.
    """
    if protocol.bin_count is not None:
        try:
            edges: np.ndarray = np.histogram(np.array([low, high]), protocol.bin_count)[1]
        except ValueError as error:
            raise NoGreyLevels(str(error)) from error
        edges[-1] += 1  # the highest value belongs to the last bin
        return edges
    width = protocol.bin_width
    assert width is not None, "a protocol has either a bin width or a bin count"
    check_number(low, high, width, _width_of(protocol))
    edges = np.arange(low - low % width, high + 2 * width, width)
    return edges if len(edges) > 1 else np.array([edges[0] - 0.5, edges[0] + 0.5])


def check_number(low: float, high: float, width: float, source: str) -> None:
    """Refuse bins of ``width`` (HU) so small that counting them from ``low`` to ``high`` takes gigabytes and hours.

    Raises SchemaError, naming ``source``, the setting to change, above :data:`HIGHEST_LEVEL`.
    """
    number = (high - low) / width
    if number >= HIGHEST_LEVEL:
        raise SchemaError(f"Bins of {width:g} HU from {low:g} to {high:g} HU are {number:.3g} grey levels, more than "
                          f"the {HIGHEST_LEVEL} that textures are computed for; set {source}.")


def _width_of(protocol: Protocol) -> str:
    return f"a larger discretisation.bin_width in protocol '{protocol.id}'"
