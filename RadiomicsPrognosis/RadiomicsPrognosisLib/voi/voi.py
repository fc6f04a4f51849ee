"""The volume of interest: the contour's voxels within the HU range, checked, counted, with warnings."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import SimpleITK as sitk

from ..errors import EmptyVoi, FlatVoi, InvalidImage
from ..protocol import Protocol
from ..series.acquisition import Acquisition, file_acquisition
from ..series.identity import NOBODY, Identity
from ..series.voxels import AcquiredImage
from ..warning import ResultWarning
from .grid import Grid, Index, PlacedMask, between, bounding_box, crop, ijk, place, same_place, voxel_box
from .images import array_view, check_scalar
from .looks import ContouredImage, within
from .plausibility import plausibility_warnings, removed_warning


@dataclass(frozen=True, kw_only=True)
class VoiStatistics:
    """Counts of a VOI: voxels contoured, voxels kept by the HU range, their volume in mm3, and mean HU of the kept.

    ``spacing_mm`` (x, y, z) is the image's; ``moved_voxels`` counts the contour's voxels that resampling to the image's
    grid took from another place than their centre; ``removed_share`` (0 - 1) of the contoured voxels, in the largest
    slice where the protocol keeps no other, the native HU range removed.
    """

    contoured_voxels: int
    kept_voxels: int
    kept_volume_mm3: float
    spacing_mm: tuple[float, float, float]
    mean_hu: float
    moved_voxels: int
    removed_share: float


@dataclass(frozen=True, kw_only=True)
class Voi:
    """A checked VOI called ``name``, with what a reader should know of it in ``warnings``.

    ``image`` (HU) covers the box from ``image_start`` of ``grid``, the grid of the whole image; ``contour`` (as drawn)
    and ``kept`` (within the native HU range and, where the protocol asks for it, the largest slice) are boolean
    (k, j, i) arrays of the box from ``start`` of ``grid``.
    ``acquisition`` is what is stated of how the image was acquired, ``identity`` whose it is.
    """

    image: sitk.Image
    grid: Grid
    image_start: Index
    contour: np.ndarray
    kept: np.ndarray
    start: Index
    name: str
    statistics: VoiStatistics
    acquisition: Acquisition
    identity: Identity = NOBODY
    warnings: tuple[ResultWarning, ...] = ()

    def kept_box(self) -> tuple[Index, Index]:
        """Return (start, size), each (i, j, k) on the whole image's grid, of the box around the kept voxels."""
        start, size = bounding_box(self.kept)
        return ijk(a + b for a, b in zip(self.start, start, strict=True)), size

    @property
    def slice_voxels(self) -> int | None:
        """The contour's voxels in the one slice kept of several, None where all slices are or there is but one."""
        kept = np.flatnonzero(self.kept.any(axis=(1, 2)))
        slices = self.contour.any(axis=(1, 2))
        return int(self.contour[kept[0]].sum()) if len(kept) == 1 and slices.sum() > 1 else None

    def cropped(self, start: Index, size: Index) -> Voi:
        """Return the same VOI holding only the image's box of ``size`` from ``start`` (on the whole image's grid)."""
        image = sitk.RegionOfInterest(self.image, size, between(self.image_start, start))
        return replace(self, image=image, image_start=start)

    def mask_image(self) -> sitk.Image:
        """Return the kept voxels as a 0/1 image on the grid of ``image``."""
        array = np.zeros(self.image.GetSize()[::-1], np.uint8)
        # The image may cover less than the contour's box, though never less than that of the kept voxels.
        start, size = self.kept_box()
        crop(array, between(self.image_start, start), size)[:] = crop(self.kept, between(self.start, start), size)
        mask = sitk.GetImageFromArray(array)
        mask.CopyInformation(self.image)
        return mask

    def content_hash(self) -> str:
        """SHA-256 of grid, box, contour and the intensities inside the box: what the contour is drawn on, and where.

        It survives saving and loading: positions count to a thousandth of a millimetre, not how a number is stored.
        """
        grid = self.grid
        facts = (grid.size, _steps(grid.spacing, 1e-5), _steps(grid.origin, 1e-3), _steps(grid.direction, 1e-5),
                 self.start, self.contour.shape)
        digest = hashlib.sha256(repr(facts).encode())
        digest.update(np.packbits(self.contour).tobytes())
        digest.update(np.ascontiguousarray(_intensities(self), dtype="<f8").tobytes())
        return digest.hexdigest()


def make_voi(image: sitk.Image | AcquiredImage, mask: sitk.Image, protocol: Protocol, name: str = "VOI") -> Voi:
    """Place ``mask`` (non-zero voxels) on the grid of ``image`` (HU), apply the protocol's native HU range, and check.

    Of an image alone nothing is known but the size of its voxels; an acquired one brings its acquisition and identity
    into the VOI. ``name`` is the contour's in errors and reports. A range the protocol applies to the resampled mask is
    left to feature extraction: ``kept`` is the whole contour then.

    Raises EmptyVoi, FlatVoi, GeometryMismatch or InvalidImage, each saying which step broke the VOI.
    """
    acquired = image if isinstance(image, AcquiredImage) else AcquiredImage.of(check_scalar(image, name))
    image = check_scalar(acquired.image, name)
    grid = Grid.of(image)
    placed = place(mask, grid, f"Segment '{name}'")
    intensities = crop(array_view(image), placed.start, placed.voxels.shape[::-1])
    inside = intensities[placed.voxels]
    if not np.isfinite(inside).all():
        count = int((~np.isfinite(inside)).sum())
        raise InvalidImage(f"Segment '{name}' covers {count} voxels whose intensity is not a finite number; "
                           "leave them out or repair the image.")
    voi = _limited(image, grid, (0, 0, 0), placed.voxels, placed.start, protocol, name, placed.moved)
    return replace(voi, acquisition=acquired.acquisition, identity=acquired.identity,
                   warnings=(*acquired.warnings, *_warnings(voi, placed, mask, protocol)))


def identity_of_vois(vois: Mapping[str, Voi]) -> Identity:
    """Return whose images these are (by input name), as the first that states it says; NOBODY where none does."""
    return next((voi.identity for voi in vois.values() if voi.identity != NOBODY), NOBODY)


def redrawn(voi: Voi, contour: np.ndarray, start: Index, protocol: Protocol) -> Voi:
    """Return ``voi`` with another ``contour``: a boolean (k, j, i) array of the box from ``start`` (i, j, k).

    The protocol's native HU range is applied to it; warnings stay those of ``voi``. Raises EmptyVoi or FlatVoi as
    :func:`make_voi` does.
    """
    box = voxel_box(contour)
    if box is None:
        raise EmptyVoi(f"Segment '{voi.name}' is empty: it has no voxel; draw the contour first.", "contour")
    first = ijk(a + b for a, b in zip(start, box[0], strict=True))
    changed = _limited(voi.image, voi.grid, voi.image_start, np.ascontiguousarray(crop(contour, *box)), first, protocol,
                       voi.name, voi.statistics.moved_voxels)
    return replace(changed, acquisition=voi.acquisition, identity=voi.identity, warnings=voi.warnings)


def _limited(image: sitk.Image, grid: Grid, image_start: Index, contour: np.ndarray, start: Index, protocol: Protocol,
             name: str, moved: int) -> Voi:
    """Return the VOI of a contour with the protocol's native HU range applied, checked and counted."""
    intensities = crop(array_view(image), between(image_start, start), contour.shape[::-1])
    contoured = int(contour.sum())
    _check_enough(contour, contoured, protocol, name, "as drawn")
    kept = considered = largest_slice(contour) if protocol.slice == "largest" else contour
    if protocol.slice == "largest":
        _check_enough(kept, contoured, protocol, name, "in its largest slice")
    if protocol.hu_range_on == "native":
        kept = considered & within(intensities, protocol.hu_range)
        _check_enough(kept, contoured, protocol, name, f"after the HU range {describe_range(protocol.hu_range)}")
    statistics = VoiStatistics(
        contoured_voxels=contoured,
        kept_voxels=int(kept.sum()),
        kept_volume_mm3=float(kept.sum() * grid.voxel_volume_mm3),
        spacing_mm=grid.spacing,
        mean_hu=float(intensities[kept].mean(dtype=np.float64)),
        moved_voxels=moved,
        removed_share=1.0 - int(kept.sum()) / int(considered.sum()),
    )
    return Voi(image=image, grid=grid, image_start=image_start, contour=contour, kept=kept, start=start, name=name,
               statistics=statistics, acquisition=file_acquisition(grid.spacing))


def largest_slice(contour: np.ndarray) -> np.ndarray:
    """Return ``contour`` (k, j, i) with nothing left but the slice of most voxels, of equal ones the first."""
    only = np.zeros_like(contour)
    largest = int(np.count_nonzero(contour, axis=(1, 2)).argmax())
    only[largest] = contour[largest]
    return only


def thin_axis(size: Index, protocol: Protocol) -> str:
    """Return the image axis (i, j or k) on which a box of ``size`` is too thin for ``protocol``, or an empty text.

    One voxel is too thin; across the slices it is enough where the protocol asks for no more (pyradiomics'
    ``minimumROIDimensions`` is 2, too).
    """
    axes = zip("ij" if protocol.in_plane else "ijk", size, strict=False)
    return next((axis for axis, count in axes if count < 2), "")


def describe_range(hu_range: tuple[float | None, float | None]) -> str:
    """Return a HU range in words, e.g. 'from -50 HU' or '-50 to 200 HU'."""
    low, high = hu_range
    if low is None and high is None:
        return "without limits"
    if high is None:
        return f"from {low:g} HU"
    return f"up to {high:g} HU" if low is None else f"{low:g} to {high:g} HU"


def _check_enough(voxels: np.ndarray, contoured: int, protocol: Protocol, name: str, step: str) -> None:
    count = int(voxels.sum())
    if count == 0:
        raise EmptyVoi(f"Segment '{name}' is empty {step}: all {contoured} contoured voxels were removed; "
                       "check the contour and that the image is in HU.", step)
    if count < protocol.minimum_voxels:
        raise EmptyVoi(f"Segment '{name}' has {count} voxels {step}; texture needs at least {protocol.minimum_voxels}. "
                       "Enlarge the contour.", step)
    _, size = bounding_box(voxels)
    axis = thin_axis(size, protocol)
    if axis:
        needed = "an area: draw it wider" if protocol.in_plane else "a 3-D contour: draw on at least two slices"
        raise FlatVoi(f"Segment '{name}' is one voxel thick along image axis {axis} {step} (box {size[0]} x {size[1]} "
                      f"x {size[2]} voxels); this protocol needs {needed}.")


def _warnings(voi: Voi, placed: PlacedMask, mask: sitk.Image, protocol: Protocol) -> tuple[ResultWarning, ...]:
    """Return what a reader should know of the VOI: of the contour on the image, the HU range, and the mask's grid."""
    look = ContouredImage(image=array_view(voi.image), grid=voi.grid, contour=voi.contour, start=voi.start,
                          hu_range=protocol.hu_range)
    warnings = [*plausibility_warnings(look),
                *removed_warning(voi.statistics.removed_share, describe_range(protocol.hu_range))]
    if placed.resampled:
        moved, all_voxels = voi.statistics.moved_voxels, voi.statistics.contoured_voxels
        warnings.append(ResultWarning("resampled", "The contour came in another grid than the image: "
                                                   f"{moved} of {all_voxels} voxels moved in resampling."))
    if mask.GetSize() == voi.grid.size and not same_place(Grid.of(mask), voi.grid):
        warnings.append(ResultWarning("elsewhere", "The mask has as many voxels as the image on every axis, and says "
                                                   "that it lies elsewhere: one of the two headers is probably wrong. "
                                                   "Check the contour on the image."))
    return tuple(warnings)


def _intensities(voi: Voi) -> np.ndarray:
    return crop(array_view(voi.image), between(voi.image_start, voi.start), voi.contour.shape[::-1])


def _steps(values: tuple[float, ...], step: float) -> tuple[int, ...]:
    """Return which step each value falls into; the steps' ends lie where no decimal or binary fraction does."""
    return tuple(math.floor(value / step + 1 / math.pi) for value in values)
