"""Convolution with a kernel along each axis, and with every right-angled rotation of such a filter.

Reference: IBSI reference manual (arXiv:2006.05470), separable filters and rotational invariance.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np
from scipy.ndimage import convolve1d

from .boundary import SCIPY_MODE

#: Kernels applied one after the other along an axis; each has an odd number of taps, its middle at the voxel.
Chain = tuple[np.ndarray, ...]


def odd(kernel: np.ndarray) -> np.ndarray:
    """Return the kernel (n,) with an odd number of taps: a zero follows an even number of them."""
    return np.append(kernel, 0.0) if len(kernel) % 2 == 0 else kernel


def convolved(values: np.ndarray, chains: tuple[Chain, ...], boundary: str) -> np.ndarray:
    """Return ``values`` (k, j, i), as float64, convolved with the chains of x, y and, where there are three, z."""
    result = values.astype(np.float64)
    for axis, chain in zip((2, 1, 0), chains, strict=False):
        result = _along(result, chain, axis, boundary)
    return result


def pooled(values: np.ndarray, chains: tuple[Chain, ...], boundary: str, pooling: str) -> np.ndarray:
    """Return the responses of ``values`` (k, j, i) to the filter turned by right angles, pooled voxel by voxel.

    Three chains (x, y, z) have 24 rotations, two have 4 in the plane. ``pooling`` is average, max or min.
    """
    combine = {"average": np.add, "max": np.maximum, "min": np.minimum}[pooling]
    total: np.ndarray | None = None
    turned = _distinct(_rotations(chains))
    for response in _responses(values.astype(np.float64), turned, boundary):
        total = response if total is None else combine(total, response, out=total)
    assert total is not None, "a filter has at least the rotation that leaves it as it is"
    return total / len(turned) if pooling == "average" else total


def _along(values: np.ndarray, chain: Chain, axis: int, boundary: str) -> np.ndarray:
    for kernel in chain:
        values = convolve1d(values, kernel, axis, mode=SCIPY_MODE[boundary])
    return values


def _rotations(chains: tuple[Chain, ...]) -> Iterator[tuple[Chain, ...]]:
    """Yield the filter under every proper rotation: permutations of the axes with flips whose determinant is 1."""
    axes = range(len(chains))
    for order in permutations(axes):
        parity = round(np.linalg.det(np.eye(len(chains))[list(order)]))
        for signs in product((1, -1), repeat=len(chains)):
            if parity * np.prod(signs) == 1:
                yield tuple(tuple(kernel[::sign] for kernel in chains[source])
                            for source, sign in zip(order, signs, strict=True))


def _distinct(filters: Iterator[tuple[Chain, ...]]) -> list[tuple[Chain, ...]]:
    """Return the filters that differ; each stands for as many rotations, so that their average stays the same."""
    return list({tuple(map(_key, chains)): chains for chains in filters}.values())


def _key(chain: Chain) -> tuple[bytes, ...]:
    return tuple(kernel.tobytes() for kernel in chain)


def _responses(values: np.ndarray, filters: list[tuple[Chain, ...]], boundary: str) -> Iterator[np.ndarray]:
    """Yield the response to each of the filters; those that begin with the same chain share its convolution."""
    axis = {3: 0, 2: 1, 1: 2}[len(filters[0])]  # z first, which two chains do not have
    groups: dict[tuple[bytes, ...], list[tuple[Chain, ...]]] = {}
    for chains in filters:
        groups.setdefault(_key(chains[-1]), []).append(chains)
    for group in groups.values():
        response = _along(values, group[0][-1], axis, boundary)
        if axis == 2:
            yield response
        else:
            yield from _responses(response, [chains[:-1] for chains in group], boundary)


def mapped(values: np.ndarray, chains: tuple[Chain, ...], boundary: str, pooling: str) -> np.ndarray:
    """Return the response of :func:`pooled`, or of :func:`convolved` where ``pooling`` is empty."""
    return pooled(values, chains, boundary, pooling) if pooling else convolved(values, chains, boundary)
