"""Features of the neighbouring grey tone difference matrix, pyradiomics' class ``ngtdm``.

Reference: Amadasun and King, IEEE Trans Syst Man Cybern 1989;19:1264; IBSI reference manual, section 3.10.
"""

from __future__ import annotations

import numpy as np

from ...catalogue import Direction
from ..matrices.neighbourhood import ToneDifferences, tone_differences
from ..region import Region


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
    pairs = np.outer(shares, shares) * np.subtract.outer(tones.levels, tones.levels)**2
    return float(pairs.sum() * tones.differences.sum() / tones.counts.sum() / (number * (number - 1)))


def _busyness(tones: ToneDifferences) -> float:
    shares = _shares(tones)
    weighted = tones.levels * shares
    spread = float(np.abs(np.subtract.outer(weighted, weighted)).sum())
    return float((shares * tones.differences).sum()) / spread if spread else 0.0


def _complexity(tones: ToneDifferences) -> float:
    shares = _shares(tones)
    spread = shares * tones.differences
    pairs = np.add.outer(spread, spread) / np.add.outer(shares, shares)
    distances = np.abs(np.subtract.outer(tones.levels, tones.levels))
    return float((distances * pairs).sum() / tones.counts.sum())


def _strength(tones: ToneDifferences) -> float:
    shares, total = _shares(tones), float(tones.differences.sum())
    pairs = np.add.outer(shares, shares) * np.subtract.outer(tones.levels, tones.levels)**2
    return float(pairs.sum()) / total if total else 0.0


def _shares(tones: ToneDifferences) -> np.ndarray:
    return np.asarray(tones.counts / tones.counts.sum())


_DEFINITIONS = {"Busyness": _busyness, "Coarseness": _coarseness, "Complexity": _complexity, "Contrast": _contrast,
                "Strength": _strength}
