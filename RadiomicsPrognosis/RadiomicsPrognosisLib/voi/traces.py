"""Traces in the voxels of what was done to an image: copied, empty or interpolated slices, lost levels, compression."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..texts import percent
from ..warning import ResultWarning
from .looks import ContouredImage

#: Share (0 - 1) of neighbouring voxels with the same value: noise leaves 8 % at most in the real cases.
_EQUAL_SHARE = 0.3

#: Two slices of a contour with so many equal voxels are one slice twice.
_COPIED_SHARE = 0.99

#: A slice within this (HU, SD) of the mean of its neighbours was computed from them: 5 at least in the real cases.
_MIDWAY_HU = 1.0

#: Share (0 - 1) of whole numbers that occur between the contour's 10th and 90th percentile, of those whose neighbours
#: (so many numbers together) have so many voxels each that none can be absent by chance; from so many numbers on.
_LEVELS_SHARE, _NEIGHBOURS, _VOXELS_PER_LEVEL, _FEWEST_LEVELS = 0.8, 7, 10.0, 20

#: Correlation of neighbours in a slice: 0.85 at least in the real cases, 0 of pure noise.
_NEIGHBOUR_CORRELATION = 0.3

#: Width in voxels of a block of lossy compression, and how much steeper its edges are than the rest: 1.12 at most in
#: the real cases, and 1.17 at least in 20 of the 22 compressed as JPEG does at its middle quality.
_BLOCK, _BLOCK_RATIO = 8, 1.15

#: Voxels fewer than this say nothing of a slice; slices looked at; sides of a slice in which blocks are looked for.
_FEWEST, _SLICES, _BLOCK_SIDE = 8, 12, 64


def trace_warnings(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield what shows that the image is not as the scanner reconstructed it."""
    empty = [k for k, (values, contour) in enumerate(zip(look.box, look.contour, strict=True))
             if contour.sum() >= _FEWEST and np.ptp(values[contour]) == 0]
    if empty:
        first = look.start[2] + empty[0] + 1
        yield ResultWarning("empty-slices", f"The image is constant on {len(empty)} of the contour's "
                                            f"{len(look.contour)} slices (first: slice {first}): the file is truncated "
                                            "or damaged. Load the series again.")
        return
    slices = look.surroundings[::max(len(look.surroundings) // _SLICES, 1)].astype(np.float32)
    if _correlation(slices) < _NEIGHBOUR_CORRELATION:
        yield ResultWarning("noise", "Neighbouring voxels around the contour have nothing to do with each other: the "
                                     "image is noise, not anatomy. Load the series again.")
        return
    yield from _repeats(look)
    yield from _levels(look)
    if _blocks(slices):
        yield ResultWarning("compression", f"The image shows edges every {_BLOCK} voxels, as lossy compression leaves "
                                           "them; texture depends on it. Load the uncompressed series.")


def _correlation(slices: np.ndarray) -> float:
    """Return the correlation (-1 - 1) of neighbours along a row; 1 where nothing varies."""
    first, second = slices[:, :, 1:].ravel(), slices[:, :, :-1].ravel()
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / norm if norm > 0 else 1.0


def _repeats(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield warnings for slices that repeat, or were computed from, their neighbours."""
    box, contour = look.box, look.contour
    both = contour[1:] & contour[:-1]
    pairs = both.sum(axis=(1, 2))
    equal = ((box[1:] == box[:-1]) & both).sum(axis=(1, 2))
    copied = int(((equal > _COPIED_SHARE * pairs) & (pairs >= _FEWEST)).sum())
    if copied:
        yield ResultWarning("repeated-slices", f"{copied} {'slices' if copied > 1 else 'slice'} inside the contour "
                                               f"{'equal' if copied > 1 else 'equals'} the slice before to the last "
                                               "bit: slices were doubled, or the image was interpolated. Load the "
                                               "original series.")
        return
    aside = contour[:, :, 1:] & contour[:, :, :-1]
    shares = (equal.sum() / max(pairs.sum(), 1),
              ((box[:, :, 1:] == box[:, :, :-1]) & aside).sum() / max(aside.sum(), 1))
    if max(shares) > _EQUAL_SHARE:
        yield ResultWarning("smooth", f"{percent(max(shares))} of neighbouring voxels inside the contour have the same "
                                      "value, which noise does not allow: a projection of several slices (MIP), an "
                                      "enlarged or a synthetic image. Load the original series.")
    elif _midway(look):
        yield ResultWarning("interpolated", "Slices inside the contour are the means of their neighbours: the image "
                                            "was interpolated to thinner slices. Load the original series.")


def _midway(look: ContouredImage) -> bool:
    """Tell whether several slices are the mean of those before and after."""
    values, contour = look.box, look.contour
    computed = 0
    for k in range(1, len(values) - 1):
        inside = contour[k]
        if inside.sum() >= _FEWEST:
            before, own, after = (values[k + step][inside].astype(np.float32) for step in (-1, 0, 1))
            computed += float(np.std(own - (before + after) / 2)) < _MIDWAY_HU and float(np.std(own)) > _MIDWAY_HU
    return computed > 1


def _levels(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield a warning for intensities that are no whole numbers, or only some of them."""
    if not look.whole_numbers:
        yield ResultWarning("fractions", "Intensities inside the contour are not whole numbers, as a scanner's are: "
                                         "the image was resampled, filtered or converted. Load the original series.")
        return
    low, high = (int(bound) for bound in np.percentile(look.inside, (10, 90)))
    values = look.surroundings[(look.surroundings >= low) & (look.surroundings <= high)]
    counts = np.bincount(np.rint(values).astype(int) - low, minlength=_NEIGHBOURS)
    plenty = np.convolve(counts, np.full(_NEIGHBOURS, 1 / _NEIGHBOURS), "same") >= _VOXELS_PER_LEVEL
    if plenty.sum() < _FEWEST_LEVELS:
        return
    share = float((counts[plenty] > 0).mean())
    if share < _LEVELS_SHARE:
        yield ResultWarning("few-levels", f"Only {percent(share)} of the possible intensities occur around the contour"
                                          ": the image was stored with fewer grey levels (8 bits?), and texture is "
                                          "changed. Load the original series.")


def _blocks(slices: np.ndarray) -> bool:
    """Tell whether every eighth step is steeper than the others, along rows and columns alike.

    The median over the steps of a phase leaves out a single long edge, as of a couch.
    """
    if min(slices.shape[1:]) < _BLOCK_SIDE:
        return False
    ratios: list[float] = []
    for axis in (1, 2):
        steps = np.minimum(np.abs(np.diff(slices, axis=axis)), 60).mean(axis=(0, 3 - axis), dtype=np.float64)
        medians = [float(np.median(steps[phase::_BLOCK])) for phase in range(_BLOCK)]
        ratios.append(max(medians) / max(float(np.median(medians)), 1.0))  # below 1 HU nothing was compressed away
    return math.sqrt(math.prod(ratios)) > _BLOCK_RATIO
