"""The filtered images of a plan, one at a time: original, wavelet sub-bands, Laplacian of Gaussian.

Values are those of pyradiomics' ``getWaveletImage`` and ``getLoGImage``; only the sub-bands asked for are computed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pywt
import SimpleITK as sitk

from ..catalogue import log_image_type
from ..protocol import Protocol, Wavelet
from .plan import Plan


def filtered_images(image: sitk.Image, protocol: Protocol, plan: Plan) -> Iterator[tuple[str, sitk.Image]]:
    """Yield ``(image type, image)`` for each image type of ``plan``, in the protocol's order."""
    if "original" in plan.work:
        yield "original", image
    if protocol.wavelet:
        yield from _wavelet_images(image, protocol.wavelet, plan)
    for sigma in protocol.log_sigmas_mm:
        if log_image_type(sigma) in plan.work:
            yield log_image_type(sigma), sitk.LaplacianRecursiveGaussian(image, sigma, True)


def _wavelet_images(image: sitk.Image, wavelet: Wavelet, plan: Plan) -> Iterator[tuple[str, sitk.Image]]:
    array = sitk.GetArrayFromImage(image)
    # swt needs even lengths; pyradiomics wraps an odd axis round by one voxel and drops that voxel again.
    padded = np.pad(array, [(0, n % 2) for n in array.shape], "wrap")
    inside = tuple(slice(0, n) for n in array.shape)
    for level in range(1, wavelet.levels + 1):
        wanted = plan.subbands(level)
        deeper = any(plan.subbands(later) for later in range(level + 1, wavelet.levels + 1))
        bands = dict(_subbands(padded, wavelet.name, (*wanted, "LLL") if deeper else wanted))
        prefix = "wavelet-" if level == 1 else f"wavelet{level}-"
        for band in wanted:
            result = sitk.GetImageFromArray(bands[band][inside])
            result.CopyInformation(image)
            yield prefix + band, result
        if not deeper:
            return
        padded = bands["LLL"]


def _subbands(array: np.ndarray, name: str, wanted: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ``(sub-band, coefficients)``: a tree over x, y, z (axes 2, 1, 0) that grows only the branches wanted.

    Letters stand for x, y, z in this order, each L (approximation) or H (detail) of a one-level stationary transform.
    """
    branches = {"": array}
    for depth, axis in enumerate((2, 1, 0), start=1):
        grown = {}
        for prefix, branch in branches.items():
            letters = {band[depth - 1] for band in wanted if band.startswith(prefix)}
            if letters:
                (low, high), = pywt.swt(branch, name, level=1, start_level=0, axis=axis)
                grown.update({prefix + letter: {"L": low, "H": high}[letter] for letter in sorted(letters)})
        branches = grown
    yield from branches.items()
