"""How often a wrong image or contour is told, over all real cases: a row of the table shows one case alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from generate.markdown import escape, table
from scipy import ndimage

from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.voi import make_voi

from . import contours, images
from .page import genuine_cases
from .real import NAMES, Case, cropped, whole
from .showing import attempt_warnings, plain_model

_HEAD = """# How often wrong inputs are told

Written by `python -m wrong_inputs --rates` (in Testing): changes of an image or a contour that `docs/wrong_inputs.md`
shows of one real case, made of all {count}. *Told* is a warning or a refusal that the case as it is does not have.
Contours that are mirrored, moved or of somebody else stay untold where they lie on muscle or inside a large tumour (the
sarcomas' CTs are cropped 5 cm around it, so that a mirrored contour mostly lies in it again): no check of intensities
can tell them there.

"""

#: Changes whose effect differs from case to case, and on which part of the CT they are made.
_IMAGES = (images.stored_values, images.stored_values_padded, images.intercept_twice, images.cut_at_zero,
           images.window_8_bit, images.window_back_to_hu, images.levels_of_8_bit, images.window_cut, images.inverted,
           images.from_0_to_1, images.standardised, images.like_mr, images.like_pet, images.centimetres,
           images.no_header, images.doubled_slice, images.thinner, images.resampled_in_plane, images.enlarged,
           images.thick_projection, images.compressed, images.padding_inside, images.truncated, images.noise,
           images.metal, images.contrast_inside, images.air_inside)
_CONTOURS = (contours.mirrored, contours.upside_down, contours.front_to_back, contours.transposed,
             contours.of_another_patient, contours.shifted, contours.other_origin, contours.on_a_resampled_image,
             contours.cropped_at_the_lesion, contours.body, contours.speckled, contours.shell,
             contours.every_second_slice, contours.forgotten_slice, contours.box, contours.sphere,
             contours.copied_outline, contours.one_slice, contours.two_slices)


_READINGS = """
## Warnings of what is right

The same cases contoured a little otherwise, as other readers would: new warnings, of {count} cases each. *With* is
under S1's HU range, *without* under a protocol that keeps every voxel. The HU range removes more than half of lung1's
contour once it is widened, and it says so.

"""


def rates_page() -> str:
    """Return the page: of how many cases each change is told, by what, of which it is not, and what right ones give."""
    genuine = {name: set(warnings) for name, warnings in genuine_cases().items()}
    return (_HEAD.format(count=len(NAMES)) + table(("what is wrong", "told in", "by", "not in"), _measured(genuine))
            + _READINGS.format(count=len(NAMES)) + table(("contour", "without", "with"), _of_readings(genuine)))


def _other_readings(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (what it is, contour) of ways in which the same lesion could have been drawn."""
    voxels = case.voxels
    plane = np.zeros((3, 3, 3), bool)
    plane[1] = ndimage.generate_binary_structure(2, 1)
    yield "one voxel tighter in the slice", ndimage.binary_erosion(voxels, plane)
    yield "one voxel wider", ndimage.binary_dilation(voxels, plane)
    yield "two voxels wider", ndimage.binary_dilation(voxels, plane, iterations=2)
    yield "smoothed (opening by two voxels)", ndimage.binary_opening(voxels, plane, iterations=2)
    depth = (ndimage.distance_transform_edt(voxels, case.spacing)
             - ndimage.distance_transform_edt(~voxels, case.spacing))
    wave = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=voxels.shape), 6 / case.spacing)
    yield "its edge moved at random by 2 mm (SD)", depth + 2 * wave / wave.std() > 0
    yield "its inner half alone", depth > 0.4 * depth.max()
    yield "without voxels below -50 HU, as the panel's paint limit leaves it", voxels & (case.values >= -50)


def _of_readings(genuine: dict[str, set[str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the row of every other way of drawing."""
    codes: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for name in NAMES:
        case = whole(name)
        for what, voxels in _other_readings(case):
            for number, protocol in enumerate(("ct-original-raw", "ct-hu50-1mm-wavelet")):
                new = attempt_warnings(partial(make_voi, case.image, case.with_voxels(voxels).mask,
                                               load_protocol(protocol))) - genuine[name]
                codes.setdefault(what, (Counter(), Counter()))[number].update(new)
    for what, counts in codes.items():
        without, under = (", ".join(f"{code} {number}" for code, number in sorted(each.items())) or "none"
                          for each in counts)
        yield escape(what), escape(without), escape(under)


def _measured(genuine: dict[str, set[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the row of every change."""
    protocol = plain_model().image_protocol()
    changes: list[tuple[Callable[[Case], Case], Callable[[str], Case]]] = [
        *((change, cropped) for change in _IMAGES), *((change, whole) for change in _CONTOURS)]
    for change, case_of in changes:
        codes: set[str] = set()
        untold = []
        for name in NAMES:
            case = change(case_of(name))
            new = attempt_warnings(partial(make_voi, case.image, case.mask, protocol)) - genuine[name]
            codes |= new
            untold += [] if new else [name]
        yield (escape((change.__doc__ or "").strip().rstrip(".")), f"{len(NAMES) - len(untold)} of {len(NAMES)}",
               escape(", ".join(sorted(codes))), escape(", ".join(untold)))
