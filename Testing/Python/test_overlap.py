"""Contour agreement against closed forms, a brute-force search over surface voxels, and ITK's Hausdorff filter."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion
from scipy.spatial import cKDTree

from RadiomicsPrognosisLib.errors import EmptyVoi, GeometryMismatch
from RadiomicsPrognosisLib.reading.overlap import contour_overlap
from RadiomicsPrognosisLib.voi.grid import Grid

GRID = Grid((30, 28, 24), (0.8, 1.1, 2.5), (-12.0, 7.5, 100.0), (0, 1, 0, -1, 0, 0, 0, 0, 1))


def mask_of(array: np.ndarray) -> sitk.Image:
    return GRID.image(array.astype(np.uint8))


def box(start: tuple[int, int, int], size: tuple[int, int, int]) -> np.ndarray:
    """Return a (k, j, i) array with a box of ``size`` from ``start``, both (i, j, k)."""
    array = np.zeros(GRID.size[::-1], bool)
    array[tuple(slice(s, s + n) for s, n in zip(start[::-1], size[::-1], strict=True))] = True
    return array


def ellipsoid(centre: tuple[float, float, float], radius_mm: float) -> np.ndarray:
    axes = np.indices(GRID.size[::-1])[::-1]
    return sum(((axis - c) * s) ** 2 for axis, c, s in zip(axes, centre, GRID.spacing, strict=True)) < radius_mm**2


def brute_force(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two directed sets of distances between surface voxels, by a search over all of them."""
    points = [GRID.position(np.argwhere(item & ~binary_erosion(item))[:, ::-1]) for item in (a, b)]
    return cKDTree(points[1]).query(points[0])[0], cKDTree(points[0]).query(points[1])[0]


def test_identical_contours() -> None:
    overlap = contour_overlap(mask_of(ellipsoid((15, 14, 12), 9.0)), mask_of(ellipsoid((15, 14, 12), 9.0)))
    assert (overlap.dice, overlap.jaccard, overlap.hausdorff_mm, overlap.mean_surface_distance_mm) == (1, 1, 0, 0)
    assert overlap.volume_difference_mm3 == 0


def test_shifted_box_in_closed_form() -> None:
    overlap = contour_overlap(mask_of(box((5, 5, 5), (10, 10, 10))), mask_of(box((5, 5, 7), (10, 10, 10))))
    assert overlap.dice == pytest.approx(0.8)
    assert overlap.jaccard == pytest.approx(8 / 12)
    assert overlap.hausdorff_mm == pytest.approx(5.0)
    assert overlap.hausdorff95_mm == pytest.approx(5.0)
    assert overlap.volume_a_mm3 == pytest.approx(1000 * 0.8 * 1.1 * 2.5)
    assert overlap.relative_volume_difference == 0


def test_volume_difference_is_second_minus_first() -> None:
    overlap = contour_overlap(mask_of(box((5, 5, 5), (10, 10, 10))), mask_of(box((5, 5, 5), (10, 10, 12))))
    assert overlap.volume_difference_mm3 == pytest.approx(200 * 2.2)
    assert overlap.relative_volume_difference == pytest.approx(0.2)


@settings(max_examples=25, deadline=None)
@given(st.tuples(st.floats(8, 20), st.floats(8, 20), st.floats(6, 18)), st.floats(3, 14), st.floats(3, 14))
def test_distances_equal_brute_force_and_itk(centre: tuple[float, float, float], one: float, two: float) -> None:
    a, b = ellipsoid((14.3, 13.7, 11.4), one), ellipsoid(centre, two)
    if not b.any():
        return
    overlap = contour_overlap(mask_of(a), mask_of(b))
    there, back = brute_force(a, b)
    assert overlap.hausdorff95_mm == pytest.approx(max(np.percentile(there, 95), np.percentile(back, 95)), rel=1e-5)
    assert overlap.mean_surface_distance_mm == pytest.approx(np.concatenate([there, back]).mean(), rel=1e-5, abs=1e-9)
    assert overlap.hausdorff_mm == pytest.approx(max(there.max(), back.max()), rel=1e-5, abs=1e-9)
    both = (a & b).sum()
    assert overlap.dice == pytest.approx(2 * both / (a.sum() + b.sum()))
    assert overlap.jaccard == pytest.approx(both / (a | b).sum())
    if not both:
        # ITK's filter measures from every voxel of the volume, which equals surface to surface when they are apart.
        itk = sitk.HausdorffDistanceImageFilter()
        itk.Execute(mask_of(a), mask_of(b))
        assert itk.GetHausdorffDistance() == pytest.approx(overlap.hausdorff_mm, rel=1e-5)
    swapped = contour_overlap(mask_of(b), mask_of(a))
    assert swapped.hausdorff95_mm == overlap.hausdorff95_mm
    assert swapped.volume_difference_mm3 == -overlap.volume_difference_mm3


def test_contour_at_the_edge_of_the_image_has_a_surface_there() -> None:
    whole = np.ones(GRID.size[::-1], bool)
    overlap = contour_overlap(mask_of(whole), mask_of(box((0, 0, 0), (30, 28, 22))))
    assert overlap.hausdorff_mm == pytest.approx(5.0)


def test_contours_that_touch_share_no_voxel() -> None:
    """Side by side: the surfaces' nearest voxels are one step of 0.8 mm apart, the farthest ten more."""
    a, b = box((2, 5, 5), (10, 10, 10)), box((12, 5, 5), (10, 10, 10))
    overlap = contour_overlap(mask_of(a), mask_of(b))
    there, _back = brute_force(a, b)
    assert (overlap.dice, overlap.jaccard) == (0, 0)
    assert there.min() == pytest.approx(0.8, rel=1e-12)
    assert overlap.hausdorff_mm == pytest.approx(8.0, rel=1e-12)
    assert overlap.volume_difference_mm3 == 0


def test_disjoint_contours_in_closed_form() -> None:
    """One voxel each: every distance is that of their centres, and so is the shift, in LPS."""
    overlap = contour_overlap(mask_of(box((2, 3, 4), (1, 1, 1))), mask_of(box((12, 7, 20), (1, 1, 1))))
    steps = np.array([10 * 0.8, 4 * 1.1, 16 * 2.5])
    assert (overlap.dice, overlap.jaccard) == (0, 0)
    for distance in (overlap.hausdorff_mm, overlap.hausdorff95_mm, overlap.mean_surface_distance_mm,
                     overlap.centroid_shift_mm):
        assert distance == pytest.approx(np.linalg.norm(steps), rel=1e-12)
    # The grid's first axis runs along -P, its second along L.
    np.testing.assert_allclose(overlap.centroid_shift_vector_mm, (steps[1], -steps[0], steps[2]), rtol=1e-12)


def test_one_voxel_within_a_contour() -> None:
    overlap = contour_overlap(mask_of(box((5, 5, 5), (3, 3, 3))), mask_of(box((6, 6, 6), (1, 1, 1))))
    assert overlap.dice == pytest.approx(2 / 28)
    assert overlap.hausdorff_mm == pytest.approx(np.linalg.norm(GRID.spacing), rel=1e-12)
    assert overlap.centroid_shift_mm == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("direction", [(1, 0, 0, 0, 1, 0, 0, 0, 1), tuple(
    np.linalg.qr(np.array([[1.0, 0.4, 0.2], [-0.3, 1.0, 0.5], [0.1, -0.6, 1.0]]))[0].ravel())])
def test_thick_slices_and_oblique_directions(direction: tuple[float, ...]) -> None:
    """The distances of a shift are those of its vector in mm, wherever the axes point."""
    grid = Grid((30, 28, 24), (0.6, 0.6, 5.0), (-212.3, -87.5, -1100.0), direction)
    a, b = (grid.image(box(start, (8, 9, 6)).astype(np.uint8)) for start in ((4, 5, 6), (7, 5, 7)))
    overlap = contour_overlap(a, b)
    shift = np.array(direction).reshape(3, 3) @ (3 * 0.6, 0.0, 5.0)
    np.testing.assert_allclose(overlap.centroid_shift_vector_mm, shift, rtol=1e-9, atol=1e-9)
    assert overlap.centroid_shift_mm == pytest.approx(np.hypot(1.8, 5.0), rel=1e-9)
    assert overlap.hausdorff_mm == pytest.approx(np.hypot(1.8, 5.0), rel=1e-9)
    assert overlap.volume_a_mm3 == pytest.approx(8 * 9 * 6 * 0.6 * 0.6 * 5.0)


def test_boxes_of_one_grid_give_what_the_whole_masks_give() -> None:
    """A .seg.nrrd is cropped to its voxels, with a margin or without."""
    a, b = (mask_of(ellipsoid(centre, 7.0)) for centre in ((15, 14, 12), (16, 13, 11)))
    whole = contour_overlap(a, b)
    assert contour_overlap(a[5:26, 6:27, 7:20], b) == whole
    assert contour_overlap(a, b[5:28, 5:24, 7:20]) == whole
    assert contour_overlap(b[5:28, 5:24, 7:20], a[5:26, 6:27, 7:20]).dice == whole.dice
    distant = contour_overlap(mask_of(box((1, 1, 1), (3, 3, 3)))[:6, :6, :6],
                              mask_of(box((20, 20, 20), (3, 3, 3)))[18:, 18:, 18:])
    assert distant.dice == 0
    assert distant.hausdorff_mm == pytest.approx(np.linalg.norm(19 * np.array(GRID.spacing)), rel=1e-12)


def test_refusals() -> None:
    mask = mask_of(box((5, 5, 5), (4, 4, 4)))
    for a, b, which in ((mask, mask * 0, "second contour is"), (mask * 0, mask, "first contour is"),
                        (mask * 0, mask * 0, "first and the second contour are")):
        with pytest.raises(EmptyVoi, match=f"The {which} empty"):
            contour_overlap(a, b)
    moved = sitk.Image(mask)
    moved.SetOrigin((0.0, 7.5, 100.0))
    finer = sitk.Resample(mask, [60, 56, 48], sitk.Transform(), sitk.sitkNearestNeighbor, mask.GetOrigin(),
                          [value / 2 for value in GRID.spacing], mask.GetDirection(), 0, sitk.sitkUInt8)
    for other in (moved, finer):
        with pytest.raises(GeometryMismatch, match="different grids"):
            contour_overlap(mask, other)
