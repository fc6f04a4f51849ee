"""Contours that are not the lesion that they are taken for: each made from a real one, on its real CT."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from .real import NAMES, Case, whole


def mirrored(case: Case) -> Case:
    """Left and right exchanged."""
    return case.with_voxels(case.voxels[:, :, ::-1])


def upside_down(case: Case) -> Case:
    """The slices' order reversed."""
    return case.with_voxels(case.voxels[::-1])


def front_to_back(case: Case) -> Case:
    """Front and back exchanged."""
    return case.with_voxels(case.voxels[:, ::-1])


def shifted(case: Case, mm: float = 30.0) -> Case:
    """Moved to the patient's left by 3 cm."""
    steps = round(mm / case.spacing[2])
    return case.with_voxels(np.roll(case.voxels, steps, axis=2))


def transposed(case: Case) -> Case:
    """Rows and columns exchanged, as between array libraries."""
    return case.with_voxels(np.swapaxes(case.voxels, 1, 2)) if len(set(case.voxels.shape[1:])) == 1 else replace(
        case, mask=sitk.GetImageFromArray(np.swapaxes(case.voxels, 1, 2).astype(np.uint8)))


def of_another_patient(case: Case) -> Case:
    """The contour of another patient, put on this image's grid."""
    names = list(NAMES)
    other = whole(names[(names.index(case.name) + 1) % len(names)]).voxels
    voxels = np.zeros_like(case.voxels)
    both = tuple(slice(0, min(own, count)) for own, count in zip(voxels.shape, other.shape, strict=True))
    voxels[both] = other[both]
    return case.with_voxels(voxels)


def _moved_header(case: Case, voxels: float) -> Case:
    mask = sitk.Image(case.mask)
    i, j, k = mask.GetOrigin()
    mask.SetOrigin((i + voxels * mask.GetSpacing()[0], j, k))
    return replace(case, mask=mask)


def other_origin(case: Case) -> Case:
    """The same grid but for the origin, 10 voxels away."""
    return _moved_header(case, 10)


def other_origin_between(case: Case) -> Case:
    """The same grid but for the origin, 4.4 voxels away."""
    return _moved_header(case, 4.4)


def elsewhere(case: Case) -> Case:
    """A mask whose header places it a metre away."""
    return _moved_header(case, 1000 / case.mask.GetSpacing()[0])


def on_a_resampled_image(case: Case) -> Case:
    """Drawn on the image resampled to 1 x 1 x 1 mm."""
    size = [int((count - 1) * step) for count, step in zip(case.mask.GetSize(), case.mask.GetSpacing(), strict=True)]
    return replace(case, mask=sitk.Resample(case.mask, size, sitk.Transform(), sitk.sitkNearestNeighbor,
                                            case.mask.GetOrigin(), (1, 1, 1), case.mask.GetDirection()))


def cropped_at_the_lesion(case: Case) -> Case:
    """An image that was cropped through the lesion."""
    middle = int(np.argwhere(case.voxels)[:, 2].mean())
    return case.on_both(lambda item: item[middle:])


def _where(case: Case, voxels: np.ndarray) -> Case:
    return case.with_voxels(voxels)


def lung(case: Case) -> Case:
    """The left lung, by a threshold (lung2)."""
    voxels = np.zeros_like(case.voxels)
    inside = slice(16, 26), slice(130, 420), slice(300, 470)
    voxels[inside] = ndimage.binary_opening(case.values[inside] < -600, iterations=2)
    return _where(case, voxels)


def body(case: Case) -> Case:
    """Everything denser than air, as a threshold leaves it."""
    return _where(case, case.values > -300)


def _disc(case: Case, centre: tuple[float, float], radius_mm: float, slices: slice) -> np.ndarray:
    """Return a disc about ``centre`` (column, row) on some slices, its edge uneven as hand-drawn ones are."""
    count, rows, columns = case.values.shape
    y, x = ((np.arange(n) - at) * step for n, at, step in
            zip((rows, columns), centre[::-1], case.spacing[1:], strict=True))
    angle = np.arctan2(y[:, None], x[None, :])
    voxels = np.zeros((count, rows, columns), bool)
    for k in range(*slices.indices(count)):
        voxels[k] = np.hypot(y[:, None], x[None, :]) < radius_mm * (1 + 0.1 * np.sin(3 * angle + k) + 0.05 * np.sin(k))
    return voxels


def air_outside(case: Case) -> Case:
    """Air in front of the patient (lung2)."""
    return _where(case, _disc(case, (250, 40), 15, slice(15, 25)))


def couch(case: Case) -> Case:
    """The couch under the patient (lung2)."""
    return _where(case, _disc(case, (60, 480), 14, slice(15, 25)))


def vertebra(case: Case) -> Case:
    """A vertebral body (lung2)."""
    return _where(case, _disc(case, (260, 335), 14, slice(16, 24)))


def enhanced_vessel(case: Case) -> Case:
    """The descending aorta (lung2) in an arterial phase (imitated: brighter by 220 HU)."""
    voxels = _disc(case, (300, 297), 9, slice(15, 26))
    return case.with_values(case.values + 220 * widened(voxels)).with_voxels(voxels)


def widened(voxels: np.ndarray) -> np.ndarray:
    """Return a contour (k, j, i) with two voxels around it."""
    wider = np.zeros_like(voxels)
    j, i = (np.flatnonzero(voxels.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    box = slice(None), slice(j[0] - 3, j[-1] + 4), slice(i[0] - 3, i[-1] + 4)
    wider[box] = ndimage.binary_dilation(voxels[box], iterations=2)
    return wider


def vessel(case: Case) -> Case:
    """The descending aorta (lung2) without contrast agent."""
    return _where(case, _disc(case, (300, 297), 9, slice(15, 26)))


def heart(case: Case) -> Case:
    """The heart (lung2), an organ of soft tissue."""
    return _where(case, _disc(case, (290, 200), 42, slice(16, 28)))


def muscle(case: Case) -> Case:
    """Muscle of the back (lung2): a piece of soft tissue of a node's size."""
    return _where(case, _disc(case, (290, 420), 7, slice(14, 20)))


def speckled(case: Case) -> Case:
    """A threshold of the CT inside the lesion, neither smoothed nor filled."""
    inside = case.values[case.voxels]
    return _where(case, case.voxels & (case.values > np.median(inside)))


def shell(case: Case) -> Case:
    """The lesion's rim alone."""
    return _where(case, case.voxels & ~ndimage.binary_erosion(case.voxels, iterations=2))


def several_lesions(case: Case) -> Case:
    """Another lesion in the same segment: the contour's lower part again, elsewhere in soft tissue."""
    return _where(case, case.voxels | _disc(case, (200, 418), 7, slice(14, 20)))


def every_second_slice(case: Case) -> Case:
    """Drawn on every second slice, not filled between."""
    voxels = case.voxels
    first = int(np.flatnonzero(voxels.any(axis=(1, 2)))[0])
    voxels[first + 1::2] = False
    return _where(case, voxels)


def forgotten_slice(case: Case) -> Case:
    """One slice in the middle left out."""
    voxels = case.voxels
    voxels[int(np.flatnonzero(voxels.any(axis=(1, 2))).mean())] = False
    return _where(case, voxels)


def box(case: Case) -> Case:
    """A box about the lesion's middle."""
    indices = np.argwhere(case.voxels)
    low, high = (np.quantile(indices, share, axis=0).astype(int) for share in (0.2, 0.8))
    voxels = np.zeros_like(case.voxels)
    voxels[tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))] = True
    return _where(case, voxels)


def sphere(case: Case) -> Case:
    """A sphere about the lesion's middle."""
    indices = np.indices(case.voxels.shape).reshape(3, -1).T
    centre = np.argwhere(case.voxels).mean(axis=0)
    distance = np.sqrt((((indices - centre) * case.spacing) ** 2).sum(axis=1))
    volume = case.voxels.sum() * case.spacing.prod()
    return _where(case, (distance < 0.8 * (3 * volume / (4 * np.pi)) ** (1 / 3)).reshape(case.voxels.shape))


def copied_outline(case: Case) -> Case:
    """The largest slice's outline copied to all slices."""
    voxels = case.voxels
    drawn = voxels.any(axis=(1, 2))
    voxels[drawn] = voxels[int(voxels.sum(axis=(1, 2)).argmax())]
    return _where(case, voxels)


def one_slice(case: Case) -> Case:
    """Drawn on the largest slice alone."""
    return _slices_about_the_largest(case, 1)


def two_slices(case: Case) -> Case:
    """Drawn on two slices."""
    return _slices_about_the_largest(case, 2)


def _slices_about_the_largest(case: Case, count: int) -> Case:
    voxels = case.voxels
    largest = int(voxels.sum(axis=(1, 2)).argmax())
    kept = np.zeros_like(voxels)
    kept[largest:largest + count] = voxels[largest:largest + count]
    return _where(case, kept)


def generous(case: Case) -> Case:
    """A margin of 15 mm around a lung tumour, as of a planning target volume."""
    distance = ndimage.distance_transform_edt(~case.voxels, case.spacing)
    return _where(case, distance <= 15)


def tiny(case: Case) -> Case:
    """A few voxels in the lesion's middle."""
    k, j, i = np.argwhere(case.voxels).mean(axis=0).astype(int)
    voxels = np.zeros_like(case.voxels)
    voxels[k:k + 2, j:j + 3, i:i + 3] = True
    return _where(case, voxels)


def core(case: Case) -> Case:
    """The inner part of the lesion: less than 1 cm3, uneven."""
    middle = np.argwhere(case.voxels).mean(axis=0)
    at = (float(middle[2]), float(middle[1]))
    return _where(case, case.voxels & _disc(case, at, 4.5, slice(int(middle[0]) - 1, int(middle[0]) + 2)))


def empty(case: Case) -> Case:
    """A segment without a voxel."""
    return _where(case, np.zeros_like(case.voxels))
