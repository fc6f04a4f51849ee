"""DICOM export, read back by others: pydicom's generic reader, dcmqi, and dciodvfy where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from figure_cases import COX, LOGISTIC, cases, edited, phantom_voi

from RadiomicsPrognosisLib.answer import answer_lines, answer_of
from RadiomicsPrognosisLib.catalogue import CLASSES, FEATURES
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.errors import FileError, GeometryMismatch, InvalidImage, ModelMismatch, PackageMissing
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.voi import Voi, make_voi, read_image

pytest.importorskip("highdicom")
pydicom = pytest.importorskip("pydicom")

from dicom_cases import write_series  # noqa: E402 (needs pydicom)
from pydicom.sr._concepts_dict import concepts  # noqa: E402

from RadiomicsPrognosisLib.dicom import DicomPaths, write_dicom  # noqa: E402
from RadiomicsPrognosisLib.dicom.codes import feature_code  # noqa: E402
from RadiomicsPrognosisLib.dicom.source import on_source, read_source  # noqa: E402

#: IBSI identifier and meaning of the features that have one, by class and name.
IBSI_CODES = {f"{name}_{feature.name}": (feature.ibsi, feature.ibsi_meaning)
              for name, entry in CLASSES.items() for feature in entry.features if feature.ibsi}


def tool(name: str) -> str:
    """Return the path of an independent reader, or skip the test."""
    path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (dcmqi: pip install dcmqi; dciodvfy: apt-get install dicom3tools)")
    return path


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ct")
    write_series(ct_phantom()[0], folder)
    return folder


@pytest.fixture(scope="module")
def exported(series: Path, tmp_path_factory: pytest.TempPathFactory) -> DicomPaths:
    return write_dicom(cases()["high"], load_model(COX), phantom_voi(), series, tmp_path_factory.mktemp("out"))


def walk(item: Any) -> Iterator[Any]:
    """Yield every content item of a structured report."""
    for child in item.get("ContentSequence", []):
        yield child
        yield from walk(child)


def code(sequence: Any) -> tuple[str, str]:
    item = sequence[0]
    return item.CodingSchemeDesignator, item.get("CodeValue") or item.LongCodeValue


def numbers(dataset: Any) -> list[tuple[tuple[str, str], str | None, float, str]]:
    """Return (concept, measured image, value, unit) of each measurement."""
    measured = []
    for item in walk(dataset):
        if item.ValueType == "NUM":
            value = item.MeasuredValueSequence[0]
            images = [code(child.ConceptCodeSequence)[1] for child in item.get("ContentSequence", [])
                      if child.ValueType == "CODE"]
            measured.append((code(item.ConceptNameCodeSequence), images[0] if images else None,
                             float(value.NumericValue), code(value.MeasurementUnitsCodeSequence)[1]))
    return measured


def texts(dataset: Any) -> str:
    return "\n".join(item.TextValue for item in walk(dataset) if item.ValueType == "TEXT")


def test_report_holds_every_number_with_its_code(exported: DicomPaths) -> None:
    measured = numbers(pydicom.dcmread(exported.report))
    prediction = cases()["high"]
    expected = []
    for item in prediction.contributions:
        image, kind, feature = item.feature.split("_")
        known = IBSI_CODES.get(f"{kind}_{feature}")
        name = ("IBSI", known[0]) if known else ("99RADPROG", f"{kind}_{feature}")
        expected.append((name, None if image == "original" else image, item.value))
    expected.append((("99RADPROG", "SCORE"), None, prediction.score))
    survival = prediction.survival
    expected += [(("99RADPROG", f"SURVIVAL_{month:g}M"), None, share) for month, share in
                 zip(survival.horizons_months, survival.at_horizons, strict=True)]
    expected.append((("99RADPROG", "KEPT_VOLUME"), None, prediction.vois["image"].kept_volume_mm3))
    assert [item[:2] for item in measured] == [item[:2] for item in expected]
    # A DICOM decimal string has 16 characters: at least 9 significant digits of the smallest of these numbers.
    np.testing.assert_allclose([item[2] for item in measured], [item[2] for item in expected], rtol=1e-9)
    units = {item[0][1]: item[3] for item in measured}
    assert units["84IY"] == "[hnsf'U]" and units["firstorder_TotalEnergy"] == "[hnsf'U]2.mm3"
    assert units["KE2A"] == "1" and units["KEPT_VOLUME"] == "mm3"


def test_report_says_group_warnings_and_use(exported: DicomPaths) -> None:
    dataset = pydicom.dcmread(exported.report)
    groups = [item for item in walk(dataset) if item.ValueType == "CODE"
              and code(item.ConceptNameCodeSequence) == ("99RADPROG", "GROUP")]
    assert [code(item.ConceptCodeSequence) for item in groups] == [("99RADPROG", "GROUP_ABOVE")]
    assert groups[0].ConceptCodeSequence[0].CodeMeaning == "high risk"
    assert "Research use only" in texts(dataset) and "Demonstration scaling" in texts(dataset)
    assert load_model(COX).hash in texts(dataset)
    prediction = cases()["high"]
    answer = answer_of(prediction, load_model(COX))
    assert answer.band.startswith("DEMONSTRATION") and answer.caution.startswith("The contour is a sphere")
    for line in answer_lines(answer):
        assert line in texts(dataset)
    # The band is what a reader of the report meets before any number in words.
    assert texts(dataset).index(answer.band) < texts(dataset).index(answer.headline)
    assert dataset.PreliminaryFlag == "PRELIMINARY" and dataset.VerificationFlag == "UNVERIFIED"
    assert dataset.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == "99RADPROG"


def test_withheld_parts_are_reasons_not_numbers(series: Path, tmp_path: Path) -> None:
    paths = write_dicom(cases()["no-survival"], load_model(COX), phantom_voi(), series, tmp_path)
    dataset = pydicom.dcmread(paths.report)
    assert not any(name[1].startswith("SURVIVAL") for name, *_ in numbers(dataset))
    assert "No local progression-free survival: Give Complete response" in texts(dataset)


def test_a_probability_is_exported(series: Path, tmp_path: Path) -> None:
    prediction = cases()["logistic"]
    paths = write_dicom(prediction, load_model(LOGISTIC), phantom_voi(LOGISTIC, "Node 3"), series, tmp_path, stem="n3")
    assert paths.report.name == "n3_sr.dcm" and paths.segmentation.name == "n3_seg.dcm"
    measured = {name[1]: value for name, _, value, _ in numbers(pydicom.dcmread(paths.report))}
    assert measured["PROBABILITY"] == pytest.approx(prediction.probability, rel=1e-12)
    assert measured["firstorder_Kurtosis"] == 6.0  # the IBSI's kurtosis is 3 less: a private code


def test_instances_belong_to_the_patient_study_and_each_other(exported: DicomPaths, series: Path) -> None:
    report, segmentation = pydicom.dcmread(exported.report), pydicom.dcmread(exported.segmentation)
    slices = {header.SOPInstanceUID: header for header in read_source(series).headers}
    source = next(iter(slices.values()))
    for dataset in (report, segmentation):
        for name in ("PatientID", "PatientName", "StudyInstanceUID", "AccessionNumber"):
            assert dataset.get(name) == source.get(name)
    assert segmentation.FrameOfReferenceUID == source.FrameOfReferenceUID
    referred = {item.SOPInstanceUID if "SOPInstanceUID" in item else item.ReferencedSOPInstanceUID
                for entry in segmentation.ReferencedSeriesSequence for item in entry.ReferencedInstanceSequence}
    assert referred <= set(slices) and referred
    evidence = {item.ReferencedSOPInstanceUID for study in report.CurrentRequestedProcedureEvidenceSequence
                for entry in study.ReferencedSeriesSequence for item in entry.ReferencedSOPSequence}
    assert evidence == {*slices, segmentation.SOPInstanceUID}
    images = [item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in walk(report)
              if item.ValueType == "IMAGE"]
    assert segmentation.SOPInstanceUID in images


def test_segmentation_counts_the_voxels(exported: DicomPaths) -> None:
    segmentation = pydicom.dcmread(exported.segmentation)
    frames = segmentation.pixel_array
    counts: dict[int, int] = {}
    for frame, functional in zip(frames, segmentation.PerFrameFunctionalGroupsSequence, strict=True):
        number = functional.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        counts[number] = counts.get(number, 0) + int(frame.sum())
    statistics = phantom_voi().statistics
    assert counts == {1: statistics.kept_voxels, 2: statistics.contoured_voxels}
    assert [item.SegmentLabel for item in segmentation.SegmentSequence] == ["Tumour: measured voxels",
                                                                            "Tumour: contour as drawn"]


def test_dcmqi_reads_the_same_voxels(exported: DicomPaths, tmp_path: Path) -> None:
    subprocess.run([tool("segimage2itkimage"), "--inputDICOM", exported.segmentation, "--outputDirectory", tmp_path],
                   check=True, capture_output=True)
    voi = phantom_voi()
    for number, mask in ((1, voi.kept), (2, voi.contour)):
        read = sitk.ReadImage(str(tmp_path / f"{number}.nrrd"))
        whole = sitk.Resample(read, ct_phantom()[0], sitk.Transform(), sitk.sitkNearestNeighbor)
        voxels = sitk.GetArrayFromImage(whole) > 0
        i, j, k = voi.start
        depth, rows, columns = mask.shape
        assert (voxels[k:k + depth, j:j + rows, i:i + columns] == mask).all()
        assert voxels.sum() == mask.sum()


def test_dcmqi_reads_the_same_measurements(exported: DicomPaths, tmp_path: Path) -> None:
    output = tmp_path / "sr.json"
    subprocess.run([tool("tid1500reader"), "--inputDICOM", exported.report, "--outputMetadata", output],
                   check=True, capture_output=True)
    group, = json.loads(output.read_text())["Measurements"]
    assert group["ReferencedSegment"] == 1
    assert group["segmentationSOPInstanceUID"] == pydicom.dcmread(exported.segmentation).SOPInstanceUID
    measured = [(item["quantity"]["CodeValue"], float(item["value"])) for item in group["measurementItems"]]
    assert measured == [(name[1], value) for name, _, value, _ in numbers(pydicom.dcmread(exported.report))]


def test_dciodvfy_finds_no_error(exported: DicomPaths) -> None:
    for path in (exported.report, exported.segmentation):
        done = subprocess.run([tool("dciodvfy"), path], capture_output=True, text=True, check=False)
        errors = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]
        assert errors == []


@pytest.mark.parametrize(("name", "meaning"), [
    ("ibexglcm-45-7_InformationMeasureCorr1", "IBEX-like GLCM 45°/7 information correlation 1"),
    ("ibexshape_Mass", "IBEX-like shape: mass"),
    ("ivh_V10", "IBSI intensity-volume: volume at 10 % intensity"),
    ("firstorder_Kurtosis", "pyradiomics firstorder_Kurtosis"),
])
def test_a_private_code_says_whose_definition_it_is(name: str, meaning: str) -> None:
    code = feature_code(f"original_{name}")
    assert (code.scheme_designator, code.value, code.meaning) == ("99RADPROG", name, meaning)


def test_ibsi_codes_are_those_of_the_standard() -> None:
    """DICOM PS3.16, as pydicom carries it, has the codes of shape and texture; intensity statistics it codes apart."""
    standard = {value: meaning for entry in concepts["IBSI"].values() for value, (meaning, _) in entry.items()}
    known = {f"{kind}_{feature}" for kind, features in FEATURES.items() for feature in features}
    assert set(IBSI_CODES) <= known
    assert len({value for value, _ in IBSI_CODES.values()}) == len(IBSI_CODES)
    for name, (value, meaning) in IBSI_CODES.items():
        if value in standard:
            assert meaning == standard[value], name
        else:
            assert name.split("_")[0] in ("firstorder", "intensity", "localintensity", "ivh"), name
    words = {"Idm": "Inverse Difference Moment", "Idmn": "Normalized Inverse Difference Moment",
             "Idn": "Normalized Inverse Difference", "Id": "Inverse Difference", "JointEnergy": "Angular Second Moment",
             "SumSquares": "Joint Variance"}
    for feature, meaning in words.items():
        assert IBSI_CODES[f"glcm_{feature}"][1] == f"{meaning} of GLCM"
    for name in ("firstorder_Kurtosis", "firstorder_TotalEnergy", "glcm_MCC", "shape_Maximum2DDiameterSlice"):
        assert name not in IBSI_CODES


def flipped_voi(order: str) -> Voi:
    image, mask = ct_phantom()
    return make_voi(sitk.DICOMOrient(image, order), sitk.DICOMOrient(mask, order), load_model(COX).image_protocol())


@pytest.mark.parametrize("order", ["LPS", "RAS", "PIR"])
def test_the_voi_finds_its_slices_however_the_volume_is_stored(order: str, series: Path) -> None:
    voi = flipped_voi(order)
    array = on_source(voi, voi.contour, read_source(series))
    assert (array == (sitk.GetArrayFromImage(ct_phantom()[1]) > 0)).all()


def test_oblique_series_have_the_grid_that_simpleitk_reads(tmp_path: Path) -> None:
    image, _ = ct_phantom()
    turn = sitk.Euler3DTransform((0, 0, 0), 0.1, -0.2, 0.3).GetMatrix()
    image.SetDirection(turn)
    write_series(image, tmp_path)
    source, read = read_source(tmp_path), read_image(tmp_path)
    assert source.grid.size == read.GetSize()
    for actual, expected in ((source.grid.spacing, read.GetSpacing()), (source.grid.origin, read.GetOrigin()),
                            (source.grid.direction, read.GetDirection())):
        np.testing.assert_allclose(actual, expected, atol=2e-6)  # headers carry 6 decimals of a mm


def test_a_contour_of_another_volume_is_refused(series: Path, tmp_path: Path) -> None:
    image, mask = ct_phantom()
    for item in (image, mask):
        item.SetOrigin([value + 0.3 for value in item.GetOrigin()])
    voi = make_voi(image, mask, load_model(COX).image_protocol(), "Moved")
    with pytest.raises(GeometryMismatch, match="series that the volume was loaded from"):
        on_source(voi, voi.contour, read_source(series))
    with pytest.raises(ModelMismatch, match="score the case again"):
        write_dicom(cases()["high"], load_model(COX), voi, series, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unusable_sources_are_explained(series: Path, tmp_path: Path) -> None:
    files = sorted(series.iterdir())
    other = tmp_path / "other"
    write_series(ct_phantom()[0], other)
    text = tmp_path / "notes.txt"
    text.write_text("not DICOM")
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in files]
    middle = headers.index(sorted(headers, key=lambda item: float(item.ImagePositionPatient[2]))[5])
    with pytest.raises(InvalidImage, match="not evenly spaced"):
        read_source([header for index, header in enumerate(headers) if index != middle])
    with pytest.raises(InvalidImage, match="2 series"):
        read_source([*files, *sorted(other.iterdir())])
    with pytest.raises(FileError, match="not a readable DICOM file"):
        read_source([text])
    with pytest.raises(FileError, match="not a folder"):
        read_source(text)
    with pytest.raises(FileError, match="No DICOM file"):
        read_source([])
    del headers[0].ImagePositionPatient
    with pytest.raises(InvalidImage, match="lacks ImagePositionPatient"):
        read_source(headers)


def test_hostile_names_fit_into_dicom(tmp_path: Path) -> None:
    name = "محمد\\张三<script>" + "x" * 10_000
    write_series(ct_phantom()[0], tmp_path / "ct", patient="王^小东=王^小东")
    prediction = cases()["high"]
    voi = phantom_voi(COX, name)
    prediction = edited(prediction, vois__image__segment=name, group__label=name)
    model = replace(load_model(COX), signature=replace(load_model(COX).signature, name=name))
    paths = write_dicom(prediction, model, voi, tmp_path / "ct", tmp_path)
    segmentation, report = pydicom.dcmread(paths.segmentation), pydicom.dcmread(paths.report)
    label = segmentation.SegmentSequence[0].SegmentLabel
    assert label.startswith("محمد/张三<script>") and len(label.encode()) <= 64
    assert str(report.PatientName) == "王^小东=王^小东" == str(segmentation.PatientName)
    for path in (paths.report, paths.segmentation):
        done = subprocess.run([tool("dciodvfy"), path], capture_output=True, text=True, check=False)
        assert [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")] == []


def test_without_highdicom_the_package_is_named(series: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("RadiomicsPrognosisLib.dicom.")]:
        if not name.endswith(".export"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(PackageMissing, match="highdicom"):
        write_dicom(cases()["high"], load_model(COX), phantom_voi(), series, tmp_path)


def test_the_score_command_writes_both_objects_beside_the_prediction(series: Path, tmp_path: Path,
                                                                     capsys: pytest.CaptureFixture[str]) -> None:
    mask = tmp_path / "mask.nrrd"
    sitk.WriteImage(ct_phantom()[1], str(mask))
    out = tmp_path / "out"
    assert run(["score", "--image", str(series), "--mask", str(mask), "--model", LOGISTIC, "--out", str(out), "--dicom",
                "--json"]) == 0
    score = json.loads(capsys.readouterr().out)["score"]
    values = {concept: value for concept, _, value, _ in numbers(pydicom.dcmread(out / "radiomics_sr.dcm"))}
    assert values["99RADPROG", "SCORE"] == pytest.approx(score, rel=1e-9)
    assert pydicom.dcmread(out / "radiomics_seg.dcm").Modality == "SEG"
