"""Crop and resample image and VOI: pyradiomics' own resampling grid, reached from the smallest part of the image.

pyradiomics resamples from the whole volume. A B-spline's coefficients are a recursive filter's output whose memory
fades by a factor of 0.268 per voxel (Unser, IEEE Signal Processing Magazine 1999), so a margin of some voxels gives the
same values at a fraction of the time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..errors import EmptyVoi, FlatVoi, GeometryMismatch, InvalidImage, SchemaError
from ..protocol import Protocol, Resampling
from ..voi.grid import Grid, Index, between, bounding_box, crop, ijk, xyz
from ..voi.images import array_view, inside
from ..voi.looks import within
from ..voi.voi import Voi, describe_range, thin_axis
from .filters.filtered import filtered_values
from .filters.reach import WHOLE, reach_voxels, wavelet_reach
from .grids.bspline import MARGIN
from .grids.ibsi_grid import on_ibsi_grid, without_outliers
from .grids.interpolation import onto
from .grids.patch_grid import patch_grid
from .grids.placement import Placement, placed_grid, reached
from .grids.resampling import cast_as_itk, linear, nearest, resampled
from .grids.resampling_lattice import ResamplingLattice
from .neighbourhood import Filters, Neighbourhood
from .plan import Plan

#: Voxels of the image beyond the resampled box: the margin of the spline, and the coefficients that a point reads.
_SUPPORT = {"bspline": MARGIN + 4, "linear": 2, "nearest": 2}

#: The same on a placed grid, whose values no other software computes to the last bit: 0.268^12 of 1000 HU is 1e-4 HU.
_PLACED_SUPPORT = {**_SUPPORT, "bspline": 12}

#: Side (mm) of the tiles that a block of the image is made of: a contour moves so far before it needs another block.
_TILE_MM = 10.0

#: The recursive Gaussian fades by exp(-1.7 / sigma) per voxel (Deriche 1993): 24 sigma leave 2e-18, less than the last
#: bit of a double, so that what ITK rounds to single precision between its passes comes out alike.
_LOG_SUPPORT_SIGMAS = 24.0


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What filters and feature classes work on, all on one grid.

    ``image`` (HU) scalar volume; ``mask`` 0/1 UInt8, the voxels intensity features see; ``shape_mask`` 0/1 UInt8, the
    voxels shape features see; ``box`` (start, size) of the mask in (i, j, k). ``voxels`` counts the mask's voxels,
    ``removed_share`` (0 - 1) says how many of the shape mask's are missing from it. ``filters`` is what is kept of this
    image's surroundings to filter it.
    """

    image: sitk.Image
    mask: sitk.Image
    shape_mask: sitk.Image
    box: tuple[Index, Index]
    voxels: int
    removed_share: float
    filters: Filters | None = None

    def filtered(self, protocol: Protocol, plan: Plan, wide: bool = False) -> Iterator[tuple[str, np.ndarray]]:
        """Yield ``(image type, values)`` for each image type of ``plan``: what ``filtered_values`` gives of the image.

        ``values`` (k, j, i) are those inside the mask's box, of the whole image when ``wide``.
        """
        if wide or self.filters is None:
            yield from filtered_values(self.image, protocol, plan, None if wide else self.box)
        else:
            yield from self.filters.values(self.image, protocol, plan, self.box)

    def cut(self, image: sitk.Image) -> sitk.Image:
        """Return the part of ``image`` (on this grid) inside the mask's box."""
        start, size = self.box
        return Grid.of(image).cropped(start, size).image(np.ascontiguousarray(crop(array_view(image), start, size)))


def crop_to_reach(voi: Voi, protocol: Protocol) -> Voi:
    """Return ``voi`` with its image cropped to what extraction under ``protocol`` reads; intensities stay untouched.

    Raises InvalidImage if the cropped image holds a voxel that is not a finite number.
    """
    grid = voi.grid
    start, size = (np.array(corner) for corner in voi.kept_box())
    if protocol.deep is not None:
        low, high = patch_grid(voi, protocol.deep).reach(protocol.deep.interpolator)
        return _cropped(voi, np.minimum(low, start), np.maximum(high, start + size))
    reach = np.array(_reach(voi, protocol))
    low, high = start - reach, start + size + reach
    if protocol.resampling is None and protocol.wavelet:
        # Wavelets wrap around at the border of an axis: one that reaches it needs the whole axis.
        near = wavelet_reach(protocol.wavelet)
        whole = (start < near) | (start + size + near > np.array(grid.size))
        low, high = np.where(whole, 0, low), np.where(whole, grid.size, high)
    return _cropped(voi, low, high)


def crop_to_block(voi: Voi, protocol: Protocol) -> Voi:
    """Return ``voi`` with its image cropped to the tiles, laid from the image's corner, that extraction reads from.

    Contours that differ by a stroke have the same block, of which a :class:`.neighbourhood.Neighbourhood` keeps what is
    made. Raises InvalidImage as :func:`crop_to_reach` does.
    """
    read = crop_to_reach(voi, protocol)
    tile = np.maximum(np.rint(_TILE_MM / np.array(voi.grid.spacing)), 1).astype(int)
    low, size = np.array(read.image_start), np.array(read.image.GetSize())
    start, end = np.array(voi.image_start), np.array(voi.image_start) + np.array(voi.image.GetSize())
    first = np.maximum(low // tile * tile, start)
    return voi.cropped(ijk(first), ijk(np.minimum(-(-(low + size) // tile) * tile, end) - first))


def _cropped(voi: Voi, low: np.ndarray, high: np.ndarray) -> Voi:
    """Return ``voi`` with the image from voxel ``low`` to before ``high`` (3,), as far as there is an image."""
    low = np.maximum(low, np.array(voi.image_start))
    high = np.minimum(high, np.array(voi.image_start) + np.array(voi.image.GetSize()))
    cropped = voi.cropped(ijk(low), ijk(high - low))
    values = array_view(cropped.image)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InvalidImage(f"The image around segment '{voi.name}' holds voxels that are not finite numbers, which "
                           "interpolation and filters would spread into it; repair the image.")
    return cropped


def _reach(voi: Voi, protocol: Protocol) -> list[int]:
    """Return, per axis, how many voxels of the native grid beyond the VOI's box extraction can depend on."""
    pads, own_spacing = _pads(voi, protocol), voi.grid.spacing
    if protocol.resampling is not None:
        return [math.ceil((pad + 2) * wanted / own) + _SUPPORT[protocol.resampling.interpolator]
                for pad, wanted, own in zip(pads, _spacing(voi, protocol.resampling), own_spacing, strict=True)]
    reach = wavelet_reach(protocol.wavelet) if protocol.wavelet else 0
    sigma = max(protocol.log_sigmas_mm, default=0.0)
    return [max(reach, pad, math.ceil(_LOG_SUPPORT_SIGMAS * sigma / spacing))
            for pad, spacing in zip(pads, own_spacing, strict=True)]


def _spacing(voi: Voi, resampling: Resampling) -> tuple[float, float, float]:
    """Return the spacing (x, y, z in mm) to resample to.

    pyradiomics leaves an axis along which the contour is one voxel thick as it is (``imageoperations.resampleImage``).
    """
    own, thin = voi.grid.spacing, [n == 1 and resampling.grid == "corner" for n in voi.kept_box()[1]]
    return xyz(kept if flat else asked
               for asked, kept, flat in zip(resampling.spacing_for(own), own, thin, strict=True))


def _pads(voi: Voi, protocol: Protocol) -> list[int]:
    """Return, per axis, how many voxels of the grid that features are computed on are kept around the VOI."""
    resampling = protocol.resampling
    pad, steps = (0, voi.grid.spacing) if resampling is None else (resampling.pad, _spacing(voi, resampling))
    return [max(pad, reach, math.ceil(protocol.surroundings_mm / step))
            for reach, step in zip(reach_voxels(protocol.filters, steps), steps, strict=True)]


def prepare(voi: Voi, protocol: Protocol, placement: Placement | None = None,
            neighbourhood: Neighbourhood | None = None) -> Prepared:
    """Crop, resample and, for a ``resampled`` HU range, re-segment ``voi``.

    What ``neighbourhood`` keeps of the same image and protocol is used, and it keeps what is made.

    A ``placement`` puts the grid elsewhere, with one interpolation: a protocol that resamples interpolates as it says,
    one that does not, at the native spacing by a cubic B-spline. Raises EmptyVoi or FlatVoi when resampling or the HU
    range leaves too little, GeometryMismatch on a zero-size grid.
    """
    image, shape_mask, filters = _on_grid(voi, protocol, placement, neighbourhood)
    mask, step = shape_mask, "after resampling"
    if protocol.hu_range_on == "resampled":
        kept = within(array_view(image), protocol.hu_range)
        mask = Grid.of(image).image((kept & inside(shape_mask)).astype(np.uint8))
        step = f"after the HU range {describe_range(protocol.hu_range)}"
    if protocol.outlier_sd is not None:
        mask = sitk.And(mask, without_outliers(image, shape_mask, protocol.outlier_sd))
        step += f" and without intensities beyond {protocol.outlier_sd:g} standard deviations"
    voxels = inside(mask)
    _check(voxels, voi.name, protocol, step)
    count, before = int(voxels.sum()), np.count_nonzero(array_view(shape_mask))
    return Prepared(image=image, mask=mask, shape_mask=shape_mask, box=bounding_box(voxels), voxels=count,
                    removed_share=1.0 - count / before, filters=filters)


def crop_for(voi: Voi, protocol: Protocol, placement: Placement) -> Voi:
    """Return ``voi`` with its image cropped to what extraction on the grid so placed reads.

    Raises InvalidImage as :func:`crop_to_reach` does.
    """
    return crop_to_reach(voi, protocol) if placement.is_identity else _reached_by(voi, protocol, placement)[0]


def _on_grid(voi: Voi, protocol: Protocol, placement: Placement | None,
             neighbourhood: Neighbourhood | None) -> tuple[sitk.Image, sitk.Image, Filters | None]:
    """Return image and mask on the grid that features are computed on, and what is kept to filter that image."""
    if placement is not None and not placement.is_identity:
        return *_placed(voi, protocol, placement), None
    kept = neighbourhood if neighbourhood is not None and neighbourhood.takes(voi, protocol) else None
    resampling, pad = protocol.resampling, max(_pads(voi, protocol))
    if resampling is not None and resampling.grid != "centre":
        return _resample(voi, protocol, resampling, pad, kept)
    cropped = crop_to_reach(voi, protocol)
    mask = cropped.mask_image()
    if resampling is not None:
        return *on_ibsi_grid(cropped, mask, resampling, pad), None
    return cropped.image, mask, kept.native(voi, protocol, cropped) if kept else None


def _placed(voi: Voi, protocol: Protocol, placement: Placement) -> tuple[sitk.Image, sitk.Image]:
    """Interpolate image and mask onto the placed grid; beyond the image's border its nearest voxel counts."""
    from .grids.turned_grid import interpolate  # scipy, which the panel that imports this file must not wait for

    cropped, target = _reached_by(voi, protocol, placement)
    mask = onto(cropped.mask_image(), target, "nearest")
    resampling = protocol.resampling
    if resampling is not None and resampling.interpolator != "bspline":
        return onto(cropped.image, target, resampling.interpolator, extend=True), mask
    values = array_view(cropped.image)
    placed = interpolate(values, Grid.of(cropped.image), target)
    if values.dtype.kind in "iu":
        # ITK cuts an interpolated integer off towards 0, as the unplaced image of a protocol that resamples is; one
        # that does not resample has no share in that. Rounding keeps a point that coincides with a voxel at its value.
        placed = np.rint(placed) if resampling is None else placed.round(6)
    return target.image(cast_as_itk(placed, values.dtype)), mask


def _reached_by(voi: Voi, protocol: Protocol, placement: Placement) -> tuple[Voi, Grid]:
    """Return ``voi`` cropped to what interpolation onto the placed grid reads, and that grid."""
    own, resampling = voi.grid.spacing, protocol.resampling
    if resampling is None:
        interpolator, spacing, pad = "bspline", own, np.array(_reach(voi, protocol))
    else:
        interpolator, pad = resampling.interpolator, np.array(_pads(voi, protocol))
        spacing = _spacing(voi, resampling)
    if pad.max() >= WHOLE:
        raise SchemaError(f"Protocol '{protocol.id}' has a filter that reads the whole image, which a grid placed "
                          "under the contour has not; leave out periodic, Simoncelli's and Riesz-transformed filters.")
    target = placed_grid(voi, np.array(spacing), pad, placement)
    low, high = reached(voi.grid, target, _PLACED_SUPPORT[interpolator])
    start, size = (np.array(corner) for corner in voi.kept_box())
    return _cropped(voi, np.minimum(low, start), np.maximum(np.array(high) + 1, start + size)), target


def _check(voxels: np.ndarray, name: str, protocol: Protocol, step: str) -> None:
    count, minimum = int(voxels.sum()), protocol.minimum_voxels
    if count < minimum:
        raise EmptyVoi(f"Segment '{name}' has {count} voxels {step}; texture needs at least {minimum}. "
                       "Enlarge the contour.", step)
    if thin_axis(bounding_box(voxels)[1], protocol):
        needed = "an area" if protocol.in_plane else "a 3-D contour"
        raise FlatVoi(f"Segment '{name}' is one voxel thick {step}; this protocol needs {needed}.")


def _resample(voi: Voi, protocol: Protocol, resampling: Resampling, pad: int,
              kept: Neighbourhood | None) -> tuple[sitk.Image, sitk.Image, Filters | None]:
    """Resample image and mask onto the lattice that pyradiomics computes from the whole image."""
    spacing = _spacing(voi, resampling)
    if np.allclose(voi.grid.spacing, spacing):
        return *_padded(crop_to_reach(voi, protocol), pad), None
    start, size = (np.array(corner, float) for corner in voi.kept_box())
    lattice = ResamplingLattice(voi.grid, spacing)
    first, last = lattice.box(start, size, pad)
    if any(a > b for a, b in zip(first, last, strict=True)):
        raise GeometryMismatch(f"Segment '{voi.name}' gives an empty resampling grid; check the image's spacing.")
    filters = None
    if kept is not None and resampling.interpolator == "bspline":
        image, filters = kept.resample(voi, protocol, lattice, first, last)
    else:
        image = _interpolated_on(lattice, first, last, crop_to_reach(voi, protocol), resampling.interpolator)
    target = lattice.grid_of(first, last)
    mask = target.image(nearest(voi.kept.astype(np.uint8), voi.start, voi.grid, target))
    return image, mask, filters


def _interpolated_on(lattice: ResamplingLattice, first: Index, last: Index, voi: Voi, interpolator: str) -> sitk.Image:
    """Return the image of ``voi`` on the points ``first`` to ``last`` of ``lattice``."""
    values = array_view(voi.image)
    if interpolator == "bspline":
        target, points = resampled(values, voi.image_start, lattice, first, last).cut(first, last)
        return target.image(points)
    target = lattice.grid_of(first, last)
    interpolate = nearest if interpolator == "nearest" else linear
    return target.image(interpolate(values, voi.image_start, voi.grid, target))


def _padded(voi: Voi, pad: int) -> tuple[sitk.Image, sitk.Image]:
    """Return image and mask cut to the VOI's box and ``pad`` voxels around it: the spacing is already as asked."""
    start, size = (np.array(corner) for corner in voi.kept_box())
    low = ijk(np.maximum(start - pad, 0))
    high = ijk(np.minimum(start + size + pad, np.array(voi.grid.size)))
    region = between(low, high), between(voi.image_start, low)
    return sitk.RegionOfInterest(voi.image, *region), sitk.RegionOfInterest(voi.mask_image(), *region)
