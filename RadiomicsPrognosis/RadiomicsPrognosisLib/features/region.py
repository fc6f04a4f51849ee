"""What a feature class sees: an image inside the VOI's box, which voxels count, and their grey levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..catalogue import Direction
from ..progress import Pulse, no_pulse
from ..protocol import Protocol
from ..voi.grid import bounding_box, crop
from .levels import grey_levels
from .matrices.directions import Offset, offsets
from .matrices.lattice import Lattice


@dataclass(frozen=True)
class Surroundings:
    """The whole prepared grid that a region was cut from: ``values``, ``mask`` (the voxels whose intensities count) and
    ``contour`` (the whole contour), all (k, j, i)."""

    values: np.ndarray
    mask: np.ndarray
    contour: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Region:
    """An image inside the box of a VOI.

    ``values`` are the intensities (k, j, i), ``mask`` is boolean of the same shape and holds at least one voxel in each
    outermost plane, ``spacing`` is x, y, z in mm. What is derived from them is computed once, on demand. ``around`` is
    what lies beyond the box, for classes that look there, and the contour that intensity classes do not see. ``pulse``
    is called now and then by what computes for long.
    """

    values: np.ndarray
    mask: np.ndarray
    spacing: tuple[float, float, float]
    protocol: Protocol
    around: Surroundings | None = None
    pulse: Pulse = no_pulse

    @classmethod
    def boxed(cls, values: np.ndarray, mask: np.ndarray, like: Region) -> Region:
        """Return the region of ``mask`` (k, j, i), at least one voxel, of ``values``, cut to its box, as ``like``."""
        start, size = bounding_box(mask)
        return cls(values=crop(values, start, size), mask=crop(mask, start, size), spacing=like.spacing,
                   protocol=like.protocol, pulse=like.pulse)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What lies around the box: the box alone where nothing was handed over."""
        return self.around or Surroundings(self.values, self.mask, self.mask)

    @cached_property
    def inside(self) -> np.ndarray:
        """The intensities (n,) of the mask's voxels, in the order of the array, as float64."""
        intensities: np.ndarray = self.values[self.mask].astype(np.float64)
        return intensities

    @cached_property
    def levels_inside(self) -> np.ndarray:
        """The grey levels (n,) of the mask's voxels, integers from 1, in the order of the array."""
        # Bin edges follow the image's own type: that of a float32 image rounds them as pyradiomics' do.
        return grey_levels(self.values[self.mask], self.protocol)

    @cached_property
    def levels(self) -> np.ndarray:
        """Grey levels (k, j, i) as integers: 1 and higher inside the mask, 0 outside."""
        levels = np.zeros(self.mask.shape, np.int64)
        levels[self.mask] = self.levels_inside
        return levels

    @cached_property
    def lattice(self) -> Lattice:
        """The grey levels laid out for counting neighbours one voxel away."""
        return self._lattice(1)

    def lattice_along(self, direction: Direction | None) -> Lattice:
        """Return the grey levels laid out for counting the neighbours at :meth:`offsets`."""
        return self.lattice if direction is None else self._lattice(direction.offset)

    def offsets(self, direction: Direction | None = None) -> tuple[Offset, ...]:
        """Return the offsets (k, j, i) of the neighbours that the protocol's textures count, or along ``direction``."""
        return offsets(self.mask.shape, self.protocol.force_2d, direction)

    def _lattice(self, margin: int) -> Lattice:
        return Lattice.of(self.mask, self.levels_inside, margin, self.highest_level, self.pulse)

    @property
    def highest_level(self) -> int:
        """The highest grey level of the VOI."""
        return int(self.levels_inside.max())


@dataclass(frozen=True, kw_only=True)
class Slice(Region):
    """One slice of a VOI, its box cut to the slice's voxels, with grey levels as the whole VOI has them.

    ``own_levels`` (n,) are those of the slice's voxels, ``highest_of_all`` is the highest of the whole VOI.
    """

    own_levels: np.ndarray
    highest_of_all: int

    @cached_property
    def levels_inside(self) -> np.ndarray:
        """The grey levels (n,) of the slice's voxels, integers from 1, in the order of the array."""
        return self.own_levels

    @property
    def highest_level(self) -> int:
        """The highest grey level of the whole VOI."""
        return self.highest_of_all

