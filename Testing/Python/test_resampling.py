"""Resampled images and masks are pyradiomics' to the last integer, whichever box and however little of the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from radiomics import imageoperations

from RadiomicsPrognosisLib.features.grids.bspline import MARGIN, spline_of
from RadiomicsPrognosisLib.features.grids.resampling import linear, nearest, points_within, resampled, voxels_read
from RadiomicsPrognosisLib.features.grids.resampling_lattice import ResamplingLattice
from RadiomicsPrognosisLib.voi.grid import Grid, Index, bounding_box, crop, ijk, xyz

#: Direction cosines: along the axes, two of them reversed as Slicer's images have it, permuted, oblique.
DIRECTIONS = {"axial": np.eye(3), "reversed": np.diag([-1.0, -1.0, 1.0]), "sagittal": np.eye(3)[[2, 0, 1]],
              "oblique": np.array(sitk.Euler3DTransform((0, 0, 0), 0.3, 0.2, -0.7).GetMatrix()).reshape(3, 3)}

#: Spacings (mm) of image and result: every third slice coincides; points half-way between voxels; two points a voxel;
#: nothing coincides; the slices alone are resampled, every point on a voxel in the plane.
SPACINGS = {"coinciding": ((1.0, 1.0, 3.0), (1, 1, 1)), "half-way": ((0.5, 0.5, 2.0), (1, 1, 1)),
            "finer": ((2.0, 2.0, 2.0), (1, 1, 1)), "odd": ((0.7, 0.73, 3.27), (1, 1, 1)),
            "slices": ((1.0, 1.0, 5.0), (0, 0, 2))}


@dataclass(frozen=True)
class Case:
    """An image, the voxels (k, j, i) of a mask on it, and the points (first, last) that pyradiomics resamples it to."""

    image: sitk.Image
    mask: np.ndarray
    lattice: ResamplingLattice
    first: Index
    last: Index

    def ours(self, first: Index, last: Index, spare: int = 0) -> tuple[Grid, np.ndarray]:
        """Resample from what the points read and its margin alone, and ``spare`` voxels more."""
        low, high = (np.array(end) for end in voxels_read(self.lattice, first, last))
        start = np.maximum(low - MARGIN - spare, 0)
        size = np.minimum(high + MARGIN + spare + 1, np.array(self.image.GetSize())) - start
        block = crop(sitk.GetArrayViewFromImage(self.image), ijk(start), ijk(size))
        return resampled(block, ijk(start), self.lattice, first, last).cut(first, last)


def noise(kind: type, size: Index, air_from: int, seed: int = 0) -> np.ndarray:
    """Return noise (k, j, i), partly of whole numbers, with constant regions as air and clipping leave them.

    Air begins at row ``air_from`` of some slices.
    """
    values = np.random.default_rng(seed).normal(100, 80, size[::-1])
    values[:, :size[1] // 2] = values[:, :size[1] // 2].round()
    values[size[2] // 3:size[2] // 2, air_from:] = 30 if kind is np.uint8 else -1024
    values[:size[2] // 5] = 17
    return np.clip(values, 0, 255).astype(kind) if kind is np.uint8 else values.astype(kind)


def case(values: np.ndarray, direction: str, spacings: tuple[tuple[float, ...], tuple[float, ...]]) -> Case:
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacings[0])
    image.SetOrigin((-113.3, 77.1, -480.7))
    image.SetDirection(DIRECTIONS[direction].ravel().tolist())
    mask = np.zeros(values.shape, bool)
    inner = mask[tuple(slice(n // 3, n) for n in values.shape)]
    inner[...] = np.random.default_rng(1).random(inner.shape) > 0.2
    wanted = xyz(new or own for new, own in zip(spacings[1], spacings[0], strict=True))
    lattice = ResamplingLattice(Grid.of(image), wanted)
    start, size = (np.array(corner, float) for corner in bounding_box(mask))
    return Case(image, mask, lattice, *lattice.box(start, size, 5))


@pytest.mark.parametrize("spacings", SPACINGS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_integers_and_mask_are_pyradiomics_own(direction: str, spacings: str) -> None:
    values = case(noise(np.int16, (31, 34, 23), 11), direction, SPACINGS[spacings])
    target, points = values.ours(values.first, values.last)
    mask = sitk.GetImageFromArray(values.mask.astype(np.uint8))
    mask.CopyInformation(values.image)
    theirs, their_mask = imageoperations.resampleImage(values.image, mask, resampledPixelSpacing=SPACINGS[spacings][1],
                                                       interpolator=sitk.sitkBSpline, padDistance=5, label=1)
    assert target == Grid.of(theirs)
    assert np.array_equal(points, sitk.GetArrayViewFromImage(theirs))
    start, size = bounding_box(values.mask)
    ours = nearest(crop(values.mask, start, size), start, Grid.of(values.image), target)
    assert np.array_equal(ours, sitk.GetArrayViewFromImage(their_mask) != 0)


@pytest.mark.parametrize("spacings", SPACINGS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_linear_integers_are_pyradiomics_own(direction: str, spacings: str) -> None:
    """Between equal or few values a last bit decides what an integer is cut off to."""
    steps = np.random.default_rng(3).integers(0, 3, (23, 34, 31)).astype(np.uint8) * 25
    values = case(steps, direction, SPACINGS[spacings])
    target = values.lattice.grid_of(values.first, values.last)
    theirs = sitk.Resample(values.image, target.size, sitk.Transform(), sitk.sitkLinear, target.origin, target.spacing,
                           target.direction, 0, values.image.GetPixelID())
    low, high = (np.array(end) for end in voxels_read(values.lattice, values.first, values.last))
    block = crop(steps, ijk(low), ijk(high - low + 1))
    ours = linear(block, ijk(low), Grid.of(values.image), target)
    assert ours.dtype == steps.dtype
    assert np.array_equal(ours, sitk.GetArrayViewFromImage(theirs))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32, np.float64])
def test_every_pixel_type(kind: type) -> None:
    values = case(noise(kind, (25, 24, 20), 8), "oblique", SPACINGS["coinciding"])
    target, points = values.ours(values.first, values.last)
    theirs = sitk.GetArrayFromImage(sitk.Resample(values.image, target.size, sitk.Transform(), sitk.sitkBSpline,
                                                  target.origin, target.spacing, target.direction, 0,
                                                  values.image.GetPixelID()))
    assert points.dtype == theirs.dtype
    if kind is np.float64:  # no cast that a last bit could decide: terms are added in another order
        assert np.allclose(points, theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())
    else:
        assert np.array_equal(points, theirs)


def test_coefficients_are_itk_s() -> None:
    values = noise(np.float64, (40, 21, 7), 7)
    ours = spline_of(values, (0, 0, 0), (40, 21, 7), ((0, 0, 0), (39, 20, 6)), MARGIN).coefficients
    theirs = sitk.BSplineDecomposition(sitk.GetImageFromArray(values))
    assert np.array_equal(ours, sitk.GetArrayViewFromImage(theirs))


LARGE = case(noise(np.float64, (170, 150, 24), 0), "axial", SPACINGS["odd"])
INTEGERS = case(noise(np.int16, (170, 150, 24), 0), "axial", SPACINGS["coinciding"])


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([LARGE, INTEGERS]), st.data())
def test_a_value_does_not_depend_on_the_box_it_is_computed_for(values: Case, data: st.DataObject) -> None:
    """To the last bit, from a crop of the image too; what ITK's last bit decides is as ITK has it for that box."""
    low = [data.draw(st.integers(a, b - 4)) for a, b in zip(values.first, values.last, strict=True)]
    high = [min(a + data.draw(st.integers(2, 25)), b) for a, b in zip(low, values.last, strict=True)]
    image = sitk.GetArrayViewFromImage(values.image)
    around = resampled(image, (0, 0, 0), values.lattice, values.first, values.last)
    assert around.holds(ijk(low), ijk(high))
    grid, kept = around.cut(ijk(low), ijk(high))
    alone_grid, alone = values.ours(ijk(low), ijk(high), data.draw(st.integers(0, 9)))
    assert grid == alone_grid and np.array_equal(kept, alone)


def test_a_block_is_enough_for_the_points_within_it() -> None:
    start, size = (20, 15, 0), (150, 120, 24)
    first, last = points_within(LARGE.lattice, start, size)
    assert all(a < b for a, b in zip(first, last, strict=True))
    image = sitk.GetArrayViewFromImage(LARGE.image)
    block = resampled(crop(image, start, size), start, LARGE.lattice, first, last).values
    assert np.array_equal(block, resampled(image, (0, 0, 0), LARGE.lattice, first, last).values)


def test_beyond_the_image_there_is_nothing() -> None:
    """A lattice may end half a voxel beyond the last one: ITK gives its default value there, on either side."""
    values = case(noise(np.int16, (12, 11, 9), 4), "axial", ((1.0, 1.0, 5.0), (1, 1, 2)))
    target, points = values.ours(values.first, values.last)
    theirs = sitk.Resample(values.image, target.size, sitk.Transform(), sitk.sitkBSpline, target.origin,
                           target.spacing, target.direction, 0, sitk.sitkInt16)
    assert values.last[2] == values.lattice.last()[2] == 22
    assert np.array_equal(points, sitk.GetArrayViewFromImage(theirs))
