"""Matrices of grey levels and sizes (of runs, of zones, of dependences) and the features they share.

References: Galloway, Comput Graph Image Process 1975; Chu et al., Pattern Recognit Lett 1990; Dasarathy and Holder,
Pattern Recognit Lett 1991; Zwanenburg et al., IBSI reference manual, sections 3.7, 3.8 and 3.11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: pyradiomics adds it to a probability before its logarithm, so that an empty cell counts nothing.
EPSILON = float(np.spacing(1.0))

#: The value of a feature that no direction has.
_NOWHERE = np.full(1, np.nan)


@dataclass(frozen=True)
class SizeMatrix:
    """How often a grey level occurs with a size, in one or more directions.

    ``counts`` (d, m, q) belongs to directions, ``levels`` (m,) and ``sizes`` (q,). A feature is a value per direction
    (d,), NaN in a direction without any count. i stands for a level, j for a size, N for the number of counts.
    """

    counts: np.ndarray
    levels: np.ndarray
    sizes: np.ndarray

    @cached_property
    def total(self) -> np.ndarray:
        """The number of counts N (d,), NaN where there is none."""
        total = self.counts.sum((1, 2))
        return np.where(total == 0, np.nan, total)

    @cached_property
    def by_level(self) -> np.ndarray:
        """The counts (d, m) of each level."""
        counts: np.ndarray = self.counts.sum(2)
        return counts

    @cached_property
    def by_size(self) -> np.ndarray:
        """The counts (d, q) of each size."""
        counts: np.ndarray = self.counts.sum(1)
        return counts

    def merged(self) -> SizeMatrix:
        """Return the matrix of all directions together."""
        return SizeMatrix(self.counts.sum(0, keepdims=True), self.levels, self.sizes)

    def small(self) -> np.ndarray:
        """Return the mean of 1/j2."""
        return self._mean_size(-2)

    def large(self) -> np.ndarray:
        """Return the mean of j2."""
        return self._mean_size(2)

    def low(self) -> np.ndarray:
        """Return the mean of 1/i2."""
        return self._mean_level(-2)

    def high(self) -> np.ndarray:
        """Return the mean of i2."""
        return self._mean_level(2)

    def small_low(self) -> np.ndarray:
        """Return the mean of 1/(i2 j2)."""
        return self._mean(-2, -2)

    def small_high(self) -> np.ndarray:
        """Return the mean of i2/j2."""
        return self._mean(2, -2)

    def large_low(self) -> np.ndarray:
        """Return the mean of j2/i2."""
        return self._mean(-2, 2)

    def large_high(self) -> np.ndarray:
        """Return the mean of i2 j2."""
        return self._mean(2, 2)

    def level_non_uniformity(self) -> np.ndarray:
        """Return the sum of squared counts by level, over N."""
        return np.asarray(_squares(self.by_level) / self.total)

    def level_non_uniformity_normalised(self) -> np.ndarray:
        """Return the sum of squared counts by level, over N2."""
        return np.asarray(_squares(self.by_level) / self.total**2)

    def size_non_uniformity(self) -> np.ndarray:
        """Return the sum of squared counts by size, over N."""
        return np.asarray(_squares(self.by_size) / self.total)

    def size_non_uniformity_normalised(self) -> np.ndarray:
        """Return the sum of squared counts by size, over N2."""
        return np.asarray(_squares(self.by_size) / self.total**2)

    def level_variance(self) -> np.ndarray:
        """Return the variance of i."""
        return _variance(self.by_level / self.total[:, None], self.levels)

    def size_variance(self) -> np.ndarray:
        """Return the variance of j."""
        return _variance(self.by_size / self.total[:, None], self.sizes)

    def entropy(self) -> np.ndarray:
        """Return the entropy in bits of the joint distribution of i and j."""
        shares = self.counts / self.total[:, None, None]
        return -np.asarray((shares * np.log2(shares + EPSILON)).sum((1, 2)))

    def percentage(self) -> np.ndarray:
        """Return the number of counts over the number of voxels in them."""
        return np.asarray(self.total / (self.by_size @ self.sizes))

    def _mean_size(self, power: int) -> np.ndarray:
        return np.asarray(self.by_size @ self.sizes**power / self.total)

    def _mean_level(self, power: int) -> np.ndarray:
        return np.asarray(self.by_level @ self.levels**power / self.total)

    def _mean(self, level_power: int, size_power: int) -> np.ndarray:
        return np.asarray((self.counts @ self.sizes**size_power) @ self.levels**level_power / self.total)


def size_matrix(levels: np.ndarray, sizes: np.ndarray) -> SizeMatrix:
    """Count grey ``levels`` (t,), integers from 1, with their ``sizes`` (t,), integers from 1, in one direction."""
    highest = int(levels.max())
    by_size = np.bincount(sizes)
    occurring = np.flatnonzero(by_size)
    column = np.zeros(len(by_size), np.intp)
    column[occurring] = np.arange(len(occurring))
    cells = np.bincount((levels - 1) * len(occurring) + column[sizes], minlength=highest * len(occurring))
    return SizeMatrix(cells.reshape(1, highest, len(occurring)).astype(np.float64),
                      np.arange(1.0, highest + 1), occurring.astype(np.float64))


def values_of(matrix: SizeMatrix | None, definitions: Mapping[str, Callable[[SizeMatrix], np.ndarray]],
              features: tuple[str, ...]) -> dict[str, float]:
    """Return ``features`` by name, each the mean over the directions in which it is defined; all NaN without matrix."""
    if matrix is None:
        return dict.fromkeys(features, float("nan"))
    return means_over_directions({name: definitions[name](matrix) for name in features})


def means_over_directions(values: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the mean of each of the values (d,), as far as they are defined, NaN where none is."""
    table = np.array([row if row.size else _NOWHERE for row in values.values()])
    defined = ~np.isnan(table)
    if defined.all():
        means = table.mean(1)
    else:
        number = defined.sum(1)
        means = np.where(number > 0, np.where(defined, table, 0.0).sum(1) / np.maximum(number, 1), np.nan)
    return dict(zip(values, means.tolist(), strict=True))


def _squares(counts: np.ndarray) -> np.ndarray:
    return np.asarray((counts**2).sum(1))


def _variance(shares: np.ndarray, places: np.ndarray) -> np.ndarray:
    mean = (shares @ places)[:, None]
    return np.asarray((shares * (places - mean)**2).sum(1))
