"""Where the pixels of a network's patch lie: straight along the image's axes, laid out as a reader sees an axial CT.

Indices are (i, j, k) of SimpleITK; arrays of voxels are (k, j, i); a patch is (slices, rows, columns). Whatever way a
file stores its axes, a patch's columns run to the patient's left, its rows to the back and its slices to the head (LPS;
of a coronal or sagittal series rows run to the feet, columns to the left or to the back).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from ...errors import InvalidImage
from ...protocol import Deep
from ...voi.grid import Grid, Index, ijk
from ...voi.voi import Voi
from .bspline import MARGIN

#: A patch of more points than this is refused: 512 MB of double precision.
_MOST_POINTS = 1 << 26

#: Voxels around a point that interpolation reads, and those that the spline's coefficients depend on.
_SUPPORT = {"bspline": MARGIN + 4, "linear": 2, "nearest": 2}


@dataclass(frozen=True)
class PatchGrid:
    """The points of a patch: rising voxel ``indices`` along i, j and k, each (n,), which may lie outside the image.

    ``axes`` are the image's axes (0 = i) of the patch's slices, rows and columns; ``flipped`` says of each whether it
    runs against the image's.
    """

    indices: tuple[np.ndarray, np.ndarray, np.ndarray]
    axes: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]

    def on_voxels(self, axis: int) -> bool:
        """Tell whether all points lie on the centres of voxels along ``axis`` (0 = i)."""
        return bool((self.indices[axis] % 1 == 0).all())

    def reach(self, interpolator: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the first voxel (3,) as i, j, k that the patch depends on, and that after the last."""
        full = _SUPPORT[interpolator]
        through = 0 if self.on_voxels(2) else full
        within = full if through or not (self.on_voxels(0) and self.on_voxels(1)) else 0
        support = within, within, through
        return (np.array([math.floor(at[0]) - n for at, n in zip(self.indices, support, strict=True)]),
                np.array([math.ceil(at[-1]) + n + 1 for at, n in zip(self.indices, support, strict=True)]))

    def laid_out(self, points: np.ndarray) -> np.ndarray:
        """Return the array (k, j, i) of a value for each point as the patch (slices, rows, columns)."""
        turned = points.transpose([2 - axis for axis in self.axes])
        return np.ascontiguousarray(np.flip(turned, tuple(n for n, flip in enumerate(self.flipped) if flip)))


def patch_grid(voi: Voi, deep: Deep) -> PatchGrid:
    """Return the points of the patch around the kept voxels of ``voi``. Raises InvalidImage for far too many."""
    axes, flipped = _layout(voi.grid)
    against = dict(zip(axes, flipped, strict=True))
    steps = _steps(voi, deep)
    counts = _counts(voi, deep, steps)
    if math.prod(counts) > _MOST_POINTS:
        raise InvalidImage(f"Segment '{voi.name}' gives the network a patch of {' x '.join(map(str, counts))} pixels; "
                           "give the protocol's deep.size, or a coarser deep.spacing_mm.")
    start, size = voi.kept_box()
    i, j, k = (_points(start[axis] + (size[axis] - 1) / 2, counts[axis], steps[axis], against[axis])
               for axis in range(3))
    return PatchGrid((i, j, k), axes, flipped)


def _points(centre: float, count: int, step: float, against: bool) -> np.ndarray:
    """Return ``count`` voxel indices, ``step`` apart, about ``centre``.

    Voxels that are kept are taken whole: half a voxel goes to that side which the patch has first, ``against`` the
    image's axis or along it.
    """
    first = centre - step * (count - 1) / 2
    if step == 1.0:
        first = float(math.ceil(first) if against else math.floor(first))
    points: np.ndarray = first + step * np.arange(count)
    return points


def _layout(grid: Grid) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """Return the image's axes of slices, rows and columns, and whether each runs against the image's."""
    direction = np.array(grid.direction).reshape(3, 3)
    # Each axis of the image is given the patient's axis (0 left, 1 back, 2 head) that it is nearest to.
    nearest = max(permutations(range(3)),
                  key=lambda order: round(sum(abs(direction[order[axis], axis]) for axis in range(3)), 6))
    columns, rows = sorted((0, 1), key=lambda axis: nearest[axis])
    axes = 2, rows, columns
    towards = [direction[nearest[axis], axis] > 0 for axis in axes]
    downwards = nearest[rows] == 2
    return axes, (not towards[0], towards[1] if downwards else not towards[1], not towards[2])


def _steps(voi: Voi, deep: Deep) -> tuple[float, float, float]:
    """Return the distance of neighbouring points along i, j and k, in voxels of the image."""
    own = np.array(voi.grid.spacing)
    wanted = np.array(deep.spacing_mm)
    # As pyradiomics' resampling, an axis that has the spacing asked for keeps its voxels.
    steps = np.where((wanted == 0) | np.isclose(wanted, own), 1.0, wanted / own)
    if deep.spread:
        patch_axes = slice(0, 2 if deep.in_plane else 3)
        side = (np.array(voi.kept_box()[1]) * own)[patch_axes].max() + 2 * deep.margin_mm
        steps[patch_axes] = side / deep.size / own[patch_axes]
    x, y, z = steps.tolist()
    return x, y, z


def _counts(voi: Voi, deep: Deep, steps: tuple[float, float, float]) -> Index:
    """Return the number of points along i, j and k."""
    if deep.size:
        counts = [deep.size] * 3
    else:
        own, size = voi.grid.spacing, voi.kept_box()[1]
        counts = [_count(size[axis], deep.margin_mm / own[axis], steps[axis]) for axis in range(3)]
    if deep.in_plane:
        counts[2] = deep.channels if deep.slices == "2.5d" else 1
    return ijk(counts)


def _count(voxels: int, margin: float, step: float) -> int:
    """Return the points ``step`` apart that cover so many voxels and a ``margin`` (in voxels) on both sides."""
    if step == 1.0:
        return voxels + 2 * math.ceil(margin - 1e-6)
    return max(1, math.ceil((voxels + 2 * margin) / step - 1e-6))
