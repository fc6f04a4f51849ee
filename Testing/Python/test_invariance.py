"""Where a volume lies, and in which order its axes are stored, changes no rotation-invariant feature."""

from __future__ import annotations

from itertools import permutations

import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi

#: They are named after image axes (row, column, slice), so they swap with them.
AXIS_BOUND = {"original_shape_Maximum2DDiameterColumn", "original_shape_Maximum2DDiameterRow",
              "original_shape_Maximum2DDiameterSlice"}

#: pyradiomics' marching cubes resolve ambiguous corners (voxels touching at an edge only) by axis order: a VOI with
#: holes from the HU range has mesh features that differ by some 0.1 % when flipped, in pyradiomics as here.
MESH = {f"original_shape_{name}" for name in ("MeshVolume", "SurfaceArea", "SurfaceVolumeRatio", "Sphericity")}

SOLID = make_protocol()
PROTOCOL = make_protocol(hu_range=[-100, None])
RESAMPLED = make_protocol(hu_range=[-100, None], resampling={"spacing_mm": [1.0, 1.0, 1.0]})
VOLUME = textured_volume(spacing=(0.93, 1.17, 2.31))  # no sample point half-way between two voxels


def features(image: sitk.Image, mask: sitk.Image, protocol: object = PROTOCOL) -> dict[str, float]:
    values = extract(make_voi(image, mask, protocol), protocol).values
    return {name: value for name, value in values.items() if name not in AXIS_BOUND}


REFERENCE = features(*VOLUME)
SOLID_REFERENCE = features(*VOLUME, SOLID)


def assert_same(values: dict[str, float], reference: dict[str, float] = REFERENCE, mesh: float = 1e-6) -> None:
    assert values.keys() == reference.keys()
    for name, value in values.items():
        tolerance = mesh if name in MESH else 1e-6
        assert value == pytest.approx(reference[name], rel=tolerance, abs=1e-9), name


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(list(permutations(range(3)))), st.tuples(*[st.booleans()] * 3))
def test_axes_permuted_and_flipped(order: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> None:
    moved = [sitk.Flip(sitk.PermuteAxes(item, order), flips) for item in VOLUME]
    assert_same(features(*moved), mesh=5e-3)
    assert_same(features(*moved, SOLID), SOLID_REFERENCE)


@settings(max_examples=6, deadline=None)
@given(st.tuples(*[st.floats(-2000, 2000)] * 3))
def test_origin_translated(shift: tuple[float, float, float]) -> None:
    moved = [sitk.Image(item) for item in VOLUME]
    for item in moved:
        item.SetOrigin(tuple(a + b for a, b in zip(item.GetOrigin(), shift, strict=True)))
    assert_same(features(*moved))


RESAMPLED_REFERENCE = features(*VOLUME, RESAMPLED)


@settings(max_examples=6, deadline=None)
@given(st.tuples(*[st.integers(-500, 500)] * 3), st.sampled_from([0.0, 0.4, -1.1]))
def test_resampling_follows_the_volume_in_space(shift: tuple[int, int, int], angle: float) -> None:
    """The resampling grid is anchored to the image, so moving or turning image and mask together changes nothing.

    Whole-millimetre shifts: a B-spline sample that is exactly half-way between two integers may round either way.
    """
    transform = sitk.Euler3DTransform((0, 0, 0), angle, angle / 2, -angle)
    moved = [sitk.Image(item) for item in VOLUME]
    for item in moved:
        item.SetOrigin(tuple(a + b for a, b in zip(item.GetOrigin(), shift, strict=True)))
        item.SetDirection(transform.GetMatrix())
    assert_same(features(*moved, RESAMPLED), RESAMPLED_REFERENCE)
