"""The DICOM slices behind a volume of a scene: checked where their files are at hand, and said where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest
import SimpleITK as sitk
from conftest import textured_volume
from dicom_cases import write_series

slicer = pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")
vtk = pytest.importorskip("vtk")

from test_mrml import Scene  # noqa: E402 - needs the packages above
from vtk.util import numpy_support  # noqa: E402

from RadiomicsPrognosisLib import mrml  # noqa: E402
from RadiomicsPrognosisLib.cli.main import run  # noqa: E402
from RadiomicsPrognosisLib.errors import GeometryMismatch  # noqa: E402
from RadiomicsPrognosisLib.models.store import load_model  # noqa: E402
from RadiomicsPrognosisLib.presenter.case import BlockedCase, Case, CaseReader, Choices, ReadyCase  # noqa: E402
from RadiomicsPrognosisLib.scene_series import INSTANCES  # noqa: E402

MODEL = load_model("s2_escc_ln_response")


class LoadedSeries:
    """A scene whose volume was loaded from the DICOM slices in ``folder``, and a database that knows their files."""

    def __init__(self, folder: Path):
        image, mask = textured_volume()
        self.folder = folder / "series"
        write_series(sitk.Cast(image, sitk.sitkInt32), self.folder)
        self.scene = Scene(image, mask, folder)
        self.follow()

    def slices(self) -> list[Path]:
        """Return the files in the order of the slices."""
        return sorted(self.folder.iterdir(), key=lambda path: float(
            pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]))

    def follow(self) -> None:
        """Note the slices in the volume node, as Slicer's DICOM module does."""
        self.files = {str(pydicom.dcmread(path).SOPInstanceUID): path for path in self.slices()}
        self.scene.volume.SetAttribute(INSTANCES, " ".join(self.files))

    def change(self, paths: list[Path], **values: object) -> None:
        """Set attributes of DICOM files."""
        for path in paths:
            slice_ = pydicom.dcmread(path)
            for name, value in values.items():
                setattr(slice_, name, value)
            slice_.save_as(path)

    def read(self, with_database: bool = True) -> Case:
        """Return the case that the panel reads."""
        reader = CaseReader((lambda uid: str(self.files.get(uid, ""))) if with_database else None)
        return reader.read(Choices(volume=self.scene.volume, segmentation=self.scene.segmentation,
                                   segment_id=self.scene.tumour, model_id=MODEL.id, model=MODEL))


def bent() -> Any:
    """Return a grid transform that moves one corner more than the others."""
    displacements = vtk.vtkImageData()
    displacements.SetDimensions(2, 2, 2)
    displacements.SetSpacing(20, 20, 40)
    displacements.AllocateScalars(vtk.VTK_DOUBLE, 3)
    values = numpy_support.vtk_to_numpy(displacements.GetPointData().GetScalars())
    values[:7], values[7] = 0.0, 2.0
    transform = slicer.vtkOrientedGridTransform()
    transform.SetDisplacementGridData(displacements)
    return transform


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedSeries:
    return LoadedSeries(tmp_path)


def problem(case: Case) -> str:
    """Return what stands in the way of a case."""
    assert isinstance(case, BlockedCase) and case.problem is not None and case.problem.code == "series"
    return str(case.problem.details or case.problem)


def test_the_panel_knows_acquisition_and_patient_of_whole_slices(loaded: LoadedSeries) -> None:
    loaded.change(loaded.slices(), ContrastBolusAgent="Ultravist 300", ConvolutionKernel="B30f")
    case = loaded.read()
    assert isinstance(case, ReadyCase)
    voi = case.vois["image"]
    assert voi.warnings == () or "series-unchecked" not in {item.code for item in voi.warnings}
    assert (voi.acquisition.modality, voi.acquisition.contrast_agent, voi.acquisition.kernel, voi.acquisition.kv) == (
        "CT", "Ultravist 300", "B30f", 120.0)
    assert voi.identity.name == "Phantom, Thorax"


def test_a_slice_missing_from_a_loaded_volume_is_named_with_its_transform_or_without(loaded: LoadedSeries) -> None:
    """Slicer gives such a volume a grid transform, or, where that is switched off, a line in the log alone."""
    slices = loaded.slices()
    slices[8].unlink()
    image = loaded.scene.image
    rest = sitk.JoinSeries([image[:, :, k] for k in range(image.GetSize()[2]) if k != 8], image.GetOrigin()[2],
                           image.GetSpacing()[2])
    mrml.set_image(loaded.scene.volume, rest)
    loaded.follow()
    assert "1 slice is missing there" in problem(loaded.read())
    grid = loaded.scene.node.AddNewNodeByClass("vtkMRMLGridTransformNode", "CT acquisition transform")
    grid.SetAndObserveTransformToParent(bent())
    loaded.scene.volume.SetAndObserveTransformNodeID(grid.GetID())
    assert "1 slice is missing there" in problem(loaded.read())
    with pytest.raises(GeometryMismatch, match="because its slices are missing, unevenly spaced or tilted"):
        mrml.volume_image(loaded.scene.volume)


def test_what_cannot_be_checked_is_said(loaded: LoadedSeries, tmp_path: Path,
                                        capfd: pytest.CaptureFixture[str]) -> None:
    codes = [item.code for item in loaded.read(with_database=False).vois["image"].warnings]
    assert "series-unchecked" in codes
    loaded.slices()[3].unlink()
    assert "series-unchecked" in [item.code for item in loaded.read().vois["image"].warnings]
    path = loaded.scene.save(tmp_path / "case.mrb")
    assert run(["score", "--image", str(path), "--label", "Tumour", "--model", MODEL.id]) == 0
    assert "could not be checked" in capfd.readouterr().out
    loaded.scene.volume.RemoveAttribute(INSTANCES)
    assert "series-unchecked" not in [item.code for item in loaded.read().vois["image"].warnings]


def test_a_spacing_changed_in_the_scene_is_noticed(loaded: LoadedSeries) -> None:
    loaded.scene.volume.SetSpacing(0.1, 0.1, 0.2)  # centimetres for millimetres
    assert "its spacing was changed after it was loaded" in problem(loaded.read())


def test_slices_rescaled_each_in_its_own_way_are_refused(loaded: LoadedSeries) -> None:
    loaded.change(loaded.slices()[::2], RescaleSlope=0.5)
    assert "Slicer reads them all as numbers of the first one's kind" in problem(loaded.read())


def test_a_resampled_volume_is_not_held_against_its_slices(loaded: LoadedSeries) -> None:
    """Hardening an acquisition transform resamples the volume: it has other slices then."""
    loaded.slices()[8].unlink()
    loaded.follow()
    image = loaded.scene.image
    mrml.set_image(loaded.scene.volume, sitk.Resample(image, [n + 3 for n in image.GetSize()], sitk.Transform(),
                                                      sitk.sitkLinear, image.GetOrigin(), image.GetSpacing(),
                                                      image.GetDirection(), -1000.0))
    case = loaded.read()
    assert isinstance(case, ReadyCase) and case.vois["image"].acquisition.modality == "CT"


def test_an_mr_volume_is_not_scored_by_a_ct_model(loaded: LoadedSeries) -> None:
    loaded.change(loaded.slices(), Modality="MR", RescaleType="US")
    case = loaded.read()
    assert isinstance(case, BlockedCase) and case.problem is not None and case.problem.code == "model-mismatch"
