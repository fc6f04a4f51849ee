"""Where a slice of the image cuts the contour: what stands beside the contour in a view is placed by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..voi import Voi

_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])

#: Smallest determinant of a matrix from a view's pixels to mm that still tells where a pixel is.
_SINGULAR = 1e-12

#: Share of a voxel by which a slice may miss it: one between two voxels cuts both, not neither by rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class CrossSection:
    """The box around a contour's voxels in one slice, in the view's pixels (x to the right, y upwards).

    ``edge_y`` is the height at which the contour reaches ``right``, its right-hand edge.
    """

    left: float
    right: float
    bottom: float
    top: float
    edge_y: float


@dataclass(frozen=True, eq=False)
class Outline:
    """The voxels at a contour's surface: centres (n, 3) and the steps between voxels (3, 3, one a column), RAS mm."""

    centres: np.ndarray
    steps: np.ndarray

    @classmethod
    def of(cls, voi: Voi) -> Outline:
        """Return the outline of the contour as drawn."""
        # Indices of the flat array first: twice as fast as those of the three axes at once.
        surface = np.unravel_index(np.flatnonzero(_surface(voi.contour)), voi.contour.shape)
        indices = np.stack(surface[::-1], axis=1) + np.array(voi.start)
        return cls(voi.grid.position(indices) * _LPS_TO_RAS, voi.grid.index_to_mm * _LPS_TO_RAS[:, None])

    def cut(self, xy_to_ras: np.ndarray) -> CrossSection | None:
        """Return where a slice cuts the voxels, or None where it misses them.

        ``xy_to_ras`` (4, 4) leads from the view's pixels, with the slice at depth 0, to RAS mm, as a
        vtkMRMLSliceNode's XYToRAS does.
        """
        if abs(np.linalg.det(xy_to_ras[:3, :3])) < _SINGULAR or not len(self.centres):
            return None
        ras_to_xy = np.linalg.inv(xy_to_ras)
        reach = np.abs(ras_to_xy[:3, :3] @ self.steps).sum(axis=1) / 2  # of a voxel about its centre, along x, y, depth
        depth = self.centres @ ras_to_xy[2, :3] + ras_to_xy[2, 3]
        cut = self.centres[np.abs(depth) <= (1 + _ROUNDING) * reach[2]]
        if not len(cut):
            return None
        x, y = (cut @ ras_to_xy[axis, :3] + ras_to_xy[axis, 3] for axis in (0, 1))
        edge = y[x >= x.max() - reach[0]]
        return CrossSection(left=float(x.min() - reach[0]), right=float(x.max() + reach[0]),
                            bottom=float(y.min() - reach[1]), top=float(y.max() + reach[1]),
                            edge_y=float(np.median(edge)))


def _surface(contour: np.ndarray) -> np.ndarray:
    """Return which voxels of a boolean array (k, j, i) have a neighbour face to face outside the contour."""
    core = contour.copy()
    for axis in range(3):
        along, within = np.moveaxis(core, axis, 0), np.moveaxis(contour, axis, 0)
        along[1:] &= within[:-1]
        along[:-1] &= within[1:]
        along[0] = along[-1] = False  # outside the box there is no contour
    surface: np.ndarray = contour & ~core
    return surface
