"""A DICOM series is checked before it is read: what is no single evenly spaced volume is refused in words."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from conftest import shared_case
from dicom_cases import write_series

from RadiomicsPrognosisLib.cli.case import add_case_options, dicom_source, read_case
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort.table import read_cohort, series_of
from RadiomicsPrognosisLib.errors import FileError, SeriesError
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.voi.images import read_acquired, read_image

#: A real CT, and its slices that are written, with voxels of the tumour in each.
CASE, FIRST, LAST = "sts_ct/STS_001", 20, 44

MODEL = load_model("s2_escc_ln_response")


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real CT around its tumour as a DICOM series of 24 slices 3.27 mm apart."""
    image = sitk.ReadImage(str(shared_case(CASE)[0]))[:, :, FIRST:LAST]
    folder = tmp_path_factory.mktemp("scan") / "series"
    write_series(sitk.Cast(image, sitk.sitkInt32), folder)
    return folder


@pytest.fixture
def series(scan: Path, tmp_path: Path) -> Path:
    """A copy of the series that a test may spoil."""
    return Path(shutil.copytree(scan, tmp_path / "ct"))


def slices(folder: Path) -> list[Path]:
    """Return the files of a series in the order of their slices."""
    return sorted(folder.glob("*.dcm"), key=lambda path: float(
        pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]))


def change(paths: Sequence[Path], **values: object) -> None:
    """Set attributes of DICOM files; None takes them out."""
    for path in paths:
        slice_ = pydicom.dcmread(path)
        for name, value in values.items():
            if value is None:
                delattr(slice_, name)
            else:
                setattr(slice_, name, value)
        slice_.file_meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID
        slice_.save_as(path)


def refusal(folder: Path, wanted: str | None = None) -> SeriesError:
    """Return the error with which a series is refused."""
    with pytest.raises(SeriesError) as caught:
        read_image(folder, wanted)
    return caught.value


def test_a_slice_missing_inside_the_tumour_is_refused(scan: Path, series: Path, tmp_path: Path,
                                                      capfd: pytest.CaptureFixture[str]) -> None:
    """One slice less changed score and group of a real case, with exit code 0 and a raw warning of ITK."""
    mask = sitk.ReadImage(str(shared_case(CASE)[1]))[:, :, FIRST:LAST]
    inside = np.flatnonzero(sitk.GetArrayFromImage(mask).any(axis=(1, 2)))
    sitk.WriteImage(mask, str(tmp_path / "mask.nrrd"))
    removed = slices(series)[int(inside[len(inside) // 2])]
    removed.unlink()
    arguments = ["score", "--image", str(series), "--mask", str(tmp_path / "mask.nrrd"), "--model",
                 "s2_escc_ln_response"]
    assert run(arguments) == 2
    told = capfd.readouterr().err
    assert "1 slice is missing there" in told and "3.27 mm apart" in told and "(6.54 mm)" in told
    assert "Warning" not in told and len(told.strip().splitlines()) == 1
    depth = float(pydicom.dcmread(scan / removed.name).ImagePositionPatient[2])
    np.testing.assert_allclose(refusal(series).positions_mm, (depth - 3.27, depth + 3.27), atol=1e-3)


def test_a_whole_series_is_read_as_it_is(scan: Path, capfd: pytest.CaptureFixture[str]) -> None:
    image = sitk.ReadImage(str(shared_case(CASE)[0]))[:, :, FIRST:LAST]
    acquired = read_acquired(scan)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(acquired.image), sitk.GetArrayFromImage(image))
    for actual, expected in ((acquired.image.GetSpacing(), image.GetSpacing()),
                             (acquired.image.GetOrigin(), image.GetOrigin())):
        np.testing.assert_allclose(actual, expected, atol=1e-5)
    assert list(acquired.files) == slices(scan)
    assert capfd.readouterr() == ("", "")


def test_doubled_slices_and_copies_are_named(series: Path) -> None:
    path = slices(series)[7]
    shutil.copy(path, series / "copy.dcm")
    error = refusal(series)
    assert "the same image lies there twice" in str(error) and "copy.dcm" in str(error)
    change([series / "copy.dcm"], SOPInstanceUID="1.2.3.4")
    assert "two images of one place" in str(refusal(series))


@pytest.mark.parametrize(("attribute", "words"), [("AcquisitionNumber", "several acquisitions of one place"),
                                                  ("TemporalPositionIdentifier", "several temporal positions")])
def test_acquisitions_interleaved_in_one_series_are_told_apart(attribute: str, words: str, series: Path) -> None:
    """Two phases with one SeriesInstanceUID were read as one volume of twice the slices."""
    first = slices(series)
    for path in first:
        shutil.copy(path, series / f"second-{path.name}")
    for number, path in enumerate(sorted(series.glob("second-*"))):
        change([path], SOPInstanceUID=f"1.2.3.{number}", **{attribute: 2})
    change(first, **{attribute: 1})
    error = refusal(series)
    assert words in str(error) and "1 with 24, 2 with 24 slices" in str(error)
    assert len(error.positions_mm) == 24


def test_slices_of_several_kinds_are_no_volume(series: Path, tmp_path: Path) -> None:
    changes = {
        "several orientations": {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]},
        "PixelSpacing (mm): 0.5 x 0.5 in 2": {"PixelSpacing": [0.5, 0.5]},
        "the PixelSpacing of": {"PixelSpacing": [0, 0]},
        "PixelSpacing of '0013.dcm' is not stated": {"PixelSpacing": None},
        "slice thickness (mm): 1.25 in 2": {"SliceThickness": 1.25},
        "frame of reference": {"FrameOfReferenceUID": "1.2.3"},
        "modality": {"Modality": "PT"},
        "does not state where its slice lies": {"ImagePositionPatient": None},
        "state no rescaling to HU": {"RescaleSlope": None, "RescaleIntercept": None},
        "is no rescaling (slope '0.0'": {"RescaleSlope": 0},
        "in the unit 'OD'": {"RescaleType": "OD"},
    }
    for number, (words, values) in enumerate(changes.items()):
        spoilt = Path(shutil.copytree(series, tmp_path / str(number)))
        change([spoilt / "0013.dcm", spoilt / "0014.dcm"], **values)
        assert words in str(refusal(spoilt))


def test_sizes_that_differ_are_refused(series: Path) -> None:
    path = slices(series)[3]
    slice_ = pydicom.dcmread(path)
    slice_.Rows = slice_.Rows // 2
    slice_.PixelData = slice_.PixelData[:len(slice_.PixelData) // 2]
    slice_.save_as(path)
    assert "differ in size (columns x rows)" in str(refusal(series))


def test_slices_not_evenly_spaced_are_refused_within_a_hundredth(series: Path) -> None:
    def moved(share: float) -> None:
        for number, path in enumerate(slices(series)):
            slice_ = pydicom.dcmread(path)
            x, y, z = slice_.ImagePositionPatient
            slice_.ImagePositionPatient = [x, y, f"{z + (3.27 * share if number >= 12 else 0):.6f}"]
            slice_.save_as(path)

    moved(0.009)
    assert read_image(series).GetSize()[2] == 24
    moved(0.02)
    error = refusal(series)
    assert "no evenly spaced volume" in str(error) and len(error.positions_mm) == 2


def test_every_second_slice_is_evenly_spaced_and_yet_refused(series: Path) -> None:
    for path in slices(series)[1::2]:
        path.unlink()
    assert "holds every second slice alone: they are 3.27 mm thick, 6.54 mm apart" in str(refusal(series))
    for number, path in enumerate(slices(series)):
        change([path], InstanceNumber=number + 1)
    (warning,) = read_acquired(series).warnings
    assert warning.code == "slice-gaps" and "3.27 mm thick and 6.54 mm apart" in warning.message


def test_a_tilted_gantry_is_refused(series: Path) -> None:
    """Slices shifted in their plane as the table moves along another direction than their normal."""
    angle = np.radians(15.0)
    for number, path in enumerate(slices(series)):
        slice_ = pydicom.dcmread(path)
        x, y, z = slice_.ImagePositionPatient
        slice_.ImagePositionPatient = [x, f"{y + number * 3.27 * np.tan(angle):.6f}", z]
        slice_.save_as(path)
    assert "15.0 degrees off their normal, as by a tilted gantry" in str(refusal(series))


def test_a_stated_tilt_must_be_that_of_the_slices(series: Path) -> None:
    change(slices(series), GantryDetectorTilt=12)
    assert "states a gantry tilt of 12 degrees" in str(refusal(series))
    change(slices(series), ImageType=["DERIVED", "SECONDARY", "REFORMATTED"])
    assert read_image(series).GetSize()[2] == 24


def test_each_slice_is_rescaled_in_its_own_way(scan: Path, series: Path) -> None:
    """A reader that takes the first slice's type for all cut the others' values to whole numbers."""
    expected = sitk.GetArrayFromImage(read_image(scan)).astype(float)
    paths = slices(series)
    change(paths[1::2], RescaleSlope=0.5, RescaleIntercept=-1000.25)
    expected[1::2] = (expected[1::2] + 1024) * 0.5 - 1000.25
    np.testing.assert_array_equal(sitk.GetArrayFromImage(read_image(series)), expected)


def test_a_single_slice_names_the_folder(series: Path, tmp_path: Path) -> None:
    path = slices(series)[0]
    assert ("one of the slices of series 3 (CT, 24 slices); give the folder that holds them all: "
            f"'{series}'.") in str(refusal(path))
    (tmp_path / "alone").mkdir()
    assert "a single DICOM slice" in str(refusal(Path(shutil.copy(path, tmp_path / "alone"))))


@pytest.fixture
def several(scan: Path, tmp_path: Path) -> Path:
    """A folder with three series: a chest, a later phase whose HU are 100 higher, and a localiser."""
    folder = Path(shutil.copytree(scan, tmp_path / "study"))
    change(slices(folder), SeriesDescription="Thorax nativ")
    later = Path(shutil.copytree(scan, tmp_path / "later"))
    change(slices(later), SeriesNumber=4, SeriesDescription="Thorax venös", SeriesInstanceUID="1.2.3.4.5",
           SpecificCharacterSet="ISO_IR 100", RescaleIntercept=-924, ContrastBolusAgent="Ultravist 300")
    for path in later.iterdir():
        shutil.move(path, folder / f"later-{path.name}")
    for number, path in enumerate(slices(scan)[:2]):
        change([Path(shutil.copy(path, folder / f"scout{number}.dcm"))], SeriesNumber=1, SeriesInstanceUID="1.2.3.4.6",
               ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], SOPInstanceUID=f"1.2.9.{number}")
    return folder


def test_the_series_of_a_folder_are_listed_and_chosen(several: Path) -> None:
    error = refusal(several)
    assert ("3 DICOM series: 1 (CT localiser, 2 slices); 3 'Thorax nativ' (CT, 24 slices); 4 'Thorax venös' (CT, 24 "
            "slices). Say which with --series NUMBER") in str(error)
    plain, later = (sitk.GetArrayFromImage(read_image(several, wanted)) for wanted in ("3", "1.2.3.4.5"))
    np.testing.assert_array_equal(later - plain, np.full_like(plain, 100))
    assert "no series '7'" in str(refusal(several, "7"))
    assert "is a localiser for planning a scan" in str(refusal(several, "1"))
    assert "--series 4" in str(refusal(next(several.glob("later-*"))))
    change(slices(several)[:1], SeriesNumber=3)


def test_localisers_in_crossing_directions_are_named(series: Path) -> None:
    for path in slices(series)[2:]:
        path.unlink()
    change(slices(series)[:1], ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    assert "is a localiser: 2 images in crossing directions" in str(refusal(series))


def test_numbers_written_in_other_ways_are_no_difference(series: Path) -> None:
    """Headers rewritten by an archive carry 3.27 and 3.270, positions rounded to hundredths."""
    for number, path in enumerate(slices(series)):
        slice_ = pydicom.dcmread(path)
        slice_.SliceThickness = "3.27" if number % 2 else "3.270"
        slice_.ImagePositionPatient = [f"{value:.2f}" for value in slice_.ImagePositionPatient]
        slice_.save_as(path)
    assert read_image(series).GetSize()[2] == 24


def test_other_files_are_passed_over_and_damaged_slices_named(series: Path) -> None:
    path = slices(series)[5]
    (series / "notes.txt").write_text("not DICOM")
    (series / ".hidden.dcm").write_text("left by a file manager")
    report = pydicom.dcmread(path)
    del report.PixelData
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = pydicom.uid.RTStructureSetStorage
    report.save_as(series / "contours.dcm")
    assert read_image(series).GetSize()[2] == 24
    path.write_bytes(path.read_bytes()[:-1000])
    assert f"'{path}' is a DICOM image that cannot be read" in str(refusal(series))


def test_folders_without_series_say_where_they_are(series: Path) -> None:
    with pytest.raises(FileError, match=r"there are DICOM files in its folders ct\)"):
        read_image(series.parent)


def test_names_are_read_in_their_character_set(series: Path) -> None:
    change(slices(series), SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jürg", InstitutionName="Zürich",
           PatientAge="064Y")
    identity = read_acquired(series).identity
    assert identity.patient() == {
        "name": "Müller, Jürg", "id": "P-1", "birth_date": "1960-01-01", "sex": "M", "age": "64 years",
        "accession": "A1", "study_date": "2024-01-02", "modality": "CT", "institution": "Zürich"}
    assert identity.series_uid and identity.study_uid and identity.frame_of_reference_uid


def enhanced(scan: Path, path: Path, positions: Sequence[Sequence[float]], order: Sequence[int]) -> Path:
    """Write the series as one multi-frame file with frames at ``positions`` (mm), stored in ``order``."""
    listed = [pydicom.dcmread(item) for item in slices(scan)]
    whole = pydicom.dcmread(slices(scan)[0])
    whole.SOPClassUID = whole.file_meta.MediaStorageSOPClassUID = pydicom.uid.EnhancedCTImageStorage
    shared, (measures, plane, rescaling) = pydicom.Dataset(), (pydicom.Dataset() for _ in range(3))
    measures.PixelSpacing, measures.SliceThickness = whole.PixelSpacing, whole.SliceThickness
    plane.ImageOrientationPatient = whole.ImageOrientationPatient
    rescaling.RescaleSlope, rescaling.RescaleIntercept, rescaling.RescaleType = 1, -1024, "HU"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    shared.PixelValueTransformationSequence = [rescaling]
    frames = []
    for index in order:
        frame, place = pydicom.Dataset(), pydicom.Dataset()
        place.ImagePositionPatient = [f"{value:.6f}" for value in positions[index]]
        frame.PlanePositionSequence = [place]
        frames.append(frame)
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "RescaleSlope",
                 "RescaleIntercept"):
        delattr(whole, name)
    whole.SharedFunctionalGroupsSequence, whole.PerFrameFunctionalGroupsSequence = [shared], frames
    whole.NumberOfFrames = len(order)
    whole.PixelData = b"".join(listed[index].PixelData for index in order)
    whole.save_as(path)
    return path


def test_frames_of_one_file_are_put_in_order_or_refused(scan: Path, tmp_path: Path) -> None:
    """GDCM stacks frames as they are stored and, where they are uneven, 1 mm apart without a word."""
    expected = read_image(scan)
    positions = [expected.TransformIndexToPhysicalPoint((0, 0, k)) for k in range(expected.GetSize()[2])]
    order = np.random.default_rng(0).permutation(len(positions)).tolist()
    image = read_image(enhanced(scan, tmp_path / "whole.dcm", positions, order))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(expected))
    np.testing.assert_allclose(image.GetSpacing(), expected.GetSpacing(), atol=1e-5)
    np.testing.assert_allclose(image.GetOrigin(), expected.GetOrigin(), atol=1e-5)
    assert read_acquired(tmp_path / "whole.dcm").acquisition.slice_thickness_mm == pytest.approx(3.27)
    error = refusal(enhanced(scan, tmp_path / "gap.dcm", positions, [index for index in order if index != 9]))
    assert "1 slice is missing there" in str(error)


# On the command line


@pytest.fixture(scope="module")
def mask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mask") / "mask.nrrd"
    sitk.WriteImage(sitk.ReadImage(str(shared_case(CASE)[1]))[:, :, FIRST:LAST], str(path))
    return path


def test_the_command_line_takes_a_series_for_each_input(several: Path, mask: Path) -> None:
    """Each input reads the series of its own; the later phase's HU are 100 higher."""
    parser = argparse.ArgumentParser()
    add_case_options(parser)
    first = MODEL.inputs[0]
    model = replace(MODEL, inputs=(first, replace(first, name="venous")))
    options = parser.parse_args(["--image", str(several), "--series", "3", "--mask", str(mask), "--model", MODEL.id,
                                 "--input", f"venous={several}", "--series", "venous=1.2.3.4.5"])
    vois, _ = read_case(options, model)
    assert vois["venous"].statistics.mean_hu - vois["image"].statistics.mean_hu == pytest.approx(100)
    assert vois["venous"].acquisition.contrast_agent == "Ultravist 300" and vois["image"].acquisition.contrast is None
    assert vois["venous"].identity.series == "Thorax venös" and len(dicom_source(options)) == 24


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "holds 3 DICOM series"), (["--series", "9"], "no series '9'"), (["--series", "venous=4"], "no --input gives"),
    (["--series", "3", "--series", "4"], "names that of --image twice"), (["--series", "=4"], "must have the form")])
def test_a_wrong_choice_of_series_is_one_line(arguments: list[str], words: str, several: Path, mask: Path,
                                              capfd: pytest.CaptureFixture[str]) -> None:
    command = ["score", "--image", str(several), "--mask", str(mask), "--model", MODEL.id, *arguments]
    assert run(command) == 2
    told = capfd.readouterr().err.strip().splitlines()
    assert len(told) == 1 and words in told[0]


def test_an_mr_series_is_not_scored_by_a_ct_model(series: Path, mask: Path, capfd: pytest.CaptureFixture[str]) -> None:
    change(slices(series), Modality="MR")
    assert run(["score", "--image", str(series), "--mask", str(mask), "--model", MODEL.id]) == 2
    assert "is MR (DICOM modality MR), and model" in capfd.readouterr().err


def test_a_cohort_names_the_series_of_each_row(several: Path, mask: Path, tmp_path: Path) -> None:
    table = tmp_path / "cohort.csv"
    table.write_text(f"case,image,mask,series\nP1,{several},{mask},3\nP2,{several},{mask},4\nP3,{several},{mask},\n")
    row = read_cohort(table).to_dict("records")
    assert [series_of(item) for item in row] == ["3", "4", None]
