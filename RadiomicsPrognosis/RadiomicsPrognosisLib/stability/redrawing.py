"""Other contours of the same lesion: grown or shrunk to a volume, or drawn along other supervoxels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import SimpleITK as sitk
from scipy.ndimage import binary_closing, distance_transform_edt, gaussian_filter

from ..errors import EmptyVoi
from .settings import ContourSettings

#: How far the intensities that supervoxels follow reach beyond those in the contour, as a share of their range.
_EXTENDED = 0.1

#: Rounds of SLIC's clustering; Achanta et al., IEEE TPAMI 2012;34:2274, find ten enough for any image.
_ROUNDS = 10


@dataclass(frozen=True, eq=False)
class ContouredBox:
    """A contour and the image around it: ``voxels`` and ``intensities`` (HU), both (k, j, i), of one box.

    ``spacing`` is the box's (x, y, z) in mm.
    """

    voxels: np.ndarray
    intensities: np.ndarray
    spacing: tuple[float, float, float]

    @cached_property
    def distances(self) -> np.ndarray:
        """Distance (mm) of each voxel's centre from the nearest of the other side: above 0 outside, below inside."""
        sampling = self.spacing[::-1]
        distances: np.ndarray = (distance_transform_edt(~self.voxels, sampling)
                                 - distance_transform_edt(self.voxels, sampling))
        return distances

    def resized(self, change: float, generator: np.random.Generator) -> np.ndarray:
        """Return the contour grown or shrunk by ``change`` of its number of voxels, to within half a voxel.

        Voxels are added or removed in the order of their distance (mm) from the contour; those at one distance in
        random order. A contour that fills the box grows no further. Raises EmptyVoi when none would be left.
        """
        count = int(self.voxels.sum())
        wanted = round(count * (1 + change))
        if wanted < 1:
            raise EmptyVoi(f"A change of the volume by {change:+.0%} leaves no voxel.", "after the volume's change")
        outside = wanted > count
        candidates = np.flatnonzero(self.voxels != outside)
        if wanted == count or not candidates.size:
            return self.voxels
        steps = min(abs(wanted - count), candidates.size)
        distances = np.abs(self.distances.ravel()[candidates])
        # All but the last distance are taken whole; the voxels of that one are drawn.
        last = np.partition(distances, steps - 1)[steps - 1]
        near = candidates[distances < last]
        drawn = generator.choice(candidates[distances == last], steps - near.size, replace=False)
        resized = self.voxels.copy()
        resized.ravel()[near] = outside
        resized.ravel()[drawn] = outside
        return resized

    def supervoxels(self, settings: ContourSettings) -> np.ndarray:
        """Return the supervoxels of the box, numbered from 0 (k, j, i), by simple linear iterative clustering (SLIC).

        Intensities are smoothed by the finest spacing and limited to those in the contour, a tenth of their range
        beyond at either end. Distances are mm, whatever the spacing.
        """
        spacing = np.array(self.spacing)
        inside = self.intensities[self.voxels]
        low, high = float(inside.min()), float(inside.max())
        margin = _EXTENDED * max(high - low, 1.0)
        limited = np.clip(self.intensities, low - margin, high + margin).astype(np.float32)
        smooth = gaussian_filter(limited, spacing.min() / spacing[::-1], mode="nearest")
        edge = np.cbrt(settings.supervoxel_mm3)
        slic = sitk.SLICImageFilter()
        # One thread: cluster centres are sums over threads, whose rounding would depend on their number.
        slic.SetNumberOfThreads(1)
        slic.SetNumberOfWorkUnits(1)
        # The image has no spacing of its own here, so that the grid of seeds is what scales its distances.
        slic.SetSuperGridSize([max(1, round(edge / step)) for step in self.spacing])
        slic.SetSpatialProximityWeight(settings.compactness * (high - low + 2 * margin))
        slic.SetMaximumNumberOfIterations(_ROUNDS)
        labels = sitk.GetArrayFromImage(slic.Execute(sitk.GetImageFromArray(smooth)))
        return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)


def randomised(voxels: np.ndarray, supervoxels: np.ndarray, settings: ContourSettings,
               generator: np.random.Generator) -> np.ndarray:
    """Return another contour than ``voxels`` (k, j, i): whole ``supervoxels``, each in or out at random.

    A supervoxel is taken with the probability that is the share of it inside the contour; 1 from ``always``, 0 below
    ``never``, and 1 for the one that is covered most. Gaps of a voxel are closed.
    """
    sizes = np.bincount(supervoxels.ravel())
    chance = np.bincount(supervoxels.ravel(), weights=voxels.ravel()) / sizes
    chance[np.argmax(chance)] = 1.0
    chance[chance >= settings.always] = 1.0
    chance[chance < settings.never] = 0.0
    taken = generator.random(sizes.size) < chance
    # Within a margin, so that closing takes nothing away at the box's own border.
    closed: np.ndarray = binary_closing(np.pad(taken[supervoxels], 1))[1:-1, 1:-1, 1:-1]
    return closed


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Dice coefficient of two boolean arrays of which one at least holds a true voxel."""
    return float(2 * (first & second).sum() / (first.sum() + second.sum()))
