"""Where a slice cuts a contour, against every voxel of the contour looked at one by one."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from RadiomicsPrognosisLib.presenter.cross_section import Outline
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.voi import Voi, make_voi


def voi_of(mask: np.ndarray, direction: tuple[float, ...] = (1, 0, 0, 0, 1, 0, 0, 0, 1)) -> Voi:
    """Return the VOI of a mask (k, j, i) on an image of uneven voxels away from the origin."""
    image = sitk.GetImageFromArray(np.random.default_rng(3).normal(40, 20, mask.shape).astype(np.float32))
    image.SetSpacing((0.8, 1.1, 2.5))
    image.SetOrigin((-31.0, 12.0, 77.0))
    image.SetDirection(direction)
    placed = sitk.GetImageFromArray(mask.astype(np.uint8))
    placed.CopyInformation(image)
    return make_voi(image, placed, load_protocol("ct-original-raw"), "Tumour")


def ball(size: int = 24) -> np.ndarray:
    """Return a lopsided body with a hollow, that touches no border."""
    k, j, i = np.ogrid[:size, :size, :size]
    body = ((k - 12) / 6) ** 2 + ((j - 11) / 8) ** 2 + ((i - 13) / 9) ** 2 < 1
    return body & ~((np.abs(k - 12) < 2) & (np.abs(j - 11) < 3) & (np.abs(i - 13) < 3))


def view_matrix(right: np.ndarray, up: np.ndarray, centre: np.ndarray, mm_per_pixel: float) -> np.ndarray:
    """Return XYToRAS of a view of 200 x 100 pixels whose middle shows ``centre``; directions are RAS unit vectors."""
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1] = right * mm_per_pixel, up * mm_per_pixel
    matrix[:3, 2] = np.cross(right, up)
    matrix[:3, 3] = centre - matrix[:3, 0] * 100 - matrix[:3, 1] * 50
    return matrix


def brute(voi: Voi, xy_to_ras: np.ndarray) -> tuple[float, float, float, float] | None:
    """Return (left, right, bottom, top) of the boxes of all voxels that reach the slice, one by one."""
    to_xy, spread = np.linalg.inv(xy_to_ras), []
    for index in np.argwhere(voi.contour)[:, ::-1] + np.array(voi.start):
        corners = np.array([index + np.array(step) for step in np.ndindex(2, 2, 2)]) - 0.5
        points = voi.grid.position(corners) * [-1, -1, 1] @ to_xy[:3, :3].T + to_xy[:3, 3]
        if points[:, 2].min() <= 0 <= points[:, 2].max():
            spread.append(points)
    if not spread:
        return None
    x, y = np.concatenate(spread)[:, :2].T
    return x.min(), x.max(), y.min(), y.max()


R, A, S = np.eye(3)
OBLIQUE = (np.array([0.8, 0.6, 0.0]), np.array([-0.36, 0.48, 0.8]))


@pytest.mark.parametrize("directions", [(-R, A), (-R, S), (-A, S), (R, -A), OBLIQUE])
@pytest.mark.parametrize("offset", [-3.1, 0.0, 4.4])
@pytest.mark.parametrize("turned", [False, True])
def test_the_box_is_that_of_all_voxels_the_slice_cuts(directions: tuple[np.ndarray, np.ndarray], offset: float,
                                                      turned: bool) -> None:
    voi = voi_of(ball(), (0, 0, 1, -1, 0, 0, 0, 1, 0) if turned else (1, 0, 0, 0, 1, 0, 0, 0, 1))
    centre = voi.grid.position(np.array([[13.0, 11.0, 12.0]]))[0] * [-1, -1, 1]
    right, up = directions
    matrix = view_matrix(right, up, centre + offset * np.cross(right, up), 0.5)
    section, expected = Outline.of(voi).cut(matrix), brute(voi, matrix)
    assert section is not None and expected is not None
    # Only where a slice runs slantwise may a voxel below the surface reach farther, by less than its own size.
    tolerance = 1e-6 if directions is not OBLIQUE else 2.5 / 0.5
    assert np.allclose((section.left, section.right, section.bottom, section.top), expected, atol=tolerance)
    assert section.bottom <= section.edge_y <= section.top


def test_a_slice_that_misses_the_contour_cuts_nothing() -> None:
    voi = voi_of(ball())
    outline = Outline.of(voi)
    above = voi.grid.position(np.array([[13.0, 11.0, 18.51]]))[0] * [-1, -1, 1]
    assert brute(voi, view_matrix(-R, A, above, 0.5)) is None
    assert outline.cut(view_matrix(-R, A, above, 0.5)) is None
    assert outline.cut(view_matrix(-R, A, above - [0, 0, 3.0], 0.5)) is not None


def test_the_edge_is_as_high_as_the_contour_where_it_reaches_farthest_right() -> None:
    mask = np.zeros((8, 20, 20), bool)
    mask[2:6, 4:16, 4:10] = True
    mask[2:6, 6, 10:15] = True  # a spike to the patient's left, towards anterior
    voi = voi_of(mask)
    centre = voi.grid.position(np.array([[10.0, 10.0, 4.0]]))[0] * [-1, -1, 1]
    section = Outline.of(voi).cut(view_matrix(-R, A, centre, 0.5))
    assert section is not None
    # 4 voxels of 1.1 mm above the middle of the view, which is 50 pixels high; the last voxel ends 4.5 x 0.8 mm right.
    assert section.edge_y == pytest.approx(50 + 4 * 1.1 / 0.5)
    assert section.right == pytest.approx(100 + 4.5 * 0.8 / 0.5)


def test_a_view_without_extent_cuts_nothing() -> None:
    assert Outline.of(voi_of(ball())).cut(np.zeros((4, 4))) is None
