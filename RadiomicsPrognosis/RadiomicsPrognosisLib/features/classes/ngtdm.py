"""Features of the neighbouring grey tone difference matrix, pyradiomics' class ``ngtdm``.

Reference: Amadasun and King, IEEE Trans Syst Man Cybern 1989;19:1264; IBSI reference manual, section 3.10.
"""

from __future__ import annotations

import numpy as np

from ...catalogue import Direction
from ..matrices.neighbourhood import ToneDifferences, tone_differences
from ..region import Region

#: Cells of the tables that are summed at once.
_CELLS_AT_ONCE = 1_000_000


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``."""
    tones = tone_differences(region.lattice, region.offsets())
    if tones is None:
        return dict.fromkeys(features, float("nan"))
    return {name: float(_DEFINITIONS[name](tones)) for name in features}


def _coarseness(tones: ToneDifferences) -> float:
    spread = float((_shares(tones) * tones.differences).sum())
    return 1 / spread if spread else 1e6  # pyradiomics' limit where every voxel has its neighbours' mean


def _contrast(tones: ToneDifferences) -> float:
    shares, number = _shares(tones), len(tones.levels)
    if number == 1:
        return 0.0
    pairs = 2 * float((shares * (tones.levels - tones.levels @ shares)**2).sum())  # of all, p_i p_j (i - j)^2
    return float(pairs * tones.differences.sum() / tones.counts.sum() / (number * (number - 1)))


def _busyness(tones: ToneDifferences) -> float:
    shares = _shares(tones)
    weighted = np.sort(tones.levels * shares)
    below = np.arange(1, len(weighted))  # each gap between two of them lies between so many pairs
    spread = 2 * float((np.diff(weighted) * below * (len(weighted) - below)).sum())
    return float((shares * tones.differences).sum()) / spread if spread else 0.0


def _complexity(tones: ToneDifferences) -> float:
    shares = _shares(tones)
    spread = shares * tones.differences
    kinds, kind = np.unique(shares, return_inverse=True)
    total, at_once = 0.0, max(1, _CELLS_AT_ONCE // len(shares))
    for first in range(0, len(kinds), at_once):
        several = np.arange(first, min(first + at_once, len(kinds)))
        total += float((spread * _distances(tones.levels, kind == several[:, None])
                        / np.add.outer(kinds[several], shares)).sum())
    return 2 * total / float(tones.counts.sum())


def _distances(levels: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the sums (s, m) of the distances of each level (m,) to those ``chosen`` (s, m), exact whole numbers."""
    number, summed = np.cumsum(chosen, axis=1), np.cumsum(chosen * levels, axis=1)
    return np.asarray(levels * (2 * number - number[:, -1:]) - 2 * summed + summed[:, -1:])


def _strength(tones: ToneDifferences) -> float:
    shares, total = _shares(tones), float(tones.differences.sum())
    distances = tones.levels - tones.levels.mean()
    squares = len(distances) * distances**2 + (distances**2).sum()  # from each level to all, (i - j)^2
    return 2 * float((shares * squares).sum()) / total if total else 0.0


def _shares(tones: ToneDifferences) -> np.ndarray:
    return np.asarray(tones.counts / tones.counts.sum())


_DEFINITIONS = {"Busyness": _busyness, "Coarseness": _coarseness, "Complexity": _complexity, "Contrast": _contrast,
                "Strength": _strength}
