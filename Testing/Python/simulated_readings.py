"""Contours of simulated readers: a published contour moved by morphological and random edits, repeatable by a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

#: Stands wherever results of such contours are shown.
SIMULATED = "contours simulated by morphological and random edits, not drawn by readers"


@dataclass(frozen=True, kw_only=True)
class Hand:
    """How a simulated reader departs from the published contour.

    The surface is moved outwards by ``offset_mm`` everywhere, and by a smooth random field of standard deviation
    ``sd_mm`` and correlation length ``length_mm``; each end slice is left out with probability ``short``, and with
    probability ``slip`` a ball of ``ball_mm`` at a random place of the surface is added or left out.
    """

    offset_mm: float = 0.0
    sd_mm: float = 1.0
    length_mm: float = 8.0
    short: float = 0.0
    slip: float = 0.0
    ball_mm: float = 12.0


def simulated_contour(mask: sitk.Image, hand: Hand, seed: tuple[int, ...]) -> sitk.Image:
    """Return the contour (0/1, uint8, on ``mask``'s grid) that ``hand`` draws with ``seed``."""
    generator = np.random.default_rng(seed)
    distance = sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(mask > 0, squaredDistance=False,
                                                                   useImageSpacing=True)).astype(float)
    spacing = np.array(mask.GetSpacing()[::-1])
    distance -= hand.offset_mm + hand.sd_mm * _field(generator, distance.shape, hand.length_mm / spacing)
    if generator.random() < hand.slip:
        distance = _slipped(generator, distance, spacing, hand.ball_mm)
    drawn = distance <= 0
    slices = np.flatnonzero(drawn.any(axis=(1, 2)))
    for end in (slices[0], slices[-1]):
        if generator.random() < hand.short and len(slices) > 4:
            drawn[end] = False
    labels, _ = ndimage.label(drawn)
    drawn = labels == 1 + int(np.bincount(labels.ravel())[1:].argmax())
    contour = sitk.GetImageFromArray(ndimage.binary_fill_holes(drawn).astype(np.uint8))
    contour.CopyInformation(mask)
    return contour


def _field(generator: np.random.Generator, shape: tuple[int, ...], length: np.ndarray) -> np.ndarray:
    """Return smooth noise of mean 0 and standard deviation 1; ``length`` is in voxels along each axis."""
    noise = ndimage.gaussian_filter(generator.standard_normal(shape), length / 2)
    field: np.ndarray = (noise - noise.mean()) / noise.std()
    return field


def _slipped(generator: np.random.Generator, distance: np.ndarray, spacing: np.ndarray, radius: float) -> np.ndarray:
    """Return the signed distance with a ball joined to the contour or cut from it."""
    surface = np.argwhere(np.abs(distance) <= spacing.min())
    centre = surface[generator.integers(len(surface))]
    grid = np.indices(distance.shape).reshape(3, -1).T
    ball = np.linalg.norm((grid - centre) * spacing, axis=1).reshape(distance.shape) - radius
    joined: np.ndarray = np.minimum(distance, ball) if generator.random() < 0.5 else np.maximum(distance, -ball)
    return joined
