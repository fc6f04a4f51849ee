"""What resampling and filters made of the surroundings of a VOI, kept while its contour is edited.

An edit moves the contour and leaves the image as it is. A resampled value does not depend on the box it was computed
for, nor does a wavelet's that its filter can compute without reaching the border of the image it filters; both are
taken from a somewhat larger box, computed once, and equal what is computed for the contour alone to the last bit.
Where that does not hold (a filter that reaches the border, a Laplacian of Gaussian, whose memory has no end), nothing
is kept and the filter runs as pyradiomics runs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..protocol import Protocol
from ..voi.grid import Index, between, crop, ijk
from ..voi.images import array_view
from ..voi.voi import Voi
from .filters.filtered import filtered_values
from .filters.reach import wavelet_reach
from .grids.resampling import Resampled, points_within, resampled
from .grids.resampling_lattice import ResamplingLattice
from .plan import Plan

#: Points of the lattice around those asked for that are resampled along with them: strokes seldom reach further.
_SLACK = 8

#: The most that filtered images may take (bytes): eight sub-bands of 4 million voxels.
_MOST_BYTES = 1 << 28


class KeptFilters:
    """An image around a VOI and the wavelet sub-bands made of it so far, under one protocol.

    Parameters
    ----------
    image: scalar volume, on the grid that features are computed on.
    protocol: says which wavelet.
    """

    def __init__(self, image: sitk.Image, protocol: Protocol):
        self.image, self._protocol = image, protocol
        self._bands: dict[str, np.ndarray] = {}

    def subbands(self, plan: Plan, start: Index, size: Index, box: tuple[Index, Index]) -> dict[str, np.ndarray]:
        """Return the sub-bands of ``plan`` inside ``box``, (k, j, i) by image type, the finest first: all, or none.

        The image to filter is that of ``size`` voxels from ``start``, of which ``box`` (start, size) is a part.
        """
        names = sorted((name for name in plan.work if name.startswith("wavelet")), key=lambda name: name.split("-")[0])
        wanted = {name: plan.work[name] for name in names}
        reach = self._reach()
        if not wanted or not _keeps_clear(box, size, reach) or not self._make(Plan(wanted), reach):
            return {}
        first = between(reach, ijk(a + b for a, b in zip(start, box[0], strict=True)))
        return {name: crop(self._bands[name], first, box[1]) for name in wanted}

    def _reach(self) -> Index:
        """Return how many voxels along i, j, k a sub-band's value depends on to either side."""
        reach = wavelet_reach(self._protocol.wavelet) if self._protocol.wavelet else 0
        return reach, reach, 0 if self._protocol.force_2d else reach

    def _make(self, plan: Plan, reach: Index) -> bool:
        """Make the sub-bands of ``plan`` that are not at hand; return whether all are."""
        missing = Plan({name: work for name, work in plan.work.items() if name not in self._bands})
        size = ijk(n - 2 * r for n, r in zip(self.image.GetSize(), reach, strict=True))
        count = len(missing.work) + len(self._bands)
        if count * np.prod(size, dtype=float) * np.dtype(np.float64).itemsize > _MOST_BYTES:
            return False
        if missing.work:
            self._bands.update((name, np.ascontiguousarray(values)) for name, values
                               in filtered_values(self.image, self._protocol, missing, (reach, size)))
        return True


def _keeps_clear(box: tuple[Index, Index], size: Index, reach: Index) -> bool:
    """Tell whether a box of an image of ``size`` lies ``reach`` voxels or more from its borders."""
    return all(start >= r and start + n + r <= whole for start, n, whole, r in zip(*box, size, reach, strict=True))


@dataclass(frozen=True)
class Filters:
    """How an image of ``size`` voxels, which lies at ``start`` of what is kept around it, is filtered."""

    kept: KeptFilters
    start: Index
    size: Index

    def values(self, image: sitk.Image, protocol: Protocol, plan: Plan,
               box: tuple[Index, Index]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield what ``filtered_values`` yields for ``image``, sub-bands at hand being taken as they are."""
        bands = self.kept.subbands(plan, self.start, self.size, box)
        others = {name: work for name, work in plan.work.items() if name not in bands}
        original = {name: others.pop(name) for name in ("original",) if name in others}
        yield from filtered_values(image, protocol, Plan(original), box)
        yield from bands.items()
        yield from filtered_values(image, protocol, Plan(others), box)


class Neighbourhood:
    """The surroundings of the VOI looked at last, of one image under one protocol.

    The image is recognised by identity: whoever changes its voxels makes another. With another image, another protocol
    or a contour that leaves the surroundings, those kept are let go of.
    """

    def __init__(self) -> None:
        self._image: sitk.Image | None = None
        self._hash = ""
        self._usable = False
        self._points: Resampled | None = None
        self._filters: KeptFilters | None = None

    def takes(self, voi: Voi, protocol: Protocol) -> bool:
        """Make the image of ``voi`` the one that is kept; return whether anything can be kept of it.

        Not of one with a voxel that is not a finite number, which recursive filters would spread.
        """
        if voi.image is not self._image or protocol.hash != self._hash:
            self._image, self._hash, self._points, self._filters = voi.image, protocol.hash, None, None
            values = array_view(voi.image)
            self._usable = values.dtype.kind != "f" or bool(np.isfinite(values).all())
        return self._usable

    def resample(self, voi: Voi, protocol: Protocol, lattice: ResamplingLattice, first: Index,
                 last: Index) -> tuple[sitk.Image, Filters | None]:
        """Return the image on the points ``first`` to ``last`` (i, j, k) of ``lattice``, and what is kept to filter it.

        For an image that :meth:`takes` took, and that reaches as far as extraction reads.
        """
        points, kept = self._points, self._filters
        if points is None or kept is None or points.lattice != lattice or not points.holds(first, last):
            points = self._points = _around(voi, lattice, first, last)
            grid, values = points.cut(points.first, points.last)
            kept = self._filters = KeptFilters(grid.image(values), protocol)
        target, values = points.cut(first, last)
        start = between(points.first, first)
        # A value that ITK's last bit decides may come out differently for another box: what was filtered has it then.
        same = np.array_equal(crop(array_view(kept.image), start, target.size), values)
        return target.image(values), Filters(kept, start, target.size) if same else None

    def native(self, voi: Voi, protocol: Protocol, cropped: Voi) -> Filters:
        """Return what is kept to filter ``cropped``, the part of ``voi`` that extraction reads, without resampling."""
        if self._filters is None:
            self._filters = KeptFilters(voi.image, protocol)
        return Filters(self._filters, between(voi.image_start, cropped.image_start), ijk(cropped.image.GetSize()))


def _around(voi: Voi, lattice: ResamplingLattice, first: Index, last: Index) -> Resampled:
    """Resample the image of ``voi`` onto the points ``first`` to ``last`` and some around them that it reaches."""
    low, high = points_within(lattice, voi.image_start, ijk(voi.image.GetSize()))
    return resampled(array_view(voi.image), voi.image_start, lattice,
                     ijk(min(point, max(point - _SLACK, limit)) for point, limit in zip(first, low, strict=True)),
                     ijk(max(point, min(point + _SLACK, limit)) for point, limit in zip(last, high, strict=True)))
