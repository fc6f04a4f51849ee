"""Sub-bands of an undecimated separable wavelet transform, by the a-trous algorithm with the IBSI's boundaries.

Reference: IBSI reference manual (arXiv:2006.05470), separable wavelets; Shensa, IEEE Trans Signal Process
1992;40:2464-2482.
"""

from __future__ import annotations

import numpy as np

from ...protocol import SeparableWavelet
from ..filters.wavelets import filter_bank
from .separable import Chain, mapped, odd


def wavelet(values: np.ndarray, settings: SeparableWavelet) -> np.ndarray:
    """Return the response of ``values`` (k, j, i), pooled over rotations where asked."""
    bank = filter_bank(settings.wavelet)
    low, high = odd(np.array(bank.low)), odd(np.array(bank.high))
    chains = tuple(_chain(low, high if letter == "H" else low, settings.level) for letter in settings.band)
    return mapped(values, chains, settings.boundary, settings.pooling)


def _chain(low: np.ndarray, final: np.ndarray, level: int) -> Chain:
    """Return the kernels of an axis: the approximation of every level before ``level``, then the ``final`` one."""
    return tuple(_spread(low if at < level else final, 2 ** (at - 1)) for at in range(1, level + 1))


def _spread(kernel: np.ndarray, step: int) -> np.ndarray:
    """Return the kernel with ``step`` - 1 zeros between its taps."""
    spread = np.zeros(step * (len(kernel) - 1) + 1)
    spread[::step] = kernel
    return spread
