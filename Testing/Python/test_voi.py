"""Placing a contour on an image: every refusal says which step broke it, every warning is raised when it should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import EmptyVoi, FileError, FlatVoi, GeometryMismatch, InvalidImage, SegmentNotFound
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import Grid, make_voi, read_image, read_mask
from RadiomicsPrognosisLib.voi.grid import place

PROTOCOL = make_protocol()


def box_mask(image: sitk.Image, start: tuple[int, int, int], size: tuple[int, int, int]) -> sitk.Image:
    """Return a mask of the image's grid with a box of ones."""
    mask = sitk.Image(image.GetSize(), sitk.sitkUInt8)
    mask.CopyInformation(image)
    i, j, k = start
    mask[i:i + size[0], j:j + size[1], k:k + size[2]] = 1
    return mask


def codes(image: sitk.Image, mask: sitk.Image) -> list[str]:
    return [item.code for item in make_voi(image, mask, PROTOCOL).warnings]


# Refusals


def test_empty_mask_is_refused_as_empty_contour() -> None:
    image, mask = textured_volume()
    with pytest.raises(EmptyVoi, match="draw the contour") as caught:
        make_voi(image, mask * 0, PROTOCOL)
    assert caught.value.step == "contour"


def test_too_few_voxels_for_texture() -> None:
    image, _ = textured_volume()
    with pytest.raises(EmptyVoi, match=r"8 voxels as drawn; texture needs at least 27"):
        make_voi(image, box_mask(image, (5, 5, 5), (2, 2, 2)), PROTOCOL)


@pytest.mark.parametrize("size", [(1, 8, 8), (8, 1, 8), (8, 8, 1)])
def test_one_slice_is_refused_where_3d_is_asked(size: tuple[int, int, int]) -> None:
    image, _ = textured_volume()
    with pytest.raises(FlatVoi, match="at least two slices"):
        make_voi(image, box_mask(image, (5, 5, 5), size), PROTOCOL)


def test_gone_after_the_hu_range() -> None:
    image, mask = textured_volume()
    with pytest.raises(EmptyVoi, match="from 3000 HU") as caught:
        make_voi(image, mask, make_protocol(hu_range=[3000, None]))
    assert "HU range" in caught.value.step


def test_gone_after_the_hu_range_on_the_resampled_grid() -> None:
    image, mask = textured_volume()
    protocol = make_protocol(hu_range=[3000, None], hu_range_on="resampled", resampling={"spacing_mm": [1, 1, 1]})
    with pytest.raises(EmptyVoi, match="from 3000 HU"):
        extract(make_voi(image, mask, protocol), protocol, ["original_firstorder_Mean"])


def test_too_few_voxels_after_resampling() -> None:
    image, _ = textured_volume()
    protocol = make_protocol(resampling={"spacing_mm": [4, 4, 4]})
    voi = make_voi(image, box_mask(image, (8, 8, 8), (4, 4, 3)), protocol)
    with pytest.raises(EmptyVoi, match="after resampling"):
        extract(voi, protocol, ["original_firstorder_Mean"])


def test_mask_elsewhere_does_not_overlap() -> None:
    image, mask = textured_volume()
    mask.SetOrigin((5000, 0, 0))
    with pytest.raises(GeometryMismatch, match="do not overlap"):
        make_voi(image, mask, PROTOCOL)


def test_voi_partly_outside_the_image() -> None:
    image, mask = textured_volume()
    with pytest.raises(GeometryMismatch, match=r"reaches outside the image: \d+ of \d+ voxels"):
        make_voi(image[:12, :, :], mask, PROTOCOL)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_voxel_inside_the_voi(value: float) -> None:
    image, mask = textured_volume()
    image = sitk.Cast(image, sitk.sitkFloat32)
    image[12, 11, 10] = value
    with pytest.raises(InvalidImage, match="1 voxels whose intensity is not a finite number"):
        make_voi(image, mask, PROTOCOL)


def test_non_finite_voxel_that_interpolation_would_spread() -> None:
    image, mask = textured_volume()
    image = sitk.Cast(image, sitk.sitkFloat32)
    image[0, 0, 0] = np.nan
    protocol = make_protocol(resampling={"spacing_mm": [1, 1, 1]})
    with pytest.raises(InvalidImage, match="interpolation"):
        extract(make_voi(image, mask, protocol), protocol, ["original_firstorder_Mean"])


def test_colour_image_is_not_scalar(tmp_path: Path) -> None:
    path = tmp_path / "rgb.nrrd"
    sitk.WriteImage(sitk.Image((4, 4, 4), sitk.sitkVectorUInt8, 3), str(path))
    with pytest.raises(InvalidImage, match="not a scalar volume"):
        read_image(path)


def test_two_dimensional_image(tmp_path: Path) -> None:
    path = tmp_path / "flat.nrrd"
    sitk.WriteImage(sitk.Image((4, 4), sitk.sitkInt16), str(path))
    with pytest.raises(InvalidImage, match="2 dimensions"):
        read_image(path)


@pytest.mark.parametrize("reader", [read_image, read_mask])
def test_missing_and_broken_files(tmp_path: Path, reader: object) -> None:
    with pytest.raises(FileError, match="does not exist"):
        reader(tmp_path / "none.nrrd")
    broken = tmp_path / "broken.nrrd"
    broken.write_text("not an image")
    with pytest.raises(FileError, match="cannot be read"):
        reader(broken)


# Warnings


def test_a_clean_case_warns_of_nothing() -> None:
    assert codes(*textured_volume()) == []


def test_contour_at_the_image_border() -> None:
    image, mask = textured_volume()
    assert codes(image[6:, :, :], mask[6:, :, :]) == ["border"]


def test_several_components() -> None:
    image, _ = textured_volume()
    mask = box_mask(image, (3, 3, 3), (4, 4, 4))
    mask[12:16, 12:16, 12:16] = 1
    warnings = make_voi(image, mask, PROTOCOL).warnings
    assert [item.code for item in warnings] == ["components"]
    assert "2 separate parts" in warnings[0].message


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 1024.0), (100.0, 0.0)])
def test_intensities_that_do_not_look_like_hu(scale: float, offset: float) -> None:
    image, mask = textured_volume()
    assert codes(sitk.Cast(image, sitk.sitkFloat32) * scale + offset, mask) == ["hu"]


# Statistics


def test_share_removed_by_the_native_hu_range() -> None:
    image, mask = textured_volume()
    inside = sitk.GetArrayFromImage(image)[sitk.GetArrayFromImage(mask) == 1]
    voi = make_voi(image, mask, make_protocol(hu_range=[0, 90]))
    kept = int(((inside >= 0) & (inside <= 90)).sum())
    assert voi.statistics.contoured_voxels == inside.size
    assert voi.statistics.kept_voxels == kept
    assert voi.statistics.removed_share == 1 - kept / inside.size
    assert voi.statistics.kept_volume_mm3 == pytest.approx(kept * 2.0, rel=1e-12)


def test_share_removed_on_the_resampled_grid() -> None:
    image, mask = textured_volume()
    table = {"resampling": {"spacing_mm": [1.5, 1.5, 1.5]}}
    whole = make_protocol(**table)
    limited = make_protocol(hu_range=[0, 90], hu_range_on="resampled", **table)
    names = ["original_firstorder_Mean"]
    everything = extract(make_voi(image, mask, whole), whole, names)
    voi = make_voi(image, mask, limited)
    features = extract(voi, limited, names)
    assert (voi.statistics.removed_share, everything.removed_share) == (0.0, 0.0)
    assert 0 < features.voxels < everything.voxels
    assert features.removed_share == 1 - features.voxels / everything.voxels


# Grids


def test_a_cropped_mask_on_the_images_own_voxels_moves_nothing() -> None:
    image, mask = textured_volume()
    whole = make_voi(image, mask, PROTOCOL)
    cropped = make_voi(image, mask[2:22, 3:20, 1:19], PROTOCOL)
    assert cropped.statistics == whole.statistics
    assert cropped.content_hash() == whole.content_hash()
    assert cropped.warnings == ()


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.sampled_from([0.5, 0.9, 0.68359375, 0.9765625, 1.25, 2.5, 3.0, 5.0])] * 3),
       st.tuples(*[st.integers(-4000, 4000).map(lambda n: n / 8) | st.integers(-5000, 5000).map(lambda n: n / 10)] * 3),
       st.integers(-3, 3))
def test_the_content_hash_survives_what_storing_does_to_numbers(spacing, origin, ulps: int) -> None:
    image, mask = textured_volume(spacing=spacing)
    for item in (image, mask):
        item.SetOrigin(origin)
    stored = sitk.Cast(image, sitk.sitkFloat64)
    stored.SetSpacing([value * (1 + ulps * 2.0**-52) for value in spacing])
    stored.SetOrigin([value + ulps * 2.0**-42 for value in origin])
    same = mask[:, :, :]
    same.CopyInformation(stored)
    whole = make_voi(image, mask, PROTOCOL).content_hash()
    assert make_voi(stored, same, PROTOCOL).content_hash() == whole
    stored.SetOrigin([origin[0] + 0.01, *origin[1:]])
    same.CopyInformation(stored)
    assert make_voi(stored, same, PROTOCOL).content_hash() != whole


def test_a_mask_in_another_grid_is_resampled_and_reported() -> None:
    image, mask = textured_volume()
    fine = sitk.Resample(mask, [48, 44, 40], sitk.Transform(), sitk.sitkNearestNeighbor,
                         mask.TransformContinuousIndexToPhysicalPoint((-0.25, -0.25, -0.25)), [0.5, 0.5, 1.0],
                         mask.GetDirection())
    voi = make_voi(image, fine, PROTOCOL)
    assert voi.statistics.contoured_voxels == int(sitk.GetArrayFromImage(mask).sum())
    assert voi.statistics.moved_voxels == voi.statistics.contoured_voxels  # no centre coincides with a fine one
    assert [item.code for item in voi.warnings] == ["resampled"]


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(-0.9, 0.9)] * 3), st.tuples(*[st.floats(0.6, 1.8)] * 3),
       st.tuples(*[st.integers(-400, 400).map(lambda milliradians: milliradians / 1000)] * 3))
def test_resampling_a_mask_equals_simpleitk_on_the_whole_grid(shift: tuple[float, ...], spacing: tuple[float, ...],
                                                              angles: tuple[float, ...]) -> None:
    """Placing only the part that matters gives what a nearest-neighbour resampling of everything gives.

    Angles in whole milliradians: ITK cannot invert a direction that holds subnormal numbers.
    """
    image, _ = textured_volume()
    mask = sitk.Image((9, 9, 9), sitk.sitkUInt8)
    mask[2:7, 2:7, 2:7] = 1
    mask.SetSpacing(spacing)
    mask.SetDirection(sitk.Euler3DTransform((0, 0, 0), *angles).GetMatrix())
    centre = np.array(image.TransformContinuousIndexToPhysicalPoint([n / 2 for n in image.GetSize()]))
    middle = np.array(mask.TransformContinuousIndexToPhysicalPoint((4.5, 4.5, 4.5)))
    mask.SetOrigin((centre - middle + np.array(shift)).tolist())
    placed = place(mask, Grid.of(image), "Segment")
    whole = sitk.GetArrayFromImage(sitk.Resample(mask, image, sitk.Transform(), sitk.sitkNearestNeighbor, 0))
    ours = np.zeros_like(whole)
    (i, j, k), (nk, nj, ni) = placed.start, placed.voxels.shape
    ours[k:k + nk, j:j + nj, i:i + ni] = placed.voxels
    np.testing.assert_array_equal(ours, whole)


def test_header_rounding_is_the_same_grid() -> None:
    image, mask = textured_volume()
    mask.SetSpacing(tuple(np.float32(value * (1 - 1e-7)).item() for value in mask.GetSpacing()))
    voi = make_voi(image, mask, PROTOCOL)
    assert voi.statistics.moved_voxels == 0
    assert voi.warnings == ()


# Labels


@pytest.fixture()
def segmentation(tmp_path: Path) -> Path:
    """A .seg.nrrd as Slicer writes it: two layers, 'Tumour' and 'Node' sharing layer 0, 'Necrosis' overlapping."""
    image, _ = textured_volume()
    layer0 = sitk.GetArrayFromImage(box_mask(image, (4, 4, 4), (6, 6, 6)))
    layer0[12:16, 12:16, 12:16] = 2
    layer1 = sitk.GetArrayFromImage(box_mask(image, (5, 5, 5), (3, 3, 3)))
    both = sitk.GetImageFromArray(np.stack([layer0, layer1], axis=-1), isVector=True)
    both.CopyInformation(image)
    for number, (name, layer, value) in enumerate([("Tumour", 0, 1), ("Node", 0, 2), ("Necrosis", 1, 1)]):
        both.SetMetaData(f"Segment{number}_ID", f"Segment_{number + 1}")
        both.SetMetaData(f"Segment{number}_Name", name)
        both.SetMetaData(f"Segment{number}_Layer", str(layer))
        both.SetMetaData(f"Segment{number}_LabelValue", str(value))
    path = tmp_path / "contours.seg.nrrd"
    sitk.WriteImage(both, str(path))
    return path


@pytest.mark.parametrize(("label", "name", "voxels"), [
    ("Tumour", "Tumour", 216), ("Node", "Node", 64), ("Necrosis", "Necrosis", 27), (2, "Node", 64), ("2", "Node", 64)])
def test_segment_by_name_or_number_in_overlapping_layers(segmentation: Path, label: object, name: str,
                                                         voxels: int) -> None:
    mask, title = read_mask(segmentation, label)
    assert title == name
    assert int(sitk.GetArrayFromImage(mask).sum()) == voxels


def test_ambiguous_or_unknown_segments_list_those_present(segmentation: Path) -> None:
    with pytest.raises(SegmentNotFound, match="several segments '1'"):
        read_mask(segmentation, 1)
    with pytest.raises(SegmentNotFound, match=r"no segment 'Liver'; present: 1 'Tumour', 2 'Node', 1 'Necrosis'"):
        read_mask(segmentation, "Liver")
    with pytest.raises(SegmentNotFound, match="3 segments; say which"):
        read_mask(segmentation)


def test_plain_label_map(tmp_path: Path) -> None:
    image, _ = textured_volume()
    mask = box_mask(image, (4, 4, 4), (6, 6, 6))
    mask[12:16, 12:16, 12:16] = 3
    path = tmp_path / "labels.nii.gz"
    sitk.WriteImage(mask, str(path))
    assert int(sitk.GetArrayFromImage(read_mask(path, 3)[0]).sum()) == 64
    with pytest.raises(SegmentNotFound, match=r"no segment '7'; present: 1, 3"):
        read_mask(path, 7)


def test_a_mask_of_fractions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "soft.nii.gz"
    sitk.WriteImage(sitk.GetImageFromArray(np.full((4, 4, 4), 0.5, np.float32)), str(path))
    with pytest.raises(InvalidImage, match="fractions"):
        read_mask(path)


def test_dicom_folder_round_trip(tmp_path: Path) -> None:
    """A CT series written slice by slice comes back with its HU and geometry; an empty folder is refused."""
    image, _ = textured_volume(spacing=(0.8, 0.8, 5.0))
    folder = tmp_path / "series"
    folder.mkdir()
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for k in range(image.GetSize()[2]):
        piece = image[:, :, k]
        position = "\\".join(str(v) for v in image.TransformIndexToPhysicalPoint((0, 0, k)))
        for key, value in {"0008|0060": "CT", "0020|000e": "1.2.3.4", "0020|000d": "1.2.3", "0020|0013": str(k),
                           "0008|0018": f"1.2.3.4.{k}", "0020|0032": position, "0020|0037": "1\\0\\0\\0\\1\\0",
                           "0018|0050": "5", "0028|0030": "0.8\\0.8"}.items():
            piece.SetMetaData(key, value)
        writer.SetFileName(str(folder / f"{k:03d}.dcm"))
        writer.Execute(piece)
    loaded = read_image(folder)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(loaded), sitk.GetArrayFromImage(image))
    assert Grid.of(loaded).offset_to(Grid.of(image)).tolist() == [0, 0, 0]
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="no DICOM series"):
        read_image(tmp_path / "empty")
