"""Images that are not the CT in HU that they are taken for: each made from a real one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import SimpleITK as sitk
from scipy import fft, ndimage

from RadiomicsPrognosisLib.phantom import ct_phantom

from .real import Case


def stored_values(case: Case) -> Case:
    """Stored values without the rescale intercept: 0 is air."""
    return case.with_values(np.clip(case.values + 1024, 0, 4095))


def stored_values_padded(case: Case) -> Case:
    """The same, the field of view's outside filled with -2000 as some scanners store it."""
    stored = np.clip(case.values + 1024, 0, 4095)
    return case.with_values(np.where(case.values < -990, -2000, stored))


def intercept_twice(case: Case) -> Case:
    """The rescale intercept subtracted by the exporter and again by the reader."""
    return case.with_values(case.values - 1024)


def cut_at_zero(case: Case) -> Case:
    """HU written as unsigned integers: everything below 0 is 0."""
    return case.with_values(np.maximum(case.values, 0))


def _windowed(values: np.ndarray) -> np.ndarray:
    """Return the grey levels 0 - 255 of a soft-tissue window (-160 to 240 HU)."""
    return np.rint((np.clip(values, -160, 240) + 160) * 255 / 400)


def window_8_bit(case: Case) -> Case:
    """A picture of a soft-tissue window: 256 grey levels."""
    return case.with_values(_windowed(case.values))


def window_back_to_hu(case: Case) -> Case:
    """The same picture stretched back to HU: 256 levels of 400."""
    return case.with_values(np.rint(_windowed(case.values) * 400 / 255 - 160))


def levels_of_8_bit(case: Case) -> Case:
    """The whole range squeezed into 8 bits and stretched again."""
    low, high = -1024.0, 1500.0
    level = np.rint((np.clip(case.values, low, high) - low) * 255 / (high - low))
    return case.with_values(np.rint(level * (high - low) / 255 + low))


def window_cut(case: Case) -> Case:
    """HU cut off at the ends of a soft-tissue window."""
    return case.with_values(np.clip(case.values, -160, 240))


def inverted(case: Case) -> Case:
    """Black and white exchanged about 0."""
    return case.with_values(-case.values)


def inverted_8_bit(case: Case) -> Case:
    """Black and white exchanged in a picture of a window."""
    return case.with_values(255 - _windowed(case.values))


def from_0_to_1(case: Case) -> Case:
    """Intensities normalised to 0 - 1, as for a neural network."""
    values = case.values
    return case.with_values((values - values.min()) / np.ptp(values))


def standardised(case: Case) -> Case:
    """Intensities with mean 0 and SD 1."""
    values = case.values
    return case.with_values((values - values.mean()) / values.std())


def like_mr(case: Case) -> Case:
    """MR (imitated: tissues as bright as on T1-weighted images, noise added)."""
    noise = np.random.default_rng(1).normal(scale=15, size=case.values.shape)
    bright = np.interp(case.values, [-1000, -500, -110, -30, 30, 80, 250, 1500],
                       [5, 20, 900, 600, 350, 400, 120, 30])
    return case.with_values(np.rint(np.abs(bright + noise)))


def like_pet(case: Case) -> Case:
    """PET (imitated: blurred to 6 mm, in SUV, the lesion bright)."""
    uptake = np.interp(case.values, [-1000, -500, -100, 0, 60, 300], [0, 0.4, 0.5, 1, 1.3, 0.8]) + 6 * case.voxels
    return case.with_values(ndimage.gaussian_filter(uptake, 6 / 2.355 / case.spacing).astype(np.float32))


def _respaced(case: Case, spacing: tuple[float, float, float]) -> Case:
    def change(item: sitk.Image) -> sitk.Image:
        item = sitk.Image(item)
        item.SetSpacing(spacing)
        return item

    return case.on_both(change)


def centimetres(case: Case) -> Case:
    """Spacing in cm."""
    i, j, k = case.image.GetSpacing()
    return _respaced(case, (i / 10, j / 10, k / 10))


def metres(case: Case) -> Case:
    """Spacing in m."""
    i, j, k = case.image.GetSpacing()
    return _respaced(case, (i / 1000, j / 1000, k / 1000))


def slices_in_metres(case: Case) -> Case:
    """The distance of slices alone in m."""
    i, j, k = case.image.GetSpacing()
    return _respaced(case, (i, j, k / 1000))


def no_header(case: Case) -> Case:
    """Image and mask saved without geometry."""
    return case.on_both(lambda item: sitk.GetImageFromArray(sitk.GetArrayFromImage(item)))


def doubled_slice(case: Case) -> Case:
    """One slice inside the lesion stored twice, the rest pushed on."""
    values = case.values
    k = int(np.flatnonzero(case.voxels.any(axis=(1, 2))).mean())
    values[k + 1:] = values[k:-1].copy()
    return case.with_values(values)


def thinner(case: Case) -> Case:
    """Slices of half the thickness by linear interpolation: every second is the mean of its neighbours."""
    values = np.repeat(case.values, 2, axis=0)[:-1]
    values[1::2] = np.rint((case.values[:-1] + case.values[1:]) / 2)
    i, j, k = case.image.GetSpacing()
    grown = case.with_values(case.values)
    image = sitk.GetImageFromArray(values.astype(np.int16))
    mask = sitk.GetImageFromArray(np.repeat(case.voxels, 2, axis=0)[:-1].astype(np.uint8))
    for item in (image, mask):
        item.CopyInformation(sitk.Image([*item.GetSize()], sitk.sitkUInt8))
        item.SetOrigin(grown.image.GetOrigin())
        item.SetDirection(grown.image.GetDirection())
        item.SetSpacing((i, j, k / 2))
    return replace(case, image=image, mask=mask)


def resampled_in_plane(case: Case) -> Case:
    """Resampled to 0.8 mm pixels by a cubic spline, kept as fractions."""
    return _resampled(case, sitk.sitkBSpline, 0.8)


def enlarged(case: Case) -> Case:
    """Enlarged four times in the slice by repeating pixels."""
    return _resampled(case, sitk.sitkNearestNeighbor, case.image.GetSpacing()[0] / 4)


def one_millimetre(case: Case) -> Case:
    """Slices of 1 mm interpolated from thicker ones, rounded to whole HU."""
    i, j, k = case.image.GetSpacing()
    grown = _onto(case, (i, j, 1.0), (1, 1, k), sitk.sitkLinear)
    return grown.with_values(np.rint(grown.values))


def _resampled(case: Case, interpolator: int, pixel: float) -> Case:
    i, j, k = case.image.GetSpacing()
    return _onto(case, (pixel, pixel, k), (i / pixel, j / pixel, 1), interpolator)


def _onto(case: Case, spacing: tuple[float, ...], growth: tuple[float, ...], interpolator: int) -> Case:
    size = [int((count - 1) * factor) for count, factor in zip(case.image.GetSize(), growth, strict=True)]

    def change(item: sitk.Image, how: int) -> sitk.Image:
        item = sitk.Cast(item, sitk.sitkFloat32)
        return sitk.Resample(item, size, sitk.Transform(), how, item.GetOrigin(), spacing, item.GetDirection())

    mask = change(case.mask, sitk.sitkNearestNeighbor) > 0.5
    return replace(case, image=change(case.image, interpolator), mask=mask)


def thick_projection(case: Case) -> Case:
    """A thick-slab MIP: the sliding maximum of five slices."""
    return case.with_values(ndimage.maximum_filter1d(case.values, 5, axis=0))


def compressed(case: Case) -> Case:
    """Lossy compression by blocks of 8 x 8 pixels, as JPEG: a cosine transform whose small terms are dropped."""
    values = case.values
    rows, columns = (count - count % 8 for count in values.shape[1:])
    blocks = values[:, :rows, :columns].reshape(len(values), rows // 8, 8, columns // 8, 8)
    terms = fft.dctn(blocks, axes=(2, 4), norm="ortho")
    order = np.arange(8)
    # JPEG's steps at its middle quality, in grey levels of a window of 400 HU: 16 for the mean, 120 for the finest.
    step = (16 + 7.5 * (order[:, None, None] + order[None, None, :])) * 400 / 255
    values[:, :rows, :columns] = np.rint(fft.idctn(np.rint(terms / step) * step, axes=(2, 4), norm="ortho")).reshape(
        len(values), rows, columns)
    return case.with_values(values)


def padding_inside(case: Case) -> Case:
    """A field of view that ends inside the lesion, filled with -3024 beyond."""
    values, voxels = case.values, case.voxels
    values[:, :, :int(np.quantile(np.argwhere(voxels)[:, 2], 0.1))] = -3024
    return case.with_values(values)


def truncated(case: Case) -> Case:
    """A file that ended early: zeros from the middle of the lesion on."""
    values = case.values
    values[int(np.flatnonzero(case.voxels.any(axis=(1, 2))).mean()):] = 0
    return case.with_values(values)


def noise(case: Case) -> Case:
    """Noise with the lesion's mean and SD everywhere."""
    inside = case.values[case.voxels]
    drawn = np.random.default_rng(2).normal(inside.mean(), inside.std(), case.values.shape)
    return case.with_values(np.rint(drawn))


def phantom(case: Case) -> Case:
    """The library's own phantom: a sphere in a thorax, no patient."""
    image, mask = ct_phantom()
    return replace(case, image=image, mask=mask)


def flat_phantom(case: Case) -> Case:
    """A phantom without noise: the real contour in water, rising by 1 HU in 3 voxels."""
    values = np.where(case.voxels, 60.0, 0.0) + np.arange(case.values.shape[2]) // 3
    values[:, :4] = -1000
    return case.with_values(values)


def metal(case: Case) -> Case:
    """A clip of 3071 HU inside the lesion."""
    values = case.values
    k, j, i = np.argwhere(case.voxels).mean(axis=0).astype(int)
    values[k, j - 1:j + 2, i - 1:i + 2] = 3071
    return case.with_values(values)


def contrast_inside(case: Case) -> Case:
    """Oral contrast agent of 600 HU in a lumen through the lesion."""
    values = case.values
    _, j, i = np.argwhere(case.voxels).mean(axis=0).astype(int)
    _, rows, columns = np.ogrid[:1, :values.shape[1], :values.shape[2]]
    lumen = np.hypot((rows - j) * case.spacing[1], (columns - i) * case.spacing[2]) < 6
    return case.with_values(np.where(lumen & (values > -300), 600, values))


def air_inside(case: Case) -> Case:
    """Air in a lumen that fills a third of the lesion's cross-section."""
    values, voxels = case.values, case.voxels
    depth = ndimage.distance_transform_edt(voxels, case.spacing)
    return case.with_values(np.where(depth > np.quantile(depth[voxels], 0.65), -900, values))
