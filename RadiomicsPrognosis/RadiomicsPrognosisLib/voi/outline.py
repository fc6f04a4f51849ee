"""Whether a contour is shaped and placed as someone who draws a lesion shapes and places it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk

from ..warning import ResultWarning
from .looks import ContouredImage, within

#: Voxel sides (mm) of a CT of a body: below, pixels of a field of view of 8 cm; above, thicker than any series is made.
_IN_PLANE_MM, _SLICE_MM = (0.15, 3.0), (0.2, 15.0)

#: Runs of voxels per row or column that a slice's contour crosses: 1.2 at most in the real cases, 1 of a convex one.
_RUNS = 1.5

#: Slices with a contour that leave an inner one.
_FEWEST_DRAWN = 3

#: Slices without contour in a single gap that look forgotten.
_SHORT_GAP = 2

#: Share (0 - 1) of slices with exactly the contour of the slice before: 0.04 at most in the real cases.
_SAME_OUTLINES, _FEWEST_SLICES = 0.5, 4

#: Share (0 - 1) of a contour inside the sphere of its centre and volume: 0.86 at most in the real cases.
_SPHERE_SHARE, _SPHERE_VOXELS = 0.95, 100


def outline_warnings(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield what speaks against the grid, the contour's place in the image, and its shape."""
    yield from _grid(look)
    yield from _border(look)
    components = _components(look.contour)
    yield from _slices(look)
    if components > 1:
        yield ResultWarning("components", f"The contour consists of {components} separate parts; the models were made "
                                          "on one lesion per VOI.")
    if _is_porous(look.contour) and (look.hu_range == (None, None) or _is_porous(_with_excluded(look))):
        yield ResultWarning("porous", "The contour is hollow or full of holes, as a threshold leaves it, and features "
                                      "see its edges as texture. Fill and smooth it (Segment Editor: Smoothing, "
                                      "closing).")
    elif components == 1:
        yield from _placeholder(look)


def _grid(look: ContouredImage) -> Iterator[ResultWarning]:
    i, j, k = look.grid.spacing
    if not (_IN_PLANE_MM[0] <= min(i, j) and max(i, j) <= _IN_PLANE_MM[1] and _SLICE_MM[0] <= k <= _SLICE_MM[1]):
        yield ResultWarning("voxel-size", f"Voxels of {i:.3g} x {j:.3g} x {k:.3g} mm are not those of a body's CT: "
                                          "spacing may have been given in another unit. Load the original series.")
    if look.grid.spacing == (1.0, 1.0, 1.0) and look.grid.origin == (0.0, 0.0, 0.0):
        yield ResultWarning("no-geometry", "The image says that its voxels are 1 x 1 x 1 mm and start at 0, 0, 0, as "
                                           "files without geometry do: volume and shape may be wrong. Load the "
                                           "original series.")


def _border(look: ContouredImage) -> Iterator[ResultWarning]:
    ends = [start + n for start, n in zip(look.start, look.contour.shape[::-1], strict=True)]
    if min(look.start) == 0 or any(end == n for end, n in zip(ends, look.grid.size, strict=True)):
        yield ResultWarning("border", "The contour touches the image border: part of the tumour may lie outside.")


def _components(contour: np.ndarray) -> int:
    """Return how many components (26 neighbours) the contour has."""
    labelled = sitk.ConnectedComponent(sitk.GetImageFromArray(contour.astype(np.uint8)), True)
    return int(sitk.GetArrayViewFromImage(labelled).max())


def _slices(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield warnings for slices without contour, and for too few with one."""
    drawn = np.asarray(look.contour.any(axis=(1, 2)))
    empty = int((~drawn).sum())
    gaps = int((drawn[1:] & ~drawn[:-1]).sum())
    if gaps > 1 or 0 < empty <= _SHORT_GAP:  # a long gap is between two lesions, which count as components
        yield ResultWarning("gaps", f"{empty} of the {drawn.size} slices between the contour's first and last hold no "
                                    "contour: fill them (Segment Editor: Fill between slices), or leave out what does "
                                    "not belong to the lesion.")
    if drawn.sum() < _FEWEST_DRAWN:
        yield ResultWarning("thin", f"The contour is drawn on {int(drawn.sum())} slices alone, of which texture in 3-D "
                                    "says little. Draw it on every slice that shows the lesion.")


def _is_porous(contour: np.ndarray) -> bool:
    return max(_runs(contour, 1), _runs(contour, 2)) > _RUNS


def _with_excluded(look: ContouredImage) -> np.ndarray:
    """Return the contour (k, j, i) with those of its holes filled that the HU range excludes anyhow."""
    between = np.ones(look.contour.shape, bool)
    for axis in (1, 2):
        before = np.logical_or.accumulate(look.contour, axis=axis)
        after = np.flip(np.logical_or.accumulate(np.flip(look.contour, axis), axis=axis), axis)
        between &= before & after
    filled: np.ndarray = look.contour | (between & ~within(look.box, look.hu_range))
    return filled


def _runs(contour: np.ndarray, axis: int) -> float:
    """Return the mean number of runs of contoured voxels along ``axis``, of the lines that have one."""
    lines = np.moveaxis(contour, axis, -1)
    starts = int((lines[..., 1:] > lines[..., :-1]).sum()) + int(lines[..., 0].sum())
    return starts / max(int(lines.any(axis=-1).sum()), 1)


def _placeholder(look: ContouredImage) -> Iterator[ResultWarning]:
    """Yield a warning for a contour that copies one outline from slice to slice, or is a sphere."""
    contour = look.contour
    same = (contour[1:] == contour[:-1]).all(axis=(1, 2))
    copied = len(contour) >= _FEWEST_SLICES and float(same.mean()) > _SAME_OUTLINES
    if copied or _in_sphere(look) > _SPHERE_SHARE:
        shape = "the same outline on most of its slices" if copied else "a sphere"
        yield ResultWarning("placeholder", f"The contour is {shape}, which no lesion is: it looks like a placeholder. "
                                           "Draw the lesion's edge.")


def _in_sphere(look: ContouredImage) -> float:
    """Return the share (0 - 1) of the contour that lies in the sphere of its centre and volume."""
    indices = np.argwhere(look.contour)[:, ::-1]
    if len(indices) < _SPHERE_VOXELS:
        return 0.0
    positions = indices * np.array(look.grid.spacing)
    squares = ((positions - positions.mean(axis=0)) ** 2).sum(axis=1)
    radius = (3 * len(indices) * look.grid.voxel_volume_mm3 / (4 * np.pi)) ** (1 / 3)
    return float((squares <= radius**2).mean())
