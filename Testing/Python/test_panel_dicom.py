"""'Export to DICOM database': SR and SEG beside the CT they are about, or clear words for why there are none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")
pytest.importorskip("highdicom", reason="highdicom, which writes the DICOM objects, is not installed")

from slicer_standin.testing import scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import pydicom
import slicer
import vtk
from dicom_cases import write_series
from panel_bench import S2, PanelBench, bench, impatient  # noqa: F401 - fixtures
from slicer_standin.dicom_database import DicomDatabase, dicom_lib


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DicomDatabase:
    """An open DICOM database that holds the small CT."""
    (tmp_path / "database").mkdir()
    stand_in = DicomDatabase(tmp_path / "database")
    monkeypatch.setattr(slicer, "dicomDatabase", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "DICOMLib", dicom_lib())
    write_series(textured_volume((24, 22, 20))[0], tmp_path / "series")
    stand_in.index(str(tmp_path / "series"), copy=False)
    return stand_in


@pytest.fixture
def case(bench: PanelBench, database: DicomDatabase) -> PanelBench:  # noqa: F811
    """The panel with a result on a volume that says which instances it was loaded from."""
    bench.small_case()
    slices = sorted(database.objects("CT"), key=lambda item: float(item.ImagePositionPatient[2]))
    bench.volume.SetAttribute("DICOM.instanceUIDs", " ".join(str(item.SOPInstanceUID) for item in slices))
    bench.result()
    return bench


def test_report_and_segmentation_come_into_the_study_of_the_ct(case: PanelBench, database: DicomDatabase) -> None:
    case.ui.dicomButton.click()
    assert "Added to the DICOM database" in case.ui.noticeLabel.text, case.ui.noticeLabel.text
    (report,), (segmentation,) = database.objects("SR"), database.objects("SEG")
    source = database.objects("CT")[0]
    for item in (report, segmentation):
        assert item.StudyInstanceUID == source.StudyInstanceUID and item.PatientID == source.PatientID
        assert Path(database.fileForInstance(str(item.SOPInstanceUID))).is_file()
    referred = {item.ReferencedSOPInstanceUID for series in segmentation.ReferencedSeriesSequence
                for item in series.ReferencedInstanceSequence}
    assert referred <= {item.SOPInstanceUID for item in database.objects("CT")}
    voxels = int(pydicom.pixels.pixel_array(segmentation).sum())
    assert voxels == next(iter(case.panel.prediction.vois.values())).kept_voxels
    case.ui.dicomButton.click()  # every export is an object of its own
    assert len(database.objects("SR")) == 2


def test_objects_name_nobody_where_names_are_left_out(case: PanelBench, database: DicomDatabase) -> None:
    case.ui.anonymousCheckBox.click()
    try:
        case.ui.dicomButton.click()
    finally:
        case.ui.anonymousCheckBox.click()
    (report,), (segmentation,) = database.objects("SR"), database.objects("SEG")
    for item in (report, segmentation):
        assert not item.PatientName and not item.PatientID
        assert item.StudyInstanceUID == database.objects("CT")[0].StudyInstanceUID


def test_a_volume_from_elsewhere_is_told_what_to_do(bench: PanelBench, database: DicomDatabase) -> None:  # noqa: F811
    bench.small_case()
    bench.ui.dicomButton.click()
    assert "was not loaded from the DICOM database" in bench.ui.noticeLabel.text
    bench.volume.SetAttribute("DICOM.instanceUIDs", "Unknown Unknown")
    bench.result()
    bench.ui.dicomButton.click()
    assert "was not loaded from the DICOM database" in bench.ui.noticeLabel.text
    assert not database.objects("SR")


def test_slices_that_are_gone_are_counted(case: PanelBench, database: DicomDatabase, tmp_path: Path) -> None:
    (tmp_path / "series" / "0003.dcm").unlink()
    case.ui.dicomButton.click()
    assert "1 of the 20 slices" in case.ui.noticeLabel.text


@pytest.mark.parametrize("absent", [False, True])
def test_a_database_that_is_not_open_is_said(case: PanelBench, database: DicomDatabase,
                                             monkeypatch: pytest.MonkeyPatch, absent: bool) -> None:
    if absent:
        monkeypatch.delattr(slicer, "dicomDatabase")
    database.isOpen = False
    case.ui.dicomButton.click()
    assert "The DICOM database is not open" in case.ui.noticeLabel.text


def test_what_the_database_did_not_take_is_said(case: PanelBench, database: DicomDatabase) -> None:
    database.refused = {"SR"}
    case.ui.dicomButton.click()
    text = case.ui.noticeLabel.text
    assert "did not take the structured report (the segmentation is in it)" in text and "Added" not in text


def test_declined_packages_are_said_and_only_asked_for_when_they_are_of_use(
        case: PanelBench, database: DicomDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def decline(*arguments: Any, **_options: Any) -> None:
        asked.append(arguments)
        raise RuntimeError("User declined to install the packages.")

    import slicer.packaging

    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    case.ui.dicomButton.click()
    assert len(asked) == 1 and "declined" in case.ui.noticeLabel.text
    assert [item.name for item in asked[0][0]] == ["highdicom"]  # and none of those that a report needs
    case.volume.SetAttribute("DICOM.instanceUIDs", "")
    case.result()
    case.ui.dicomButton.click()
    assert len(asked) == 1 and "was not loaded from the DICOM database" in case.ui.noticeLabel.text


def test_only_a_current_result_can_be_exported(case: PanelBench, database: DicomDatabase) -> None:
    case.ui.liveCheckBox.checked = False
    assert case.ui.dicomButton.enabled
    case.erase()
    case.settle()
    assert not case.ui.dicomButton.enabled


def test_a_ct_moved_after_loading_is_refused(case: PanelBench, database: DicomDatabase) -> None:
    """A contour on a moved volume is not where the slices of the archive are."""
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Shift")
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 0.4)
    transform.SetMatrixTransformToParent(matrix)
    for node in (case.volume, case.segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    case.result()
    case.ui.dicomButton.click()
    assert "do not lie on voxels of the DICOM series" in case.ui.noticeLabel.text
    assert not database.objects("SR")
