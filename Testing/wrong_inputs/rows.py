"""The table of wrong inputs: what is wrong, how it is made from a real case, and what must be shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import contours, images
from .real import Case, cropped, lower_half, whole
from .showing import QUESTIONED, REFUSED, WARNED, WITHHELD, Shown, attempt, plain_model, scored


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """A wrong input: ``show`` makes it in a folder and says what is shown; ``code`` names the sentence expected.

    ``how`` is how it must stand to the result, ``says`` words that the sentence holds; ``genuine`` shows the real case
    that it is made from, whose result must not carry that code,
    and ``change`` what is done to it, where that can be done to another.
    """

    group: str
    wrong: str
    case: str
    show: Callable[[Path], Shown]
    how: str
    code: str
    says: str
    genuine: Callable[[], Shown] | None = None
    change: Callable[[Case], Case] | None = None


def scored_plainly(case: Case) -> Shown:
    """Return what is shown of a case under the plain model."""
    return attempt(lambda: scored(case, plain_model()))


def _of(group: str, make: Callable[[Case], Case], name: str, how: str, code: str, says: str, *,
        case_of: Callable[[str], Case] = cropped) -> Row:
    """Return the row of a changed real case, cropped around its contour unless ``case_of`` says otherwise."""
    documented = (make.__doc__ or "").strip()
    return Row(group=group, wrong=documented.rstrip("."), case=name, how=how, code=code, says=says,
               show=lambda _: scored_plainly(make(case_of(name))), genuine=lambda: _genuine(name, case_of), change=make)


@cache
def _genuine(name: str, case_of: Callable[[str], Case]) -> Shown:
    return scored_plainly(case_of(name))


IMAGE, CONTOUR = "The image is not the CT in HU", "The contour is not the lesion"

IMAGE_ROWS = (
    _of(IMAGE, images.stored_values, "STS_025", WITHHELD, "hu", "no negative intensity"),
    _of(IMAGE, images.stored_values_padded, "STS_008", WITHHELD, "hu", "denser than 600 HU"),
    _of(IMAGE, images.intercept_twice, "lung2", WITHHELD, "hu", "do not look like HU"),
    _of(IMAGE, images.intercept_twice, "STS_025", WITHHELD, "hu", "rescale intercept applied twice"),
    _of(IMAGE, images.cut_at_zero, "STS_025", WITHHELD, "hu", "no negative intensity"),
    _of(IMAGE, images.window_8_bit, "STS_025", WITHHELD, "hu", "window of grey levels"),
    _of(IMAGE, images.window_back_to_hu, "STS_025", QUESTIONED, "cut-off", "grey-level window"),
    _of(IMAGE, images.levels_of_8_bit, "STS_008", QUESTIONED, "few-levels", "fewer grey levels"),
    _of(IMAGE, images.window_cut, "lung2", QUESTIONED, "cut-off", "cut off"),
    _of(IMAGE, images.inverted, "STS_008", WITHHELD, "hu", "inverted"),
    _of(IMAGE, images.inverted_8_bit, "STS_008", WITHHELD, "hu", "no negative intensity"),
    _of(IMAGE, images.from_0_to_1, "lung2", WITHHELD, "hu", "no negative intensity"),
    _of(IMAGE, images.standardised, "lung2", WITHHELD, "hu", "normalised"),
    _of(IMAGE, images.like_mr, "STS_025", WITHHELD, "hu", "MR"),
    _of(IMAGE, images.like_pet, "lung2", WITHHELD, "hu", "PET"),
    _of(IMAGE, images.centimetres, "STS_025", WITHHELD, "voxel-size", "another unit"),
    _of(IMAGE, images.metres, "lung2", WITHHELD, "voxel-size", "another unit"),
    _of(IMAGE, images.slices_in_metres, "STS_025", WITHHELD, "voxel-size", "another unit"),
    _of(IMAGE, images.no_header, "STS_025", QUESTIONED, "no-geometry", "without geometry"),
    _of(IMAGE, images.doubled_slice, "STS_025", QUESTIONED, "repeated-slices", "slices were doubled"),
    _of(IMAGE, images.thinner, "lung2", QUESTIONED, "interpolated", "means of their neighbours"),
    _of(IMAGE, images.resampled_in_plane, "STS_025", WARNED, "fractions", "not whole numbers"),
    _of(IMAGE, images.enlarged, "STS_025", QUESTIONED, "smooth", "enlarged"),
    _of(IMAGE, images.thick_projection, "STS_025", QUESTIONED, "smooth", "MIP"),
    _of(IMAGE, images.compressed, "STS_008", QUESTIONED, "compression", "lossy compression"),
    _of(IMAGE, images.padding_inside, "STS_025", WITHHELD, "padding", "filling value (-3024)"),
    _of(IMAGE, images.truncated, "STS_025", WITHHELD, "empty-slices", "truncated or damaged"),
    _of(IMAGE, images.noise, "STS_025", WITHHELD, "noise", "not anatomy"),
    _of(IMAGE, images.phantom, "lung2", QUESTIONED, "placeholder", "sphere"),
    _of(IMAGE, images.flat_phantom, "STS_008", QUESTIONED, "repeated-slices", "equal the slice before"),
    _of(IMAGE, images.metal, "STS_025", QUESTIONED, "metal", "streaks"),
    _of(IMAGE, images.contrast_inside, "lung2", QUESTIONED, "dense", "dense contrast agent"),
    _of(IMAGE, images.air_inside, "STS_025", QUESTIONED, "fat-or-air", "lung or air"),
)

CONTOUR_ROWS = (
    _of(CONTOUR, contours.mirrored, "lung2", WITHHELD, "air", "patient, series, side", case_of=lower_half),
    _of(CONTOUR, contours.mirrored, "STS_005", QUESTIONED, "fat-or-air", "follows the lesion's edge", case_of=whole),
    _of(CONTOUR, contours.upside_down, "lung2", WITHHELD, "air", "patient, series, side", case_of=whole),
    _of(CONTOUR, contours.front_to_back, "lung1", WITHHELD, "air", "lung or air", case_of=whole),
    _of(CONTOUR, contours.transposed, "lung2", QUESTIONED, "fat-or-air", "lung or air", case_of=lower_half),
    _of(CONTOUR, contours.of_another_patient, "STS_008", QUESTIONED, "fat-or-air", "belongs to this image",
        case_of=whole),
    _of(CONTOUR, contours.of_another_patient, "lung1", WITHHELD, "air", "belong together", case_of=whole),
    _of(CONTOUR, contours.shifted, "STS_008", QUESTIONED, "fat-or-air", "lesion's edge"),
    _of(CONTOUR, contours.shifted, "lung2", WITHHELD, "air", "lung or air", case_of=lower_half),
    _of(CONTOUR, contours.other_origin, "STS_025", QUESTIONED, "elsewhere", "one of the two headers"),
    _of(CONTOUR, contours.other_origin_between, "STS_025", QUESTIONED, "elsewhere", "one of the two headers"),
    _of(CONTOUR, contours.elsewhere, "STS_025", REFUSED, "geometry", "do not overlap"),
    _of(CONTOUR, contours.on_a_resampled_image, "STS_025", WARNED, "resampled", "another grid than the image"),
    _of(CONTOUR, contours.cropped_at_the_lesion, "STS_025", WARNED, "border", "part of the tumour may lie outside"),
    _of(CONTOUR, contours.lung, "lung2", WITHHELD, "air", "lung or air", case_of=lower_half),
    _of(CONTOUR, contours.body, "STS_025", QUESTIONED, "porous", "as a threshold leaves it"),
    _of(CONTOUR, contours.air_outside, "lung2", WITHHELD, "air", "lung or air", case_of=lower_half),
    _of(CONTOUR, contours.couch, "lung2", WITHHELD, "air", "lung or air", case_of=lower_half),
    _of(CONTOUR, contours.vertebra, "lung2", QUESTIONED, "dense", "bone", case_of=lower_half),
    _of(CONTOUR, contours.enhanced_vessel, "lung2", QUESTIONED, "dense", "enhanced vessels", case_of=lower_half),
    _of(CONTOUR, contours.speckled, "STS_025", QUESTIONED, "porous", "threshold"),
    _of(CONTOUR, contours.shell, "STS_025", QUESTIONED, "porous", "hollow"),
    _of(CONTOUR, contours.several_lesions, "lung2", WARNED, "components", "one lesion per VOI", case_of=lower_half),
    _of(CONTOUR, contours.every_second_slice, "STS_025", QUESTIONED, "gaps", "Fill between slices"),
    _of(CONTOUR, contours.forgotten_slice, "lung2", QUESTIONED, "gaps", "hold no contour"),
    _of(CONTOUR, contours.box, "STS_025", QUESTIONED, "placeholder", "same outline"),
    _of(CONTOUR, contours.sphere, "lung2", QUESTIONED, "placeholder", "a sphere"),
    _of(CONTOUR, contours.copied_outline, "STS_008", QUESTIONED, "placeholder", "same outline"),
    _of(CONTOUR, contours.one_slice, "STS_025", REFUSED, "flat-voi", "at least two slices"),
    _of(CONTOUR, contours.two_slices, "STS_025", WARNED, "thin", "2 slices alone"),
    _of(CONTOUR, contours.generous, "lung2", QUESTIONED, "fat-or-air", "fat, lung or air"),
    _of(CONTOUR, contours.tiny, "STS_025", REFUSED, "empty-voi", "texture needs at least 27"),
    _of(CONTOUR, contours.empty, "STS_025", REFUSED, "empty-voi", "draw the contour first"),
)
