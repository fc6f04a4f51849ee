"""The filtered images of a plan, one at a time: original, wavelet sub-bands, Laplacian of Gaussian, the IBSI's.

Wavelet and Laplacian have the values of pyradiomics' ``getWaveletImage`` and ``getLoGImage``; only the sub-bands asked
for are computed, and only where they are wanted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk

from ...catalogue import log_image_type
from ...protocol import Protocol, Wavelet
from ...voi.grid import Index, crop
from ...voi.images import array_view
from ..plan import Plan
from .stationary import Block, grown, subbands
from .wavelets import filter_bank

#: Voxels along each axis that ITK's recursive Gaussian needs at least.
_LOG_MINIMUM = 4


def filtered_values(image: sitk.Image, protocol: Protocol, plan: Plan,
                    box: tuple[Index, Index] | None = None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ``(image type, values)`` for each image type of ``plan``, in the protocol's order.

    ``values`` (k, j, i) are those inside ``box`` (start, size in i, j, k), of the whole image when None; they are valid
    while ``image`` exists and do not depend on the box. A Laplacian of Gaussian that the image is too small for is left
    out, as pyradiomics does.
    """
    start, size = box or ((0, 0, 0), image.GetSize())
    if "original" in plan.work:
        yield "original", crop(array_view(image), start, size)
    if protocol.wavelet:
        axes = (2, 1) if protocol.force_2d else (2, 1, 0)
        wanted = tuple(range(first, first + count) for first, count in zip(start[::-1], size[::-1], strict=True))
        yield from _wavelets(array_view(image), protocol.wavelet, axes, plan, wanted)
    for sigma in protocol.log_sigmas_mm:
        if log_image_type(sigma) in plan.work and _is_large_enough(image, sigma):
            filtered = sitk.LaplacianRecursiveGaussian(image, sigma, True)
            yield log_image_type(sigma), crop(array_view(filtered), start, size).copy()
    for settings in protocol.filters:
        if settings.image_type in plan.work:
            from ..response_maps import response_inside  # scipy.fft, which few protocols need

            yield settings.image_type, response_inside(array_view(image), image.GetSpacing(), settings, start, size)


def _wavelets(values: np.ndarray, wavelet: Wavelet, axes: tuple[int, ...], plan: Plan,
              wanted: tuple[range, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the sub-bands of ``plan``, letters in the order of ``axes``, which are filtered; the rest stay apart."""
    bank = filter_bank(wavelet.name, single=values.dtype == np.float32)
    block, approximation = Block.of(values), "L" * len(axes)
    levels = [level for level in range(1, wavelet.levels + 1) if plan.subbands(level)]
    outputs = _outputs(wanted, axes, len(bank.low), max(levels, default=0), block.period)
    for level, output in enumerate(outputs, start=1):
        bands, deeper = plan.subbands(level), level < len(outputs)
        inner = tuple(slice(positions.start - out.start, positions.stop - out.start)
                      for positions, out in zip(wanted, output, strict=True))
        prefix = "wavelet-" if level == 1 else f"wavelet{level}-"
        for band, result in subbands(block, bank, axes, (*bands, approximation) if deeper else bands, output):
            if band in bands:
                yield prefix + band, result[inner]
        if deeper:
            block = Block(result, tuple(out.start for out in output), block.period)


def _outputs(wanted: tuple[range, ...], axes: tuple[int, ...], taps: int, levels: int,
             period: tuple[int, ...]) -> list[tuple[range, ...]]:
    """Return, for each level, the positions of each axis to compute it at, which the next level reads."""
    outputs = [wanted] if levels else []
    while len(outputs) < levels:
        outputs.append(tuple(grown(positions, taps, n) if axis in axes else positions
                             for axis, (positions, n) in enumerate(zip(outputs[-1], period, strict=True))))
    return outputs[::-1]


def _is_large_enough(image: sitk.Image, sigma_mm: float) -> bool:
    """Tell whether pyradiomics' ``getLoGImage`` filters an image of this size."""
    return all(n >= _LOG_MINIMUM and n >= math.ceil(sigma_mm / spacing) + 1
               for n, spacing in zip(image.GetSize(), image.GetSpacing(), strict=True))
